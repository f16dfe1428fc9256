//! A commit checked out beside the working tree, for as long as it is needed.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// Gone, with everything built in it, when dropped.
#[derive(Debug)]
pub(super) struct Worktree {
    place: TempDir,
    repository: PathBuf,
    /// The folder in it that stands for the current one.
    here: PathBuf,
}

impl Worktree {
    /// Checks out `reference` of the repository that the current folder is in.
    pub(super) fn at(reference: &str) -> Result<Self> {
        let repository = PathBuf::from(git(Path::new("."), &["rev-parse", "--show-toplevel"])?);
        let prefix = git(Path::new("."), &["rev-parse", "--show-prefix"])?;
        let commit = git(&repository, &["rev-parse", "--verify", &format!("{reference}^{{commit}}")])
            .with_context(|| format!("{reference} is no commit of this repository"))?;
        let place = TempDir::with_prefix("hotpath-ab-").context("no temporary folder can be made")?;
        let folder = place.path().join("tree");
        git(&repository, &["worktree", "add", "--quiet", "--detach", &folder.to_string_lossy(), &commit])?;
        Ok(Self { here: folder.join(prefix), place, repository })
    }

    /// The folder that corresponds to the current one.
    pub(super) fn here(&self) -> &Path {
        &self.here
    }
}

impl Drop for Worktree {
    fn drop(&mut self) {
        let folder = self.place.path().join("tree");
        let remove = ["worktree", "remove", "--force", &folder.to_string_lossy()];
        if let Err(problem) = git(&self.repository, &remove) {
            eprintln!("hotpath ab: {}: {problem:#}", folder.display());
        }
    }
}

/// What git answers, without the newline at the end.
fn git(folder: &Path, words: &[&str]) -> Result<String> {
    let output =
        Command::new("git").arg("-C").arg(folder).args(words).output().context("git cannot be run")?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("git {}: {}", words.first().copied().unwrap_or_default(), errors.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
}
