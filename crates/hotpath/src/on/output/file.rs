//! A report in a regular file: who reads it meanwhile finds the old one or the new one, whole, and an old one is lost only to a new one.
//!
//! The new one is written beside the old one and takes its name. It keeps the permissions and the owner of the old one, and links
//! to it stay links. Where that cannot be, the file is overwritten: it has several names, another owner, or a folder in
//! which nothing can be made, such as a file that was mounted by itself.

use std::{
    fs::{self, File, Metadata},
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use super::write_to;
use crate::imp::os;

/// The most links to links that are followed, as systems do.
const MAX_LINKS: usize = 40;
/// Names that are tried for the file beside.
const TRIES: u32 = 100;

/// Makes `text` what the file holds, and the folders that it is in.
pub(crate) fn replace(path: &Path, text: &[u8]) -> io::Result<()> {
    let target = followed(path)?;
    match fs::metadata(&target) {
        Ok(old) => replace_old(&target, &old, text),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            make_folders(&target)?;
            let beside = Beside::new(&target)?;
            write_to(&beside.file, text)?;
            beside.rename_to(&target)
        }
        Err(error) => Err(error),
    }
}

/// Overwrites a file in place: a reader may find a part of it.
pub(crate) fn overwrite(path: &Path, text: &[u8]) -> io::Result<()> {
    overwrite_open(File::options().write(true).open(path)?, text)
}

fn replace_old(target: &Path, old: &Metadata, text: &[u8]) -> io::Result<()> {
    // A file that may not be written is not replaced either.
    let open = File::options().write(true).open(target)?;
    if has_several_names(old) {
        return overwrite_open(open, text);
    }
    let beside = match Beside::new(target) {
        Ok(beside) => beside,
        Err(error) if is_refused(&error) => return overwrite_open(open, text),
        Err(error) => return Err(error),
    };
    if beside.take_after(old).is_err() {
        return overwrite_open(open, text);
    }
    write_to(&beside.file, text)?;
    match beside.rename_to(target) {
        Err(error) if is_refused(&error) => overwrite_open(open, text),
        renamed => renamed,
    }
}

/// Overwrites an open file. The rest of a longer old file is cut last, when all of the new one is there.
fn overwrite_open(file: File, text: &[u8]) -> io::Result<()> {
    write_to(&file, text)?;
    file.set_len(text.len() as u64)
}

/// Returns the target of a link, which need not exist yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let Ok(to) = fs::read_link(&path) else { return Ok(path) };
        path = path.parent().unwrap_or(Path::new("")).join(to);
    }
    Err(io::Error::other("too many links to links"))
}

fn make_folders(target: &Path) -> io::Result<()> {
    let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let is_missing_home =
        |folder: &&Path| folder.file_name().is_some_and(|name| name == "~") && !folder.exists();
    if folder.ancestors().any(|folder| is_missing_home(&folder)) {
        // Nobody wants a folder of that name, and who removes it removes more.
        return Err(io::Error::new(ErrorKind::NotFound, "no shell replaced the `~`: write out the folder"));
    }
    fs::create_dir_all(folder)
}

/// Returns true if the folder is what does not let us, and the file itself may.
fn is_refused(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::PermissionDenied
            | ErrorKind::ReadOnlyFilesystem
            | ErrorKind::ResourceBusy
            | ErrorKind::CrossesDevices
    )
}

/// A file beside another one, under a name that no other process uses. It goes, unless it is renamed.
struct Beside {
    file: File,
    path: PathBuf,
    is_renamed: bool,
}

impl Beside {
    fn new(target: &Path) -> io::Result<Self> {
        let folder = target.parent().unwrap_or(Path::new(""));
        // Processes in containers have the same numbers.
        let moment = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
        let mut attempt = 0;
        loop {
            let path = folder.join(format!(".hotpath-{}-{moment}-{attempt}.tmp", os::process_id()));
            match File::options().write(true).create_new(true).open(&path) {
                Ok(file) => return Ok(Self { file, path, is_renamed: false }),
                Err(error) if error.kind() == ErrorKind::AlreadyExists && attempt < TRIES => attempt += 1,
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives it the owner and the permissions of `old`.
    fn take_after(&self, old: &Metadata) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let own = self.file.metadata()?;
            if (own.uid(), own.gid()) != (old.uid(), old.gid()) {
                std::os::unix::fs::fchown(&self.file, Some(old.uid()), Some(old.gid()))?;
            }
        }
        self.file.set_permissions(old.permissions())
    }

    fn rename_to(mut self, target: &Path) -> io::Result<()> {
        fs::rename(&self.path, target)?;
        self.is_renamed = true;
        Ok(())
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if !self.is_renamed {
            let _gone_already = fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn has_several_names(file: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.nlink() > 1
}

#[cfg(not(unix))]
fn has_several_names(_: &Metadata) -> bool {
    false
}
