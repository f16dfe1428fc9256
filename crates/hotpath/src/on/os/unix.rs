//! Unix: thread numbers, the end of the process; in files of their own signals and forks.

use std::sync::OnceLock;

use super::When;

mod actions;
mod bell;
pub(crate) mod forks;
pub(crate) mod signals;
mod starter;

/// The number of this process.
pub(crate) fn process_id() -> u32 {
    std::process::id()
}

/// The number of this thread, as the system's own tools show it. Async-signal-safe.
pub(crate) fn thread_id() -> u64 {
    #[cfg(target_os = "linux")]
    // SAFETY: takes nothing and cannot fail.
    return unsafe { libc::gettid() } as u64;
    #[cfg(target_os = "macos")]
    {
        let mut id = 0;
        // SAFETY: 0 is the calling thread, and `id` is a place for the answer.
        unsafe { libc::pthread_threadid_np(0, &mut id) };
        id
    }
    #[cfg(not(any(target_os = "linux", target_os = "macos")))]
    // SAFETY: takes nothing and cannot fail.
    return unsafe { libc::pthread_self() } as u64;
}

/// Returns the CPU time of the process in nanoseconds.
pub(crate) fn process_cpu_ns() -> Option<u64> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the answer.
    let is_known = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) } == 0;
    let (seconds, nanos) = (u64::try_from(time.tv_sec).ok()?, u64::try_from(time.tv_nsec).ok()?);
    is_known.then(|| seconds.saturating_mul(1_000_000_000).saturating_add(nanos))
}

static AT_EXIT: OnceLock<fn()> = OnceLock::new();

/// Runs `action` when the process exits by `exit` or by returning from `main`. The first wins.
pub(crate) fn at_exit(action: fn()) {
    extern "C" fn run() {
        if let Some(action) = AT_EXIT.get() {
            action();
        }
    }
    AT_EXIT.get_or_init(|| {
        // SAFETY: `run` is a function for the whole life of the process and does not unwind: the action catches panics.
        unsafe { libc::atexit(run) };
        action
    });
}

#[cfg(target_os = "linux")]
fn errno_place() -> *mut libc::c_int {
    // SAFETY: takes nothing; the place belongs to this thread.
    unsafe { libc::__errno_location() }
}

#[cfg(any(target_os = "macos", target_os = "ios", target_os = "freebsd"))]
fn errno_place() -> *mut libc::c_int {
    // SAFETY: takes nothing; the place belongs to this thread.
    unsafe { libc::__error() }
}

#[cfg(not(any(target_os = "linux", target_os = "macos", target_os = "ios", target_os = "freebsd")))]
fn errno_place() -> *mut libc::c_int {
    std::ptr::null_mut()
}

fn errno() -> libc::c_int {
    // SAFETY: null or this thread's errno.
    unsafe { errno_place().as_ref() }.copied().unwrap_or(0)
}

fn set_errno(value: libc::c_int) {
    // SAFETY: null or this thread's errno.
    if let Some(place) = unsafe { errno_place().as_mut() } {
        *place = value;
    }
}
