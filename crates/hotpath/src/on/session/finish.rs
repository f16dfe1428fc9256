//! The end of a session: whoever comes first makes its report, once; whoever comes later waits for it, but not for ever.
//!
//! What of the program's own runs here (`before_shutdown`, a [`Reporter`]) may panic, exit, abort, block, or call what is
//! measured; the report comes out all the same.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering, mpsc},
    time::{Duration, Instant},
};

use hotpath_lane::{
    gate,
    memory::{pause_tracking, resume_tracking},
};

use super::{CHANGED, KEEPER, Kept, Shared, State, WILL_BE_ASKED, keep, shared};
use crate::{
    Reporter, Section,
    builder::BeforeShutdown,
    imp::{
        assemble::{self, Snapshot},
        cost,
        ending::{self, Ending},
        instruments, os,
        os::own_thread,
        output::{deliver, warn},
        provider::Provider,
        running::Running,
    },
};

/// How long `before_shutdown` may keep others from the report. A thread that ends the session by itself runs it to its end.
const CLEAN_UP_WAIT: Duration = Duration::from_secs(5);
/// How long a report is waited for, from when it is begun.
const REPORT_WAIT: Duration = Duration::from_secs(8);
/// The same when the program is told once more to end.
const HURRIED_WAIT: Duration = Duration::from_secs(1);
/// How long a line about that may take: standard error may be full too.
const LINE_WAIT: Duration = Duration::from_millis(200);
const TICK: Duration = Duration::from_millis(20);

/// Who ends a session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    /// The thread that drops its guard.
    Guard,
    /// The thread that ends the process.
    Exit,
    /// A thread of ours, for a signal or a deadline.
    Ours,
}

/// Ends the session `id`, if it is still running, and reports.
pub(crate) fn finish(id: u64) {
    end(|running| running.id == id, Caller::Guard);
}

/// Ends whichever session is running, and reports: the process exits.
pub(crate) fn finish_any() {
    end(|_| true, Caller::Exit);
    tell();
}

/// The same for an end that must come, whatever keeps the report from being made.
pub(crate) fn in_time() {
    let done = begin_work("hp-report", || {
        end(|_| true, Caller::Ours);
        tell();
    });
    let Some(done) = done else { return };
    let (first, mut begun, mut hurried) = (Instant::now(), Instant::now(), None);
    while done.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout) {
        if ending::cleaning() != 0 {
            begun = Instant::now();
        }
        if ending::is_hurried() && hurried.is_none() {
            hurried = Some(Instant::now());
            ending::abandon_clean_up();
        }
        let is_late = begun.elapsed() > REPORT_WAIT || first.elapsed() > CLEAN_UP_WAIT + REPORT_WAIT;
        if is_late {
            return give_up("it was not ready in time");
        }
        if hurried.is_some_and(|at| at.elapsed() > HURRIED_WAIT) {
            return give_up("the program was told twice to end, and it was not ready");
        }
    }
}

fn tell() {
    if let Some(keeper) = KEEPER.get() {
        (keeper.tell)();
    }
}

fn give_up(why: &str) {
    ending::give_up();
    let line = format!("the report was given up: {why}");
    if let Some(done) = begin_work("hp-line", move || warn(&line)) {
        let _nobody_reads = done.recv_timeout(LINE_WAIT);
    }
}

/// Begins `work` on a thread of ours; what is given back is disconnected when it is done. `None`: there is no thread, and it was
/// done here.
fn begin_work(name: &'static str, work: impl FnOnce() + Send + 'static) -> Option<mpsc::Receiver<()>> {
    let (done, wait) = mpsc::channel();
    // If there is no thread the work must not be lost with it.
    let kept = Arc::new(Mutex::new(Some(work)));
    let take = |kept: &Mutex<Option<_>>| kept.lock().unwrap_or_else(PoisonError::into_inner).take();
    let on_thread = Arc::clone(&kept);
    let run = move || {
        let _done = done;
        if let Some(work) = take(&on_thread) {
            work();
        }
    };
    if own_thread::spawn(name, run).is_ok() {
        return Some(wait);
    }
    if let Some(work) = take(&kept) {
        work();
    }
    None
}

fn end(is_meant: impl Fn(&Running) -> bool, caller: Caller) {
    let me = os::thread_id();
    let mut shared = shared();
    let mut is_mine = false;
    match std::mem::take(&mut shared.state) {
        State::Running(mut running) if is_meant(&running) => {
            ending::begin(Ending::Session);
            os::signals::settle(); // also before the first call: a signal must not cost the report from now on
            is_mine = true;
            let cleanup = running.before_shutdown.take();
            shared.state = State::CleaningUp { since: Instant::now(), running };
            if let Some(cleanup) = cleanup {
                drop(shared);
                clean_up(cleanup, caller);
                shared = self::shared();
            }
        }
        other => shared.state = other,
    }
    let is_inside = ending::cleaning() == me; // `before_shutdown` drops a guard, or exits
    if is_inside && caller == Caller::Guard {
        return;
    }
    if let Some((shared, running)) = take_over(shared, is_mine || is_inside, me) {
        report(shared, running, me);
    }
}

/// The session, if the report is this thread's to make; else when it is out, or nobody waits for it any longer.
fn take_over(
    mut shared: MutexGuard<'static, Shared>,
    is_mine: bool,
    me: u64,
) -> Option<(MutexGuard<'static, Shared>, Box<Running>)> {
    let mut begun = None;
    loop {
        shared.state = match std::mem::take(&mut shared.state) {
            State::CleaningUp { since, running }
                if is_mine || ending::is_clean_up_abandoned() || since.elapsed() >= CLEAN_UP_WAIT =>
            {
                shared.state = State::Reporting { by: me };
                return Some((shared, running));
            }
            other => other,
        };
        let is_waited_for = match shared.state {
            State::CleaningUp { .. } => true,
            State::Reporting { by } if by != me => {
                begun.get_or_insert_with(Instant::now).elapsed() < REPORT_WAIT && !ending::is_given_up()
            }
            _ => false,
        };
        if !is_waited_for {
            return None;
        }
        shared = CHANGED.wait_timeout(shared, TICK).unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Waits until the session that ends has ended, or takes too long.
pub(super) fn wait(shared: MutexGuard<'static, Shared>) -> MutexGuard<'static, Shared> {
    let is_ending =
        |shared: &mut Shared| matches!(shared.state, State::CleaningUp { .. } | State::Reporting { .. });
    let waited = CHANGED.wait_timeout_while(shared, CLEAN_UP_WAIT + REPORT_WAIT, is_ending);
    waited.unwrap_or_else(PoisonError::into_inner).0
}

/// Makes the report of a session whose state is [`State::Reporting`] by `me`.
fn report(shared: MutexGuard<'static, Shared>, running: Box<Running>, me: u64) {
    drop(shared);
    let make = move || {
        let _work = ending::report_on(os::thread_id());
        // A report must never take the program down with it.
        if caught(|| conclude(running)).is_none() {
            warn("the report could not be made: this is an error in hotpath");
        }
    };
    if os::forks::has_inherited() {
        // A thread that is not there may hold a lock that the report needs.
        let done = begin_work("hp-report", make);
        if done.is_some_and(|done| done.recv_timeout(REPORT_WAIT) == Err(mpsc::RecvTimeoutError::Timeout)) {
            give_up("it was not ready in time");
        }
    } else {
        make();
    }
    let mut shared = self::shared();
    if matches!(shared.state, State::Reporting { by } if by == me) {
        shared.state = State::Idle;
    }
    ending::over(Ending::Session);
    // Not before: a second signal would end the process in the middle of the report. Not at all if the process is ending: it would
    // take the place of the end that came first.
    if ending::now() == Ending::Nothing {
        os::signals::remove();
    }
    CHANGED.notify_all();
}

/// What the program wants to do before the report is made: a part of the session, and nothing of ours.
fn clean_up(cleanup: BeforeShutdown, caller: Caller) {
    let run = move || {
        let _work = ending::clean_up_on(os::thread_id());
        if caught(cleanup).is_none() {
            warn("before_shutdown panicked; the report follows");
        }
    };
    if caller != Caller::Ours {
        return run();
    }
    let Some(done) = begin_work("hp-cleanup", run) else { return };
    let begun = Instant::now();
    while done.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout)
        && begun.elapsed() < CLEAN_UP_WAIT
        && !ending::is_clean_up_abandoned()
    {}
}

/// What `work` gives; `None` if it panicked. What it panicked with is never dropped: that might panic too.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(std::mem::forget).ok()
}

/// Reports the session.
fn conclude(running: Box<Running>) {
    let _untracked = pause_tracking();
    let mut running = running; // dropped before that ends: its memory is ours
    keep(&running);
    if running.is_background {
        return gate::shut();
    }
    let reading = assemble::read(&running);
    let per_call = cost::per_call_ns();
    gate::shut();
    if WILL_BE_ASKED.load(Ordering::Relaxed) {
        retain_last_report(&reading, &running, per_call);
    }
    let reporter = running.reporter.take();
    let is_reported =
        reporter.is_some_and(|reporter| has_reported(reporter, &Provider::new(&reading, &running)));
    if !is_reported {
        deliver(&assemble::report(&reading, &running, per_call), &running.settings);
    }
    instruments::POLLED.iter().for_each(|polled| (polled.end)());
}

/// Hands the measurements to the program's own reporter. One that returns, be it with an error, has done what it wanted.
fn has_reported(reporter: Box<dyn Reporter>, provider: &Provider<'_>) -> bool {
    let _the_programs_own = resume_tracking();
    let result = caught(|| reporter.report(provider).map_err(|error| error.to_string()));
    if caught(move || drop(reporter)).is_none() {
        warn("the reporter panicked when it was dropped");
    }
    match &result {
        Some(Ok(())) => {}
        Some(Err(error)) => warn(&format!("the reporter failed: {error}")),
        None => warn("the reporter panicked: the report comes as without it"),
    }
    result.is_some()
}

/// Keeps what can be asked for after the session.
fn retain_last_report(reading: &Snapshot, running: &Running, per_call: Option<f64>) {
    let whole = assemble::whole(reading, running, per_call);
    let selection = &running.settings.selection;
    let selected = whole.sections.iter().filter(|table| {
        let section = table.spec.name.parse().ok();
        section.is_none_or(|section: Section| selection.wants(section, !table.rows.is_empty()))
    });
    let selected = selected.map(|table| table.spec.name).collect();
    shared().last = Some(Arc::new(Kept { whole, selected }));
    CHANGED.notify_all();
}
