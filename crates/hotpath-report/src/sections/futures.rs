//! `futures`: number and cost of polls.

use crate::column::{Column, DistKeys, Formatted, Merge, MetricFamily, Show};
use crate::dist::Dist;
use crate::interface::{Compat, Interface};
use crate::logs::FutureLogs;
use crate::section::{Envelope, LogDeclaration, SectionSchema, Spec};
use crate::value::{Source, Unit};

/// Allocations inside the polls of a future.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FutureAlloc {
    /// Bytes allocated.
    pub bytes: u64,
    /// Number of allocations.
    pub count: u64,
}

/// The statistics of one watched future.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FutureStats {
    /// Number of the row, stable within a run.
    pub id: u32,
    /// Label, or the name of the async function.
    pub label: String,
    /// True if the user chose the label.
    pub has_custom_label: bool,
    /// Its place in the source.
    pub source: Option<Source>,
    /// Futures polled at least once, and those of `future!` that were dropped before that.
    pub calls: u64,
    /// Polls.
    pub polls: u64,
    /// Polls that were timed; `None` when every poll is.
    pub sampled_polls: Option<u64>,
    /// Nanoseconds inside polls; unknown if none was timed.
    pub total_poll_ns: Option<u64>,
    /// Nanoseconds per timed poll.
    pub poll: Dist,
    /// Nanoseconds between polls, from the first poll to the end; unknown if not all polls were timed.
    pub wait_ns: Option<u64>,
    /// Polls that took at least the threshold; unknown without one, or if no poll was timed.
    pub blocking_polls: Option<u64>,
    /// Futures that ran to completion.
    pub completed: u64,
    /// Futures dropped before completion.
    pub cancelled: u64,
    /// Set when allocations were tracked.
    pub alloc: Option<FutureAlloc>,
}

/// Values for all futures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FutureTotals {
    /// Nanoseconds from which on a poll counts as blocking; none does without it.
    pub blocking_threshold_ns: Option<u64>,
}

type Col = Column<FutureStats>;
type Field = Column<FutureTotals>;

/// Polls of futures.
pub struct Futures;

impl SectionSchema for Futures {
    type Stats = FutureStats;
    type Totals = FutureTotals;

    const SPEC: &'static Spec = &Spec {
        name: "futures",
        short: "futures",
        scope: None,
        title: "Future",
        description: "Future poll and lifecycle statistics.",
        stem: "futures",
        default_limit: 0,
        envelope: Envelope::Elapsed,
        sort: &["total_poll_duration_ns"],
        base: "",
        pinned: None,
        outside: None,
        compat: Some(Interface::V0_16),
        ambient: false,
    };

    const COLUMNS: &'static [Column<FutureStats>] = &[
        Col::count("id", "", |f| Some(f.id.into()))
            .compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Renumber)
            .about("Number of the row in this report."),
        Col::name("label", "Future", |f| Some(f.label.clone()))
            .compat(Compat::V0_16)
            .about("Label of the future, or the path of the async function."),
        Col::flag("has_custom_label", "", |f| f.has_custom_label)
            .compat(Compat::V0_16)
            .json_only()
            .about("True if the user chose the label."),
        Col::text("source", "", |f| f.source.as_ref().map(|s| format!("{}:{}", s.file, s.line)))
            .compat(Compat::V0_16)
            .json_only()
            .about("File and line of the future."),
        Col::count("call_count", "Calls", |f| Some(f.calls))
            .compat(Compat::V0_16)
            .judged(MetricFamily::Flow)
            .about("Futures polled at least once, and those of `future!` dropped before that."),
        Col::count("total_polls", "Polls", |f| Some(f.polls))
            .compat(Compat::V0_16)
            .about("Polls of all these futures."),
        Col::dist("{} Poll", Unit::Nanos, POLLS, |f| Some(&f.poll))
            .judged(MetricFamily::Time)
            .shown(Show::AverageAndMax)
            .about("Duration of a timed poll."),
        Col::nanos("total_poll_duration_ns", "Total Poll", |f| f.total_poll_ns)
            .compat(Compat::V0_16)
            .judged(MetricFamily::Time)
            .about("Time inside polls; with sampling an estimate."),
        Col::nanos("wait_ns", "Wait", |f| f.wait_ns)
            .judged(MetricFamily::Time)
            .about("Time between polls, from the first one to the end."),
        Col::count("blocking_polls", "Blocking", |f| f.blocking_polls)
            .about("Polls that blocked the executor: at least `blocking_threshold_ns` long."),
        Col::ratio("avg_poll_alloc_bytes", "Avg Alloc", Unit::Bytes, "total_poll_alloc_bytes", "total_polls")
            .about("Bytes allocated per poll."),
        Col::bytes("total_poll_alloc_bytes", "Total Alloc", |f| Some(f.alloc?.bytes))
            .compat(Compat::V0_16.or_null())
            .judged(MetricFamily::Alloc)
            .about("Bytes allocated inside polls."),
        Col::count("total_poll_alloc_count", "", |f| Some(f.alloc?.count))
            .compat(Compat::V0_16.or_null())
            .json_only()
            .judged(MetricFamily::Alloc)
            .about("Allocations inside polls."),
        Col::count("sampled_polls", "", |f| Some(f.sampled_polls.unwrap_or(f.poll.count)))
            .compat(Compat::V0_30)
            .json_only()
            .compared(MetricFamily::Skip)
            .about("Polls whose duration was measured."),
        Col::count("completed", "", |f| Some(f.completed))
            .json_only()
            .about("Futures that ran to completion."),
        Col::count("cancelled", "", |f| Some(f.cancelled))
            .json_only()
            .about("Futures dropped before completion."),
        Col::place("location", true, |f| f.source.clone())
            .compat(Compat::V0_30)
            .merged(Merge::Key)
            .about("File, line and column of the future."),
    ];

    const LOGS: &'static [LogDeclaration] = &[LogDeclaration::of::<FutureLogs>(&["logs", "calls"])];

    const FIELDS: &'static [Column<FutureTotals>] =
        &[Field::nanos("blocking_threshold_ns", "Blocking is a poll of at least", |t| {
            t.blocking_threshold_ns
        })
        .merged(Merge::Max)
        .gauge()
        .about("Duration from which on a poll counts as blocking.")];
}

const POLLS: DistKeys = DistKeys {
    identity: "polls",
    prefix: "poll_",
    suffix: "_ns",
    count: "sampled_polls",
    plain: ("total_polls", "total_poll_duration_ns"),
    histogram: "poll_histogram",
    formatted: Formatted::No,
};
