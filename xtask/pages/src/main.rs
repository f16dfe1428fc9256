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

use std::{path::Path, process::ExitCode};

use xtask::{Result, root, write};

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generated_pages_are_current() {
        let stale = pages::stale(&root()).expect("the pages can be read");
        assert_eq!(stale, Vec::<String>::new(), "`cargo xtask book` renews them");
    }
}
