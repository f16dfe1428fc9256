//! `stream!`, `channel!`, `mutex!` and their like: an expression, then options in any order.
//!
//! All of them become a call of `wrap` in the instrument's module of `hotpath::private`, with the expression, the `static` place
//! and the options. With `log = true` it is `wrap_logged`. Of a channel `proxy = true` makes it `proxy` or `proxy_logged`, and
//! without that option it is `watch` or `watch_logged`, which the crate `hotpath` maps to one of both.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Error, Expr, ExprLit, Lit, Result, Token};

use super::args::{bool_value, parse_each};
use super::names::MACROS;
use super::site::position_of_call;
use super::tokens::own;

/// `input` is `[path of the hotpath crate] name of the macro, expression, options`.
pub fn expand(input: TokenStream) -> Result<TokenStream> {
    let parse = |input: ParseStream| {
        let krate = match input.parse::<TokenTree>()? {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => group.stream(),
            other => return Err(Error::new(other.span(), "use the macros of `hotpath`")),
        };
        let name: Ident = input.parse()?;
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            return Err(input.error(format!("expected an expression: `{name}!(..)`")));
        }
        let expression: Expr = input.parse()?;
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        let options = Options::parse(&name, input.parse()?)?;
        Ok(options.call(&krate, &name, &expression))
    };
    parse.parse2(input)
}

#[derive(Default)]
struct Options {
    label: Option<Expr>,
    capacity: Option<Expr>,
    log: bool,
    iter: bool,
    /// The option `proxy` of a channel, if it is given.
    proxy: Option<bool>,
}

impl Options {
    fn parse(name: &Ident, options: TokenStream) -> Result<Self> {
        let text = name.to_string();
        let known = MACROS.iter().find(|(own, _)| *own == text).map_or(&[][..], |(_, known)| known);
        let mut parsed = Self::default();
        parse_each(options, &format!("hotpath::{text}!"), known, |name, input| {
            match name {
                "label" => parsed.label = Some(input.parse()?),
                "capacity" => parsed.capacity = Some(input.parse()?),
                "log" => parsed.log = bool_value(name, input)?,
                "iter" => parsed.iter = bool_value(name, input)?,
                "wrap" => parsed.proxy = Some(!bool_value(name, input)?),
                _ => parsed.proxy = Some(bool_value(name, input)?),
            }
            Ok(())
        })?;
        Ok(parsed)
    }

    fn call(&self, krate: &TokenStream, name: &Ident, expression: &Expr) -> TokenStream {
        let at = expression.span();
        let mixed = own(at);
        let private = quote_spanned!(mixed=> #krate::private);
        let module = Ident::new(&name.to_string(), mixed);
        let function = match (self.proxy, self.log) {
            (None, false) if name == "channel" => "wrap_or_proxy",
            (None, true) if name == "channel" => "wrap_or_proxy_logged",
            (None | Some(false), false) => "wrap",
            (None | Some(false), true) => "wrap_logged",
            (Some(true), false) => "proxy",
            (Some(true), true) => "proxy_logged",
        };
        // At the expression: that it is nothing which can be wrapped is said there.
        let function = Ident::new(function, mixed);
        let (position, iter) = (position_of_call(&private), self.iter);
        let label = self.label.as_ref().map(|label| label_of(&private, label));
        let capacity = self
            .capacity
            .as_ref()
            .map(|capacity| quote_spanned!(own(capacity.span())=> .capacity(#capacity)));
        quote_spanned! {mixed=>
            #private::#module::#function(
                #expression,
                { static CALL_SITE: #private::CallSite = #private::#module::call_site(#position); &CALL_SITE },
                #private::Options::new(#iter) #label #capacity,
            )
        }
    }
}

/// Makes the argument of a label: a literal is `'static`; anything else is made into text.
fn label_of(private: &TokenStream, label: &Expr) -> TokenStream {
    let at = own(label.span());
    match label {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => quote_spanned!(at=> .fixed_label(#text)),
        _ => {
            let label = label.to_token_stream();
            quote_spanned!(at=> .label(&#private::label(&(#label))))
        }
    }
}
