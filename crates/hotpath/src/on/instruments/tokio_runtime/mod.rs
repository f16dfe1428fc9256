//! `tokio_runtime!`: polls the metrics of tokio runtimes.
//!
//! A runtime is known from the macro on, before or during a session. While a session runs and knows a runtime, a thread polls it
//! every interval; a report polls once more. Between sessions nothing is polled.
//!
//! Invariant: the handle that is held of a runtime neither keeps the runtime alive nor delays its end, but keeps its shared memory.
//! So there are at most [`MAX_RUNTIMES`], and one that did nothing in a whole session that began after its macro is dropped. A
//! handle is dropped without the lock held, and counted as the program's: the last one of a runtime may drop values of the program.

use std::{
    ops::ControlFlow,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use hotpath_lane::memory::{pause_tracking, resume_tracking};
use hotpath_report::{RuntimeStats, RuntimeTotals, Table, TokioRuntime};
use tokio::runtime::{Handle, Id};

use super::{Instrument, PolledInstrument, view::View};
use crate::{
    Section,
    imp::{output::warn, poller::Poller, settings::Settings},
};
use history::History;
use snapshot::{Snapshot, flavor};

mod history;
mod snapshot;

pub(crate) const INSTRUMENT: Instrument = Instrument { section: Section::TokioRuntime, table };
pub(crate) const POLLED: PolledInstrument = PolledInstrument { begin, reset, end };

/// Polling takes at most one part in this many of one core.
const PARTS: u32 = 20;

/// The most runtimes that are polled at once.
const MAX_RUNTIMES: usize = 16;

/// Polls the runtime that the calling thread is in.
pub fn watch_current() {
    match Handle::try_current() {
        Ok(runtime) => watch(&runtime),
        Err(_) => warn(
            "tokio_runtime!() outside of a tokio runtime: nothing is polled (tokio_runtime!(&handle) names one)",
        ),
    }
}

/// Polls this runtime. Nothing more if it is known already.
pub fn watch(runtime: &Handle) {
    let _untracked = pause_tracking();
    let let_go = state().watch(runtime);
    drop_as_the_programs(let_go);
}

fn begin(settings: &Settings) {
    let mut state = state();
    state.sessions += 1;
    state.session = Some(Session {
        id: state.sessions,
        start: Instant::now(),
        interval: settings.runtime_interval,
        poller: None,
    });
    state.restart();
    state.start_polling();
}

fn reset() {
    state().restart();
}

fn end() {
    let let_go = state().end();
    drop_as_the_programs(let_go);
}

fn table(view: &View<'_>) -> Table {
    let (rows, totals) = state().report();
    Table::of::<TokioRuntime>(&rows, &totals, &view.settings.percentiles)
}

fn drop_as_the_programs(handles: Vec<Handle>) {
    for handle in handles {
        let _the_programs_own = resume_tracking();
        drop(handle);
    }
}

#[derive(Default)]
struct State {
    /// Sessions so far.
    sessions: u64,
    session: Option<Session>,
    /// Runtimes so far.
    numbers: u64,
    runtimes: Vec<Runtime>,
}

struct Session {
    id: u64,
    start: Instant,
    interval: Duration,
    /// Polls once there is a runtime; `Some(None)` if there is no thread for it.
    poller: Option<Option<Poller>>,
}

struct Runtime {
    number: u64,
    handle: Handle,
    id: Id,
    /// The macro was used since the last session ended: it is shown whatever it does.
    is_fresh: bool,
    /// Set while a session runs.
    history: Option<History>,
}

static STATE: Mutex<State> =
    Mutex::new(State { sessions: 0, session: None, numbers: 0, runtimes: Vec::new() });

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// Returns the handles that are not needed any more.
    fn watch(&mut self, handle: &Handle) -> Vec<Handle> {
        let id = handle.id();
        if let Some(known) = self.runtimes.iter_mut().find(|known| known.id == id) {
            known.is_fresh = true;
            return Vec::new();
        }
        let mut let_go = Vec::new();
        if self.runtimes.len() >= MAX_RUNTIMES {
            match self.dispensable() {
                Some(place) => let_go.push(self.runtimes.remove(place).handle),
                None => {
                    warn(&format!(
                        "tokio_runtime!: {MAX_RUNTIMES} runtimes are polled already, this one is not"
                    ));
                    return let_go;
                }
            }
        }
        self.numbers += 1;
        let history = self.session.is_some().then(|| History::new(Snapshot::at(handle), flavor(handle)));
        let (number, handle) = (self.numbers, handle.clone());
        self.runtimes.push(Runtime { number, handle, id, is_fresh: true, history });
        self.start_polling();
        let_go
    }

    /// One that may be let go for another: without a session the oldest, else one that would not be shown.
    fn dispensable(&self) -> Option<usize> {
        self.runtimes.iter().position(|runtime| self.session.is_none() || !runtime.is_shown())
    }

    /// Counts from now on.
    fn restart(&mut self) {
        if let Some(session) = &mut self.session {
            session.start = Instant::now();
        }
        for runtime in &mut self.runtimes {
            runtime.history = Some(History::new(Snapshot::at(&runtime.handle), flavor(&runtime.handle)));
        }
    }

    /// Starts the thread of the running session, once there is something to look at.
    fn start_polling(&mut self) {
        if let Some(session) = &mut self.session
            && session.poller.is_none()
            && !self.runtimes.is_empty()
        {
            let id = session.id;
            let poller = Poller::start("hp-runtime", session.interval, PARTS, move || state().poll(id));
            if poller.is_err() {
                warn("cannot start a thread: runtimes are polled only when a report is made");
            }
            session.poller = Some(poller.ok());
        }
    }

    /// Breaks when the session `id` has ended.
    fn poll(&mut self, id: u64) -> ControlFlow<()> {
        let Some(session) = self.session.as_ref().filter(|session| session.id == id) else {
            return ControlFlow::Break(());
        };
        for runtime in &mut self.runtimes {
            if let Some(history) = &mut runtime.history {
                history.record(Snapshot::at(&runtime.handle), session.start);
            }
        }
        ControlFlow::Continue(())
    }

    fn report(&mut self) -> (Vec<RuntimeStats>, RuntimeTotals) {
        let (mut rows, mut totals) = (Vec::new(), RuntimeTotals::default());
        let Some(session) = &self.session else { return (rows, totals) };
        totals.sample_interval_ms = u64::try_from(session.interval.as_millis()).unwrap_or(u64::MAX);
        for runtime in self.runtimes.iter_mut().filter(|runtime| runtime.is_shown()) {
            let snapshot = Snapshot::at(&runtime.handle);
            if let Some(history) = &mut runtime.history {
                let report = history.report(runtime.number, &snapshot, session.start);
                rows.push(report.runtime);
                totals.workers.extend(report.workers);
                totals.history.extend(report.history);
            }
        }
        totals.first = rows.first().cloned();
        (rows, totals)
    }

    /// Returns the handles that are not needed any more.
    fn end(&mut self) -> Vec<Handle> {
        self.session = None;
        let all = std::mem::take(&mut self.runtimes);
        let (kept, let_go): (Vec<_>, Vec<_>) = all.into_iter().partition(Runtime::is_shown);
        self.runtimes = kept;
        for runtime in &mut self.runtimes {
            (runtime.is_fresh, runtime.history) = (false, None);
        }
        let_go.into_iter().map(|runtime| runtime.handle).collect()
    }
}

impl Runtime {
    /// Returns false for a runtime of an earlier session that did nothing since, and may be gone.
    fn is_shown(&self) -> bool {
        let is_active = |history: &History| history.is_active(&Snapshot::at(&self.handle));
        self.is_fresh || self.history.as_ref().is_some_and(is_active)
    }
}
