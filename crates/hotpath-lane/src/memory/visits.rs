//! Visits of other threads to memory that goes away with the thread it belongs to.
//!
//! The owner opens it while it lives. At its end it closes it, and waits for those who are inside: they only read a few words, take no
//! lock and call nothing. A visitor never waits. A visitor that comes too late reads the copy that the owner made before closing.

use crate::primitive::{AtomicU64, Ordering, spin_loop};

/// Set while the memory may be visited.
const OPEN: u64 = 1;
/// Counts the visitors, in the bits above.
const VISITOR: u64 = 2;

/// One word: a visitor that was let in is seen by the owner that closes, in whatever order the two come.
#[derive(Debug)]
pub(crate) struct Visits(AtomicU64);

impl Visits {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    /// Owner only. What it wrote before is seen by every visitor.
    pub(crate) fn open(&self) {
        self.0.fetch_or(OPEN, Ordering::Release); // pairs with the Acquire in `visit`
    }

    /// Owner only. Returns when nobody is inside, nor comes in again. What it wrote before is seen by all that are turned away.
    pub(crate) fn close(&self) {
        // Release pairs with the Acquire in `visit`, by which a visitor is turned away; Acquire with the Release of those that left.
        let mut state = self.0.fetch_and(!OPEN, Ordering::AcqRel) & !OPEN;
        let mut tries = 0;
        while state != 0 {
            wait(tries);
            tries += 1;
            state = self.0.load(Ordering::Acquire); // pairs with the Release in `visit`
        }
    }

    /// Any thread. Runs `inside`, which must not panic, if the memory may be visited.
    pub(crate) fn visit<R>(&self, inside: impl FnOnce() -> R) -> Option<R> {
        // Before anything is written: a lane without a thread is only read.
        if self.0.load(Ordering::Acquire) & OPEN == 0 {
            return None; // pairs with the Release in `close`, as the next one
        }
        let is_open = self.0.fetch_add(VISITOR, Ordering::Acquire) & OPEN != 0; // pairs with the Release in `open`
        let result = is_open.then(inside);
        self.0.fetch_sub(VISITOR, Ordering::Release); // pairs with the Acquire in `close`
        result
    }

    /// In a fork, whose only thread this is: forgets the visitors, which are not there. Returns `true` if the memory was open, and
    /// closes it.
    #[cfg(not(loom))]
    pub(crate) fn begin_anew(&self) -> bool {
        self.0.swap(0, Ordering::Relaxed) & OPEN != 0
    }
}

/// A visit is over after some nanoseconds, unless its thread is stopped.
#[cfg(not(loom))]
fn wait(tries: u32) {
    match tries {
        0..100 => spin_loop(),
        100..200 => std::thread::yield_now(),
        _ => std::thread::sleep(std::time::Duration::from_micros(50)), // lets threads of lower priority run, too
    }
}

#[cfg(loom)]
fn wait(_: u32) {
    loom::thread::yield_now();
    spin_loop();
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_open_is_visited() {
        let visits = Visits::new();
        assert_eq!(visits.visit(|| 1), None);
        visits.open();
        assert_eq!(visits.visit(|| visits.visit(|| 1)), Some(Some(1)));
        visits.close();
        assert_eq!(visits.visit(|| 1), None);
        visits.open();
        assert!(visits.begin_anew() && !visits.begin_anew());
        assert_eq!(visits.visit(|| 1), None);
    }
}
