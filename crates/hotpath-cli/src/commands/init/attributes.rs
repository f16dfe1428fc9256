//! What the attributes of an item say, and where another one goes.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{Attribute, Meta, Path, Signature, Visibility};

/// An attribute of hotpath that an item has, in any of the forms that documents show: `#[hotpath::measure]`,
/// `#[cfg_attr(feature = "hotpath", hotpath::measure)]`, and the bare name after a `use`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Main,
    Measure,
    MeasureAll,
    Skip,
}

/// The marks of an item.
pub(super) fn marks(attributes: &[Attribute]) -> Vec<Mark> {
    let mut marks = Vec::new();
    for attribute in attributes {
        match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let words: Vec<_> = words(list.tokens.clone()).collect();
                let after = words.windows(2).filter(|pair| pair[0] == "hotpath");
                marks.extend(after.filter_map(|pair| mark(&pair[1])));
            }
            meta => marks.extend(marked(meta.path())),
        }
    }
    marks
}

fn marked(path: &Path) -> Option<Mark> {
    let of_hotpath = path.segments.len() == 2 && path.segments[0].ident == "hotpath";
    let name = path.segments.last()?.ident.to_string();
    // Bare `main` and `skip` are names of others as well.
    let bare = path.segments.len() == 1 && name.starts_with("measure");
    (of_hotpath || bare).then(|| mark(&name)).flatten()
}

fn mark(name: &str) -> Option<Mark> {
    Some(match name {
        "main" => Mark::Main,
        // Watched as a future; a second time would be twice.
        "measure" | "future_fn" => Mark::Measure,
        "measure_all" => Mark::MeasureAll,
        "skip" => Mark::Skip,
        _ => return None,
    })
}

/// All identifiers among the tokens, from the outside in.
pub(super) fn words(tokens: TokenStream) -> Box<dyn Iterator<Item = String>> {
    Box::new(tokens.into_iter().flat_map(|token| -> Box<dyn Iterator<Item = String>> {
        match token {
            TokenTree::Ident(ident) => Box::new(std::iter::once(ident.to_string())),
            TokenTree::Group(group) => words(group.stream()),
            _ => Box::new(std::iter::empty()),
        }
    }))
}

/// Whether the item is there in tests only.
pub(super) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::Path(path) => {
            path.segments.last().is_some_and(|last| last.ident == "test" || last.ident == "bench")
        }
        Meta::List(list) if list.path.is_ident("cfg") => {
            let words: Vec<_> = words(list.tokens.clone()).collect();
            words.iter().any(|word| word == "test") && !words.iter().any(|word| word == "not")
        }
        // `#[tokio::test(flavor = "…")]`
        meta => meta.path().segments.last().is_some_and(|last| last.ident == "test"),
    })
}

/// Attributes beside which one of ours is known to be good. Others may be macros that do what they like with the item.
pub(super) fn are_harmless(attributes: &[Attribute]) -> bool {
    const HARMLESS: [&str; 13] = [
        "doc",
        "inline",
        "must_use",
        "allow",
        "warn",
        "deny",
        "forbid",
        "expect",
        "cfg",
        "cold",
        "deprecated",
        "instrument",
        "track_caller",
    ];
    attributes.iter().all(|attribute| {
        let path = attribute.path();
        let last = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        HARMLESS.contains(&last.as_str())
            || path.segments[0].ident == "clippy"
            || path.segments[0].ident == "rustfmt"
    })
}

/// Whether the compiler puts the function into its callers always: too small to be measured.
pub(super) fn is_always_inlined(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::List(list) = &attribute.meta else { return false };
        list.path.is_ident("inline") && words(list.tokens.clone()).any(|word| word == "always")
    })
}

/// Where a function begins behind its attributes: the place for one more, innermost.
pub(super) fn begin(visibility: &Visibility, signature: &Signature) -> Span {
    match visibility {
        Visibility::Public(token) => return token.span,
        Visibility::Restricted(restricted) => return restricted.pub_token.span,
        Visibility::Inherited => {}
    }
    let Signature { constness, asyncness, safety, abi, fn_token, .. } = signature;
    let safety = match safety {
        syn::Safety::Unsafe(token) => Some(token.span),
        syn::Safety::Safe(token) => Some(token.span),
        syn::Safety::Default => None,
    };
    let first =
        constness.as_ref().map(|token| token.span).or(asyncness.as_ref().map(|token| token.span)).or(safety);
    first.or(abi.as_ref().map(|abi| abi.extern_token.span)).unwrap_or(fn_token.span)
}
