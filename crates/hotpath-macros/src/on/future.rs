//! The form of functions whose work is done by a future.
//!
//! An `async fn` becomes a function that returns `measure_future(async move { .. })`: one type layer, not three, so
//! that long chains of measured functions stay within the compiler's recursion limit, and a future grows by the
//! same few bytes whatever its arguments are.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Block, Expr, ExprAsync, GenericArgument, PathArguments, Stmt, Type, TypeParamBound};

use super::arguments::Arguments;
use super::function::{Function, between};
use super::site::{Kind, Site};
use super::tokens::{is_ident, mentions, own, refill};

/// The form in which a function makes its future.
pub enum Form {
    AsyncFn,
    /// An `async` block at the end of the body, perhaps in a box: the statements of that body.
    MadeAtEnd(Vec<Stmt>),
}

/// The wrapper of the future.
pub struct Recorder {
    pub site: Site,
    pub log: bool,
}

impl Recorder {
    fn wrap(&self, future: &TokenStream) -> TokenStream {
        let mixed = own(self.site.at);
        let (private, site) = (self.private(), self.site.reference());
        let is_watched = self.site.future || matches!(self.site.kind, Kind::Future);
        let measure = match (is_watched, self.log) {
            (false, false) => "measure_future",
            (false, true) => "measure_future_logged",
            (true, false) => "instrument_future",
            (true, true) => "instrument_future_logged",
        };
        let measure = Ident::new(measure, mixed);
        quote_spanned!(mixed=> #private::#measure(#site, #future))
    }

    fn private(&self) -> &TokenStream {
        &self.site.private
    }
}

impl Form {
    /// `None` for a function that does its work when it is called.
    pub fn of(function: &Function) -> Option<Self> {
        if function.sig.asyncness.is_some() {
            return Some(Self::AsyncFn);
        }
        if !may_end_in_async(&function.body) {
            return None;
        }
        let body: Block = syn::parse2(function.body.to_token_stream()).ok()?;
        let mut statements = body.stmts;
        future_at_end(&mut statements)?;
        Some(Self::MadeAtEnd(statements))
    }

    pub fn expand(self, function: &Function, recorder: &Recorder) -> TokenStream {
        match self {
            Self::MadeAtEnd(statements) => made_at_end(function, recorder, statements),
            Self::AsyncFn
                if function.never_returns()
                    || function.has_foreign_attribute()
                    || function.is_linted_as_async() =>
            {
                kept_async(function, recorder)
            }
            Self::AsyncFn => desugared(function, recorder),
        }
    }
}

/// `fn f(..) -> impl Future<Output = R> { measure_future(async move { .. }) }`
///
/// The outer `impl` is a token of this crate, so of edition 2024: it captures every lifetime in scope, as an
/// `async fn` does in every edition. An `impl` inside `R` is the user's and captures what it would without us.
fn desugared(function: &Function, recorder: &Recorder) -> TokenStream {
    let mixed = own(function.sig.ident.span());
    let output = function.output().map_or_else(|| quote_spanned!(mixed=> ()), |output| quote!(#output));
    let arguments = Arguments::of(function);
    let (private, future) = (recorder.private(), recorder.wrap(&inner_block(function, recorder, &arguments)));
    let mut end = Punct::new('>', Spacing::Alone);
    end.set_span(function.end_of_signature());
    let output = quote_spanned!(mixed=> -> impl #private::Future<Output = #output #end);
    function.with_body(&function.header_with(None, &arguments.inputs, &output), &future)
}

/// `async fn f(..) -> R { measure_future(async move { .. }).await }`: one layer more, but still an `async fn` for
/// the attributes below, and the only form that can return `!`.
fn kept_async(function: &Function, recorder: &Recorder) -> TokenStream {
    let mixed = own(function.sig.ident.span());
    let arguments = Arguments::of(function);
    let future = recorder.wrap(&inner_block(function, recorder, &arguments));
    let output = &function.sig.output;
    let header = function.header_with(function.sig.asyncness.as_ref(), &arguments.inputs, &quote!(#output));
    function.with_body(&header, &quote_spanned!(mixed=> #future.await))
}

/// The body as an `async` block that owns the arguments. All of it stands where the body does, so that lints see in it what
/// they would see in the function.
///
/// Except for one: clippy takes a future that is the value of an `async` block, not of an `async fn`, for a forgotten `.await`.
fn inner_block(function: &Function, recorder: &Recorder, arguments: &Arguments) -> TokenStream {
    let (private, mixed) = (recorder.private(), own(function.body.span()));
    let moves = &arguments.moves;
    let output = if function.never_returns() { None } else { function.nameable_output() };
    let output = output.map(|output| quote_spanned!(mixed=> #private::Output::<#output>::new()));
    let typed = output.map(|output| fix_output(private, &output, mixed));
    let body = function.layered(&quote!(#moves #typed));
    let may_be_future = !function.output().is_none_or(is_no_future);
    let allow = may_be_future.then(|| quote_spanned!(mixed=> #[allow(clippy::async_yields_async)]));
    let word = Ident::new("async", function.body.span_open());
    let capture = quote_spanned!(mixed=> move);
    quote!(#allow #word #capture #body)
}

/// Returns true if a type is, judged by its name, one of the standard ones that cannot be awaited.
fn is_no_future(ty: &Type) -> bool {
    match ty {
        Type::Tuple(_) | Type::Array(_) | Type::Slice(_) | Type::Ptr(_) => true,
        Type::Reference(ty) => ty.mutability.is_none(),
        Type::Paren(ty) => is_no_future(&ty.elem),
        Type::Group(ty) => is_no_future(&ty.elem),
        Type::Path(ty) => {
            ty.path.segments.last().is_some_and(|last| NO_FUTURES.iter().any(|name| last.ident == name))
        }
        _ => false,
    }
}

const NO_FUTURES: [&str; 21] = [
    "Option", "Result", "String", "Vec", "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128",
    "isize", "u8", "u16", "u32", "u64", "u128", "usize", "HashMap",
];

/// A statement that only gives the type of the block it stands in: `?` and coercions need it. `output` is a value of
/// the type `Output` of `private`.
fn fix_output(private: &TokenStream, output: &TokenStream, mixed: Span) -> TokenStream {
    quote_spanned! {mixed=>
        if let #private::Option::Some(__hotpath_output) = #output.none() {
            return __hotpath_output;
        }
    }
}

/// Wraps the `async` block that the body ends with.
///
/// The type of its value is said inside of it, behind its items. If it or the body may declare names, the type is written outside of
/// both, where it means what it means in the signature, and a value that says it goes into the block; not always, as the
/// future then has the type's lifetimes in it.
fn made_at_end(function: &Function, recorder: &Recorder, mut statements: Vec<Stmt>) -> TokenStream {
    let (private, mixed) = (recorder.private(), own(function.body.span()));
    let output = function.output().and_then(output_of_future);
    let output = output.map(ToTokens::to_token_stream).filter(|output| !mentions(output.clone(), "impl"));
    let output = output.map(|output| quote_spanned!(mixed=> #private::Output::<#output>::new()));
    let mut may_declare = statements.iter().any(declares);
    if let Some(future) = future_at_end(&mut statements)
        && let Expr::Async(ExprAsync { attrs, async_token, capture, block, .. }) = &*future
    {
        may_declare |= block.stmts.iter().any(declares);
        let typed = output.as_ref().map(|output| {
            let outside = quote_spanned!(mixed=> __hotpath_output_type);
            fix_output(private, if may_declare { &outside } else { output }, mixed)
        });
        let items = block.stmts.iter().take_while(|statement| matches!(statement, Stmt::Item(_))).count();
        let (items, rest) = block.stmts.split_at(items);
        let mut content = Group::new(Delimiter::Brace, quote!(#(#items)* #typed #(#rest)*));
        content.set_span(block.brace_token.span.join());
        *future = Expr::Verbatim(recorder.wrap(&quote!(#(#attrs)* #async_token #capture #content)));
    }
    let body = quote!(#(#statements)*);
    match output.filter(|_| may_declare) {
        Some(output) => {
            let first = quote_spanned!(mixed=> let __hotpath_output_type = #output;);
            function.with_body(&function.header, &between(&first, &refill(&function.body, body)))
        }
        None => function.with_body(&function.header, &body),
    }
}

/// Returns true if the statement may bring a name into scope that hides a type: an item does, and what a macro makes.
fn declares(statement: &Stmt) -> bool {
    matches!(statement, Stmt::Item(_) | Stmt::Macro(_))
}

/// A check of the tokens that saves parsing most bodies: `async` stands in the last statement or in parentheses there.
fn may_end_in_async(body: &Group) -> bool {
    let mentions_async = |token: &TokenTree| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
            group.stream().into_iter().any(|token| is_ident(&token, "async"))
        }
        token => is_ident(token, "async"),
    };
    body.stream().into_iter().any(|token| mentions_async(&token))
}

/// The `async` block in `async ..`, `(async ..).boxed()`, `Box::pin(async ..)` at the end of a body.
fn future_at_end(statements: &mut [Stmt]) -> Option<&mut Expr> {
    match statements.last_mut()? {
        Stmt::Expr(end, None) => future_in(end),
        _ => None,
    }
}

fn future_in(expr: &mut Expr) -> Option<&mut Expr> {
    match expr {
        Expr::Async(_) => Some(expr),
        Expr::Group(group) => future_in(&mut group.expr),
        Expr::Paren(paren) => future_in(&mut paren.expr),
        Expr::MethodCall(call) if call.method == "boxed" || call.method == "boxed_local" => {
            future_in(&mut call.receiver)
        }
        Expr::Call(call) if is_box(&call.func) && call.args.len() == 1 => {
            call.args.first_mut().and_then(future_in)
        }
        _ => None,
    }
}

/// `Box::pin` or `Box::new`, with any path in front.
fn is_box(function: &Expr) -> bool {
    let Expr::Path(path) = function else { return false };
    let mut segments = path.path.segments.iter().rev();
    let constructor = segments.next().is_some_and(|last| last.ident == "pin" || last.ident == "new");
    constructor && segments.next().is_some_and(|before| before.ident == "Box")
}

/// `R` in `impl Future<Output = R>`, in `Pin<Box<dyn Future<Output = R>>>` and in `BoxFuture<'_, R>`.
fn output_of_future(ty: &Type) -> Option<&Type> {
    match ty {
        Type::ImplTrait(ty) => ty.bounds.iter().find_map(output_of_bound),
        Type::TraitObject(ty) => ty.bounds.iter().find_map(output_of_bound),
        Type::Paren(ty) => output_of_future(&ty.elem),
        Type::Group(ty) => output_of_future(&ty.elem),
        Type::Path(ty) => {
            let last = ty.path.segments.last()?;
            let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
            let mut types = arguments.args.iter().rev().filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty),
                _ => None,
            });
            match last.ident.to_string().as_str() {
                "BoxFuture" | "LocalBoxFuture" => types.next(),
                "Pin" | "Box" => output_of_future(types.next_back()?),
                _ => None,
            }
        }
        _ => None,
    }
}

fn output_of_bound(bound: &TypeParamBound) -> Option<&Type> {
    let TypeParamBound::Trait(bound) = bound else { return None };
    let last = bound.path.segments.last().filter(|last| last.ident == "Future")?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == "Output" => Some(&output.ty),
        _ => None,
    })
}
