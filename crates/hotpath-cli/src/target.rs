//! Where an output goes: a file that appears whole or not at all, or standard output.
//!
//! What must stay true: a file that is there keeps its permissions, a link to it stays a link, and a descriptor that the command was
//! given (`/dev/stdout`) is written to and never replaced.

use std::fs::OpenOptions;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::Builder;

use crate::file::shown;

/// Where to write.
#[derive(Debug, clap::Args)]
pub(crate) struct TargetArguments {
    /// File to write; standard output if there is none, or for `-`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replaces the file if it is there
    #[arg(long, requires = "output")]
    force: bool,
}

impl TargetArguments {
    /// Fails early where writing would fail for certain, before anything is read.
    pub(crate) fn check(&self, is_binary: bool) -> Result<()> {
        match self.path() {
            Some(path) if !self.force && is_file(path) => bail!("{}", taken(path)),
            None if is_binary && std::io::stdout().is_terminal() => {
                bail!("this format is binary: name a file with --output, or pipe it into a program")
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> Result<()> {
        match self.path() {
            Some(path) => {
                write_file(path, bytes, self.force).with_context(|| format!("cannot write {}", shown(path)))
            }
            None => print(bytes),
        }
    }

    /// The file, unless it is standard output by one of its names: what that was redirected to is the shell's.
    fn path(&self) -> Option<&Path> {
        const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
        self.output.as_deref().filter(|path| !STDOUT.iter().any(|name| path.as_os_str() == *name))
    }
}

/// A reader that went away, such as `head`, is no failure.
pub(crate) fn print(bytes: impl AsRef<[u8]>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes.as_ref()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn write_file(path: &Path, bytes: &[u8], may_replace: bool) -> Result<()> {
    // A pipe or a device takes the bytes as they come; a file with their name would take its place.
    if path.exists() && !is_file(path) {
        OpenOptions::new().write(true).open(path)?.write_all(bytes)?;
        return Ok(());
    }
    // The file that a link leads to.
    let target = path.canonicalize();
    let target = target.as_deref().unwrap_or(path);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = beside().tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Ok(old) = target.metadata() {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    let kept = if may_replace { file.persist(target) } else { file.persist_noclobber(target) };
    match kept {
        Err(failed) if failed.error.kind() == ErrorKind::AlreadyExists => bail!("{}", taken(path)),
        kept => Ok(kept.map(|_| ())?),
    }
}

/// A new file has the permissions that the user's other new files have.
fn beside() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".hotpath-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file())
}

fn taken(path: &Path) -> String {
    format!("{} is there already: --force replaces it", shown(path))
}

#[cfg(test)]
mod tests {
    use super::{TargetArguments, write_file};
    use std::path::Path;

    /// The check at the beginning does not see a file that came while the report was read.
    #[test]
    fn a_file_that_came_meanwhile_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("stacks.txt");
        std::fs::write(&path, "mine").expect("a file");
        let error = write_file(&path, b"new", false).expect_err("it is there").to_string();
        assert!(error.ends_with("is there already: --force replaces it"), "{error}");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "mine");
        write_file(&path, b"new", true).expect("it may");
        assert_eq!(std::fs::read_to_string(&path).expect("a file"), "new");
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_and_its_file_keeps_its_permissions() {
        use std::os::unix::fs::PermissionsExt;

        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        std::fs::write(&file, "old").expect("a file");
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o604)).expect("it is ours");
        std::os::unix::fs::symlink("file", &link).expect("a link");
        write_file(&link, b"new", true).expect("it may");
        assert!(link.symlink_metadata().expect("there").is_symlink());
        assert_eq!(std::fs::read_to_string(&file).expect("a file"), "new");
        assert_eq!(file.metadata().expect("there").permissions().mode() & 0o777, 0o604);
    }

    #[test]
    fn standard_output_by_any_of_its_names_is_no_file() {
        for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
            let target = TargetArguments { output: Some(name.into()), force: true };
            assert_eq!(target.path(), None, "{name}");
        }
        let target = TargetArguments { output: Some("./-".into()), force: true };
        assert_eq!(target.path(), Some(Path::new("./-")));
    }
}
