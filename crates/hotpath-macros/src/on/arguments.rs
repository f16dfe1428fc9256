//! Arguments on their way into the closure or future that the body has become.
//!
//! They go in as they do in a plain `async fn`: all of them, used or not, in the order they are declared, so that
//! they are dropped when and in the order a plain function drops them. Parameters that are not plain names get one;
//! plain names keep theirs, in our hygiene, so that a lint sees each of the user's names once.
//!
//! Where an attribute of another crate stands below ours, all of them stay as they were written: it may read them.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, FnArg, Pat, PatIdent, PatType, Receiver, Token};

use super::function::Function;
use super::tokens::own;

pub struct Arguments {
    /// The parameter list, without parentheses.
    pub inputs: TokenStream,
    /// Statements that move each argument into the block they stand in.
    pub moves: TokenStream,
}

impl Arguments {
    pub fn of(function: &Function) -> Self {
        let mut arguments = Self { inputs: TokenStream::new(), moves: TokenStream::new() };
        for (at, input) in function.sig.inputs.iter().enumerate() {
            let (input, moved) = match input {
                FnArg::Receiver(receiver) => (quote!(#receiver), mention(receiver)),
                FnArg::Typed(typed) if function.has_foreign_attribute() => as_written(typed, at),
                FnArg::Typed(typed) => rebind(typed, at),
            };
            arguments.inputs.extend(quote!(#input,));
            arguments.moves.extend(moved);
        }
        if let Some(variadic) = &function.sig.variadic {
            arguments.inputs.extend(quote!(#variadic));
        }
        arguments
    }
}

/// Makes the block capture all of `self`, which cannot be bound again.
fn mention(receiver: &Receiver) -> TokenStream {
    let self_token = &receiver.self_token;
    let mixed = own(self_token.span);
    quote_spanned!(mixed=> let _ = &#self_token;)
}

fn rebind(typed: &PatType, at: usize) -> (TokenStream, TokenStream) {
    let PatType { attrs, pat, colon_token, ty } = typed;
    let mixed = own(pat.span());
    let name = match plain_name(pat) {
        Some(name) => at_span(name, mixed),
        None => format_ident!("__hotpath_arg{}", at, span = mixed),
    };
    let conditions = attrs.iter().filter(|attribute| is_condition(attribute));
    let attrs: Vec<&Attribute> = attrs.iter().filter(|attribute| is_of_statement(attribute)).collect();
    let input = quote!(#(#conditions)* #name #colon_token #ty);
    let bind = quote_spanned!(mixed=> #(#attrs)* let #pat = #name;);
    let moved = match &**pat {
        // In a tuple, since `let _name = argument;` alone is what clippy takes for a binding without effect.
        Pat::Ident(_) if plain_name(pat).is_some_and(|name| name.to_string().starts_with('_')) => {
            quote_spanned!(mixed=> #(#attrs)* let (#pat,) = (#name,);)
        }
        Pat::Ident(_) if plain_name(pat).is_some() => bind,
        Pat::Wild(_) => quote_spanned!(mixed=> #(#attrs)* let #name = #name;),
        _ => quote_spanned!(mixed=> #(#attrs)* let #name = #name; #bind),
    };
    (input, moved)
}

/// The parameter itself, and each name in it moved. `mut` goes with the names, since it would be unused in the signature.
fn as_written(typed: &PatType, at: usize) -> (TokenStream, TokenStream) {
    let PatType { attrs, pat, colon_token, ty } = typed;
    let mut names = Names::default();
    let Ok(mut pat) = Pat::parse_single.parse2(pat.to_token_stream()) else { return rebind(typed, at) };
    names.visit_pat_mut(&mut pat);
    // The name is used here, whatever is expected.
    let kept = attrs.iter().filter(|attribute| !attribute.path().is_ident("expect"));
    let input = quote!(#(#kept)* #pat #colon_token #ty);
    let attrs: Vec<&Attribute> = attrs.iter().filter(|attribute| is_of_statement(attribute)).collect();
    let moves = names.0.into_iter().map(|(mutability, name)| {
        let mixed = own(name.span());
        if name.to_string().starts_with('_') {
            // In a tuple: see above.
            return quote_spanned!(mixed=> #(#attrs)* let (#mutability #name,) = (#name,););
        }
        quote_spanned!(mixed=> #(#attrs)* let #mutability #name = #name;)
    });
    (input, moves.collect())
}

/// The names that a pattern binds to values.
#[derive(Default)]
struct Names(Vec<(Option<Token![mut]>, Ident)>);

impl VisitMut for Names {
    fn visit_pat_ident_mut(&mut self, pat: &mut PatIdent) {
        if pat.by_ref.is_none() {
            self.0.push((pat.mutability.take(), pat.ident.clone()));
        }
        visit_mut::visit_pat_ident_mut(self, pat);
    }
}

fn at_span(name: &Ident, span: Span) -> Ident {
    let mut name = name.clone();
    name.set_span(span);
    name
}

/// The name of a parameter that is nothing else, `mut` aside.
fn plain_name(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. }) => Some(ident),
        _ => None,
    }
}

/// Returns true if the attribute may stand on a statement too: those of other macros are for them only.
fn is_of_statement(attribute: &Attribute) -> bool {
    is_condition(attribute) || is_level(attribute)
}

/// Returns true if the attribute sets the level of a lint.
fn is_level(attribute: &Attribute) -> bool {
    ["allow", "warn", "deny", "forbid", "expect"].iter().any(|level| attribute.path().is_ident(level))
}

/// Returns true if the attribute decides if the parameter is there at all.
fn is_condition(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg") || attribute.path().is_ident("cfg_attr")
}
