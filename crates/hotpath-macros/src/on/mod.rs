//! The macros of a program that is profiled: parse → model → check → generate, and on a usage error fall back to
//! the item as it was, so that the error is the only one.

mod args;
mod arguments;
mod block;
mod function;
mod future;
mod instrument;
mod krate;
mod main_fn;
mod manifest;
mod measure;
mod measure_all;
mod measure_args;
mod names;
mod nearest;
mod report_spec;
mod site;
mod tokens;

use proc_macro::TokenStream;
use proc_macro2::TokenStream as TokenStream2;

pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    or_item(main_fn::expand, args, item)
}

pub fn measure(args: TokenStream, item: TokenStream) -> TokenStream {
    or_item(measure::expand_measure, args, item)
}

pub fn measure_all(args: TokenStream, item: TokenStream) -> TokenStream {
    or_item(measure_all::expand, args, item)
}

pub fn future_fn(args: TokenStream, item: TokenStream) -> TokenStream {
    or_item(measure::expand_future_fn, args, item)
}

pub fn measure_block(input: TokenStream) -> TokenStream {
    block::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

pub fn instrument(input: TokenStream) -> TokenStream {
    instrument::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

type Expand = fn(TokenStream2, TokenStream2) -> syn::Result<TokenStream2>;

/// The expansion, or else the errors and the item without our attribute.
fn or_item(expand: Expand, args: TokenStream, item: TokenStream) -> TokenStream {
    match expand(args.into(), item.clone().into()) {
        Ok(expansion) => expansion.into(),
        Err(error) => {
            let mut out = TokenStream::from(error.into_compile_error());
            out.extend(item);
            out
        }
    }
}
