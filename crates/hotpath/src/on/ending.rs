//! The ends of the process: the first one decides the exit status, and later ones wait for the report.
//!
//! ```text
//!             a guard is dropped              its report is out
//!  Nothing ────────────────────────► Session ───────────────────► Nothing     the program goes on
//!     │                                 │ exit, or `main` has returned
//!     ├── exit, or `main` has returned ─┴─► Exit                               its own status
//!     ├── HOTPATH_SHUTDOWN_MS ────────────► Deadline                           0
//!     └── SIGINT, SIGTERM, SIGABRT ───────► Signal                             that signal
//! ```
//!
//! | first | then, while the report is being made | status |
//! |---|---|---|
//! | `Signal` | another signal | of the first; one that comes [`SAME_MS`] later makes the report hurry |
//! | `Signal` | `exit`, `main` returns, abort on another thread | of the signal: they wait for it |
//! | `Session`, `Exit`, `Deadline` | a signal, abort on another thread | of the first, if it ends the process soon after the report; else of the signal |
//! | `Session`, `Deadline` | `exit` | of `exit`, which cannot be taken back |
//! | `Deadline` | `main` returns | 0: the guard waits for the deadline's end |
//! | any | `exit` or abort inside `before_shutdown` | of that; the report is made at once |
//!
//! Signal handlers use this, so it is atomics and nothing else. Only the word itself orders anything ([`begin`]); the flags beside
//! it are polled by those that wait, so they need no order.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// Signals that come within this time after the first are the same one: some tools send it to the process and to its
/// group.
pub(crate) const SAME_MS: u64 = 300;

/// The end that came first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The process does not end.
    Nothing,
    /// A session ends, and its report is being made. Whether the process ends is not known.
    Session,
    /// `exit` was called, or `main` has returned.
    Exit,
    /// The time that was set is over.
    Deadline,
    /// This signal came.
    Signal(u8),
}

impl Ending {
    const SIGNAL: u32 = 0x100;

    fn word(self) -> u32 {
        match self {
            Self::Nothing => 0,
            Self::Session => 1,
            Self::Exit => 2,
            Self::Deadline => 3,
            Self::Signal(number) => Self::SIGNAL | u32::from(number),
        }
    }

    fn of(word: u32) -> Self {
        match word {
            0 => Self::Nothing,
            1 => Self::Session,
            2 => Self::Exit,
            3 => Self::Deadline,
            signal => Self::Signal(signal as u8),
        }
    }

    /// Returns true if it replaces `first`.
    fn beats(self, first: Self) -> bool {
        first == Self::Nothing || (first == Self::Session && self == Self::Exit)
    }
}

static ENDING: AtomicU32 = AtomicU32::new(0);

/// Returns the end that came first so far.
pub(crate) fn now() -> Ending {
    Ending::of(ENDING.load(Ordering::Acquire)) // pairs with the Release in `begin`
}

/// Records `ending`. Returns the end that came first, which is `ending` itself if none did.
pub(crate) fn begin(ending: Ending) -> Ending {
    let next = |word| ending.beats(Ending::of(word)).then(|| ending.word());
    // Pairs with the Acquire in `now`.
    match ENDING.fetch_update(Ordering::AcqRel, Ordering::Acquire, next) {
        Ok(_) => ending,
        Err(first) => Ending::of(first),
    }
}

/// Replaces the end, whatever came before.
pub(crate) fn replace(ending: Ending) {
    ENDING.store(ending.word(), Ordering::Release);
}

/// Clears `ending`: the process goes on, unless another end came.
pub(crate) fn over(ending: Ending) {
    let nothing = Ending::Nothing.word();
    let _another = ENDING.compare_exchange(ending.word(), nothing, Ordering::AcqRel, Ordering::Acquire);
}

/// The threads that run `before_shutdown`, and that make the report; 0 while none does.
static CLEANING: AtomicU64 = AtomicU64::new(0);
static REPORTING: AtomicU64 = AtomicU64::new(0);
/// `before_shutdown` will not come back.
static IS_ABANDONED: AtomicBool = AtomicBool::new(false);
/// The program got another request to end.
static IS_HURRIED: AtomicBool = AtomicBool::new(false);
/// The report took too long.
static IS_GIVEN_UP: AtomicBool = AtomicBool::new(false);

/// The work of a thread for the end of a session, until this is dropped.
#[must_use = "it is over when this is dropped"]
pub(crate) struct Work(&'static AtomicU64, u64);

impl Drop for Work {
    fn drop(&mut self) {
        // Unless another thread took over meanwhile.
        let _another = self.0.compare_exchange(self.1, 0, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// Records that `thread` runs `before_shutdown`.
pub(crate) fn clean_up_on(thread: u64) -> Work {
    IS_ABANDONED.store(false, Ordering::Relaxed);
    CLEANING.store(thread, Ordering::Relaxed);
    Work(&CLEANING, thread)
}

/// Records that `thread` makes the report.
pub(crate) fn report_on(thread: u64) -> Work {
    REPORTING.store(thread, Ordering::Relaxed);
    Work(&REPORTING, thread)
}

/// Returns the thread that runs `before_shutdown`; 0 if none does.
pub(crate) fn cleaning() -> u64 {
    CLEANING.load(Ordering::Relaxed)
}

/// Returns the thread that makes the report; 0 if none does.
pub(crate) fn reporting() -> u64 {
    REPORTING.load(Ordering::Relaxed)
}

/// Abandons `before_shutdown`, which ends the process: the report is made without it.
pub(crate) fn abandon_clean_up() {
    IS_ABANDONED.store(true, Ordering::Relaxed);
}

/// Returns true if `before_shutdown` will not come back.
pub(crate) fn is_clean_up_abandoned() -> bool {
    IS_ABANDONED.load(Ordering::Relaxed)
}

/// Hurries the report: the program got another request to end.
pub(crate) fn hurry() {
    IS_HURRIED.store(true, Ordering::Relaxed);
}

/// Returns true if the report is hurried.
pub(crate) fn is_hurried() -> bool {
    IS_HURRIED.load(Ordering::Relaxed)
}

/// Gives up the report: nothing waits for it any longer.
pub(crate) fn give_up() {
    IS_GIVEN_UP.store(true, Ordering::Relaxed);
}

/// Returns true if the report was given up.
pub(crate) fn is_given_up() -> bool {
    IS_GIVEN_UP.load(Ordering::Relaxed)
}

/// Forgets all ends, for a new session or a fork. The thread that goes on as `thread` was `before`.
pub(crate) fn begin_anew(before: u64, thread: u64) {
    replace(Ending::Nothing);
    for work in [&CLEANING, &REPORTING] {
        let goes_on = before != 0 && work.load(Ordering::Relaxed) == before;
        work.store(if goes_on { thread } else { 0 }, Ordering::Relaxed);
    }
    for flag in [&IS_ABANDONED, &IS_HURRIED, &IS_GIVEN_UP] {
        flag.store(false, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_end_stays_except_that_exit_is_more_than_the_end_of_a_session() {
        let all = [Ending::Session, Ending::Exit, Ending::Deadline, Ending::Signal(2), Ending::Signal(15)];
        for first in all {
            for second in all {
                replace(Ending::Nothing);
                assert_eq!(begin(first), first);
                let stays = !(first == Ending::Session && second == Ending::Exit);
                let held = if stays { first } else { second };
                assert_eq!((begin(second), now()), (held, held), "{first:?}, then {second:?}");
                over(Ending::Session);
                assert_eq!(now() == Ending::Nothing, held == Ending::Session);
            }
        }
        replace(Ending::Nothing);
    }
}
