//! The destination of an output: a file, which is written atomically, or standard output.
//!
//! Invariants: a replaced file keeps its permissions, a link to it stays a link, and an open descriptor (`/dev/stdout`) is
//! written to and never replaced.

use std::fs::OpenOptions;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::Builder;

use crate::file::shown;

/// The flags that choose a destination.
#[derive(Debug, clap::Args)]
pub(crate) struct TargetArguments {
    /// File to write; `-` or none is standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replaces an existing file
    #[arg(long, requires = "output")]
    force: bool,
}

impl TargetArguments {
    /// Fails early where writing is certain to fail, before a report is read.
    pub(crate) fn check(&self, is_binary: bool) -> Result<()> {
        match self.path() {
            Some(path) if !self.force && is_file(path) => bail!("{}", exists(path)),
            None if is_binary && std::io::stdout().is_terminal() => {
                bail!("this format is binary: write it to a file with --output, or pipe it into a program")
            }
            _ => Ok(()),
        }
    }

    /// Writes the whole output.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<()> {
        match self.path() {
            Some(path) => {
                write_file(path, bytes, self.force).with_context(|| format!("cannot write {}", shown(path)))
            }
            None => print(bytes),
        }
    }

    /// Returns the file, unless it is standard output by one of its names: its redirection is up to the shell.
    fn path(&self) -> Option<&Path> {
        const STDOUT: [&str; 4] = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];
        self.output.as_deref().filter(|path| !STDOUT.iter().any(|name| path.as_os_str() == *name))
    }
}

/// Prints to standard output. A reader that closes it, such as `head`, is not a failure.
pub(crate) fn print(bytes: impl AsRef<[u8]>) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes.as_ref()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn write_file(path: &Path, bytes: &[u8], may_replace: bool) -> Result<()> {
    // A pipe or a device is written to directly: a rename would replace it.
    if path.exists() && !is_file(path) {
        OpenOptions::new().write(true).open(path)?.write_all(bytes)?;
        return Ok(());
    }
    // The file that a link points to.
    let target = path.canonicalize();
    let target = target.as_deref().unwrap_or(path);
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = temporary().tempfile_in(folder)?;
    file.write_all(bytes)?;
    if let Ok(old) = target.metadata() {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.as_file().sync_all()?;
    let persisted = if may_replace { file.persist(target) } else { file.persist_noclobber(target) };
    match persisted {
        Err(failed) if failed.error.kind() == ErrorKind::AlreadyExists => bail!("{}", exists(path)),
        persisted => Ok(persisted.map(|_| ())?),
    }
}

/// Returns a builder of temporary files with the default permissions of new files.
fn temporary() -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".hotpath-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder
}

fn is_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file())
}

fn exists(path: &Path) -> String {
    format!("{} already exists: --force replaces it", shown(path))
}

#[cfg(test)]
mod tests {
    use super::{TargetArguments, write_file};
    use std::path::Path;

    /// The early check cannot see a file that appears while the report is read.
    #[test]
    fn a_file_that_appears_in_the_meantime_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("stacks.txt");
        std::fs::write(&path, "mine").expect("a file");
        let error = write_file(&path, b"new", false).expect_err("it is there").to_string();
        assert!(error.ends_with("already exists: --force replaces it"), "{error}");
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
    fn standard_output_by_any_of_its_names_is_not_a_file() {
        for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
            let target = TargetArguments { output: Some(name.into()), force: true };
            assert_eq!(target.path(), None, "{name}");
        }
        let target = TargetArguments { output: Some("./-".into()), force: true };
        assert_eq!(target.path(), Some(Path::new("./-")));
    }
}
