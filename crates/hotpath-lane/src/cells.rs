//! A few counters that are always read as one: the writer fills the spare of two copies, then turns the version.
//!
//! A writer that is interrupted in the middle of an update (on a busy machine it may not run again for milliseconds)
//! leaves the last complete copy readable; a seqlock would make the reader wait for it.

use crate::primitive::{AtomicU64, Ordering, fence, spin_loop};

/// `N` counters under one version. The version is the number of updates since the last [`Cells::clear`].
#[derive(Debug)]
pub(crate) struct Cells<const N: usize> {
    version: AtomicU64,
    copies: [[AtomicU64; N]; 2],
}

impl<const N: usize> Cells<N> {
    pub(crate) fn new() -> Self {
        Self {
            version: AtomicU64::new(0),
            copies: std::array::from_fn(|_| std::array::from_fn(|_| AtomicU64::new(0))),
        }
    }

    /// Number of updates; what [`Cells::read`] returns beside the values.
    #[inline(always)]
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire) // pairs with the Release in `publish`
    }

    /// Owner only. Changes the counters as one step.
    #[inline(always)]
    pub(crate) fn update(&self, change: impl FnOnce(&mut [u64; N])) {
        let version = self.version.load(Ordering::Relaxed);
        let mut values = self.load(version);
        change(&mut values);
        self.store(version + 1, values);
        self.publish(version + 1);
    }

    /// Owner only. The values as they stand.
    #[inline(always)]
    pub(crate) fn load(&self, version: u64) -> [u64; N] {
        let from = &self.copies[(version & 1) as usize];
        std::array::from_fn(|i| from[i].load(Ordering::Relaxed))
    }

    /// Owner only. Fills the copy that `version` will publish.
    #[inline(always)]
    pub(crate) fn store(&self, version: u64, values: [u64; N]) {
        // Pairs with the Acquire fence in `read`: whoever sees one of these stores also sees the version before them,
        // and so notices that the copy it was reading has been given up.
        fence(Ordering::Release);
        let to = &self.copies[(version & 1) as usize];
        for (cell, value) in to.iter().zip(values) {
            cell.store(value, Ordering::Relaxed);
        }
    }

    /// Owner only. Makes the copy filled by [`Cells::store`] the one that is read.
    #[inline(always)]
    pub(crate) fn publish(&self, version: u64) {
        self.version.store(version, Ordering::Release); // pairs with the Acquire in `read` and `version`
    }

    /// Any thread. The version and the values that belong to it.
    ///
    /// Tries again only when the writer finished a whole update meanwhile.
    pub(crate) fn read(&self) -> (u64, [u64; N]) {
        loop {
            let version = self.version();
            let values = self.load(version);
            fence(Ordering::Acquire); // pairs with the Release fence in `store`
            if self.version.load(Ordering::Relaxed) == version {
                return (version, values);
            }
            spin_loop();
        }
    }

    /// Owner only, while no reader trusts this lane (its epoch is being changed).
    pub(crate) fn clear(&self) {
        for copy in &self.copies {
            for cell in copy {
                cell.store(0, Ordering::Relaxed);
            }
        }
        self.version.store(0, Ordering::Release); // pairs with the Acquire in `version`
    }
}
