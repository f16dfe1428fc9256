//! The house rules that can be counted: no module cycles, and the field's words.

mod cycles;
mod modules;
mod paths;
mod sources;
mod vocabulary;
mod words;

use std::path::Path;

use crate::{Result, root};

/// Checks the whole repository and prints every violation.
pub fn check() -> Result {
    let violations = violations(&root())?;
    for violation in &violations {
        eprintln!("{violation}");
    }
    match violations.len() {
        0 => Ok(()),
        count => Err(format!("tidy: {count} violation(s)")),
    }
}

fn violations(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for folder in sources::crates(root)? {
        let modules = modules::of_crate(&folder)?;
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.extend(cycles::find(&modules).into_iter().map(|cycle| format!("{name}: {cycle}")));
    }
    found.extend(words::find(root)?);
    Ok(found)
}
