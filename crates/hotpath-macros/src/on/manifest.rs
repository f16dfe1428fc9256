//! The name of the profiler in `Cargo.toml`, where the dependency was renamed.
//!
//! Only keys and short values are read, by a reader that knows no more of TOML than where they stand. Whatever is not
//! understood leaves the name as it is.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// The name of the package unless it is renamed.
pub const PACKAGE: &str = "hotpath";

/// The profiler among the dependencies of the crate that is compiled.
#[derive(Clone, Debug, PartialEq)]
pub enum Dependency {
    /// It is one, and the code calls it so.
    Named(String),
    /// It is none.
    Absent,
    /// There is no `Cargo.toml`, or it leaves open what it is.
    Unknown,
}

/// Read once for each manifest: a compiler has one, an editor's server many.
pub fn dependency() -> Dependency {
    static FOUND: Mutex<Option<HashMap<PathBuf, Dependency>>> = Mutex::new(None);
    let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from) else {
        return Dependency::Unknown;
    };
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let found = found.get_or_insert_default();
    found.entry(folder).or_insert_with_key(|folder| read(folder)).clone()
}

fn read(folder: &Path) -> Dependency {
    match std::fs::read_to_string(folder.join("Cargo.toml")) {
        Ok(text) => among(&text, || workspace_above(folder)),
        Err(_) => Dependency::Unknown,
    }
}

/// The manifest of the workspace that the package belongs to.
fn workspace_above(folder: &Path) -> Option<String> {
    let texts =
        folder.ancestors().filter_map(|folder| std::fs::read_to_string(folder.join("Cargo.toml")).ok());
    texts.into_iter().find(|text| entries(text).iter().any(|(path, _)| path[0] == "workspace"))
}

/// The profiler among the dependencies of a manifest; those of its workspace are asked for where it refers to them.
fn among(text: &str, workspace: impl FnOnce() -> Option<String>) -> Dependency {
    let entries = entries(text);
    let dependencies: Vec<(&[String], &str)> =
        entries.iter().filter_map(|(path, value)| Some((of_dependency(path)?, value.as_str()))).collect();
    let is_own = entries.iter().any(|(path, value)| path[1..] == ["name"] && value == PACKAGE);
    if is_own || dependencies.iter().any(|(path, _)| path[0] == PACKAGE) {
        return Dependency::Named(PACKAGE.to_owned());
    }
    let named = |name: &String| Dependency::Named(name.replace('-', "_"));
    if let Some((path, _)) = dependencies.iter().find(|(path, value)| is_package(&path[1..], value)) {
        return named(&path[0]);
    }
    let inherited: Vec<&String> = dependencies
        .iter()
        .filter(|(path, value)| path[1..] == ["workspace"] && *value == "true")
        .map(|(path, _)| &path[0])
        .collect();
    if inherited.is_empty() {
        return Dependency::Absent;
    }
    let Some(workspace) = workspace() else { return Dependency::Unknown };
    let renamed = |(path, value): &(Vec<String>, String)| match path.as_slice() {
        [workspace, table, name, rest @ ..] if workspace == "workspace" && table == "dependencies" => {
            is_package(rest, value).then(|| name.clone())
        }
        _ => None,
    };
    let renamed: Vec<String> = self::entries(&workspace).iter().filter_map(renamed).collect();
    inherited.into_iter().find(|name| renamed.contains(name)).map_or(Dependency::Absent, named)
}

fn is_package(path: &[String], value: &str) -> bool {
    path == ["package"] && value == PACKAGE
}

/// Returns the entries below a table of dependencies, beginning with the dependency's name.
fn of_dependency(path: &[String]) -> Option<&[String]> {
    let path = if path[0] == "target" { path.get(2..)? } else { path };
    let (table, rest) = path.split_first()?;
    let is_table = ["dependencies", "dev-dependencies", "build-dependencies"].contains(&table.as_str());
    (is_table && !rest.is_empty()).then_some(rest)
}

/// A piece of TOML.
#[derive(PartialEq)]
enum Token {
    /// A key, a string, a number: what stands in it.
    Word(String),
    /// One of `.={}[],`.
    Mark(char),
    Line,
}

/// All simple values with the whole path of their keys, at least one; what stands in arrays is left out.
fn entries(text: &str) -> Vec<(Vec<String>, String)> {
    let mut tokens = Tokens { rest: tokens(text) };
    let (mut entries, mut section) = (Vec::new(), Vec::new());
    while let Some(token) = tokens.rest.last() {
        match token {
            Token::Mark('[') => section = tokens.path_until(&Token::Line),
            Token::Word(_) => tokens.entry(&section, &mut entries),
            _ => drop(tokens.rest.pop()),
        }
    }
    entries
}

/// The tokens that are to come, the next one last.
struct Tokens {
    rest: Vec<Token>,
}

impl Tokens {
    /// All words up to that mark.
    fn path_until(&mut self, end: &Token) -> Vec<String> {
        let mut path = Vec::new();
        while let Some(token) = self.rest.pop() {
            match token {
                Token::Word(word) => path.push(word),
                token if token == *end || token == Token::Line => break,
                _ => {}
            }
        }
        path
    }

    /// `key = value`, with what is in the value if that is a table.
    fn entry(&mut self, above: &[String], entries: &mut Vec<(Vec<String>, String)>) {
        let path = [above, &self.path_until(&Token::Mark('='))].concat();
        match self.rest.pop() {
            Some(Token::Word(value)) if !path.is_empty() => entries.push((path, value)),
            Some(Token::Mark('[')) => self.skip_array(),
            Some(Token::Mark('{')) => loop {
                match self.rest.last() {
                    Some(Token::Word(_)) => self.entry(&path, entries),
                    None | Some(Token::Mark('}')) => break drop(self.rest.pop()),
                    _ => drop(self.rest.pop()),
                }
            },
            _ => {}
        }
    }

    fn skip_array(&mut self) {
        let mut depth = 1;
        while depth > 0 {
            match self.rest.pop() {
                Some(Token::Mark('[')) => depth += 1,
                Some(Token::Mark(']')) => depth -= 1,
                Some(_) => {}
                None => break,
            }
        }
    }
}

/// The last one first.
fn tokens(text: &str) -> Vec<Token> {
    let (mut tokens, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '#' => (None, rest.find('\n').unwrap_or(rest.len())),
            '\n' => (Some(Token::Line), 1),
            '.' | '=' | '{' | '}' | '[' | ']' | ',' => (Some(Token::Mark(first)), 1),
            '"' | '\'' => {
                let (content, length) = string(rest, first);
                (Some(Token::Word(content.to_owned())), length)
            }
            _ if first.is_whitespace() => (None, first.len_utf8()),
            _ => {
                let ends = |c: char| c.is_whitespace() || "#.={}[],\"'".contains(c);
                let length = rest.find(ends).unwrap_or(rest.len());
                (Some(Token::Word(rest[..length].to_owned())), length)
            }
        };
        tokens.extend(token);
        rest = &rest[length..];
    }
    tokens.reverse();
    tokens
}

/// The text in a string that the rest begins with, and how long it is with its quotes. Escapes stay as they are.
fn string(rest: &str, quote: char) -> (&str, usize) {
    let three = quote.to_string().repeat(3);
    let quotes = if rest.starts_with(&three) { three.as_str() } else { &three[..1] };
    let content = &rest[quotes.len()..];
    let mut at = 0;
    while let Some(next) = content[at..].chars().next() {
        if content[at..].starts_with(quotes) {
            return (&content[..at], at + 2 * quotes.len());
        }
        at += next.len_utf8();
        if next == '\\' && quote == '"' {
            at += content[at..].chars().next().map_or(0, char::len_utf8);
        }
    }
    (content, rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(text: &str) -> Dependency {
        among(text, || None)
    }

    fn named(name: &str) -> Dependency {
        Dependency::Named(name.to_owned())
    }

    #[test]
    fn a_renamed_dependency_is_found_in_every_notation() {
        for text in [
            "[dependencies]\nprof = { package = \"hotpath\", path = \"..\" }",
            "[package]\nname = \"a\"\n[dependencies]\nserde = \"1\"\nprof.version = \"1\"\nprof.package = 'hotpath' # so",
            "[dependencies.prof]\nfeatures = [\n  \"a\", # ]\n  'b',\n]\npackage = \"hotpath\"\n",
            "[dev-dependencies]\r\n\"prof\" = {version=\"1\",features=[\"x\"],package=\"hotpath\"}\r\n",
            "[target.'cfg(all(unix, target_os = \"linux\"))'.dependencies]\nprof = { package = \"hotpath\" }",
            "[target.\"x86.y\".dependencies.prof]\npackage = \"hotpath\"",
            "[build-dependencies]\nprof = {\n  version = \"1\",\n  package = \"hotpath\",\n}",
            "dependencies = { prof = { package = \"hotpath\" } }",
        ] {
            assert_eq!(alone(text), named("prof"), "{text}");
        }
        assert_eq!(alone("[dependencies]\nhot-path = { package = \"hotpath\" }"), named("hot_path"));
    }

    #[test]
    fn the_plain_name_goes_before_another() {
        let both = "[dependencies]\nprof = { package = \"hotpath\" }\n[dev-dependencies]\nhotpath = \"0.16\"";
        assert_eq!(alone(both), named("hotpath"));
        assert_eq!(alone("[dependencies]\nhotpath = { package = \"own-fork\" }"), named("hotpath"));
        assert_eq!(alone("[dependencies]\nhotpath.workspace = true"), named("hotpath"));
        assert_eq!(alone("[package]\nname = \"hotpath\"\n[dependencies]\nother = \"1\""), named("hotpath"));
    }

    #[test]
    fn the_name_of_a_workspace_is_followed() {
        let member =
            "[dependencies]\nserde = { workspace = true }\nprof = { workspace = true, features = [] }";
        let workspace = "[workspace]\nmembers = []\n[workspace.dependencies]\nserde = \"1\"\nprof = { package = \"hotpath\" }";
        assert_eq!(among(member, || Some(workspace.to_owned())), named("prof"));
        assert_eq!(
            among(member, || Some("[workspace.dependencies]\nprof = \"1\"".to_owned())),
            Dependency::Absent
        );
        assert_eq!(among(member, || None), Dependency::Unknown);
    }

    #[test]
    fn a_similar_entry_is_not_the_profiler() {
        for text in [
            "[dependencies]\nfacade = \"1\"",
            "[dependencies]\n# prof = { package = \"hotpath\" }\n",
            "[package]\ndescription = \"\"\"\n[dependencies]\nhotpath = '1'\n\"\"\"\n",
            "[package.metadata.dependencies]\nhotpath = \"1\"",
            "[features]\nhotpath = [\"facade/hotpath\"]",
            "[[bin]]\nname = \"x\"\n",
            "",
        ] {
            assert_eq!(alone(text), Dependency::Absent, "{text}");
        }
    }

    #[test]
    fn half_a_manifest_is_read_to_its_end() {
        for text in [
            "[",
            "[a",
            "a",
            "a =",
            "a = {",
            "a = [",
            "a = \"",
            "a = '''",
            "= 1",
            "a.b",
            "\"\\",
            "a = { b = { c",
            "}",
            "é = ü",
        ] {
            assert_eq!(alone(text), Dependency::Absent, "{text}");
        }
    }
}
