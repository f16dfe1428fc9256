//! `functions_alloc`: allocations of functions.
//!
//! Six readings of one set of numbers: bytes or counts, exclusive (the function itself), cumulative (with its measured callees),
//! or the most that was alive at once during a call (peak). What must stay true:
//!
//! - All readings write the same raw keys; the reading decides what the table shows, which formatted strings there
//!   are, the order, and of what the distributions are.
//! - Everything that was allocated is in one row: `self_bytes` of all rows, the caller's and the one of what happened
//!   outside of measured functions included, add up to `total_allocated_bytes`.
//! - Peaks of several calls or runs do not add: the largest stays, and a peak is no share of anything.

use super::functions::{AllocStats, FunctionKind, FunctionStats};
use crate::column::{Column, DistKeys, Formatted, Merge, MetricFamily, Wire};
use crate::dist::Dist;
use crate::interface::{Compat, Interface};
use crate::logs::FunctionAllocLogs;
use crate::section::{Envelope, LogDeclaration, SectionSchema, Spec, Table};
use crate::value::Unit;

/// The measure of a reading.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AllocMetric {
    /// Allocated bytes.
    #[default]
    Bytes,
    /// Number of allocations.
    Count,
}

/// The scope of a reading: the allocations that count for a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AllocScope {
    /// Its own.
    #[default]
    Exclusive,
    /// Inclusive: its own and those of measured callees.
    Cumulative,
    /// The peak: the most alive at once since a call began, inclusive of measured callees.
    Peak,
}

/// Allocations of the whole process while it was profiled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AllocTotals {
    /// Bytes allocated.
    pub total_bytes: Option<u64>,
    /// Number of allocations.
    pub total_count: Option<u64>,
    /// Bytes alive at the end.
    pub live_bytes: Option<u64>,
    /// Bytes allocated outside measured functions; those of the row [`FunctionStats::outside`].
    pub unattributed_bytes: Option<u64>,
}

/// The allocation section in the reading asked for.
///
/// Shares are of all that the process allocated, if `totals` knows it; else of the caller's row, else of all rows.
/// Peaks have no shares.
///
/// ```
/// use hotpath_report::{AllocMetric, AllocScope, AllocStats, AllocTotals, FunctionStats, Value, functions_alloc};
///
/// let outside = AllocStats { self_bytes: 640, self_count: 5, ..AllocStats::default() };
/// let rows = [FunctionStats::outside(1, outside)];
/// let totals = AllocTotals { total_bytes: Some(1_280), ..AllocTotals::default() };
/// let section = functions_alloc(&rows, &totals, AllocMetric::Bytes, AllocScope::Exclusive, &[95.0]);
/// assert_eq!(section.cell(&section.rows[0], "percent_total"), &Value::Percent(50.0));
/// assert_eq!(section.cell(&section.rows[0], "calls"), &Value::Nothing);
/// ```
pub fn functions_alloc(
    rows: &[FunctionStats],
    totals: &AllocTotals,
    metric: AllocMetric,
    scope: AllocScope,
    percentiles: &[f64],
) -> Table {
    in_reading(rows, totals, metric, scope, percentiles)
}

macro_rules! readings {
    ($($(#[$doc:meta])* $name:ident = $metric:ident $scope:ident, $description:expr;)+) => {
        $(
            $(#[$doc])*
            pub struct $name;

            impl SectionSchema for $name {
                type Stats = FunctionStats;
                type Totals = AllocTotals;
                const SPEC: &'static Spec = &spec(AllocMetric::$metric, AllocScope::$scope, $description);
                const COLUMNS: &'static [Column<FunctionStats>] =
                    &columns(AllocMetric::$metric, AllocScope::$scope);
                const LOGS: &'static [LogDeclaration] =
                    &[LogDeclaration::of::<FunctionAllocLogs>(&["logs"])];
                const FIELDS: &'static [Column<AllocTotals>] = &fields(AllocMetric::$metric);

                fn base(totals: &AllocTotals) -> Option<u64> {
                    base(AllocMetric::$metric, AllocScope::$scope, totals)
                }
            }
        )+

        fn in_reading(
            rows: &[FunctionStats],
            totals: &AllocTotals,
            metric: AllocMetric,
            scope: AllocScope,
            percentiles: &[f64],
        ) -> Table {
            match (metric, scope) {
                $((AllocMetric::$metric, AllocScope::$scope) => Table::of::<$name>(rows, totals, percentiles),)+
            }
        }
    };
}

readings! {
    /// Bytes that each function allocates itself.
    AllocBytes = Bytes Exclusive,
        "Exclusive allocation bytes by each function (excluding nested calls).";
    /// Bytes that each function allocates, inclusive of measured callees.
    AllocBytesCumulative = Bytes Cumulative,
        "Cumulative allocation bytes by each function (including nested calls).";
    /// Most bytes alive at once during the calls of each function.
    AllocBytesPeak = Bytes Peak, "Peak live bytes during each call (including nested calls).";
    /// Allocations that each function makes itself.
    AllocCount = Count Exclusive,
        "Exclusive allocation count by each function (excluding nested calls).";
    /// Allocations that each function makes, inclusive of measured callees.
    AllocCountCumulative = Count Cumulative,
        "Cumulative allocation count by each function (including nested calls).";
    /// Most allocations alive at once during the calls of each function.
    AllocCountPeak = Count Peak, "Peak live allocations during each call (including nested calls).";
}

/// A number that can be the one the table is about, or stand beside it, and what it was in each call.
#[derive(Clone, Copy)]
struct Measure {
    scope: AllocScope,
    key: &'static str,
    unit: Unit,
    about: &'static str,
    of: fn(&FunctionStats) -> Option<u64>,
    merge: Merge,
    identity: &'static str,
    per_call: fn(&FunctionStats) -> Option<&Dist>,
}

/// The measures in the order of [`place`], which is that of their keys in JSON.
const MEASURES: [Measure; 6] = [
    Measure {
        scope: AllocScope::Exclusive,
        key: "self_bytes",
        unit: Unit::Bytes,
        about: "Bytes allocated by the function itself.",
        of: |f| Some(alloc(f)?.self_bytes),
        merge: Merge::Sum,
        identity: "alloc_self_bytes",
        per_call: |f| Some(&alloc_of_calls(f)?.self_bytes_dist),
    },
    Measure {
        scope: AllocScope::Cumulative,
        key: "total_bytes",
        unit: Unit::Bytes,
        about: "Bytes allocated, inclusive of measured callees.",
        of: |f| Some(alloc(f)?.total_bytes),
        merge: Merge::Sum,
        identity: "alloc_total_bytes",
        per_call: |f| Some(&alloc_of_calls(f)?.bytes),
    },
    Measure {
        scope: AllocScope::Peak,
        key: "peak_bytes",
        unit: Unit::Bytes,
        about: "Largest number of live bytes allocated since entry, over all calls.",
        of: |f| alloc_of_calls(f)?.peak_bytes,
        merge: Merge::Max,
        identity: "alloc_peak_bytes",
        per_call: |f| Some(&alloc_of_calls(f)?.peaks),
    },
    Measure {
        scope: AllocScope::Exclusive,
        key: "self_count",
        unit: Unit::Count,
        about: "Allocations by the function itself.",
        of: |f| Some(alloc(f)?.self_count),
        merge: Merge::Sum,
        identity: "alloc_self_count",
        per_call: |f| Some(&alloc_of_calls(f)?.self_counts),
    },
    Measure {
        scope: AllocScope::Cumulative,
        key: "total_count",
        unit: Unit::Count,
        about: "Allocations, inclusive of measured callees.",
        of: |f| Some(alloc(f)?.total_count),
        merge: Merge::Sum,
        identity: "alloc_total_count",
        per_call: |f| Some(&alloc_of_calls(f)?.counts),
    },
    Measure {
        scope: AllocScope::Peak,
        key: "peak_count",
        unit: Unit::Count,
        about: "Largest number of live allocations made since entry, over all calls.",
        of: |f| alloc_of_calls(f)?.peak_count,
        merge: Merge::Max,
        identity: "alloc_peak_count",
        per_call: |f| Some(&alloc_of_calls(f)?.peak_counts),
    },
];

/// The sort key of each reading.
const SORTS: [&[&str]; 6] = [
    &[MEASURES[0].key],
    &[MEASURES[1].key],
    &[MEASURES[2].key],
    &[MEASURES[3].key],
    &[MEASURES[4].key],
    &[MEASURES[5].key],
];

/// The index of the measure of a reading in [`MEASURES`].
const fn place(metric: AllocMetric, scope: AllocScope) -> usize {
    metric as usize * 3 + scope as usize
}

/// The `n`th of the five measures that are not the one at `main`.
const fn beside(main: usize, n: usize) -> Measure {
    MEASURES[if n < main { n } else { n + 1 }]
}

impl Measure {
    /// The column of the number under its own key. The table shows the peak beside a measure of the same unit.
    const fn beside(self, main: Self) -> Fn {
        let is_shown = !self.adds() && matches!(self.unit, Unit::Bytes) == matches!(main.unit, Unit::Bytes);
        let column = if is_shown {
            Fn::number(self.key, "Peak", self.unit, self.of)
        } else {
            Fn::number(self.key, "", self.unit, self.of).json_only()
        };
        self.with_family(column.merged(self.merge).about(self.about))
    }

    /// The column that the table is about.
    const fn main(self) -> Fn {
        let header = if self.adds() { "Total" } else { "Peak" };
        let column =
            Fn::number("total", header, self.unit, self.of).compat(Compat::V0_16).wire(Wire::Both(self.key));
        self.with_family(column.merged(self.merge).about(self.about))
    }

    /// Sets the family: only exclusive allocations are judged, since those of callees are judged with the callees.
    const fn with_family(self, column: Fn) -> Fn {
        match self.scope {
            AllocScope::Exclusive => column.judged(MetricFamily::Alloc),
            AllocScope::Cumulative | AllocScope::Peak => column.compared(MetricFamily::Alloc),
        }
    }

    /// The share of the main measure; that of a peak is unknown in JSON and not in the table.
    const fn share(self) -> Fn {
        let column = if self.adds() {
            Fn::share("percent_total", "% Total", self.key)
        } else {
            Fn::share("percent_total", "", "").json_only()
        };
        column
            .compat(Compat::V0_16)
            .wire(Wire::Formatted)
            .about("Share of all that the process allocated; unknown in the scope `peak`.")
    }

    const fn dist(self, formatted: bool) -> Fn {
        let (suffix, histogram) = match self.unit {
            Unit::Count => ("_count", "histogram_count"),
            _ => ("_bytes", "histogram"),
        };
        let keys = DistKeys {
            identity: self.identity,
            prefix: "",
            suffix,
            count: "",
            plain: ("calls", "total"),
            histogram,
            formatted: if formatted { Formatted::Flat } else { Formatted::No },
        };
        Fn::dist(if formatted { "{}" } else { "" }, self.unit, keys, self.per_call)
    }

    /// Returns true if values of several calls add; of several peaks the largest stays.
    const fn adds(self) -> bool {
        matches!(self.merge, Merge::Sum)
    }
}

type Fn = Column<FunctionStats>;

/// The columns of one reading: its measure and the distribution of that are shown, the rest is there for machines.
const fn columns(metric: AllocMetric, scope: AllocScope) -> [Fn; 21] {
    let other = match metric {
        AllocMetric::Bytes => AllocMetric::Count,
        AllocMetric::Count => AllocMetric::Bytes,
    };
    let main = place(metric, scope);
    [
        Fn::count("id", "", |f| Some(f.id.into())).compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Renumber)
            .about("Number of the row in this report."),
        Fn::name("name", "Function", |f| Some(f.name.clone())).compat(Compat::V0_16)
            .about("Path of the function, or the label of the block."),
        Fn::count("calls", "Calls", |f| Some(called(f)?.calls)).compat(Compat::V0_16)
            .judged(MetricFamily::Flow)
            .about("Calls, those still running included."),
        MEASURES[main]
            .dist(true)
.compat(Compat::V0_16)
            .judged(MetricFamily::Alloc)
            .about("Allocations in one call; in the scope `peak` the most alive at once."),
        MEASURES[main].main(),
        MEASURES[main].share(),
        beside(main, 0).beside(MEASURES[main]),
        beside(main, 1).beside(MEASURES[main]),
        beside(main, 2).beside(MEASURES[main]),
        beside(main, 3).beside(MEASURES[main]),
        beside(main, 4).beside(MEASURES[main]),
        MEASURES[place(other, scope)]
            .dist(false)
            .json_only()
            .compared(MetricFamily::Alloc)
            .about("Other measure of one call."),
        Fn::bytes("freed_bytes", "", |f| Some(alloc(f)?.freed_bytes))
            .json_only()
            .compared(MetricFamily::Flow)
            .about("Bytes freed by the function itself, whoever allocated them."),
        Fn::bytes("total_freed_bytes", "", |f| Some(alloc(f)?.total_freed_bytes))
            .json_only()
            .compared(MetricFamily::Flow)
            .about("Bytes freed, inclusive of measured callees."),
        Fn::count("freed_count", "", |f| Some(alloc(f)?.freed_count))
            .json_only()
            .about("Frees by the function itself."),
        Fn::difference("kept_bytes", "Kept", "total_bytes", "total_freed_bytes").about(
            "Bytes that outlived the calls: allocated less freed, inclusive of callees; negative in a function that \
             frees what others allocated. The bytes alive at the end of the program are `live_bytes`.",
        ),
        Fn::count("sampled_calls", "", |f| {
            let f = called(f)?;
            Some(f.sampled_calls.unwrap_or(f.durations.count))
        }).compat(Compat::V0_30)
        .json_only()
        .compared(MetricFamily::Skip)
        .about("Calls whose duration was measured."),
        Fn::count("running", "", |f| Some(called(f)?.running))
            .json_only()
            .gauge()
            .compared(MetricFamily::Skip)
            .gauge()
            .about("Calls still running."),
        Fn::text("kind", "", |f| Some(f.kind.as_str().to_owned()))
            .json_only()
            .about("Kind of code: fn, async_fn, block, main, or outside (not in any measured function)."),
        Fn::place("source", false, |f| called(f)?.source.clone()).about("File and line of the function."),
        Fn::place("location", true, |f| called(f)?.source.clone()).compat(Compat::V0_30.or_left_out())
            .merged(Merge::Key)
            .about("File, line and column of the function."),
    ]
}

const fn spec(metric: AllocMetric, scope: AllocScope, description: &'static str) -> Spec {
    let measure = MEASURES[place(metric, scope)];
    Spec {
        name: "functions_alloc",
        short: match metric {
            AllocMetric::Bytes => "alloc-bytes",
            AllocMetric::Count => "alloc-count",
        },
        scope: Some(match scope {
            AllocScope::Exclusive => "exclusive",
            AllocScope::Cumulative => "cumulative",
            AllocScope::Peak => "peak",
        }),
        title: "Function",
        description,
        stem: "functions",
        default_limit: 15,
        envelope: Envelope::Functions,
        sort: SORTS[place(metric, scope)],
        base: if measure.adds() { measure.key } else { "" },
        pinned: Some(("kind", "main")),
        outside: Some(("kind", "outside")),
        compat: Some(Interface::V0_16),
        ambient: false,
    }
}

const fn fields(metric: AllocMetric) -> [Column<AllocTotals>; 4] {
    let bytes = Column::bytes("total_allocated", "Total", |t: &AllocTotals| t.total_bytes)
        .wire(Wire::Both("total_allocated_bytes"))
        .compat(Compat::V0_16.or_left_out())
        .about("Bytes the process allocated while profiled.");
    let count = Column::count("total_allocated", "Total", |t: &AllocTotals| t.total_count)
        .wire(Wire::Both("total_allocated_count"))
        .compat(Compat::V0_16.or_left_out())
        .about("Allocations of the process while profiled.");
    let (first, second) = match metric {
        AllocMetric::Bytes => (bytes, unlisted(count, "total_allocated_count")),
        AllocMetric::Count => (count, unlisted(bytes, "total_allocated_bytes")),
    };
    [
        first,
        second,
        Column::bytes("live_bytes", "Live at end", |t: &AllocTotals| t.live_bytes)
            .gauge()
            .about("Bytes of the whole process alive at the end."),
        Column::bytes("unattributed_bytes", "", |t: &AllocTotals| t.unattributed_bytes)
            .json_only()
            .about("Bytes allocated outside measured functions."),
    ]
}

/// A field without a line in the table and without a formatted string.
const fn unlisted(mut field: Column<AllocTotals>, key: &'static str) -> Column<AllocTotals> {
    field.info.key = key;
    field.info.header = "";
    field.info.compat = None;
    field.wire(Wire::Number).json_only()
}

/// All that the process allocated; peaks are no share of it.
fn base(metric: AllocMetric, scope: AllocScope, totals: &AllocTotals) -> Option<u64> {
    match (metric, scope) {
        (_, AllocScope::Peak) => None,
        (AllocMetric::Bytes, _) => totals.total_bytes,
        (AllocMetric::Count, _) => totals.total_count,
    }
}

fn alloc(row: &FunctionStats) -> Option<&AllocStats> {
    row.alloc.as_ref()
}

/// The row, if it is of something that is called: of the row of what happened outside, all numbers per call are unknown.
fn called(row: &FunctionStats) -> Option<&FunctionStats> {
    (row.kind != FunctionKind::Outside).then_some(row)
}

fn alloc_of_calls(row: &FunctionStats) -> Option<&AllocStats> {
    alloc(called(row)?)
}
