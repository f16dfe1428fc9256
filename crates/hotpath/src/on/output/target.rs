//! The destination of a report: a stream of the program, an open descriptor, or a path.
//!
//! What must stay true: only a regular file that this process has not open is replaced. A pipe or a device is written as it comes, and
//! a file that this process has open already goes on at the position of its writer.

use std::{
    fmt,
    fs::File,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

#[cfg(unix)]
use std::{
    fs::Metadata,
    mem::ManuallyDrop,
    time::{Duration, Instant},
};

use super::{file, path::ReportPath, write_stderr, write_stdout, write_to};
use crate::imp::os;

/// The time to wait for a reader of a named pipe.
#[cfg(unix)]
const READER_WAIT: Duration = Duration::from_secs(5);

/// The destination of a report, as it was set when the session started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Target {
    #[default]
    Stdout,
    Stderr,
    /// A descriptor by its number: `/dev/fd/3`.
    #[cfg(unix)]
    Descriptor(Descriptor),
    Path(ReportPath),
}

impl Target {
    /// `stdout`, `stderr` and `-` are streams, as the paths of descriptors are; anything else is the path of a file.
    pub(crate) fn new(given: PathBuf) -> Self {
        match given.to_str() {
            Some("stdout" | "-") => Self::Stdout,
            Some("stderr") => Self::Stderr,
            _ => Self::of_path(given),
        }
    }

    #[cfg(unix)]
    fn of_path(given: PathBuf) -> Self {
        match descriptor_number(&given) {
            Some(1) => Self::Stdout,
            Some(2) => Self::Stderr,
            Some(number) => Self::Descriptor(Descriptor::new(number)),
            None => Self::Path(ReportPath::new(given)),
        }
    }

    #[cfg(not(unix))]
    fn of_path(given: PathBuf) -> Self {
        Self::Path(ReportPath::new(given))
    }

    /// Opens the destination.
    ///
    /// # Errors
    ///
    /// The error of the system, or the reason why the path cannot take a report.
    pub(crate) fn open(&self) -> io::Result<Sink> {
        match self {
            Self::Stdout => Ok(Sink::Stdout),
            Self::Stderr => Ok(Sink::Stderr),
            #[cfg(unix)]
            Self::Descriptor(descriptor) => descriptor.open().map(Sink::Borrowed),
            Self::Path(path) => open_path(path),
        }
    }
}

/// For a message.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stdout => f.write_str("standard output"),
            Self::Stderr => f.write_str("standard error"),
            #[cfg(unix)]
            Self::Descriptor(descriptor) => write!(f, "descriptor {}", descriptor.number),
            Self::Path(path) => path.whole(os::process_id()).display().fmt(f),
        }
    }
}

/// An open destination.
pub(crate) enum Sink {
    Stdout,
    Stderr,
    /// A descriptor that is the program's.
    #[cfg(unix)]
    Borrowed(ManuallyDrop<File>),
    /// A pipe or a device.
    Stream(File),
    /// A file that is there as a whole or not at all.
    Whole(PathBuf),
    /// A file that is overwritten in place, because the program has it open.
    InPlace(PathBuf),
}

impl Sink {
    pub(crate) fn is_terminal(&self) -> bool {
        match self {
            Self::Stdout => io::stdout().is_terminal(),
            Self::Stderr => io::stderr().is_terminal(),
            #[cfg(unix)]
            Self::Borrowed(file) => file.is_terminal(),
            Self::Stream(file) => file.is_terminal(),
            Self::Whole(_) | Self::InPlace(_) => false,
        }
    }

    pub(crate) fn write(self, text: &str) -> io::Result<()> {
        match self {
            Self::Stdout => write_stdout(text),
            Self::Stderr => write_stderr(text),
            #[cfg(unix)]
            Self::Borrowed(file) => write_to(&file, text.as_bytes()),
            Self::Stream(file) => write_to(&file, text.as_bytes()),
            Self::Whole(path) => file::replace(&path, text.as_bytes()),
            Self::InPlace(path) => file::overwrite(&path, text.as_bytes()),
        }
    }
}

fn open_path(path: &ReportPath) -> io::Result<Sink> {
    let whole = path.whole(os::process_id());
    if let Some(base) = path.base().filter(|base| !base.is_dir()) {
        // It is not made again: it was removed meanwhile.
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("{} is gone", base.display())));
    }
    let names_folder = whole.file_name().is_none() || ends_with_separator(&whole);
    match std::fs::metadata(&whole) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        #[cfg(unix)]
        Ok(found) => open_existing(whole, &found),
        #[cfg(not(unix))]
        Ok(found) if !found.is_file() => File::options().write(true).open(whole).map(Sink::Stream),
        Err(error) if names_folder => {
            let why = if error.kind() == io::ErrorKind::NotFound {
                io::ErrorKind::IsADirectory.into()
            } else {
                error
            };
            Err(why)
        }
        _ => Ok(Sink::Whole(whole)),
    }
}

fn ends_with_separator(path: &Path) -> bool {
    path.as_os_str().to_string_lossy().ends_with(std::path::is_separator)
}

#[cfg(unix)]
fn open_existing(path: PathBuf, found: &Metadata) -> io::Result<Sink> {
    use std::os::unix::fs::FileTypeExt;

    let is_same = |number| {
        os::descriptor(number).metadata().is_ok_and(|other| Identity::of(&other) == Identity::of(found))
    };
    // `HOTPATH_OUTPUT_PATH=log program >log 2>&1`: the log must not lose what stands in it, nor what is still to come.
    if is_same(1) {
        return Ok(Sink::Stdout);
    }
    if is_same(2) {
        return Ok(Sink::Stderr);
    }
    // What the kernel keeps below `/proc` is never replaced.
    if !found.is_file() || path.starts_with("/proc") {
        return open_stream(&path, found.file_type().is_fifo()).map(Sink::Stream);
    }
    Ok(match own_writer(Identity::of(found)) {
        Some(Writer { number, has_written: true }) => Sink::Borrowed(os::descriptor(number)),
        Some(Writer { has_written: false, .. }) => Sink::InPlace(path),
        None => Sink::Whole(path),
    })
}

/// Nothing is made or cut, no terminal becomes that of the process, and opening a pipe does not wait for ever.
#[cfg(unix)]
fn open_stream(path: &Path, is_pipe: bool) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;

    let mut options = File::options();
    options.append(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY);
    let deadline = Instant::now() + READER_WAIT;
    loop {
        match options.open(path) {
            Err(error) if is_pipe && error.raw_os_error() == Some(libc::ENXIO) => {
                if Instant::now() >= deadline {
                    return Err(io::Error::new(io::ErrorKind::TimedOut, "this pipe has no reader"));
                }
                std::thread::sleep(Duration::from_millis(5));
            }
            opened => return opened,
        }
    }
}

/// The number in `/dev/fd/3` and its other names.
#[cfg(unix)]
fn descriptor_number(path: &Path) -> Option<i32> {
    let named = [("/dev/stdin", 0), ("/dev/stdout", 1), ("/dev/stderr", 2)];
    if let Some((_, number)) = named.iter().find(|(name, _)| path == Path::new(name)) {
        return Some(*number);
    }
    let own = format!("/proc/{}/fd", os::process_id());
    let folders = ["/dev/fd", "/proc/self/fd", "/proc/thread-self/fd", &own];
    let number = folders.iter().find_map(|folder| path.strip_prefix(folder).ok())?.to_str()?;
    number.bytes().all(|byte| byte.is_ascii_digit()).then(|| number.parse().ok()).flatten()
}

/// The identity of a file, whatever its name.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

#[cfg(unix)]
impl Identity {
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt;
        Self { device: metadata.dev(), inode: metadata.ino() }
    }
}

/// A descriptor that whoever started the program opened for the report.
#[cfg(unix)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Descriptor {
    number: i32,
    /// The file that was open under the number when the session started. It may be closed, and the number be another file's.
    found: Option<Identity>,
}

#[cfg(unix)]
impl Descriptor {
    fn new(number: i32) -> Self {
        let found = os::descriptor(number).metadata().ok().map(|metadata| Identity::of(&metadata));
        Self { number, found }
    }

    fn open(&self) -> io::Result<ManuallyDrop<File>> {
        let found = self.found.ok_or_else(|| io::Error::other("it was not open when the session began"))?;
        let file = os::descriptor(self.number);
        let metadata = file.metadata()?;
        if Identity::of(&metadata) != found {
            return Err(io::Error::other("the program opened something else under its number"));
        }
        if !can_be_written(&metadata) {
            return Err(io::Error::other("not a file, pipe or device"));
        }
        Ok(file)
    }
}

/// Returns true if bytes that are written there are read as text. An event descriptor, for example, takes them for a number.
#[cfg(unix)]
fn can_be_written(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    kind.is_file() || kind.is_fifo() || kind.is_socket() || kind.is_char_device() || kind.is_block_device()
}

/// Finds a descriptor of this process that has a file open for writing.
#[cfg(unix)]
struct Writer {
    number: i32,
    /// It writes front to back, as a log is written.
    has_written: bool,
}

/// The program's own log may be the file that the report should go into.
#[cfg(target_os = "linux")]
fn own_writer(file: Identity) -> Option<Writer> {
    let numbers = std::fs::read_dir("/proc/self/fd").ok()?;
    let numbers = numbers.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    let writer = |number: i32| {
        let is_it = Identity::of(&os::descriptor(number).metadata().ok()?) == file;
        is_it
            .then(|| writer(number, &std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")).ok()?))
            .flatten()
    };
    // One that has written says more than one that has not.
    numbers.filter_map(writer).max_by_key(|writer| writer.has_written)
}

/// Only Linux says how a descriptor was opened without unsafe calls.
#[cfg(all(unix, not(target_os = "linux")))]
fn own_writer(_: Identity) -> Option<Writer> {
    None
}

/// The state of a descriptor in `/proc/self/fdinfo`: its position and mode.
#[cfg(target_os = "linux")]
fn writer(number: i32, info: &str) -> Option<Writer> {
    let field = |name: &str| info.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let flags = i32::from_str_radix(field("flags:")?, 8).ok()?;
    let position: u64 = field("pos:")?.parse().ok()?;
    let can_write = flags & libc::O_ACCMODE != libc::O_RDONLY;
    can_write.then_some(Writer { number, has_written: position > 0 || flags & libc::O_APPEND != 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_have_names_and_a_file_of_such_a_name_has_a_folder() {
        let target = |given: &str| Target::new(given.into());
        assert_eq!(
            (target("stdout"), target("-"), target("stderr")),
            (Target::Stdout, Target::Stdout, Target::Stderr)
        );
        for file in ["./stdout", "./-", "./stderr", "STDERR", "stderr.json", "/dev/null"] {
            assert!(matches!(target(file), Target::Path(_)), "{file}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn descriptors_have_several_names() {
        let number = |path: &str| descriptor_number(Path::new(path));
        let own = format!("/proc/{}/fd/7", std::process::id());
        for (path, wanted) in [
            ("/dev/stdout", Some(1)),
            ("/dev/stderr", Some(2)),
            ("/dev/fd/3", Some(3)),
            ("/dev//fd/3", Some(3)),
            ("/proc/self/fd/12", Some(12)),
            (&own, Some(7)),
            ("/proc/1/fd/7", if std::process::id() == 1 { Some(7) } else { None }),
            ("/dev/fd/x", None),
            ("/dev/fd/3/4", None),
            ("/dev/fd", None),
            ("/dev/fd/-1", None),
            ("/dev/fd/99999999999", None),
            ("dev/fd/3", None),
        ] {
            assert_eq!(number(path), wanted, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_descriptor_that_is_closed_or_takes_no_text_is_an_error() {
        let error = Descriptor::new(1 << 20).open().expect_err("not open");
        assert_eq!(error.to_string(), "it was not open when the session began");
        let (reader, _writer) = io::pipe().expect("a pipe");
        let number = std::os::fd::AsRawFd::as_raw_fd(&reader);
        let pipe = Descriptor::new(number);
        assert!(pipe.open().is_ok());
        let closed = Descriptor { number, found: Some(Identity { device: 0, inode: 0 }) };
        assert!(closed.open().expect_err("another").to_string().contains("something else"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn how_a_descriptor_was_opened() {
        let has_written = |info: &str| writer(3, info).map(|writer| writer.has_written);
        assert_eq!(has_written("pos:\t0\nflags:\t0100000\nmnt_id:\t1\n"), None, "for reading");
        assert_eq!(has_written("pos:\t0\nflags:\t0100002\n"), Some(false));
        assert_eq!(has_written("pos:\t9\nflags:\t0100001\n"), Some(true));
        assert_eq!(has_written("pos:\t0\nflags:\t0102001\n"), Some(true), "for appending");
        assert_eq!(has_written("what is this"), None);
    }
}
