//! A place in a text, moved forward one character at a time. It is called too often to be measured itself.

/// Where reading stands.
pub struct Cursor<'a> {
    text: &'a str,
    /// Offset of the next character, in bytes.
    pub at: usize,
    /// Line of the next character, from 0.
    pub line: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, line: 0 }
    }

    pub fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub fn nth(&self, ahead: usize) -> Option<char> {
        self.rest().chars().nth(ahead)
    }

    pub fn starts_with(&self, prefix: &str) -> bool {
        self.rest().starts_with(prefix)
    }

    /// The text from `start` up to here.
    pub fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.at]
    }

    /// How many times `wanted` comes next.
    pub fn run_of(&self, wanted: char) -> usize {
        self.rest().chars().take_while(|&c| c == wanted).count()
    }

    /// Whether the quote here opens a character and not a lifetime.
    pub fn is_character_literal(&self) -> bool {
        self.nth(1) == Some('\\') || self.nth(2) == Some('\'')
    }

    pub fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        self.line += usize::from(next == '\n');
        Some(next)
    }

    /// Goes past `prefix` if it stands here.
    pub fn skip(&mut self, prefix: &str) -> bool {
        let here = self.starts_with(prefix);
        if here {
            for _ in prefix.chars() {
                self.bump();
            }
        }
        here
    }

    pub fn skip_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.bump();
        }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
}

/// Whether `c` belongs to an identifier or a number.
pub fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
