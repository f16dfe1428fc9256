//! The location of a history, and what the checkout and the machine add to a report.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::file::shown;

/// The folder of hotpath in a repository.
const FOLDER: &str = ".hotpath";
const FILE: &str = "history.db";
/// A history belongs to one checkout and changes with every run, so Git must not track it.
const IGNORED: &str = ".gitignore\nhistory.db*\n";

/// Returns the file of the history: the given one, or that of the repository around `here`.
pub(crate) fn file(given: Option<&Path>, here: &Path) -> Result<PathBuf> {
    match given {
        Some(path) => Ok(path.to_owned()),
        None => match root(here) {
            Some(root) => Ok(root.join(FOLDER).join(FILE)),
            None => bail!("{} is not in a Git repository: name a file with --db", shown(here)),
        },
    }
}

/// Creates the folder of the history. In the folder of hotpath, a `.gitignore` keeps it out of the repository.
pub(crate) fn prepare(file: &Path) -> Result<()> {
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let is_default = folder.file_name().is_some_and(|name| name == FOLDER);
    let create = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let ignore = folder.join(".gitignore");
        if is_default && !ignore.exists() {
            std::fs::write(ignore, IGNORED)?;
        }
        Ok(())
    };
    create().with_context(|| format!("cannot create {}", shown(folder)))
}

/// Returns the root of the checkout. In a linked worktree, `.git` is a file.
fn root(here: &Path) -> Option<PathBuf> {
    here.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned)
}

/// Returns the branch that is checked out; `None` if there is none, or if Git is not installed.
pub(crate) fn branch(here: &Path) -> Option<String> {
    output_of("git", &["symbolic-ref", "--quiet", "--short", "HEAD"], here)
}

/// Returns the commit that is checked out.
pub(crate) fn commit(here: &Path) -> Option<String> {
    output_of("git", &["rev-parse", "--verify", "--quiet", "HEAD"], here)
}

/// Returns the name of this machine.
pub(crate) fn machine() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok();
    name.map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .or_else(|| output_of("hostname", &[], Path::new(".")))
}

/// Returns the output of a program; `None` if it cannot be run, fails, or prints nothing.
fn output_of(program: &str, arguments: &[&str], here: &Path) -> Option<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(here).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
