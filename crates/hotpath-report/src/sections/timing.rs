//! `functions_timing`: durations of functions.

use super::functions::{FunctionKind, FunctionStats};
use crate::column::{Column, DistKeys, Formatted, Merge, MetricFamily, Show, Wire};
use crate::interface::{Compat, Interface};
use crate::logs::FunctionTimingLogs;
use crate::section::{Envelope, LogDeclaration, SectionSchema, Spec};
use crate::value::Unit;

/// The description of [`Timing`] in programs that also track allocations.
pub const ALLOC_BUILD_DESCRIPTION: &str = "Function execution time metrics.";

/// Durations of functions.
pub struct Timing;

type Col = Column<FunctionStats>;

const PINNED: &str = "main";

impl SectionSchema for Timing {
    type Stats = FunctionStats;
    type Totals = ();

    const SPEC: &'static Spec = &Spec {
        name: "functions_timing",
        short: "timing",
        scope: None,
        title: "Function",
        description: "Execution duration of functions.",
        stem: "functions",
        default_limit: 15,
        envelope: Envelope::Functions,
        sort: &["total_ns"],
        base: "total_ns",
        pinned: Some(("kind", PINNED)),
        outside: None,
        compat: Some(Interface::V0_16),
        ambient: false,
    };

    const COLUMNS: &'static [Column<FunctionStats>] = &[
        Col::count("id", "", |f| Some(f.id.into())).compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Renumber)
            .about("Number of the row in this report."),
        Col::name("name", "Function", |f| Some(f.name.clone())).compat(Compat::V0_16)
            .about("Path of the function, or the label of the block."),
        Col::count("calls", "Calls", |f| Some(f.calls)).compat(Compat::V0_16)
            .judged(MetricFamily::Flow)
            .about("Calls, those still running included."),
        Col::dist("{}", Unit::Nanos, DURATIONS, |f| Some(&f.durations)).compat(Compat::V0_16)
            .mean_estimated_by("total_se_ns", "total_ns", "calls")
            .judged(MetricFamily::Time)
            .about("Duration of a timed call."),
        Col::nanos("total", "Total", |f| f.total_ns).compat(Compat::V0_16)
            .wire(Wire::Both("total_ns"))
            .estimated_by("total_se_ns")
            .judged(MetricFamily::Time)
            .about("Time inside the function, inclusive of measured callees; recursion counts once."),
        Col::share("percent_total", "% Total", "total_ns").compat(Compat::V0_16)
            .wire(Wire::Formatted)
            .estimated_by("total_se_ns")
            .about("Share of the run, which is the caller's row, or all rows without one."),
        Col::nanos("self", "Self", |f| f.self_ns)
            .wire(Wire::Both("self_ns"))
            .estimated_by("self_se_ns")
            .judged(MetricFamily::Time)
            .about("Time inside the function, exclusive of measured callees."),
        Col::share("percent_self", "% Self", "self_ns")
            .estimated_by("self_se_ns")
            .about("Share of the run that is self time."),
        standard_error("total_se_ns", |f| f.total_se_ns)
            .about("Standard error of the total time; there if not every call was timed, so that the total is an estimate."),
        standard_error("self_se_ns", |f| f.self_se_ns)
            .about("Standard error of the self time; there if not every call was timed, so that the self time is an estimate."),
        raw("total_raw_ns", |f| f.total_raw_ns)
            .about("Total time as measured, with what the profiler took inside of it."),
        raw("self_raw_ns", |f| f.self_raw_ns)
            .about("Self time as measured, with what the profiler took inside of it."),
        raw("avg_raw_ns", |f| f.avg_raw_ns)
            .merged(Merge::Recompute)
            .about("Duration of a timed call as measured, with what the profiler took inside of it (mean)."),
        Col::nanos("busy_ns", "Busy", |f| Some(f.asynchronous?.busy_ns))
            .wire(Wire::Optional)
            .shown(Show::WhenAny)
            .about("Time inside the polls of an async function."),
        Col::nanos("wait_ns", "Wait", FunctionStats::wait_ns)
            .wire(Wire::Optional)
            .shown(Show::WhenAny)
            .about("Time of an async function between its polls."),
        Col::nanos("off_cpu_ns", "Off CPU", |f| f.off_cpu_ns)
            .wire(Wire::Optional)
            .shown(Show::WhenAny)
            .about(
                "Time inside (of an async function: inside its polls) while the thread was not running: blocked, or waiting for \
                 a processor. Estimated from CPU samples; unknown for functions too short for that.",
            ),
        Col::count("polls", "", |f| Some(f.asynchronous?.polls))
            .wire(Wire::Optional)
            .json_only()
            .about("Polls of an async function."),
        Col::count("completed", "", |f| Some(f.asynchronous?.completed))
            .wire(Wire::Optional)
            .json_only()
            .about("Calls of an async function that ran to completion."),
        Col::count("cancelled", "", |f| Some(f.asynchronous?.cancelled))
            .wire(Wire::Optional)
            .json_only()
            .about("Calls of an async function that were dropped before completion."),
        Col::count("sampled_calls", "", |f| Some(f.sampled_calls.unwrap_or(f.durations.count))).compat(Compat::V0_30)
            .json_only()
            .compared(MetricFamily::Skip)
            .about("Calls whose duration was measured."),
        Col::count("running", "", |f| Some(f.running))
            .json_only()
            .gauge()
            .compared(MetricFamily::Skip)
            .gauge()
            .about("Calls still running."),
        Col::text("kind", "", |f| Some(kind(f.kind))).json_only().about("fn, async_fn, block or main."),
        Col::nanos("overhead_ns", "", |f| f.overhead_ns)
            .json_only()
            .compared(MetricFamily::Skip)
            .about("Estimated cost of measuring this function."),
        Col::place("source", false, |f| f.source.clone()).about("File and line of the function."),
        Col::place("location", true, |f| f.source.clone()).compat(Compat::V0_30.or_left_out())
            .merged(Merge::Key)
            .about("File, line and column of the function."),
    ];

    const LOGS: &'static [LogDeclaration] = &[LogDeclaration::of::<FunctionTimingLogs>(&["logs"])];

    const FIELDS: &'static [Column<()>] = &[];

    /// Work outside of measured functions has no duration: the caller's row holds that time.
    fn includes(row: &FunctionStats) -> bool {
        row.kind != FunctionKind::Outside
    }
}

/// A standard error of an estimate; without one the value is exact.
const fn standard_error(key: &'static str, cell: fn(&FunctionStats) -> Option<u64>) -> Col {
    let column = Col::nanos(key, "", cell).json_only().wire(Wire::Optional);
    column.merged(Merge::RootSumOfSquares).compared(MetricFamily::Skip)
}

/// A time before the profiler's own was taken out of it.
const fn raw(key: &'static str, cell: fn(&FunctionStats) -> Option<u64>) -> Col {
    Col::nanos(key, "", cell).json_only().wire(Wire::Optional).compared(MetricFamily::Skip)
}

const DURATIONS: DistKeys = DistKeys {
    identity: "durations",
    prefix: "",
    suffix: "_ns",
    count: "sampled_calls",
    plain: ("calls", "total"),
    histogram: "histogram",
    formatted: Formatted::Flat,
};

fn kind(kind: FunctionKind) -> String {
    kind.as_str().to_owned()
}
