//! What a call took so far that is left and come back to: the sum over its parts.

use super::{marks::AllocDelta, sums::Sums};
use std::sync::atomic::{AtomicU64, Ordering};

/// The parts of one call, added up.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CallMemory(AllocDelta);

impl CallMemory {
    pub(crate) const fn new() -> Self {
        let sums = Sums { bytes: 0, count: 0, freed: 0, frees: 0 };
        Self(AllocDelta { sums, own_bytes: 0, own_count: 0, peak: 0, peak_count: 0 })
    }

    /// One more part. Its peak stands on what the parts before left alive.
    pub(crate) fn add(&mut self, part: Option<AllocDelta>) {
        let Some(part) = part else { return };
        let before = self.0;
        let peak = |part: u64, live: i64| live.saturating_add_unsigned(part).max(0) as u64;
        self.0 = AllocDelta {
            sums: before.sums + part.sums,
            own_bytes: before.own_bytes + part.own_bytes,
            own_count: before.own_count + part.own_count,
            peak: before.peak.max(peak(part.peak, before.sums.live())),
            peak_count: before.peak_count.max(peak(part.peak_count, before.sums.live_count())),
        };
    }

    /// What the call took, if it took anything.
    pub(crate) fn spent(&self) -> Option<AllocDelta> {
        (self.0.sums != Sums::default()).then_some(self.0)
    }
}

const WORDS: usize = 8;

/// A [`CallMemory`] in atomics, used by one thread at a time.
#[derive(Debug)]
pub(crate) struct SharedCallMemory([AtomicU64; WORDS]);

impl SharedCallMemory {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }

    pub(crate) fn put(&self, CallMemory(spent): CallMemory) {
        let AllocDelta { sums: Sums { bytes, count, freed, frees }, own_bytes, own_count, peak, peak_count } =
            spent;
        let words = [bytes, count, freed, frees, own_bytes, own_count, peak, peak_count];
        self.0.iter().zip(words).for_each(|(cell, word)| cell.store(word, Ordering::Relaxed));
    }

    pub(crate) fn get(&self) -> CallMemory {
        let [bytes, count, freed, frees, own_bytes, own_count, peak, peak_count] =
            std::array::from_fn(|at| self.0[at].load(Ordering::Relaxed));
        let sums = Sums { bytes, count, freed, frees };
        CallMemory(AllocDelta { sums, own_bytes, own_count, peak, peak_count })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn part(bytes: u64, freed: u64, peak: u64) -> Option<AllocDelta> {
        let sums = Sums { bytes, count: 1, freed, frees: 1 };
        Some(AllocDelta { sums, own_bytes: bytes, own_count: 1, peak, peak_count: 1 })
    }

    #[test]
    fn a_peak_stands_on_what_was_left_alive() {
        let mut call = CallMemory::new();
        assert_eq!(call.spent(), None);
        call.add(part(100, 40, 100));
        call.add(None);
        call.add(part(50, 0, 50));
        assert_eq!(call.spent().expect("it allocated").peak, 110);
        call.add(part(0, 500, 0));
        call.add(part(200, 0, 200));
        let spent = call.spent().expect("it allocated");
        assert_eq!((spent.peak, spent.sums.bytes, spent.sums.freed), (110, 350, 540));
    }

    #[test]
    fn the_shared_form_keeps_every_word() {
        let sums = Sums { bytes: 1, count: 2, freed: 3, frees: 4 };
        let spent = AllocDelta { sums, own_bytes: 5, own_count: 6, peak: 7, peak_count: 8 };
        let shared = SharedCallMemory::new();
        shared.put(CallMemory(spent));
        assert_eq!(shared.get().spent(), Some(spent));
    }
}
