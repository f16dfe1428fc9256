//! A commit checked out beside the working tree, for as long as it is needed.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, anyhow, bail};
use tempfile::TempDir;

use super::target_folder;

/// Gone, with everything built in it, when dropped.
#[derive(Debug)]
pub(super) struct Worktree {
    place: TempDir,
    repository: PathBuf,
    commit: String,
    /// The folder in it that stands for the current one.
    here: PathBuf,
    /// Where Cargo is told to build, if it would do so elsewhere.
    target: Option<PathBuf>,
}

impl Worktree {
    /// Checks out `reference` of the repository that the current folder is in.
    pub(super) fn at(reference: &str) -> Result<Self> {
        let repository = PathBuf::from(git(Path::new("."), &["rev-parse", "--show-toplevel"])?);
        let prefix = git(Path::new("."), &["rev-parse", "--show-prefix"])?;
        let commit = commit(&repository, reference)?;
        let place = TempDir::with_prefix("hotpath-ab-").context("no temporary folder can be made")?;
        let folder = place.path().join("tree");
        git(&repository, &["worktree", "add", "--quiet", "--detach", &folder.to_string_lossy(), &commit])?;
        let mut tree = Self { here: folder.join(prefix), place, repository, commit, target: None };
        tree.target = target_folder::of_its_own(tree.place.path(), &tree.here);
        Ok(tree)
    }

    /// The folder that corresponds to the current one.
    pub(super) fn here(&self) -> &Path {
        &self.here
    }

    /// The folder that Cargo has to be told, so that it builds nowhere but within this tree.
    pub(super) fn target(&self) -> Option<&Path> {
        self.target.as_deref()
    }

    /// Whether the other tree, or without one the working tree, holds the same sources: all that Git does not ignore.
    pub(super) fn is_same_as(&self, other: Option<&Self>) -> Result<bool> {
        if let Some(other) = other {
            let tree = |commit: &str| git(&self.repository, &["rev-parse", &format!("{commit}^{{tree}}")]);
            return Ok(tree(&self.commit)? == tree(&other.commit)?);
        }
        let changed = git(&self.repository, &["diff", "--name-only", "--no-renames", &self.commit, "--"])?;
        let new = git(&self.repository, &["ls-files", "--others", "--exclude-standard"])?;
        Ok(changed.is_empty() && new.is_empty())
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

/// The commit of this name.
fn commit(repository: &Path, reference: &str) -> Result<String> {
    let found =
        git(repository, &["rev-parse", "--verify", "--end-of-options", &format!("{reference}^{{commit}}")]);
    found.map_err(|problem| match how_to_fetch(repository, reference) {
        Some(advice) => anyhow!("{reference} is no commit of this repository: {advice}"),
        None => problem.context(format!("{reference} is no commit of this repository")),
    })
}

/// What brings a commit here that may be in the repository this one was cloned from.
fn how_to_fetch(repository: &Path, reference: &str) -> Option<String> {
    let remotes = git(repository, &["remote"]).ok()?;
    let remote = remotes.lines().find(|&name| name == "origin").or_else(|| remotes.lines().next())?;
    let is_shallow =
        git(repository, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|said| said == "true");
    let is_ancestor = reference.contains(['~', '^', '@']);
    let name = reference.strip_prefix(&format!("{remote}/")).unwrap_or(reference);
    let one = format!("`git fetch --depth=1 {remote} {name}` and `--base FETCH_HEAD`");
    Some(match (is_shallow, is_ancestor) {
        (true, true) => {
            "this clone is shallow. Fetch the rest with `git fetch --unshallow`, or in a job on GitHub let actions/checkout have \
             `fetch-depth: 0`"
                .to_owned()
        }
        (true, false) => format!(
            "this clone is shallow. Fetch that commit with {one}, or everything with `git fetch --unshallow`, or in a job on GitHub \
             let actions/checkout have `fetch-depth: 0`"
        ),
        (false, true) => return None,
        (false, false) => format!("if {remote} has it, fetch it with `git fetch {remote} {name}` and give `--base FETCH_HEAD`"),
    })
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
