//! The running session: started by a guard, ended by its drop or by the end of the program, whichever comes first.
//!
//! ```text
//! Idle ──begin──► Running ──finish (the first to come)──► CleaningUp ──► Reporting ──► Idle
//! ```
//! Its end is in [`finish`]; the ends of the process are ordered in [`ending`](super::ending).

use std::{
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hotpath_lane::{clock::now, gate, memory::pause_tracking, thread as lanes};

use super::{
    clock, cpu, ending, exit, instruments,
    memory::AllocBaseline,
    os,
    running::{ReportedTotals, Running},
    settings::Settings,
    threads,
};
use crate::{Section, options::SessionOptions};

mod api;
mod budget;
mod finish;
mod fork;
mod last_report;
mod prepare;

#[cfg(feature = "serve")]
pub(crate) use api::{Part, Status, report, status};
pub use api::{is_recording, pause, report_json, reset, resume};
pub(crate) use api::{recent_calls, with_running, with_view};
#[cfg(feature = "serve")]
pub(crate) use budget::{BudgetRefusal, set_budget};
#[cfg(feature = "serve")]
pub(crate) use last_report::retain_last_report;

use last_report::LastReport;

/// A running session, held by its guard. Dropping it ends the session.
pub(crate) struct Session {
    id: u64,
}

impl Session {
    /// Lets the session run without a guard, to the end of the program.
    pub(crate) fn detach(self) {
        std::mem::forget(self);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        finish::finish(self.id);
        // The program goes on, unless it was ending already.
        if ending::cleaning() != os::thread_id() {
            exit::wait_for_first_end();
        }
    }
}

/// Callbacks at the turning points of sessions, for parts of the profiler that the session does not know.
pub(crate) struct SessionObserver {
    /// Called when the settings of a session are known, before it records.
    pub(crate) on_start: fn(&Settings),
    /// Called when a session is about to end, with all that it recorded.
    pub(crate) on_end: fn(&Running),
    /// Called when the process is about to end.
    pub(crate) on_exit: fn(),
}

#[derive(Default)]
enum State {
    #[default]
    Idle,
    Running(Box<Running>),
    /// `before_shutdown` is at work: this session ends.
    CleaningUp {
        since: Instant,
        running: Box<Running>,
    },
    /// The thread with this id makes the report.
    Reporting {
        by: u64,
    },
}

struct Shared {
    state: State,
    /// The sessions started so far.
    begun: u64,
    /// The times that counting started from zero: sessions and resets.
    windows: u64,
    /// The report of the last session, if a server can still ask for it.
    last: Option<Arc<LastReport>>,
    observer: Option<&'static SessionObserver>,
}

static SHARED: Mutex<Shared> =
    Mutex::new(Shared { state: State::Idle, begun: 0, windows: 0, last: None, observer: None });
static CHANGED: Condvar = Condvar::new();

impl Shared {
    /// The session that is recorded in, also while it is being ended.
    fn current(&self) -> Option<&Running> {
        match &self.state {
            State::Running(running) | State::CleaningUp { running, .. } => Some(running),
            State::Reporting { .. } | State::Idle => None,
        }
    }
}

fn shared() -> MutexGuard<'static, Shared> {
    SHARED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts a session.
#[track_caller]
pub(crate) fn begin(options: SessionOptions, observer: &'static SessionObserver) -> Session {
    let mut shared = shared_when_finished();
    match std::mem::take(&mut shared.state) {
        State::Idle => {}
        State::Running(running) if running.is_background => {
            let _untracked = pause_tracking();
            (observer.on_end)(&running);
            drop(running);
        }
        other => {
            shared.state = other;
            drop(shared);
            panic!("More than one _hotpath guard cannot be alive at the same time.");
        }
    }
    Session { id: start(&mut shared, options, observer, false) }
}

/// Starts a session for section guards, which a real one may replace, unless one is running.
pub(crate) fn begin_background(options: SessionOptions, observer: &'static SessionObserver) {
    let mut shared = shared_when_finished();
    if matches!(shared.state, State::Idle) {
        start(&mut shared, options, observer, true);
    }
}

/// Ends the session of [`begin_background`], if it still runs.
pub(crate) fn end_background() {
    let mut shared = shared();
    match std::mem::take(&mut shared.state) {
        State::Running(running) if running.is_background => {
            gate::shut();
            os::signals::remove();
            let _untracked = pause_tracking();
            drop(running);
        }
        other => shared.state = other,
    }
}

fn shared_when_finished() -> MutexGuard<'static, Shared> {
    let shared = shared();
    match shared.state {
        State::CleaningUp { .. } if ending::cleaning() != os::thread_id() => finish::wait(shared),
        State::Reporting { by } if by != os::thread_id() => finish::wait(shared),
        _ => shared,
    }
}

/// Starts a session and returns its id.
fn start(
    shared: &mut Shared,
    mut options: SessionOptions,
    observer: &'static SessionObserver,
    is_background: bool,
) -> u64 {
    let memory = AllocBaseline::now();
    let _untracked = pause_tracking(); // what follows is ours
    shared.begun += 1;
    shared.windows += 1;
    shared.last = None;
    shared.observer = Some(observer);
    let id = shared.begun;
    let settings = prepare::settings(&mut options, id == 1);
    (observer.on_start)(&settings);
    if let Some(time) = settings.shutdown.filter(|_| !is_background) {
        exit::end_after(move || wait_for_end(id, time), finish::in_time);
    }
    let shows_threads = !is_background && settings.selection.wants(Section::Threads, true);
    let threads =
        shows_threads.then(|| threads::begin(settings.threads_interval, settings.show_internal_threads));
    let samples = !is_background && settings.selection.wants(Section::FunctionsCpu, true);
    let cpu = samples.then(|| cpu::begin(settings.cpu_period(), settings.cpu_stacks));
    if !is_background {
        instruments::POLLED.iter().for_each(|polled| (polled.begin)(&settings));
    }
    let caller_lane = lanes::Pinned::here();
    os::forks::own_session();
    os::signals::install(finish::in_time, signals_from(&settings, id));
    lanes::await_next_hit();
    hotpath_lane::set_blocking(clock::first_anchor(), settings.blocking_poll);
    let start = now();
    let epoch = gate::open();
    shared.state = State::Running(Box::new(Running {
        settings,
        caller_name: options.caller_name,
        caller_location: options.caller_location,
        start,
        epoch,
        caller_lane,
        own_cpu_ns: os::own_thread::cpu_ns(),
        process_cpu_ns: os::process_cpu_ns(),
        memory,
        reported_totals: Mutex::new(ReportedTotals::default()),
        threads: threads.flatten(),
        cpu: cpu.flatten(),
        id,
        is_background,
        before_shutdown: options.before_shutdown.take(),
        reporter: options.reporter.take(),
    }));
    id
}

/// Returns when a session starts to handle signals. A program that has started one before has installed its own handlers.
fn signals_from(settings: &Settings, id: u64) -> os::When {
    match settings.signals {
        Some(true) => os::When::AtOnce,
        Some(false) => os::When::Never,
        None if id == 1 || os::signals::is_pending() => os::When::Later,
        None => os::When::AtOnce,
    }
}

/// Waits until the session `id` has ended, at most for `time`. Returns true if it has.
fn wait_for_end(id: u64, time: Duration) -> bool {
    let deadline = Instant::now() + time;
    let mut shared = shared();
    loop {
        if !matches!(&shared.state, State::Running(running) if running.id == id) {
            return true;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return false;
        }
        shared = CHANGED.wait_timeout(shared, left).unwrap_or_else(PoisonError::into_inner).0;
    }
}
