//! Ctrl-C, SIGTERM and SIGABRT: the report first, then what would have happened anyway.
//!
//! The handler writes down which signal came ([`ending`]) and rings; the thread `hp-signal` has the report made, and ends the
//! process by that signal. The handler acts only while it is the installed one: a program that installs its own later has other
//! plans. It is not there from the first moment ([`When::Later`]), since some programs insist on finding the default action. With
//! several copies of hotpath in the process the signal goes from one to the next ([`actions`](super::actions)).

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    super::super::ending::{self, Ending},
    super::own_thread,
    When,
    actions::Watched,
    bell::Bell,
    errno,
    forks::{self, process},
    set_errno,
    starter::Starter,
    thread_id,
};

static INT: Watched = Watched::new(libc::SIGINT, handle);
static TERM: Watched = Watched::new(libc::SIGTERM, handle);
static ABORT: Watched = Watched::new(libc::SIGABRT, handle);
static WATCHED: [&Watched; 3] = [&INT, &TERM, &ABORT];
/// The time in which the program may install handlers of its own, unless it measures something before. Time for which it waits for a core
/// does not count.
const LATER: Duration = Duration::from_millis(100);
/// The time that a process has to end by itself after a report, when a signal came while that was being made.
const GRACE: Duration = Duration::from_millis(500);
/// The time to wait for the effect of a signal. It has none when all threads block it, or the program handles it by now.
const EFFECT_WAIT: Duration = Duration::from_secs(1);
/// The time that an aborting thread waits for the report, in milliseconds: longer than that may take.
const ABORT_WAIT_STEPS: u64 = 15_000;

/// The thread that began the session, and may be about to install handlers.
static STARTER: AtomicU64 = AtomicU64::new(0);
/// Rung by the handler, for `hp-signal`.
static BELL: Bell = Bell::new();
/// The process that has that thread; 0 while there is none. A fork has not.
static SERVED: AtomicI32 = AtomicI32::new(0);
/// That thread.
static SERVER: AtomicU64 = AtomicU64::new(0);
/// The function that makes the report.
static REPORT: AtomicPtr<()> = AtomicPtr::new(std::ptr::null_mut());
/// The report that a signal asked for is out, or given up.
static IS_REPORTED: AtomicBool = AtomicBool::new(false);
/// The moment of the first signal, in milliseconds of the monotonic clock; 0 before that.
static FIRST: AtomicU64 = AtomicU64::new(0);
/// A signal that came when the process was at another end; 0 if none did.
static LATE: AtomicI32 = AtomicI32::new(0);
/// True if handlers are still to be installed. Held while the table of handlers is changed, and never waited for: in a fork no thread
/// may be there to give it back, and who finds it held needs only a part of what the holder does.
static IS_WANTED: Mutex<bool> = Mutex::new(false);

/// Handles those signals that have no handler but those of other copies of hotpath, and calls `report` when one comes.
pub(crate) fn install(report: fn(), when: When) {
    if when == When::Never {
        return;
    }
    STARTER.store(thread_id(), Ordering::Relaxed); // read by the thread that is started below
    let mut is_wanted = IS_WANTED.try_lock();
    REPORT.store(report as *mut (), Ordering::Release); // pairs with the Acquire in `report`
    let is_served = SERVED.load(Ordering::Acquire) == process() || start();
    if !is_served {
        return; // without the thread signals do what they always did
    }
    IS_REPORTED.store(false, Ordering::Release);
    FIRST.store(0, Ordering::Release);
    ABORT.put();
    match &mut is_wanted {
        Ok(is_wanted) if when == When::Later => **is_wanted = true,
        _ => WATCHED.into_iter().for_each(Watched::put),
    }
}

/// Returns true if handlers are still to be installed.
pub(crate) fn is_pending() -> bool {
    IS_WANTED.try_lock().is_ok_and(|wanted| *wanted)
}

/// The program has begun to measure: installs what is still to be installed; and in a fork, which has no thread for it, starts
/// one. Whether it did that.
pub(crate) fn settle() -> bool {
    let Ok(mut is_wanted) = IS_WANTED.try_lock() else { return false };
    if std::mem::take(&mut *is_wanted) {
        WATCHED.into_iter().for_each(Watched::put);
    }
    let served = SERVED.load(Ordering::Acquire);
    served != 0 && served != process() && WATCHED.into_iter().any(Watched::is_reached) && start()
}

/// Gives back those signals that are still ours.
pub(crate) fn remove() {
    let mut is_wanted = IS_WANTED.try_lock();
    if let Ok(is_wanted) = &mut is_wanted {
        **is_wanted = false;
    }
    WATCHED.into_iter().for_each(Watched::give_back);
}

/// Starts `hp-signal`. One call after the other.
fn start() -> bool {
    SERVED.store(0, Ordering::Release);
    if !BELL.prepare() {
        return false;
    }
    // Known as served first: what rings before the thread waits is heard all the same.
    SERVED.store(process(), Ordering::Release);
    let has_started = own_thread::spawn("hp-signal", serve).is_ok();
    if !has_started {
        SERVED.store(0, Ordering::Release);
    }
    has_started
}

fn serve() {
    SERVER.store(thread_id(), Ordering::Release);
    let starter = Starter::new(STARTER.load(Ordering::Relaxed)); // stored before this thread was started
    let mut is_rung = BELL.wait_for(LATER);
    while !is_rung && is_pending() && starter.is_starved(LATER) {
        is_rung = BELL.wait_for(LATER / 4);
    }
    if is_rung {
        attend();
    } else {
        settle();
    }
    loop {
        BELL.wait();
        attend();
    }
}

fn attend() {
    let late = LATE.swap(0, Ordering::AcqRel) as u8;
    match ending::now() {
        Ending::Signal(signal) if !IS_REPORTED.load(Ordering::Acquire) => end_by(signal),
        Ending::Signal(_) => {}
        _ if late != 0 => {
            report(); // waits for the one that is being made
            std::thread::sleep(GRACE);
            ending::replace(Ending::Signal(late));
            end_by(late);
        }
        _ => {}
    }
}

/// Ends the process by `signal`, after the report.
fn end_by(signal: u8) {
    if !forks::has_nothing_to_report() {
        report();
    }
    IS_REPORTED.store(true, Ordering::Release); // pairs with the Acquire in `wait_in_abort`
    let number = libc::c_int::from(signal);
    if number == libc::SIGABRT {
        return; // the thread that aborts goes on
    }
    watched(number).give_back();
    // SAFETY: sends a signal to ourselves. Its action is again what it was before ours: the default, which ends the process as the
    // first one would have, or that of another copy of hotpath, which leads there.
    unsafe { libc::kill(process(), number) };
    std::thread::sleep(EFFECT_WAIT);
    FIRST.store(0, Ordering::Release);
    IS_REPORTED.store(false, Ordering::Release);
    ending::over(Ending::Signal(signal));
    remove();
}

fn report() {
    let report = REPORT.load(Ordering::Acquire);
    if !report.is_null() {
        // SAFETY: only `install` writes it, and it writes a `fn()`.
        let report: fn() = unsafe { std::mem::transmute(report) };
        report();
    }
}

/// Async-signal-safe: system calls and atomics only, and `errno` is put back.
extern "C" fn handle(signal: libc::c_int) {
    // A handler installed later calls the one it found, which is this: then the program has other plans.
    if !watched(signal).is_ours() {
        return;
    }
    let errno = errno();
    if SERVED.load(Ordering::Acquire) == process() {
        note(signal);
    } else {
        let_through_unserved(signal);
    }
    set_errno(errno);
}

/// Async-signal-safe.
fn note(signal: libc::c_int) {
    if signal == libc::SIGABRT {
        return abort();
    }
    let now = monotonic_ms();
    let first = FIRST.compare_exchange(0, now, Ordering::AcqRel, Ordering::Acquire).err();
    if first.is_some_and(|first| now.saturating_sub(first) >= ending::SAME_MS) {
        ending::hurry();
    }
    if !matches!(ending::begin(Ending::Signal(signal as u8)), Ending::Signal(_)) {
        let _an_earlier_one = LATE.compare_exchange(0, signal, Ordering::AcqRel, Ordering::Acquire);
    }
    BELL.ring();
}

/// Waits for the report, and goes on to the default action. Async-signal-safe.
fn abort() {
    let me = thread_id();
    let is_ours = me == SERVER.load(Ordering::Acquire) || me == ending::reporting();
    if !is_ours {
        let own = Ending::Signal(libc::SIGABRT as u8);
        let mut first = ending::begin(own);
        if me == ending::cleaning() {
            ending::abandon_clean_up();
            if !matches!(first, Ending::Signal(_)) {
                ending::replace(own);
                first = own;
            }
        }
        if first == own {
            BELL.ring();
        }
        wait_in_abort(own, first);
    }
    ABORT.let_through();
}

/// Async-signal-safe.
fn wait_in_abort(own: Ending, first: Ending) {
    let mut grace = GRACE.as_millis() as u64;
    let step = libc::timespec { tv_sec: 0, tv_nsec: 1_000_000 };
    for _ in 0..ABORT_WAIT_STEPS {
        // `Acquire` pairs with the Release in `end_by`.
        if grace == 0 || (first == own && IS_REPORTED.load(Ordering::Acquire)) {
            return;
        }
        if ending::now() == Ending::Nothing {
            grace -= 1; // the report of another end is out; the process may be about to end by itself
        }
        // SAFETY: reads `step`; nothing is written through null.
        unsafe { libc::nanosleep(&raw const step, std::ptr::null_mut()) };
    }
}

/// Lets a signal through in a fork that has no thread for it. Async-signal-safe.
fn let_through_unserved(signal: libc::c_int) {
    const LINE: &str = "[hotpath] no report: this process is a fork that has called no measured function since, \
                        and was ended by a signal\n";
    if forks::is_orphan() {
        // SAFETY: writes a text from the program's own memory. Nobody listens if it fails.
        unsafe { libc::write(2, LINE.as_ptr().cast(), LINE.len()) };
    }
    watched(signal).let_through();
}

/// Never 0. Async-signal-safe.
fn monotonic_ms() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `now` is a place for the answer; the clock is always there.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    (now.tv_sec as u64).saturating_mul(1000).saturating_add(now.tv_nsec as u64 / 1_000_000).max(1)
}

fn watched(signal: libc::c_int) -> &'static Watched {
    match signal {
        libc::SIGINT => &INT,
        libc::SIGTERM => &TERM,
        _ => &ABORT, // there are no more
    }
}
