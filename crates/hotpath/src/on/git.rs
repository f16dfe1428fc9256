//! Which commit was measured, if the program runs inside a checkout.

use std::path::{Path, PathBuf};

/// The commit that is checked out in the current folder or one above it.
pub(crate) fn head() -> Option<String> {
    let here = std::env::current_dir().ok()?;
    let git = here.ancestors().map(|folder| folder.join(".git")).find(|git| git.exists())?;
    let git = if git.is_file() { linked(&git)? } else { git };
    let head = std::fs::read_to_string(git.join("HEAD")).ok()?;
    let Some(name) = head.trim().strip_prefix("ref: ") else { return sha(&head) };
    let common = common(&git);
    let loose =
        [&git, &common].into_iter().find_map(|folder| std::fs::read_to_string(folder.join(name)).ok());
    loose.as_deref().and_then(sha).or_else(|| packed(&common, name))
}

/// Follows the file `.git` of a worktree, which names the folder of the rest.
fn linked(file: &Path) -> Option<PathBuf> {
    let text = std::fs::read_to_string(file).ok()?;
    let target = text.trim().strip_prefix("gitdir: ")?;
    Some(file.parent()?.join(target))
}

/// Branches are kept with the main checkout.
fn common(git: &Path) -> PathBuf {
    std::fs::read_to_string(git.join("commondir"))
        .map_or_else(|_| git.to_path_buf(), |text| git.join(text.trim()))
}

fn packed(git: &Path, name: &str) -> Option<String> {
    let refs = std::fs::read_to_string(git.join("packed-refs")).ok()?;
    refs.lines().find_map(|line| line.strip_suffix(name)?.strip_suffix(' ')).and_then(sha)
}

fn sha(text: &str) -> Option<String> {
    let text = text.trim();
    (text.len() >= 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_owned())
}
