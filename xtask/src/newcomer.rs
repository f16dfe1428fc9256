//! `cargo xtask newcomer`: adds an instrument to a copy of the repository, as a newcomer would, and looks for it everywhere.
//!
//! The patch `xtask/newcomer/barriers.patch` holds what is written by hand; it may touch [`MOST_FILES`] files. Everything else follows
//! from the table of instruments or from the declared columns.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use crate::{Result, root};

/// The most files that a new instrument may touch.
const MOST_FILES: usize = 5;

const PATCH: &str = "xtask/newcomer/barriers.patch";
const PROGRAM: &str = "xtask/newcomer/program.rs";

/// Adds the instrument and checks that it is there.
pub fn check() -> Result {
    let touched = fs::read_to_string(root().join(PATCH)).map_err(|error| format!("{PATCH}: {error}"))?;
    let touched = touched.lines().filter(|line| line.starts_with("diff ")).count();
    if touched > MOST_FILES {
        return Err(format!("a new instrument touches {touched} files, more than {MOST_FILES}"));
    }
    let copy = Copy::new()?;
    copy.run("git", &["apply", PATCH])?;
    copy.cargo(&["xtask", "gen"])?;
    copy.cargo(&["xtask", "schema"])?;
    copy.cargo(&["run", "--quiet", "--package", "xtask-pages", "--", "write"])?;
    let example = copy.folder.join("crates/hotpath/examples");
    fs::create_dir_all(&example)
        .and_then(|()| fs::copy(root().join(PROGRAM), example.join("newcomer.rs")))
        .map_err(|error| format!("{PROGRAM}: {error}"))?;
    let program =
        ["run", "--quiet", "--package", "hotpath", "--features", "hotpath", "--example", "newcomer"];
    // JSON, and the row limit as a parameter of `#[hotpath::main]`.
    has("the report", &copy.cargo(&program)?, &["\"barriers\":", "\"label\":\"start\"", "\"passed\":12"])?;
    has(
        "the section's page",
        &copy.read("docs/book/src/reference/sections/barriers.md")?,
        &["Waits that ended"],
    )?;
    has("the summary of the book", &copy.read("docs/book/src/SUMMARY.md")?, &["sections/barriers.md"])?;
    let settings = ["HOTPATH_BARRIERS_LIMIT", "HOTPATH_BARRIERS_TIME_SAMPLING_RATE"];
    has("the page of settings", &copy.read("docs/book/src/reference/settings.md")?, &settings)?;
    has("the schema", &copy.read("schema/report.json")?, &["Waits that ended"])?;
    // Tools of agents and routes are made for every section; the console needs a page for each.
    copy.cargo(&[
        "test",
        "--quiet",
        "--package",
        "hotpath-cli",
        "--lib",
        "every_table_of_every_section_has_a_page",
    ])?;
    println!("a new instrument touches {touched} files");
    Ok(())
}

fn has(place: &str, text: &str, parts: &[&str]) -> Result {
    match parts.iter().find(|part| !text.contains(**part)) {
        Some(missing) => Err(format!("{place} has no {missing}")),
        None => Ok(()),
    }
}

/// A copy of the repository's files.
struct Copy {
    folder: PathBuf,
}

impl Copy {
    fn new() -> Result<Self> {
        let folder = root().join("target/newcomer/repository");
        let copy = || -> std::io::Result<()> {
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir_all(&folder)?;
            copy_files(&root(), &folder)
        };
        copy().map_err(|error| format!("{}: {error}", folder.display()))?;
        Ok(Self { folder })
    }

    /// Runs a command in the copy, and returns its standard output.
    fn run(&self, program: &str, words: &[&str]) -> Result<String> {
        let mut command = Command::new(program);
        command.args(words).current_dir(&self.folder);
        // It stands inside of another repository, which is not meant.
        command.env("GIT_CEILING_DIRECTORIES", self.folder.parent().unwrap_or(&self.folder));
        command.env("CARGO_TARGET_DIR", root().join("target/newcomer/target"));
        let Output { status, stdout, stderr } =
            command.output().map_err(|error| format!("{program}: {error}"))?;
        match status.success() {
            true => Ok(String::from_utf8_lossy(&stdout).into_owned()),
            false => Err(format!("{program} {}: {}", words.join(" "), String::from_utf8_lossy(&stderr))),
        }
    }

    fn cargo(&self, words: &[&str]) -> Result<String> {
        eprintln!("── in the copy: cargo {}", words.join(" "));
        self.run("cargo", words)
    }

    fn read(&self, file: &str) -> Result<String> {
        fs::read_to_string(self.folder.join(file)).map_err(|error| format!("{file}: {error}"))
    }
}

fn copy_files(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let is_left_out =
            ["target", ".git", "node_modules"].iter().any(|name| entry.file_name().as_os_str() == *name);
        match entry.file_type()? {
            _ if is_left_out => {}
            kind if kind.is_dir() => {
                fs::create_dir(&target)?;
                copy_files(&source, &target)?;
            }
            kind if kind.is_file() => drop(fs::copy(&source, &target)?),
            _ => {}
        }
    }
    Ok(())
}
