//! Attribution: the node of the call tree that gets what its thread counts.
//!
//! An allocation changes the sums of its thread and nothing else. The difference between those sums and the node's own is constant
//! as long as one node gets everything, so the node's numbers follow from the thread's. They are written into the node when another one
//! takes its place, which happens only if something was counted there.

use std::{cell::Cell, ptr::null};

use super::sums::{Counters, Sums};
use crate::{
    cells::Cells,
    primitive::{Ordering, fence},
};

/// The address of the node's counters, and what is added to the thread's sums.
const FIELDS: usize = 5;

/// The counters that get what is counted, if any.
#[derive(Debug)]
pub(super) struct Attribution {
    /// The same address, for the owner.
    target: Cell<*const Counters>,
    published: Cells<FIELDS>,
}

impl Attribution {
    pub(super) fn new() -> Self {
        Self { target: Cell::new(null()), published: Cells::new() }
    }

    /// Owner only. From here on what is counted beyond `sums` belongs to `counters`, which live as long as the lane.
    #[inline]
    pub(super) fn turn_to(&self, counters: &Counters, sums: Sums) {
        if !std::ptr::eq(self.target.get(), counters) {
            self.change(counters, sums);
        }
    }

    fn change(&self, counters: &Counters, sums: Sums) {
        self.settle(sums);
        self.publish(counters, counters.own().since(sums));
    }

    /// Owner only. Writes what was counted up to `sums` into the counters that it belongs to.
    fn settle(&self, sums: Sums) {
        // SAFETY: null, or the counters of a node of this lane; nodes are never freed.
        let Some(before) = (unsafe { self.target.get().as_ref() }) else { return };
        let (_, [_, bytes, count, freed, frees]) = self.published.read();
        before.set(sums + Sums { bytes, count, freed, frees });
    }

    fn publish(&self, target: *const Counters, base: Sums) {
        self.target.set(target);
        let Sums { bytes, count, freed, frees } = base;
        self.published.update(|fields| *fields = [target.addr() as u64, bytes, count, freed, frees]);
        // Pairs with the Acquire fence in `read`: a reader that sees a later sum of the thread, or what `settle` later writes into the
        // target, also sees that it was published.
        fence(Ordering::Release);
    }

    /// Owner only. Nobody gets what is counted, and what was is lost: the counters are about to be cleared, or the sums set back.
    pub(super) fn forget(&self) {
        if !self.target.get().is_null() {
            self.publish(null(), Sums::NONE);
        }
    }

    /// Any thread. Returns what belongs to `counters`. `sums` reads those of the thread.
    ///
    /// Retries only when the owner turned to other counters meanwhile.
    pub(super) fn read(&self, counters: &Counters, sums: impl Fn() -> Sums) -> Sums {
        loop {
            let (version, [target, bytes, count, freed, frees]) = self.published.read();
            let result = if target == std::ptr::from_ref(counters).addr() as u64 {
                sums() + Sums { bytes, count, freed, frees }
            } else {
                counters.read()
            };
            fence(Ordering::Acquire); // pairs with the Release fence in `publish`
            if self.published.version() == version {
                return result;
            }
        }
    }
}
