//! Small questions about token streams, for the places where parsing would cost more than it is worth.
//!
//! Bodies of functions are never parsed unless they have to be rewritten: what is not read cannot be changed, and
//! reading is what macros make a build slow with.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

/// Position of the user's token, names of our own: what the macro adds neither sees the user's local names nor
/// is seen by them, and lints know that the user did not write it.
pub fn own(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}

pub fn is_punct(token: &TokenTree, char: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == char)
}

pub fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

pub fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

/// Returns true if the word occurs anywhere, at any depth.
pub fn mentions(tokens: TokenStream, word: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), word),
        TokenTree::Ident(ident) => ident == word,
        _ => false,
    })
}

/// The tokens of a stream, out of the invisible group that a `macro_rules!` fragment comes in.
pub fn visible(tokens: TokenStream) -> Vec<TokenTree> {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    while let [TokenTree::Group(group)] = tokens.as_slice()
        && group.delimiter() == Delimiter::None
    {
        tokens = group.stream().into_iter().collect();
    }
    tokens
}

/// The braces that an item or a body ends with, also when a `macro_rules!` fragment hides them.
pub fn braces(token: &TokenTree) -> Option<Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.clone()),
        TokenTree::Group(group) if group.delimiter() == Delimiter::None => {
            match visible(group.stream()).as_slice() {
                [only] => braces(only),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Splits `#![..]` attributes off the front of what stands in braces.
pub fn split_inner_attributes(braces: &Group) -> (TokenStream, TokenStream) {
    let tokens: Vec<TokenTree> = braces.stream().into_iter().collect();
    let mut end = 0;
    while let [hash, bang, group, ..] = &tokens[end..]
        && is_punct(hash, '#')
        && is_punct(bang, '!')
        && is_group(group, Delimiter::Bracket)
    {
        end += 3;
    }
    let rest = tokens[end..].iter().cloned().collect();
    (tokens.into_iter().take(end).collect(), rest)
}

/// Same braces, other content.
pub fn refill(braces: &Group, content: TokenStream) -> Group {
    let mut group = Group::new(braces.delimiter(), content);
    group.set_span(braces.span());
    group
}

/// The user's braces as a block inside a block of ours.
///
/// A block on one line with nothing but an expression would be reported as needless braces, so it becomes ours. A
/// block with statements stays the user's: the edition of its braces decides when temporaries of its last expression
/// are dropped. Without statements there is nothing that they could be dropped before or after.
pub fn nested(braces: &Group) -> Group {
    let mut nested = braces.clone();
    if !braces.stream().into_iter().any(|token| is_punct(&token, ';')) {
        nested.set_span(own(braces.span()));
    }
    nested
}
