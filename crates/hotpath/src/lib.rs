//! `hotpath`: the profiler that a Rust program carries inside itself.
//!
//! One attribute on `main`, one on each function of interest, and the program reports on exit where its time went: calls,
//! average, percentiles, total and self time, a call tree, busy and wait time of async functions, and the overhead of the
//! profiler itself.
//!
//! ```
//! #[hotpath::measure]
//! fn load(id: u64) -> u64 {
//!     id * 2
//! }
//!
//! #[hotpath::main]
//! fn main() {
//!     let sum: u64 = (0..100).map(load).sum();
//!     hotpath::measure_block!("print", println!("{sum}"));
//! }
//! ```
//!
//! Without the feature `hotpath` every macro yields its argument, the functions here do nothing, and no dependency is built. The
//! feature `hotpath-off` wins over `hotpath`.
#![deny(unsafe_code)]
#![warn(missing_docs)]

pub mod alloc;
mod allocator;
mod builder;
pub mod channels;
mod compat;
mod data;
mod format;
pub mod functions;
mod functions_json;
pub mod futures;
mod instrument;
pub mod io;
#[cfg(feature = "json")]
pub mod json;
mod layers;
mod lists;
mod macros;
pub mod mutexes;
#[cfg(any(test, not(all(feature = "hotpath", not(feature = "hotpath-off")))))]
mod off_units;
mod options;
mod reporter;
pub mod rw_locks;
mod section;
#[cfg(all(feature = "crossbeam", feature = "hotpath", not(feature = "hotpath-off")))]
mod select_macros;
pub mod streams;
#[cfg(not(all(feature = "hotpath-alloc", not(feature = "hotpath-off"))))]
mod uncounted;
mod units;
mod values;

#[cfg_attr(all(feature = "hotpath", not(feature = "hotpath-off")), path = "on/mod.rs")]
#[cfg_attr(not(all(feature = "hotpath", not(feature = "hotpath-off"))), path = "off.rs")]
mod imp;

#[doc(hidden)]
pub mod private;
pub mod wrap;

pub use allocator::CountingAllocator;
pub use builder::{HotpathGuard, HotpathGuardBuilder};
pub use compat::{
    FunctionsGuard, FunctionsGuardBuilder, GuardBuilder, HotPath, init,
    section_guards::{
        ChannelsGuard, ChannelsGuardBuilder, FuturesGuard, FuturesGuardBuilder, StreamsGuard,
        StreamsGuardBuilder,
    },
};
pub use format::{Format, UnknownFormat};
pub use functions::{
    MeasurementGuard, MeasurementGuardAsync, MeasurementGuardSync, measure_async, measure_async_future,
    measure_async_future_log, measure_async_log, measure_sync_log,
};
pub use functions_json::{FunctionsDataJson, FunctionsJson};
pub use imp::attributes::{future_fn, main, measure, measure_all, skip};
pub use imp::session::{is_recording, pause, report_json, reset, resume};
pub use instrument::{
    InstrumentFuture, InstrumentFutureLog, InstrumentMutex, InstrumentRwLock, InstrumentStream,
    InstrumentStreamLog,
};
pub use io::io_unwrap;
#[cfg(feature = "axum-0-8")]
pub use layers::AxumLayer;
#[cfg(feature = "diesel")]
pub use layers::instrument_diesel_sql;
#[cfg(feature = "sqlx")]
pub use layers::sqlx_tracing_layer;
#[cfg(feature = "toasty")]
pub use layers::toasty_tracing_layer;
pub use reporter::{MetricType, MetricsProvider, ProfilingMode, Reporter};
pub use section::{Section, UnknownSection};
pub use units::{
    ceil_char_boundary, env_flag, floor_char_boundary, format_bytes, format_count, format_debug_truncated,
    format_duration, format_percentile_header, format_percentile_key, format_rate, parse_bytes, parse_count,
    parse_duration, shorten_function_name,
};
pub use values::{GaugeHandle, IntoF64, ValHandle};
