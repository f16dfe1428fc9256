//! `threads`: CPU time of each thread, and memory of the process.
//!
//! A row is a thread that lives or one that has ended while it was profiled. What must stay true: CPU time and lifetime
//! count from the same moment, the beginning of the session or of the thread, whichever came later.

use crate::column::{Column, Merge, Show, Wire};
use crate::interface::{Compat, Interface};
use crate::section::{Envelope, SectionSchema, Spec};

/// The state of a thread when it was last seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadState {
    /// A state of the system, by its letter.
    Seen(char),
    /// It has ended.
    Ended,
}

impl ThreadState {
    /// The state in words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seen('R') => "Running",
            Self::Seen('S') => "Sleeping",
            Self::Seen('D') => "Blocked",
            Self::Seen('T' | 't') => "Stopped",
            Self::Seen('Z') => "Zombie",
            Self::Seen('I') => "Idle",
            Self::Seen('P') => "Parked",
            Self::Seen('H') => "Halted",
            Self::Seen('X' | 'x') | Self::Ended => "Ended",
            Self::Seen(_) => "Unknown",
        }
    }

    /// The letter of the state.
    pub fn code(self) -> char {
        match self {
            Self::Seen(letter) => letter,
            Self::Ended => 'X',
        }
    }
}

/// Allocations of a thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreadAlloc {
    /// Bytes allocated.
    pub allocated: u64,
    /// Bytes freed, no matter who allocated them.
    pub freed: u64,
}

impl ThreadAlloc {
    /// Bytes allocated less bytes freed.
    pub fn difference(self) -> i64 {
        0i64.saturating_add_unsigned(self.allocated).saturating_sub_unsigned(self.freed)
    }
}

/// The statistics of one thread, or of several that have ended and share a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ThreadStats {
    /// Its number at the operating system; `None` for several threads.
    pub os_tid: Option<u64>,
    /// Its name.
    pub name: String,
    /// Its state when it was last seen.
    pub state: Option<ThreadState>,
    /// The load in the last interval, in thousandths of one core.
    pub cpu_now_permille: Option<u64>,
    /// The largest load in a polling interval, in thousandths of one core.
    pub cpu_max_permille: Option<u64>,
    /// Nanoseconds of CPU time since it was first polled.
    pub observed_cpu_ns: Option<u64>,
    /// Nanoseconds since it was first polled.
    pub observed_ns: Option<u64>,
    /// Nanoseconds of CPU time while profiled.
    pub cpu_ns: Option<u64>,
    /// Nanoseconds it lived while profiled.
    pub lifetime_ns: Option<u64>,
    /// Set when allocations were tracked.
    pub alloc: Option<ThreadAlloc>,
    /// Threads in this row.
    pub threads: u64,
}

/// Numbers of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreadTotals {
    /// The polling interval in milliseconds.
    pub sample_interval_ms: u64,
    /// Threads alive.
    pub thread_count: Option<u64>,
    /// Bytes of memory that the process holds.
    pub resident_bytes: Option<u64>,
    /// The most that it held.
    pub resident_max_bytes: Option<u64>,
    /// Set when allocations were tracked.
    pub alloc: Option<ThreadAlloc>,
}

type Col = Column<ThreadStats>;
type Field = Column<ThreadTotals>;

/// Threads of the process.
pub struct Threads;

impl SectionSchema for Threads {
    type Stats = ThreadStats;
    type Totals = ThreadTotals;

    const SPEC: &'static Spec = &Spec {
        name: "threads",
        short: "threads",
        scope: None,
        title: "Thread",
        description: "Thread CPU and memory statistics.",
        stem: "threads",
        default_limit: 5,
        envelope: Envelope::Elapsed,
        sort: &["allocated_bytes", "cpu_percent_max", "cpu_ns"],
        base: "",
        pinned: None,
        outside: None,
        compat: Some(Interface::V0_16),
        ambient: true,
    };

    const COLUMNS: &'static [Column<ThreadStats>] = &[
        Col::count("os_tid", "", |t| t.os_tid)
            .compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Same)
            .about("Number of the thread at the operating system."),
        Col::text("name", "Thread", |t| Some(t.name.clone()))
            .compat(Compat::V0_16)
            .merged(Merge::Key)
            .about("Name of the thread; <other> for ended threads past the bound."),
        Col::text("status", "Status", |t| Some(t.state?.as_str().to_owned()))
            .compat(Compat::V0_16)
            .merged(Merge::Same)
            .about("State of the thread when it was last seen, or Ended."),
        Col::text("status_code", "", |t| Some(t.state?.code().to_string()))
            .compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Same)
            .about("Letter of the system for the state; X for Ended."),
        Col::load("cpu_percent", "CPU%", |t| t.cpu_now_permille)
            .compat(Compat::V0_16.or_null())
            .merged(Merge::Recompute)
            .gauge()
            .about("Share of one core in the last sampling interval; unknown once the thread has ended."),
        Col::load("cpu_percent_max", "Max%", |t| t.cpu_max_permille)
            .compat(Compat::V0_16.or_null())
            .merged(Merge::Max)
            .about("Largest share of one core in a sampling interval."),
        Col::load_of("cpu_percent_avg", "Avg%", "observed_cpu_ns", "observed_ns")
            .compat(Compat::V0_16.or_null())
            .about("Share of one core since the thread was first seen."),
        Col::bytes("alloc_bytes", "Alloc", |t| Some(t.alloc?.allocated))
            .wire(Wire::OptionalBoth("allocated_bytes"))
            .compat(Compat::V0_16.or_left_out())
            .shown(Show::WhenAny)
            .about("Bytes the thread allocated."),
        Col::bytes("dealloc_bytes", "Dealloc", |t| Some(t.alloc?.freed))
            .wire(Wire::OptionalBoth("freed_bytes"))
            .compat(Compat::V0_16.or_left_out())
            .shown(Show::WhenAny)
            .about("Bytes the thread freed, no matter which thread allocated them."),
        Col::signed_bytes("mem_diff", "Diff", |t| Some(t.alloc?.difference()))
            .wire(Wire::OptionalBoth("diff_bytes"))
            .compat(Compat::V0_16.or_left_out())
            .shown(Show::WhenAny)
            .about("Bytes the thread allocated less bytes it freed."),
        Col::nanos("cpu_ns", "CPU time", |t| t.cpu_ns)
            .about("CPU time since the session or the thread began."),
        Col::nanos("lifetime_ns", "Lifetime", |t| t.lifetime_ns)
            .about("Time the thread lived since the session began."),
        Col::nanos("observed_cpu_ns", "", |t| t.observed_cpu_ns)
            .json_only()
            .about("CPU time since the thread was first seen."),
        Col::nanos("observed_ns", "", |t| t.observed_ns)
            .json_only()
            .about("Time since the thread was first seen."),
        Col::flag("ended", "", |t| t.state == Some(ThreadState::Ended))
            .json_only()
            .merged(Merge::Same)
            .about("True if the thread has ended."),
        Col::count("threads", "", |t| Some(t.threads)).json_only().gauge().about("Threads in this row."),
    ];

    const FIELDS: &'static [Column<ThreadTotals>] = &[
        Field::count("sample_interval_ms", "", |t| Some(t.sample_interval_ms))
            .compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Same)
            .about("Polling interval in milliseconds."),
        Field::count("thread_count", "", |t| t.thread_count)
            .compat(Compat::V0_16)
            .gauge()
            .json_only()
            .merged(Merge::Max)
            .about("Threads alive."),
        Field::bytes("rss_bytes", "RSS", |t| t.resident_bytes)
            .compat(Compat::V0_16.or_left_out())
            .gauge()
            .wire(Wire::Both("resident_bytes"))
            .merged(Merge::Max)
            .about("Memory of the process."),
        Field::bytes("rss_bytes_max", "Max RSS", |t| t.resident_max_bytes)
            .compat(Compat::V0_30.or_left_out())
            .wire(Wire::Both("resident_max_bytes"))
            .merged(Merge::Max)
            .about("Largest memory of the process."),
        Field::bytes("total_alloc_bytes", "Alloc", |t| Some(t.alloc?.allocated))
            .wire(Wire::OptionalBoth("total_allocated_bytes"))
            .compat(Compat::V0_16.or_left_out())
            .shown(Show::WhenAny)
            .about("Bytes all threads allocated."),
        Field::bytes("total_dealloc_bytes", "Dealloc", |t| Some(t.alloc?.freed))
            .wire(Wire::OptionalBoth("total_freed_bytes"))
            .compat(Compat::V0_16.or_left_out())
            .shown(Show::WhenAny)
            .about("Bytes all threads freed."),
        Field::signed_bytes("alloc_dealloc_diff", "Diff", |t| Some(t.alloc?.difference()))
            .wire(Wire::OptionalBoth("total_diff_bytes"))
            .compat(Compat::V0_16.or_left_out())
            .shown(Show::WhenAny)
            .about("Bytes all threads allocated less bytes they freed."),
    ];
}
