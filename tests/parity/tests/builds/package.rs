//! Packages made on the spot, around the workspace's own crate and with its lock file.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// A package in a folder of its own.
pub struct Package(tempfile::TempDir);

impl Package {
    /// Files by their path below the package. `HOTPATH` in a manifest is where the crate stands, with no default features.
    pub fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let hotpath = format!("path = {:?}, default-features = false", workspace().join("crates/hotpath"));
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("a file has a folder")).expect("folders can be made");
            fs::write(path, text.replace("HOTPATH", &hotpath)).expect("it can be written");
        }
        let lock = fs::read_to_string(workspace().join("Cargo.lock")).expect("there is a lock file");
        fs::write(folder.path().join("Cargo.lock"), lock).expect("it can be written");
        Self(folder)
    }

    /// Runs cargo in it, with a target folder of these tests.
    #[expect(clippy::disallowed_methods, reason = "removes settings instead of reading them")]
    pub fn cargo(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO"));
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages");
        command.args(arguments).current_dir(self.0.path()).env("CARGO_TARGET_DIR", target);
        let ours = |name: &str| name.starts_with("HOTPATH_") || name.ends_with("RUSTFLAGS");
        let settings = std::env::vars_os().map(|(name, _)| name);
        settings.filter(|name| name.to_str().is_some_and(ours)).for_each(|name| {
            command.env_remove(name);
        });
        command.output().expect("cargo runs")
    }

    /// Runs the program with these features; gives the lines that it prints.
    pub fn run(&self, features: &str) -> Vec<String> {
        let output = self.cargo(&["run", "--quiet", "--features", features]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        String::from_utf8(output.stdout).expect("it is text").lines().map(str::to_owned).collect()
    }
}

pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The report among the lines, if there is one.
pub fn report(lines: &[String]) -> Option<Value> {
    let mut reports = lines.iter().filter(|line| line.starts_with('{'));
    let report = reports.next().map(|line| serde_json::from_str(line).expect("a report is JSON"));
    assert!(reports.next().is_none(), "two reports: {lines:#?}");
    report
}

/// The names of the rows of a section and their calls, in the order of the names.
pub fn calls(report: &Value, section: &str) -> Vec<(String, u64)> {
    let rows = report[section]["data"].as_array().unwrap_or_else(|| panic!("no {section} in {report:#}"));
    let row = |row: &Value| {
        let name = row["name"].as_str().or(row["label"].as_str()).expect("a name").to_owned();
        (name, row["calls"].as_u64().or(row["call_count"].as_u64()).unwrap_or_default())
    };
    let mut calls: Vec<(String, u64)> = rows.iter().map(row).collect();
    calls.sort();
    calls
}
