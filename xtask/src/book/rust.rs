//! Compiles every Rust block of the documents against `hotpath` with all instruments.
//!
//! Each block becomes a program of one generated package. Its lines keep their numbers, so an error of the compiler names the line
//! of the document.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value as Json;

use super::{
    Problem, Result,
    document::{Block, Document},
    target_folder, write,
};

/// The package of the blocks: what programs of the documents may use.
const MANIFEST: &str = r#"[package]
name = "blocks"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[features]
default = ["hotpath"]
hotpath = []

[dependencies]
hotpath = { path = "{root}/crates/hotpath", features = [
    "hotpath-alloc", "hotpath-cpu", "hotpath-mcp", "threads", "json", "tokio", "futures", "crossbeam", "flume", "async-channel",
    "parking_lot", "parking_lot-0_13", "async-lock",
] }
async-channel = "2"
async-lock = "3"
crossbeam-channel = "0.5"
flume = "0.12"
futures = "0.3"
parking_lot = "0.12"
serde = { version = "1", features = ["derive"] }
serde_json = "1"
tokio = { version = "1", features = ["io-util", "macros", "net", "rt-multi-thread", "sync", "time"] }

[lints.rust]
unexpected_cfgs = { level = "allow", priority = -1 }

[profile.dev]
debug = "line-tables-only"

[profile.dev.package."*"]
debug = false
"#;

/// A block as a file of the package.
struct Source {
    /// Name of the target, and of the file.
    name: String,
    document: String,
    line: usize,
    text: String,
    is_test: bool,
}

/// Compiles the Rust blocks of all documents; returns the compiler's errors.
pub fn check(root: &Path, documents: &BTreeMap<String, Document>) -> Result<Vec<Problem>> {
    let sources: Vec<Source> = documents.values().flat_map(sources).collect();
    eprintln!("── {} Rust blocks", sources.len());
    if sources.is_empty() {
        return Ok(Vec::new());
    }
    let target = target_folder(root);
    let package = target.join("book/blocks");
    write(&package.join("Cargo.toml"), &MANIFEST.replace("{root}", &root.display().to_string()))?;
    let lock = super::read(&root.join("Cargo.lock"))?;
    std::fs::write(package.join("Cargo.lock"), lock).map_err(|error| format!("Cargo.lock: {error}"))?;
    place(&package, &sources)?;
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["check", "--offline", "--quiet", "--keep-going", "--message-format=json", "--bins"]);
    if sources.iter().any(|source| source.is_test) {
        cargo.args(["--test", "*"]);
    }
    cargo.current_dir(&package).env("CARGO_TARGET_DIR", &target).stderr(Stdio::inherit());
    let output = cargo.output().map_err(|error| format!("cannot start cargo: {error}"))?;
    let problems = problems(&sources, &String::from_utf8_lossy(&output.stdout));
    if problems.is_empty() && !output.status.success() {
        return Err(format!("cargo check of {} ended with {}", package.display(), output.status));
    }
    Ok(problems)
}

/// Writes the sources, and removes those of blocks that are gone.
fn place(package: &Path, sources: &[Source]) -> Result {
    for (folder, is_test) in [("src/bin", false), ("tests", true)] {
        let folder = package.join(folder);
        let mut current = HashSet::new();
        for source in sources.iter().filter(|source| source.is_test == is_test) {
            let file = format!("{}.rs", source.name);
            write(&folder.join(&file), &source.text)?;
            current.insert(file);
        }
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if !entry.file_name().to_str().is_some_and(|name| current.contains(name)) {
                std::fs::remove_file(entry.path())
                    .map_err(|error| format!("{}: {error}", entry.path().display()))?;
            }
        }
    }
    Ok(())
}

fn sources(document: &Document) -> impl Iterator<Item = Source> {
    let rust = document.blocks.iter().filter(|block| block.language() == "rust");
    rust.map(|block| {
        let stem = document.path.trim_end_matches(".md");
        let stem: String = stem.chars().map(|c| if c.is_alphanumeric() { c } else { '_' }).collect();
        Source {
            name: format!("{}_{}", stem.to_lowercase(), block.line),
            document: document.path.clone(),
            line: block.line,
            is_test: is_test(&block.text),
            text: program(block),
        }
    })
}

/// Whether the block holds tests, which only a test target compiles.
fn is_test(text: &str) -> bool {
    text.contains("#[test]") || text.contains("::test]")
}

/// The block as a whole program, each line with the number that it has in the document.
fn program(block: &Block) -> String {
    let lines: Vec<&str> = block.text.lines().map(unhidden).collect();
    let (inner, mut lines): (Vec<&str>, Vec<&str>) = lines.iter().map(|&line| split_inner(line)).unzip();
    let is_whole = is_test(&block.text) || lines.iter().any(|line| line.contains("fn main("));
    // As rustdoc has it: a block that ends so returns a `Result`.
    let is_fallible = lines.iter().any(|line| line.trim_start().starts_with("Ok::<("));
    let (begin, end) = match (is_whole, is_fallible) {
        (true, _) => ("", ""),
        (false, true) => (
            "fn main() { fn inner() -> ::core::result::Result<(), impl ::core::fmt::Debug> {",
            "} inner().unwrap() }",
        ),
        (false, false) => ("fn main() {", "}"),
    };
    let first = format!("#![allow(unused)] {} {begin}", inner.concat());
    lines.insert(0, &first);
    lines.push(end);
    "\n".repeat(block.line - 1) + &lines.join("\n") + "\n"
}

/// The line without the mark of rustdoc that hides it.
fn unhidden(line: &str) -> &str {
    let trimmed = line.trim_start();
    match trimmed.strip_prefix('#') {
        Some("") => "",
        Some(rest) if rest.starts_with(' ') => &rest[1..],
        Some(rest) if rest.starts_with("# ") => rest,
        _ => line,
    }
}

/// Inner attributes go to the top of the file; the rest stays.
fn split_inner(line: &str) -> (&str, &str) {
    if line.trim_start().starts_with("#![") { (line, "") } else { ("", line) }
}

/// The errors in cargo's messages, one line of JSON each.
fn problems(sources: &[Source], messages: &str) -> Vec<Problem> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let problem = |message: Json| {
        let source = sources.iter().find(|source| message["target"]["name"] == source.name.as_str())?;
        error(source, &message["message"])
    };
    messages.filter_map(problem).collect()
}

/// A diagnostic of the compiler, if it is an error.
fn error(source: &Source, diagnostic: &Json) -> Option<Problem> {
    let spans = diagnostic["spans"].as_array().filter(|spans| !spans.is_empty())?;
    if diagnostic["level"] != "error" {
        return None;
    }
    let file = format!("{}.rs", source.name);
    let is_here = |span: &&Json| {
        span["is_primary"] == true && span["file_name"].as_str().is_some_and(|name| name.ends_with(&file))
    };
    let line = spans.iter().find(is_here).and_then(|span| span["line_start"].as_u64());
    let line = line.map_or(source.line, |line| line as usize);
    let text = diagnostic["rendered"].as_str().unwrap_or_default().trim_end().to_owned();
    Some(Problem { path: source.document.clone(), line, text })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::document;

    fn only_source(text: &str) -> Source {
        let document = document::parse("docs/a-b.md", text.to_owned());
        let mut sources = sources(&document);
        let (first, more) = (sources.next(), sources.next());
        assert!(more.is_none());
        first.expect("a block")
    }

    #[test]
    fn a_block_keeps_its_lines_and_shows_what_it_hides() {
        let source =
            only_source("# A\n\n```rust\n# use std::fmt;\n#![forbid(unsafe_code)]\n#\nlet a = 1;\n```\n");
        assert_eq!(source.name, "docs_a_b_3");
        let lines: Vec<&str> = source.text.lines().collect();
        assert_eq!(
            lines,
            [
                "",
                "",
                "#![allow(unused)] #![forbid(unsafe_code)] fn main() {",
                "use std::fmt;",
                "",
                "",
                "let a = 1;",
                "}",
            ]
        );
    }

    #[test]
    fn whole_programs_and_tests_are_not_wrapped() {
        assert!(!only_source("```rust\n#[a]\nfn main() {}\n```\n").text.contains("fn main() {\n"));
        let test = only_source("```rust\n#[test]\nfn t() {}\n```\n");
        assert!(test.is_test && !test.text.contains("fn main"));
        assert!(only_source("```rust\nf()?;\n# Ok::<(), E>(())\n```\n").text.contains("inner().unwrap()"));
    }

    #[test]
    fn a_block_that_does_not_compile_is_found_with_its_line() {
        let source = only_source("# A\n\n```rust\nlet a: u32 = 1;\nlet b: u32 = \"text\";\n```\n");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join(format!("{}.rs", source.name));
        std::fs::write(&file, &source.text).expect("written");
        // The compiler alone: cargo would wait for the lock of the build that runs this test.
        let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
        let mut rustc = Command::new(rustc);
        rustc.args(["--edition=2024", "--emit=metadata", "--error-format=json", "--out-dir"]);
        let output = rustc.arg(folder.path()).arg(&file).output().expect("a compiler");
        let diagnostics = String::from_utf8(output.stderr).expect("text");
        let messages: Vec<String> = diagnostics
            .lines()
            .filter(|line| line.starts_with('{'))
            .map(|line| format!(r#"{{"target": {{"name": "docs_a_b_3"}}, "message": {line}}}"#))
            .collect();
        let found = problems(&[source], &messages.join("\n"));
        let [problem] = found.as_slice() else { panic!("{found:?}\n{diagnostics}") };
        assert_eq!((problem.path.as_str(), problem.line), ("docs/a-b.md", 5));
        assert!(problem.text.contains("mismatched types"), "{problem}");
    }
}
