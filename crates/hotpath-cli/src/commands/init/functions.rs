//! The functions of some sources, and a proposal which of them to measure first.
//!
//! The proposal is a heuristic on the syntax alone: functions that `main` calls, that wait, that loop. Calls are matched by name,
//! so it may be wrong, which costs nothing. Invariant: a proposed attribute compiles, and the function is not too small.

use std::collections::{HashMap, HashSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Block, Expr, ImplItem, Item, ItemImpl, Signature, Type, Visibility};

use super::attributes::{self, HotpathAttribute};
use super::source_file::SourceFile;

/// A function in a source.
#[derive(Debug)]
pub(super) struct Function {
    /// The name, such as `parse` or `Store::insert`.
    pub(super) name: String,
    /// The type of a method.
    pub(super) impl_type: Option<String>,
    /// The index of the file.
    pub(super) file: usize,
    /// The byte at which another attribute goes, in the parsed text.
    pub(super) start: usize,
    pub(super) line: usize,
    pub(super) is_measured: bool,
    /// True if `#[hotpath::measure]` compiles there and is worth it.
    is_measurable: bool,
    is_async: bool,
    is_public: bool,
    body: Body,
}

/// A `main` function.
#[derive(Debug)]
pub(super) struct Main {
    pub(super) file: usize,
    pub(super) start: usize,
    pub(super) has_attribute: bool,
    body: Body,
}

/// The syntactic features of a body.
#[derive(Debug, Default)]
struct Body {
    calls: HashSet<String>,
    loops: bool,
    awaits: bool,
    /// The number of statements and expressions.
    size: usize,
    has_guard: bool,
}

/// The functions in some files.
#[derive(Debug, Default)]
pub(super) struct Functions {
    pub(super) functions: Vec<Function>,
    /// The `main` functions of programs.
    pub(super) mains: Vec<Main>,
    /// The files in which a function other than `main` creates the guard.
    guarded: HashSet<usize>,
    /// True if the sources set a global allocator.
    pub(super) has_allocator: bool,
}

/// A proposed function, with the reasons.
#[derive(Debug)]
pub(super) struct Proposal<'a> {
    pub(super) function: &'a Function,
    pub(super) why: String,
}

impl Functions {
    /// Adds the functions of a file. `is_program` if it is the root of a program.
    pub(super) fn add(&mut self, file: usize, source: &SourceFile, is_program: bool) {
        let mut finder = Finder { file, is_program, found: self };
        finder.items(&source.syntax.items);
    }

    /// Proposes at most `count` functions, less those that are measured already, most promising first.
    pub(super) fn propose(&self, count: usize) -> Vec<Proposal<'_>> {
        let measured = self.functions.iter().filter(|function| function.is_measured).count();
        let depths = self.depths();
        let mut ranked: Vec<_> = self
            .functions
            .iter()
            .filter(|function| function.is_measurable && !function.is_measured)
            .map(|function| function.rank(depths.get(function.short_name()).copied()))
            .filter(|(score, _)| *score > 0)
            .collect();
        ranked.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
        ranked.into_iter().map(|(_, proposal)| proposal).take(count.saturating_sub(measured)).collect()
    }

    /// Returns whether its file creates the guard already.
    pub(super) fn is_guarded(&self, main: &Main) -> bool {
        main.body.has_guard || self.guarded.contains(&main.file)
    }

    /// Returns the distance of names from a `main`, in calls: 1 for a function that it calls.
    fn depths(&self) -> HashMap<&str, usize> {
        let mut depths = HashMap::new();
        let mut bodies: Vec<&Body> = self.mains.iter().map(|main| &main.body).collect();
        for depth in 1..=3 {
            let names: HashSet<&str> =
                bodies.iter().flat_map(|body| &body.calls).map(String::as_str).collect();
            let fresh: HashSet<&str> = names.into_iter().filter(|name| !depths.contains_key(name)).collect();
            let called = self.functions.iter().filter(|function| fresh.contains(function.short_name()));
            bodies = called.map(|function| &function.body).collect();
            depths.extend(fresh.into_iter().map(|name| (name, depth)));
        }
        depths
    }
}

impl Function {
    fn short_name(&self) -> &str {
        self.name.rsplit("::").next().unwrap_or(&self.name)
    }

    fn rank(&self, depth: Option<usize>) -> (u32, Proposal<'_>) {
        let reasons = [
            (6, depth == Some(1), "called from main"),
            (4, depth == Some(2), "two calls below main"),
            (2, depth == Some(3), "three calls below main"),
            (3, self.is_async, "async"),
            (3, self.body.loops, "loops"),
            (2, self.is_public, "public"),
            (1, self.body.size >= 20, "not small"),
        ];
        let reasons: Vec<_> = reasons.into_iter().filter(|(_, holds, _)| *holds).collect();
        let score = reasons.iter().map(|(points, _, _)| points).sum();
        let why = reasons.iter().map(|(_, _, why)| *why).collect::<Vec<_>>().join(", ");
        (score, Proposal { function: self, why })
    }
}

/// Walks over items. Functions inside functions are skipped, because their names say little in a report.
struct Finder<'a> {
    file: usize,
    is_program: bool,
    found: &'a mut Functions,
}

impl Finder<'_> {
    fn items(&mut self, items: &[Item]) {
        for item in items {
            self.item(item);
        }
    }

    fn item(&mut self, item: &Item) {
        match item {
            Item::Fn(item) if self.is_program && item.sig.ident == "main" => {
                self.main(&item.attrs, &item.vis, &item.sig, &item.block);
            }
            Item::Fn(item) => self.function(&Scope::MODULE, &item.attrs, &item.vis, &item.sig, &item.block),
            Item::Impl(item) if !attributes::is_for_tests(&item.attrs) => self.methods(item),
            Item::Mod(item) if !attributes::is_for_tests(&item.attrs) => {
                let (is_program, ours) = (self.is_program, attributes::of_hotpath(&item.attrs));
                let Some((_, items)) = &item.content else { return };
                self.is_program = false;
                let before = self.found.functions.len();
                self.items(items);
                self.is_program = is_program;
                if ours.contains(&HotpathAttribute::MeasureAll) {
                    self.found.functions[before..]
                        .iter_mut()
                        .for_each(|function| function.is_measured = true);
                }
            }
            Item::Static(item)
                if item.attrs.iter().any(|attribute| attribute.path().is_ident("global_allocator")) =>
            {
                self.found.has_allocator |= !is_our_allocator(&item.ty);
            }
            _ => {}
        }
    }

    /// Adds inherent methods. Those of a trait may be rewritten by other macros, and are called from outside.
    fn methods(&mut self, item: &ItemImpl) {
        let Type::Path(path) = &*item.self_ty else { return };
        let Some(name) = path.path.segments.last() else { return };
        if item.trait_.is_some() {
            return;
        }
        let scope = Scope {
            impl_type: Some(name.ident.to_string()),
            is_measured: attributes::of_hotpath(&item.attrs).contains(&HotpathAttribute::MeasureAll),
            is_harmless: attributes::are_harmless(&item.attrs),
        };
        for method in &item.items {
            if let ImplItem::Fn(method) = method
                && method.modifiers.defaultness.is_none()
            {
                self.function(&scope, &method.attrs, &method.vis, &method.sig, &method.block);
            }
        }
    }

    fn main(
        &mut self,
        attributes: &[Attribute],
        visibility: &Visibility,
        signature: &Signature,
        block: &Block,
    ) {
        let body = Body::of(block);
        self.found.mains.push(Main {
            file: self.file,
            start: attributes::start(visibility, signature).byte_range().start,
            has_attribute: attributes::of_hotpath(attributes).contains(&HotpathAttribute::Main),
            body,
        });
    }

    fn function(
        &mut self,
        scope: &Scope,
        attributes: &[Attribute],
        visibility: &Visibility,
        signature: &Signature,
        block: &Block,
    ) {
        if attributes::is_for_tests(attributes) {
            return;
        }
        let ours = attributes::of_hotpath(attributes);
        let start = attributes::start(visibility, signature);
        let body = Body::of(block);
        if ours.contains(&HotpathAttribute::Main) || body.has_guard {
            self.found.guarded.insert(self.file);
        }
        let plain = signature.constness.is_none() && signature.abi.is_none() && signature.variadic.is_none();
        let compiles = plain && scope.is_harmless && attributes::are_harmless(attributes);
        let own_name = signature.ident.to_string();
        let is_wanted = !ours.contains(&HotpathAttribute::Skip) && !ours.contains(&HotpathAttribute::Main);
        self.found.functions.push(Function {
            name: scope.impl_type.iter().map(|name| format!("{name}::")).collect::<String>() + &own_name,
            impl_type: scope.impl_type.clone(),
            file: self.file,
            start: start.byte_range().start,
            line: start.start().line,
            is_measured: is_wanted && (scope.is_measured || ours.contains(&HotpathAttribute::Measure)),
            is_measurable: compiles
                && is_wanted
                && own_name != "new"
                && own_name != "default"
                && !attributes::is_always_inlined(attributes)
                && body.is_worth_measuring(),
            is_async: signature.asyncness.is_some(),
            is_public: matches!(visibility, Visibility::Public(_)),
            body,
        });
    }
}

/// The facts about the item around a function.
struct Scope {
    impl_type: Option<String>,
    is_measured: bool,
    is_harmless: bool,
}

impl Scope {
    const MODULE: Self = Self { impl_type: None, is_measured: false, is_harmless: true };
}

impl Body {
    fn of(block: &Block) -> Self {
        let mut body = Self::default();
        body.visit_block(block);
        body
    }

    /// Returns whether its time is of interest: a getter is faster than reading the clock.
    fn is_worth_measuring(&self) -> bool {
        self.loops || self.awaits || (!self.calls.is_empty() && self.size >= 4)
    }

    fn call(&mut self, name: String) {
        self.has_guard |= name.ends_with("GuardBuilder");
        self.calls.insert(name);
    }

    /// Adds the tokens inside a macro, in which a name before parentheses counts as a call.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<_> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match (token, tokens.get(at + 1)) {
                (TokenTree::Ident(name), Some(TokenTree::Group(group)))
                    if group.delimiter() == Delimiter::Parenthesis =>
                {
                    self.call(name.to_string());
                }
                (TokenTree::Ident(name), _) => self.awaits |= name == "await",
                (TokenTree::Group(group), _) => self.tokens(group.stream()),
                _ => {}
            }
            self.size += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Body {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.size += 1;
        match expr {
            Expr::ForLoop(_) | Expr::While(_) | Expr::Loop(_) => self.loops = true,
            Expr::Await(_) => self.awaits = true,
            Expr::MethodCall(call) => self.call(call.method.to_string()),
            Expr::Call(call) => {
                if let Expr::Path(path) = &*call.func {
                    path.path.segments.iter().for_each(|segment| self.call(segment.ident.to_string()));
                }
            }
            _ => {}
        }
        visit::visit_expr(self, expr);
    }

    fn visit_macro(&mut self, inside: &'ast syn::Macro) {
        self.tokens(inside.tokens.clone());
    }

    /// Skips nested functions.
    fn visit_item(&mut self, _: &'ast Item) {}
}

/// Returns whether a type is the counting allocator of hotpath.
fn is_our_allocator(ty: &Type) -> bool {
    let Type::Path(path) = ty else { return false };
    path.path.segments.iter().any(|segment| segment.ident == "CountingAllocator")
}
