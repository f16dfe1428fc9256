//! `hotpath`: the profiler that a Rust program carries inside itself.
//!
//! One attribute on `main`, one on each function of interest, and the program tells on exit where its time went: calls,
//! average, percentiles, total and own time, a call tree, busy and waiting time of async functions, and what the profiler itself
//! cost.
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
mod format;
pub mod futures;
mod legacy;
mod macros;
mod section;
mod section_guards;
pub mod streams;
#[cfg(not(all(feature = "hotpath-alloc", not(feature = "hotpath-off"))))]
mod uncounted;
mod values;

#[cfg_attr(all(feature = "hotpath", not(feature = "hotpath-off")), path = "on/mod.rs")]
#[cfg_attr(not(all(feature = "hotpath", not(feature = "hotpath-off"))), path = "off.rs")]
mod imp;

#[doc(hidden)]
pub mod private;
pub mod wrap;

pub use allocator::CountingAllocator;
pub use builder::{HotpathGuard, HotpathGuardBuilder};
pub use channels::{ChannelsGuard, ChannelsGuardBuilder};
pub use format::{Format, UnknownFormat};
pub use futures::{FuturesGuard, FuturesGuardBuilder};
pub use imp::attributes::{future_fn, main, measure, measure_all, skip};
pub use imp::session::{is_recording, pause, report_json, reset, resume};
pub use legacy::{
    FunctionsGuard, FunctionsGuardBuilder, GuardBuilder, HotPath, MetricType, MetricsProvider, ProfilingMode,
    Reporter, init,
};
pub use section::{Section, UnknownSection};
pub use streams::{StreamsGuard, StreamsGuardBuilder};
pub use values::{GaugeHandle, IntoF64, ValHandle};
