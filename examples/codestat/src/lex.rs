//! Splits Rust source into tokens and says what stands on each line.
//!
//! It never fails: what it does not know is a mark of one character, and what is left open ends with the file.

use crate::{
    cursor::{Cursor, is_word},
    source::Lines,
};

/// What a token is. Comments are not tokens: they only count as lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier, keyword or number.
    Word,
    /// A string or character literal.
    Text,
    /// One character of punctuation.
    Mark,
}

/// A span of the source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// Line of the first character, from 0.
    pub line: usize,
}

impl Token {
    pub fn text<'a>(&self, source: &'a str) -> &'a str {
        &source[self.start..self.end]
    }
}

/// The better kind of a line wins: code beside a comment is code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum LineKind {
    Blank,
    Comment,
    Code,
}

/// Reads one text from its beginning to its end.
pub struct Lexer<'a> {
    cursor: Cursor<'a>,
    lines: Vec<LineKind>,
}

impl<'a> Lexer<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { cursor: Cursor::new(text), lines: vec![LineKind::Blank; text.lines().count()] }
    }
}

#[hotpath::measure_all]
impl Lexer<'_> {
    /// All tokens, and the lines counted by kind.
    pub fn scan(mut self) -> (Vec<Token>, Lines) {
        let mut tokens = Vec::new();
        self.cursor.skip_while(char::is_whitespace);
        while let Some(first) = self.cursor.peek() {
            let (start, line) = (self.cursor.at, self.cursor.line);
            if self.cursor.starts_with("//") || self.cursor.starts_with("/*") {
                self.comment();
                self.mark_lines(line, LineKind::Comment);
            } else {
                let kind = self.token(first);
                self.mark_lines(line, LineKind::Code);
                tokens.push(Token { kind, start, end: self.cursor.at, line });
            }
            self.cursor.skip_while(char::is_whitespace);
        }
        (tokens, self.count_lines())
    }

    fn comment(&mut self) {
        if self.cursor.starts_with("//") {
            return self.cursor.skip_while(|c| c != '\n');
        }
        let mut open = 0;
        loop {
            if self.cursor.skip("/*") {
                open += 1;
            } else if self.cursor.skip("*/") {
                open -= 1;
            } else if self.cursor.bump().is_none() {
                return;
            }
            if open == 0 {
                return;
            }
        }
    }

    fn word(&mut self) -> Kind {
        let start = self.cursor.at;
        self.cursor.skip_while(is_word);
        let word = self.cursor.since(start);
        let fences = self.cursor.run_of('#');
        let quote = self.cursor.nth(fences);
        match (word, fences, quote) {
            ("r" | "br" | "cr", _, Some('"')) => self.raw_literal(fences),
            ("b" | "c", 0, Some(quote @ '"')) | ("b", 0, Some(quote @ '\'')) => self.literal(quote),
            ("r", 1, Some(next)) if is_word(next) => {
                self.cursor.skip("#");
                self.word()
            }
            _ => Kind::Word,
        }
    }

    /// A literal in which the closing quote may stand escaped.
    fn literal(&mut self, quote: char) -> Kind {
        self.cursor.bump();
        while let Some(c) = self.cursor.bump() {
            if c == '\\' {
                self.cursor.bump();
            } else if c == quote {
                break;
            }
        }
        Kind::Text
    }

    /// `"…"` or `#"…"#` behind an `r`: only a quote with as many fences ends it.
    fn raw_literal(&mut self, fences: usize) -> Kind {
        let fence = "#".repeat(fences);
        self.cursor.skip(&format!("{fence}\""));
        let end = format!("\"{fence}");
        while !self.cursor.skip(&end) && self.cursor.bump().is_some() {}
        Kind::Text
    }

    // Called for every token, and too small to be worth a row.
    #[hotpath::skip]
    fn token(&mut self, first: char) -> Kind {
        match first {
            '"' => self.literal(first),
            '\'' if self.cursor.is_character_literal() => self.literal(first),
            _ if is_word(first) => self.word(),
            _ => {
                self.cursor.bump();
                Kind::Mark
            }
        }
    }

    #[hotpath::skip]
    fn mark_lines(&mut self, first: usize, kind: LineKind) {
        let last = self.cursor.line.min(self.lines.len().saturating_sub(1));
        for line in &mut self.lines[first..=last] {
            *line = kind.max(*line);
        }
    }

    #[hotpath::skip]
    fn count_lines(&self) -> Lines {
        let count = |kind| self.lines.iter().filter(|&&line| line == kind).count();
        Lines {
            code: count(LineKind::Code),
            comment: count(LineKind::Comment),
            blank: count(LineKind::Blank),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, tokens: &[&str], lines: Lines) {
        let (found, counted) = Lexer::new(text).scan();
        let found: Vec<_> = found.iter().map(|token| token.text(text)).collect();
        assert_eq!(found, tokens);
        assert_eq!(counted, lines);
    }

    #[test]
    fn a_line_with_code_and_a_comment_is_code() {
        let lines = Lines { code: 1, comment: 2, blank: 1 };
        check("// a\n\nlet b; // c\n/* d */\n", &["let", "b", ";"], lines);
    }

    #[test]
    fn block_comments_nest_and_may_stay_open() {
        check("a /* b /* c */ d */ e", &["a", "e"], Lines { code: 1, comment: 0, blank: 0 });
        check("a\n/* b /* c */\n\n", &["a"], Lines { code: 1, comment: 2, blank: 0 });
    }

    #[test]
    fn literals_hide_what_looks_like_code() {
        let lines = Lines { code: 1, comment: 0, blank: 0 };
        check(r#""a \" // b" c"#, &[r#""a \" // b""#, "c"], lines);
        check("r#\"a \" b\"# c", &["r#\"a \" b\"#", "c"], lines);
        check("br\"\\\" r#fn b'\\''", &["br\"\\\"", "r#fn", "b'\\''"], lines);
        check("'a' 'b: '\\n' '\u{e9}'", &["'a'", "'", "b", ":", "'\\n'", "'\u{e9}'"], lines);
    }
}
