//! Runs the program under test.

#![allow(dead_code, reason = "each test file uses a part")]

use std::path::{Path, PathBuf};
use std::process::Command;

pub mod github;

/// The exit status and the output of a command.
#[derive(Debug)]
pub struct Outcome {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// `hotpath` with these words, in this folder.
pub fn hotpath(words: &[&str], folder: &Path) -> Outcome {
    outcome(Command::new(env!("CARGO_BIN_EXE_hotpath")).args(words).current_dir(folder))
}

pub fn outcome(command: &mut Command) -> Outcome {
    let output = command.stdin(std::process::Stdio::null()).output().expect("a program that starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Outcome {
        status: output.status.code().unwrap_or(-1),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the repository")
}
