//! The attributes of a build in which no program is profiled: each returns its item unchanged.

use proc_macro::TokenStream;

pub fn main(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}

pub fn measure(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}

pub fn measure_all(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}

pub fn future_fn(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}
