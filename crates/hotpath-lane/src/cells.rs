//! Counters that are read together: the writer fills the spare one of two copies, then advances the version.
//!
//! A writer that is stopped in the middle of an update (on a busy machine it may not run again for milliseconds) leaves the last
//! complete copy readable. A seqlock would make the reader wait for it.

use crate::primitive::{Cell64, Ordering, fence, spin_loop};

/// `N` counters under one version. The version is the number of updates since the last [`Cells::clear`].
#[derive(Debug)]
pub(crate) struct Cells<const N: usize> {
    version: Cell64,
    copies: [[Cell64; N]; 2],
}

impl<const N: usize> Cells<N> {
    pub(crate) fn new() -> Self {
        let copy = || std::array::from_fn(|_| Cell64::new(0));
        Self { version: Cell64::new(0), copies: [copy(), copy()] }
    }

    fn copy(&self, version: u64) -> &[Cell64; N] {
        &self.copies[(version & 1) as usize]
    }

    /// Owner only. Changes the counters in one step.
    #[inline(always)]
    pub(crate) fn update(&self, change: impl FnOnce(&mut [u64; N])) {
        let version = self.version.own();
        let (from, to) = (self.copy(version), self.copy(version + 1));
        let mut values = std::array::from_fn(|i| from[i].own());
        change(&mut values);
        // Pairs with the Acquire fence in `read`: a reader that sees one of these stores also sees the version before them, and
        // notices that the copy it was reading is outdated.
        fence(Ordering::Release);
        for (cell, value) in to.iter().zip(values) {
            cell.set(value);
        }
        self.version.set_last(version + 1); // pairs with the first load in `read`
    }

    /// Any thread. The version, and the values that belong to it.
    ///
    /// Retries only when the writer finished a whole update meanwhile.
    pub(crate) fn read(&self) -> (u64, [u64; N]) {
        loop {
            let version = self.version.get_first(); // pairs with the last store in `update`
            let from = self.copy(version);
            let values = std::array::from_fn(|i| from[i].get());
            fence(Ordering::Acquire); // pairs with the Release fence in `update`
            if self.version.get() == version {
                return (version, values);
            }
            spin_loop();
        }
    }

    /// Any thread. The version alone, ordered by a fence of the caller's.
    pub(crate) fn version(&self) -> u64 {
        self.version.get()
    }

    /// Owner only, while no reader trusts this lane (its epoch is changing).
    pub(crate) fn clear(&self) {
        self.copies.iter().flatten().for_each(|cell| cell.set(0));
        self.version.set_last(0);
    }
}
