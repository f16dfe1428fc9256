//! The grammar of `report = ".."`, the same as that of `HOTPATH_REPORT`: `all`, `auto`, or section names with
//! commas between them, each with a `-` in front to leave it out.

use super::names::SECTIONS;
use super::nearest::{hint, list};

const WHOLE: [&str; 2] = ["all", "auto"];

/// Checks a report specification. The error is a message.
pub fn check(spec: &str) -> Result<(), String> {
    if spec.trim().is_empty() {
        return Err(format!("`report` is empty: name at least one section, {}", list(&WHOLE)));
    }
    spec.split(',').try_for_each(|name| check_name(name.trim()))
}

fn check_name(name: &str) -> Result<(), String> {
    let section = name.strip_prefix('-').unwrap_or(name);
    // As at run time: `-` and `_` are the same.
    let same = |known: &&str| known.replace('_', "-") == section.to_lowercase().replace('_', "-");
    if SECTIONS.iter().any(same) || WHOLE.contains(&name) {
        return Ok(());
    }
    if name.is_empty() {
        return Err("`report` has a comma with no section name next to it".to_owned());
    }
    let known: Vec<&str> = WHOLE.into_iter().chain(SECTIONS).collect();
    let hint = hint(section, &known);
    Err(format!(
        "unknown report section `{section}`{hint}; available: {}, and `-name` to leave a section out",
        list(&known)
    ))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn every_form_of_the_grammar_is_accepted() {
        for spec in [
            "functions_timing,rw-locks,call-tree",
            "all",
            "auto",
            "auto,-threads",
            "-threads",
            "functions-timing, channels,tokio_runtime",
        ] {
            assert_eq!(check(spec), Ok(()), "{spec}");
        }
    }

    #[test]
    fn a_wrong_name_is_named_with_the_valid_ones() {
        let error = check("functions_timming,threads").unwrap_err();
        assert!(error.contains("`functions_timming` (did you mean `functions-timing`?)"), "{error}");
        assert!(check("threads,").unwrap_err().contains("comma"));
        assert!(check("-all").unwrap_err().contains("unknown"));
        assert!(check(" ").unwrap_err().contains("empty"));
    }
}
