//! Where an output goes: a file that appears whole or not at all, or standard output.

use std::fs::OpenOptions;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use tempfile::Builder;

/// Where to write.
#[derive(Debug, clap::Args)]
pub(crate) struct TargetArguments {
    /// File to write; standard output if there is none
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replaces the file if it is there
    #[arg(long, requires = "output")]
    force: bool,
}

impl TargetArguments {
    /// Fails early where writing would fail for certain, before anything is read.
    pub(crate) fn check(&self, is_binary: bool) -> Result<()> {
        match &self.output {
            Some(path) if !self.force && is_file(path) => bail!("{}", taken(path)),
            None if is_binary && std::io::stdout().is_terminal() => {
                bail!("this format is binary: name a file with --output, or pipe it into a program")
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn write(&self, bytes: &[u8]) -> Result<()> {
        match &self.output {
            Some(path) => write_file(path, bytes, self.force)
                .with_context(|| format!("cannot write {}", path.display())),
            None => print(bytes),
        }
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
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = beside().tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    let kept = if may_replace { file.persist(path) } else { file.persist_noclobber(path) };
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
    format!("{} is there already: --force replaces it", path.display())
}

#[cfg(test)]
mod tests {
    use super::write_file;

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
}
