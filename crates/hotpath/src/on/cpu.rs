//! CPU samples: the threads that are sampled, and the samples that no lane has.
//!
//! While a session wants the section `functions_cpu`, every thread of the program has a slot, which the system hits once per
//! period of the thread's CPU time. A thread that measures registers at its first call (it has a lane from then on) and at its end;
//! a poller finds the others.
//!
//! What must stay true: a slot belongs to one living thread. It is taken back before another thread gets it, and its samples that no lane has are added up first. Threads of ours have none. A fork has neither timers nor a session: it does
//! nothing here, and above all does not wait for a lock that another thread held when it was made.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    sync::{
        Mutex, MutexGuard, PoisonError, TryLockError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use hotpath_lane::{gate, inside};
use hotpath_report::stacks::CpuStacks;

use super::{
    os::{
        self,
        cpu::{ArmError, Bounds, MAX_THREADS, POLL_INTERVAL, ThreadTime, Timer},
        own_thread,
    },
    output::warn,
    poller::Poller,
    site_names::Names,
};
use slots::Slot;

mod native_stacks;
mod slots;
mod stacks;

/// True if this build has the section.
pub(crate) const IS_BUILT: bool = true;

/// Polling takes at most one part in this many of one core.
const PARTS: u32 = 50;

/// The sampling of threads, until this is dropped.
pub(crate) struct Sampling {
    id: u64,
    period: Duration,
    _poller: Option<Poller>,
}

/// The samples that no lane has, and the state of sampling.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    /// The samples of threads with a lane, before they had it.
    pub(crate) outside: u64,
    /// The samples of threads without a lane.
    pub(crate) unmeasured: u64,
    /// The number of times that samples were taken.
    pub(crate) taken: u64,
    /// The most samples that were taken at once.
    pub(crate) heaviest: u64,
    pub(crate) period_ns: u64,
    /// The CPU time of the process meanwhile.
    pub(crate) process_cpu_ns: Option<u64>,
    /// True if all threads were sampled all the time.
    pub(crate) is_complete: bool,
    /// Notes on what is missing, if anything is.
    pub(crate) notes: Vec<String>,
    /// The native stacks, if they are kept.
    pub(crate) stacks: Option<CpuStacks>,
}

/// Starts sampling: every `period` of a thread's CPU time, with native stacks if `with_stacks`.
pub(crate) fn begin(period: Duration, with_stacks: bool) -> Option<Sampling> {
    let refused = os::cpu::install(slots::hit).err();
    OWNER.store(os::process_id(), Ordering::Relaxed);
    let mut state = state();
    state.begun += 1;
    let id = state.begun;
    let stopped = refused.map(|why| format!("CPU samples: {why}, so functions are not sampled"));
    stopped.iter().for_each(|line| warn(line));
    let mut running =
        Running { id, period, with_stacks, stopped, not_armed: None, taken: 0, process_cpu_ns: None };
    running.restart();
    let samples = running.stopped.is_none();
    state.running = Some(running);
    drop(state);
    let mut sampling = Sampling { id, period, _poller: None };
    if samples {
        let _stopped = poll(id);
        let poller = Poller::start("hp-cpu", POLL_INTERVAL, PARTS, move || poll(id));
        if poller.is_err() {
            warn("cannot start a thread: only threads that call measured functions are sampled");
        }
        sampling._poller = poller.ok();
    }
    Some(sampling)
}

impl Drop for Sampling {
    fn drop(&mut self) {
        let mut state = state();
        if state.running.take_if(|running| running.id == self.id).is_some() {
            state.disarm();
        }
    }
}

impl Sampling {
    /// Restarts counting.
    pub(crate) fn reset(&self) {
        if let Some(running) = state().running(self.id) {
            running.restart();
        }
    }

    /// Returns the reason why nothing is sampled, if that is so.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
    pub(crate) fn stopped(&self) -> Option<String> {
        let mut state = state();
        state.notice_others();
        state.running(self.id)?.stopped.clone()
    }

    /// Reads the samples of this epoch. `names` names the functions that stacks go through.
    pub(crate) fn read(&self, epoch: u32, names: impl FnOnce() -> Names) -> Reading {
        let with_stacks = state().running(self.id).is_some_and(|running| running.with_stacks);
        let stacks = with_stacks.then(|| native_stacks::read(epoch, self.period_ns(), &names()));
        let mut state = state();
        state.notice_others();
        let unattributed = state.unattributed(epoch);
        let Some(running) = state.running(self.id) else { return Reading::default() };
        Reading {
            outside: unattributed.outside,
            unmeasured: unattributed.unmeasured,
            taken: slots::snapshots().saturating_sub(running.taken),
            heaviest: slots::heaviest(),
            period_ns: self.period_ns(),
            process_cpu_ns: os::process_cpu_ns()
                .zip(running.process_cpu_ns)
                .map(|(now, then)| now.saturating_sub(then)),
            is_complete: running.stopped.is_none() && running.not_armed.is_none(),
            notes: running.stopped.iter().chain(&running.not_armed).cloned().collect(),
            stacks,
        }
    }

    fn period_ns(&self) -> u64 {
        u64::try_from(self.period.as_nanos()).unwrap_or(u64::MAX)
    }
}

/// Runs on a thread of the program when it has taken its lane.
pub(crate) fn on_thread_start() {
    if is_fork() {
        return;
    }
    let (me, bounds) = (my_number(), Bounds::of_this_thread());
    if own_thread::is_own_number(me.into()) {
        return;
    }
    let Some(_inside) = inside::enter() else { return };
    let Some(mut state) = state_soon() else { return };
    if let Some(slot) = state.meet(me) {
        slot.join(bounds);
    }
    state.arm(me);
}

/// The tries of `on_thread_start` to get the lock: some 10 ms.
const TRIES: u32 = 100;

/// Locks the state, unless its lock is held for long: whoever has it allocates meanwhile, and may wait for the program's allocator,
/// where this thread may be with its first measured call. A poll finds a thread that did not register.
fn state_soon() -> Option<MutexGuard<'static, State>> {
    for _ in 0..TRIES {
        match STATE.try_lock() {
            Ok(state) => return Some(state),
            Err(TryLockError::Poisoned(poisoned)) => return Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_micros(100)),
        }
    }
    None
}

/// Runs on a thread of the program at its end.
pub(crate) fn on_thread_exit() {
    if !is_fork() {
        let _inside = inside::enter();
        state().release(my_number());
    }
}

/// The process that samples; 0 before there is one.
static OWNER: AtomicU32 = AtomicU32::new(0);

/// Returns true in a process that was forked from the one that samples.
fn is_fork() -> bool {
    let owner = OWNER.load(Ordering::Relaxed);
    owner != 0 && owner != os::process_id()
}

/// Threads are numbered by the system; those of one process fit.
fn my_number() -> u32 {
    u32::try_from(os::thread_id()).unwrap_or_default()
}

struct State {
    /// Sessions that sampled so far.
    begun: u64,
    /// The one that runs now.
    running: Option<Running>,
    /// The threads that have a slot, by id.
    threads: BTreeMap<u32, Thread>,
    /// The number of threads met so far.
    met: u64,
    /// Slots made so far, and those of them that are free.
    made: usize,
    free: Vec<usize>,
    /// The samples of threads that have ended, in this epoch.
    gone: (u32, Unattributed),
}

struct Running {
    id: u64,
    period: Duration,
    with_stacks: bool,
    /// The reason why nothing is sampled (any more).
    stopped: Option<String>,
    /// A note on the threads that are not sampled.
    not_armed: Option<String>,
    /// The numbers when counting started.
    taken: u64,
    process_cpu_ns: Option<u64>,
}

/// A thread with a slot.
struct Thread {
    slot: usize,
    /// Its position in the order in which threads were met.
    number: u64,
    timer: Option<Timer>,
    /// The CPU time that is counted so far, where polls take the samples.
    counted_ns: Option<u64>,
}

/// Samples that no lane has.
#[derive(Clone, Copy, Debug, Default)]
struct Unattributed {
    outside: u64,
    unmeasured: u64,
}

impl Unattributed {
    fn of(slot: &Slot, epoch: u32) -> Self {
        let samples = slot.target.unattributed(epoch);
        match slot.has_measured() {
            true => Self { outside: samples, unmeasured: 0 },
            false => Self { outside: 0, unmeasured: samples },
        }
    }

    fn add(&mut self, other: Self) {
        self.outside += other.outside;
        self.unmeasured += other.unmeasured;
    }
}

impl Running {
    fn restart(&mut self) {
        self.taken = slots::snapshots();
        slots::forget_heaviest();
        self.process_cpu_ns = os::process_cpu_ns();
    }
}

impl State {
    fn running(&mut self, id: u64) -> Option<&mut Running> {
        self.running.as_mut().filter(|running| running.id == id)
    }

    /// Returns the slot of a thread, new or known; `None` when all are taken.
    fn meet(&mut self, thread: u32) -> Option<&'static Slot> {
        if let Some(known) = self.threads.get(&thread) {
            return Some(Slot::of(known.slot));
        }
        let number = self.free.pop().or_else(|| {
            let next = (self.made < MAX_THREADS).then_some(self.made)?;
            self.made += 1;
            Some(next)
        })?;
        self.met += 1;
        let slot = Slot::of(number);
        slot.give_to(thread);
        let thread_of = Thread { slot: number, number: self.met, timer: None, counted_ns: None };
        self.threads.insert(thread, thread_of);
        Some(slot)
    }

    /// Starts to sample a thread that has a slot, if anything is sampled and it is not yet. Returns a message if it cannot be.
    fn arm(&mut self, thread: u32) -> Option<String> {
        let running = self.running.as_ref().filter(|running| running.stopped.is_none())?;
        let Some(known) = self.threads.get_mut(&thread) else {
            return Some(format!("at most {MAX_THREADS} are sampled at once"));
        };
        if known.timer.as_ref().is_some_and(Timer::is_running) {
            return None;
        }
        if running.with_stacks {
            Slot::of(known.slot).stacks.begin();
        }
        known.timer = None; // of a thread that has ended
        match os::cpu::arm(thread, known.slot, running.period) {
            Ok(timer) => known.timer = Some(timer),
            Err(ArmError::Gone) => self.release(thread),
            Err(ArmError::Refused(error)) => return Some(error.to_string()),
        }
        None
    }

    /// Stops sampling a thread, and frees its slot.
    fn release(&mut self, thread: u32) {
        let Some(Thread { slot: number, timer, .. }) = self.threads.remove(&thread) else { return };
        let slot = Slot::of(number);
        let epoch = gate::last();
        let unattributed = Unattributed::of(slot, epoch);
        slot.take_back();
        drop(timer);
        if self.gone.0 != epoch {
            self.gone = (epoch, Unattributed::default());
        }
        self.gone.1.add(unattributed);
        slot.target.forget();
        self.free.push(number);
    }

    /// Stops sampling if the program has installed a handler of its own, which it may do at any time.
    fn notice_others(&mut self) {
        let Some(running) = self.running.as_mut().filter(|running| running.stopped.is_none()) else { return };
        if !os::cpu::is_ours() {
            let line = "CPU samples: the program installed a SIGPROF handler of its own, so sampling stopped";
            warn(line);
            running.stopped = Some(line.to_owned());
            self.disarm();
        }
    }

    fn disarm(&mut self) {
        self.threads.values_mut().for_each(|thread| thread.timer = None);
    }

    fn unattributed(&self, epoch: u32) -> Unattributed {
        let mut sum = if self.gone.0 == epoch { self.gone.1 } else { Unattributed::default() };
        self.threads.values().for_each(|thread| sum.add(Unattributed::of(Slot::of(thread.slot), epoch)));
        sum
    }

    /// Adjusts the slots to the threads of a poll, begun when `met` threads were met: new ones get slots, ended ones give them back.
    fn compare(&mut self, seen: &[ThreadTime], met: u64) {
        let alive: BTreeSet<u32> = seen.iter().map(|seen| seen.thread).collect();
        let is_over = |(thread, known): &(&u32, &Thread)| {
            let has_ended = known.number <= met && !alive.contains(thread);
            has_ended || own_thread::is_own_number(u64::from(**thread))
        };
        let over: Vec<u32> = self.threads.iter().filter(is_over).map(|(thread, _)| *thread).collect();
        over.into_iter().for_each(|thread| self.release(thread));
        let mut problems = Vec::new();
        for seen in seen.iter().filter(|seen| !own_thread::is_own_number(seen.thread.into())) {
            self.meet(seen.thread);
            problems.extend(self.arm(seen.thread));
            self.count_cpu_time(*seen);
        }
        if let (Some(running), [first, ..]) = (&mut self.running, &problems[..]) {
            let (count, are) =
                (problems.len(), if problems.len() == 1 { "thread is" } else { "threads are" });
            running.not_armed = Some(format!("CPU samples: {count} {are} not sampled: {first}"));
        }
    }

    /// Takes samples where polls do: one for each period of CPU time since the poll before.
    fn count_cpu_time(&mut self, seen: ThreadTime) {
        let (Some(running), Some(now)) = (&self.running, seen.cpu_ns) else { return };
        let period = u64::try_from(running.period.as_nanos()).unwrap_or(u64::MAX).max(1);
        let Some(thread) = self.threads.get_mut(&seen.thread) else { return };
        let counted = thread.counted_ns.get_or_insert(now);
        let weight = now.saturating_sub(*counted) / period;
        *counted += weight * period;
        if weight > 0 {
            Slot::of(thread.slot).count(weight, None);
        }
    }
}

static STATE: Mutex<State> = Mutex::new(State {
    begun: 0,
    running: None,
    threads: BTreeMap::new(),
    met: 0,
    made: 0,
    free: Vec::new(),
    gone: (0, Unattributed { outside: 0, unmeasured: 0 }),
});

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Breaks when nothing is sampled any more.
fn poll(id: u64) -> ControlFlow<()> {
    let met = state().met;
    let seen = os::cpu::threads(); // without the lock, which threads at their end wait for
    let mut state = state();
    state.notice_others();
    let Some(running) = state.running(id).filter(|running| running.stopped.is_none()) else {
        return ControlFlow::Break(());
    };
    match seen {
        Ok(seen) => state.compare(&seen, met),
        Err(error) => {
            let line =
                format!("CPU samples: threads that call no measured function are not sampled: {error}");
            running.not_armed = Some(line);
        }
    }
    ControlFlow::Continue(())
}
