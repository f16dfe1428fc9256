//! The meaning of the numbers of the `hotpath` profiler: sections, units, reports, and their renderers.
//!
//! A recording becomes rows ([`FunctionStats`], [`FutureStats`], [`ThreadStats`]); an [`SectionSchema`] turns its rows into a [`Table`];
//! sections make a [`Report`]; a renderer shows it. Data flows in that direction only, and everything here is a pure
//! function: no clock, no environment, no files, no sockets, no threads.
//!
//! | to find | look at |
//! |---|---|
//! | the value that everything is made from | [`Report`] |
//! | a section: declared, and evaluated | [`SectionSchema`], [`Column`], [`Table`], [`SECTIONS`] |
//! | rows as recorded | [`FunctionStats`], [`ChannelStats`], [`MutexStats`], [`ThreadStats`], … |
//! | findings | [`findings()`], [`RULES`] |
//! | output: table, JSON, schema | [`render`], [`Form`], [`schema()`] |
//! | numbers as text, and back | [`units`] |
//! | logs, call tree, native stacks | [`logs`], [`tree`], [`stacks`] |
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
mod sorting;
mod value;

pub mod logs;
pub mod render;
pub mod stacks;
pub mod tree;
pub mod units;

/// The compiler this was built with, such as `rustc 1.95.0 (…)`; empty if it could not be asked.
pub const RUSTC: &str = env!("HOTPATH_RUSTC");

// The report, and its findings.
pub use finding::{Confidence, Evidence, Finding};
pub use findings::{MAX_PER_RULE, RULES, Rule, findings};
pub use report::{Meta, Overhead, ProfilingMode, Report, SCHEMA_VERSION};
pub use tree::TreeNode;

// Sections and columns: how an instrument declares what it reports, and the evaluated result.
pub use column::{
    Column, ColumnInfo, CompatKeys, Derived, DistKeys, Formatted, Heading, Merge, MetricFamily, Part, Show,
    Since, Wire,
};
pub use section::{Declaration, Envelope, LogDeclaration, Row, SectionSchema, Spec, Table};

// Values.
pub use dist::{Bucket, Dist};
pub use sorting::sort_by;
pub use value::{Source, Unit, Value};

// Forms of the JSON, and its schema.
pub use interface::{Compat, Form, Interface, Unknown, UnknownForm};
pub use schema::{finding_schema, schema, section_schema};

// Sections: rows and totals of each instrument.
pub use sections::*;
