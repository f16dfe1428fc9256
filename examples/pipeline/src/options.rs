//! The command line.

use std::{ffi::OsString, num::NonZeroUsize, path::PathBuf};

pub const USAGE: &str = "usage: pipeline [--workers N] [--out FILE] PATH…

  --workers N   threads that digest (default 1)
  --out FILE    where the result goes (default target/pipeline.txt)";

pub struct Options {
    /// Files, or directories with files.
    pub paths: Vec<PathBuf>,
    pub workers: NonZeroUsize,
    pub out: PathBuf,
}

impl Options {
    /// Reads the arguments after the program's name; `None` when help was asked for.
    pub fn parse(mut arguments: impl Iterator<Item = OsString>) -> Result<Option<Self>, String> {
        let (mut paths, mut workers, mut out) = (Vec::new(), NonZeroUsize::MIN, "target/pipeline.txt".into());
        while let Some(argument) = arguments.next() {
            let mut value =
                || arguments.next().ok_or_else(|| format!("{} needs a value", argument.to_string_lossy()));
            match argument.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--workers") => workers = number(&value()?)?,
                Some("--out") => out = value()?.into(),
                Some(flag) if flag.starts_with('-') => {
                    return Err(format!("unknown option {flag}; see --help"));
                }
                _ => paths.push(argument.into()),
            }
        }
        if paths.is_empty() {
            return Err("no path given; see --help".into());
        }
        Ok(Some(Self { paths, workers, out }))
    }
}

fn number(text: &OsString) -> Result<NonZeroUsize, String> {
    let text = text.to_string_lossy();
    text.parse().map_err(|_| format!("{text} is not a number of workers"))
}
