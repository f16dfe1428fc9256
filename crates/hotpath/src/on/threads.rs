//! The section `threads`: looks at the threads of the process now and then, and remembers those that have ended.
//!
//! While a session wants the section, a thread of ours looks every interval, and a report looks once more, so that it never
//! waits for the interval. Threads that measure tell of themselves too: at their first call (name, first numbers) and at their
//! end (last numbers), so that one that lives between two looks is not missed.
//!
//! What must stay true: the system is asked without a lock held, and a lock is held for moments only, since a thread of the
//! program at its end may wait for it. A thread that greets waits for no lock under which something is allocated: its first
//! measured call may be in the program's allocator.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::Thread,
    time::{Duration, Instant},
};

use hotpath_report::{ThreadStats, ThreadTotals};

use super::{
    memory::Allocations,
    os::{self, own_thread, threads::Seen},
    output::warn,
    shared_list::SharedList,
};
use table::{Look, Reading, Table};

mod table;

/// Whether this build has the section.
pub(crate) const IS_BUILT: bool = true;

/// Looking costs at most one part in so many of one processor: with very many threads the interval becomes longer.
const WAIT_PER_LOOK: u32 = 20;

/// Looking at threads, until this goes.
pub(crate) struct Sampling {
    id: u64,
    interval: Duration,
}

/// The threads at a moment.
pub(crate) struct Threads {
    pub(crate) rows: Vec<ThreadStats>,
    pub(crate) totals: ThreadTotals,
    /// What is missing in them, if something is.
    pub(crate) notes: Vec<String>,
}

/// Looks now, and from now on every `interval`.
pub(crate) fn begin(interval: Duration, show_own: bool) -> Option<Sampling> {
    os::threads::is_my_name_cut(); // asked here first, since a on_thread_start may be in a signal handler
    let (table, began) = (Table::new(Instant::now(), show_own), Allocations::now());
    let mut state = state();
    state.begun += 1;
    let id = state.begun;
    state.running = Some(Running { id, table, began });
    drop(state);
    let _told_by_reports = look(id);
    if own_thread::spawn("hp-threads", move || poll_interval(interval, id)).is_err() {
        warn("no thread could be started: threads are looked at only when a report is made");
    }
    Some(Sampling { id, interval })
}

impl Drop for Sampling {
    fn drop(&mut self) {
        state().running.take_if(|running| running.id == self.id);
        CHANGED.notify_all();
    }
}

impl Sampling {
    /// Forgets what was, and counts from here.
    pub(crate) fn reset(&self) {
        let began = Allocations::now();
        if let Some(running) = state().running(self.id) {
            *running =
                Running { table: Table::new(Instant::now(), running.table.shows_own()), began, ..*running };
        }
        let _told_by_reports = look(self.id);
    }

    /// Looks once more.
    pub(crate) fn now(&self) -> Threads {
        let failed = look(self.id).err();
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
        let failed = failed.map(|error| format!("threads could not be looked at: {error}"));
        let folded = table.and_then(|table| table.note());
        Threads { rows, totals, notes: failed.into_iter().chain(folded).collect() }
    }
}

#[derive(Default)]
struct State {
    /// Sessions with the section so far.
    begun: u64,
    /// The one that runs now.
    running: Option<Running>,
}

struct Running {
    id: u64,
    table: Table,
    /// What threads had allocated before.
    began: Allocations,
}

impl State {
    fn running(&mut self, id: u64) -> Option<&mut Running> {
        self.running.as_mut().filter(|running| running.id == id)
    }
}

impl Running {
    /// What the thread allocated since the session began.
    fn allocated(&self, look: Look) -> Look {
        Look { alloc: self.began.less(look.seen.key.tid, look.alloc), ..look }
    }
}

static STATE: Mutex<State> = Mutex::new(State { begun: 0, running: None });
static CHANGED: Condvar = Condvar::new();

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn poll_interval(interval: Duration, id: u64) {
    let mut pause = interval;
    loop {
        let runs = |state: &mut State| state.running(id).is_some();
        let waited = CHANGED.wait_timeout_while(state(), pause, runs).unwrap_or_else(PoisonError::into_inner);
        if !waited.1.timed_out() {
            return; // the session has ended
        }
        drop(waited);
        let begun = Instant::now();
        let _told_by_reports = look(id);
        pause = interval.max(begun.elapsed().saturating_mul(WAIT_PER_LOOK));
    }
}

fn look(id: u64) -> io::Result<()> {
    let begun = Instant::now();
    let allocations = Allocations::now();
    let looks: Vec<Look> = os::threads::all()?.into_iter().map(|seen| complete(seen, &allocations)).collect();
    if let Some(running) = state().running(id) {
        let looks = looks.into_iter().map(|look| running.allocated(look)).collect();
        running.table.look(begun, looks, &own_thread::is_own);
    }
    Ok(())
}

/// What the system tells of a thread, and what the thread told itself.
fn complete(seen: Seen, allocations: &Allocations) -> Look {
    let of_this =
        |(tid, on_thread_start): &(u64, Greeting)| (*tid == seen.key.tid).then(|| on_thread_start.clone());
    let on_thread_start = GREETED.look(|all| all.iter().find_map(of_this)).flatten();
    let alloc = allocations.of(seen.key.tid);
    let (name, first) = on_thread_start
        .map_or((None, None), |on_thread_start| (on_thread_start.name(), Some(on_thread_start.first)));
    Look { full_name: name, first, alloc, seen }
}

/// What a thread told at its first measured call.
#[derive(Clone)]
struct Greeting {
    /// The thread, which knows its name, if the system has only a part of that.
    thread: Option<Thread>,
    first: Reading,
}

impl Greeting {
    fn name(&self) -> Option<Arc<str>> {
        self.thread.as_ref().and_then(Thread::name).map(Arc::from)
    }
}

/// The threads alive that have measured something, with their numbers.
static GREETED: SharedList<(u64, Greeting)> = SharedList::new();

/// On a thread of the program, when it has taken its lane.
pub(crate) fn on_thread_start() {
    let (Some(cpu_ns), at) = (os::threads::my_cpu_ns(), Instant::now()) else { return };
    // A thread that just begins does not know its own name yet, and must not be asked: a signal handler may be measured.
    // Nothing is allocated: the handler may have come while the thread did that.
    let thread = os::threads::is_my_name_cut().then(std::thread::current);
    let (tid, on_thread_start) = (os::thread_id(), Greeting { thread, first: Reading { cpu_ns, at } });
    let before = GREETED.change(|all| {
        let known = all.iter_mut().find(|(known, _)| *known == tid);
        match known {
            Some((_, before)) => Some(std::mem::replace(before, on_thread_start)),
            None => {
                all.push((tid, on_thread_start));
                None
            }
        }
    });
    drop(before); // here, not under the lock
}

/// On a thread of the program at its end.
pub(crate) fn on_thread_exit(token: u64) {
    let on_thread_start = GREETED.change(|all| {
        let at = all.iter().position(|(tid, _)| *tid == token)?;
        Some(all.swap_remove(at).1)
    });
    let on_thread_start = on_thread_start.flatten();
    // When the main thread says this the process is about to end, and it lives on.
    if token == u64::from(os::process_id()) || state().running.is_none() {
        return;
    }
    let Some(seen) = os::threads::me() else { return };
    let alloc = Allocations::now().of(token);
    let (name, first) = on_thread_start
        .map_or((None, None), |on_thread_start| (on_thread_start.name(), Some(on_thread_start.first)));
    if let Some(running) = &mut state().running {
        let look = running.allocated(Look { full_name: name, first, alloc, seen });
        running.table.on_thread_exit(look, &own_thread::is_own);
    }
}
