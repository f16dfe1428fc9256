//! Files that follow from declarations of the product. `cargo xtask` runs this; it is a package of its own so that `cargo xtask gen`
//! works while the product does not compile.
//!
//! | word | effect |
//! |---|---|
//! | `write` | writes the generated pages of the book's reference |
//! | `check` | prints a line for each page that is stale, and fails if there is one |
//! | `schema` | writes `schema/report.json` |
//! | `bootstrap` | writes `scripts/hotpath-rs-bootstrap.sh` |

#![forbid(unsafe_code)]

mod pages;
mod schema;
mod sections;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

type Result<T = ()> = std::result::Result<T, String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let root = root();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["write"] => pages::write_all(&root),
        ["check"] => check(&root),
        ["schema"] => write(&root.join("schema/report.json"), &hotpath_report::schema()),
        ["bootstrap"] => {
            write(&root.join("scripts/hotpath-rs-bootstrap.sh"), &hotpath_cli::bootstrap_script())
        }
        _ => Err("usage: xtask-pages write | check | schema | bootstrap".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("xtask-pages: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn check(root: &Path) -> Result {
    let problems = pages::stale(root)?;
    problems.iter().for_each(|problem| eprintln!("{problem}"));
    match problems.len() {
        0 => Ok(()),
        count => Err(format!("{count} stale")),
    }
}

/// The repository.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Writes a file unless it has this content already, so that nothing is built anew without need.
fn write(path: &Path, text: &str) -> Result {
    if std::fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generated_pages_are_current() {
        let stale = pages::stale(&root()).expect("the pages can be read");
        assert_eq!(stale, Vec::<String>::new(), "`cargo xtask book` renews them");
    }
}
