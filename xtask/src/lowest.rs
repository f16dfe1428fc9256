//! The oldest versions of the profiler's dependencies that it accepts: whether it builds with them.
//!
//! Cargo takes the newest versions unless a lock file says otherwise, so nobody would notice that a lower bound is too low. The lock
//! files in `tests/lowest` are at the bounds; here they are compared with what the crates declare.

use std::process::Command;

use serde_json::Value;

use crate::{Result, cargo, root};

/// The programs in `tests/lowest`.
const PROGRAMS: [&str; 2] = ["core", "instrumented"];

/// The crates that a profiled program is built with, less the agents' server, whose library is newer than all others.
const CRATES: [&str; 4] = ["hotpath", "hotpath-http", "hotpath-macros", "hotpath-report"];

/// Not at a bound in either lock file: what it needs cannot be that old together with the rest.
const BEYOND: [&str; 1] = ["futures-sink"];

/// Runs both programs, and checks that their lock files are at the bounds.
pub fn check() -> Result {
    for program in PROGRAMS {
        let manifest = format!("tests/lowest/{program}/Cargo.toml");
        cargo(&["run", "--manifest-path", &manifest], &[("CARGO_TARGET_DIR", "target/lowest")])?;
    }
    let locked: Vec<(String, String)> =
        PROGRAMS.iter().map(|program| locked(program)).collect::<Result<Vec<_>>>()?.concat();
    let is_locked = |name: &str, bound: &str| {
        locked.iter().any(|(locked, version)| locked == name && is_at(version, bound))
    };
    for (name, bound) in bounds()? {
        if !BEYOND.contains(&name.as_str()) && !is_locked(&name, &bound) {
            return Err(format!(
                "{name} is accepted from {bound} on, but neither lock file in tests/lowest has that version: \
                 `cargo update -p {name} --precise {bound}` there, or raise the bound"
            ));
        }
    }
    Ok(())
}

/// Whether `version` is the one that the bound `1.2` or `1.2.3` names.
fn is_at(version: &str, bound: &str) -> bool {
    let mut numbers = version.split(['.', '+']);
    let mut bounds = bound.split('.').chain(std::iter::repeat("0"));
    (0..3).all(|_| numbers.next() == bounds.next())
}

/// Name and lower bound of each dependency from a registry.
fn bounds() -> Result<Vec<(String, String)>> {
    let metadata = metadata("Cargo.toml", &["--no-deps"])?;
    let is_ours = |package: &&Value| CRATES.iter().any(|name| package["name"] == *name);
    let dependencies =
        packages(&metadata).filter(is_ours).flat_map(|package| array(&package["dependencies"]));
    let is_built = |dependency: &&Value| {
        dependency["path"].is_null() && dependency["kind"].is_null() && dependency["target"] != "cfg(windows)"
    };
    Ok(dependencies
        .filter(is_built)
        .map(|dependency| {
            let bound = text(&dependency["req"]).trim_start_matches(['^', '>', '=']);
            let bound = bound.split(',').next().unwrap_or(bound).trim();
            (text(&dependency["name"]).to_owned(), bound.to_owned())
        })
        .collect())
}

/// Name and version of each package in a program's lock file.
fn locked(program: &str) -> Result<Vec<(String, String)>> {
    let metadata = metadata(&format!("tests/lowest/{program}/Cargo.toml"), &["--locked"])?;
    let pair = |package: &Value| (text(&package["name"]).to_owned(), text(&package["version"]).to_owned());
    Ok(packages(&metadata).map(pair).collect())
}

fn metadata(manifest: &str, more: &[&str]) -> Result<Value> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["metadata", "--format-version", "1", "--manifest-path", manifest]).args(more);
    let output = command.current_dir(root()).output().map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo metadata of {manifest}: {}", String::from_utf8_lossy(&output.stderr)));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("cargo metadata of {manifest}: {error}"))
}

fn packages(metadata: &Value) -> impl Iterator<Item = &Value> {
    array(&metadata["packages"])
}

fn array(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::is_at;

    #[test]
    fn a_bound_names_one_version() {
        assert!(is_at("1.34.0", "1.34"));
        assert!(is_at("1.34.0", "1.34.0"));
        assert!(is_at("3.0.0", "3"));
        assert!(!is_at("1.34.1", "1.34"));
        assert!(!is_at("1.3.0", "1.34"));
    }
}
