//! CPU samples that cannot be attributed to a node. [`crate::cpu`] writes them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::{epoch::Epoch, gate};

/// Samples without a node, of the newest epoch that has any. Written only by the sampler.
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

    /// By the sampler. Discards the samples.
    pub(crate) fn forget(&self) {
        self.epoch.turn_to(gate::last(), || self.samples.store(0, Ordering::Relaxed));
    }

    /// Any thread. 0 if the samples are of another epoch.
    pub(crate) fn read(&self, epoch: u32) -> u64 {
        self.epoch.read(epoch, || self.samples.load(Ordering::Relaxed)).unwrap_or(0)
    }
}
