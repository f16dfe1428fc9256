//! Finds the source files below a directory.
//!
//! Files come in sorted order. Hidden directories and `target` are left out, and linked directories are not
//! followed, so a tree that contains itself ends.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::source::Problem;

/// The files found, and what could not be looked into.
#[derive(Default)]
pub struct Walk {
    pub files: Vec<PathBuf>,
    pub directories: usize,
    pub problems: Vec<Problem>,
}

impl Walk {
    /// Walks the tree below `root`.
    pub fn start(root: &Path) -> Self {
        let mut walk = Self::default();
        visit(root, &mut walk);
        walk
    }
}

#[hotpath::measure]
fn visit(directory: &Path, walk: &mut Walk) {
    walk.directories += 1;
    let entries = match entries(directory) {
        Ok(entries) => entries,
        Err(error) => return walk.problems.push(Problem::new(directory, error)),
    };
    for (path, is_directory) in entries {
        if is_directory {
            visit(&path, walk);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            walk.files.push(path);
        }
    }
}

/// The entries of one directory worth a look, sorted by path.
fn entries(directory: &Path) -> io::Result<Vec<(PathBuf, bool)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let is_directory = entry.file_type()?.is_dir();
        let name = entry.file_name();
        if !is_directory || !(name == "target" || name.as_encoded_bytes().starts_with(b".")) {
            entries.push((entry.path(), is_directory));
        }
    }
    entries.sort();
    Ok(entries)
}
