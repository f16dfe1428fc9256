//! `functions_cpu`: CPU time of functions, from samples.
//!
//! A sample is one period of a thread's CPU time, counted where the thread was when the period ended. Two
//! readings of one set of numbers: exclusive (the function itself), or inclusive (with its measured callees). What must stay true:
//!
//! - Both readings write the same raw keys; the reading decides what `samples` and `percent` are, and the order.
//! - Every sample is in one row: `self_samples` of all rows, the caller's and those of what was not measured included, add up to
//!   the section's `total_samples`.
//! - Times are samples times the period: an estimate, and named so.

use super::functions::{CpuStats, FunctionKind, FunctionStats};
use crate::column::{Column, Merge, MetricFamily, Wire};
use crate::interface::{Compat, Interface};
use crate::section::{Envelope, SectionSchema, Spec, Table};

/// The scope of `samples` and `percent`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CpuScope {
    /// The function's own.
    #[default]
    Exclusive,
    /// Inclusive of measured callees.
    Inclusive,
}

/// The sampling as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuTotals {
    /// Samples of all threads of the program.
    pub total_samples: u64,
    /// Those inside measured functions, the caller's included.
    pub attributed_samples: u64,
    /// Nanoseconds of CPU time that a sample stands for.
    pub period_ns: Option<u64>,
    /// The number of polls of a thread: fewer than samples where the system's clock ticks more slowly than the period, since one
    /// poll then counts for several samples.
    pub polls: Option<u64>,
    /// The largest CPU time that one poll counted for. On a busy machine the system's clock may miss a thread for long; the time then
    /// counts for the place where the thread was later.
    pub longest_step_ns: Option<u64>,
    /// Nanoseconds of CPU time that the whole process took, the profiler's own threads included.
    pub process_cpu_ns: Option<u64>,
}

/// The section in the reading asked for.
///
/// ```
/// use hotpath_report::{CpuScope, CpuStats, CpuTotals, FunctionStats, Value, functions_cpu};
///
/// let rows = [FunctionStats::not_measured(7, FunctionStats::OUTSIDE, CpuStats::own(30, 1_000_000))];
/// let totals = CpuTotals { total_samples: 120, attributed_samples: 90, ..CpuTotals::default() };
/// let section = functions_cpu(&rows, &totals, CpuScope::Exclusive);
/// assert_eq!(section.cell(&section.rows[0], "samples"), &Value::Count(30));
/// assert_eq!(section.cell(&section.rows[0], "percent"), &Value::Percent(25.0));
/// ```
pub fn functions_cpu(rows: &[FunctionStats], totals: &CpuTotals, scope: CpuScope) -> Table {
    match scope {
        CpuScope::Exclusive => Table::of::<CpuExclusive>(rows, totals, &[]),
        CpuScope::Inclusive => Table::of::<CpuInclusive>(rows, totals, &[]),
    }
}

/// Samples in each function itself.
pub struct CpuExclusive;

/// Samples in each function, inclusive of measured callees.
pub struct CpuInclusive;

macro_rules! reading {
    ($name:ident, $scope:ident, $description:literal) => {
        impl SectionSchema for $name {
            type Stats = FunctionStats;
            type Totals = CpuTotals;
            const SPEC: &'static Spec = &spec(CpuScope::$scope, $description);
            const COLUMNS: &'static [Col] = &columns(CpuScope::$scope);
            const FIELDS: &'static [Column<CpuTotals>] = FIELDS;

            fn base(totals: &CpuTotals) -> Option<u64> {
                Some(totals.total_samples)
            }

            fn includes(row: &FunctionStats) -> bool {
                row.cpu.is_some()
            }
        }
    };
}

reading!(CpuExclusive, Exclusive, "CPU sampling attribution per function (exclusive).");
reading!(CpuInclusive, Inclusive, "CPU sampling attribution per function (inclusive).");

type Col = Column<FunctionStats>;

const fn columns(scope: CpuScope) -> [Col; 12] {
    let (main, share, time): (Col, Col, Col) = match scope {
        CpuScope::Exclusive => (
            Col::copy("samples", "Samples", "self_samples"),
            Col::share("percent", "% Total", "self_samples"),
            Col::nanos("cpu_time", "CPU Time", |f| f.cpu?.self_ns())
                .wire(Wire::Both("self_cpu_ns"))
                .judged(MetricFamily::Time),
        ),
        CpuScope::Inclusive => (
            Col::copy("samples", "Samples", "total_samples"),
            Col::share("percent", "% Total", "total_samples"),
            Col::nanos("cpu_time", "CPU Time", |f| f.cpu?.total_ns()).wire(Wire::Both("total_cpu_ns")),
        ),
    };
    let other = match scope {
        CpuScope::Exclusive => Col::nanos("total_cpu_ns", "With Callees", |f| f.cpu?.total_ns())
            .about("CPU time of the function and its measured callees, estimated."),
        CpuScope::Inclusive => Col::nanos("self_cpu_ns", "Self", |f| f.cpu?.self_ns())
            .judged(MetricFamily::Time)
            .about("CPU time of the function itself, estimated."),
    };
    [
        Col::count("id", "", |f| Some(f.id.into()))
            .compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Renumber)
            .about("Number of the row in this report."),
        Col::name("name", "Function", |f| Some(f.name.clone()))
            .compat(Compat::V0_16)
            .about("Path of the function, or the label of the block."),
        main.compat(Compat::V0_16)
            .about("Samples in the function; in the scope `inclusive` with those in measured callees."),
        share.compat(Compat::V0_16).wire(Wire::Formatted).about("Share of all samples."),
        time.about("CPU time that `samples` stand for, estimated."),
        other,
        Col::count("self_samples", "", |f| Some(f.cpu?.self_samples))
            .json_only()
            .compared(MetricFamily::Time)
            .about("Samples in the function itself."),
        Col::count("total_samples", "", |f| f.cpu?.total_samples)
            .json_only()
            .compared(MetricFamily::Time)
            .about("Samples in the function and its measured callees; recursion counts once."),
        Col::share("percent_total", "", "total_samples")
            .json_only()
            .about("Share of all samples that the function and its measured callees have."),
        Col::text("kind", "", |f| Some(f.kind.as_str().to_owned()))
            .json_only()
            .about("Kind of code: fn, async_fn, block, main, or outside (not in any measured function)."),
        Col::place("source", false, |f| f.source.clone()).about("File and line of the function."),
        Col::place("location", true, |f| f.source.clone())
            .merged(Merge::Key)
            .about("File, line and column of the function."),
    ]
}

const fn spec(scope: CpuScope, description: &'static str) -> Spec {
    Spec {
        name: "functions_cpu",
        short: "cpu",
        scope: Some(match scope {
            CpuScope::Exclusive => "exclusive",
            CpuScope::Inclusive => "inclusive",
        }),
        title: "Function",
        description,
        stem: "functions",
        default_limit: 15,
        envelope: Envelope::Functions,
        sort: &["samples"],
        base: "samples",
        pinned: Some(("kind", FunctionKind::Main.as_str())),
        outside: Some(("kind", FunctionKind::Outside.as_str())),
        compat: Some(Interface::V0_16),
        ambient: false,
    }
}

const FIELDS: &[Column<CpuTotals>] = &[
    Column::count("total_samples", "Samples", |t: &CpuTotals| Some(t.total_samples)).compat(Compat::V0_16)
        .about("Samples of all threads of the program."),
    Column::count("attributed_samples", "In measured functions", |t: &CpuTotals| Some(t.attributed_samples)).compat(Compat::V0_16)
        .about("Samples inside measured functions, the caller's included."),
    Column::nanos("period_ns", "Period", |t: &CpuTotals| t.period_ns)
        .merged(Merge::Same)
        .about("CPU time that a sample stands for."),
    Column::count("polls", "", |t: &CpuTotals| t.polls).json_only().about(
        "Number of polls of a thread; where the system's clock ticks more slowly than the period, one poll counts \
         for several samples.",
    ),
    Column::nanos("longest_step_ns", "", |t: &CpuTotals| t.longest_step_ns)
        .json_only()
        .merged(Merge::Max)
        .about("Largest CPU time that one poll counted for: anything shorter is an estimate at best."),
    Column::nanos("process_cpu_ns", "", |t: &CpuTotals| t.process_cpu_ns)
        .json_only()
        .about("CPU time of the whole process, the profiler's own threads included."),
    Column::text("profile_path", "", |_| None).compat(Compat::V0_16)
        .json_only()
        .about("Always null: no external profiler writes a file."),
];

impl CpuStats {
    /// Of something that was not called: its samples are its own.
    pub const fn own(samples: u64, period_ns: u64) -> Self {
        Self { self_samples: samples, total_samples: Some(samples), period_ns: Some(period_ns) }
    }

    /// CPU time of the function itself, estimated.
    pub fn self_ns(&self) -> Option<u64> {
        Some(self.self_samples.saturating_mul(self.period_ns?))
    }

    /// CPU time of the function, inclusive of measured callees, estimated.
    pub fn total_ns(&self) -> Option<u64> {
        Some(self.total_samples?.saturating_mul(self.period_ns?))
    }
}
