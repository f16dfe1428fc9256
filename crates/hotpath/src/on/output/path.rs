//! A path for a report: what of it is known when the session begins, and what when the report is made.

use std::path::{Path, PathBuf};

/// A path as the user gave it. `%p` and `{pid}` stand for the number of the process that reports, which may be a fork of the one
/// that began the session; `%%` is a `%`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportPath {
    /// The base of a relative path: the folder in which the session started, wherever the program goes from there. `None` for
    /// an absolute path, and where that folder was gone already.
    base: Option<PathBuf>,
    given: PathBuf,
}

impl ReportPath {
    pub(crate) fn new(given: PathBuf) -> Self {
        let base = if given.is_relative() { std::env::current_dir().ok() } else { None };
        Self { base, given }
    }

    /// The folder that a relative path is relative to.
    pub(crate) fn base(&self) -> Option<&Path> {
        self.base.as_deref()
    }

    /// The whole path, in this process.
    pub(crate) fn whole(&self, process: u32) -> PathBuf {
        let given = filled(&self.given, process);
        match &self.base {
            Some(base) => base.join(given),
            None => given,
        }
    }
}

#[cfg(unix)]
fn filled(path: &Path, process: u32) -> PathBuf {
    use std::{
        ffi::OsString,
        os::unix::ffi::{OsStrExt, OsStringExt},
    };
    OsString::from_vec(filled_in(path.as_os_str().as_bytes(), process)).into()
}

#[cfg(not(unix))]
fn filled(path: &Path, process: u32) -> PathBuf {
    let text = path.to_str().map(|text| filled_in(text.as_bytes(), process));
    text.and_then(|text| String::from_utf8(text).ok()).map_or_else(|| path.to_owned(), PathBuf::from)
}

fn filled_in(mut rest: &[u8], process: u32) -> Vec<u8> {
    const NUMBER: [&[u8]; 2] = [b"%p", b"{pid}"];
    let mut path = Vec::new();
    while let Some((&first, others)) = rest.split_first() {
        if let Some(after) = NUMBER.iter().find_map(|name| rest.strip_prefix(*name)) {
            path.extend_from_slice(process.to_string().as_bytes());
            rest = after;
        } else {
            path.push(first);
            rest = rest.strip_prefix(b"%%").unwrap_or(others);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_the_process() {
        for (given, wanted) in [
            ("/r-%p.json", "/r-77.json"),
            ("/{pid}/%p", "/77/77"),
            ("/100%%p", "/100%p"),
            ("/%%%p%%", "/%77%"),
            ("/50%", "/50%"),
            ("/%q{X}{pid", "/%q{X}{pid"),
        ] {
            assert_eq!(ReportPath::new(given.into()).whole(77), Path::new(wanted), "{given}");
        }
    }

    #[test]
    fn only_placeholders_are_filled_in() {
        let path = ReportPath { base: Some("/100%p/{pid}".into()), given: "%p".into() };
        assert_eq!(path.whole(7), Path::new("/100%p/{pid}/7"));
    }

    #[test]
    fn a_relative_path_is_that_of_the_beginning() {
        let here = std::env::current_dir().expect("a folder");
        assert_eq!(ReportPath::new("a/./b".into()).whole(1), here.join("a/./b"));
    }

    #[cfg(unix)]
    #[test]
    fn bytes_that_are_no_text_stay() {
        use std::os::unix::ffi::OsStrExt;
        let given = std::ffi::OsStr::from_bytes(b"/a\xff%p");
        let whole = ReportPath::new(given.into()).whole(7);
        assert_eq!(whole.as_os_str().as_bytes(), b"/a\xff7");
    }
}
