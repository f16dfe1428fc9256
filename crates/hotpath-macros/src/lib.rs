//! The attribute macros of the `hotpath` profiler.
//!
//! They only translate: an item becomes calls of one hidden module, `::hotpath::private`. Nothing here measures anything.
//!
//! There are two sets of them. Those with plain names instrument, with the feature `on`; those that end in `_off`
//! return their item unchanged. The `hotpath` crate re-exports one set under the plain names, by its own features: cargo
//! builds a macro crate once, with the union of what the host (build scripts, other macros) and the target ask for, so
//! this crate cannot know for whom it expands. Without `on` both sets are the same and this crate has no dependencies.
//!
//! What must stay true, in both modes: the value, the type, the drop order and the lints of a program are those
//! it has without the attributes. Every example below is meant for use through the `hotpath` crate, which
//! re-exports the macros.

#![forbid(unsafe_code)]

use proc_macro::TokenStream;

#[cfg_attr(feature = "on", path = "on/mod.rs")]
#[cfg_attr(not(feature = "on"), path = "off.rs")]
mod imp;

/// Declares an attribute and its twin for programs that are not profiled. Both have the documentation, since either is re-exported.
macro_rules! attribute {
    ($(#[$documentation:meta])* $name:ident, $off:ident) => {
        $(#[$documentation])*
        #[proc_macro_attribute]
        pub fn $name(args: TokenStream, item: TokenStream) -> TokenStream {
            imp::$name(args, item)
        }

        $(#[cfg_attr(not(feature = "on"), $documentation)])*
        #[cfg_attr(feature = "on", doc = "The attribute of a program that is not profiled: returns its item unchanged.")]
        #[proc_macro_attribute]
        pub fn $off(_args: TokenStream, item: TokenStream) -> TokenStream {
            item
        }
    };
}

attribute! {
    /// Profiles the program from the start of this function to its end, and then reports.
    ///
    /// Goes on any function, `async` or not; under a runtime's own attribute such as `#[tokio::main]`.
    ///
    /// | parameter | value |
    /// |---|---|
    /// | `percentiles` | array of numbers from 0 to 100, at least one; 0 is the minimum, 100 the maximum |
    /// | `format` | `"table"`, `"json"`, `"json-pretty"`, `"json-compat"`, `"json-compat-0.16"` or `"none"` |
    /// | `limit` | rows of every section; 0 shows all |
    /// | `functions_limit`, `channels_limit`, `streams_limit`, `futures_limit`, `threads_limit`, `rw_locks_limit`, `mutexes_limit`, `sql_limit`, `http_limit`, `server_limit`, `io_limit` | rows of that section; 0 shows all |
    /// | `output`, `output_path` | destination of the report: a file (`%p` is the process id), `"stderr"` or `"stdout"` |
    /// | `report` | sections: `"all"`, `"auto"`, or names with commas between them, `-name` to leave one out |
    /// | `budget` | the share of the program's CPU time that the profiler may take, in percent from 0.1 to 100: `"2%"` or `2.5` |
    /// | `timeout` | milliseconds after which the program reports and exits |
    /// | `signals` | `false` leaves Ctrl-C, SIGTERM and SIGABRT alone, `true` handles them from the start |
    /// | `allocator` | path of the global allocator that the allocation tracker wraps; `none` if the program declares its own `#[global_allocator]`, or has another `#[hotpath::main]` that does |
    /// | `crate` | see [below](#the-crate-under-another-name) |
    ///
    /// Environment variables override these parameters.
    ///
    /// # The crate under another name
    ///
    /// The expansion of an attribute names the profiler `::hotpath`, or what `Cargo.toml` calls it
    /// (`prof = { package = "hotpath", .. }`). Where it is reached through another crate, each attribute needs
    /// the parameter `crate`: `#[facade::main(crate = "facade::hotpath")]`, if `facade` has `pub use hotpath;`.
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
    main, main_off
}

attribute! {
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
    /// | `sample = 0.01` | the share of calls to time, from 0 to 1, whatever the settings say; all calls are counted |
    /// | `crate = ".."` | path of the profiler's crate, if that is neither `hotpath` nor the name in `Cargo.toml`: see [`macro@main`] |
    ///
    /// A `const fn` cannot be measured, since a measurement reads a clock, nor can a naked function. With `log = true` the body of a sync
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
    measure, measure_off
}

attribute! {
    /// Puts [`macro@measure`] on every function of an `impl` block or of an inline module.
    ///
    /// In an `impl` block the methods are reported as `module::Type::method`. In a module only its direct functions
    /// are measured, not those of modules and `impl` blocks inside it. Left alone are functions with their own
    /// `measure` or `skip` (also inside `cfg_attr`), or with `main`; `const fn`s; naked functions; and functions that a macro makes.
    ///
    /// | parameter | meaning |
    /// |---|---|
    /// | `log = true` | as for [`macro@measure`], of every function |
    /// | `future = true` | the async functions are listed among the futures too |
    /// | `sample = 0.01` | as for [`macro@measure`], of every function |
    /// | `crate = ".."` | as for [`macro@measure`] |
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
    measure_all, measure_all_off
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

attribute! {
    /// Lists the futures of an `async fn` in the futures section, without a row among the functions.
    ///
    /// With `log = true` the `Debug` form of recent outputs is kept; `crate = ".."` is as for [`macro@measure`].
    ///
    /// ```
    /// #[hotpath::future_fn(log = true)]
    /// async fn fetch(page: u32) -> Vec<u32> {
    ///     vec![page]
    /// }
    /// # let _ = fetch(1);
    /// ```
    future_fn, future_fn_off
}

/// The macro behind `hotpath::measure_block!`. Its input is `[path of the hotpath crate] label, body`.
#[cfg(feature = "on")]
#[doc(hidden)]
#[proc_macro]
pub fn measure_block(input: TokenStream) -> TokenStream {
    imp::measure_block(input)
}

/// The macro behind `hotpath::stream!` and its like. Its input is `[path of the hotpath crate] name, expression, options`.
#[cfg(feature = "on")]
#[doc(hidden)]
#[proc_macro]
pub fn instrument(input: TokenStream) -> TokenStream {
    imp::instrument(input)
}
