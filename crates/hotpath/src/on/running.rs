//! A running session.

use std::{collections::HashMap, sync::Mutex};

use hotpath_lane::thread::Pinned;

use super::{cpu, memory::AllocBaseline, settings::Settings, threads};
use crate::{
    options::{BeforeShutdown, CallerLocation},
    reporter::Reporter,
};

/// The totals reported so far, in ticks, by site.
///
/// The time of a polled call in progress counts up to now. A thread that is interrupted between the end of a call and its
/// recording makes that a little too long; the next reading would be smaller.
pub(crate) type ReportedTotals = HashMap<u32, i64>;

/// A running session, with all that its report needs.
pub(crate) struct Running {
    pub(crate) id: u64,
    pub(crate) settings: Settings,
    pub(crate) caller_name: &'static str,
    /// The location of its guard; `None` in the background.
    pub(crate) caller_location: Option<CallerLocation>,
    /// The start of counting, in ticks.
    pub(crate) start: u64,
    pub(crate) epoch: u32,
    /// The lane of the thread that started it. Pinned, so that it stays that thread's alone when the thread ends.
    pub(crate) caller_lane: Option<Pinned>,
    /// Nanoseconds of CPU time that threads of ours had taken before it.
    pub(crate) own_cpu_ns: Option<u64>,
    /// Nanoseconds of CPU time that the process had taken before it.
    pub(crate) process_cpu_ns: Option<u64>,
    /// The state from which its allocations count.
    pub(crate) memory: AllocBaseline,
    /// The totals reported while the session runs, so that none ever shrinks.
    pub(crate) reported_totals: Mutex<ReportedTotals>,
    /// The polling of threads, if the report shows them.
    pub(crate) threads: Option<threads::Sampling>,
    /// The CPU sampling of threads, if the report shows it.
    pub(crate) cpu: Option<cpu::Sampling>,
    /// True if it records for section guards only, so that a real session takes its place.
    pub(crate) is_background: bool,
    pub(crate) before_shutdown: Option<BeforeShutdown>,
    pub(crate) reporter: Option<Box<dyn Reporter>>,
}

impl Running {
    /// The lane of the thread that began the session, as readings name it.
    pub(crate) fn caller_lane(&self) -> Option<usize> {
        self.caller_lane.as_ref().map(Pinned::lane)
    }
}
