//! Requests to the session: its report and state at this moment, and the control of its recording.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use hotpath_lane::{clock::now, gate, memory::pause_tracking};
use hotpath_report::{Report, render};

use super::{CHANGED, Shared, State, shared};
use crate::{
    data::FutureCall,
    imp::{
        assemble, clock, cost, cpu,
        instruments::{self, futures, view::View},
        running::{ReportedTotals, Running},
        threads,
    },
};

/// Calls `f` with the running session. Returns `None` if there is none.
pub(crate) fn with_running<T>(f: impl FnOnce(&Running) -> T) -> Option<T> {
    match &shared().state {
        State::Running(running) => Some(f(running)),
        _ => None,
    }
}

/// Calls `f` with what the running session has recorded up to now. Returns `None` if there is none.
pub(crate) fn with_view<T>(f: impl FnOnce(&View<'_>) -> T) -> Option<T> {
    let _untracked = pause_tracking();
    let shared = shared();
    let running = shared.current()?;
    Some(assemble::with_view(&assemble::read(running), running, f))
}

/// Returns the last calls of every watched future in the running session.
pub(crate) fn recent_calls() -> Vec<FutureCall> {
    with_view(futures::all_calls).unwrap_or_default()
}

/// The state of the session.
#[derive(Clone, Debug, Default)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
pub(crate) struct Status {
    /// The number of the counting window: it rises with every session and every reset.
    pub(crate) window: u64,
    /// The caller of the running session.
    pub(crate) caller_name: Option<&'static str>,
    pub(crate) is_recording: bool,
    /// Nanoseconds since counting began, in the running session.
    pub(crate) elapsed_ns: Option<u64>,
}

/// Returns the state of the session.
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
pub(crate) fn status() -> Status {
    let shared = shared();
    let current = shared.current();
    Status {
        window: shared.windows,
        caller_name: current.map(|running| running.caller_name),
        is_recording: gate::is_open(),
        elapsed_ns: current.map(|running| clock::scale().nanos(now().saturating_sub(running.start))),
    }
}

/// The sections that a report is to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
pub(crate) enum Part {
    /// Those that the settings select.
    Selected,
    /// All that have data.
    Complete,
}

/// Returns the report of the running session at this moment, with all rows, or that of the last session when none is running.
/// `None` before the first.
///
/// A report that is being made is waited for, at most for `patience`.
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
pub(crate) fn report(part: Part, patience: Duration) -> Option<Report> {
    let _untracked = pause_tracking();
    let mut shared = shared();
    if matches!(shared.state, State::Reporting { .. }) {
        let is_being_made =
            |shared: &mut Shared| matches!(shared.state, State::Reporting { .. }) && shared.last.is_none();
        let waited = CHANGED.wait_timeout_while(shared, patience, is_being_made);
        shared = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
    let mut report = match shared.current() {
        Some(running) => report_of(running, part),
        None => {
            let last = shared.last.clone()?;
            drop(shared);
            last.report(part)
        }
    };
    report.sections.iter_mut().for_each(|section| section.limit = 0);
    Some(report)
}

fn report_of(running: &Running, part: Part) -> Report {
    let snapshot = assemble::read(running).not_less_than(&running.reported_totals);
    let costs = cost::costs(snapshot.has_sampled_calls());
    match part {
        Part::Selected => assemble::report(&snapshot, running, costs.as_ref()),
        Part::Complete => assemble::complete_report(&snapshot, running, costs.as_ref()),
    }
}

/// Returns the report of the running session at this moment as JSON on one line; `None` when no session is running (and when off).
///
/// Recording threads are not slowed.
///
/// ```
/// assert_eq!(hotpath::report_json(), None);
/// ```
#[must_use]
pub fn report_json() -> Option<String> {
    let mut text = String::new();
    let untracked = pause_tracking(); // making it is ours; the text that the caller is given is the caller's
    let report = shared().current().map(|running| report_of(running, Part::Selected));
    let is_written =
        report.is_some_and(|report| render::json(&report, &render::Options::default(), &mut text).is_ok());
    drop(untracked);
    let own = is_written.then(|| text.as_str().to_owned());
    let _untracked = pause_tracking();
    drop(text);
    own
}

/// Stops recording until [`resume`]: measured calls cost next to nothing and are not counted. Does nothing without a session.
///
/// ```
/// hotpath::pause();
/// assert!(!hotpath::is_recording());
/// ```
pub fn pause() {
    if let State::Running(_) = shared().state {
        gate::shut();
    }
}

/// Resumes recording after [`pause`]. Does nothing without a session.
///
/// ```
/// hotpath::resume(); // no session: still nothing is recorded
/// assert!(!hotpath::is_recording());
/// ```
pub fn resume() {
    if let State::Running(_) = shared().state {
        gate::reopen();
    }
}

/// Restarts counting: the report covers what happens from now on. Calls in progress are not counted. Does nothing without a
/// session.
///
/// ```
/// let _guard = hotpath::HotpathGuardBuilder::new("main").format(hotpath::Format::None).build();
/// hotpath::reset();
/// ```
pub fn reset() {
    let _untracked = pause_tracking();
    let mut shared = shared();
    if let State::Running(running) = &mut shared.state {
        let was_open = gate::is_open();
        running.start = now();
        running.memory.restart();
        running.epoch = gate::open();
        running.reported_totals = Mutex::new(ReportedTotals::default());
        running.threads.iter().for_each(threads::Sampling::reset);
        running.cpu.iter().for_each(cpu::Sampling::reset);
        instruments::POLLED.iter().for_each(|polled| (polled.reset)());
        if !was_open {
            gate::shut();
        }
        shared.windows += 1;
    }
}

/// Returns true if calls are being recorded: a session is running and not paused.
///
/// ```
/// let guard = hotpath::HotpathGuardBuilder::new("main").format(hotpath::Format::None).build();
/// assert!(hotpath::is_recording());
/// drop(guard);
/// assert!(!hotpath::is_recording());
/// ```
#[must_use]
pub fn is_recording() -> bool {
    gate::is_open()
}
