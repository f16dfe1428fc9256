//! The actions of the signals that are watched: ours stands over the default one, or over that of another copy of hotpath.
//!
//! A plugin (a `cdylib`) has a copy of hotpath with statics of its own, so a process may have several, each with a session and each
//! in want of the same signals. A copy puts its action over that of another, keeps what it found, and when its report is out puts
//! that back and sends the signal again:
//!
//! ```text
//! second copy: report, signal again ──► first copy: report, signal again ──► default
//! ```
//!
//! Copies know each other's actions by a [mark](mark). Over a handler of the program's none is put. What must stay true: a copy is
//! in that row once at most, since twice would be a circle. So one that another copy stands over puts nothing, and is reached
//! through the other; and when its session ends it stays there, and only sends the signal again.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A signal, and what this copy has done with its action.
pub(super) struct Watched {
    signal: libc::c_int,
    handler: extern "C" fn(libc::c_int),
    /// Ours was put there, and not taken away by us.
    is_put: AtomicBool,
    /// The handler that ours stands over: `SIG_DFL`, or another copy's.
    found: AtomicUsize,
}

impl Watched {
    pub(super) const fn new(signal: libc::c_int, handler: extern "C" fn(libc::c_int)) -> Self {
        Self { signal, handler, is_put: AtomicBool::new(false), found: AtomicUsize::new(libc::SIG_DFL) }
    }

    /// Installs our handler, if the signal has no handler but that of another copy of hotpath.
    pub(super) fn put(&self) {
        let Some(found) = action(self.signal) else { return };
        let is_free =
            found.sa_sigaction == libc::SIG_DFL || (self.is_of_another_copy(&found) && !self.is_put());
        if !is_free {
            return;
        }
        self.keep(found.sa_sigaction); // before the handler can want it
        self.is_put.store(true, Ordering::Release); // pairs with the Acquire in `is_put`
        // Another copy may have come in between.
        if let Some(replaced) = replace(self.signal, self.ours())
            && self.is_of_another_copy(&replaced)
        {
            self.keep(replaced.sa_sigaction);
        }
    }

    /// Puts back what was found, if the action is still ours.
    pub(super) fn give_back(&self) {
        if !self.is_ours() {
            return;
        }
        match replace(self.signal, self.found()) {
            // Another copy put its action over ours just now, and reaches us through it.
            Some(replaced) if self.is_of_another_copy(&replaced) => {
                replace(self.signal, replaced.sa_sigaction);
            }
            _ => self.is_put.store(false, Ordering::Release), // pairs with the Acquire in `is_put`
        }
    }

    /// Puts back what was found, and sends the signal to this thread again. For the handler, where the signal is blocked: it takes
    /// effect on return. Async-signal-safe.
    pub(super) fn let_through(&self) {
        replace(self.signal, self.found());
        self.is_put.store(false, Ordering::Release); // pairs with the Acquire in `is_put`
        // SAFETY: sends a signal, which then meets the action that was there before ours.
        unsafe { libc::raise(self.signal) };
    }

    /// Returns true if a signal meets our handler first. Async-signal-safe.
    pub(super) fn is_ours(&self) -> bool {
        action(self.signal).is_some_and(|action| action.sa_sigaction == self.ours())
    }

    /// Returns true if a signal meets our handler, be it after those of other copies.
    pub(super) fn is_reached(&self) -> bool {
        let is_below = |action| self.is_put() && self.is_of_another_copy(&action);
        self.is_ours() || action(self.signal).is_some_and(is_below)
    }

    fn ours(&self) -> libc::sighandler_t {
        self.handler as *const () as libc::sighandler_t
    }

    fn is_of_another_copy(&self, action: &libc::sigaction) -> bool {
        action.sa_sigaction != self.ours() && is_marked(action)
    }

    fn is_put(&self) -> bool {
        self.is_put.load(Ordering::Acquire)
    }

    fn found(&self) -> libc::sighandler_t {
        self.found.load(Ordering::Acquire) // pairs with the Release in `keep`
    }

    fn keep(&self, handler: libc::sighandler_t) {
        self.found.store(handler, Ordering::Release); // pairs with the Acquire in `found`
    }
}

/// The mark of hotpath's actions: they block these signals, and no others, while their handler runs. An action has no other place
/// for a mark, and no other code has a reason to block just these. A moment of waiting does no harm. All versions of hotpath have
/// this mark, and [`FLAGS`], since copies in one process may be of several.
#[cfg(target_os = "linux")]
fn mark() -> [libc::c_int; 4] {
    let last = libc::SIGRTMAX();
    [last - 3, last - 7, last - 12, last - 19]
}

/// Not run here: not all of these systems have real-time signals.
#[cfg(not(target_os = "linux"))]
fn mark() -> [libc::c_int; 4] {
    [libc::SIGTTIN, libc::SIGURG, libc::SIGWINCH, libc::SIGCONT]
}

/// The request that finds a mark.
#[cfg(target_os = "linux")]
fn last_signal() -> libc::c_int {
    libc::SIGRTMAX()
}

#[cfg(not(target_os = "linux"))]
fn last_signal() -> libc::c_int {
    31
}

/// The flags of hotpath's actions, and those that they do not have. The system adds some of its own.
const FLAGS: libc::c_int = libc::SA_RESTART;
const OTHER_FLAGS: libc::c_int = libc::SA_SIGINFO | libc::SA_ONSTACK | libc::SA_NODEFER | libc::SA_RESETHAND;

/// Returns true if a copy of hotpath has made it, so that its handler has all information.
fn is_marked(action: &libc::sigaction) -> bool {
    let mark = mark();
    let is_handler = ![libc::SIG_DFL, libc::SIG_IGN].contains(&action.sa_sigaction);
    let has_mark = || {
        // SAFETY: reads the set.
        let is_blocked = |signal| unsafe { libc::sigismember(&raw const action.sa_mask, signal) } == 1;
        (1..=last_signal()).all(|signal| is_blocked(signal) == mark.contains(&signal))
    };
    is_handler && action.sa_flags & (FLAGS | OTHER_FLAGS) == FLAGS && has_mark()
}

/// Async-signal-safe.
fn action(signal: libc::c_int) -> Option<libc::sigaction> {
    let mut action = empty();
    // SAFETY: asks only; the answer goes into `action`.
    let answer = unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut action) };
    (answer == 0).then_some(action)
}

/// Makes `handler`, of this copy or another, or `SIG_DFL` the action, and gives what it was. Async-signal-safe.
fn replace(signal: libc::c_int, handler: libc::sighandler_t) -> Option<libc::sigaction> {
    let (mut action, mut before) = (empty(), empty());
    action.sa_sigaction = handler;
    action.sa_flags = FLAGS;
    if handler != libc::SIG_DFL {
        for signal in mark() {
            // SAFETY: changes the set; the numbers are signals.
            unsafe { libc::sigaddset(&raw mut action.sa_mask, signal) };
        }
    }
    // SAFETY: `handler` is SIG_DFL or the handler of a copy of hotpath, which is async-signal-safe. It is there as long as the
    // process: no copy is unloaded that has watched a signal, since its thread `hp-signal` never ends and holds its library.
    let answer = unsafe { libc::sigaction(signal, &raw const action, &raw mut before) };
    (answer == 0).then_some(before)
}

/// No flags, and nothing blocked.
fn empty() -> libc::sigaction {
    // SAFETY: a sigaction of zeros is a valid value.
    unsafe { std::mem::zeroed() }
}
