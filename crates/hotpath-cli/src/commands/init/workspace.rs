//! The packages of a workspace, from `cargo metadata`.
//!
//! Cargo knows what is only implied: targets found by their paths, inherited editions, members by globs. It needs neither the
//! network nor a lock file for that, and writes nothing.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use hotpath_report::render::printable;
use serde_json::Value as Json;

use crate::file::shown;

/// A workspace, or a single package.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) root: PathBuf,
    pub(super) packages: Vec<Package>,
}

/// A member of the workspace.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) manifest: PathBuf,
    pub(super) targets: Vec<Target>,
    pub(super) dependencies: Vec<Dependency>,
}

/// A program or library of a package.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) source: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Bin,
    Lib,
}

/// A normal dependency of a package.
#[derive(Clone, Debug)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// The name in the package, if it is renamed.
    pub(super) rename: Option<String>,
    pub(super) optional: bool,
    pub(super) features: Vec<String>,
    /// The folder of a path dependency.
    pub(super) path: Option<PathBuf>,
}

impl Workspace {
    /// Reads the workspace of a manifest.
    pub(super) fn read(manifest: &Path) -> Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut command = Command::new(cargo);
        command.args(["metadata", "--no-deps", "--format-version", "1", "--manifest-path"]).arg(manifest);
        let output = command.stdin(Stdio::null()).output().context("cannot run cargo: is it in PATH?")?;
        if !output.status.success() {
            bail!("cargo rejected the manifest: {}", cargo_error(&output.stderr));
        }
        let json =
            serde_json::from_slice(&output.stdout).context("`cargo metadata` returned invalid JSON")?;
        Self::parse(&json).ok_or_else(|| anyhow!("`cargo metadata` returned unexpected JSON"))
    }

    fn parse(json: &Json) -> Option<Self> {
        let packages = json["packages"].as_array()?.iter().map(package).collect::<Option<_>>()?;
        Some(Self { root: json["workspace_root"].as_str()?.into(), packages })
    }

    /// Chooses a package: the named one, that of the manifest, or the only candidate.
    pub(super) fn choose(&self, manifest: &Path, name: Option<&str>) -> Result<&Package> {
        if let Some(name) = name {
            let found = self.packages.iter().find(|package| package.name == name);
            return found.ok_or_else(|| {
                anyhow!("unknown package `{}`; available: {}", printable(name), names(self.packages.iter()))
            });
        }
        if let Some(package) = self.packages.iter().find(|package| same(&package.manifest, manifest)) {
            return Ok(package);
        }
        let programs = || self.packages.iter().filter(|package| package.bins().next().is_some());
        match (programs().count(), self.packages.as_slice()) {
            (1, _) => Ok(programs().next().unwrap_or(&self.packages[0])),
            (0, [only]) => Ok(only),
            (0, []) => bail!("this workspace has no packages"),
            (0, _) => bail!("choose a package with --package; available: {}", names(self.packages.iter())),
            (_, _) => {
                bail!("several packages have programs; choose one with --package: {}", names(programs()))
            }
        }
    }

    /// Returns the library members that `package` depends on directly.
    pub(super) fn members_below(&self, package: &Package) -> Vec<&Package> {
        let is_home =
            |member: &Package, folder: &Path| member.manifest.parent().is_some_and(|home| same(home, folder));
        let member = |folder: &Path| self.packages.iter().find(|member| is_home(member, folder));
        let below = package.dependencies.iter().filter(|dependency| !dependency.optional);
        let below = below.filter_map(|dependency| member(dependency.path.as_deref()?));
        below.filter(|member| member.lib().is_some() && member.name != "hotpath").collect()
    }
}

impl Package {
    pub(super) fn bins(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(|target| target.kind == Kind::Bin)
    }

    pub(super) fn lib(&self) -> Option<&Target> {
        self.targets.iter().find(|target| target.kind == Kind::Lib)
    }

    pub(super) fn dependency(&self, name: &str) -> Option<&Dependency> {
        self.dependencies.iter().find(|dependency| dependency.name == name)
    }
}

impl Dependency {
    /// Returns its name in the package.
    pub(super) fn key(&self) -> &str {
        self.rename.as_deref().unwrap_or(&self.name)
    }
}

/// Returns the manifest that Cargo uses in `folder`.
pub(super) fn manifest_above(folder: &Path) -> Result<PathBuf> {
    let found =
        folder.ancestors().map(|folder| folder.join("Cargo.toml")).find(|manifest| manifest.is_file());
    found.ok_or_else(|| anyhow!("no Cargo.toml in {} or its parent folders", shown(folder)))
}

fn package(json: &Json) -> Option<Package> {
    let list = |key: &str| json[key].as_array();
    Some(Package {
        name: json["name"].as_str()?.to_owned(),
        manifest: json["manifest_path"].as_str()?.into(),
        targets: list("targets")?.iter().filter_map(target).collect(),
        dependencies: list("dependencies")?.iter().filter_map(dependency).collect(),
    })
}

fn target(json: &Json) -> Option<Target> {
    let is =
        |kind: &str| json["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|other| other == kind));
    let kind = match () {
        () if is("bin") => Kind::Bin,
        () if ["lib", "rlib", "dylib", "cdylib", "staticlib"].into_iter().any(is) => Kind::Lib,
        () => return None,
    };
    let source = json["src_path"].as_str()?.into();
    Some(Target { name: json["name"].as_str()?.to_owned(), kind, source })
}

fn dependency(json: &Json) -> Option<Dependency> {
    let text = |key: &str| json[key].as_str().map(str::to_owned);
    let features = json["features"].as_array()?.iter().filter_map(Json::as_str).map(str::to_owned).collect();
    // A normal dependency has no kind.
    json["kind"].is_null().then_some(Dependency {
        name: text("name")?,
        rename: text("rename"),
        optional: json["optional"].as_bool()?,
        features,
        path: text("path").map(PathBuf::from),
    })
}

fn names<'a>(packages: impl Iterator<Item = &'a Package>) -> String {
    packages.map(|package| package.name.as_str()).collect::<Vec<_>>().join(", ")
}

/// Returns whether two paths lead to the same file.
pub(super) fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => one == other,
    }
}

fn cargo_error(stderr: &[u8]) -> String {
    let text = String::from_utf8_lossy(stderr);
    text.trim().trim_start_matches("error: ").to_owned()
}
