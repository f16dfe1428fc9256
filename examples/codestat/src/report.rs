//! The result as JSON and as a few lines for the terminal.

use std::{collections::BTreeMap, fmt::Write};

use crate::{
    directories::Totals, outline::Function, source::Source, survey::Survey, twins::Twins, walk::Walk,
};

const TOP: usize = 20;

/// Everything that was found out.
pub struct Report<'a> {
    pub walk: &'a Walk,
    pub sources: &'a [Source],
    pub survey: &'a Survey<'a>,
    pub twins: &'a [Twins<'a>],
    pub directories: &'a BTreeMap<&'a str, Totals>,
}

impl Report<'_> {
    /// The whole result. Lists are sorted, so equal trees give equal files.
    pub fn json(&self) -> String {
        let [code, comment, blank, functions] = self.totals();
        let longest = self.longest().map_or("null".into(), |(path, function)| {
            let (name, path) = (quote(&function.name), quote(path));
            format!(r#"{{"name": {name}, "file": {path}, "lines": {}}}"#, function.lines)
        });
        let identifiers = &self.survey.identifiers;
        let fields = [
            ("files", self.sources.len().to_string()),
            ("directories_walked", self.walk.directories.to_string()),
            ("code", code.to_string()),
            ("comment", comment.to_string()),
            ("blank", blank.to_string()),
            ("functions", functions.to_string()),
            ("longest_function", longest),
            ("depth", self.sources.iter().map(|source| source.outline.depth).max().unwrap_or(0).to_string()),
            ("identifiers", identifiers.iter().map(|(_, count)| count).sum::<usize>().to_string()),
            ("distinct_identifiers", identifiers.len().to_string()),
            (
                "top_identifiers",
                list(identifiers.iter().take(TOP).map(|(word, n)| format!("[{}, {n}]", quote(word)))),
            ),
            ("twins", list(self.twins.iter().map(twins))),
            ("directories", list(self.directories.iter().map(directory))),
            (
                "problems",
                list(
                    self.walk.problems.iter().map(|p| format!("[{}, {}]", quote(&p.path), quote(&p.reason))),
                ),
            ),
        ];
        let fields: Vec<_> = fields.iter().map(|(name, value)| format!("  \"{name}\": {value}")).collect();
        format!("{{\n{}\n}}\n", fields.join(",\n"))
    }

    /// A few lines for people.
    pub fn summary(&self) -> String {
        let [code, comment, blank, functions] = self.totals();
        let mut text = format!(
            "{} files in {} directories: {code} lines of code, {comment} of comments, {blank} blank\n\
             {functions} functions, {} distinct identifiers, {} pairs of files nearly alike, {} problems\n",
            self.sources.len(),
            self.walk.directories,
            self.survey.identifiers.len(),
            self.twins.len(),
            self.walk.problems.len(),
        );
        if let Some((path, function)) = self.longest() {
            let _ = writeln!(text, "longest function: {} ({path}, {} lines)", function.name, function.lines);
        }
        text
    }

    fn totals(&self) -> [usize; 4] {
        self.sources.iter().fold([0; 4], |[code, comment, blank, functions], source| {
            let lines = source.lines;
            [
                code + lines.code,
                comment + lines.comment,
                blank + lines.blank,
                functions + source.outline.functions,
            ]
        })
    }

    /// The first of the longest functions, and its file.
    fn longest(&self) -> Option<(&str, &Function)> {
        let functions =
            self.sources.iter().filter_map(|s| Some((s.path.as_str(), s.outline.longest.as_ref()?)));
        functions.reduce(|longest, next| if next.1.lines > longest.1.lines { next } else { longest })
    }
}

fn twins(twins: &Twins) -> String {
    format!("[{}, {}, {}]", quote(twins.first), quote(twins.second), twins.percent)
}

fn directory((name, totals): (&&str, &Totals)) -> String {
    let Totals { files, code, functions } = totals;
    format!(r#"{{"name": {}, "files": {files}, "code": {code}, "functions": {functions}}}"#, quote(name))
}

fn list(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// A JSON string.
fn quote(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => drop(write!(quoted, "\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    #[test]
    fn strings_are_escaped() {
        assert_eq!(super::quote("a\"\\\n\u{e9}"), "\"a\\\"\\\\\\u000a\u{e9}\"");
    }
}
