//! The `static` of an instrumented place.

use proc_macro2::{Literal, Span, TokenStream};
use quote::quote_spanned;

use super::tokens::own;

/// The kind of an instrumented item, which decides the section and the form of its row.
#[derive(Clone, Copy)]
pub enum Kind {
    Fn,
    AsyncFn,
    Block,
    Future,
}

/// A `hotpath::private::Site` to be.
pub struct Site {
    /// The path of `hotpath::private`.
    pub private: TokenStream,
    /// Expression of type `&'static str`.
    pub name: TokenStream,
    /// `file, line, column`, as arguments.
    pub position: TokenStream,
    /// The span that messages about the expansion have.
    pub at: Span,
    pub kind: Kind,
    pub labelled: bool,
    pub logged: bool,
    pub future: bool,
    /// The share of calls to time, if the site has one of its own.
    pub sample: Option<Literal>,
}

impl Site {
    /// An expression of type `&'static Site`.
    pub fn reference(&self) -> TokenStream {
        let mixed = own(self.at);
        let (private, name, position) = (&self.private, &self.name, &self.position);
        let kind = match self.kind {
            Kind::Fn => quote_spanned!(mixed=> FN),
            Kind::AsyncFn => quote_spanned!(mixed=> ASYNC_FN),
            Kind::Block => quote_spanned!(mixed=> BLOCK),
            Kind::Future => quote_spanned!(mixed=> FUTURE),
        };
        let labelled = self.labelled.then(|| quote_spanned!(mixed=> .labelled()));
        let logged = self.logged.then(|| quote_spanned!(mixed=> .logged()));
        let future = self.future.then(|| quote_spanned!(mixed=> .future()));
        let sample = self.sample.as_ref().map(|rate| quote_spanned!(mixed=> .sampled(#rate)));
        quote_spanned! {mixed=> {
            static SITE: #private::Site =
                #private::Site::new(#name, #position, #private::#kind) #labelled #logged #future #sample;
            &SITE
        }}
    }
}

/// The place of a token, as arguments.
pub fn position_of(private: &TokenStream, at: Span) -> TokenStream {
    let (line, column) = line_and_column(at);
    let (line, column) = (Literal::u32_unsuffixed(line), Literal::u32_unsuffixed(column));
    quote_spanned!(own(at)=> #private::file!(), #line, #column)
}

/// The place of the outermost macro call, as arguments: tokens that came through other macros have places there.
pub fn position_of_call(private: &TokenStream) -> TokenStream {
    quote_spanned!(Span::mixed_site()=> #private::file!(), #private::line!(), #private::column!())
}

fn line_and_column(at: Span) -> (u32, u32) {
    let at = at.unwrap();
    let narrow = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (narrow(at.line()), narrow(at.column()))
}

/// `module::name`, or `module::Type::name`.
pub fn path_name(private: &TokenStream, at: Span, segments: &[&str]) -> TokenStream {
    let path = segments.join("::");
    quote_spanned!(own(at)=> #private::concat!(#private::module_path!(), "::", #path))
}
