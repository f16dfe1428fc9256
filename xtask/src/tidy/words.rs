//! Words in public names, doc comments, documents and messages.

use std::path::Path;

use regex::{Regex, RegexBuilder};

use super::{
    sources,
    vocabulary::{OPENINGS, Places, VOCABULARY},
};
use crate::Result;

/// Every refused word, one line each.
pub fn find(root: &Path) -> Result<Vec<String>> {
    let patterns = Patterns::new();
    let mut found = Vec::new();
    let mut check = |file: &Path, lines: fn(&Patterns, &str) -> Vec<(usize, String)>| -> Result {
        let shown = file.strip_prefix(root).unwrap_or(file).display().to_string();
        let text = xtask::read(file)?;
        found.extend(lines(&patterns, &text).into_iter().map(|(line, why)| format!("{shown}:{line}: {why}")));
        Ok(())
    };
    for folder in sources::crates(root)? {
        for file in sources::files(&folder.join("src"), "rs")? {
            check(&file, Patterns::of_rust)?;
        }
    }
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        check(&root.join(document), Patterns::of_document)?;
    }
    for file in sources::files(&root.join("docs"), "md")? {
        // The glossary lists the refused words beside the right ones.
        if !file.ends_with("glossary.md") {
            check(&file, Patterns::of_document)?;
        }
    }
    Ok(found)
}

struct Pattern {
    regex: Regex,
    instead: &'static str,
    places: Places,
}

struct Patterns {
    all: Vec<Pattern>,
    /// All of them at once: most lines have none.
    any: Regex,
    public: Regex,
    message: Regex,
}

impl Patterns {
    fn new() -> Self {
        let word = |word: &str| {
            let built = RegexBuilder::new(&format!(r"\b(?:{word})\b")).case_insensitive(true).build();
            built.expect("the vocabulary holds valid expressions")
        };
        let pattern = |entry: &super::vocabulary::Entry| Pattern {
            regex: word(entry.word),
            instead: entry.instead,
            places: entry.places,
        };
        let regex = |text| Regex::new(text).expect("a valid expression");
        Self {
            all: VOCABULARY.iter().map(pattern).collect(),
            any: word(&VOCABULARY.iter().map(|entry| entry.word).collect::<Vec<_>>().join("|")),
            public: regex(
                r"^\s*pub(?:\([a-z]+\))? (?:const |async |unsafe |static |extern \S+ )*(?:fn|struct|enum|trait|type|mod|static|const|union) ([A-Za-z0-9_]+)",
            ),
            message: regex(r#""((?:[^"\\]|\\.)*)""#),
        }
    }

    fn of_document(&self, text: &str) -> Vec<(usize, String)> {
        let mut is_block = false;
        let mut found = Vec::new();
        for (line, text) in numbered(text) {
            is_block ^= text.trim_start().starts_with("```");
            if !is_block {
                found.extend(self.refused(text, Places::Prose).map(|why| (line, why)));
            }
        }
        found
    }

    fn of_rust(&self, text: &str) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        let mut was_doc = false;
        // The module of tests is the last item of a file; other items may be for tests only, too.
        let product = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
        for (line, text) in numbered(product) {
            let doc = doc_comment(text);
            let problems: Vec<String> = match doc {
                Some(doc) if !was_doc => {
                    opening(doc).into_iter().chain(self.refused(doc, Places::Prose)).collect()
                }
                Some(doc) => self.refused(doc, Places::Prose).collect(),
                None => self.in_code(text),
            };
            was_doc = doc.is_some();
            found.extend(problems.into_iter().map(|why| (line, why)));
        }
        found
    }

    /// A public name, and the messages of a line: texts of several words.
    fn in_code(&self, line: &str) -> Vec<String> {
        if line.trim_start().starts_with("//") {
            return Vec::new();
        }
        let name = self.public.captures(line).map(|public| separated(&public[1]));
        let names = name.iter().flat_map(|name| self.refused(name, Places::Names));
        let messages = self.message.captures_iter(line).map(|message| message[1].to_owned());
        let messages: Vec<String> = messages.filter(|message| message.contains(' ')).collect();
        let prose = messages.iter().flat_map(|message| self.refused(message, Places::Prose));
        names.chain(prose).collect()
    }

    fn refused<'a>(&'a self, text: &'a str, place: Places) -> impl Iterator<Item = String> + 'a {
        let patterns = if self.any.is_match(text) { self.all.as_slice() } else { &[] };
        let applies =
            move |pattern: &&Pattern| pattern.places == place || pattern.places == Places::Everywhere;
        patterns.iter().filter(applies).filter_map(|pattern| {
            let word = pattern.regex.find(text)?;
            Some(format!("`{}`: say {}", word.as_str(), pattern.instead))
        })
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

fn doc_comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"))?;
    Some(doc.trim_start())
}

fn opening(doc: &str) -> Option<String> {
    let (opening, instead) = OPENINGS.iter().find(|(opening, _)| doc.starts_with(opening))?;
    Some(format!("a doc comment that begins with `{}`: {instead}", opening.trim()))
}

/// The words of a name, separated by blanks.
fn separated(name: &str) -> String {
    let mut words = String::new();
    for character in name.chars() {
        match character {
            '_' => words.push(' '),
            _ if character.is_uppercase() && words.ends_with(|last: char| last.is_lowercase()) => {
                words.extend([' ', character]);
            }
            _ => words.push(character),
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::Patterns;

    #[track_caller]
    fn assert_refused(line: &str, expected: usize) {
        let found = Patterns::new().of_rust(line);
        assert_eq!(found.len(), expected, "{line}: {found:?}");
    }

    #[test]
    fn public_names_are_checked_word_by_word() {
        assert_refused("pub struct Wishes {", 1);
        assert_refused("    pub(crate) fn keep_the_knob(&self) {", 1);
        assert_refused("pub fn BlamedSite() {", 1);
        assert_refused("pub struct Outlook {", 0);
        assert_refused("fn wishes() {}", 0);
    }

    #[test]
    fn doc_comments_begin_with_a_noun_and_use_the_fields_words() {
        assert_refused("/// What is left of a session.", 1);
        assert_refused("/// The retained report.", 0);
        assert_refused("/// The own time of a call.", 1);
        assert_refused("/// The rest.\n/// What follows may begin a line.", 0);
    }

    #[test]
    fn messages_are_checked_and_identifiers_in_texts_are_not() {
        assert_refused(r#"    bail!("`{word}` is no command");"#, 1);
        assert_refused(r#"    key("looks")"#, 0);
        assert_refused("    // own time, in a comment for maintainers", 0);
    }

    #[test]
    fn only_the_module_of_tests_is_left_out() {
        assert_refused("#[cfg(test)]\nuse x;\npub struct Wishes;", 1);
        assert_refused("pub struct Wishes;\n#[cfg(test)]\nmod tests {\npub struct Knob;\n}", 1);
    }

    #[test]
    fn code_blocks_of_documents_are_left_alone() {
        let found = Patterns::new().of_document("Self time\n```\nown time\n```\nown time\n");
        assert_eq!(found, [(5, "`own time`: say self time".to_owned())]);
    }
}
