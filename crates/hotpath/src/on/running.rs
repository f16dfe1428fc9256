//! What a running session is.

use std::{collections::HashMap, sync::Mutex};

use hotpath_lane::thread::Pinned;

use super::{cpu, memory::Began, settings::Settings, threads};
use crate::{
    Reporter,
    builder::{BeforeShutdown, CallerPlace},
};

/// The totals told so far, in ticks, by site.
///
/// The time of a polled call on its way counts up to now. A thread that is interrupted between the end of a call and its
/// recording makes that a little too long; the next reading would take it back.
pub(crate) type Told = HashMap<u32, u64>;

/// A session, and what is needed to report it.
pub(crate) struct Running {
    pub(crate) id: u64,
    pub(crate) settings: Settings,
    pub(crate) caller_name: &'static str,
    /// Where the guard is made; `None` where nobody made one.
    pub(crate) caller_place: Option<CallerPlace>,
    /// When it began, in ticks.
    pub(crate) start: u64,
    pub(crate) epoch: u32,
    /// The lane of the thread that began it. Held, so that it stays that thread's alone when the thread ends.
    pub(crate) caller_lane: Option<Pinned>,
    /// From where on its allocations count.
    pub(crate) memory: Began,
    /// What was told while the session runs, so that no total is ever taken back.
    pub(crate) told: Mutex<Told>,
    /// Looking at threads, if the report shows them.
    pub(crate) threads: Option<threads::Sampling>,
    /// Sampling threads, if the report shows where they were.
    pub(crate) cpu: Option<cpu::Sampling>,
    /// It records for guards of sections only: a session that is begun takes its place.
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
