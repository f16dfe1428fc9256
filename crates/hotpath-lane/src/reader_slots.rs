//! Who shares something that many may hold at once: a lock that is held for reading.
//!
//! A lock knows how many hold it, not who. So each holder registers in a slot of its thread's lane, where it writes no cache line
//! that another thread writes, and somebody who has to wait, and so has time, looks through all lanes.
//!
//! A slot belongs to whoever took it until it is given back, on whatever thread: the lane's owner takes free ones only.

use crate::{
    primitive::{AtomicU32, AtomicU64, Ordering},
    thread,
};

/// Slots of one thread. One that holds more at once (tasks may, by the hundred) does without for those.
const SLOTS: usize = 8;

/// The slots of one lane.
pub(crate) struct Slots([Slot; SLOTS]);

#[derive(Debug)]
struct Slot {
    /// What is shared; 0: free.
    shared: AtomicU64,
    since: AtomicU64,
    position: AtomicU32,
}

/// A slot that is taken, until this is dropped.
#[derive(Debug)]
#[must_use = "the slot is given back when this is dropped"]
pub struct ReaderSlot(&'static Slot);

/// Who shares something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldestReader {
    /// The one that has been there longest is in this site (see [`crate::event::position`]).
    Oldest(u32),
    /// None is known, but some may have found no slot.
    Unknown,
    /// There is none.
    Nobody,
}

impl Slots {
    pub(crate) fn new() -> Self {
        Self(std::array::from_fn(|_| Slot {
            shared: AtomicU64::new(0),
            since: AtomicU64::new(0),
            position: AtomicU32::new(0),
        }))
    }

    /// Owner only.
    fn take(&'static self, shared: u64, since: u64, position: u32) -> Option<ReaderSlot> {
        // Acquire pairs with the Release of whoever gave it back: whatever was written there before is over.
        let slot = self.0.iter().find(|slot| slot.shared.load(Ordering::Acquire) == 0)?;
        slot.since.store(since, Ordering::Relaxed);
        slot.position.store(position, Ordering::Relaxed);
        slot.shared.store(shared, Ordering::Release); // pairs with the Acquire in `oldest`
        Some(ReaderSlot(slot))
    }
}

impl Drop for ReaderSlot {
    #[inline]
    fn drop(&mut self) {
        self.0.shared.store(0, Ordering::Release); // pairs with the Acquire in `take`
    }
}

/// The calling thread, which is at `position`, shares what is at the address `shared` since `since` (in ticks; 0 if that is not
/// known). `None` if the thread has no free slot.
#[inline]
pub fn register(shared: usize, since: u64, position: u32) -> Option<ReaderSlot> {
    // SAFETY: null or this thread's own lane, leaked.
    let lane: &'static _ = unsafe { thread::fast_lane().as_ref() }.or_else(thread::known_lane)?;
    // 0 less one is the largest: who began at an unknown time is taken for the youngest.
    lane.reader_slots.take(shared as u64, since.wrapping_sub(1), position)
}

/// Who shares what is at the address `shared` now. Looks through the lanes of all threads: for those that have to wait anyway.
///
/// Whoever comes or goes meanwhile may be missed, or named though it has just left.
#[must_use]
pub fn oldest(shared: usize) -> OldestReader {
    let (mut oldest, mut is_crowded) = (None, false);
    for lane in thread::LANES.iter().map(|entry| &entry.value) {
        let mut taken = 0;
        for slot in &lane.reader_slots.0 {
            let here = slot.shared.load(Ordering::Acquire); // pairs with the Release in `take`
            taken += usize::from(here != 0);
            if here == shared as u64 {
                let found = (slot.since.load(Ordering::Relaxed), slot.position.load(Ordering::Relaxed));
                oldest = Some(oldest.map_or(found, |oldest| found.min(oldest)));
            }
        }
        is_crowded |= taken == SLOTS;
    }
    match oldest {
        Some((_, position)) => OldestReader::Oldest(position),
        None if is_crowded => OldestReader::Unknown,
        None => OldestReader::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_bounded_and_taken_again() {
        let slots: &'static Slots = Box::leak(Box::new(Slots::new()));
        let mut taken: Vec<ReaderSlot> = (0..SLOTS).filter_map(|n| slots.take(7, n as u64, 1)).collect();
        assert_eq!(taken.len(), SLOTS);
        assert!(slots.take(7, 0, 1).is_none());
        // Given back on another thread, as by a task that went on there.
        let one = taken.pop();
        std::thread::spawn(move || drop(one)).join().expect("it ends");
        assert!(slots.take(8, 0, 2).is_some());
    }

    #[test]
    fn the_oldest_sharer_is_told() {
        static SITE: crate::Site = crate::Site::new("reader_slots::tests", file!(), line!(), column!(), 0);
        let shared = &raw const SITE as usize;
        // Whoever holds something has a lane.
        let register = move |since, position| {
            let (held, _) = crate::hold_timer::begin(&SITE);
            crate::hold_timer::end(&SITE, held);
            register(shared, since, position)
        };
        assert_eq!(oldest(shared), OldestReader::Nobody);
        let young = register(20, 3).expect("there is a slot");
        let old = std::thread::spawn(move || register(10, 4)).join().expect("it ends");
        let unknown = register(0, 5).expect("there is a slot");
        assert_eq!(oldest(shared), OldestReader::Oldest(4));
        drop(old.expect("there is a slot"));
        assert_eq!(oldest(shared), OldestReader::Oldest(3));
        drop(young);
        assert_eq!(oldest(shared), OldestReader::Oldest(5));
        drop(unknown);
        let others: Vec<ReaderSlot> = std::iter::from_fn(|| super::register(1, 0, 0)).collect();
        assert_eq!((oldest(shared), others.len()), (OldestReader::Unknown, SLOTS));
        drop(others);
        assert_eq!(oldest(shared), OldestReader::Nobody);
    }
}
