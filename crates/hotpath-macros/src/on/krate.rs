//! The path of the profiler's crate, seen from the code that is expanded.
//!
//! An attribute cannot find out by which path it was called. So its crate is the one named by `crate = ".."`, or else what
//! `Cargo.toml` calls it, or else `::hotpath`.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::ParseStream;
use syn::{Error, LitStr, Path, Result};

use super::args::text_value;
use super::manifest::{self, Dependency};
use super::tokens::own;

/// The path of the profiler's crate.
#[derive(Clone)]
pub struct Krate {
    path: TokenStream,
    /// The value of `crate = ..` as it was written.
    given: Option<TokenStream>,
}

impl Krate {
    /// Returns the path in `crate = ..`, or else finds it. `attribute` is the name of the one that is expanded.
    pub fn or_found(given: Option<Self>, attribute: &str) -> Result<Self> {
        if let Some(given) = given {
            return Ok(given);
        }
        let name = match manifest::dependency() {
            Dependency::Named(name) => name,
            Dependency::Unknown => manifest::PACKAGE.to_owned(),
            Dependency::Absent => match written_path(attribute) {
                Some(path) => return Err(absent(attribute, &path)),
                None => manifest::PACKAGE.to_owned(),
            },
        };
        let mixed = Span::mixed_site();
        let name = Ident::new(&name, mixed);
        Ok(Self { path: quote_spanned!(mixed=> ::#name), given: None })
    }

    /// The value of `crate = "path"`. Without quotes too: a `macro_rules!` of a facade has `$crate`, which is no text.
    pub fn parse(input: ParseStream) -> Result<Self> {
        let wrong = "`crate` must be the path of the profiler's crate: write `crate = \"prof\"` or `crate = \"facade::hotpath\"`";
        if !input.peek(LitStr) {
            let span = input.span();
            let path = Path::parse_mod_style(input).map_err(|_| Error::new(span, wrong))?.into_token_stream();
            return Ok(Self { given: Some(path.clone()), path });
        }
        let text = text_value("crate", input)?;
        let path = text.parse_with(Path::parse_mod_style).map_err(|_| Error::new(text.span(), wrong))?;
        let mixed = own(text.span());
        let at_text = |mut token: TokenTree| {
            token.set_span(mixed);
            token
        };
        let path = path.into_token_stream().into_iter().map(at_text).collect();
        Ok(Self { path, given: Some(text.into_token_stream()) })
    }

    pub fn path(&self) -> &TokenStream {
        &self.path
    }

    /// Returns the path of `hotpath::private`, which every expansion uses.
    pub fn private(&self) -> TokenStream {
        let path = &self.path;
        quote_spanned!(Span::mixed_site()=> #path::private)
    }

    /// `crate = ..,` for an attribute that this one puts on something, if it was given.
    pub fn parameter(&self) -> Option<TokenStream> {
        self.given.as_ref().map(|given| quote!(crate = #given,))
    }

    /// Returns true if a path that begins so may be one of ours.
    pub fn is_called(&self, first: &Ident) -> bool {
        let own = self.path.clone().into_iter().find(|token| matches!(token, TokenTree::Ident(_)));
        first == manifest::PACKAGE || own.is_some_and(|own| *first == own.to_string())
    }
}

/// The path in front of the attribute's name where it stands in the source, unless that is `hotpath`: an alias of that name may
/// be there without being in `Cargo.toml`.
fn written_path(attribute: &str) -> Option<String> {
    let text = Span::call_site().source_text()?;
    let text = text.trim_start_matches(['#', '[', ':', ' ']);
    let end = text.find(|c: char| !c.is_alphanumeric() && !"_: ".contains(c)).unwrap_or(text.len());
    let path = text[..end].trim_end().strip_suffix(attribute)?.trim_end().strip_suffix("::")?;
    (path != manifest::PACKAGE).then(|| path.to_owned())
}

fn absent(attribute: &str, path: &str) -> Error {
    let message = format!(
        "this crate does not depend on `hotpath` itself: say where it is, such as \
         `#[{path}::{attribute}(crate = \"{path}::hotpath\")]` if `{path}` has `pub use hotpath;`"
    );
    Error::new(Span::call_site(), message)
}
