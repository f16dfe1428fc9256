//! The target folder of a worktree. Two trees that share one would undo each other's work, or worse: Cargo could reuse the build of
//! the other tree.
//!
//! Environment variables and configuration files, in the repository, above it and at home, can set a shared folder. So `cargo
//! metadata` is run in the tree; if its target folder is outside, Cargo is given one inside.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value as Json;

/// The variables that set the target folder. The first takes precedence over the others and over every configuration. The last is
/// the folder of intermediate artifacts, of newer versions of Cargo.
pub(super) const VARIABLES: [&str; 3] =
    ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"];

/// Returns the target folder to set so that builds in `here` stay within `root`; `None` if they do anyway, so that the command
/// finds the program in the usual place.
pub(super) fn isolated(root: &Path, here: &Path) -> Option<PathBuf> {
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let is_within = |folder: &PathBuf| resolved(folder).starts_with(&root);
    let stays = match folders(here) {
        Some(folders) => folders.iter().all(is_within),
        // There is no package here, but a script may build one elsewhere.
        None => !VARIABLES.iter().filter_map(std::env::var_os).any(|folder| is_shared(&folder)),
    };
    (!stays).then(|| here.join("target"))
}

/// Returns the folders into which Cargo would build the package in this folder.
fn folders(here: &Path) -> Option<Vec<PathBuf>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let output = Command::new(cargo).args(arguments).current_dir(here).stdin(Stdio::null()).output().ok()?;
    let metadata: Json = serde_json::from_slice(&output.stdout).ok()?;
    let target = metadata["target_directory"].as_str()?;
    Some(
        [Some(target), metadata["build_directory"].as_str()]
            .into_iter()
            .flatten()
            .map(PathBuf::from)
            .collect(),
    )
}

/// Resolves the links in the existing part of a path.
fn resolved(folder: &Path) -> PathBuf {
    let mut above = folder.ancestors();
    let found = above.find_map(|above| Some((above, above.canonicalize().ok()?)));
    found.map_or_else(
        || folder.to_owned(),
        |(above, real)| real.join(folder.strip_prefix(above).unwrap_or(folder)),
    )
}

/// Returns whether a folder does not depend on the current folder.
fn is_shared(folder: &OsString) -> bool {
    Path::new(folder).is_absolute()
}
