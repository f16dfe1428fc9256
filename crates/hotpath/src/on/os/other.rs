//! Systems without Unix signals. Not run here: written against the documentation.
//!
//! The report comes out when the guard is dropped; an end of the process before that is not noticed.

/// The number of this process.
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
    /// Nothing to install.
    pub(crate) fn install(_: fn()) {}

    /// Nothing to take away.
    pub(crate) fn remove() {}
}
