//! The parts that `xtask` and `xtask-pages` share: files of the repository, and anchors of headings.

#![forbid(unsafe_code)]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// A result whose error is a message.
pub type Result<T = ()> = std::result::Result<T, String>;

/// Returns the root of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Reads a text file.
///
/// # Errors
///
/// If it cannot be read, with its path.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file, and the folders that it is in, unless it has this content already, so that nothing is built anew without need.
///
/// # Errors
///
/// If it cannot be written, with its path.
pub fn write(path: &Path, text: &str) -> Result {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns the anchor of a heading, as GitHub and mdBook make it.
pub fn slug(title: &str) -> String {
    let kept = title.trim().chars().filter_map(|c| match c {
        '_' | '-' => Some(c),
        _ if c.is_alphanumeric() => Some(c),
        _ if c.is_whitespace() => Some('-'),
        _ => None,
    });
    kept.flat_map(char::to_lowercase).collect()
}
