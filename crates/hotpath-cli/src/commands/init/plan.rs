//! The changes of a crate, all computed before any is shown or written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use hotpath_report::render::printable;

use super::functions::{Functions, Main, Proposal};
use super::manifest::{Existing, Manifest, Origin};
use super::source_file::SourceFile;
use super::workspace::{Dependency, Package, Target, Workspace};
use crate::file;

/// The options of a plan.
#[derive(Debug)]
pub(super) struct Options {
    pub(super) bin: Option<String>,
    pub(super) functions: usize,
    pub(super) optional: bool,
    /// True to add the feature `hotpath-mcp`.
    pub(super) mcp: bool,
    pub(super) origin: Origin,
}

/// The changes, and what to show with them.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The name of the package.
    pub(super) package: String,
    pub(super) changes: Vec<Change>,
    /// The proposed functions, with source location and reasons.
    pub(super) functions: Vec<String>,
    /// Notes for the user.
    pub(super) notes: Vec<String>,
    /// The command to run afterwards.
    pub(super) command: String,
}

/// A file, before and after.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: PathBuf,
    pub(super) before: String,
    pub(super) after: String,
}

/// The way in which a package depends on hotpath, which decides the form of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `#[hotpath::measure]`: the dependency is always there.
    Plain,
    /// `#[cfg_attr(feature = "hotpath", hotpath::measure)]`: it is optional.
    Optional,
}

impl Plan {
    pub(super) fn make(workspace: &Workspace, package: &Package, options: &Options) -> Result<Self> {
        let mut planner = Planner::new(workspace, package, options)?;
        planner.read_sources()?;
        planner.package()?;
        planner.mains();
        planner.functions()?;
        Ok(planner.finish())
    }
}

/// An attribute to insert into a file.
struct Insertion {
    at: usize,
    attribute: String,
}

struct Planner<'a> {
    workspace: &'a Workspace,
    package: &'a Package,
    options: &'a Options,
    bins: Vec<&'a Target>,
    /// Each file with its package.
    files: Vec<(SourceFile, &'a Package)>,
    found: Functions,
    insertions: BTreeMap<usize, Vec<Insertion>>,
    manifests: BTreeMap<PathBuf, Manifest>,
    plan: Plan,
}

impl<'a> Planner<'a> {
    fn new(workspace: &'a Workspace, package: &'a Package, options: &'a Options) -> Result<Self> {
        let bins: Vec<_> = match &options.bin {
            Some(name) => package.bins().filter(|bin| bin.name == *name).collect(),
            None => package.bins().collect(),
        };
        if let (Some(name), true) = (&options.bin, bins.is_empty()) {
            let names: Vec<_> = package.bins().map(|bin| bin.name.as_str()).collect();
            bail!(
                "unknown program `{}` of {}; available: {}",
                printable(name),
                package.name,
                names.join(", ")
            );
        }
        if bins.is_empty() && package.lib().is_none() {
            bail!("{} has neither a program nor a library to instrument", package.name);
        }
        let mut planner = Self {
            workspace,
            package,
            options,
            bins,
            files: Vec::new(),
            found: Functions::default(),
            insertions: BTreeMap::new(),
            manifests: BTreeMap::new(),
            plan: Plan::default(),
        };
        planner.check_name(package)?;
        planner.plan.package.clone_from(&package.name);
        planner.plan.command = planner.command();
        Ok(planner)
    }

    /// Reads the sources of the programs, of the library, and of the members that they depend on.
    fn read_sources(&mut self) -> Result<()> {
        let roots: Vec<_> = self.bins.iter().map(|bin| (bin.source.clone(), self.package, true)).collect();
        let own = self.package.lib().map(|lib| (lib.source.clone(), self.package, false));
        let members = self.workspace.members_below(self.package).into_iter();
        let members = members.filter(|member| self.check_name(member).is_ok());
        let members: Vec<_> =
            members.filter_map(|member| Some((member.lib()?.source.clone(), member, false))).collect();
        for (root, package, is_program) in roots.into_iter().chain(own).chain(members) {
            self.read(&root, package, is_program)?;
        }
        Ok(())
    }

    fn read(&mut self, root: &Path, package: &'a Package, is_program: bool) -> Result<()> {
        if is_program {
            // A program whose root cannot be parsed is an error.
            SourceFile::read(root)?;
        }
        let home = package.manifest.parent().unwrap_or(Path::new(""));
        if SourceFile::read(root).is_ok_and(|source| source.is_without_std()) {
            let root = self.shown(root);
            self.plan.notes.push(format!("{root} is `no_std`: skipped"));
            return Ok(());
        }
        for source in SourceFile::follow(root, &mut self.plan.notes) {
            let is_known =
                self.files.iter().any(|(known, _)| super::workspace::same(&known.path, &source.path));
            let is_inside = match (source.path.canonicalize(), home.canonicalize()) {
                (Ok(path), Ok(home)) => path.starts_with(home),
                _ => false,
            };
            if is_known || !is_inside {
                continue;
            }
            self.found.add(self.files.len(), &source, is_program && source.path == root);
            self.files.push((source, package));
        }
        Ok(())
    }

    /// Adds the dependency and the features of the package.
    fn package(&mut self) -> Result<()> {
        self.depend(self.package)?;
        self.origin_note();
        let style = self.style(self.package);
        let is_always_on =
            self.own_dependency(self.package).is_some_and(|own| own.features.iter().any(|f| f == "hotpath"));
        if is_always_on {
            let name = &self.package.name;
            self.plan.notes.push(format!(
                "the dependency of {name} enables the feature `hotpath`, so the profiler is always on"
            ));
            self.plan.command = self.plan.command.replace(" --features hotpath", "");
            return Ok(());
        }
        let has_allocator = self.found.has_allocator;
        let libraries = libraries(self.package);
        let mcp = self.options.mcp.then_some("hotpath-mcp");
        let manifest = self.manifest(&self.package.manifest)?;
        let main: &[&str] =
            if style == Style::Optional { &["dep:hotpath", "hotpath/hotpath"] } else { &["hotpath/hotpath"] };
        manifest.add_feature("hotpath", main, Existing::Extend)?;
        for name in ["hotpath-alloc", "hotpath-cpu"].into_iter().chain(mcp) {
            if name == "hotpath-alloc" && has_allocator {
                continue;
            }
            manifest.add_feature(name, &["hotpath", &format!("hotpath/{name}")], Existing::Keep)?;
        }
        if libraries.contains(&"hotpath/tokio") {
            manifest.add_feature("hotpath-tokio", &["hotpath", "hotpath/tokio"], Existing::Keep)?;
        }
        if libraries.iter().any(|library| *library != "hotpath/tokio") {
            let values: Vec<_> = ["hotpath"].into_iter().chain(libraries).collect();
            manifest.add_feature("hotpath-data-flow", &values, Existing::Keep)?;
        }
        if has_allocator {
            self.plan.notes.push(
                "the program sets its own global allocator, so the feature `hotpath-alloc` was not added. To track allocations, pass the \
                 allocator to `#[hotpath::main(allocator = …)]` instead of `#[global_allocator]`, and add \
                 `hotpath-alloc = [\"hotpath\", \"hotpath/hotpath-alloc\"]`"
                    .to_owned(),
            );
        }
        Ok(())
    }

    /// Adds `#[hotpath::main]`.
    fn mains(&mut self) {
        let mut insertions = Vec::new();
        for main in &self.found.mains {
            if !main.has_attribute && !self.found.is_guarded(main) {
                insertions.push((main.file, main.start, self.attribute(self.package, "main", "")));
            }
        }
        for (file, at, attribute) in insertions {
            self.insert(file, at, attribute);
        }
        for bin in &self.bins {
            let has_main = |main: &Main| self.files[main.file].0.path == bin.source;
            if !self.found.mains.iter().any(has_main) {
                let source = self.shown(&bin.source);
                self.plan.notes.push(format!(
                    "no `fn main` found in {source}: put `#[hotpath::main]` on the function that runs the program"
                ));
            }
        }
        if self.bins.is_empty() {
            let lib = self.package.lib().map_or(&*self.package.name, |lib| &*lib.name);
            self.plan.notes.push(format!(
                "{lib} is a library, so a program, test or benchmark that uses it must create the guard: \
                 `#[hotpath::main]` on its `main`, or `let _report = hotpath::HotpathGuardBuilder::new(\"{lib}\").build();` \
                 in a test"
            ));
        }
    }

    /// Adds `#[hotpath::measure]`, and the dependency where the function is in another member.
    fn functions(&mut self) -> Result<()> {
        let mut chosen = Vec::new();
        for Proposal { function, why } in self.found.propose(self.options.functions) {
            let (source, package) = &self.files[function.file];
            let argument = match &function.impl_type {
                Some(name) => format!("(impl_type = \"{name}\")"),
                None => String::new(),
            };
            let location = format!("{}:{}", self.shown(&source.path), function.line);
            let attribute = self.attribute(package, "measure", &argument);
            chosen.push((
                (function.file, function.start, attribute),
                *package,
                format!("{} ({location}): {why}", function.name),
            ));
        }
        for ((file, at, attribute), package, text) in chosen {
            self.insert(file, at, attribute);
            self.plan.functions.push(text);
            if package.name != self.package.name {
                self.member(package)?;
            }
        }
        Ok(())
    }

    /// Adds the dependency of another member. That is enough, because Cargo builds hotpath once, with the features that the program
    /// enables; only an optional dependency needs a feature.
    fn member(&mut self, member: &'a Package) -> Result<()> {
        self.depend(member)?;
        if self.style(member) == Style::Plain {
            return Ok(());
        }
        self.manifest(&member.manifest)?.add_feature(
            "hotpath",
            &["dep:hotpath", "hotpath/hotpath"],
            Existing::Extend,
        )?;
        let key = self.package.dependency(&member.name).map_or(&*member.name, Dependency::key);
        let value = format!("{key}/hotpath");
        self.manifest(&self.package.manifest)?.add_feature("hotpath", &[&value], Existing::Extend)
    }

    /// Adds the dependency; in `[workspace.dependencies]` if there is one.
    fn depend(&mut self, package: &'a Package) -> Result<()> {
        if self.own_dependency(package).is_some() {
            return Ok(());
        }
        let optional = self.style(package) == Style::Optional;
        let root = self.workspace.root.join("Cargo.toml");
        let origin = self.options.origin.clone();
        if root.is_file() && self.manifest(&root)?.has_workspace_dependencies() {
            self.manifest(&root)?.add_workspace_dependency(&origin)?;
            return self.manifest(&package.manifest)?.add_dependency(&Origin::Workspace, optional);
        }
        self.manifest(&package.manifest)?.add_dependency(&origin, optional)
    }

    /// Notes that the dependency comes from the registry.
    fn origin_note(&mut self) {
        if matches!(self.options.origin, Origin::Registry) && self.own_dependency(self.package).is_none() {
            self.plan.notes.push(
                "hotpath comes from the registry; use `--git URL` or `--path DIR` for its repository"
                    .to_owned(),
            );
        }
    }

    /// Checks that hotpath has its own name in the package, because the expansion of the attributes needs it.
    fn check_name(&self, package: &Package) -> Result<()> {
        match self.own_dependency(package) {
            Some(Dependency { rename: Some(name), .. }) => bail!(
                "{} renames hotpath to `{name}`, but its attributes need the name `hotpath`",
                package.name
            ),
            _ => Ok(()),
        }
    }

    fn own_dependency<'b>(&self, package: &'b Package) -> Option<&'b Dependency> {
        package.dependency("hotpath")
    }

    fn style(&self, package: &Package) -> Style {
        let optional = self.own_dependency(package).map_or(self.options.optional, |own| own.optional);
        if optional { Style::Optional } else { Style::Plain }
    }

    fn attribute(&self, package: &Package, name: &str, arguments: &str) -> String {
        match self.style(package) {
            Style::Plain => format!("#[hotpath::{name}{arguments}]"),
            Style::Optional => format!("#[cfg_attr(feature = \"hotpath\", hotpath::{name}{arguments})]"),
        }
    }

    fn insert(&mut self, file: usize, at: usize, attribute: String) {
        self.insertions.entry(file).or_default().push(Insertion { at, attribute });
    }

    fn manifest(&mut self, path: &Path) -> Result<&mut Manifest> {
        if !self.manifests.contains_key(path) {
            self.manifests.insert(path.to_owned(), Manifest::read(path)?);
        }
        self.manifests.get_mut(path).ok_or_else(|| anyhow::anyhow!("missing manifest {}", file::shown(path)))
    }

    fn command(&self) -> String {
        let is_alone = self.workspace.packages.len() == 1;
        let package = if is_alone { String::new() } else { format!(" -p {}", self.package.name) };
        match self.bins.as_slice() {
            [] => format!("cargo test{package} --features hotpath -- --test-threads=1 --nocapture"),
            [bin] if self.package.bins().count() > 1 => {
                format!("cargo run --release{package} --bin {} --features hotpath", bin.name)
            }
            [_] => format!("cargo run --release{package} --features hotpath"),
            [first, ..] => format!("cargo run --release{package} --bin {} --features hotpath", first.name),
        }
    }

    /// Returns a path for messages, relative to the root of the workspace.
    fn shown(&self, path: &Path) -> String {
        shown(&self.workspace.root, path)
    }

    fn finish(mut self) -> Plan {
        let manifests = self.manifests.into_values().map(|manifest| Change {
            after: manifest.after(),
            before: manifest.before.text,
            path: manifest.path,
        });
        let mut changes: Vec<_> = manifests.collect();
        for (file, insertions) in self.insertions {
            let source = &self.files[file].0;
            changes.push(Change {
                path: source.path.clone(),
                before: source.before.text.clone(),
                after: with(source, insertions),
            });
        }
        changes.retain(|change| change.before != change.after);
        self.plan.changes = changes;
        self.plan
    }
}

/// Returns a path for messages, relative to the root of the workspace, with `/`.
pub(super) fn shown(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    file::shown(path).replace('\\', "/")
}

/// Returns the features for the libraries of a package whose channels and runtimes can be instrumented.
fn libraries(package: &Package) -> Vec<&'static str> {
    const LIBRARIES: [(&[&str], &str); 5] = [
        (&["tokio"], "hotpath/tokio"),
        (&["futures", "futures-channel"], "hotpath/futures"),
        (&["crossbeam", "crossbeam-channel"], "hotpath/crossbeam"),
        (&["flume"], "hotpath/flume"),
        (&["async-channel"], "hotpath/async-channel"),
    ];
    let used = |names: &[&str]| names.iter().any(|name| package.dependency(name).is_some());
    LIBRARIES.into_iter().filter(|(names, _)| used(names)).map(|(_, feature)| feature).collect()
}

/// Inserts attributes into a text, each on a line of its own with the indentation of its item.
fn with(source: &SourceFile, mut insertions: Vec<Insertion>) -> String {
    insertions.sort_by_key(|insertion| std::cmp::Reverse(insertion.at));
    let mut text = source.before.text.clone();
    for Insertion { at, attribute } in insertions {
        let at = at + source.skipped;
        let line = text[..at].rfind('\n').map_or(source.skipped, |newline| newline + 1);
        let in_front = &text[line..at];
        let separator = if in_front.trim().is_empty() {
            format!("{}{in_front}", source.before.newline())
        } else {
            " ".to_owned()
        };
        text.insert_str(at, &format!("{attribute}{separator}"));
    }
    text
}
