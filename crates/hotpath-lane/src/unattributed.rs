//! CPU samples that no node can have. See [`crate::cpu`] for who writes them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{epoch::Epoch, gate};

/// Samples that belong to no node, of the newest epoch in which there were any. Written by whoever samples, and by nobody else.
#[derive(Debug)]
pub(crate) struct UnattributedSamples {
    epoch: Epoch,
    samples: AtomicU64,
}

impl UnattributedSamples {
    pub(crate) fn new() -> Self {
        Self { epoch: Epoch::new(), samples: AtomicU64::new(0) }
    }

    /// Async-signal-safe.
    pub(crate) fn add(&self, epoch: u32, weight: u64) {
        if self.epoch.get() != epoch {
            self.epoch.turn_to(epoch, || self.samples.store(0, Ordering::Relaxed));
        }
        self.samples.fetch_add(weight, Ordering::Relaxed); // stands alone
    }

    pub(crate) fn forget(&self) {
        self.epoch.turn_to(gate::last(), || self.samples.store(0, Ordering::Relaxed));
    }

    /// Any thread. 0 if the samples are of another epoch.
    pub(crate) fn read(&self, epoch: u32) -> u64 {
        self.epoch.read(epoch, || self.samples.load(Ordering::Relaxed)).unwrap_or(0)
    }
}
