//! Systems without processor timers for threads: a thread of ours looks at the others, and a thread's sample weighs what it has
//! worked since the look before. Not run here: written against the documentation.

use std::{io, time::Duration};

use super::{NotArmed, OnSample, Seen};
use crate::imp::os::threads;

/// How often threads are looked at.
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Nothing to install.
///
/// # Errors
///
/// None.
pub(crate) fn install(_: OnSample) -> Result<(), &'static str> {
    Ok(())
}

/// Nobody takes a look away.
pub(crate) fn is_ours() -> bool {
    true
}

/// Nothing: looks do it.
#[derive(Debug)]
pub(crate) struct Timer;

impl Timer {
    /// Whether a thread is there, looks tell.
    pub(crate) fn is_running(&self) -> bool {
        true
    }
}

/// Nothing to arm.
///
/// # Errors
///
/// None.
pub(crate) fn arm(_: u32, _: usize, _: Duration) -> Result<Timer, NotArmed> {
    Ok(Timer)
}

/// All threads of the process, with what they have worked.
///
/// # Errors
///
/// When the system does not tell.
pub(crate) fn look() -> io::Result<Vec<Seen>> {
    let number = |tid: u64| u32::try_from(tid).ok();
    let threads = threads::all()?.into_iter();
    Ok(threads.filter_map(|seen| Some(Seen { thread: number(seen.key.tid)?, cpu_ns: seen.cpu_ns })).collect())
}

/// Not asked.
pub(crate) fn process_cpu_ns() -> Option<u64> {
    None
}
