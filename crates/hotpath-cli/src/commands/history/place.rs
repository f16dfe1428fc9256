//! Where a history lies, and what is known of the checkout and the machine beside a report.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// The folder in the repository that is ours.
const FOLDER: &str = ".hotpath";
const FILE: &str = "history.db";
/// The history is of one checkout, and changes with every run: not for the repository's own history.
const IGNORED: &str = ".gitignore\nhistory.db*\n";

/// The file of the history: the given one, else that of the repository around `here`.
pub(crate) fn file(given: Option<&Path>, here: &Path) -> Result<PathBuf> {
    match given {
        Some(path) => Ok(path.to_owned()),
        None => match root(here) {
            Some(root) => Ok(root.join(FOLDER).join(FILE)),
            None => bail!("{} is in no git repository: name a file with --db", here.display()),
        },
    }
}

/// Makes the folder of the history. A folder of ours tells git what not to keep.
pub(crate) fn prepare(file: &Path) -> Result<()> {
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let ours = folder.file_name().is_some_and(|name| name == FOLDER);
    let make = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let ignore = folder.join(".gitignore");
        if ours && !ignore.exists() {
            std::fs::write(ignore, IGNORED)?;
        }
        Ok(())
    };
    make().with_context(|| format!("cannot make {}", folder.display()))
}

/// The outermost folder of the checkout. `.git` is a file in a second worktree.
fn root(here: &Path) -> Option<PathBuf> {
    here.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// The branch that is checked out; `None` if there is none, or if git is not there to be asked.
pub(crate) fn branch(here: &Path) -> Option<String> {
    asked("git", &["symbolic-ref", "--quiet", "--short", "HEAD"], here)
}

/// The commit that is checked out.
pub(crate) fn commit(here: &Path) -> Option<String> {
    asked("git", &["rev-parse", "--verify", "--quiet", "HEAD"], here)
}

/// The name of this machine.
pub(crate) fn machine() -> Option<String> {
    let told = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    told.map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .or_else(|| asked("hostname", &[], Path::new(".")))
}

/// What a program says; `None` if it cannot be run, fails, or says nothing.
fn asked(program: &str, arguments: &[&str], here: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(here).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
