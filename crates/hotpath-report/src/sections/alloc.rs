//! `functions_alloc`: what functions allocate.
//!
//! The same numbers in four readings: bytes or counts, with measured callees (cumulative) or without (exclusive). All
//! four write the same raw columns; the reading decides what the table shows, which formatted strings there are, the
//! order, and over what the distributions are taken.

use super::functions::{AllocStats, FunctionStats};
use crate::column::{Column, DistKeys, Merge, Wire};
use crate::dist::Dist;
use crate::section::{Envelope, Instrument, Section, Spec};
use crate::value::{Source, Unit};

/// What is counted first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AllocMetric {
    /// Allocated bytes.
    #[default]
    Bytes,
    /// Number of allocations.
    Count,
}

/// Whose allocations a function answers for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AllocScope {
    /// Its own.
    #[default]
    Exclusive,
    /// Its own and those of measured callees.
    Cumulative,
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
    /// Bytes allocated outside measured functions.
    pub unattributed_bytes: Option<u64>,
}

/// The allocation section in the reading asked for.
///
/// Shares are of all that the process allocated, if `totals` knows it; else of the caller's row, else of all rows.
pub fn functions_alloc(
    rows: &[FunctionStats],
    totals: &AllocTotals,
    metric: AllocMetric,
    scope: AllocScope,
    percentiles: &[f64],
) -> Section {
    match (metric, scope) {
        (AllocMetric::Bytes, AllocScope::Exclusive) => Section::of::<AllocBytes>(rows, totals, percentiles),
        (AllocMetric::Bytes, AllocScope::Cumulative) => {
            Section::of::<AllocBytesCumulative>(rows, totals, percentiles)
        }
        (AllocMetric::Count, AllocScope::Exclusive) => Section::of::<AllocCount>(rows, totals, percentiles),
        (AllocMetric::Count, AllocScope::Cumulative) => {
            Section::of::<AllocCountCumulative>(rows, totals, percentiles)
        }
    }
}

type Fn = Column<FunctionStats>;
type Columns = [Column<FunctionStats>; 17];
type Total = fn(&FunctionStats) -> Option<u64>;

/// A number that can be the one the table is about, or stand beside it.
#[derive(Clone, Copy)]
struct Measure {
    key: &'static str,
    unit: Unit,
    about: &'static str,
    of: Total,
}

const SELF_BYTES: Measure = Measure {
    key: "self_bytes",
    unit: Unit::Bytes,
    about: "Bytes allocated by the function itself.",
    of: |f| Some(alloc(f)?.self_bytes),
};
const TOTAL_BYTES: Measure = Measure {
    key: "total_bytes",
    unit: Unit::Bytes,
    about: "Bytes allocated, measured callees included.",
    of: |f| Some(alloc(f)?.total_bytes),
};
const SELF_COUNT: Measure = Measure {
    key: "self_count",
    unit: Unit::Count,
    about: "Allocations by the function itself.",
    of: |f| Some(alloc(f)?.self_count),
};
const TOTAL_COUNT: Measure = Measure {
    key: "total_count",
    unit: Unit::Count,
    about: "Allocations, measured callees included.",
    of: |f| Some(alloc(f)?.total_count),
};

/// A distribution per call, of bytes or of counts.
#[derive(Clone, Copy)]
struct PerCall {
    unit: Unit,
    keys: DistKeys,
    of: fn(&FunctionStats) -> Option<&Dist>,
}

const SELF_BYTES_PER_CALL: PerCall = bytes_per_call("alloc_self_bytes", |f| Some(&alloc(f)?.self_bytes_dist));
const TOTAL_BYTES_PER_CALL: PerCall = bytes_per_call("alloc_total_bytes", |f| Some(&alloc(f)?.bytes));
const SELF_COUNT_PER_CALL: PerCall = count_per_call("alloc_self_count", |f| Some(&alloc(f)?.self_counts));
const TOTAL_COUNT_PER_CALL: PerCall = count_per_call("alloc_total_count", |f| Some(&alloc(f)?.counts));

const fn bytes_per_call(identity: &'static str, of: fn(&FunctionStats) -> Option<&Dist>) -> PerCall {
    let (suffix, histogram) = ("_bytes", "histogram");
    let keys = DistKeys {
        identity,
        prefix: "",
        suffix,
        count: "",
        plain: ("calls", "total"),
        histogram,
        formatted: false,
    };
    PerCall { unit: Unit::Bytes, keys, of }
}

const fn count_per_call(identity: &'static str, of: fn(&FunctionStats) -> Option<&Dist>) -> PerCall {
    let (suffix, histogram) = ("_count", "histogram_count");
    let keys = DistKeys {
        identity,
        prefix: "",
        suffix,
        count: "",
        plain: ("calls", "total"),
        histogram,
        formatted: false,
    };
    PerCall { unit: Unit::Count, keys, of }
}

/// The columns of one reading: `main` and `dist` are shown, the rest is there for machines.
const fn columns(main: Measure, others: [Measure; 3], mut dist: PerCall, other_dist: PerCall) -> Columns {
    let [a, b, c] = others;
    dist.keys.formatted = true;
    [
        Fn::count("id", "", id)
            .json_only()
            .merged(Merge::Renumber)
            .about("Number of the row in this report."),
        Fn::name("name", "Function", name).about("Path of the function, or the label of the block."),
        Fn::count("calls", "Calls", |f| Some(f.calls)).about("Calls, those still running included."),
        Fn::dist("{}", dist.unit, dist.keys, dist.of).about("Allocated in one call."),
        Fn::number("total", "Total", main.unit, main.of).wire(Wire::Both(main.key)).about(main.about),
        Fn::share("percent_total", "% Total", main.key)
            .wire(Wire::Formatted)
            .about("Share of all that the process allocated."),
        Fn::number(a.key, "", a.unit, a.of).json_only().about(a.about),
        Fn::number(b.key, "", b.unit, b.of).json_only().about(b.about),
        Fn::number(c.key, "", c.unit, c.of).json_only().about(c.about),
        Fn::dist("", other_dist.unit, other_dist.keys, other_dist.of)
            .json_only()
            .about("The other measure of one call."),
        Fn::bytes("freed_bytes", "", |f| Some(alloc(f)?.freed_bytes))
            .json_only()
            .about("Bytes freed by the function itself."),
        Fn::bytes("peak_bytes", "", |f| Some(alloc(f)?.peak_bytes))
            .json_only()
            .merged(Merge::Max)
            .about("Most bytes alive at once since entry, over all calls."),
        Fn::count("sampled_calls", "", sampled_calls).json_only().about("Calls whose duration was measured."),
        Fn::count("running", "", |f| Some(f.running)).json_only().about("Calls still running."),
        Fn::text("kind", "", |f| Some(kind(f))).json_only().about("fn, async_fn, block or main."),
        Fn::place("source", false, source).about("File and line of the function."),
        Fn::place("location", true, source)
            .merged(Merge::Key)
            .about("File, line and column of the function."),
    ]
}

const fn spec(
    short: &'static str,
    scope: &'static str,
    sort: &'static [&'static str],
    description: &'static str,
) -> Spec {
    Spec {
        name: "functions_alloc",
        short,
        scope: Some(scope),
        title: "Function",
        description,
        stem: "functions",
        default_limit: 15,
        envelope: Envelope::Functions,
        sort,
        base: sort[0],
        pinned: Some(("kind", "main")),
        ambient: false,
    }
}

const fn fields(metric: AllocMetric) -> [Column<AllocTotals>; 4] {
    let bytes = Column::bytes("total_allocated", "Total", |t: &AllocTotals| t.total_bytes)
        .wire(Wire::Both("total_allocated_bytes"))
        .about("Bytes the process allocated while profiled.");
    let count = Column::count("total_allocated", "Total", |t: &AllocTotals| t.total_count)
        .wire(Wire::Both("total_allocated_count"))
        .about("Allocations of the process while profiled.");
    let (first, second) = match metric {
        AllocMetric::Bytes => (bytes, unlisted(count, "total_allocated_count")),
        AllocMetric::Count => (count, unlisted(bytes, "total_allocated_bytes")),
    };
    [
        first,
        second,
        Column::bytes("live_bytes", "", |t: &AllocTotals| t.live_bytes)
            .json_only()
            .about("Bytes alive at the end."),
        Column::bytes("unattributed_bytes", "", |t: &AllocTotals| t.unattributed_bytes)
            .json_only()
            .about("Bytes allocated outside measured functions."),
    ]
}

/// The same number without a line in the table and without a formatted string.
const fn unlisted(mut field: Column<AllocTotals>, key: &'static str) -> Column<AllocTotals> {
    field.info.key = key;
    field.info.header = "";
    field.wire(Wire::Number).json_only()
}

macro_rules! reading {
    ($(#[$doc:meta])* $name:ident, $metric:ident, $base:ident, $spec:expr, $columns:expr) => {
        $(#[$doc])*
        pub struct $name;

        impl Instrument for $name {
            type Stats = FunctionStats;
            type Totals = AllocTotals;
            const SPEC: &'static Spec = &$spec;
            const COLUMNS: &'static [Column<FunctionStats>] = &$columns;
            const FIELDS: &'static [Column<AllocTotals>] = &fields(AllocMetric::$metric);

            fn base(totals: &AllocTotals) -> Option<u64> {
                totals.$base
            }
        }
    };
}

reading!(
    /// Bytes that each function allocates itself.
    AllocBytes,
    Bytes,
    total_bytes,
    spec(
        "alloc-bytes",
        "exclusive",
        &[SELF_BYTES.key],
        "Exclusive allocation bytes by each function (excluding nested calls)."
    ),
    columns(SELF_BYTES, [TOTAL_BYTES, SELF_COUNT, TOTAL_COUNT], SELF_BYTES_PER_CALL, SELF_COUNT_PER_CALL)
);
reading!(
    /// Bytes that each function allocates, measured callees included.
    AllocBytesCumulative,
    Bytes,
    total_bytes,
    spec(
        "alloc-bytes",
        "cumulative",
        &[TOTAL_BYTES.key],
        "Cumulative allocation bytes by each function (including nested calls)."
    ),
    columns(TOTAL_BYTES, [SELF_BYTES, SELF_COUNT, TOTAL_COUNT], TOTAL_BYTES_PER_CALL, TOTAL_COUNT_PER_CALL)
);
reading!(
    /// Allocations that each function makes itself.
    AllocCount,
    Count,
    total_count,
    spec(
        "alloc-count",
        "exclusive",
        &[SELF_COUNT.key],
        "Exclusive allocation count by each function (excluding nested calls)."
    ),
    columns(SELF_COUNT, [SELF_BYTES, TOTAL_BYTES, TOTAL_COUNT], SELF_COUNT_PER_CALL, SELF_BYTES_PER_CALL)
);
reading!(
    /// Allocations that each function makes, measured callees included.
    AllocCountCumulative,
    Count,
    total_count,
    spec(
        "alloc-count",
        "cumulative",
        &[TOTAL_COUNT.key],
        "Cumulative allocation count by each function (including nested calls)."
    ),
    columns(TOTAL_COUNT, [SELF_BYTES, TOTAL_BYTES, SELF_COUNT], TOTAL_COUNT_PER_CALL, TOTAL_BYTES_PER_CALL)
);

fn alloc(row: &FunctionStats) -> Option<&AllocStats> {
    row.alloc.as_ref()
}

fn id(row: &FunctionStats) -> Option<u64> {
    Some(row.id.into())
}

fn name(row: &FunctionStats) -> Option<String> {
    Some(row.name.clone())
}

fn kind(row: &FunctionStats) -> String {
    row.kind.as_str().to_owned()
}

fn source(row: &FunctionStats) -> Option<Source> {
    row.source.clone()
}

fn sampled_calls(row: &FunctionStats) -> Option<u64> {
    Some(row.sampled_calls.unwrap_or(row.durations.count))
}
