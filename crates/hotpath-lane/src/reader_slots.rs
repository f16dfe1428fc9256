//! The readers of shared locks that a thread holds: one slot per lock, in the thread's lane.
//!
//! A slot belongs to its reader until it is given back, on any thread. The lane's owner takes only free slots.

use crate::primitive::{AtomicU64, Ordering};

/// Slots per thread. A thread that holds more locks for reading (with hundreds of tasks, say) does without slots for the rest.
pub(crate) const SLOTS: usize = 8;

/// The slots of one lane.
pub(crate) struct Slots([Slot; SLOTS]);

#[derive(Debug)]
struct Slot {
    /// The [`key`] of the lock, and in the lower half the position of its reader; [`FREE`] if there is none.
    taken: AtomicU64,
    since: AtomicU64,
}

const FREE: u64 = 0;

/// The bits of a position: a site's id has no more.
const POSITION: u32 = 16;
const POSITIONS: u32 = (1 << POSITION) - 1;

/// Places a lock's address above the bits of a position. Locks are aligned to 8 bytes, and addresses of user programs have fewer than
/// 51 bits; where two had the same key, a waiter might name a reader of the other one.
fn key(lock: usize) -> u64 {
    (lock as u64 >> 3) << POSITION
}

/// A taken slot, given back when dropped.
#[derive(Debug)]
#[must_use = "the slot is given back when this is dropped"]
pub struct ReaderSlot(&'static Slot);

/// The readers that one lane's slots know.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SlotsReading {
    /// Beginning (see [`Slots::take`]) and position of the lock's oldest reader.
    pub(crate) oldest: Option<(u64, u32)>,
    /// Set if all slots are taken, so that further readers are not known.
    pub(crate) is_full: bool,
}

impl Slots {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| Slot { taken: AtomicU64::new(FREE), since: AtomicU64::new(0) }))
    }

    /// Owner only. Takes a slot for a reader of `lock`, if one is free.
    #[inline(always)]
    pub(crate) fn take(&'static self, lock: usize, since: u64, position: u32) -> Option<ReaderSlot> {
        // Acquire pairs with the Release in `drop`: everything that the last reader wrote there is over.
        let slot = match &self.0[0] {
            first if first.taken.load(Ordering::Acquire) == FREE => first,
            _ => self.further()?,
        };
        slot.since.store(since, Ordering::Relaxed);
        slot.taken.store(key(lock) | u64::from(position & POSITIONS), Ordering::Release); // pairs with the Acquire in `read`
        Some(ReaderSlot(slot))
    }

    /// Owner only. Returns a free slot behind the first one.
    #[inline(never)]
    fn further(&'static self) -> Option<&'static Slot> {
        // As in `take`.
        self.0[1..].iter().find(|slot| slot.taken.load(Ordering::Acquire) == FREE)
    }

    /// Any thread. A reader that comes or goes meanwhile may be missed, or found although it has just left.
    pub(crate) fn read(&self, lock: usize) -> SlotsReading {
        let mut reading = SlotsReading { oldest: None, is_full: true };
        for slot in &self.0 {
            let taken = slot.taken.load(Ordering::Acquire); // pairs with the Release in `take`
            reading.is_full &= taken != FREE;
            if taken != FREE && taken >> POSITION == key(lock) >> POSITION {
                let found = (slot.since.load(Ordering::Relaxed), taken as u32 & POSITIONS);
                reading.oldest = Some(reading.oldest.map_or(found, |oldest| oldest.min(found)));
            }
        }
        reading
    }
}

impl Drop for ReaderSlot {
    #[inline]
    fn drop(&mut self) {
        self.0.taken.store(FREE, Ordering::Release); // pairs with the Acquire in `take`
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn slots_are_bounded_and_reused() {
        let slots: &'static Slots = Box::leak(Box::new(Slots::new()));
        let mut taken: Vec<ReaderSlot> = (0..SLOTS).filter_map(|n| slots.take(56, n as u64, 1)).collect();
        assert_eq!(taken.len(), SLOTS);
        assert!(slots.take(56, 0, 1).is_none());
        // Given back on another thread, as by a task that moved there.
        let one = taken.pop();
        std::thread::spawn(move || drop(one)).join().expect("it ends");
        assert!(slots.take(64, 0, 2).is_some());
    }
}
