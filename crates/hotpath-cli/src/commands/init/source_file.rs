//! A text file that may be edited, and Rust sources found by following `mod` from the root of a target.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use syn::{Expr, ExprLit, Item, ItemMod, Lit, Meta};

use super::attributes;

/// Files followed from one root; past it the rest is left out, and said.
const MAX_FILES: usize = 5_000;

/// A text as it is on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) text: String,
    /// Whether its lines end as on Windows.
    pub(super) crlf: bool,
}

/// A parsed source file.
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) before: Text,
    pub(super) syntax: syn::File,
    /// Bytes of the text in front of what was parsed.
    pub(super) skipped: usize,
}

impl Text {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        let crlf = text.contains("\r\n");
        Ok(Self { text, crlf })
    }

    pub(super) fn newline(&self) -> &'static str {
        if self.crlf { "\r\n" } else { "\n" }
    }
}

impl SourceFile {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let before = Text::read(path)?;
        let (code, skipped) = match before.text.strip_prefix('\u{feff}') {
            Some(code) => (code, '\u{feff}'.len_utf8()),
            None => (before.text.as_str(), 0),
        };
        let syntax = syn::parse_file(&without_shebang(code));
        let syntax = syntax.with_context(|| format!("cannot parse {}", path.display()))?;
        Ok(Self { path: path.to_owned(), before, syntax, skipped })
    }

    /// Whether its crate does without the standard library.
    pub(super) fn is_without_std(&self) -> bool {
        self.syntax.attrs.iter().any(|attribute| attribute.path().is_ident("no_std"))
    }

    /// This file, and those that it declares, in the order of their `mod` lines. What cannot be read is named in `problems`.
    pub(super) fn follow(root: &Path, problems: &mut Vec<String>) -> Vec<Self> {
        let mut files = Vec::new();
        // The folder in which its modules are, beside each file.
        let mut open = vec![(root.to_owned(), root.parent().unwrap_or(Path::new("")).to_owned())];
        while let Some((path, folder)) = open.pop() {
            if files.len() == MAX_FILES {
                problems.push(format!("more than {MAX_FILES} files: the rest was not looked at"));
                break;
            }
            match Self::read(&path) {
                Ok(file) => {
                    let mut below = Vec::new();
                    modules(&file.syntax.items, &path, &folder, &mut below);
                    open.extend(below.into_iter().rev());
                    files.push(file);
                }
                Err(problem) => problems.push(format!("{problem:#}: left out")),
            }
        }
        files
    }
}

/// The files of the modules among `items`. Tests are left out.
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
            None => found.extend(place(module, name, file, folder)),
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
    // With `#[path]` the folder of an inline module is another one; that is rare enough to be left out.
    if path_attribute(module).is_none() {
        modules(items, file, folder, found);
    }
}

/// The file of a module, and the folder of its modules. `None` if there is no such file: a macro or `cfg` may see to that.
fn place(module: &ItemMod, name: &str, file: &Path, folder: &Path) -> Option<(PathBuf, PathBuf)> {
    if let Some(path) = path_attribute(module) {
        let path = file.parent()?.join(path);
        let folder = path.parent()?.to_owned();
        return path.is_file().then_some((path, folder));
    }
    let below = folder.join(name);
    let places = [folder.join(format!("{name}.rs")), below.join("mod.rs")];
    places.into_iter().find(|path| path.is_file()).map(|path| (path, below))
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

/// The same code, with a first line `#!…` made blank, so that places stay the same.
fn without_shebang(code: &str) -> String {
    let is_shebang = code.starts_with("#!") && !code[2..].trim_start().starts_with('[');
    let length = if is_shebang { code.find('\n').unwrap_or(code.len()) } else { 0 };
    format!("{}{}", " ".repeat(length), &code[length..])
}
