//! Text files to edit, and the Rust sources of a target, found by following its `mod` items.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

use super::attributes;
use crate::file::shown;

/// The files of one root at most; a note says that the rest was skipped.
const MAX_FILES: usize = 5_000;

/// The text of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    /// True if it has Windows line endings.
    pub(super) crlf: bool,
}

/// A parsed source file.
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) before: Text,
    pub(super) syntax: syn::File,
    /// The bytes before the parsed text.
    pub(super) skipped: usize,
}

impl Text {
    /// Reads a file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", shown(path)))?;
        let crlf = text.contains("\r\n");
        Ok(Self { text, crlf })
    }

    /// Returns its line ending.
    pub(super) fn newline(&self) -> &'static str {
        if self.crlf { "\r\n" } else { "\n" }
    }
}

impl SourceFile {
    /// Reads and parses a file.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let before = Text::read(path)?;
        let (code, skipped) = match before.text.strip_prefix('\u{feff}') {
            Some(code) => (code, '\u{feff}'.len_utf8()),
            None => (before.text.as_str(), 0),
        };
        let syntax = syn::parse_file(&without_shebang(code));
        let syntax = syntax.with_context(|| format!("cannot parse {}", shown(path)))?;
        Ok(Self { path: path.to_owned(), before, syntax, skipped })
    }

    /// Returns whether its crate is `no_std`.
    pub(super) fn is_without_std(&self) -> bool {
        self.syntax.attrs.iter().any(|attribute| attribute.path().is_ident("no_std"))
    }

    /// Reads a file and those of its modules, in the order of their `mod` items. Adds a note for each file that cannot be read.
    pub(super) fn follow(root: &Path, notes: &mut Vec<String>) -> Vec<Self> {
        let mut files = Vec::new();
        // Each file with the folder of its modules.
        let mut open = vec![(root.to_owned(), root.parent().unwrap_or(Path::new("")).to_owned())];
        while let Some((path, folder)) = open.pop() {
            if files.len() == MAX_FILES {
                notes.push(format!("more than {MAX_FILES} files: the rest was skipped"));
                break;
            }
            match Self::read(&path) {
                Ok(file) => {
                    let mut below = Vec::new();
                    modules(&file.syntax.items, &path, &folder, &mut below);
                    open.extend(below.into_iter().rev());
                    files.push(file);
                }
                Err(problem) => notes.push(format!("{problem:#}: skipped")),
            }
        }
        files
    }
}

/// Collects the files of the modules among `items`, except for tests.
fn modules(items: &[Item], file: &Path, folder: &Path, found: &mut Vec<(PathBuf, PathBuf)>) {
    let modules = items.iter().filter_map(|item| match item {
        Item::Mod(module) if !attributes::is_for_tests(&module.attrs) => Some(module),
        _ => None,
    });
    for module in modules {
        let name = module.ident.to_string();
        let name = name.strip_prefix("r#").unwrap_or(&name);
        match &module.content {
            Some((_, items)) => modules_inside(module, items, file, &folder.join(name), found),
            None => found.extend(file_of(module, name, file, folder)),
        }
    }
}

fn modules_inside(
    module: &ItemMod,
    items: &[Item],
    file: &Path,
    folder: &Path,
    found: &mut Vec<(PathBuf, PathBuf)>,
) {
    // With `#[path]`, an inline module has another folder; that is too rare to support.
    if path_attribute(module).is_none() {
        modules(items, file, folder, found);
    }
}

/// Returns the file of a module, and the folder of its modules; `None` if there is no such file, for example because of a `cfg`.
fn file_of(module: &ItemMod, name: &str, file: &Path, folder: &Path) -> Option<(PathBuf, PathBuf)> {
    if let Some(path) = path_attribute(module) {
        let path = file.parent()?.join(path);
        let folder = path.parent()?.to_owned();
        return path.is_file().then_some((path, folder));
    }
    let below = folder.join(name);
    let candidates = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
    candidates.into_iter().find(|path| path.is_file()).map(|path| (path, below))
}

fn path_attribute(module: &ItemMod) -> Option<String> {
    module.attrs.iter().find_map(|attribute| match &attribute.meta {
        Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// Blanks out a shebang line, so that positions stay the same.
fn without_shebang(code: &str) -> String {
    let is_shebang = code.starts_with("#!") && !code[2..].trim_start().starts_with('[');
    let length = if is_shebang { code.find('\n').unwrap_or(code.len()) } else { 0 };
    format!("{}{}", " ".repeat(length), &code[length..])
}
