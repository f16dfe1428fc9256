//! The attribute macros of the `hotpath` profiler.
//!
//! They only translate: what a program writes becomes calls of one hidden door, `::hotpath::private`, and nothing
//! here measures anything. With the feature `on` the macros instrument; without it, or with `off`, each returns
//! what it was given and this crate has no dependencies at all.
//!
//! What must stay true, in both modes: the value, the type, the drop order and the lints of a program are those
//! it has without the attributes. Every example below is meant for use through the `hotpath` crate, which
//! re-exports the macros.

#![forbid(unsafe_code)]

use proc_macro::TokenStream;

#[cfg_attr(all(feature = "on", not(feature = "off")), path = "on/mod.rs")]
#[cfg_attr(not(all(feature = "on", not(feature = "off"))), path = "off.rs")]
mod imp;

/// Profiles the program from the start of this function to its end, and then reports.
///
/// Goes on any function, `async` or not; under a runtime's own attribute such as `#[tokio::main]`.
///
/// | parameter | value |
/// |---|---|
/// | `percentiles` | array of numbers from 0 to 100, at least one; 0 is the minimum, 100 the maximum |
/// | `format` | `"table"`, `"json"`, `"json-pretty"` or `"none"` |
/// | `limit` | rows of every section; 0 shows all |
/// | `functions_limit`, `channels_limit`, `streams_limit`, `futures_limit`, `threads_limit`, `rw_locks_limit`, `mutexes_limit`, `sql_limit`, `http_limit`, `server_limit`, `io_limit` | rows of that section; 0 shows all |
/// | `output_path` | file to write the report to |
/// | `report` | sections: `"all"`, `"auto"`, or names with commas between them, `-name` to leave one out |
/// | `timeout` | milliseconds after which the program reports and exits |
/// | `allocator` | path of the global allocator that the allocation tracker should stand on |
///
/// Environment variables win over these parameters.
///
/// ```
/// #[hotpath::main(percentiles = [50, 95, 99.9], format = "json", limit = 20)]
/// fn main() {
///     println!("{}", work(3));
/// }
///
/// #[hotpath::measure]
/// fn work(n: u64) -> u64 {
///     n * 2
/// }
/// ```
#[proc_macro_attribute]
pub fn main(args: TokenStream, item: TokenStream) -> TokenStream {
    imp::main(args, item)
}

/// Measures every call of a function or method: sync, `async`, generic, in a trait or not.
///
/// The function is reported as `module::function`. An `async fn` is measured per poll. A function that returns a
/// future made by an `async` block at its end (`Box::pin(async move { .. })`, `async { .. }.boxed()`, a bare
/// `async { .. }`) is measured like an `async fn`: the work of the future, not its making.
///
/// | parameter | meaning |
/// |---|---|
/// | `log = true` | keeps the `Debug` form of recent return values |
/// | `label = ".."` | reported name, in place of the whole path |
/// | `impl_type = ".."` | type to name in front of a method: `module::Type::method` |
/// | `future = true` | `async` only: listed among the futures too |
///
/// A `const fn` cannot be measured, since a measurement reads a clock. With `log = true` the body of a sync
/// function runs in a closure, so `#[track_caller]` does not reach through it.
///
/// ```
/// #[hotpath::measure]
/// fn parse(input: &str) -> Option<u32> {
///     input.trim().parse().ok()
/// }
///
/// #[hotpath::measure(log = true, label = "load_user")]
/// async fn load_user(id: u64) -> String {
///     format!("user-{id}")
/// }
/// # assert_eq!(parse(" 7 "), Some(7));
/// # let _ = load_user(1);
/// ```
#[proc_macro_attribute]
pub fn measure(args: TokenStream, item: TokenStream) -> TokenStream {
    imp::measure(args, item)
}

/// Puts [`macro@measure`] on every function of an `impl` block or of an inline module.
///
/// In an `impl` block the methods are reported as `module::Type::method`. In a module only its direct functions
/// are measured, not those of modules and `impl` blocks inside it. Left alone are functions with their own
/// `measure` or `skip` (also inside `cfg_attr`), or with `main`; `const fn`s; and functions that a macro makes.
///
/// | parameter | meaning |
/// |---|---|
/// | `log = true` | as for [`macro@measure`], of every function |
/// | `future = true` | the async functions are listed among the futures too |
///
/// ```
/// struct Counter(u64);
///
/// #[hotpath::measure_all]
/// impl Counter {
///     fn add(&mut self, n: u64) {
///         self.0 += n;
///     }
///
///     #[hotpath::skip]
///     fn get(&self) -> u64 {
///         self.0
///     }
/// }
/// # let mut counter = Counter(1);
/// # counter.add(2);
/// # assert_eq!(counter.get(), 3);
/// ```
#[proc_macro_attribute]
pub fn measure_all(args: TokenStream, item: TokenStream) -> TokenStream {
    imp::measure_all(args, item)
}

/// Excludes a function from [`macro@measure_all`]; anywhere else it does nothing.
///
/// ```
/// #[hotpath::measure_all]
/// mod shapes {
///     pub fn area(side: u32) -> u32 {
///         square(side)
///     }
///
///     #[hotpath::skip]
///     fn square(n: u32) -> u32 {
///         n * n
///     }
/// }
/// # assert_eq!(shapes::area(3), 9);
/// ```
#[proc_macro_attribute]
pub fn skip(_args: TokenStream, item: TokenStream) -> TokenStream {
    item
}

/// Lists the futures of an `async fn` in the futures section, without a row among the functions.
///
/// With `log = true` the `Debug` form of recent outputs is kept.
///
/// ```
/// #[hotpath::future_fn(log = true)]
/// async fn fetch(page: u32) -> Vec<u32> {
///     vec![page]
/// }
/// # let _ = fetch(1);
/// ```
#[proc_macro_attribute]
pub fn future_fn(args: TokenStream, item: TokenStream) -> TokenStream {
    imp::future_fn(args, item)
}

/// What `hotpath::measure_block!` is made of. Its input is `[path of the hotpath crate] label, body`.
#[doc(hidden)]
#[proc_macro]
pub fn measure_block(input: TokenStream) -> TokenStream {
    imp::measure_block(input)
}

/// What `hotpath::stream!` and its like are made of. Its input is `[path of the hotpath crate] name, expression, options`.
#[doc(hidden)]
#[proc_macro]
pub fn instrument(input: TokenStream) -> TokenStream {
    imp::instrument(input)
}
