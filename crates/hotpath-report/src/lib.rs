//! What the numbers of the `hotpath` profiler mean.
//!
//! A recording becomes rows ([`FunctionStats`], [`FutureStats`], [`ThreadStats`]); an [`SectionSchema`] turns its rows into a [`Table`];
//! sections make a [`Report`]; a renderer shows it. Data flows in that direction only, and everything here is a pure
//! function: no clock, no environment, no files, no sockets, no threads.
//!
//! ```
//! use hotpath_report::{FunctionKind, FunctionStats, Report, Table, Timing, render};
//!
//! let main = FunctionStats {
//!     name: "app::main".into(),
//!     kind: FunctionKind::Main,
//!     calls: 1,
//!     total_ns: Some(2_000_000),
//!     ..FunctionStats::default()
//! };
//! let load = FunctionStats { name: "app::load".into(), calls: 4, total_ns: Some(1_000_000), ..main.clone() };
//! let load = FunctionStats { kind: FunctionKind::Fn, ..load };
//! let percentiles = [95.0];
//! let report = Report {
//!     duration_ns: 2_000_000,
//!     sections: vec![Table::of::<Timing>(&[load, main], &(), &percentiles)],
//!     ..Report::default()
//! };
//! let mut text = String::new();
//! render::table(&report, &render::Options::default(), &mut text)?;
//! assert!(text.starts_with("[hotpath] 2.00ms | timing"));
//! assert!(text.contains("| app::load | 4     | -   | -   | 1.00 ms | 50.00%  |"));
//! # Ok::<(), std::fmt::Error>(())
//! ```

#![forbid(unsafe_code)]

mod column;
mod dist;
mod finding;
mod findings;
mod interface;
mod order;
mod report;
mod schema;
mod section;
mod sections;
mod value;

pub mod logs;
pub mod render;
pub mod stacks;
pub mod tree;
pub mod units;

/// The compiler this was built with, such as `rustc 1.95.0 (…)`; empty if it could not be asked.
pub const RUSTC: &str = env!("HOTPATH_RUSTC");

pub use column::{
    Column, ColumnInfo, CompatKeys, Derived, DistKeys, Formatted, Heading, Merge, MetricFamily, Part, Show,
    Since, Wire,
};
pub use dist::{Bucket, Dist};
pub use finding::{Confidence, Evidence, Finding};
pub use findings::{MAX_PER_RULE, RULES, Rule, findings};
pub use interface::{Compat, Form, Interface, Unknown, UnknownForm};
pub use report::{Meta, Overhead, ProfilingMode, Report, SCHEMA_VERSION};
pub use schema::{finding_schema, schema, section_schema};
pub use section::{Declaration, Envelope, LogDeclaration, Row, SectionSchema, Spec, Table};
pub use sections::{
    ALLOC_BUILD_DESCRIPTION, Acquisitions, AllocBytes, AllocBytesCumulative, AllocBytesPeak, AllocCount,
    AllocCountCumulative, AllocCountPeak, AllocMetric, AllocScope, AllocStats, AllocTotals, AsyncStats,
    Blocker, ChannelState, ChannelStats, Channels, CpuExclusive, CpuInclusive, CpuScope, CpuStats, CpuTotals,
    Debug, FunctionKind, FunctionStats, FutureAlloc, FutureStats, FutureTotals, Futures, LockStats,
    MutexStats, Mutexes, RuntimeSample, RuntimeStats, RuntimeTotals, RwLockStats, RwLocks, SECTIONS,
    StreamStats, Streams, ThreadAlloc, ThreadState, ThreadStats, ThreadTotals, Threads, Timing, TokioRuntime,
    ValueKind, ValueStats, WorkerStats, functions_alloc, functions_cpu,
};
pub use tree::TreeNode;
pub use value::{Source, Unit, Value};
