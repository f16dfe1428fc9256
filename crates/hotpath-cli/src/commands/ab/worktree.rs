//! A temporary Git worktree of a commit.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, anyhow, bail};
use tempfile::TempDir;

use super::target_folder;
use crate::file::shown;

/// A worktree. Dropping it removes it, with everything built in it.
#[derive(Debug)]
pub(super) struct Worktree {
    folder: TempDir,
    repository: PathBuf,
    commit: String,
    /// The folder in it that corresponds to the current one.
    here: PathBuf,
    /// The target folder to set for Cargo, if the default one is outside.
    target: Option<PathBuf>,
}

impl Worktree {
    /// Checks out `reference` of the repository of the current folder.
    pub(super) fn at(reference: &str) -> Result<Self> {
        let repository = PathBuf::from(git(Path::new("."), &["rev-parse", "--show-toplevel"])?);
        let prefix = git(Path::new("."), &["rev-parse", "--show-prefix"])?;
        let commit = commit(&repository, reference)?;
        let folder = TempDir::with_prefix("hotpath-ab-").context("cannot create a temporary folder")?;
        let tree = folder.path().join("tree");
        git(&repository, &["worktree", "add", "--quiet", "--detach", &tree.to_string_lossy(), &commit])?;
        let mut tree = Self { here: tree.join(prefix), folder, repository, commit, target: None };
        tree.target = target_folder::isolated(tree.folder.path(), &tree.here);
        Ok(tree)
    }

    /// Returns the folder that corresponds to the current one.
    pub(super) fn here(&self) -> &Path {
        &self.here
    }

    /// Returns the target folder to set for Cargo, so that it builds only within this tree.
    pub(super) fn target(&self) -> Option<&Path> {
        self.target.as_deref()
    }

    /// Returns whether another worktree (or the working tree) has the same sources, except for ignored files.
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
        let tree = self.folder.path().join("tree");
        let remove = ["worktree", "remove", "--force", &tree.to_string_lossy()];
        if let Err(problem) = git(&self.repository, &remove) {
            eprintln!("hotpath: cannot remove {}: {problem:#}", shown(&tree));
        }
    }
}

/// Resolves a reference to a commit.
fn commit(repository: &Path, reference: &str) -> Result<String> {
    let found =
        git(repository, &["rev-parse", "--verify", "--end-of-options", &format!("{reference}^{{commit}}")]);
    found.map_err(|problem| match how_to_fetch(repository, reference) {
        Some(advice) => anyhow!("unknown commit `{reference}`: {advice}"),
        None => problem.context(format!("unknown commit `{reference}`")),
    })
}

/// Returns advice on how to fetch a commit that the remote may have.
fn how_to_fetch(repository: &Path, reference: &str) -> Option<String> {
    let remotes = git(repository, &["remote"]).ok()?;
    let remote = remotes.lines().find(|&name| name == "origin").or_else(|| remotes.lines().next())?;
    let is_shallow =
        git(repository, &["rev-parse", "--is-shallow-repository"]).is_ok_and(|output| output == "true");
    let is_ancestor = reference.contains(['~', '^', '@']);
    let name = reference.strip_prefix(&format!("{remote}/")).unwrap_or(reference);
    let one = format!("`git fetch --depth=1 {remote} {name}` and `--base FETCH_HEAD`");
    Some(match (is_shallow, is_ancestor) {
        (true, true) => {
            "this clone is shallow. Fetch the full history with `git fetch --unshallow`, or in a job on GitHub set `fetch-depth: 0` for \
             actions/checkout"
                .to_owned()
        }
        (true, false) => format!(
            "this clone is shallow. Fetch that commit with {one}, or the full history with `git fetch --unshallow`, or in a job on \
             GitHub set `fetch-depth: 0` for actions/checkout"
        ),
        (false, true) => return None,
        (false, false) => format!("if {remote} has it, fetch it with `git fetch {remote} {name}` and use `--base FETCH_HEAD`"),
    })
}

/// Returns the output of Git, without the final newline.
fn git(folder: &Path, words: &[&str]) -> Result<String> {
    let output = Command::new("git").arg("-C").arg(folder).args(words).output().context("cannot run git")?;
    if !output.status.success() {
        let errors = String::from_utf8_lossy(&output.stderr);
        bail!("git {}: {}", words.first().copied().unwrap_or_default(), errors.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned())
}
