//! The running session: begun by a guard, ended by its drop or by the end of the program, whichever comes first.
//!
//! ```text
//! Idle ──begin──► Running ──finish (the first to come)──► CleaningUp ──► Reporting ──► Idle
//! ```
//! Its end is in [`finish`]; how the ends of the process go together is in [`ending`](super::ending).

use std::{
    cell::Cell,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hotpath_lane::{clock::now, gate, memory::pause_tracking, thread as lanes};
use hotpath_report::Report;

use super::{
    assemble, clock, cost, cpu, ending, exit, hook,
    instruments::{self, view::View},
    kind::RESOURCES,
    memory::Began,
    os,
    output::warn,
    running::Running,
    settings::{Env, Settings},
    threads, unrecorded,
};
use crate::{Section, builder::SessionOptions};

mod finish;

pub(crate) use finish::{finish, finish_any};

/// How long a fork waits for another thread that is at the session: many times what a report takes.
const HOLD_WAIT: Duration = Duration::from_secs(2);

/// A running session, held by its guard. Dropping it ends the session.
pub(crate) struct Session {
    id: u64,
}

impl Drop for Session {
    fn drop(&mut self) {
        finish(self.id);
        // The program goes on, unless it was ending already.
        if ending::cleaning() != os::thread_id() {
            exit::give_way();
        }
    }
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
    /// The thread of this number makes the report.
    Reporting {
        by: u64,
    },
}

struct Shared {
    state: State,
    begun: u64,
    /// Times that counting began from zero: sessions and resets.
    windows: u64,
    /// What the last session had to say, if somebody can still ask for it.
    last: Option<Arc<Kept>>,
}

/// What is left of a session.
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nobody can ask"))]
pub(crate) struct Kept {
    /// Every section there was, also those that the settings leave out.
    whole: Report,
    /// The sections of its report.
    selected: Vec<&'static str>,
}

static SHARED: Mutex<Shared> = Mutex::new(Shared { state: State::Idle, begun: 0, windows: 0, last: None });
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

thread_local! {
    /// The lock of a thread that forks.
    static HELD: Cell<Option<MutexGuard<'static, Shared>>> = const { Cell::new(None) };
}

/// The thread that forks. Under the session's lock, unless a thread never gives that back.
static FORKING: AtomicU64 = AtomicU64::new(0);

/// Waits until no other thread is at the session, and keeps it so until [`release`]. A thread that never gives it back is not
/// waited for.
fn hold() {
    FORKING.store(os::thread_id(), Ordering::Relaxed); // read by the fork of this thread
    let deadline = Instant::now() + HOLD_WAIT;
    let guard = loop {
        match SHARED.try_lock() {
            Ok(guard) => break Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => break Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => break None,
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_micros(100)),
        }
    };
    let _past_its_end = HELD.try_with(|held| held.set(guard));
}

/// Ends what [`hold`] began.
fn release() {
    let _past_its_end = HELD.try_with(|held| drop(held.take()));
}

/// In a fork: the session goes on here, without the threads that were at it. What is missing is made anew when the fork measures
/// something; many forks never do.
fn begin_fork() {
    let (before, me) = (FORKING.load(Ordering::Relaxed), os::thread_id());
    let _past_its_end = HELD.try_with(|held| {
        let mut guard = held.take();
        if let Some(shared) = &mut guard {
            shared.state = match std::mem::take(&mut shared.state) {
                State::CleaningUp { running, .. } if ending::cleaning() != before => State::Running(running),
                State::Reporting { by } if by == before => State::Reporting { by: me },
                State::Reporting { .. } => State::Idle,
                other => other,
            };
        }
        held.set(guard);
    });
    ending::begin_anew(before, me);
    lanes::await_next_hit();
}

/// Starts a server that answers from outside; more than the first time does nothing.
pub(crate) type StartServer = fn(&Settings);

static SERVERS: OnceLock<&'static [StartServer]> = OnceLock::new();

/// Sets what starts with a session. The first wins.
pub(crate) fn set_servers(servers: &'static [StartServer]) {
    let _there_are_some = SERVERS.set(servers);
}

/// Whether somebody may ask after the end of a session. Nothing else depends on it, so no order is needed.
static WILL_BE_ASKED: AtomicBool = AtomicBool::new(false);

/// From now on the last report is kept, for a server that answers between sessions.
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
pub(crate) fn will_be_asked() {
    WILL_BE_ASKED.store(true, Ordering::Relaxed);
}

/// Begins a session.
#[track_caller]
pub(crate) fn begin(options: SessionOptions) -> Session {
    let mut shared = shared_when_finished();
    match std::mem::take(&mut shared.state) {
        State::Idle => {}
        State::Running(running) if running.is_background => {
            let _untracked = pause_tracking();
            keep(&running);
            drop(running);
        }
        other => {
            shared.state = other;
            drop(shared);
            panic!("More than one _hotpath guard cannot be alive at the same time.");
        }
    }
    Session { id: start(&mut shared, options, false) }
}

/// Sees to it that something is recorded, for guards of sections: begins a session that a real one may replace, unless one is
/// running.
pub(crate) fn begin_background(options: SessionOptions) {
    let mut shared = shared_when_finished();
    if matches!(shared.state, State::Idle) {
        start(&mut shared, options, true);
    }
}

/// Ends the session of [`begin_background`], if it is still there.
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

/// What `look` makes of the running session; `None` when there is none.
pub(crate) fn running<T>(look: impl FnOnce(&Running) -> T) -> Option<T> {
    match &shared().state {
        State::Running(running) => Some(look(running)),
        _ => None,
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

/// The id of the session that is running from now on.
fn start(shared: &mut Shared, mut options: SessionOptions, is_background: bool) -> u64 {
    let memory = Began::now();
    let _untracked = pause_tracking(); // what follows is ours
    shared.begun += 1;
    shared.windows += 1;
    shared.last = None;
    let id = shared.begun;
    let settings = prepare(&mut options, id == 1);
    SERVERS.get().into_iter().copied().flatten().for_each(|start| start(&settings));
    if let Some(time) = settings.shutdown.filter(|_| !is_background) {
        exit::end_after(move || wait_for_end(id, time), finish::in_time);
    }
    let shows_threads = !is_background && settings.selection.wants(Section::Threads, true);
    let threads =
        shows_threads.then(|| threads::begin(settings.threads_interval, settings.show_internal_threads));
    let samples = !is_background && settings.selection.wants(Section::FunctionsCpu, true);
    let cpu = samples.then(|| cpu::begin(settings.cpu_period, settings.cpu_stacks));
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
        caller_place: options.caller_place,
        start,
        epoch,
        caller_lane,
        memory,
        told: Mutex::default(),
        threads: threads.flatten(),
        cpu: cpu.flatten(),
        id,
        is_background,
        before_shutdown: options.before_shutdown.take(),
        reporter: options.reporter.take(),
    }));
    id
}

/// From when on the session watches signals. A program that has begun one before has installed its handlers.
fn signals_from(settings: &Settings, id: u64) -> os::When {
    match settings.signals {
        Some(true) => os::When::AtOnce,
        Some(false) => os::When::Never,
        None if id == 1 || os::signals::is_pending() => os::When::Later,
        None => os::When::AtOnce,
    }
}

/// Settles everything that must be settled before the first call is recorded.
fn prepare(options: &mut SessionOptions, is_first: bool) -> Settings {
    if is_first {
        hotpath_lane::clock::trust_counter(os::counter_is_trusted());
        lanes::set_token(os::thread_id);
        #[cfg(unix)]
        hotpath_lane::set_source(os::pages::map);
        #[cfg(all(target_os = "linux", target_pointer_width = "64"))]
        {
            os::thread_end::prepare();
            lanes::set_notice(os::thread_end::notice);
        }
        lanes::set_on_thread_start(on_thread_start);
        lanes::set_on_thread_exit(on_thread_exit);
        lanes::set_next_hit(settle);
        exit::watch(finish_any);
        os::forks::watch_forks(os::Forks { hold, begin: begin_fork, release });
    }
    let env = Env::read();
    let mut warnings = if is_first { env.unknown_variables() } else { Vec::new() };
    let mut settings = Settings::resolve(options, &env, &mut warnings);
    if is_first && !settings.no_hints {
        warnings.extend(env.without_effect());
        warnings.extend(unrecorded::features());
    }
    warnings.iter().for_each(|line| warn(line));
    hotpath_lane::set_recent(settings.logs_limit);
    hook::set_max_log_len(settings.max_log_len);
    for (resource, kinds) in RESOURCES {
        let rate = settings.rate(resource).unwrap_or(1.0);
        kinds.iter().for_each(|kind| hotpath_lane::set_sampling(*kind, rate));
    }
    hotpath_lane::set_judge(settings.judge());
    settings
}

/// On a thread of the program that is about to record its first call.
fn on_thread_start() {
    threads::on_thread_start();
    cpu::on_thread_start();
    settle();
}

/// On a thread that is about to record something, for the first time in this session or in this fork.
fn settle() {
    if os::signals::settle() {
        renew_deadline();
    }
}

/// In a fork, which has no thread that waits for the session's deadline.
fn renew_deadline() {
    // Who records may hold the lock: then there is none.
    let Ok(shared) = SHARED.try_lock() else { return };
    if let State::Running(running) = &shared.state
        && let Some(time) = running.settings.shutdown.filter(|_| !running.is_background)
    {
        let id = running.id;
        let ran = clock::scale().nanos(now().saturating_sub(running.start));
        let left = time.saturating_sub(Duration::from_nanos(ran));
        drop(shared);
        exit::end_after(move || wait_for_end(id, left), finish::in_time);
    }
}

/// On a thread of the program at its end, while it still has its lane.
fn on_thread_exit(token: u64) {
    cpu::on_thread_exit(); // first: what follows is ours
    threads::on_thread_exit(token);
}

/// Lets a session run on without a guard, to the end of the program.
pub(crate) fn detach(session: Session) {
    std::mem::forget(session);
}

/// Who else wants to know what a session recorded.
pub(crate) struct SessionObserver {
    /// Called when a session is about to end.
    pub(crate) keep: fn(&Running),
    /// Called when the process is.
    pub(crate) tell: fn(),
}

static KEEPER: OnceLock<SessionObserver> = OnceLock::new();

/// Sets who it is. The first wins.
pub(crate) fn set_keeper(keeper: SessionObserver) {
    let _there_is_one = KEEPER.set(keeper);
}

fn keep(running: &Running) {
    if let Some(keeper) = KEEPER.get() {
        (keeper.keep)(running);
    }
}

/// Waits until the session `id` has ended, at most for `time`. Whether it has.
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

/// How a session is doing.
#[derive(Clone, Debug, Default)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nobody can ask"))]
pub(crate) struct Status {
    /// Rises when counting begins from zero: with every session, and every reset.
    pub(crate) window: u64,
    /// The caller of the running session.
    pub(crate) caller_name: Option<&'static str>,
    pub(crate) is_recording: bool,
    /// Nanoseconds since counting began, in the running session.
    pub(crate) elapsed_ns: Option<u64>,
}

/// How the session is doing, if one runs.
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nobody can ask"))]
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

/// What of a session is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nobody can ask"))]
pub(crate) enum Part {
    /// The sections that its settings select.
    Report,
    /// Every section.
    Whole,
}

/// What the running session has to say at this moment, with all rows; or the last one when none is running. `None` before the
/// first.
///
/// While the report of a session is being made that one is waited for, at most for `patience`.
#[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "nobody can ask"))]
pub(crate) fn told(part: Part, patience: Duration) -> Option<Report> {
    let _untracked = pause_tracking();
    let mut shared = shared();
    if matches!(shared.state, State::Reporting { .. }) {
        let is_being_made =
            |shared: &mut Shared| matches!(shared.state, State::Reporting { .. }) && shared.last.is_none();
        let waited = CHANGED.wait_timeout_while(shared, patience, is_being_made);
        shared = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
    let mut report = match shared.current() {
        Some(running) => {
            let reading = assemble::read(running).not_less_than(&running.told);
            match part {
                Part::Report => assemble::report(&reading, running, cost::per_call_ns()),
                Part::Whole => assemble::whole(&reading, running, cost::per_call_ns()),
            }
        }
        None => {
            let last = shared.last.clone()?;
            drop(shared);
            let mut report = last.whole.clone();
            if part == Part::Report {
                report.sections.retain(|section| last.selected.contains(&section.spec.name));
            }
            report
        }
    };
    report.sections.iter_mut().for_each(|section| section.limit = 0);
    Some(report)
}

/// The report of the running session at this moment; `None` when there is none.
fn snapshot() -> Option<Report> {
    let shared = shared();
    let running = shared.current()?;
    let reading = assemble::read(running).not_less_than(&running.told);
    Some(assemble::report(&reading, running, cost::per_call_ns()))
}

/// What `look` sees in the running session at this moment; `None` when there is none.
pub(crate) fn viewed<T>(look: impl FnOnce(&View<'_>) -> T) -> Option<T> {
    let _untracked = pause_tracking();
    let shared = shared();
    let running = shared.current()?;
    Some(assemble::viewed(&assemble::read(running), running, look))
}

/// The report of the running session at this moment, as JSON on one line; `None` when no session is running (and when off).
///
/// Recording threads are not slowed.
///
/// ```
/// assert_eq!(hotpath::report_json(), None);
/// ```
#[must_use]
pub fn report_json() -> Option<String> {
    let mut text = String::new();
    let unseen = pause_tracking(); // making it is ours; what the caller is given is the caller's
    let options = hotpath_report::render::Options::default();
    let is_written =
        snapshot().is_some_and(|report| hotpath_report::render::json(&report, &options, &mut text).is_ok());
    drop(unseen);
    let own = is_written.then(|| text.as_str().to_owned());
    let _untracked = pause_tracking();
    drop(text);
    own
}

/// Stops recording until [`resume`]: measured calls cost next to nothing and are not counted. Nothing without a session.
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

/// Goes on recording after [`pause`]. Nothing without a session.
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

/// Counts from here: the report will tell of what happens from now on. Calls on their way are not counted. Nothing without a
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
        running.told = Mutex::default();
        running.threads.iter().for_each(threads::Sampling::reset);
        running.cpu.iter().for_each(cpu::Sampling::reset);
        instruments::POLLED.iter().for_each(|polled| (polled.reset)());
        if !was_open {
            gate::shut();
        }
        shared.windows += 1;
    }
}

/// Whether calls are being recorded: a session is running and not paused.
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
