//! The section `threads`: polls the threads of the process, and remembers those that have ended.
//!
//! While a session wants the section, a thread of ours polls every interval, and a report polls once more, so that it never
//! waits for the interval. Threads that measure are reported completely: they register at their first call (name, first numbers)
//! and at their end (last numbers), so that one that lives between two polls is not missed.
//!
//! What must stay true: the system is asked without a lock held, and a lock is held for moments only, since a thread of the
//! program at its end may wait for it. A thread that registers waits for no lock under which something is allocated: its first
//! measured call may be in the program's allocator.

use std::{
    io,
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread::Thread,
    time::{Duration, Instant},
};

use hotpath_report::{ThreadAlloc, ThreadStats, ThreadTotals};

use super::{
    memory::Allocations,
    os::{self, own_thread, threads::ThreadInfo},
    output::warn,
    poller::Poller,
    shared_list::SharedList,
};
use table::{CpuReading, Table, ThreadSample};

mod table;

/// True if this build has the section.
pub(crate) const IS_BUILT: bool = true;

/// Polling takes at most one part in this many of one core: with very many threads the interval becomes longer.
const PARTS: u32 = 20;

/// The polling of threads, until this is dropped.
pub(crate) struct Sampling {
    id: u64,
    interval: Duration,
    _poller: Option<Poller>,
}

/// The threads at a moment.
pub(crate) struct Threads {
    pub(crate) rows: Vec<ThreadStats>,
    pub(crate) totals: ThreadTotals,
    /// Notes on what is missing, if anything is.
    pub(crate) notes: Vec<String>,
}

/// Polls now, and from now on every `interval`.
pub(crate) fn begin(interval: Duration, show_own: bool) -> Option<Sampling> {
    os::threads::is_my_name_cut(); // asked here first, since `on_thread_start` may run in a signal handler
    let (table, began) = (Table::new(Instant::now(), show_own), Allocations::now());
    let mut state = state();
    state.begun += 1;
    let id = state.begun;
    state.running = Some(Running { id, table, began });
    drop(state);
    let _in_reports = poll(id);
    let poller = Poller::start("hp-threads", interval, PARTS, move || {
        let _in_reports = poll(id);
        ControlFlow::Continue(())
    });
    if poller.is_err() {
        warn("cannot start a thread: threads are polled only when a report is made");
    }
    Some(Sampling { id, interval, _poller: poller.ok() })
}

impl Drop for Sampling {
    fn drop(&mut self) {
        state().running.take_if(|running| running.id == self.id);
    }
}

impl Sampling {
    /// Restarts counting.
    pub(crate) fn reset(&self) {
        let began = Allocations::now();
        if let Some(running) = state().running(self.id) {
            *running =
                Running { table: Table::new(Instant::now(), running.table.shows_own()), began, ..*running };
        }
        let _in_reports = poll(self.id);
    }

    /// Polls once more.
    pub(crate) fn now(&self) -> Threads {
        let failed = poll(self.id).err();
        let memory = os::threads::memory();
        let mut state = state();
        let table = state.running(self.id).map(|running| &running.table);
        let rows = table.as_ref().map(|table| table.rows()).unwrap_or_default();
        let is_known = failed.is_none();
        let totals = ThreadTotals {
            sample_interval_ms: u64::try_from(self.interval.as_millis()).unwrap_or(u64::MAX),
            thread_count: table.as_ref().filter(|_| is_known).map(|table| table.living()),
            resident_bytes: memory.resident,
            resident_max_bytes: memory.resident_max,
            alloc: table.as_ref().and_then(|table| table.allocations()),
        };
        let failed = failed.map(|error| format!("cannot list the threads: {error}"));
        let folded = table.and_then(|table| table.note());
        Threads { rows, totals, notes: failed.into_iter().chain(folded).collect() }
    }
}

#[derive(Default)]
struct State {
    /// The sessions with the section so far.
    begun: u64,
    /// The session that runs now.
    running: Option<Running>,
}

struct Running {
    id: u64,
    table: Table,
    /// The allocations of threads before the session.
    began: Allocations,
}

impl State {
    fn running(&mut self, id: u64) -> Option<&mut Running> {
        self.running.as_mut().filter(|running| running.id == id)
    }
}

impl Running {
    /// Reduces the allocations of a sample to those since the session started.
    fn since_start(&self, sample: ThreadSample) -> ThreadSample {
        ThreadSample { alloc: self.began.less(sample.seen.key.tid, sample.alloc), ..sample }
    }
}

static STATE: Mutex<State> = Mutex::new(State { begun: 0, running: None });

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn poll(id: u64) -> io::Result<()> {
    let start = Instant::now();
    let allocations = Allocations::now();
    let samples: Vec<ThreadSample> =
        os::threads::all()?.into_iter().map(|seen| sample(seen, &allocations)).collect();
    if let Some(running) = state().running(id) {
        let samples = samples.into_iter().map(|sample| running.since_start(sample)).collect();
        running.table.poll(start, samples, &own_thread::is_own);
    }
    Ok(())
}

/// Completes what the system knows of a thread by what it registered itself.
fn sample(seen: ThreadInfo, allocations: &Allocations) -> ThreadSample {
    let of_this =
        |(tid, registration): &(u64, Registration)| (*tid == seen.key.tid).then(|| registration.clone());
    let registration = REGISTERED.read(|all| all.iter().find_map(of_this)).flatten();
    let alloc = allocations.of(seen.key.tid);
    ThreadSample::new(seen, registration, alloc)
}

impl ThreadSample {
    fn new(seen: ThreadInfo, registration: Option<Registration>, alloc: Option<ThreadAlloc>) -> Self {
        let (full_name, first) =
            registration.map_or((None, None), |registration| (registration.name(), Some(registration.first)));
        Self { seen, full_name, first, alloc }
    }
}

/// The registration of a thread, at its first measured call.
#[derive(Clone)]
struct Registration {
    /// The thread, which knows its name, if the system has only a part of that.
    thread: Option<Thread>,
    first: CpuReading,
}

impl Registration {
    fn name(&self) -> Option<Arc<str>> {
        self.thread.as_ref().and_then(Thread::name).map(Arc::from)
    }
}

/// The threads alive that have measured something, by their ids.
static REGISTERED: SharedList<(u64, Registration)> = SharedList::new();

/// Runs on a thread of the program when it has taken its lane.
pub(crate) fn on_thread_start() {
    let (Some(cpu_ns), at) = (os::threads::my_cpu_ns(), Instant::now()) else { return };
    // A thread that just begins does not know its own name yet, and must not be asked: a signal handler may be measured.
    // Nothing is allocated: the handler may have come while the thread did that.
    let thread = os::threads::is_my_name_cut().then(std::thread::current);
    let (tid, registration) = (os::thread_id(), Registration { thread, first: CpuReading { cpu_ns, at } });
    let before = REGISTERED.change(|all| {
        let known = all.iter_mut().find(|(known, _)| *known == tid);
        match known {
            Some((_, before)) => Some(std::mem::replace(before, registration)),
            None => {
                all.push((tid, registration));
                None
            }
        }
    });
    drop(before); // here, not under the lock
}

/// Runs on a thread of the program at its end.
pub(crate) fn on_thread_exit(token: u64) {
    let registration = REGISTERED.change(|all| {
        let at = all.iter().position(|(tid, _)| *tid == token)?;
        Some(all.swap_remove(at).1)
    });
    // The main thread runs this when the process is about to end, and lives on.
    if token == u64::from(os::process_id()) || state().running.is_none() {
        return;
    }
    let Some(seen) = os::threads::me() else { return };
    let sample = ThreadSample::new(seen, registration.flatten(), Allocations::now().of(token));
    if let Some(running) = &mut state().running {
        let sample = running.since_start(sample);
        running.table.on_thread_exit(sample, &own_thread::is_own);
    }
}
