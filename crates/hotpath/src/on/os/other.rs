//! Systems without Unix signals. Not run here: written against the documentation.
//!
//! The report comes out when the guard is dropped; an end of the process before that is not noticed.

/// The number of this process.
#[cfg_attr(
    not(any(feature = "threads", feature = "hotpath-cpu")),
    allow(dead_code, reason = "there is no poller")
)]
pub(crate) fn process_id() -> u32 {
    std::process::id()
}

/// The number of this thread, as the system's own tools show it.
#[cfg(windows)]
pub(crate) fn thread_id() -> u64 {
    // SAFETY: takes nothing and cannot fail.
    u64::from(unsafe { windows_sys::Win32::System::Threading::GetCurrentThreadId() })
}

/// No number is known.
#[cfg(not(windows))]
pub(crate) fn thread_id() -> u64 {
    0
}

/// Nothing is run at the end of the process.
pub(crate) fn at_exit(_: fn()) {}

pub(crate) mod signals {
    use super::super::When;

    /// Nothing to install.
    pub(crate) fn install(_: fn(), _: When) {}

    /// Nothing is.
    pub(crate) fn is_pending() -> bool {
        false
    }

    /// Nothing to do.
    pub(crate) fn settle() -> bool {
        false
    }

    /// Nothing to take away.
    pub(crate) fn remove() {}
}

pub(crate) mod forks {
    use super::super::Forks;

    /// Nothing forks.
    pub(crate) fn own_session() {}

    /// Nothing forks.
    pub(crate) fn has_inherited() -> bool {
        false
    }

    /// It has.
    pub(crate) fn has_nothing_to_report() -> bool {
        false
    }

    /// Nothing forks.
    pub(crate) fn watch_forks(_: Forks) {}

    /// Nothing forks.
    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
    pub(crate) fn close_in_forks<T>(_: &T) {}
}

/// Returns `None`: not implemented here.
pub(crate) fn process_cpu_ns() -> Option<u64> {
    None
}
