//! Files that somebody else wrote, read whole: reports, policies, what a job left.
//!
//! What must stay true: reading ends, whatever the path names, and takes a bounded amount of memory; and no name of a file can
//! begin a line of its own in a message, since a job on GitHub takes some lines for commands.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use hotpath_report::render::printable;

/// A report with a thousand functions on a hundred threads has a tenth of this.
const MAX_BYTES: u64 = 256 << 20;
/// So long a pipe is waited for that says nothing.
const PATIENCE: Duration = Duration::from_secs(10);
/// So much is taken from a pipe at once.
const CHUNK: usize = 64 << 10;

/// The text of a file, or of a pipe.
pub(crate) fn text(path: &Path) -> Result<String> {
    let name = shown(path);
    let cannot_read = || format!("cannot read {name}");
    let found = path.metadata().with_context(cannot_read)?;
    let bytes = bytes(path, &found, PATIENCE).with_context(cannot_read)?;
    String::from_utf8(bytes).map_err(|error| {
        anyhow!("cannot read {name}: it is no text (byte {} is no UTF-8)", error.utf8_error().valid_up_to())
    })
}

/// A path for a message, on one line.
pub(crate) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

fn bytes(path: &Path, found: &Metadata, patience: Duration) -> Result<Vec<u8>> {
    if !found.is_file() {
        return from_elsewhere(path.to_owned(), patience);
    }
    if found.len() > MAX_BYTES {
        bail!("{}", too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default());
    // A file may grow while it is read.
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    within_bounds(bytes)
}

/// What a pipe or a device says. Opening a pipe that nobody writes to takes for ever, so another thread does it; it is left behind
/// then, and ends with the process.
fn from_elsewhere(path: PathBuf, patience: Duration) -> Result<Vec<u8>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) => return drop(sender.send(Err(error))),
        };
        loop {
            let chunk = some(&mut file);
            let is_last = !matches!(&chunk, Ok(chunk) if !chunk.is_empty());
            // Nobody takes it any more when it is too much.
            if sender.send(chunk).is_err() || is_last {
                return;
            }
        }
    });
    let mut bytes = Vec::new();
    loop {
        let silent = || anyhow!("nothing came for {} seconds", patience.as_secs());
        let chunk = receiver.recv_timeout(patience).map_err(|_| silent())??;
        if chunk.is_empty() {
            return Ok(bytes);
        }
        bytes.extend(chunk);
        bytes = within_bounds(bytes)?;
    }
}

/// The next bytes; none at the end.
fn some(file: &mut File) -> io::Result<Vec<u8>> {
    let mut chunk = vec![0; CHUNK];
    let size = loop {
        match file.read(&mut chunk) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            done => break done?,
        }
    };
    chunk.truncate(size);
    Ok(chunk)
}

fn within_bounds(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if bytes.len() as u64 > MAX_BYTES {
        bail!("{}", too_large());
    }
    Ok(bytes)
}

fn too_large() -> String {
    format!("it is larger than {} MB, which no report is", MAX_BYTES >> 20)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::Command;

    fn read(path: &Path, patience: Duration) -> Result<Vec<u8>> {
        bytes(path, &path.metadata()?, patience)
    }

    fn pipe(folder: &tempfile::TempDir) -> PathBuf {
        let path = folder.path().join("pipe.json");
        assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo").success());
        path
    }

    #[test]
    fn a_pipe_is_read_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = pipe(&folder);
        let writer = std::thread::spawn({
            let path = path.clone();
            move || File::options().write(true).open(path).expect("a pipe").write_all(&vec![b'x'; 3 * CHUNK])
        });
        assert_eq!(read(&path, Duration::from_secs(60)).expect("bytes").len(), 3 * CHUNK);
        writer.join().expect("it ends").expect("it wrote");
    }

    #[test]
    fn a_pipe_that_nobody_writes_to_is_given_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = read(&pipe(&folder), Duration::ZERO).expect_err("nothing").to_string();
        assert_eq!(error, "nothing came for 0 seconds");
    }

    #[test]
    fn what_never_ends_is_not_read_to_its_end() {
        let error = read(Path::new("/dev/zero"), Duration::from_secs(60)).expect_err("too much").to_string();
        assert_eq!(error, "it is larger than 256 MB, which no report is");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("large.json");
        File::create(&path).and_then(|file| file.set_len(MAX_BYTES + 1)).expect("a file");
        assert_eq!(read(&path, Duration::ZERO).expect_err("too much").to_string(), error);
    }
}
