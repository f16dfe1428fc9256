//! `measure_block!`: four ways to time an expression, by the awaits that it may have.
//!
//! | the expression | becomes | because |
//! |---|---|---|
//! | waits for nothing | `{ let call = enter(&SITE, &mut place); expression }` | a plain call, with a place in the call tree |
//! | calls a macro we do not know | `{ let block = block(&SITE); expression }` | that macro may wait: the future must stay `Send` |
//! | has an `.await` | `{ let block = block(&SITE); expression }`, each `x.await` as `block.step(x).await` | its frame is on the stack only while it is polled |
//! | waits inside a macro | `{ let block = wall_time_block(&SITE); expression }` | those awaits cannot be reached: wall time only |
//!
//! Awaits inside nested `async` blocks, closures and items belong to those, not to the expression.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Error, Expr, ExprAsync, ExprAwait, ExprClosure, ExprConst, Item, Macro, Result};

use super::site::{Kind, Site, position_of_call};
use super::tokens::{braces, is_punct, mentions, nested, own, visible};

/// Macros that await without the word `await`.
const WAITING_MACROS: [&str; 4] = ["select", "select_biased", "join", "try_join"];

/// `input` is `[path of the hotpath crate] label, body`.
pub fn expand(input: TokenStream) -> Result<TokenStream> {
    let Parts { krate, label, body } = Parts::split(input)?;
    let private = quote_spanned!(own(label.span())=> #krate::private);
    let site = site(&private, &label);
    let mixed = own(label.span());
    Ok(match waits(&body) {
        Waits::Never => {
            let body = parenthesized(body);
            quote_spanned! {mixed=> {
                let mut __hotpath_place = #private::CallSlot::new();
                let __hotpath_block = #private::enter(#site, &mut __hotpath_place);
                #body
            }}
        }
        Waits::Perhaps => {
            let body = parenthesized(body);
            quote_spanned!(mixed=> { let __hotpath_block = #private::block(#site); #body })
        }
        Waits::Here(mut expr) => {
            Steps { block: quote_spanned!(mixed=> __hotpath_block) }.visit_expr_mut(&mut expr);
            let body = parenthesized(expr.into_token_stream());
            quote_spanned!(mixed=> { let __hotpath_block = #private::block(#site); #body })
        }
        Waits::InMacro => {
            let body = parenthesized(body);
            quote_spanned!(mixed=> { let __hotpath_block = #private::wall_time_block(#site); #body })
        }
    })
}

struct Parts {
    krate: TokenStream,
    label: TokenStream,
    body: TokenStream,
}

impl Parts {
    fn split(input: TokenStream) -> Result<Self> {
        let whole = input.span();
        let mut tokens = input.into_iter().peekable();
        let krate = match tokens.next() {
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => group.stream(),
            _ => return Err(Error::new(whole, "use `hotpath::measure_block!(label, expression)`")),
        };
        let tokens: Vec<TokenTree> = tokens.collect();
        let missing =
            || Error::new(whole, "expected a label and an expression: `measure_block!(\"label\", ..)`");
        let comma = tokens.iter().position(|token| is_punct(token, ',')).ok_or_else(missing)?;
        let label: TokenStream = tokens[..comma].iter().cloned().collect();
        let mut body = &tokens[comma + 1..];
        if let Some((last, before)) = body.split_last()
            && is_punct(last, ',')
        {
            body = before;
        }
        if label.is_empty() || body.is_empty() {
            return Err(missing());
        }
        Ok(Self { krate, label, body: body.iter().cloned().collect() })
    }
}

/// An expression of type `&'static Site`: a `static` if the label is known when this expands, otherwise looked up.
fn site(private: &TokenStream, label: &TokenStream) -> TokenStream {
    let (at, position) = (label.span(), position_of_call(private));
    if is_constant(label) {
        let name = visible(label.clone()).into_iter().collect();
        let (private, kind) = (private.clone(), Kind::Block);
        let (logged, future, sample) = (false, false, None);
        let site = Site { private, name, position, at, kind, labelled: true, logged, future, sample };
        return site.reference();
    }
    quote_spanned! {own(at)=> {
        static LABELS: #private::Labels = #private::Labels::new(#position);
        #private::labelled(&LABELS, #label)
    }}
}

/// A string literal, or a macro call that makes one.
fn is_constant(label: &TokenStream) -> bool {
    match visible(label.clone()).as_slice() {
        [TokenTree::Literal(literal)] => literal.to_string().starts_with(['"', 'r']),
        [path @ .., bang, arguments] => {
            let name = path.last().map(TokenTree::to_string);
            let makes_text = matches!(name.as_deref(), Some("concat" | "stringify"));
            is_punct(bang, '!') && matches!(arguments, TokenTree::Group(_)) && makes_text
        }
        _ => false,
    }
}

/// The expression where it can only be read as one: `match a { .. } + 1` after a `;` would be two.
fn parenthesized(body: TokenStream) -> TokenStream {
    let tokens = visible(body.clone());
    if let [only] = tokens.as_slice()
        && let Some(block) = braces(only)
    {
        return nested(&block).to_token_stream();
    }
    let mut group = Group::new(Delimiter::Parenthesis, body.clone());
    group.set_span(own(body.span()));
    group.to_token_stream()
}

/// Macros that are known to wait for nothing of their own; their arguments are searched like the rest.
const PLAIN_MACROS: [&str; 34] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "cfg",
    "column",
    "concat",
    "dbg",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "env",
    "eprint",
    "eprintln",
    "file",
    "format",
    "format_args",
    "gauge",
    "include_bytes",
    "include_str",
    "line",
    "matches",
    "measure_block",
    "module_path",
    "option_env",
    "panic",
    "print",
    "println",
    "stringify",
    "thread_local",
    "unreachable",
    "val",
    "vec",
    "write",
    "writeln",
];

enum Waits {
    Never,
    Perhaps,
    Here(Box<Expr>),
    InMacro,
}

fn waits(body: &TokenStream) -> Waits {
    if !mentions(body.clone(), "await") && !WAITING_MACROS.iter().any(|name| mentions(body.clone(), name)) {
        return if calls_unknown_macro(body.clone()) { Waits::Perhaps } else { Waits::Never };
    }
    let Ok(mut expr) = syn::parse2::<Expr>(body.clone()) else {
        return Waits::InMacro;
    };
    let mut found = Found::default();
    found.visit_expr_mut(&mut expr);
    match found {
        Found { in_macro: true, .. } => Waits::InMacro,
        Found { here: true, .. } => Waits::Here(Box::new(expr)),
        Found { .. } => Waits::Perhaps,
    }
}

fn calls_unknown_macro(tokens: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_unknown = |call: &[TokenTree]| match call {
        [TokenTree::Ident(name), bang, TokenTree::Group(_)] if is_punct(bang, '!') => {
            let name = name.to_string();
            !PLAIN_MACROS.contains(&name.as_str()) && !NOT_BEFORE.contains(&name.as_str())
        }
        _ => false,
    };
    tokens.windows(3).any(is_unknown)
        || tokens.iter().any(|token| match token {
            TokenTree::Group(group) => calls_unknown_macro(group.stream()),
            _ => false,
        })
}

/// After these words `!` means "not".
const NOT_BEFORE: [&str; 8] = ["if", "while", "match", "return", "in", "break", "else", "as"];

/// Finds the awaits; changes nothing.
#[derive(Default)]
struct Found {
    here: bool,
    in_macro: bool,
}

impl VisitMut for Found {
    fn visit_expr_await_mut(&mut self, expr: &mut ExprAwait) {
        self.here = true;
        visit_mut::visit_expr_await_mut(self, expr);
    }

    fn visit_macro_mut(&mut self, call: &mut Macro) {
        let name = call.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        self.in_macro |= WAITING_MACROS.contains(&name.as_str()) || mentions(call.tokens.clone(), "await");
    }

    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        if let Expr::Verbatim(tokens) = expr {
            self.in_macro |= mentions(tokens.clone(), "await");
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_expr_async_mut(&mut self, _: &mut ExprAsync) {}
    fn visit_expr_closure_mut(&mut self, _: &mut ExprClosure) {}
    fn visit_expr_const_mut(&mut self, _: &mut ExprConst) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

/// Makes each await a step of the block.
struct Steps {
    block: TokenStream,
}

impl VisitMut for Steps {
    fn visit_expr_await_mut(&mut self, expr: &mut ExprAwait) {
        visit_mut::visit_expr_await_mut(self, expr);
        let (block, base) = (&self.block, &expr.base);
        let mixed = own(expr.await_token.span);
        let step = quote_spanned!(mixed=> #block.step(#base));
        *expr.base = Expr::Verbatim(step);
    }

    fn visit_expr_async_mut(&mut self, _: &mut ExprAsync) {}
    fn visit_expr_closure_mut(&mut self, _: &mut ExprClosure) {}
    fn visit_expr_const_mut(&mut self, _: &mut ExprConst) {}
    fn visit_item_mut(&mut self, _: &mut Item) {}
}

#[cfg(test)]
mod tests {
    use quote::quote;

    use super::*;

    fn kind(body: TokenStream) -> &'static str {
        match waits(&body) {
            Waits::Never => "never",
            Waits::Perhaps => "perhaps",
            Waits::Here(_) => "here",
            Waits::InMacro => "in macro",
        }
    }

    #[test]
    fn awaits_are_found_where_they_belong() {
        assert_eq!(kind(quote!(a + b)), "never");
        assert_eq!(kind(quote!({ a.await })), "here");
        assert_eq!(kind(quote!(spawn(async move { a.await }))), "perhaps");
        assert_eq!(kind(quote!(|| async { a.await })), "perhaps");
        assert_eq!(
            kind(quote!({
                let f = async { b.await };
                f.await
            })),
            "here"
        );
    }

    #[test]
    fn awaits_in_macros_are_timed_by_wall_clock() {
        assert_eq!(kind(quote!(vec![a.await])), "in macro");
        assert_eq!(
            kind(quote!({
                b.await;
                vec![a.await]
            })),
            "in macro"
        );
        assert_eq!(kind(quote!(tokio::select! { _ = a => 1 })), "in macro");
        assert_eq!(kind(quote!(spawn(async { tokio::join!(a, b) }))), "perhaps");
        assert_eq!(kind(quote!(paths.join("/"))), "perhaps");
    }

    #[test]
    fn macros_that_may_wait_keep_the_future_send() {
        assert_eq!(kind(quote!(println!("{}", vec![a]))), "never");
        assert_eq!(kind(quote!(if !(a) { b != c } else { return !(d) })), "never");
        assert_eq!(
            kind(quote!({
                mine!(a);
            })),
            "perhaps"
        );
        assert_eq!(
            kind(quote!(vec![{
                deep::mine! { a }
            }])),
            "perhaps"
        );
    }

    #[test]
    fn labels_known_at_once_are_statics() {
        assert!(is_constant(&quote!("a")));
        assert!(is_constant(&quote!(concat!("a", "b"))));
        assert!(is_constant(&quote!(::core::stringify!(a))));
        assert!(!is_constant(&quote!(LABEL)));
        assert!(!is_constant(&quote!(label("a"))));
        assert!(!is_constant(&quote!(7)));
    }
}
