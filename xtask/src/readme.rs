//! The parts of the README that are made from the code, between `<!-- NAME -->` and `<!-- end -->`.

use crate::{Result, root, write};

/// Writes them anew.
pub fn renew() -> Result {
    let file = root().join("README.md");
    let text = std::fs::read_to_string(file).map_err(|error| format!("README.md: {error}"))?;
    write("README.md", &replace(&text, "settings", &settings())?)
}

fn settings() -> String {
    let mut table = String::from("| Variable | Default | Meaning |\n|---|---|---|\n");
    for setting in hotpath::private::SETTINGS {
        table += &format!("| `{}` | {} | {} |\n", setting.name, setting.default, setting.meaning);
    }
    table
}

fn replace(text: &str, name: &str, part: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {name} -->\n"), "<!-- end -->");
    let missing = || format!("README.md has no part {begin:?}");
    let from = text.find(&begin).ok_or_else(missing)? + begin.len();
    let to = from + text[from..].find(end).ok_or_else(missing)?;
    Ok(format!("{}{part}{}", &text[..from], &text[to..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_is_current() {
        let text = std::fs::read_to_string(root().join("README.md")).expect("a README");
        let current = replace(&text, "settings", &settings()).expect("a part for settings");
        assert_eq!(text, current, "renew it with `cargo xtask readme`");
    }
}
