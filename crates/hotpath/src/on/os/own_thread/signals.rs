//! Signals belong to the program: our threads take none, so that those which it blocks and waits for stay its own, and its
//! handlers run on its threads.

/// The signals that a thread's own faults raise. Blocked they would end the process past its handlers.
const FAULTS: [libc::c_int; 6] =
    [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL, libc::SIGTRAP, libc::SIGSYS];

/// While this lives the calling thread has all signals blocked, and so have, for ever, the threads that it starts.
pub(super) struct Blocked(Option<libc::sigset_t>);

impl Blocked {
    pub(super) fn here() -> Self {
        let (all, mut before) = (all_but_faults(), empty());
        // SAFETY: reads one set and writes the other, both on the stack.
        let answer = unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const all, &raw mut before) };
        Self((answer == 0).then_some(before))
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // SAFETY: reads a set that the system wrote; what was there is not asked for.
            unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, before, std::ptr::null_mut()) };
        }
    }
}

fn empty() -> libc::sigset_t {
    // SAFETY: a set of signals is plain bits.
    unsafe { std::mem::zeroed() }
}

fn all_but_faults() -> libc::sigset_t {
    let mut all = empty();
    // SAFETY: writes the set.
    unsafe { libc::sigfillset(&raw mut all) };
    for fault in FAULTS {
        // SAFETY: changes the set; the numbers are signals.
        unsafe { libc::sigdelset(&raw mut all, fault) };
    }
    all
}
