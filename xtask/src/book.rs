//! `cargo xtask book`: renews the reference pages that follow from declarations, checks every document, and runs what they show.
//!
//! | words | effect |
//! |---|---|
//! | `book` | writes the generated pages, then checks the documents |
//! | `book --check` | fails if a generated page is stale, then checks the documents |
//! | `book --run` | compiles every Rust block, and runs every shell block whose fence says `sh run` |
//! | `book --html` | builds the book into `target/book/html`, with an installed mdBook |
//!
//! | module | content |
//! |---|---|
//! | `document` | a Markdown file as links, anchors and code blocks |
//! | `check` | rules that every document keeps: links, sizes, fences, the summary |
//! | `rust`, `shell` | the code blocks that are compiled, and those that are run |
//! | `html` | the book as web pages |
//!
//! The generated pages are those of the package `xtask-pages`.

mod check;
mod document;
mod html;
mod rust;
mod shell;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use xtask::{Result, read, root, write};

/// A mistake in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    /// Path from the root of the repository.
    path: String,
    /// Line, from 1.
    line: usize,
    /// Description, with what to do about it.
    text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.text)
    }
}

/// Runs `cargo xtask book` with these further words.
pub fn run(words: &[&str]) -> Result {
    let root = root();
    match words {
        [] => {
            crate::pages("write")?;
            report(check::repository(&root)?)
        }
        ["--check"] => check(),
        ["--run"] => {
            let documents = document::all(&root)?;
            report(rust::check(&root, &documents)?)?;
            report(shell::run(&root, &documents)?)
        }
        ["--html"] => html::build(&root),
        _ => Err("usage: cargo xtask book [--check | --run | --html]".to_owned()),
    }
}

/// Fails if a generated page is stale or a document breaks a rule.
pub fn check() -> Result {
    crate::pages("check")?;
    report(check::repository(&root())?)
}

/// Prints the problems, a line each; an error if there are any.
fn report(problems: Vec<Problem>) -> Result {
    for problem in &problems {
        eprintln!("{problem}");
    }
    match problems.len() {
        0 => Ok(()),
        1 => Err("1 problem in the documents".to_owned()),
        count => Err(format!("{count} problems in the documents")),
    }
}

/// Cargo's target folder.
fn target_folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}
