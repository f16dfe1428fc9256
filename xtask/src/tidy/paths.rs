//! Paths in a token stream: those of `use` declarations and those written in place, in macros too.

use std::{collections::BTreeMap, iter::Peekable};

use proc_macro2::{Delimiter, TokenStream, TokenTree, token_stream};

use super::modules::Name;

/// A child module that lives in a file of its own.
#[derive(Debug)]
pub struct Declared {
    /// Its name.
    pub name: String,
    /// The values of its `#[path]` attributes: conditional ones are alternatives.
    pub paths: Vec<String>,
}

/// The findings in one file.
#[derive(Debug, Default)]
pub struct Contents {
    /// Absolute paths within the crate.
    pub names: Vec<Name>,
    /// Child modules in files of their own, without those for tests only.
    pub declared: Vec<Declared>,
}

/// Reads the tokens of the module `name`.
pub fn contents(tokens: TokenStream, name: &[String]) -> Contents {
    let mut reader = Reader { module: name, ..Reader::default() };
    reader.scan(tokens.clone(), 0);
    // Imported modules are known now: paths that begin with one of them can be resolved.
    reader.found = Contents::default();
    reader.scan(tokens, 0);
    reader.found
}

type Tokens = Peekable<token_stream::IntoIter>;

#[derive(Default)]
struct Reader<'a> {
    module: &'a [String],
    found: Contents,
    imports: BTreeMap<String, Name>,
}

/// The attributes before an item, as far as they matter here.
#[derive(Default)]
struct Attributes {
    is_test: bool,
    paths: Vec<String>,
}

impl Reader<'_> {
    /// `depth`: inline modules around these tokens. Their `super` stays inside the file.
    fn scan(&mut self, tokens: TokenStream, depth: usize) {
        let mut tokens = tokens.into_iter().peekable();
        let mut attributes = Attributes::default();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if let Some(TokenTree::Group(group)) = tokens.peek() {
                        attributes.read(&group.stream());
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => attributes = Attributes::default(),
                TokenTree::Group(group) => {
                    self.group(group.stream(), group.delimiter(), depth, &mut attributes)
                }
                TokenTree::Ident(ident) if ident == "mod" => {
                    self.module(&mut tokens, depth, std::mem::take(&mut attributes));
                }
                TokenTree::Ident(ident) if ident == "use" => {
                    // Tests may use what they like.
                    if !std::mem::take(&mut attributes).is_test {
                        self.path(&mut tokens, None, depth, true);
                    }
                }
                TokenTree::Ident(ident) => self.after(&ident.to_string(), &mut tokens, depth),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn group(&mut self, inner: TokenStream, around: Delimiter, depth: usize, attributes: &mut Attributes) {
        match (around, attributes.is_test) {
            // The body of an item for tests only.
            (Delimiter::Brace, true) => *attributes = Attributes::default(),
            _ => self.scan(inner, depth),
        }
        if around == Delimiter::Brace {
            *attributes = Attributes::default();
        }
    }

    fn module(&mut self, tokens: &mut Tokens, depth: usize, attributes: Attributes) {
        let Some(TokenTree::Ident(name)) = tokens.next() else { return };
        match tokens.peek() {
            Some(TokenTree::Group(body)) if body.delimiter() == Delimiter::Brace => {
                let body = body.stream();
                tokens.next();
                if !attributes.is_test {
                    self.scan(body, depth + 1);
                }
            }
            _ if attributes.is_test || depth > 0 => {}
            _ => self.found.declared.push(Declared { name: name.to_string(), paths: attributes.paths }),
        }
    }

    /// A path written in place begins with `first`, if it is one.
    fn after(&mut self, first: &str, tokens: &mut Tokens, depth: usize) {
        let is_path = matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        if !is_path || !separator(tokens) {
            return;
        }
        if let Some(start) = self.start(first, depth) {
            self.path(tokens, Some(start), depth, false);
        }
    }

    /// The module that a path's first word means; nothing for a path that leads out of the crate.
    fn start(&self, word: &str, depth: usize) -> Option<Name> {
        match word {
            "crate" => Some(Vec::new()),
            "self" => Some(self.module.to_vec()),
            "super" if depth > 0 => Some(self.module.to_vec()),
            "super" => Some(self.module[..self.module.len().saturating_sub(1)].to_vec()),
            word => self.imports.get(word).cloned(),
        }
    }

    /// The rest of a path behind `start`; without one, its first word is still to come. `is_use`: with groups and new names.
    fn path(&mut self, tokens: &mut Tokens, start: Option<Name>, depth: usize, is_use: bool) {
        let mut path = start;
        loop {
            match tokens.peek() {
                Some(TokenTree::Ident(ident)) => {
                    let word = ident.to_string();
                    tokens.next();
                    path = Some(self.longer(path, word, depth));
                }
                Some(TokenTree::Group(group)) if is_use && group.delimiter() == Delimiter::Brace => {
                    let group = group.stream();
                    tokens.next();
                    return self.group_of_use(group, path.as_deref(), depth);
                }
                _ => break,
            }
            if !separator(tokens) {
                break;
            }
        }
        let Some(path) = path else { return };
        if is_use {
            self.import(tokens, &path);
        }
        self.found.names.push(path);
    }

    fn longer(&self, path: Option<Name>, word: String, depth: usize) -> Name {
        match (path, word.as_str()) {
            // Without a start of this crate: another crate, or a child of this module.
            (None, _) => self.start(&word, depth).unwrap_or_else(|| [self.module, &[word]].concat()),
            (Some(path), "self") => path,
            (Some(mut path), "super") => {
                path.pop();
                path
            }
            (Some(path), _) => [path, vec![word]].concat(),
        }
    }

    fn group_of_use(&mut self, group: TokenStream, prefix: Option<&[String]>, depth: usize) {
        let mut tokens = group.into_iter().peekable();
        while tokens.peek().is_some() {
            self.path(&mut tokens, prefix.map(<[String]>::to_vec), depth, true);
            while let Some(token) = tokens.next_if(|token| !is_comma(token)) {
                drop(token);
            }
            tokens.next();
        }
    }

    /// Remembers what a `use` brings into the file, under the name that it has there.
    fn import(&mut self, tokens: &mut Tokens, name: &[String]) {
        let mut alias = name.last().cloned();
        if matches!(tokens.peek(), Some(TokenTree::Ident(word)) if word == "as") {
            tokens.next();
            alias = tokens.next().map(|token| token.to_string());
        }
        if let Some(alias) = alias {
            self.imports.insert(alias, name.to_vec());
        }
    }
}

impl Attributes {
    fn read(&mut self, tokens: &TokenStream) {
        let text = tokens.to_string().replace(' ', "");
        self.is_test |= text.starts_with("cfg(test") || text.starts_with("cfg(all(test");
        if let Some((_, path)) = text.split_once("path=\"") {
            self.paths.extend(path.split('"').next().map(str::to_owned));
        }
    }
}

/// Takes `::` if it comes next.
fn separator(tokens: &mut Tokens) -> bool {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    tokens.next_if(is_colon).is_some() && tokens.next_if(is_colon).is_some()
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}
