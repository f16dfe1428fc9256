//! The ends of a program that no destructor sees: `exit`, signals, a deadline.

use std::sync::{Once, OnceLock};

use super::{
    os::{self, own_thread},
    output::complain,
};

/// Once per process: `report` runs when the process exits, however it does.
pub(crate) fn watch(report: fn()) {
    static ONCE: Once = Once::new();
    static OWNER: OnceLock<(u32, fn())> = OnceLock::new();
    ONCE.call_once(|| {
        OWNER.get_or_init(|| (os::process_id(), report));
        os::at_exit(|| {
            // A fork that exits has nothing to report.
            if let Some((owner, report)) = OWNER.get()
                && *owner == os::process_id()
            {
                report();
            }
        });
    });
}

/// Ends the process after `report`, unless `wait` says that the session has ended before its time.
pub(crate) fn end_after(
    wait: impl FnOnce() -> bool + Send + 'static,
    report: impl FnOnce() + Send + 'static,
) {
    let end = move || {
        if !wait() {
            report();
            std::process::exit(0);
        }
    };
    if own_thread::spawn("hp-guard", end).is_err() {
        complain("no thread could be started: the session has no deadline");
    }
}
