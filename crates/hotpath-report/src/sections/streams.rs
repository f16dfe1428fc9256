//! `streams`: items, and the time between them.

use crate::column::{Column, DistKeys, Formatted, Merge, MetricFamily};
use crate::dist::Dist;
use crate::interface::{Compat, Interface};
use crate::logs::StreamLogs;
use crate::section::{Envelope, LogDeclaration, SectionSchema, Spec};
use crate::value::{Source, Unit};

/// The statistics of the streams of one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamStats {
    /// Number of the row, stable within a run.
    pub id: u32,
    /// Label, or `file:line`.
    pub label: String,
    /// True if the user chose the label.
    pub has_custom_label: bool,
    /// Its place in the source.
    pub source: Option<Source>,
    /// Type of the items.
    pub type_name: String,
    /// Size of an item in bytes.
    pub type_size: u64,
    /// The number of the instance among those of its place, from 1; 0 when the row is all of them.
    pub instance: u64,
    /// Streams polled at least once.
    pub instances: u64,
    /// Of these, the ones that came to their end.
    pub completed: u64,
    /// Of these, the ones dropped before their end.
    pub dropped: u64,
    /// Items.
    pub items: u64,
    /// Nanoseconds from one item (or the first poll) to the next.
    pub gap: Dist,
    /// Nanoseconds in which the items were counted.
    pub observed_ns: u64,
}

impl StreamStats {
    fn closed(&self) -> u64 {
        self.completed + self.dropped
    }

    /// Closed when all have come to their end or were dropped.
    fn state(&self) -> &'static str {
        if self.closed() < self.instances { "active" } else { "closed" }
    }
}

type Col = Column<StreamStats>;

/// Items of streams.
pub struct Streams;

impl SectionSchema for Streams {
    type Stats = StreamStats;
    type Totals = ();

    const SPEC: &'static Spec = &Spec {
        name: "streams",
        short: "streams",
        scope: None,
        title: "Stream",
        description: "Stream yield statistics.",
        stem: "streams",
        default_limit: 0,
        envelope: Envelope::Elapsed,
        sort: &["items_yielded"],
        base: "",
        pinned: None,
        outside: None,
        compat: Some(Interface::V0_16),
        ambient: false,
    };

    const COLUMNS: &'static [Column<StreamStats>] = &[
        Col::count("id", "", |s| Some(s.id.into()))
            .compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Renumber)
            .about("Number of the row in this report."),
        Col::name("label", "Stream", |s| Some(s.label.clone()))
            .compat(Compat::V0_16)
            .about("Label of the stream, or its place in the source."),
        Col::flag("has_custom_label", "", |s| s.has_custom_label)
            .compat(Compat::V0_16)
            .json_only()
            .about("True if the user chose the label."),
        Col::text("source", "", |s| s.source.as_ref().map(|s| format!("{}:{}", s.file, s.line)))
            .compat(Compat::V0_16)
            .json_only()
            .about("File and line of the stream."),
        Col::count("instances", "Inst", |s| Some(s.instances))
            .compat(Compat::V0_30)
            .about("Streams polled at least once."),
        Col::count("closed_instances", "", |s| Some(s.closed()))
            .compat(Compat::V0_30)
            .json_only()
            .about("Streams that ended or were dropped."),
        Col::count("completed", "", |s| Some(s.completed))
            .json_only()
            .about("Streams that came to their end."),
        Col::count("dropped", "", |s| Some(s.dropped)).json_only().about("Streams dropped before their end."),
        Col::text("state", "State", |s| Some(s.state().to_owned())).compat(Compat::V0_16).about(
            "State: active, or closed (ended, or dropped before that); of several streams the least finished.",
        ),
        Col::count("items_yielded", "Yielded", |s| Some(s.items))
            .compat(Compat::V0_16)
            .judged(MetricFamily::Flow)
            .about("Items yielded."),
        Col::per_second("items_per_s", "Items/s", "items_yielded", "observed_ns")
            .about("Items per second of the run."),
        Col::dist("{} Gap", Unit::Nanos, GAPS, |s| Some(&s.gap))
            .judged(MetricFamily::Time)
            .about("Time from one item, or the first poll, to the next."),
        Col::nanos("observed_ns", "", |s| Some(s.observed_ns))
            .json_only()
            .compared(MetricFamily::Skip)
            .about("Duration of the run, or of the runs that were merged."),
        Col::text("type_name", "", |s| Some(s.type_name.clone()))
            .compat(Compat::V0_16)
            .json_only()
            .about("Type of the items."),
        Col::bytes("type_size", "", |s| Some(s.type_size))
            .compat(Compat::V0_16)
            .gauge()
            .json_only()
            .merged(Merge::Max)
            .compared(MetricFamily::Flow)
            .about("Size of an item."),
        Col::count("iter", "", |s| Some(s.instance))
            .compat(Compat::V0_16)
            .gauge()
            .json_only()
            .compared(MetricFamily::Skip)
            .merged(Merge::Max)
            .about("Number of the instance among those of its place, from 1; 0 when the row is all of them."),
        Col::place("location", true, |s| s.source.clone())
            .compat(Compat::V0_30)
            .merged(Merge::Key)
            .about("File, line and column of the stream."),
    ];

    const LOGS: &'static [LogDeclaration] = &[LogDeclaration::of::<StreamLogs>(&["logs"])];

    const FIELDS: &'static [Column<()>] = &[];
}

const GAPS: DistKeys = DistKeys {
    identity: "gaps",
    prefix: "gap_",
    suffix: "_ns",
    count: "",
    plain: ("items_yielded", ""),
    histogram: "gap_histogram",
    formatted: Formatted::No,
};
