//! The ends of a program that no destructor sees: `exit` and a deadline. Signals are in `os`; the order of ends is in [`ending`].

use std::{
    sync::OnceLock,
    time::{Duration, Instant},
};

use super::{
    ending::{self, Ending},
    os::{self, own_thread},
    output::warn,
};

/// The time to wait for the end that came first: longer than its report may take.
const FIRST_END_WAIT: Duration = Duration::from_secs(15);
const TICK: Duration = Duration::from_millis(5);

/// Installs `report` to run when the process exits. Once per process.
pub(crate) fn watch(report: fn()) {
    static REPORT: OnceLock<fn()> = OnceLock::new();
    REPORT.get_or_init(|| {
        os::at_exit(|| {
            if os::forks::has_nothing_to_report() {
                return;
            }
            ending::begin(Ending::Exit);
            if let Some(report) = REPORT.get() {
                report();
            }
            // A deadline's end is this very one, or has to wait for it.
            if matches!(ending::now(), Ending::Signal(_)) {
                wait_for_first_end();
            }
        });
        report
    });
}

/// Ends the process with status 0 after `report`, unless `wait` says that the session has ended before its time.
pub(crate) fn end_after(
    wait: impl FnOnce() -> bool + Send + 'static,
    report: impl FnOnce() + Send + 'static,
) {
    let end = move || {
        if wait() || os::forks::has_nothing_to_report() {
            return;
        }
        if ending::begin(Ending::Deadline) == Ending::Deadline {
            report();
            std::process::exit(0);
        }
    };
    if own_thread::spawn("hp-guard", end).is_err() {
        warn("cannot start a thread: the session has no deadline");
    }
}

/// Waits for the end that came first, if a signal or a deadline did: the thread does not run on past it.
pub(crate) fn wait_for_first_end() {
    let deadline = Instant::now() + FIRST_END_WAIT;
    while matches!(ending::now(), Ending::Deadline | Ending::Signal(_)) && Instant::now() < deadline {
        std::thread::sleep(TICK);
    }
}
