//! The build of the program: an id of its executable.
//!
//! A report says it, so that who compares reports knows whether both sides ran the same bytes. The linker mostly leaves an id in
//! the file, which is a hash of all of it. Where it does not, the id is made of the file: its inode, size and time. What must
//! stay true: two processes say the same only if they run the same bytes.

use std::{
    fs::{File, Metadata},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    sync::OnceLock,
    time::SystemTime,
};

/// Notes of an executable are a few hundred bytes.
const MOST_NOTES: usize = 64 << 10;

/// The build of this process; `None` if its executable cannot be read.
pub(crate) fn build_id() -> Option<String> {
    // The file that runs does not change; another may take its place.
    static ID: OnceLock<Option<String>> = OnceLock::new();
    ID.get_or_init(|| of(&executable()?)).clone()
}

/// Returns the path of the executable. Linux has it open under this name, also when another file has replaced it.
fn executable() -> Option<PathBuf> {
    let running = Path::new("/proc/self/exe");
    if cfg!(target_os = "linux") && running.exists() {
        return Some(running.to_path_buf());
    }
    std::env::current_exe().ok()
}

fn of(path: &Path) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let linked = in_elf(&mut file).ok().flatten();
    linked.or_else(|| Some(file_id(&file.metadata().ok()?, path)))
}

/// The id that the linker left in an ELF file of this machine's kind.
fn in_elf(file: &mut File) -> io::Result<Option<String>> {
    const CLASS: u8 = if cfg!(target_pointer_width = "64") { 2 } else { 1 };
    const NOTE: u32 = 4;
    let mut head = [0; 64];
    file.read_exact(&mut head)?;
    if !head.starts_with(b"\x7fELF") || head[4] != CLASS {
        return Ok(None);
    }
    let layout = Layout::of_this_machine();
    let (from, size, count) = layout.table(&head);
    let mut entry = vec![0; size];
    for index in 0..count {
        file.seek(SeekFrom::Start(from.saturating_add((index * size) as u64)))?;
        file.read_exact(&mut entry)?;
        let (kind, at, length) = layout.segment(&entry);
        if kind != NOTE || length > MOST_NOTES as u64 {
            continue;
        }
        let mut notes = Vec::new();
        file.seek(SeekFrom::Start(at))?;
        file.by_ref().take(length).read_to_end(&mut notes)?;
        if let Some(id) = in_notes(&notes) {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The layout of an ELF file: positions of its numbers; those as wide as a pointer have 4 or 8 bytes.
struct Layout {
    word: usize,
    table_at: usize,
    entry_size: usize,
    entries: usize,
    segment_at: usize,
    segment_size: usize,
}

impl Layout {
    const fn of_this_machine() -> Self {
        if cfg!(target_pointer_width = "64") {
            Self { word: 8, table_at: 32, entry_size: 54, entries: 56, segment_at: 8, segment_size: 32 }
        } else {
            Self { word: 4, table_at: 28, entry_size: 42, entries: 44, segment_at: 4, segment_size: 16 }
        }
    }

    /// Returns the start of the table of segments, the size of an entry, and their number.
    fn table(&self, head: &[u8]) -> (u64, usize, usize) {
        let size = number(head, self.entry_size, 2) as usize;
        (number(head, self.table_at, self.word), size, number(head, self.entries, 2) as usize)
    }

    /// Returns the type of a segment, its start in the file, and its size.
    fn segment(&self, entry: &[u8]) -> (u32, u64, u64) {
        let kind = number(entry, 0, 4) as u32;
        (kind, number(entry, self.segment_at, self.word), number(entry, self.segment_size, self.word))
    }
}

/// The number in `width` bytes at a place; 0 if there is none.
fn number(bytes: &[u8], at: usize, width: usize) -> u64 {
    let Some(part) = bytes.get(at..at + width) else { return 0 };
    let mut whole = [0; 8];
    if cfg!(target_endian = "little") {
        whole[..width].copy_from_slice(part);
    } else {
        whole[8 - width..].copy_from_slice(part);
    }
    u64::from_ne_bytes(whole)
}

/// The note with the build id, among the notes of a file: each is three words (length of the name, of the content, kind), the name
/// and the content, both filled up to whole words.
pub(crate) fn in_notes(mut notes: &[u8]) -> Option<String> {
    const BUILD_ID: u32 = 3;
    loop {
        let (head, rest) = notes.split_at_checked(12)?;
        let word = |at: usize| u32::from_ne_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let (name_len, content_len, kind) = (word(0) as usize, word(4) as usize, word(8));
        let (name, rest) = rest.split_at_checked(name_len.next_multiple_of(4))?;
        let (content, rest) = rest.split_at_checked(content_len.next_multiple_of(4))?;
        if kind == BUILD_ID && name.starts_with(b"GNU\0") {
            return Some(content[..content_len].iter().map(|byte| format!("{byte:02x}")).collect());
        }
        notes = rest;
    }
}

/// Returns an id that differs from that of other files, and of the same file before it was rewritten.
fn file_id(file: &Metadata, path: &Path) -> String {
    let time = file.modified().ok().and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    let nanos = time.unwrap_or_default().as_nanos();
    format!("file:{}:{:x}:{nanos:x}", place(file, path), file.len())
}

/// The number of a file on its disk: it may have several names.
#[cfg(unix)]
fn place(file: &Metadata, _: &Path) -> String {
    use std::os::unix::fs::MetadataExt;
    format!("{:x}:{:x}", file.dev(), file.ino())
}

#[cfg(not(unix))]
fn place(_: &Metadata, path: &Path) -> String {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_id_is_found_among_other_notes() {
        let note = |name: &[u8], content: &[u8], kind: u32| {
            let mut note = Vec::new();
            for word in [name.len() as u32, content.len() as u32, kind] {
                note.extend(word.to_ne_bytes());
            }
            note.extend(name);
            note.resize(note.len().next_multiple_of(4), 0);
            note.extend(content);
            note.resize(note.len().next_multiple_of(4), 0);
            note
        };
        let notes =
            [note(b"XY\0", &[1; 5], 3), note(b"GNU\0", &[9], 1), note(b"GNU\0", &[0xab, 0x01, 0xff], 3)];
        assert_eq!(in_notes(&notes.concat()).as_deref(), Some("ab01ff"));
        assert_eq!(in_notes(&notes[..2].concat()), None);
        assert_eq!(in_notes(&[255; 40]), None, "lengths that are too long");
    }

    /// A folder for one test.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("hotpath-build-id-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        folder
    }

    #[test]
    fn the_build_id_of_this_process_is_that_of_its_file() {
        let own = build_id().expect("an id");
        assert_eq!(build_id().as_ref(), Some(&own));
        assert_eq!(of(&std::env::current_exe().expect("a path")), Some(own.clone()));
        // A linker's id goes with the bytes, whatever the file is called.
        let folder = folder("copy");
        let copy = folder.join("copy");
        std::fs::copy(std::env::current_exe().expect("a path"), &copy).expect("a copy");
        assert_eq!(of(&copy).as_ref() == Some(&own), !own.starts_with("file:"), "{own}");
        std::fs::remove_dir_all(folder).expect("it is there");
    }

    #[test]
    fn a_file_without_a_build_id_has_one_of_its_inode_size_and_time() {
        let folder = folder("plain");
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).expect("a file");
            of(&path).expect("an id")
        };
        let first = write("a", "#!/bin/sh");
        assert!(first.starts_with("file:"), "{first}");
        assert_eq!(of(&folder.join("a")), Some(first.clone()));
        assert_ne!(write("b", "#!/bin/sh"), first, "another file");
        assert_ne!(write("a", "#!/bin/sh -e"), first, "written anew");
        // Something that begins like a program and is none.
        for cut in [b"\x7fELF\x02".to_vec(), [b"\x7fELF\x02\x01".as_slice(), &[0xff; 58]].concat()] {
            std::fs::write(folder.join("c"), cut).expect("a file");
            assert!(of(&folder.join("c")).expect("an id").starts_with("file:"));
        }
        assert_eq!(of(&folder.join("none")), None);
        std::fs::remove_dir_all(folder).expect("it is there");
    }
}
