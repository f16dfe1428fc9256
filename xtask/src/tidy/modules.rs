//! The modules of a crate and the paths that each of them names.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    str::FromStr,
};

use proc_macro2::TokenStream;

use super::paths::{self, Contents, Declared};
use crate::Result;

/// The place of a module: `["on", "session"]`; the root is empty.
pub type Name = Vec<String>;

/// Every module of a crate that is not a test, and what it names, as absolute paths.
pub type Modules = BTreeMap<Name, Vec<Name>>;

/// Reads the library of a crate, or its program if it has no library.
pub fn of_crate(folder: &Path) -> Result<Modules> {
    let source = folder.join("src");
    let root = ["lib.rs", "main.rs"].map(|file| source.join(file)).into_iter().find(|file| file.is_file());
    let mut modules = Modules::new();
    if let Some(root) = root {
        read(&root, &source, Vec::new(), &mut modules)?;
    }
    Ok(modules)
}

/// Reads one file and the files of its child modules, which are looked for in `folder`.
fn read(file: &Path, folder: &Path, name: Name, modules: &mut Modules) -> Result {
    let contents = parse(&xtask::read(file)?, &name).map_err(|why| format!("{}: {why}", file.display()))?;
    modules.entry(name.clone()).or_default().extend(contents.names);
    for child in contents.declared {
        for found in files_of(&child, file, folder) {
            let child_name = [name.as_slice(), std::slice::from_ref(&child.name)].concat();
            read(&found, &folder_of(&found), child_name, modules)?;
        }
    }
    Ok(())
}

/// Parses the text of the module `name`.
pub fn parse(text: &str, name: &[String]) -> Result<Contents> {
    let tokens = TokenStream::from_str(text).map_err(|error| error.to_string())?;
    Ok(paths::contents(tokens, name))
}

/// The file of a child module, and its alternatives under other conditions.
fn files_of(child: &Declared, parent: &Path, folder: &Path) -> Vec<PathBuf> {
    let usual = [folder.join(format!("{}.rs", child.name)), folder.join(&child.name).join("mod.rs")];
    let others = child.paths.iter().map(|path| parent.with_file_name(path));
    others.chain(usual).filter(|file| file.is_file()).collect()
}

/// The folder in which the child modules of `file` lie.
fn folder_of(file: &Path) -> PathBuf {
    match file.file_name().is_some_and(|file| file == "mod.rs") {
        true => file.parent().unwrap_or(file).to_path_buf(),
        false => file.with_extension(""),
    }
}
