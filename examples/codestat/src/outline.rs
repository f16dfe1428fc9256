//! The shape of a file: its functions and how deep its blocks nest.

use std::fmt;

use crate::lex::{Kind, Token};

/// Deeper brackets are refused: a generated file must not exhaust the stack.
const MAX_DEPTH: usize = 256;

#[derive(Default, Debug, PartialEq, Eq)]
pub struct Outline {
    pub functions: usize,
    /// The first of the longest functions.
    pub longest: Option<Function>,
    /// Highest number of `{` open at once.
    pub depth: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    pub name: String,
    /// From the line of `fn` to the line of the closing brace.
    pub lines: usize,
}

/// Brackets nest deeper than the outline follows.
#[derive(Debug, PartialEq, Eq)]
pub struct TooDeep;

impl fmt::Display for TooDeep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "brackets nest deeper than {MAX_DEPTH}")
    }
}

impl Outline {
    pub fn of(text: &str, tokens: &[Token]) -> Result<Self, TooDeep> {
        let mut reader = Reader { text, tokens, at: 0, outline: Self::default() };
        while reader.at < tokens.len() {
            reader.group(Depth::default())?;
        }
        Ok(reader.outline)
    }

    fn add(&mut self, function: Function) {
        self.functions += 1;
        if self.longest.as_ref().is_none_or(|longest| longest.lines < function.lines) {
            self.longest = Some(function);
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Depth {
    brackets: usize,
    braces: usize,
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    outline: Outline,
}

impl<'a> Reader<'a> {
    /// Reads up to the end of the group it stands in, and each group inside it by itself.
    #[hotpath::measure]
    fn group(&mut self, depth: Depth) -> Result<(), TooDeep> {
        if depth.brackets > MAX_DEPTH {
            return Err(TooDeep);
        }
        self.outline.depth = self.outline.depth.max(depth.braces);
        let mut head = None;
        while let Some(token) = self.next() {
            match token.text(self.text) {
                "fn" => head = self.name().map(|name| (name, token.line)).or(head),
                "(" | "[" => self.group(Depth { brackets: depth.brackets + 1, ..depth })?,
                "{" => {
                    self.group(Depth { brackets: depth.brackets + 1, braces: depth.braces + 1 })?;
                    if let Some((name, first)) = head.take() {
                        self.outline.add(Function { name, lines: self.last_line() - first + 1 });
                    }
                }
                // Declared without a body.
                ";" => head = None,
                ")" | "]" | "}" => break,
                _ => {}
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).copied()?;
        self.at += 1;
        Some(token)
    }

    /// The name behind `fn`; a function pointer's type has none.
    fn name(&self) -> Option<String> {
        let token = self.tokens.get(self.at).filter(|token| token.kind == Kind::Word)?;
        Some(token.text(self.text).to_owned())
    }

    /// Line of the token just read.
    fn last_line(&self) -> usize {
        self.tokens[self.at - 1].line
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lex::Lexer;

    fn outline(text: &str) -> Result<Outline, TooDeep> {
        Outline::of(text, &Lexer::new(text).scan().0)
    }

    #[test]
    fn the_longest_function_may_hold_another() {
        let longest = Some(Function { name: "a".into(), lines: 4 });
        let text = "fn a(x: [u8; 2]) {\n fn b() {}\n if x { }\n}\nstruct S { f: fn(u8) }";
        assert_eq!(outline(text), Ok(Outline { functions: 2, longest, depth: 2 }));
    }

    #[test]
    fn a_declaration_is_not_a_function() {
        assert_eq!(outline("trait T { fn a(); }"), Ok(Outline { functions: 0, longest: None, depth: 1 }));
    }

    #[test]
    fn stray_brackets_end_nothing() {
        assert_eq!(outline(") } fn a() { ").map(|outline| outline.functions), Ok(1));
    }

    #[test]
    fn endless_nesting_is_refused() {
        assert_eq!(outline(&"(".repeat(100_000)), Err(TooDeep));
    }
}
