//! Profiling on.
//!
//! Measured code runs [`hook`]; everything else runs when a session starts or ends, or on the profiler's own threads.

pub(crate) mod assemble;
pub(crate) mod build_id;
pub(crate) mod clock;
pub(crate) mod cost;
#[cfg_attr(not(feature = "hotpath-cpu"), path = "cpu_off.rs")]
pub(crate) mod cpu;
pub(crate) mod cpu_rows;
pub(crate) mod dataflow;
#[cfg_attr(not(unix), allow(dead_code, reason = "there are no signals"))]
mod ending;
pub(crate) mod exit;
pub(crate) mod functions;
pub(crate) mod git;
pub(crate) mod hook;
pub(crate) mod instruments;
pub(crate) mod kind;
#[cfg(feature = "hotpath-alloc")]
pub(crate) mod memory;
#[cfg(not(feature = "hotpath-alloc"))]
#[path = "memory_untracked.rs"]
pub(crate) mod memory;
mod net;
pub(crate) mod os;
pub(crate) mod output;
#[cfg(any(feature = "threads", feature = "hotpath-cpu", feature = "tokio"))]
pub(crate) mod poller;
pub(crate) mod provider;
pub(crate) mod running;
pub(crate) mod section_guards;
pub(crate) mod select;
#[cfg(feature = "serve")]
pub(crate) mod server;
pub(crate) mod session;
pub(crate) mod settings;
pub(crate) mod shared_list;
pub(crate) mod site_names;
pub(crate) mod start;
#[cfg_attr(not(feature = "threads"), path = "threads_off.rs")]
pub(crate) mod threads;
#[allow(missing_docs, reason = "not for people")]
pub mod unrecorded;

pub(crate) use hotpath_report::units;
pub(crate) use instruments::values;

/// The attributes that instrument.
pub(crate) mod attributes {
    pub use hotpath_macros::{future_fn, main, measure, measure_all, skip};
}
