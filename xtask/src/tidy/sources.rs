//! The files that are checked.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::Result;

/// The folders of the product's crates.
pub fn crates(root: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = entries(&root.join("crates"))?;
    folders.retain(|folder| folder.join("Cargo.toml").is_file());
    Ok(folders)
}

/// The files below `folder` with this ending, sorted; none if there is no such folder. Build folders are left out.
pub fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in entries(folder)? {
        let is_built = entry.file_name().is_some_and(|name| name == "target" || name == "node_modules");
        if entry.is_dir() && !is_built {
            found.extend(files(&entry, extension)?);
        } else if entry.extension().is_some_and(|ending| ending == extension) {
            found.push(entry);
        }
    }
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
        paths.sort();
        Ok(paths)
    };
    list().map_err(|error| format!("{}: {error}", folder.display()))
}
