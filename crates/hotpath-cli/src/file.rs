//! Untrusted files, read whole: reports, policies, artifacts of a job.
//!
//! Invariants: reading ends, whatever the path names, and takes a bounded amount of memory; and no file name can start a line of
//! its own in a message, because a job on GitHub interprets some lines as commands.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use hotpath_report::render::printable;

/// The bytes of a file at most. A report of a thousand functions on a hundred threads has a tenth of this.
const MAX_BYTES: u64 = 256 << 20;
/// The time to wait for the next bytes of a pipe.
const TIMEOUT: Duration = Duration::from_secs(10);
/// The bytes to read from a pipe at once.
const CHUNK: usize = 64 << 10;

/// Reads the text of a file or of a pipe.
pub(crate) fn text(path: &Path) -> Result<String> {
    let name = shown(path);
    let cannot_read = || format!("cannot read {name}");
    let found = path.metadata().with_context(cannot_read)?;
    let bytes = bytes(path, &found, TIMEOUT).with_context(cannot_read)?;
    String::from_utf8(bytes).map_err(|error| {
        anyhow!("cannot read {name}: not UTF-8 (byte {} is invalid)", error.utf8_error().valid_up_to())
    })
}

/// Returns a path for a message: on one line, without control characters.
pub(crate) fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

fn bytes(path: &Path, found: &Metadata, timeout: Duration) -> Result<Vec<u8>> {
    if !found.is_file() {
        return read_pipe(path.to_owned(), timeout);
    }
    if found.len() > MAX_BYTES {
        bail!("{}", too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(found.len()).unwrap_or_default());
    // A file may grow while it is read.
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    within_bounds(bytes)
}

/// Reads a pipe or a device. Opening a pipe without a writer blocks for ever, so another thread does it; that thread is left behind
/// and ends with the process.
fn read_pipe(path: PathBuf, timeout: Duration) -> Result<Vec<u8>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::spawn(move || {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) => return drop(sender.send(Err(error))),
        };
        loop {
            let chunk = next_chunk(&mut file);
            let is_last = !matches!(&chunk, Ok(chunk) if !chunk.is_empty());
            // The receiver is gone when there was too much.
            if sender.send(chunk).is_err() || is_last {
                return;
            }
        }
    });
    let mut bytes = Vec::new();
    loop {
        let timed_out = || anyhow!("no data for {} seconds", timeout.as_secs());
        let chunk = receiver.recv_timeout(timeout).map_err(|_| timed_out())??;
        if chunk.is_empty() {
            return Ok(bytes);
        }
        bytes.extend(chunk);
        bytes = within_bounds(bytes)?;
    }
}

/// Reads the next bytes; none at the end.
fn next_chunk(file: &mut File) -> io::Result<Vec<u8>> {
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
    format!("larger than {} MB, the limit for a report", MAX_BYTES >> 20)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::Command;

    fn read(path: &Path, timeout: Duration) -> Result<Vec<u8>> {
        bytes(path, &path.metadata()?, timeout)
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
    fn a_pipe_without_a_writer_times_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = read(&pipe(&folder), Duration::ZERO).expect_err("nothing").to_string();
        assert_eq!(error, "no data for 0 seconds");
    }

    #[test]
    fn an_endless_file_is_not_read_to_its_end() {
        let error = read(Path::new("/dev/zero"), Duration::from_secs(60)).expect_err("too much").to_string();
        assert_eq!(error, "larger than 256 MB, the limit for a report");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("large.json");
        File::create(&path).and_then(|file| file.set_len(MAX_BYTES + 1)).expect("a file");
        assert_eq!(read(&path, Duration::ZERO).expect_err("too much").to_string(), error);
    }
}
