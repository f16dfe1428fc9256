//! A function as the user wrote it: its signature understood, its body left as tokens.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Meta, Result, ReturnType, Signature, Token, Type, Visibility};

use super::tokens::{
    braces, is_ident, is_punct, mentions, nested, own, refill, split_inner_attributes, visible,
};

/// The model that all function attributes work on.
pub struct Function {
    /// Everything before the body, as it was.
    pub header: TokenStream,
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub sig: Signature,
    /// `#![..]` at the front of the body.
    pub inner_attrs: TokenStream,
    /// The body with its braces, without `inner_attrs`, fit to be a block inside ours.
    pub body: Group,
}

impl Function {
    /// Reads the item that an attribute of the given name stands on.
    pub fn parse(item: TokenStream, attribute: &str) -> Result<Self> {
        let mut tokens = visible(item);
        let last = tokens.pop();
        let Some(last) = last.filter(|_| Start::of(&tokens).is("fn")) else {
            return Err(not_a_function(&tokens, attribute));
        };
        let Some(body) = braces(&last) else {
            return Err(Error::new(last.span(), no_body(attribute)));
        };
        let header: TokenStream = tokens.into_iter().collect();
        let (attrs, vis, sig) = parse_header.parse2(header.clone())?;
        let (inner_attrs, rest) = split_inner_attributes(&body);
        let body = nested(&refill(&body, rest));
        Ok(Self { header, attrs, vis, sig, inner_attrs, body })
    }

    /// The name without `r#`.
    pub fn name(&self) -> String {
        let name = self.sig.ident.to_string();
        name.strip_prefix("r#").map_or(name.clone(), str::to_owned)
    }

    /// The type of the value; `None` for `()` that is not written.
    pub fn output(&self) -> Option<&Type> {
        match &self.sig.output {
            ReturnType::Default => None,
            ReturnType::Type(_, output) => Some(output),
        }
    }

    /// The type of the value where it can be written inside the body, which an `impl Trait` cannot.
    pub fn nameable_output(&self) -> Option<TokenStream> {
        let output = self.output()?.to_token_stream();
        (!mentions(output.clone(), "impl")).then_some(output)
    }

    pub fn never_returns(&self) -> bool {
        matches!(self.output(), Some(Type::Never(_)))
    }

    /// Whether an attribute other than the language's own stands below ours: it may want to see an `async fn`.
    pub fn has_foreign_attribute(&self) -> bool {
        self.attrs.iter().any(|attribute| is_foreign(&attribute.meta))
    }

    /// The function with our statement in front of its body.
    ///
    /// The body stays in its own braces: its items are then still at the start of a block, and the braces keep
    /// the user's position for the compiler's messages. The outer braces are ours, of edition 2024, so temporaries
    /// of the body's last expression are dropped before what `first` declares, in every edition.
    pub fn with_first(&self, first: &TokenStream) -> TokenStream {
        let Self { header, inner_attrs, body, .. } = self;
        self.braced(header, quote!(#inner_attrs #first #body))
    }

    /// The header with other parameters and another return type.
    pub fn header_with(
        &self,
        asyncness: Option<&Token![async]>,
        inputs: &TokenStream,
        output: &TokenStream,
    ) -> TokenStream {
        let Self { attrs, vis, sig, .. } = self;
        let Signature { abi, fn_token, ident, generics, .. } = sig;
        let safety = safety(sig);
        let clause = &generics.where_clause;
        quote!(#(#attrs)* #vis #asyncness #safety #abi #fn_token #ident #generics (#inputs) #output #clause)
    }

    /// A body for `header`, in braces of our own that stand where the user's do.
    pub fn braced(&self, header: &impl ToTokens, content: TokenStream) -> TokenStream {
        let mut block = Group::new(Delimiter::Brace, content);
        block.set_span(own(self.body.span()));
        quote!(#header #block)
    }
}

/// `unsafe`, if the function is. The field for it has another name in syn 2 than in syn 3, and either serves.
fn safety(sig: &Signature) -> Option<TokenTree> {
    let qualifiers = sig.to_token_stream().into_iter().take_while(|token| !is_ident(token, "fn"));
    qualifiers.filter(|token| is_ident(token, "unsafe") || is_ident(token, "safe")).last()
}

fn parse_header(input: ParseStream) -> Result<(Vec<Attribute>, Visibility, Signature)> {
    Ok((input.call(Attribute::parse_outer)?, input.parse()?, input.parse()?))
}

/// What an item starts with, after its attributes.
pub struct Start<'a> {
    /// Visibility and the words that may stand in front of `fn`.
    pub qualifiers: Vec<&'a Ident>,
    /// The first token that is none of those; it tells the kind of item.
    pub kind: Option<&'a TokenTree>,
}

impl<'a> Start<'a> {
    pub fn of(tokens: &'a [TokenTree]) -> Self {
        let mut start = Self { qualifiers: Vec::new(), kind: None };
        for token in tokens {
            match token {
                TokenTree::Ident(word) if is_qualifier(word) => start.qualifiers.push(word),
                // `"C"`, `(crate)`, `#[..]`, and the invisible group of a `$vis` fragment.
                TokenTree::Literal(_) => {}
                TokenTree::Punct(_) if is_punct(token, '#') => {}
                TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {}
                kind => {
                    start.kind = Some(kind);
                    break;
                }
            }
        }
        start
    }

    pub fn is(&self, keyword: &str) -> bool {
        self.kind.is_some_and(|token| is_ident(token, keyword))
    }
}

fn is_qualifier(word: &Ident) -> bool {
    ["pub", "crate", "default", "const", "async", "unsafe", "safe", "extern"].iter().any(|name| word == name)
}

fn not_a_function(tokens: &[TokenTree], attribute: &str) -> Error {
    let start = Start::of(tokens);
    let instead = if attribute == "measure" && (start.is("impl") || start.is("mod")) {
        "; for all functions of a block or module use `#[hotpath::measure_all]`"
    } else {
        ""
    };
    let span = start.kind.map_or_else(Span::call_site, TokenTree::span);
    Error::new(span, format!("`#[hotpath::{attribute}]` goes on a function or method{instead}"))
}

fn no_body(attribute: &str) -> String {
    format!(
        "a function without a body has nothing to run: put `#[hotpath::{attribute}]` on the implementation, or on a \
         method with a default body"
    )
}

/// Attributes that leave an `async fn` as it is.
const LANGUAGE: [&str; 27] = [
    "allow",
    "cfg",
    "clippy",
    "cold",
    "coverage",
    "deny",
    "deprecated",
    "diagnostic",
    "doc",
    "expect",
    "export_name",
    "forbid",
    "ignore",
    "inline",
    "instruction_set",
    "link_section",
    "must_use",
    "no_mangle",
    "optimize",
    "rustc",
    "rustfmt",
    "should_panic",
    "skip",
    "target_feature",
    "track_caller",
    "unsafe",
    "warn",
];

fn is_foreign(meta: &Meta) -> bool {
    if meta.path().is_ident("cfg_attr") {
        return conditional(meta).is_none_or(|inside| inside.iter().any(is_foreign));
    }
    let Some(first) = meta.path().segments.first() else { return true };
    let skip = meta.path().segments.last().is_some_and(|last| last.ident == "skip");
    !skip && !LANGUAGE.iter().any(|name| first.ident == name)
}

/// The attributes inside `cfg_attr(condition, ..)`.
pub fn conditional(meta: &Meta) -> Option<Vec<Meta>> {
    let list = meta.require_list().ok()?;
    let inside = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
    Some(inside.into_iter().skip(1).collect())
}
