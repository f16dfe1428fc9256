//! A function as the user wrote it: its signature understood, its body left as tokens.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Meta, Result, ReturnType, Signature, Token, Type, Visibility};

use super::tokens::{braces, is_ident, is_punct, mentions, own, refill, split_inner_attributes, visible};

/// The model that all function attributes work on.
pub struct Function {
    /// Everything before the body, as it was.
    pub header: TokenStream,
    pub attrs: Vec<Attribute>,
    pub vis: Visibility,
    pub sig: Signature,
    /// `#![..]` at the front of the body.
    pub inner_attrs: TokenStream,
    /// The body with its braces, without `inner_attrs`.
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
        let body = refill(&body, rest);
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

    /// Returns true if an attribute other than the language's own stands below ours: it may want to see an `async fn`.
    pub fn has_foreign_attribute(&self) -> bool {
        self.attrs.iter().any(|attribute| is_foreign(&attribute.meta))
    }

    /// Returns the end of the parameters and the return type.
    pub fn end_of_signature(&self) -> Span {
        let output = self.sig.output.to_token_stream().into_iter().last();
        output.map_or_else(|| self.sig.paren_token.span.close(), |last| last.span())
    }

    /// Returns true if lints judge the function by its being an `async fn`: rustc of a `must_use`, clippy of methods whose names are
    /// those of well-known traits.
    pub fn is_linted_as_async(&self) -> bool {
        let must_use = |attribute: &Attribute| attribute.path().is_ident("must_use");
        let is_method = self.sig.receiver().is_some() || self.sig.inputs.len() <= 1;
        self.attrs.iter().any(must_use) || (is_method && WELL_KNOWN.iter().any(|name| self.sig.ident == name))
    }

    /// The function with our statements in front of its body.
    pub fn with_first(&self, first: &TokenStream) -> TokenStream {
        self.with_body(&self.header, &between(first, &self.body))
    }

    /// A block that is the body with our statements in front of it, and that stands where the body does.
    pub fn layered(&self, first: &TokenStream) -> Group {
        refill(&self.body, between(first, &self.body))
    }

    /// `header` with a body that stands where the user's does.
    pub fn with_body(&self, header: &TokenStream, content: &TokenStream) -> TokenStream {
        let inner_attrs = &self.inner_attrs;
        let body = refill(&self.body, quote!(#inner_attrs #content));
        quote!(#header #body)
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
        let mut words = quote!(#asyncness #safety #abi #fn_token).into_iter();
        let mut first = words.next();
        if let (Some(first), None, Some(was)) = (&mut first, asyncness, &sig.asyncness) {
            // The signature begins where it began.
            first.set_span(was.span);
        }
        let words = first.into_iter().chain(words).collect::<TokenStream>();
        let mut parameters = Group::new(Delimiter::Parenthesis, inputs.clone());
        parameters.set_span(sig.paren_token.span.join());
        quote!(#(#attrs)* #vis #words #ident #generics #parameters #output #clause)
    }
}

/// Returns the content of the user's outer braces: `{ first { body } }`, the outer of which are ours and the inner the user's.
///
/// Lints ask whether a function, a closure or an `async` block as a whole comes from a macro: its outermost braces must be the
/// user's. They ask the same of what is around the body's expressions, which must be the user's too; the body's items are then
/// also still at the start of a block. The braces between them are ours: of edition 2024, so that temporaries of the body's last expression are
/// dropped before what `first` declares, in every edition; and a lint about the last expression of an `async` block sees
/// something that the user did not write.
pub fn between(first: &TokenStream, body: &Group) -> TokenStream {
    let (body, mixed) = (labelled(body), own(body.span()));
    quote_spanned!(mixed=> { #first #body })
}

/// The user's braces as a block inside of ours.
///
/// A block on one line with nothing but an expression would be reported as needless braces, unless it has a label. The label is a
/// part of the block, so it is the user's too.
fn labelled(body: &Group) -> TokenStream {
    let has_statements = body.stream().into_iter().any(|token| is_punct(&token, ';'));
    let at = body.span_open();
    let label = (!has_statements && !body.stream().is_empty()).then(|| quote_spanned!(at=> '__hotpath_body:));
    quote!(#label #body)
}

/// Returns true if the attribute leaves nothing of a function but the assembly in it.
pub fn is_naked(meta: &Meta) -> bool {
    let is_unsafe_naked = || {
        let list = meta.require_list().ok();
        list.and_then(|list| list.parse_args::<Meta>().ok()).is_some_and(|inside| is_naked(&inside))
    };
    match meta.path() {
        path if path.is_ident("naked") => true,
        path if path.is_ident("unsafe") => is_unsafe_naked(),
        path if path.is_ident("cfg_attr") => {
            conditional(meta).is_some_and(|inside| inside.iter().any(is_naked))
        }
        _ => false,
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

/// The start of an item, after its attributes.
pub struct Start<'a> {
    /// Visibility and the words that may stand in front of `fn`.
    pub qualifiers: Vec<&'a Ident>,
    /// The first token that is none of those; it decides the kind of item.
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
    Error::new(
        span,
        format!("`#[hotpath::{attribute}]` can only be applied to a function or method{instead}"),
    )
}

fn no_body(attribute: &str) -> String {
    format!(
        "a function without a body has nothing to run: put `#[hotpath::{attribute}]` on the implementation, or on a \
         method with a default body"
    )
}

/// Methods that clippy takes for those of a trait (`should_implement_trait`, `len_without_is_empty`), but not if they are `async`.
const WELL_KNOWN: [&str; 31] = [
    "add",
    "as_mut",
    "as_ref",
    "bitand",
    "bitor",
    "bitxor",
    "borrow",
    "borrow_mut",
    "clone",
    "cmp",
    "default",
    "deref",
    "deref_mut",
    "div",
    "drop",
    "eq",
    "from_iter",
    "from_str",
    "hash",
    "index",
    "index_mut",
    "into_iter",
    "len",
    "mul",
    "neg",
    "next",
    "not",
    "rem",
    "shl",
    "shr",
    "sub",
];

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
