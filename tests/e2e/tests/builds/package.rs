//! Packages made on the spot: a manifest as it stands in a document, and programs.
//!
//! They share one target folder, and the workspace's lock file, so that little is built and nothing is looked up.

#![allow(dead_code, reason = "not every file needs all of it")]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::Command,
};

/// As the guide of 0.16.1 has it.
pub const MANIFEST_0_16_1: &str = r#"
[dependencies]
tokio = { version = "1", features = ["macros", "rt-multi-thread", "sync", "time"] }
hotpath = "0.16.1"

[features]
hotpath = ["hotpath/hotpath"]
hotpath-alloc = ["hotpath/hotpath-alloc"]
hotpath-cpu = ["hotpath/hotpath-cpu"]
hotpath-mcp = ["hotpath/hotpath-mcp"]
hotpath-tokio = ["hotpath/hotpath", "hotpath/tokio"]
hotpath-data-flow = ["hotpath/hotpath", "hotpath/tokio", "hotpath/futures"]
"#;

/// As the README of 0.7 has it.
pub const MANIFEST_0_7: &str = r#"
[dependencies]
tokio = { version = "1", features = ["macros", "rt-multi-thread", "sync", "time"] }
futures = "0.3"
hotpath = { version = "0.7", optional = true }

[features]
hotpath = ["dep:hotpath", "hotpath/hotpath"]
hotpath-alloc = ["hotpath/hotpath-alloc"]
hotpath-off = ["hotpath/hotpath-off"]
"#;

/// As the README of 0.2 has it.
pub const MANIFEST_0_2: &str = r#"
[dependencies]
tokio = { version = "1", features = ["macros", "rt-multi-thread", "sync", "time"] }
hotpath = { version = "0.2", optional = true }

[features]
hotpath = ["dep:hotpath", "hotpath/hotpath"]
hotpath-alloc-bytes-total = ["hotpath/hotpath-alloc-bytes-total"]
hotpath-alloc-bytes-max = ["hotpath/hotpath-alloc-bytes-max"]
hotpath-alloc-count-total= ["hotpath/hotpath-alloc-count-total"]
hotpath-alloc-count-max= ["hotpath/hotpath-alloc-count-max"]
"#;

/// A package in a folder of its own.
pub struct Package {
    folder: tempfile::TempDir,
    name: &'static str,
}

/// Programs of a package: names and texts.
pub fn bins(programs: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
    programs.iter().map(|(name, text)| (format!("src/bin/{name}.rs"), *text)).collect()
}

/// Where the workspace stands.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

impl Package {
    /// `manifest` is all below `[package]`, with the dependency on hotpath as a document has it; programs are
    /// (path below the package, text).
    pub fn new(name: &'static str, manifest: &str, files: &[(String, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let package = format!(
            "[package]\nname = \"{name}\"\nversion = \"1.0.0\"\nedition = \"2021\"\n\n[workspace]\n\n"
        );
        write(folder.path().join("Cargo.toml"), &(package + &manifest_here(manifest)));
        let lock =
            std::fs::read_to_string(workspace().join("Cargo.lock")).expect("the workspace has a lock file");
        write(folder.path().join("Cargo.lock"), &lock);
        files.iter().for_each(|(path, text)| write(folder.path().join(path), text));
        Self { folder, name }
    }

    /// `cargo` in the package, without our own settings.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = crate::common::command(env!("CARGO"));
        command.args(arguments).current_dir(self.folder.path()).env("CARGO_TARGET_DIR", target());
        for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_MANIFEST_DIR", "CARGO_PKG_NAME"] {
            command.env_remove(name);
        }
        command
    }

    /// Runs cargo; it must succeed.
    pub fn succeeds(&self, arguments: &[&str]) -> crate::common::Run {
        let run = crate::common::ended(&mut self.cargo(arguments));
        assert!(run.status.success(), "{} {arguments:?}: {}\n{}", self.name, run.stderr, run.stdout);
        run
    }
}

/// Shared by all packages of a test run; `cargo` itself lets one build at a time into it.
pub fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages")
}

fn write(path: PathBuf, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
    std::fs::write(path, text).expect("a file can be written");
}

/// The manifest with hotpath from this workspace instead of the registry, and without those features that this version does
/// not have yet.
fn manifest_here(manifest: &str) -> String {
    let known = features();
    let is_known = |line: &&str| {
        let wanted = line.split('"').filter_map(|part| part.strip_prefix("hotpath/"));
        wanted.into_iter().all(|feature| known.contains(feature))
    };
    let path = workspace().join("crates/hotpath");
    let path = format!("path = {path:?}");
    let versions = ["version = \"0.2\"", "version = \"0.7\""];
    let lines = manifest.lines().filter(is_known).map(|line| match line {
        "hotpath = \"0.16.1\"" => format!("hotpath = {{ version = \"0.16.1\", {path} }}"),
        line if line.starts_with("hotpath = { ") => {
            versions.iter().fold(line.to_owned(), |line, version| line.replace(version, &path))
        }
        line => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The features that the crate has.
fn features() -> BTreeSet<String> {
    let manifest =
        std::fs::read_to_string(workspace().join("crates/hotpath/Cargo.toml")).expect("the crate is there");
    let section = manifest.split_once("[features]").expect("it has features").1;
    let section = section.split("\n[").next().unwrap_or(section);
    let names = section.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.to_owned());
    names.filter(|name| !name.starts_with(['#', ' '])).collect()
}
