//! Systems without CPU timers for threads: the others are polled, and a sample of a thread weighs the CPU time since the poll
//! before. Untested: written against the documentation.

use std::{io, time::Duration};

use super::{ArmError, OnSample, ThreadTime};
use crate::imp::os;

/// The interval of polls.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Does nothing: there is nothing to install.
///
/// # Errors
///
/// None.
pub(crate) fn install(_: OnSample) -> Result<(), &'static str> {
    Ok(())
}

/// Returns true: nothing can take over polling.
pub(crate) fn is_ours() -> bool {
    true
}

/// Nothing: polls take the samples.
#[derive(Debug)]
pub(crate) struct Timer;

impl Timer {
    /// Returns true: polls find the threads that have ended.
    pub(crate) fn is_running(&self) -> bool {
        true
    }
}

/// Does nothing: there is nothing to arm.
///
/// # Errors
///
/// None.
pub(crate) fn arm(_: u32, _: usize, _: Duration) -> Result<Timer, ArmError> {
    Ok(Timer)
}

/// Lists the threads of the process with their CPU time.
///
/// # Errors
///
/// When the system refuses.
pub(crate) fn threads() -> io::Result<Vec<ThreadTime>> {
    let number = |tid: u64| u32::try_from(tid).ok();
    let threads = os::threads::all()?.into_iter();
    Ok(threads
        .filter_map(|seen| Some(ThreadTime { thread: number(seen.key.tid)?, cpu_ns: seen.cpu_ns }))
        .collect())
}
