//! Threads of the profiler's own. All of them start here, so that they are known as such, and take no signals.

use std::{io, sync::mpsc, thread::JoinHandle, time::Duration};

use hotpath_lane::{allocations::stop_tracking, memory::pause_tracking};

#[cfg_attr(any(feature = "threads", feature = "hotpath-cpu"), path = "own_thread/registry.rs")]
#[cfg_attr(not(any(feature = "threads", feature = "hotpath-cpu")), path = "own_thread/no_registry.rs")]
mod registry;

mod cpu_time;

#[cfg_attr(unix, path = "own_thread/signals.rs")]
#[cfg_attr(unix, allow(unsafe_code, reason = "calls of the C library"))]
#[cfg_attr(not(unix), path = "own_thread/no_signals.rs")]
mod signals;

pub(crate) use cpu_time::cpu_ns;
#[cfg(feature = "threads")]
pub(crate) use registry::is_own;
#[cfg(feature = "hotpath-cpu")]
pub(crate) use registry::is_own_number;

/// The time to wait for a new thread, so that it is known as ours before anything else goes on.
const BEGIN_WAIT: Duration = Duration::from_millis(200);

/// Starts a thread of ours. It has all signals blocked from its first instruction on. `name` begins with `hp-` and has at most 15 characters.
///
/// # Errors
///
/// When the system refuses a thread.
pub(crate) fn spawn(name: &'static str, work: impl FnOnce() + Send + 'static) -> io::Result<JoinHandle<()>> {
    let _untracked = pause_tracking();
    spawn_boxed(name, Box::new(work))
}

/// [`spawn`], compiled once: the standard library's way to start a thread is a thousand lines of machine code for each kind of work.
fn spawn_boxed(name: &'static str, work: Box<dyn FnOnce() + Send>) -> io::Result<JoinHandle<()>> {
    let (registered, wait) = mpsc::channel::<()>();
    let work = move || {
        stop_tracking();
        let _ours = registry::enter();
        let _counted = cpu_time::count();
        drop(registered);
        work();
    };
    let blocked = signals::Blocked::here();
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(work);
    drop(blocked);
    let thread = thread?;
    let _begun = wait.recv_timeout(BEGIN_WAIT); // ends when the other side is dropped
    Ok(thread)
}
