//! `#[measure_all]`: puts `#[measure]` on the functions of a block, and reads no further into them.
//!
//! The attribute is put nearest to each function, so that others, such as `#[async_trait]` around it, still see
//! the functions as they were written.

use std::collections::VecDeque;

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::Parser;
use syn::{Attribute, Error, ItemImpl, Meta, Path, Result, Type};

use super::function::{Start, conditional, is_naked};
use super::krate::Krate;
use super::measure_args::MeasureArgs;
use super::tokens::{braces, is_group, is_ident, is_punct, own, refill, split_inner_attributes, visible};

pub fn expand(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args = MeasureArgs::parse_all(args)?;
    let mut header = visible(item);
    let last = header.pop();
    let body = last.as_ref().and_then(braces);
    let start = Start::of(&header);
    let Some(body) = body.filter(|_| start.is("impl") || start.is("mod")) else {
        return Err(wrong_item(&start, last.as_ref()));
    };
    let impl_type = if start.is("impl") { type_name(&header)? } else { None };
    let attribute = |is_async| attribute(&args, impl_type.as_deref(), is_async);
    let (inner_attrs, content) = split_inner_attributes(&body);
    let items = Items { rest: content.into_iter().collect() };
    let measured: TokenStream = items.map(|item| item.measured(&args.krate, attribute)).collect();
    let header: TokenStream = header.into_iter().collect();
    let body = refill(&body, quote!(#inner_attrs #measured));
    Ok(quote!(#header #body))
}

fn wrong_item(start: &Start, last: Option<&TokenTree>) -> Error {
    let span = start.kind.or(last).map_or_else(Span::call_site, TokenTree::span);
    let message = if start.is("mod") {
        "`#[hotpath::measure_all]` cannot see into another file: put it on a `mod` with its body here, or on the \
         `impl` blocks and functions of that file"
    } else if start.is("fn") {
        "`#[hotpath::measure_all]` can only be applied to an `impl` block or an inline `mod`: for one function use \
         `#[hotpath::measure]`"
    } else {
        "`#[hotpath::measure_all]` can only be applied to an `impl` block or an inline `mod`"
    };
    Error::new(span, message)
}

/// The last segment of the type that an `impl` is for, without references and generics.
fn type_name(header: &[TokenTree]) -> Result<Option<String>> {
    let header: TokenStream = header.iter().cloned().collect();
    let item: ItemImpl = syn::parse2(quote!(#header {}))?;
    Ok(last_segment(&item.self_ty))
}

fn last_segment(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(ty) => {
            let name = ty.path.segments.last()?.ident.to_string();
            Some(name.strip_prefix("r#").map_or(name.clone(), str::to_owned))
        }
        Type::Reference(ty) => last_segment(&ty.elem),
        Type::Paren(ty) => last_segment(&ty.elem),
        Type::Group(ty) => last_segment(&ty.elem),
        _ => None,
    }
}

/// `future = true` is for the async functions among them.
fn attribute(args: &MeasureArgs, impl_type: Option<&str>, is_async: bool) -> TokenStream {
    let mixed = own(Span::call_site());
    let impl_type = impl_type.map(|name| quote!(impl_type = #name,));
    let log = args.log.then(|| quote!(log = true,));
    let future = args.future.filter(|_| is_async).map(|_| quote!(future = true,));
    let sample = args.sample.as_ref().map(|rate| quote!(sample = #rate,));
    let (krate, parameter) = (args.krate.path(), args.krate.parameter());
    quote_spanned!(mixed=> #[#krate::measure(#impl_type #log #future #sample #parameter)])
}

/// One item of a block, in tokens: its attributes, and the rest.
struct Item {
    attrs: TokenStream,
    rest: Vec<TokenTree>,
}

impl Item {
    fn measured(self, krate: &Krate, attribute: impl Fn(bool) -> TokenStream) -> TokenStream {
        let measure =
            self.is_measurable_fn() && !self.has_attribute(|meta| decides(krate, meta) || is_naked(meta));
        let is_async = Start::of(&self.rest).qualifiers.iter().any(|word| *word == "async");
        let attribute = measure.then(|| attribute(is_async));
        let Self { attrs, rest } = self;
        let rest: TokenStream = rest.into_iter().collect();
        quote!(#attrs #attribute #rest)
    }

    fn is_measurable_fn(&self) -> bool {
        let start = Start::of(&self.rest);
        let is_const = start.qualifiers.iter().any(|word| *word == "const");
        let has_body = self.rest.last().is_some_and(|last| braces(last).is_some());
        start.is("fn") && has_body && !is_const
    }

    fn has_attribute(&self, is_it: impl Fn(&Meta) -> bool) -> bool {
        let attributes = Attribute::parse_outer.parse2(self.attrs.clone()).unwrap_or_default();
        attributes.iter().any(|attribute| is_it(&attribute.meta))
    }
}

/// Returns true if the attribute decides itself how its function is measured, if at all.
fn decides(krate: &Krate, meta: &Meta) -> bool {
    if meta.path().is_ident("cfg_attr") {
        return conditional(meta).is_some_and(|inside| inside.iter().any(|meta| decides(krate, meta)));
    }
    is_ours(krate, meta.path())
}

/// `measure`, `skip`, with or without `hotpath::` in front, or whatever the crate is called here; `main` only with it.
fn is_ours(krate: &Krate, path: &Path) -> bool {
    let segments: Vec<&Ident> = path.segments.iter().map(|segment| &segment.ident).collect();
    match segments.as_slice() {
        [name] => path.leading_colon.is_none() && (*name == "measure" || *name == "skip"),
        [first, .., name] => {
            krate.is_called(first) && ["measure", "skip", "main"].iter().any(|own| name == own)
        }
        [] => false,
    }
}

/// The items of a block. One ends at its first `;` or braces; a wrong guess does no harm, since all
/// tokens come out again in their order.
struct Items {
    rest: VecDeque<TokenTree>,
}

impl Iterator for Items {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let attrs = self.take_attributes();
        let first = self.rest.front()?;
        if is_whole_item(first) {
            return Some(Item { attrs, rest: self.rest.drain(..1).collect() });
        }
        let ends_with_semicolon = is_declaration(self.rest.make_contiguous());
        let mut rest = Vec::new();
        while let Some(token) = self.rest.pop_front() {
            let end = is_punct(&token, ';') || (!ends_with_semicolon && braces(&token).is_some());
            rest.push(token);
            if end {
                break;
            }
        }
        Some(Item { attrs, rest })
    }
}

impl Items {
    fn take_attributes(&mut self) -> TokenStream {
        let mut attrs = TokenStream::new();
        while self.rest.front().is_some_and(|token| is_punct(token, '#'))
            && self.rest.get(1).is_some_and(|token| is_group(token, Delimiter::Bracket))
        {
            attrs.extend(self.rest.drain(..2));
        }
        attrs
    }
}

/// An item that a `macro_rules!` fragment brought; it is as untouched as what other macros make.
fn is_whole_item(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let last = group.stream().into_iter().last();
    group.delimiter() == Delimiter::None
        && last.is_some_and(|last| is_punct(&last, ';') || braces(&last).is_some())
}

/// Items whose braces, if any, are not their end: `use a::{b}`, `const X: T = { .. }`.
fn is_declaration(tokens: &[TokenTree]) -> bool {
    let words = tokens.iter().filter(|token| matches!(token, TokenTree::Ident(_)));
    let first = words.into_iter().find(|token| !is_ident(token, "pub") && !is_ident(token, "default"));
    let is_const = first.is_some_and(|first| is_ident(first, "const")) && !Start::of(tokens).is("fn");
    is_const || first.is_some_and(|first| ["use", "static", "type"].iter().any(|word| is_ident(first, word)))
}
