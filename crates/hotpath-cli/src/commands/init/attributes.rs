//! The attributes of an item, and the position for another one.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::{Attribute, Meta, Path, Signature, Visibility};

/// An attribute of hotpath, in any documented form: `#[hotpath::measure]`,
/// `#[cfg_attr(feature = "hotpath", hotpath::measure)]`, and the bare name after a `use`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HotpathAttribute {
    Main,
    Measure,
    MeasureAll,
    Skip,
}

/// Returns the attributes of hotpath that an item has.
pub(super) fn of_hotpath(attributes: &[Attribute]) -> Vec<HotpathAttribute> {
    let mut found = Vec::new();
    for attribute in attributes {
        match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg_attr") => {
                let words: Vec<_> = words(list.tokens.clone()).collect();
                let after = words.windows(2).filter(|pair| pair[0] == "hotpath");
                found.extend(after.filter_map(|pair| by_name(&pair[1])));
            }
            meta => found.extend(by_path(meta.path())),
        }
    }
    found
}

fn by_path(path: &Path) -> Option<HotpathAttribute> {
    let is_qualified = path.segments.len() == 2 && path.segments[0].ident == "hotpath";
    let name = path.segments.last()?.ident.to_string();
    // Other crates have a `main` and a `skip`, too.
    let is_bare = path.segments.len() == 1 && name.starts_with("measure");
    (is_qualified || is_bare).then(|| by_name(&name)).flatten()
}

fn by_name(name: &str) -> Option<HotpathAttribute> {
    Some(match name {
        "main" => HotpathAttribute::Main,
        // A future is measured already; another attribute would measure it twice.
        "measure" | "future_fn" => HotpathAttribute::Measure,
        "measure_all" => HotpathAttribute::MeasureAll,
        "skip" => HotpathAttribute::Skip,
        _ => return None,
    })
}

/// Returns all identifiers among the tokens, also in groups.
pub(super) fn words(tokens: TokenStream) -> Box<dyn Iterator<Item = String>> {
    Box::new(tokens.into_iter().flat_map(|token| -> Box<dyn Iterator<Item = String>> {
        match token {
            TokenTree::Ident(ident) => Box::new(std::iter::once(ident.to_string())),
            TokenTree::Group(group) => words(group.stream()),
            _ => Box::new(std::iter::empty()),
        }
    }))
}

/// Returns whether the item exists only in tests.
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

/// Returns whether all attributes are known to work together with ours. Others may be macros that rewrite the item.
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

/// Returns whether the compiler always inlines the function: it is too small to be measured.
pub(super) fn is_always_inlined(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let Meta::List(list) = &attribute.meta else { return false };
        list.path.is_ident("inline") && words(list.tokens.clone()).any(|word| word == "always")
    })
}

/// Returns the start of a function after its attributes, where another one goes.
pub(super) fn start(visibility: &Visibility, signature: &Signature) -> Span {
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
