//! The project's habits as commands.
//!
//! | command | what it does |
//! |---|---|
//! | `cargo xtask check [SECTION]` | the checks of CI in sections, fastest first: style, tests, features, builds, models |
//! | `cargo xtask test --fast` | unit tests and the tests of pure crates: seconds |
//! | `cargo xtask tidy` | counts module cycles and words that the field does not use |
//! | `cargo xtask gen` | writes the lists of the crates from the table of instruments; `--check` only compares |
//! | `cargo xtask schema` | renews `schema/report.json` |
//! | `cargo xtask bootstrap` | renews `scripts/hotpath-rs-bootstrap.sh` |
//! | `cargo xtask book` | renews the generated pages of the book and checks all documents; `--check`, `--run`, `--html` |
//! | `cargo xtask lowest` | builds with the oldest dependencies that are accepted |
//! | `cargo xtask newcomer` | adds an instrument to a copy of the repository by the steps of ARCHITECTURE.md |
//! | `cargo xtask loom` | model-checks the lanes |
//! | `cargo xtask bench` | the table of costs (any further words go to the harness) |

#![forbid(unsafe_code)]

mod book;
mod check;
mod instruments;
mod lists;
mod lowest;
mod newcomer;
mod tidy;

use std::process::{Command, ExitCode};

use xtask::{Result, root};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["check"] => check::run(None),
        ["check", section] => check::run(Some(section)),
        ["test", "--fast"] => check::fast_tests(),
        ["tidy"] => tidy::check(),
        ["gen", words @ ..] => lists::run(words),
        ["newcomer"] => newcomer::check(),
        ["lowest"] => lowest::check(),
        ["loom"] => check::loom(),
        ["schema"] => pages("schema"),
        ["bootstrap"] => pages("bootstrap"),
        ["book", words @ ..] => book::run(words),
        ["bench", more @ ..] => cargo(&[&["run", "--release", "-p", "bench", "--"], more].concat(), &[]),
        _ => Err(
            "usage: cargo xtask check [SECTION] | test --fast | tidy | gen [--check] | schema | bootstrap | book [--check | --run | --html] | lowest | newcomer | loom | bench [OPTIONS]"
                .to_owned(),
        ),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask: {problem}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the package that knows the product, with this word.
fn pages(word: &str) -> Result {
    cargo(&["run", "--quiet", "--package", "xtask-pages", "--", word], &[])
}

/// Runs cargo in the repository, with these environment variables.
fn cargo(words: &[&str], env: &[(&str, &str)]) -> Result {
    eprintln!("── cargo {}", words.join(" "));
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let status = command.args(words).envs(env.iter().copied()).current_dir(root()).status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("cargo {} ended with {status}", words.join(" "))),
        Err(error) => Err(format!("cargo could not be started: {error}")),
    }
}
