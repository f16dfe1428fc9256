//! The ends of a program that no destructor sees: `exit`, signals, a deadline.

use std::{sync::Once, time::Duration};

use super::{os, session};

/// Once per process: the report comes out however the program ends.
pub(crate) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        static OWNER: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
        OWNER.get_or_init(os::process_id);
        os::at_exit(|| {
            // A fork that exits has nothing to report.
            if OWNER.get() == Some(&os::process_id()) {
                session::finish_any();
            }
        });
    });
}

/// Ends the session `id` and the process after `time`, unless the session ends before.
pub(crate) fn end_after(time: Duration, id: u64) {
    let wait = move || {
        if session::wait_for_end(id, time) {
            return;
        }
        session::finish(id);
        std::process::exit(0);
    };
    if std::thread::Builder::new().name("hp-guard".into()).spawn(wait).is_err() {
        super::output::complain("no thread could be started: the session has no deadline");
    }
}
