//! Where Cargo builds. Two trees that build into one folder would undo each other's work, or worse: Cargo may take what one built
//! for what the other would.
//!
//! Variables of the environment and configuration files, in the repository, above it and at home, can name one folder for all. So
//! Cargo is asked, in the tree; where it would build outside, it is told a folder within.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value as Json;

/// What tells Cargo where to build; the first wins over the others and over every configuration. The last is where newer ones keep
/// what is between.
pub(super) const VARIABLES: [&str; 3] =
    ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"];

/// The folder that Cargo has to be told so that what it builds in `here` stays within `place`; `None` if it does so anyway, which
/// leaves it where the command looks for it.
pub(super) fn of_its_own(place: &Path, here: &Path) -> Option<PathBuf> {
    let place = place.canonicalize().unwrap_or_else(|_| place.to_owned());
    let is_within = |folder: &PathBuf| within(folder).starts_with(&place);
    let stays = match folders(here) {
        Some(folders) => folders.iter().all(is_within),
        // No package here, but a script may build some elsewhere.
        None => !VARIABLES.iter().filter_map(std::env::var_os).any(|folder| is_shared(&folder)),
    };
    (!stays).then(|| here.join("target"))
}

/// Where Cargo would build what is in this folder.
fn folders(here: &Path) -> Option<Vec<PathBuf>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let asked = ["metadata", "--no-deps", "--offline", "--format-version", "1"];
    let output = Command::new(cargo).args(asked).current_dir(here).stdin(Stdio::null()).output().ok()?;
    let told: Json = serde_json::from_slice(&output.stdout).ok()?;
    let target = told["target_directory"].as_str()?;
    Some([Some(target), told["build_directory"].as_str()].into_iter().flatten().map(PathBuf::from).collect())
}

/// The folder without links in the part of it that is there.
fn within(folder: &Path) -> PathBuf {
    let mut there = folder.ancestors();
    let found = there.find_map(|above| Some((above, above.canonicalize().ok()?)));
    found.map_or_else(
        || folder.to_owned(),
        |(above, real)| real.join(folder.strip_prefix(above).unwrap_or(folder)),
    )
}

/// Whether a folder is the same wherever one stands.
fn is_shared(folder: &OsString) -> bool {
    Path::new(folder).is_absolute()
}
