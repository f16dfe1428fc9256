//! Parameters of an attribute: `name = value`, with commas between them, in any order, each at most once.

use std::ops::RangeInclusive;

use proc_macro2::{Ident, Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Error, Lit, LitStr, Result, Token};

use super::nearest::{hint, list};

/// Calls `read` for each parameter of `owner` (as the user writes it), with the input standing at its value.
///
/// `read` is called only for names in `known`. Every wrong parameter is reported, unless a value cannot even be
/// skipped.
pub fn parse_each(
    args: TokenStream,
    owner: &str,
    known: &[&str],
    mut read: impl FnMut(&str, ParseStream) -> Result<()>,
) -> Result<()> {
    let parse = |input: ParseStream| {
        let mut seen: Vec<String> = Vec::new();
        let mut errors: Option<Error> = None;
        while !input.is_empty() {
            let name = input.call(Ident::parse_any).map_err(|error| {
                Error::new(error.span(), format!("expected `name = value`, with a name of {}", list(known)))
            })?;
            let result = check_name(&name, owner, known, &seen).and_then(|()| {
                expect_equals(&name, input)?;
                read(&name.to_string(), input)
            });
            if let Err(error) = result.and_then(|()| expect_comma(input)) {
                collect(&mut errors, error);
                skip_to_comma(input)?;
            }
            seen.push(name.to_string());
            input.parse::<Option<Token![,]>>()?;
        }
        errors.map_or(Ok(()), Err)
    };
    parse.parse2(args)
}

fn check_name(name: &Ident, owner: &str, known: &[&str], seen: &[String]) -> Result<()> {
    let text = name.to_string();
    if !known.contains(&text.as_str()) {
        let (hint, list) = (hint(&text, known), list(known));
        return Err(Error::new(
            name.span(),
            format!("unknown parameter `{text}`{hint}: `{owner}` takes {list}"),
        ));
    }
    if seen.contains(&text) {
        return Err(Error::new(name.span(), format!("`{text}` is given twice: keep one of them")));
    }
    Ok(())
}

fn expect_equals(name: &Ident, input: ParseStream) -> Result<()> {
    if input.peek(Token![=]) {
        return input.parse::<Token![=]>().map(|_| ());
    }
    Err(Error::new(name.span(), format!("`{name}` needs a value: write `{name} = ..`")))
}

fn expect_comma(input: ParseStream) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) { Ok(()) } else { Err(input.error("expected `,`")) }
}

fn skip_to_comma(input: ParseStream) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

fn collect(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(errors) => errors.combine(error),
        None => *errors = Some(error),
    }
}

/// `true` or `false`.
pub fn bool_value(name: &str, input: ParseStream) -> Result<bool> {
    match literal(input, || format!("`{name}` must be `true` or `false`"))? {
        Lit::Bool(value) => Ok(value.value),
        other => Err(Error::new(other.span(), format!("`{name}` must be `true` or `false`, without quotes"))),
    }
}

/// A string with at least one character.
pub fn text_value(name: &str, input: ParseStream) -> Result<LitStr> {
    match literal(input, || format!("`{name}` must be a string: write `{name} = \"..\"`"))? {
        Lit::Str(text) if text.value().trim().is_empty() => {
            Err(Error::new(text.span(), format!("`{name}` is empty: give it a text or leave it out")))
        }
        Lit::Str(text) => Ok(text),
        other => Err(Error::new(other.span(), format!("`{name}` must be a string: write `{name} = \"..\"`"))),
    }
}

/// A whole number, 0 or more.
pub fn count_value(name: &str, input: ParseStream) -> Result<syn::LitInt> {
    let expected = || format!("`{name}` must be a whole number, 0 or more");
    match literal(input, expected)? {
        Lit::Int(number) if number.base10_parse::<u64>().is_ok() => Ok(number),
        other => Err(Error::new(other.span(), expected())),
    }
}

/// A number of the given range, with its position; anything else is an error with the text `expected`.
pub fn number_value(input: ParseStream, range: RangeInclusive<f64>, expected: &str) -> Result<(f64, Span)> {
    let literal = literal(input, || expected.to_owned())?;
    let number = match &literal {
        Lit::Int(number) => number.base10_parse().ok(),
        Lit::Float(number) => number.base10_parse().ok(),
        _ => None,
    };
    match number.filter(|number| range.contains(number)) {
        Some(number) => Ok((number, literal.span())),
        None => Err(Error::new(literal.span(), expected)),
    }
}

/// A literal; anything else is an error with the given text at the first token.
pub fn literal(input: ParseStream, expected: impl Fn() -> String) -> Result<Lit> {
    let span: Span = input.span();
    if input.is_empty() || input.peek(Token![,]) || input.peek(Token![-]) {
        return Err(Error::new(span, expected()));
    }
    Lit::parse(input).map_err(|_| Error::new(span, expected()))
}
