//! Rules that every document keeps: links lead somewhere, sizes stay small, fences are known, and the summary is complete.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use super::{
    Problem, Result,
    document::{self, BOOK, Block, Document},
};

/// The most that a document may hold: lines, bytes.
const LIMITS: [(&str, usize, usize); 2] =
    [("README.md", 250, 12 * 1024), ("ARCHITECTURE.md", 200, usize::MAX)];

/// Every problem in the documents of the repository.
pub fn repository(root: &Path) -> Result<Vec<Problem>> {
    let documents = document::all(root)?;
    let mut problems = Vec::new();
    for document in documents.values() {
        problems.extend(size(document));
        problems.extend(links(root, document, &documents));
        problems.extend(document.blocks.iter().filter_map(|block| fence(document, block)));
    }
    problems.extend(summary(&documents));
    Ok(problems)
}

fn size(document: &Document) -> Option<Problem> {
    let (path, most_lines, most_bytes) = LIMITS.into_iter().find(|(path, ..)| *path == document.path)?;
    let (lines, bytes) = (document.text.lines().count(), document.text.len());
    let text = if lines > most_lines {
        format!(
            "{lines} lines, and at most {most_lines} are allowed; move the rest to the book or to docs/design"
        )
    } else if bytes > most_bytes {
        format!("{bytes} bytes, and at most {most_bytes} are allowed; move the rest to the book")
    } else {
        return None;
    };
    Some(Problem { path: path.to_owned(), line: lines, text })
}

fn links(root: &Path, document: &Document, documents: &BTreeMap<String, Document>) -> Vec<Problem> {
    let problem = |link: &document::Link| {
        let text = match &link.target {
            None => "the link's reference is not defined".to_owned(),
            Some(target) => broken(root, document, documents, target)?,
        };
        Some(Problem { path: document.path.clone(), line: link.line, text })
    };
    document.links.iter().filter_map(problem).collect()
}

/// The reason why a link leads nowhere.
fn broken(
    root: &Path,
    document: &Document,
    documents: &BTreeMap<String, Document>,
    target: &str,
) -> Option<String> {
    if is_address(target) {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let Some(path) = resolve(&document.path, path) else {
        return Some(format!("`{target}` is outside of the repository, or begins with `/`"));
    };
    if !root.join(&path).exists() {
        return Some(format!("`{target}`: there is no file `{path}`"));
    }
    let linked = documents.get(&path)?;
    let is_missing = !anchor.is_empty() && !linked.anchors.contains(anchor);
    is_missing.then(|| format!("`{target}`: `{path}` has no heading `#{anchor}`"))
}

/// Whether a target has a scheme, as `https:` and `mailto:` are.
pub fn is_address(target: &str) -> bool {
    target.split_once(':').is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
    })
}

/// The path from the root that a relative link in the file `from` leads to.
pub fn resolve(from: &str, link: &str) -> Option<String> {
    if link.is_empty() {
        return Some(from.to_owned());
    }
    if link.starts_with('/') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// What is wrong with a code block before it is compiled or run.
fn fence(document: &Document, block: &Block) -> Option<Problem> {
    let text = match block.language() {
        "rust" => unknown_attribute(block, &["no_run"]).map(|word| {
            format!("`{word}`: every Rust block compiles; write `text` where it is not a program")
        }),
        "sh" => unknown_attribute(block, &["run"]).map(|word| format!("`{word}` is not known; `sh run` is")),
        "json" if block.attributes().eq(["fragment"]) => None,
        "json" => serde_json::from_str::<serde_json::Value>(&block.text)
            .err()
            .map(|error| format!("invalid JSON ({error}); a part of a document is `json,fragment`")),
        "" => Some("a fence names its language, `text` for output".to_owned()),
        _ => None,
    }?;
    Some(Problem { path: document.path.clone(), line: block.line, text })
}

fn unknown_attribute<'a>(block: &'a Block, known: &[&str]) -> Option<&'a str> {
    block.attributes().find(|word| !known.contains(word))
}

/// Pages that the book's summary leaves out, and pages that it names twice.
fn summary(documents: &BTreeMap<String, Document>) -> Vec<Problem> {
    let path = format!("{BOOK}/SUMMARY.md");
    let Some(summary) = documents.get(&path) else { return Vec::new() };
    let mut listed = HashSet::new();
    let mut problems = Vec::new();
    for link in &summary.links {
        let page = link.target.as_deref().unwrap_or_default();
        let text = match resolve(&path, page) {
            Some(page) if page != path && listed.insert(page.clone()) => continue,
            Some(page) if page == path => "an entry without a page".to_owned(),
            _ => format!("`{page}` is listed twice"),
        };
        problems.push(Problem { path: path.clone(), line: link.line, text });
    }
    let pages = documents.keys().filter(|page| page.starts_with(BOOK) && **page != path);
    problems.extend(pages.filter(|page| !listed.contains(*page)).map(|page| Problem {
        path: page.clone(),
        line: 1,
        text: format!("{path} does not list this page"),
    }));
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The problems of a repository with these files.
    fn problems(files: &[(&str, &str)]) -> Vec<String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            xtask::write(&folder.path().join(path), text).expect("a file");
        }
        let problems = repository(folder.path()).expect("documents");
        problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn links_and_anchors_that_resolve_are_no_problem() {
        let files = [
            (
                "README.md",
                "# A\n\n[b](docs/b.md#c-d) [self](#a) [web](https://a.example/#x) [folder](docs) ![p](docs/p.png)\n",
            ),
            ("docs/b.md", "## C d\n\n[a](../README.md#a)\n"),
            ("docs/p.png", ""),
        ];
        assert_eq!(problems(&files), Vec::<String>::new());
    }

    #[test]
    fn a_broken_link_is_found() {
        let files = [
            (
                "README.md",
                "[a](docs/missing.md)\n[b](docs/b.md#nothing)\n[c](../outside.md)\n[d][nowhere]\n[e](#none)\n",
            ),
            ("docs/b.md", "# B\n"),
        ];
        assert_eq!(
            problems(&files),
            [
                "README.md:1: `docs/missing.md`: there is no file `docs/missing.md`",
                "README.md:2: `docs/b.md#nothing`: `docs/b.md` has no heading `#nothing`",
                "README.md:3: `../outside.md` is outside of the repository, or begins with `/`",
                "README.md:5: `#none`: `README.md` has no heading `#none`",
                "README.md:4: the link's reference is not defined",
            ]
        );
    }

    #[test]
    fn a_document_past_its_size_is_found() {
        let long = "a\n".repeat(251);
        let wide = "a".repeat(12 * 1024 + 1);
        assert_eq!(problems(&[("README.md", &long)]).len(), 1);
        assert_eq!(
            problems(&[("README.md", &wide)]),
            ["README.md:1: 12289 bytes, and at most 12288 are allowed; move the rest to the book"]
        );
        assert_eq!(problems(&[("README.md", &long[..500]), ("ARCHITECTURE.md", &long[..400])]).len(), 0);
        assert_eq!(problems(&[("ARCHITECTURE.md", &long)]).len(), 1);
    }

    #[test]
    fn fences_are_checked() {
        let text = "```json\n{\"a\": 1}\n```\n\n```json\n{\n```\n\n```json,fragment\n\"a\": 1\n```\n\n```rust,ignore\n…\n```\n\n```sh runs\n```\n\n```\n```\n";
        let found = problems(&[("docs/a.md", text)]);
        let lines: Vec<&str> = found.iter().filter_map(|line| line.split(": ").next()).collect();
        assert_eq!(lines, ["docs/a.md:5", "docs/a.md:13", "docs/a.md:17", "docs/a.md:20"], "{found:?}");
    }

    #[test]
    fn the_summary_lists_every_page_once() {
        let files = [
            (
                "docs/book/src/SUMMARY.md",
                "# Summary\n\n- [A](a.md)\n- [A again](a.md)\n- [Draft]()\n- [Gone](gone.md)\n",
            ),
            ("docs/book/src/a.md", "# A\n"),
            ("docs/book/src/more/b.md", "# B\n"),
        ];
        assert_eq!(
            problems(&files),
            [
                "docs/book/src/SUMMARY.md:6: `gone.md`: there is no file `docs/book/src/gone.md`",
                "docs/book/src/SUMMARY.md:4: `a.md` is listed twice",
                "docs/book/src/SUMMARY.md:5: an entry without a page",
                "docs/book/src/more/b.md:1: docs/book/src/SUMMARY.md does not list this page",
            ]
        );
    }
}
