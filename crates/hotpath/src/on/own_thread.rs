//! The profiler's own threads: what they allocate is not the program's.

use std::{
    io,
    sync::mpsc,
    thread::{Builder, JoinHandle},
};

use hotpath_lane::memory::quiet_for_good;

/// Starts a thread of the profiler's.
///
/// Back only when its allocations are not counted any more: a report made before that would tell of what the standard library
/// allocates to begin a thread.
pub(crate) fn start<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    let (is_quiet, wait) = mpsc::sync_channel::<()>(0);
    let thread = Builder::new().name(name.to_owned()).spawn(move || {
        quiet_for_good();
        drop(is_quiet);
        work()
    })?;
    let _hung_up = wait.recv();
    Ok(thread)
}
