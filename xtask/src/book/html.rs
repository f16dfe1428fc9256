//! Builds the book with mdBook, from a copy in which links to files outside of the book lead to the repository's web page.

use std::{path::Path, process::Command};

use super::{
    Result,
    check::{is_address, resolve},
    document::{self, BOOK, Document},
    read, target_folder, write,
};

/// Builds the book into `target/book/html`.
pub fn build(root: &Path) -> Result {
    let target = target_folder(root).join("book");
    let (source, html) = (target.join("source"), target.join("html"));
    if source.exists() {
        std::fs::remove_dir_all(&source).map_err(|error| format!("{}: {error}", source.display()))?;
    }
    write(&source.join("book.toml"), &read(&root.join("docs/book/book.toml"))?)?;
    copy(&root.join(BOOK), &source.join("src"))?;
    for (path, document) in document::all(root)?.iter().filter(|(path, _)| path.starts_with(BOOK)) {
        let page = path.trim_start_matches(BOOK).trim_start_matches('/');
        write(&source.join("src").join(page), &with_web_links(document))?;
    }
    match Command::new("mdbook").arg("build").arg(&source).arg("--dest-dir").arg(&html).status() {
        Ok(status) if status.success() => {
            eprintln!("the book is at {}", html.join("index.html").display());
            Ok(())
        }
        Ok(status) => Err(format!("mdbook ended with {status}")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err("mdbook is not installed; `cargo install mdbook` installs it".to_owned())
        }
        Err(error) => Err(format!("cannot start mdbook: {error}")),
    }
}

fn copy(from: &Path, to: &Path) -> Result {
    let failed = |error: std::io::Error| format!("cannot copy {}: {error}", from.display());
    std::fs::create_dir_all(to).map_err(failed)?;
    for entry in std::fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target).map_err(failed)?;
        }
    }
    Ok(())
}

/// The text of a page, with links to files outside of the book as addresses.
fn with_web_links(document: &Document) -> String {
    let mut text = document.text.clone();
    for target in document.links.iter().filter_map(|link| link.target.as_deref()) {
        let (path, anchor) = target.split_at(target.find('#').unwrap_or(target.len()));
        let Some(path) = resolve(&document.path, path).filter(|path| !path.starts_with(BOOK)) else {
            continue;
        };
        if !is_address(target) {
            let address = format!("]({}/blob/HEAD/{path}{anchor})", env!("CARGO_PKG_REPOSITORY"));
            text = text.replace(&format!("]({target})"), &address);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_that_leave_the_book_become_addresses() {
        let text =
            "[a](../live/http.md#b) [c](../../../../bench/README.md#d) [e](https://e.example) [f](#f)\n";
        let page = document::parse(&format!("{BOOK}/guide/cpu.md"), text.to_owned());
        let expected = text.replace(
            "../../../../bench/README.md",
            concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/HEAD/bench/README.md"),
        );
        assert_eq!(with_web_links(&page), expected);
    }
}
