//! `#[measure]` and `#[future_fn]`: the form that a function takes, and the sync form.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Result};

use super::arguments::Arguments;
use super::function::{Function, is_naked};
use super::future::{Form, Recorder};
use super::measure_args::MeasureArgs;
use super::site::{Kind, Site, path_name, position_of};
use super::tokens::own;

pub fn expand_measure(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args = MeasureArgs::parse(args)?;
    let function = Function::parse(item, "measure")?;
    check_measurable(&function)?;
    match (Form::of(&function), args.future) {
        (Some(form), _) => {
            let site = site(&function, &args, Kind::AsyncFn);
            Ok(form.expand(&function, &Recorder { site, log: args.log }))
        }
        (None, None) => Ok(sync(&function, &site(&function, &args, Kind::Fn), args.log)),
        (None, Some(at)) => Err(Error::new(
            at,
            "`future = true` needs an `async fn`: remove it, or make the function `async`",
        )),
    }
}

pub fn expand_future_fn(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args = MeasureArgs::parse_future_fn(args)?;
    let function = Function::parse(item, "future_fn")?;
    match Form::of(&function) {
        Some(form) => {
            let site = site(&function, &args, Kind::Future);
            Ok(form.expand(&function, &Recorder { site, log: args.log }))
        }
        None => Err(Error::new(
            function.sig.fn_token.span,
            "`#[hotpath::future_fn]` can only be applied to an `async fn`: for this function use `#[hotpath::measure]`",
        )),
    }
}

fn check_measurable(function: &Function) -> Result<()> {
    if let Some(token) = &function.sig.constness {
        return Err(Error::new(
            token.span,
            "a `const fn` cannot be measured, a measurement reads a clock: remove `const` or `#[hotpath::measure]`",
        ));
    }
    if let Some(attribute) = function.attrs.iter().find(|attribute| is_naked(&attribute.meta)) {
        return Err(Error::new_spanned(
            &attribute.meta,
            "a naked function cannot be measured, it has nothing but its assembly: remove `naked` or \
             `#[hotpath::measure]`",
        ));
    }
    Ok(())
}

fn site(function: &Function, args: &MeasureArgs, kind: Kind) -> Site {
    let (private, at) = (args.krate.private(), function.sig.ident.span());
    let name = match (&args.label, &args.impl_type) {
        (Some(label), _) => quote!(#label),
        (None, Some(impl_type)) => path_name(&private, at, &[&impl_type.value(), &function.name()]),
        (None, None) => path_name(&private, at, &[&function.name()]),
    };
    let position = position_of(&private, at);
    let (labelled, future) = (args.label.is_some(), args.future.is_some());
    let sample = args.sample.clone();
    Site { private, name, position, at, kind, labelled, logged: args.log, future, sample }
}

fn sync(function: &Function, site: &Site, log: bool) -> TokenStream {
    let mixed = own(function.sig.ident.span());
    let private = &site.private;
    let site = site.reference();
    let enter = quote_spanned! {mixed=>
        let mut __hotpath_place = #private::CallSlot::new();
        let __hotpath_call = #private::enter(#site, &mut __hotpath_place);
    };
    if log && !function.never_returns() {
        logged(function, private, &enter)
    } else {
        function.with_first(&enter)
    }
}

/// The body as a closure, called at once: `return` and `?` end it, and its value can be seen on the way out.
///
/// The closure is handed to a function that takes an `FnOnce`, since one that is called where it stands could not
/// return what borrows from its captures. `unwrap_or_else` is the one in `core` that does nothing else.
fn logged(function: &Function, private: &TokenStream, enter: &TokenStream) -> TokenStream {
    let mixed = own(function.sig.ident.span());
    let Arguments { inputs, moves } = Arguments::of(function);
    let body = function.layered(&moves);
    // The whole closure stands where the body does, so that lints see in it what they would see in the function.
    let movement = Ident::new("move", function.body.span_open());
    let output = function.nameable_output().map(|output| quote_spanned!(mixed=> -> #output));
    // At the type, so that a message about a missing `Debug` points there.
    let log = function.output().map_or(mixed, |output| own(output.span()));
    let log = quote_spanned!(log=> #private::log(__hotpath_call, &__hotpath_value););
    let content = quote_spanned! {mixed=> {
        #enter
        let __hotpath_value = #private::Option::None.unwrap_or_else(#movement || #output #body);
        #log
        __hotpath_value
    }};
    let output = &function.sig.output;
    function.with_body(&function.header_with(None, &inputs, &quote!(#output)), &content)
}
