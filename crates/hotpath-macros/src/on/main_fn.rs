//! `#[main]`: a guard in front of the body, built from the parameters.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprArray, ExprLit, Ident, Lit, LitStr, Path, Result, Token};

use super::args::{count_value, parse_each, text_value};
use super::function::Function;
use super::nearest::{hint, list};
use super::report_spec;
use super::site::{door, path_name};
use super::tokens::own;

const PARAMETERS: [&str; 18] = [
    "percentiles",
    "format",
    "limit",
    "functions_limit",
    "channels_limit",
    "streams_limit",
    "futures_limit",
    "threads_limit",
    "rw_locks_limit",
    "mutexes_limit",
    "sql_limit",
    "http_limit",
    "server_limit",
    "io_limit",
    "output_path",
    "report",
    "timeout",
    "allocator",
];

const FORMATS: [(&str, &str); 4] =
    [("table", "Table"), ("json", "Json"), ("json-pretty", "JsonPretty"), ("none", "None")];

pub fn expand(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args = MainArgs::parse(args)?;
    let function = Function::parse(item, "main")?;
    if let Some(token) = &function.sig.constness {
        return Err(Error::new(
            token.span,
            "a `const fn` cannot be profiled: remove `const` or `#[hotpath::main]`",
        ));
    }
    let MainArgs { setters, allocator } = args;
    let at = function.sig.ident.span();
    let (mixed, door, name) = (own(at), door(), path_name(at, &[&function.name()]));
    let guard = quote_spanned! {mixed=>
        let __hotpath_guard = ::hotpath::HotpathGuardBuilder::new(#name) #setters.build();
    };
    let main = function.with_first(&guard);
    Ok(quote_spanned!(mixed=> #door::global_allocator! { #allocator } #main))
}

/// The parameters, already as calls on the builder.
#[derive(Default)]
struct MainArgs {
    setters: TokenStream,
    allocator: TokenStream,
}

impl MainArgs {
    fn parse(args: TokenStream) -> Result<Self> {
        let mut parsed = Self::default();
        parse_each(args, "#[hotpath::main]", &PARAMETERS, |name, input| {
            if name == "allocator" {
                parsed.allocator = allocator(input)?;
                return Ok(());
            }
            // The name is one of ours by now, so it is an identifier of the builder too.
            let setter = Ident::new(name, own(input.span()));
            let value = setting(name, input)?;
            parsed.setters.extend(quote_spanned!(setter.span()=> .#setter(#value)));
            Ok(())
        })?;
        Ok(parsed)
    }
}

fn setting(name: &str, input: ParseStream) -> Result<TokenStream> {
    let mixed = own(input.span());
    match name {
        "percentiles" => percentiles(input),
        "format" => format(input),
        "output_path" => text_value(name, input).map(|path| quote!(#path)),
        "report" => report(input),
        "timeout" => {
            let milliseconds = count_value(name, input)?;
            Ok(quote_spanned!(mixed=> ::core::time::Duration::from_millis(#milliseconds)))
        }
        _ => count_value(name, input).map(|limit| quote!(#limit)),
    }
}

fn percentiles(input: ParseStream) -> Result<TokenStream> {
    let span = input.span();
    let whole = "`percentiles` is an array of numbers: write `percentiles = [50, 95, 99.9]`";
    let array: ExprArray = input.parse().map_err(|_| Error::new(span, whole))?;
    if array.elems.is_empty() {
        return Err(Error::new_spanned(
            array,
            "`percentiles` is empty: name at least one, or leave it out for 95",
        ));
    }
    let mut errors: Option<Error> = None;
    let mut numbers: Punctuated<Literal, Token![,]> = Punctuated::new();
    for element in &array.elems {
        match percentile(element) {
            Ok(number) => numbers.push(number),
            Err(error) => match &mut errors {
                Some(errors) => errors.combine(error),
                None => errors = Some(error),
            },
        }
    }
    errors.map_or_else(|| Ok(quote_spanned!(own(span)=> &[#numbers])), Err)
}

/// A number from 0 to 100, as a float that stands where the user's does.
fn percentile(element: &Expr) -> Result<Literal> {
    let wrong =
        |what: &str| Error::new_spanned(element, format!("{what}: a percentile is a number from 0 to 100"));
    let number: f64 = match element {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
            number.base10_parse().map_err(|_| wrong("too large"))?
        }
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => {
            number.base10_parse().map_err(|_| wrong("too large"))?
        }
        Expr::Unary(_) => return Err(wrong("out of range")),
        _ => return Err(wrong("not a number")),
    };
    if !(0.0..=100.0).contains(&number) {
        return Err(wrong("out of range"));
    }
    let mut literal = Literal::f64_unsuffixed(number);
    literal.set_span(syn::spanned::Spanned::span(element));
    Ok(literal)
}

fn format(input: ParseStream) -> Result<TokenStream> {
    let format = text_value("format", input)?;
    let value = format.value();
    let Some((_, variant)) = FORMATS.iter().find(|(name, _)| *name == value) else {
        let names = FORMATS.map(|(name, _)| name);
        let (hint, list) = (hint(&value, &names), list(&names));
        return Err(Error::new(format.span(), format!("unknown format `{value}`{hint}: valid are {list}")));
    };
    let variant = Ident::new(variant, own(format.span()));
    Ok(quote_spanned!(variant.span()=> ::hotpath::Format::#variant))
}

fn report(input: ParseStream) -> Result<TokenStream> {
    let spec: LitStr = text_value("report", input)?;
    report_spec::check(&spec.value()).map_err(|message| Error::new(spec.span(), message))?;
    Ok(quote!(#spec))
}

fn allocator(input: ParseStream) -> Result<TokenStream> {
    let span = input.span();
    let message = "`allocator` is the path of a type: write `allocator = mimalloc::MiMalloc`";
    let path: Path = input.parse().map_err(|_| Error::new(span, message))?;
    Ok(quote!(#path))
}
