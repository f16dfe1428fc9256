//! The end of a session: the thread that comes first makes its report, once; those that come later wait for it, but not for ever.
//!
//! The program's own code that runs here (`before_shutdown`, a [`Reporter`]) may panic, exit, abort, block, or call measured
//! functions; the report comes out all the same.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    time::{Duration, Instant},
};

use hotpath_lane::{
    gate,
    memory::{pause_tracking, resume_tracking},
};

use super::{CHANGED, Shared, State, last_report, shared};
use crate::{
    imp::{
        assemble, cost,
        ending::{self, Ending},
        instruments, os,
        os::own_thread,
        output::{deliver, warn},
        provider::Provider,
        running::Running,
    },
    options::BeforeShutdown,
    reporter::Reporter,
};

/// The time that `before_shutdown` may delay the report of another thread. A thread that ends the session itself runs it to its end.
const CLEAN_UP_WAIT: Duration = Duration::from_secs(5);
/// The time to wait for a report, from its start.
const REPORT_WAIT: Duration = Duration::from_secs(8);
/// The time to wait when the program gets another request to end.
const HURRIED_WAIT: Duration = Duration::from_secs(1);
/// The time that a warning about that may take: standard error may be full too.
const LINE_WAIT: Duration = Duration::from_millis(200);
const TICK: Duration = Duration::from_millis(20);

/// The caller that ends a session.
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
    on_exit();
}

/// Ends whichever session is running, and reports, in bounded time: the process ends whatever delays the report.
pub(crate) fn in_time() {
    let done = begin_work(
        "hp-report",
        Box::new(|| {
            end(|_| true, Caller::Ours);
            on_exit();
        }),
    );
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
            return give_up("the program got two requests to end, and it was not ready");
        }
    }
}

fn on_exit() {
    let observer = shared().observer;
    if let Some(observer) = observer {
        (observer.on_exit)();
    }
}

fn give_up(why: &str) {
    ending::give_up();
    let line = format!("no report: {why}");
    if let Some(done) = begin_work("hp-line", Box::new(move || warn(&line))) {
        let _stderr_is_full = done.recv_timeout(LINE_WAIT);
    }
}

/// Starts `work` on a thread of ours; the channel is disconnected when it is done. `None` if there is no thread, and it was done
/// here.
fn begin_work(name: &'static str, work: Box<dyn FnOnce() + Send>) -> Option<mpsc::Receiver<()>> {
    let (done, wait) = mpsc::channel();
    // If there is no thread the work must not be lost with it.
    let pending = Arc::new(Mutex::new(Some(work)));
    let take = |work: &Mutex<Option<_>>| work.lock().unwrap_or_else(PoisonError::into_inner).take();
    let on_thread = Arc::clone(&pending);
    let run = move || {
        let _done = done;
        if let Some(work) = take(&on_thread) {
            work();
        }
    };
    if own_thread::spawn(name, run).is_ok() {
        return Some(wait);
    }
    if let Some(work) = take(&pending) {
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

/// Returns the session if this thread has to make the report; else waits for the report, or until it is given up.
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
            warn("cannot make the report: internal error of hotpath");
        }
    };
    if os::forks::has_inherited() {
        // A thread that is not there may hold a lock that the report needs.
        let done = begin_work("hp-report", Box::new(make));
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

/// Runs the program's own clean-up: a part of the session, and nothing of ours.
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
    let Some(done) = begin_work("hp-cleanup", Box::new(run)) else { return };
    let begun = Instant::now();
    while done.recv_timeout(TICK) == Err(mpsc::RecvTimeoutError::Timeout)
        && begun.elapsed() < CLEAN_UP_WAIT
        && !ending::is_clean_up_abandoned()
    {}
}

/// Returns the value of `work`; `None` if it panicked. The payload of a panic is never dropped: that might panic too.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(std::mem::forget).ok()
}

/// Reports the session.
fn conclude(running: Box<Running>) {
    let _untracked = pause_tracking();
    let mut running = running; // dropped before that ends: its memory is ours
    let observer = shared().observer;
    if let Some(observer) = observer {
        (observer.on_end)(&running);
    }
    if running.is_background {
        return gate::shut();
    }
    let snapshot = assemble::read(&running);
    let costs = cost::costs(snapshot.has_sampled_calls());
    gate::shut();
    last_report::retain(&snapshot, &running, costs.as_ref());
    let reporter = running.reporter.take();
    let is_reported = reporter
        .is_some_and(|reporter| has_reported(reporter, &Provider::new(&snapshot, &running, costs.as_ref())));
    if !is_reported {
        deliver(&assemble::report(&snapshot, &running, costs.as_ref()), &running.settings);
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
        None => warn("the reporter panicked: the report is written as without it"),
    }
    result.is_some()
}
