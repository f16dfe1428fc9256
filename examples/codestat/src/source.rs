//! One source file, read and taken apart.

use std::{fmt::Display, fs, path::Path};

use crate::{
    lex::{Lexer, Token},
    outline::Outline,
};

/// A file with its tokens, which are spans of `text`.
pub struct Source {
    /// Relative to the root, with `/` between the parts.
    pub path: String,
    pub text: String,
    pub tokens: Vec<Token>,
    pub lines: Lines,
    pub outline: Outline,
}

/// Lines by what stands on them; a line with code and a comment is code.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Lines {
    pub code: usize,
    pub comment: usize,
    pub blank: usize,
}

/// A file or directory that is left out of the result, and why.
pub struct Problem {
    pub path: String,
    pub reason: String,
}

impl Problem {
    pub fn new(path: &Path, reason: impl Display) -> Self {
        Self { path: slashed(path), reason: reason.to_string() }
    }
}

/// Reads and parses one file below `root`.
#[hotpath::measure]
pub fn read(root: &Path, path: &Path) -> Result<Source, Problem> {
    let name = path.strip_prefix(root).unwrap_or(path);
    let bytes = fs::read(path).map_err(|error| Problem::new(name, error))?;
    let text = String::from_utf8(bytes).map_err(|_| Problem::new(name, "not valid UTF-8"))?;
    let (tokens, lines) = Lexer::new(&text).scan();
    let outline = Outline::of(&text, &tokens).map_err(|error| Problem::new(name, error))?;
    Ok(Source { path: slashed(name), text, tokens, lines, outline })
}

/// The same name on every system.
fn slashed(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}
