//! Which files are texts, and what stands in them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Endings of what is read in a directory. A path that was named itself is read whatever it is called.
const ENDINGS: [&str; 4] = ["md", "rs", "toml", "txt"];

/// One text on its way.
pub struct Text {
    pub path: String,
    pub content: String,
}

/// The files below the paths, sorted, and what could not be looked into. Hidden directories and `target` are left out.
#[hotpath::measure]
pub fn find(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<String>) {
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    let mut open = paths.to_vec();
    while let Some(path) = open.pop() {
        if !path.is_dir() {
            files.push(path);
            continue;
        }
        match fs::read_dir(&path) {
            Ok(entries) => {
                let inside = entries.filter_map(Result::ok).map(|entry| entry.path());
                open.extend(inside.filter(|inside| is_wanted(inside)));
            }
            Err(error) => problems.push(format!("{}: {error}", path.display())),
        }
    }
    files.sort();
    files.dedup();
    (files, problems)
}

fn is_wanted(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    if path.is_dir() {
        // A link may lead back to where we came from.
        return !path.is_symlink() && !name.starts_with('.') && name != "target";
    }
    path.extension().is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known))
}

/// Reads one file.
///
/// # Errors
///
/// A line that names the file and why it is left out.
pub async fn read(path: PathBuf) -> Result<Text, String> {
    let name = path.display().to_string();
    match tokio::fs::read_to_string(path).await {
        Ok(content) => Ok(Text { path: name, content }),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
