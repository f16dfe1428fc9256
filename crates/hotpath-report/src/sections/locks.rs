//! `mutexes` and `rw_locks`: time to acquire a lock, time that it is held, and the functions that make others wait.
//!
//! A mutex has one lock mode, a reader-writer lock two; each mode has the same columns.

use crate::column::{Column, DistKeys, Formatted, Merge, MetricFamily, Show, Since};
use crate::dist::Dist;
use crate::interface::{Compat, Interface};
use crate::section::{Envelope, SectionSchema, Spec};
use crate::value::{Source, Unit};

/// The lock of a row: one place in the program, or one instance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockStats {
    /// Number of the row, stable within a run.
    pub id: u32,
    /// Label, or file and line.
    pub label: String,
    /// True if the user chose the label.
    pub has_custom_label: bool,
    /// Type of the value inside.
    pub type_name: String,
    /// Its place in the source.
    pub source: Option<Source>,
    /// The number of the instance among those of its place, from 1; 0 when it is all of them.
    pub instance: u64,
}

/// Acquisitions in one lock mode.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Acquisitions {
    /// Number of acquisitions.
    pub count: u64,
    /// Those that had to wait.
    pub contended: u64,
    /// Nanoseconds from request to acquisition, zero for those that did not have to wait; `None` if that is not known.
    pub wait: Option<Dist>,
    /// Nanoseconds spent waiting in all; unknown if no wait was timed.
    pub wait_total_ns: Option<u64>,
    /// Nanoseconds that it was held, of those that were timed and have ended.
    pub hold: Dist,
    /// The function that was waited for longest, if any was.
    pub blocked_by: Option<Blocker>,
}

/// A function that held a lock while others waited.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Blocker {
    /// Its name.
    pub name: String,
    /// Nanoseconds that others waited for it.
    pub wait_ns: Option<u64>,
}

/// The statistics of one mutex.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MutexStats {
    /// The lock.
    pub lock: LockStats,
    /// Acquisitions.
    pub locks: Acquisitions,
}

/// The statistics of one reader-writer lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RwLockStats {
    /// The lock.
    pub lock: LockStats,
    /// Acquisitions for reading.
    pub reads: Acquisitions,
    /// Acquisitions for writing.
    pub writes: Acquisitions,
}

/// Names of a distribution: those of plain numbers, and those of formatted strings.
macro_rules! dist_keys {
    ($prefix:literal, $raw:literal, $formatted:literal, $count:literal) => {
        DistKeys {
            identity: concat!($prefix, $raw),
            prefix: concat!($prefix, $raw, "_"),
            suffix: "_ns",
            count: concat!($prefix, $count),
            plain: ("", ""),
            histogram: concat!($prefix, $raw, "_histogram"),
            formatted: Formatted::Nested {
                avg: concat!($prefix, $formatted, "_avg"),
                percentiles: concat!($prefix, $formatted, "_percentiles"),
            },
        }
    };
}

/// The columns of a lock with its modes: prefix of the keys, field, header, table.
macro_rules! columns {
    ($header:literal, [$($extra:expr),*], $($prefix:literal $field:ident $count:literal $table:literal),+) => {
        &[
            Col::count("id", "", |s| Some(s.lock.id.into())).compat(Compat::V0_30)
                .json_only()
                .merged(Merge::Renumber)
                .about("Number of the row in this report."),
            Col::text("source", "", |s| s.lock.source.as_ref().map(|s| format!("{}:{}", s.file, s.line))).compat(Compat::V0_30)
                .json_only()
                .about("File and line of the lock."),
            Col::name("label", $header, |s| Some(s.lock.label.clone())).compat(Compat::V0_30)
                .about("Label of the lock, or its file and line."),
            Col::flag("has_custom_label", "", |s| s.lock.has_custom_label).compat(Compat::V0_30)
                .json_only()
                .about("True if the user chose the label."),
            Col::text("type_name", "", |s| Some(s.lock.type_name.clone())).compat(Compat::V0_30)
                .json_only()
                .merged(Merge::Key)
                .about("Type of the value inside."),
            $($extra,)*
            $(
                Col::count(concat!($prefix, "count"), $count, |s| Some(s.$field.count)).compat(Compat::V0_30)
                    .in_table($table)
                    .judged(MetricFamily::Flow)
                    .about("Number of acquisitions."),
                Col::count(concat!($prefix, "acquisitions"), "", |s| Some(s.$field.count))
                    .json_only()
                    .compared(MetricFamily::Skip)
                    .about("Number of acquisitions."),
                Col::count(concat!($prefix, "sampled_count"), "", |s| Some(s.$field.hold.count)).compat(Compat::V0_30)
                    .json_only()
                    .compared(MetricFamily::Skip)
                    .about("Holds that have ended and were timed."),
                Col::count(concat!($prefix, "contended"), "", |s| Some(s.$field.contended))
                    .json_only()
                    .about("Acquisitions that had to wait."),
                Col::portion(
                    concat!($prefix, "contended_percent"),
                    "Contended",
                    concat!($prefix, "contended"),
                    concat!($prefix, "count"),
                )
                .in_table($table)
                .about("Share of the acquisitions that had to wait."),
                Col::dist("Wait {}", Unit::Nanos, dist_keys!($prefix, "wait", "wait", ""), |s| s.$field.wait.as_ref()).compat(Compat::V0_30)
                    .in_table($table)
                    .judged(MetricFamily::Time)
                    .about("Time from request to acquisition, over all acquisitions."),
                Col::dist("Acq {}", Unit::Nanos, dist_keys!($prefix, "hold", "acquire", "sampled_count"), |s| Some(&s.$field.hold)).compat(Compat::V0_30)
                    .in_table($table)
                    .judged(MetricFamily::Time)
                    .about("Time that the lock was held."),
                Col::name(concat!($prefix, "blocked_by"), "Held By", |s| {
                    Some(s.$field.blocked_by.as_ref()?.name.clone())
                })
                .merged(Merge::Same)
                .in_table($table)
                .shown(Show::WhenAny)
                .about("Function that held the lock during most of the waiting."),
                Col::nanos(concat!($prefix, "blocked_by_ns"), "", |s| s.$field.blocked_by.as_ref()?.wait_ns)
                    .windowed(Since::Unknown)
                    .json_only()
                    .compared(MetricFamily::Skip)
                    .about("Time that others waited for this function."),
                Col::nanos(concat!($prefix, "wait_total_ns"), "", |s| s.$field.wait_total_ns)
                    .json_only()
                    .judged(MetricFamily::Time)
                    .about("Time spent waiting; an estimate when waits are sampled."),
                Col::portion(
                    concat!($prefix, "blocked_by_percent"),
                    "% Wait",
                    concat!($prefix, "blocked_by_ns"),
                    concat!($prefix, "wait_total_ns"),
                )
                .in_table($table)
                .shown(Show::WhenAny)
                .about("Share of the total wait that was for this function."),
            )+
            Col::place("location", true, |s| s.lock.source.clone()).compat(Compat::V0_30)
                .merged(Merge::Key)
                .about("File, line and column of the lock."),
            Col::count("iter", "", |s| Some(s.lock.instance)).compat(Compat::V0_30)
                .json_only()
                .merged(Merge::Pick)
                .about("Number of the instance among those of its place, from 1; 0 when it is all of them."),
        ]
    };
}

/// Mutexes.
pub struct Mutexes;

impl SectionSchema for Mutexes {
    type Stats = MutexStats;
    type Totals = ();

    const SPEC: &'static Spec = &Spec {
        name: "mutexes",
        short: "mutexes",
        scope: None,
        title: "Mutex",
        description: "Mutex wait & acquire time statistics.",
        stem: "mutexes",
        default_limit: 0,
        envelope: Envelope::Elapsed,
        sort: &["wait_total_ns"],
        base: "",
        pinned: None,
        outside: None,
        compat: Some(Interface::V0_30),
        ambient: false,
    };

    const COLUMNS: &'static [Column<MutexStats>] = {
        type Col = Column<MutexStats>;
        columns!("Mutex", [], "" locks "Locks" 0)
    };

    const FIELDS: &'static [Column<()>] = &[];
}

/// Reader-writer locks.
pub struct RwLocks;

impl SectionSchema for RwLocks {
    type Stats = RwLockStats;
    type Totals = ();

    const SPEC: &'static Spec = &Spec {
        name: "rw_locks",
        short: "rw_locks",
        scope: None,
        title: "RwLock",
        description: "RwLock wait & acquire time statistics.",
        stem: "rw_locks",
        default_limit: 0,
        envelope: Envelope::Elapsed,
        sort: &["wait_total_ns"],
        base: "",
        pinned: None,
        outside: None,
        compat: Some(Interface::V0_30),
        ambient: false,
    };

    const COLUMNS: &'static [Column<RwLockStats>] = {
        type Col = Column<RwLockStats>;
        const WAIT_TOTAL: Col = Col::nanos("wait_total_ns", "", RwLockStats::wait_total)
            .json_only()
            .about("Time spent waiting in all; an estimate when waits are sampled.");
        columns!("RwLock", [WAIT_TOTAL], "read_" reads "Reads" 1, "write_" writes "Writes" 2)
    };

    const FIELDS: &'static [Column<()>] = &[];
}

impl RwLockStats {
    fn wait_total(&self) -> Option<u64> {
        Some(self.reads.wait_total_ns?.saturating_add(self.writes.wait_total_ns?))
    }
}
