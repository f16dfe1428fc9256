//! The command line.

use std::{ffi::OsString, path::PathBuf};

pub const USAGE: &str = "usage: codestat [DIRECTORY] [--out FILE]

Reads every .rs file below DIRECTORY (default: the current one), writes the result to FILE
(default: target/codestat.json) and a summary per directory beside it.";

/// What the user asked for.
#[derive(Debug)]
pub struct Options {
    pub root: PathBuf,
    pub out: PathBuf,
}

impl Options {
    /// Reads the arguments after the program's name; `None` when help was asked for.
    pub fn parse(mut args: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        let (mut root, mut out) = (None, None);
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--out") => out = Some(args.next().ok_or("--out needs a file")?),
                Some(flag) if flag.starts_with('-') => return Err(format!("unknown option {flag}\n{USAGE}")),
                _ if root.is_some() => return Err(format!("more than one directory\n{USAGE}")),
                _ => root = Some(arg),
            }
        }
        Ok(Some(Self {
            root: root.unwrap_or_else(|| ".".into()).into(),
            out: out.unwrap_or_else(|| "target/codestat.json".into()).into(),
        }))
    }

    /// The directory beside the result that takes the summaries.
    pub fn summaries(&self) -> PathBuf {
        let mut path = self.out.clone().into_os_string();
        path.push(".d");
        path.into()
    }
}
