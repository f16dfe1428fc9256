//! `#[main]`: a guard in front of the body, built from the parameters.

use proc_macro2::{Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprArray, ExprLit, Ident, Lit, LitStr, Path, Result, Token};

use super::args::{bool_value, count_value, literal, parse_each, text_value};
use super::function::Function;
use super::krate::Krate;
use super::names::LIMITS;
use super::nearest::{hint, list};
use super::report_spec;
use super::site::{path_name, position_of};
use super::tokens::own;

/// The parameters beside the row limits of single sections.
const PARAMETERS: [&str; 11] = [
    "percentiles",
    "format",
    "limit",
    "output",
    "output_path",
    "report",
    "budget",
    "timeout",
    "signals",
    "allocator",
    "crate",
];

const FORMATS: [(&str, &str); 6] = [
    ("table", "Table"),
    ("json", "Json"),
    ("json-pretty", "JsonPretty"),
    ("json-compat", "JsonCompat"),
    ("json-compat-0.16", "JsonCompat016"),
    ("none", "None"),
];

pub fn expand(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let args = MainArgs::parse(args)?;
    let function = Function::parse(item, "main")?;
    if let Some(token) = &function.sig.constness {
        return Err(Error::new(
            token.span,
            "a `const fn` cannot be profiled: remove `const` or `#[hotpath::main]`",
        ));
    }
    let private = args.krate.private();
    let at = function.sig.ident.span();
    let (mixed, name) = (own(at), path_name(&private, at, &[&function.name()]));
    let position = position_of(&private, at);
    let setters = args.setters.iter().map(|setter| setter.call(&private));
    let guard = quote_spanned! {mixed=>
        let __hotpath_guard = #private::HotpathGuardBuilder::new(#name).caller_at(#position) #(#setters)*.build();
    };
    let (allocator, main) = (args.allocator.item(&private, mixed), function.with_first(&guard));
    Ok(quote!(#allocator #main))
}

struct MainArgs {
    krate: Krate,
    setters: Vec<Setter>,
    allocator: Allocator,
}

impl MainArgs {
    fn parse(args: TokenStream) -> Result<Self> {
        let (mut krate, mut setters, mut allocator) =
            (None, Vec::new(), Allocator::Counting(TokenStream::new()));
        let mut has_output = false;
        parse_each(
            args,
            "#[hotpath::main]",
            &[&PARAMETERS[..3], &LIMITS, &PARAMETERS[3..]].concat(),
            |name, input| {
                if is_output(name) && std::mem::replace(&mut has_output, true) {
                    let message = "`output` and `output_path` are the same: keep one of them";
                    return Err(Error::new(input.span(), message));
                }
                match name {
                    "allocator" => allocator = Allocator::parse(input)?,
                    "crate" => krate = Some(Krate::parse(input)?),
                    _ => setters.push(Setter {
                        // The name is one of ours by now, so it is an identifier of the builder too.
                        name: Ident::new(
                            if is_output(name) { "output_path" } else { name },
                            own(input.span()),
                        ),
                        value: setting(name, input)?,
                    }),
                }
                Ok(())
            },
        )?;
        Ok(Self { krate: Krate::or_found(krate, "main")?, setters, allocator })
    }
}

/// A call on the builder.
struct Setter {
    name: Ident,
    value: Value,
}

enum Value {
    Literal(TokenStream),
    /// Begins with a name that `private` has.
    Named(TokenStream),
}

impl Setter {
    fn call(&self, private: &TokenStream) -> TokenStream {
        let name = &self.name;
        let value = match &self.value {
            Value::Literal(value) => quote!(#value),
            Value::Named(value) => quote_spanned!(name.span()=> #private::#value),
        };
        quote_spanned!(name.span()=> .#name(#value))
    }
}

fn setting(name: &str, input: ParseStream) -> Result<Value> {
    let mixed = own(input.span());
    match name {
        "percentiles" => percentiles(input).map(Value::Literal),
        "format" => format(input).map(Value::Named),
        _ if is_output(name) => text_value(name, input).map(|path| Value::Literal(quote!(#path))),
        "report" => report(input).map(Value::Literal),
        "budget" => budget(input).map(Value::Literal),
        "signals" => bool_value(name, input).map(|are_watched| Value::Literal(quote!(#are_watched))),
        "timeout" => {
            let milliseconds = count_value(name, input)?;
            Ok(Value::Named(quote_spanned!(mixed=> Duration::from_millis(#milliseconds))))
        }
        _ => count_value(name, input).map(|limit| Value::Literal(quote!(#limit))),
    }
}

/// The destination of the report, by both its names.
fn is_output(name: &str) -> bool {
    matches!(name, "output" | "output_path")
}

fn percentiles(input: ParseStream) -> Result<TokenStream> {
    let span = input.span();
    let whole = "`percentiles` must be an array of numbers: write `percentiles = [50, 95, 99.9]`";
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
        return Err(Error::new(format.span(), format!("unknown format `{value}`{hint}; available: {list}")));
    };
    let variant = Ident::new(variant, own(format.span()));
    Ok(quote_spanned!(variant.span()=> Format::#variant))
}

fn report(input: ParseStream) -> Result<TokenStream> {
    let spec: LitStr = text_value("report", input)?;
    report_spec::check(&spec.value()).map_err(|message| Error::new(spec.span(), message))?;
    Ok(quote!(#spec))
}

/// A share of the program's CPU time, in percent: a number, or a text such as `"2%"`.
fn budget(input: ParseStream) -> Result<TokenStream> {
    let expected = || {
        "`budget` must be a share from 0.1 % to 100 % of the program's CPU time: write `budget = \"2%\"`"
            .to_owned()
    };
    let value = literal(input, expected)?;
    let percent = match &value {
        Lit::Str(text) => percent(&text.value()),
        Lit::Int(number) => number.base10_parse().ok(),
        Lit::Float(number) => number.base10_parse().ok(),
        _ => None,
    };
    let percent = percent.filter(|percent| (0.1..=100.0).contains(percent));
    let percent = percent.ok_or_else(|| Error::new(value.span(), expected()))?;
    let mut literal = Literal::f64_unsuffixed(percent);
    literal.set_span(own(value.span()));
    Ok(quote!(#literal))
}

/// Parses `2%`, `2 %` or `2`.
fn percent(text: &str) -> Option<f64> {
    let text = text.trim();
    text.strip_suffix('%').unwrap_or(text).trim_end().parse().ok()
}

/// The program's global allocator.
enum Allocator {
    /// One that counts, around the system's or the one of this path.
    Counting(TokenStream),
    /// The program declares its own, perhaps at another `main`.
    Own,
}

impl Allocator {
    fn parse(input: ParseStream) -> Result<Self> {
        let span = input.span();
        let message =
            "`allocator` must be the path of a type, or `none`: write `allocator = mimalloc::MiMalloc`";
        let path: Path = input.parse().map_err(|_| Error::new(span, message))?;
        let is_none = path.is_ident("none") || path.is_ident("own");
        Ok(if is_none { Self::Own } else { Self::Counting(quote!(#path)) })
    }

    fn item(&self, private: &TokenStream, mixed: Span) -> Option<TokenStream> {
        match self {
            Self::Counting(path) => Some(quote_spanned!(mixed=> #private::global_allocator! { #path })),
            Self::Own => None,
        }
    }
}
