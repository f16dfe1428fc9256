//! The generated pages of the book's reference: each follows from a declaration in the code.

use std::{collections::BTreeSet, path::Path};

use hotpath_cli::EXIT_STATUSES;

pub use hotpath::private::SETTINGS;

use xtask::{Result, read, write};

use crate::{schema, sections};

/// The sources of the book.
const BOOK: &str = "docs/book/src";

/// The book's table of contents; the entries of sections in it are generated too.
const SUMMARY: &str = "docs/book/src/SUMMARY.md";

/// A generated page.
#[derive(Debug)]
pub struct Page {
    /// Path below `reference` in the book.
    path: String,
    text: String,
}

impl Page {
    /// A page with this heading, made from `declaration`.
    pub fn new(path: &str, declaration: &str, heading: &str, body: &str) -> Self {
        let text = format!(
            "<!-- Generated from {declaration} by `cargo xtask book`. Do not edit. -->\n\n# {heading}\n\n{}\n",
            body.trim_end()
        );
        Self { path: path.to_owned(), text }
    }

    fn file(&self) -> String {
        format!("{BOOK}/reference/{}", self.path)
    }
}

/// Writes every page, and removes those whose section is gone.
pub fn write_all(root: &Path) -> Result {
    let pages = all(root)?;
    for page in &pages {
        write(&root.join(page.file()), &page.text)?;
    }
    if let Ok(text) = read(&root.join(SUMMARY)) {
        write(&root.join(SUMMARY), &with_sections(&text))?;
    }
    for file in leftovers(root, &pages) {
        std::fs::remove_file(root.join(&file)).map_err(|error| format!("{file}: {error}"))?;
    }
    Ok(())
}

/// A line for each page that differs from its declaration.
pub fn stale(root: &Path) -> Result<Vec<String>> {
    let pages = all(root)?;
    let problem = |path: String, text: &str| format!("{path}: {text}");
    let is_stale = |page: &&Page| !read(&root.join(page.file())).is_ok_and(|text| text == page.text);
    let mut problems: Vec<String> = pages
        .iter()
        .filter(is_stale)
        .map(|page| problem(page.file(), "stale; `cargo xtask book` renews it"))
        .collect();
    let gone = "no section has this page; `cargo xtask book` removes it";
    problems.extend(leftovers(root, &pages).into_iter().map(|file| problem(file, gone)));
    if read(&root.join(SUMMARY)).is_ok_and(|text| with_sections(&text) != text) {
        problems.push(problem(SUMMARY.to_owned(), "the sections are stale; `cargo xtask book` renews them"));
    }
    Ok(problems)
}

/// The summary with an entry for each section below that of their index.
fn with_sections(summary: &str) -> String {
    let mut renewed = String::new();
    for line in summary.lines() {
        if line.contains("(reference/sections/index.md)") {
            renewed.push_str(&format!("{line}\n"));
            for name in sections::names() {
                renewed.push_str(&format!("  - [`{name}`](reference/sections/{name}.md)\n"));
            }
        } else if !line.contains("(reference/sections/") {
            renewed.push_str(&format!("{line}\n"));
        }
    }
    renewed
}

fn all(root: &Path) -> Result<Vec<Page>> {
    let mut pages = vec![settings(), exit_codes(), schema::page(root)?];
    pages.extend(sections::pages());
    Ok(pages)
}

/// Pages of sections that no longer exist.
fn leftovers(root: &Path, pages: &[Page]) -> Vec<String> {
    let folder = format!("{BOOK}/reference/sections");
    let current: BTreeSet<String> = pages.iter().map(Page::file).collect();
    let Ok(entries) = std::fs::read_dir(root.join(&folder)) else { return Vec::new() };
    let files = entries.flatten().map(|entry| format!("{folder}/{}", entry.file_name().display()));
    files.filter(|file| file.ends_with(".md") && !current.contains(file)).collect()
}

fn settings() -> Page {
    let mut body = String::from(
        "Environment variables of a profiled program. They are read once, when a session begins, and override what the program sets \
         in code. An invalid value is reported in one line on standard error and the default is used; a misspelt `HOTPATH_` name is \
         reported with the nearest known one.\n\n",
    );
    let rows = SETTINGS
        .iter()
        .map(|setting| [format!("`{}`", setting.name), cell(setting.default), cell(setting.meaning)]);
    table(&mut body, ["Variable", "Default", "Meaning"], rows);
    Page::new("settings.md", "the settings table of `crates/hotpath`", "Settings", &body)
}

fn exit_codes() -> Page {
    let mut body = String::from(
        "Exit statuses of the commands `hotpath` and `hotpath-utils`. A profiled program keeps its own exit status.\n\n",
    );
    let rows = EXIT_STATUSES
        .iter()
        .map(|status| [status.code.to_string(), format!("`{}`", status.name), cell(status.meaning)]);
    table(&mut body, ["Status", "Name", "Meaning"], rows);
    Page::new("exit-codes.md", "`EXIT_STATUSES` of `crates/hotpath-cli`", "Exit codes", &body)
}

/// Appends a table, with an empty line after it.
pub fn table<const N: usize>(
    body: &mut String,
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) {
    let mut line = |cells: &[&str]| {
        body.push_str(&format!("| {} |\n", cells.join(" | ")));
    };
    line(&header);
    line(&[":--"; N]);
    rows.into_iter().for_each(|row| line(&row.each_ref().map(String::as_str)));
    body.push('\n');
}

/// Text of a declaration as the content of a table's cell.
pub fn cell(text: &str) -> String {
    let mut is_code = false;
    let mut cell = String::new();
    for c in text.chars() {
        is_code ^= c == '`';
        match c {
            '|' => cell.push_str("\\|"),
            '<' if !is_code => cell.push_str("&lt;"),
            '[' if !is_code => cell.push_str("\\["),
            '\n' => cell.push(' '),
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_page_is_found_and_renewed() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        write(&root.join("schema/comparison.json"), r#"{"description": "Compared.", "properties": {}}"#)
            .expect("a schema");
        let missing = stale(root).expect("pages").len();
        assert_eq!(missing, all(root).expect("pages").len());
        write_all(root).expect("written");
        assert_eq!(stale(root), Ok(Vec::new()));
        let edited = format!("{BOOK}/reference/settings.md");
        write(&root.join(&edited), "# Settings\n").expect("edited");
        let gone = format!("{BOOK}/reference/sections/punch_cards.md");
        write(&root.join(&gone), "# Punch cards\n").expect("made");
        let problems = stale(root).expect("pages");
        let paths: Vec<&str> = problems.iter().filter_map(|problem| problem.split(": ").next()).collect();
        assert_eq!(paths, [&edited, &gone]);
        write_all(root).expect("written");
        assert_eq!(stale(root), Ok(Vec::new()));
    }

    #[test]
    fn the_summary_gets_the_sections() {
        let summary = "- [Sections](reference/sections/index.md)\n  - [Gone](reference/sections/gone.md)\n- [JSON](reference/json.md)\n";
        let renewed = with_sections(summary);
        let lines: Vec<&str> = renewed.lines().collect();
        assert_eq!(lines[1], "  - [`functions_timing`](reference/sections/functions_timing.md)");
        assert_eq!(lines.len(), 2 + sections::names().len());
        assert_eq!(with_sections(&renewed), renewed);
    }

    #[test]
    fn cells_keep_a_table_whole() {
        assert_eq!(cell("a | b <c> `<d>` [e]\nf"), "a \\| b &lt;c> `<d>` \\[e] f");
    }
}
