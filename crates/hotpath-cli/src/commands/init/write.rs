//! Writes the changes of a plan: all of them, or none.
//!
//! Every new text is first written to a temporary file in the same folder. When all of them are on disk, and no file was changed
//! in the meantime, they replace the files by renaming. If that fails half-way, the replaced files get their old texts back.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::plan::Change;
use crate::file::shown;

/// Writes all changes.
pub(super) fn all(changes: &[Change]) -> Result<()> {
    let staged = Staged::new(changes)?;
    for change in changes {
        let now = fs::read_to_string(&change.path).with_context(|| cannot(&change.path))?;
        if now != change.before {
            bail!("{} changed in the meantime; nothing was written", shown(&change.path));
        }
    }
    staged.commit(changes)
}

/// Temporary files with the new texts. Those that are not committed are removed.
struct Staged {
    /// The temporary file, and the file that it replaces (with links resolved).
    files: Vec<(PathBuf, PathBuf)>,
}

impl Staged {
    fn new(changes: &[Change]) -> Result<Self> {
        let mut staged = Self { files: Vec::new() };
        for change in changes {
            staged.add(change).with_context(|| format!("{}; nothing was written", cannot(&change.path)))?;
        }
        Ok(staged)
    }

    fn add(&mut self, change: &Change) -> Result<()> {
        let target = change.path.canonicalize()?;
        let rights = fs::metadata(&target)?.permissions();
        // A rename would ignore this.
        if rights.readonly() {
            bail!("read-only");
        }
        let temporary = temporary_name(&target);
        // Never overwrites an existing file.
        let mut file = File::options().write(true).create_new(true).open(&temporary)?;
        self.files.push((temporary, target.clone()));
        file.set_permissions(rights)?;
        file.write_all(change.after.as_bytes())?;
        file.sync_all()?;
        Ok(())
    }

    fn commit(mut self, changes: &[Change]) -> Result<()> {
        let files = std::mem::take(&mut self.files);
        for (done, (temporary, target)) in files.iter().enumerate() {
            let Err(problem) = fs::rename(temporary, target) else { continue };
            self.files = files[done..].to_vec();
            for ((_, target), change) in files[..done].iter().zip(changes) {
                fs::write(target, &change.before)
                    .with_context(|| format!("{} (after {problem}); it has the new text", cannot(target)))?;
            }
            return Err(problem).with_context(|| format!("{}; nothing was written", cannot(target)));
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for (temporary, _) in &self.files {
            // It may be renamed already.
            _ = fs::remove_file(temporary);
        }
    }
}

fn temporary_name(target: &Path) -> PathBuf {
    let name = target.file_name().unwrap_or_default().to_string_lossy();
    target.with_file_name(format!(".{name}.hotpath-{}", std::process::id()))
}

fn cannot(path: &Path) -> String {
    format!("cannot write {}", shown(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: PathBuf, before: &str, after: &str) -> Change {
        Change { path, before: before.to_owned(), after: after.to_owned() }
    }

    /// Two files, and the changes that rewrite both.
    fn two() -> (tempfile::TempDir, [Change; 2]) {
        let folder = tempfile::tempdir().expect("a folder");
        let changes = ["one", "two"].map(|name| {
            fs::write(folder.path().join(name), name).expect("a file");
            change(folder.path().join(name), name, "new")
        });
        (folder, changes)
    }

    fn texts(folder: &tempfile::TempDir) -> Vec<String> {
        let mut files: Vec<_> =
            fs::read_dir(folder).expect("a folder").flatten().map(|file| file.path()).collect();
        files.sort();
        files.iter().map(|file| fs::read_to_string(file).expect("a text")).collect()
    }

    #[test]
    fn all_files_are_written_and_no_temporary_file_is_left() {
        let (folder, changes) = two();
        all(&changes).expect("written");
        assert_eq!(texts(&folder), ["new", "new"]);
    }

    #[test]
    fn a_file_that_cannot_be_written_stops_all() {
        let (folder, [one, two]) = two();
        let nowhere = change(folder.path().join("nowhere/three"), "", "new");
        all(&[one, two, nowhere]).expect_err("a folder that is not there");
        assert_eq!(texts(&folder), ["one", "two"]);
    }

    #[test]
    fn a_file_that_changed_in_the_meantime_stops_all() {
        let (folder, changes) = two();
        fs::write(&changes[1].path, "somebody else's").expect("a file");
        all(&changes).expect_err("changed meanwhile");
        assert_eq!(texts(&folder), ["one", "somebody else's"]);
    }

    #[test]
    fn a_read_only_file_stops_all() {
        let (folder, changes) = two();
        let mut rights = fs::metadata(&changes[1].path).expect("a file").permissions();
        rights.set_readonly(true);
        fs::set_permissions(&changes[1].path, rights).expect("rights");
        let problem = format!("{:#}", all(&changes).expect_err("read-only"));
        assert!(problem.ends_with("nothing was written: read-only"), "{problem}");
        assert_eq!(texts(&folder), ["one", "two"]);
    }

    #[test]
    fn replaced_files_get_their_texts_back() {
        let (folder, changes) = two();
        let staged = Staged::new(&changes).expect("staged");
        fs::remove_file(&staged.files[1].0).expect("the second new text");
        staged.commit(&changes).expect_err("nothing to rename");
        assert_eq!(texts(&folder), ["one", "two"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_are_preserved() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, [one, _]) = two();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&one.path, &link).expect("a link");
        fs::set_permissions(&one.path, fs::Permissions::from_mode(0o640)).expect("rights");
        all(&[change(link.clone(), "one", "new")]).expect("written");
        assert!(fs::symlink_metadata(&link).expect("a link").is_symlink());
        assert_eq!(fs::metadata(&one.path).expect("a file").permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_to_string(&one.path).expect("a text"), "new");
    }
}
