//! Reports of the `hotpath` profiler after the run.
//!
//! [`read_report`] reads a report back from JSON, in every form that was ever written; [`merge()`] makes one report of several
//! runs; [`since()`] is the report of a window of time; [`compare`] tests whether one set of runs is slower than another. A
//! profiled program writes reports and does none of this, so it compiles none of it. Like `hotpath-report`, this is pure: no
//! clock, no environment, no files, no sockets, no threads.
//!
//! ```
//! use hotpath_analysis::{merge, read_report};
//! use hotpath_report::{Report, render};
//!
//! let run = Report { duration_ns: 1_000, ..Report::default() };
//! let mut text = String::new();
//! render::json(&run, &render::Options::default(), &mut text)?;
//! let read = read_report(&text)?;
//! assert_eq!(merge(&read, &run).duration_ns, 2_000);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![forbid(unsafe_code)]

mod lazy_json;
mod merge;
mod older;
mod read;
mod since;

mod stats;

pub mod compare;

pub use merge::merge;
pub use read::{ReadError, read_log, read_report, read_section};
pub use since::{dist_since, since};
pub use stats::median;
