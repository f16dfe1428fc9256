//! The oldest reader of a shared lock.
//!
//! A lock knows the number of its readers, not their places in the program. So each reader registers in a slot of its thread's
//! lane, on a cache line that no other thread writes. A thread that has to wait anyway searches the slots of all lanes.

use crate::{lane::Lane, thread};

pub use crate::reader_slots::ReaderSlot;

/// The reader that has held a lock for the longest time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OldestReader {
    /// It holds the lock in the site with this id (see [`crate::event::position`]).
    Oldest(u32),
    /// There may be one: some thread had no free slot.
    Unknown,
    /// The lock has no reader.
    NoReader,
}

/// Registers the calling thread as a reader of the lock at the address `lock`, at `position` since `since` (in ticks; 0 if
/// unknown). Returns `None` if the thread has no free slot.
#[inline]
pub fn register(lock: usize, since: u64, position: u32) -> Option<ReaderSlot> {
    // SAFETY: null or this thread's own lane, leaked.
    let lane = unsafe { thread::fast_lane().as_ref() }.or_else(thread::known_lane)?;
    register_on(lane, lock, since, position)
}

/// Owner only.
#[inline(always)]
pub(crate) fn register_on(lane: &'static Lane, lock: usize, since: u64, position: u32) -> Option<ReaderSlot> {
    // 0 less one is the largest number: a reader since an unknown time passes for the youngest.
    lane.reader_slots.take(lock, since.wrapping_sub(1), position)
}

/// Returns the oldest reader of the lock at the address `lock`. Searches the lanes of all threads.
///
/// A reader that comes or goes meanwhile may be missed, or found although it has just left.
#[must_use]
pub fn oldest(lock: usize) -> OldestReader {
    let readings = thread::LANES.iter().map(|entry| entry.value.reader_slots.read(lock));
    let (mut oldest, mut is_any_full) = (None, false);
    for reading in readings {
        oldest = oldest.into_iter().chain(reading.oldest).min();
        is_any_full |= reading.is_full;
    }
    match oldest {
        Some((_, position)) => OldestReader::Oldest(position),
        None if is_any_full => OldestReader::Unknown,
        None => OldestReader::NoReader,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader_slots::SLOTS;

    #[test]
    fn the_oldest_reader_is_found() {
        static SITE: crate::Site = crate::Site::new("readers::tests", file!(), line!(), column!(), 0);
        let lock = &raw const SITE as usize;
        // A thread that holds a lock has a lane.
        let register = move |since, position| {
            let (held, _) = crate::hold_timer::begin(&SITE);
            crate::hold_timer::end(&SITE, held);
            register(lock, since, position)
        };
        assert_eq!(oldest(lock), OldestReader::NoReader);
        let young = register(20, 3).expect("there is a slot");
        let old = std::thread::spawn(move || register(10, 4)).join().expect("it ends");
        let unknown = register(0, 5).expect("there is a slot");
        assert_eq!(oldest(lock), OldestReader::Oldest(4));
        drop(old.expect("there is a slot"));
        assert_eq!(oldest(lock), OldestReader::Oldest(3));
        drop(young);
        assert_eq!(oldest(lock), OldestReader::Oldest(5));
        drop(unknown);
        let others: Vec<ReaderSlot> = std::iter::from_fn(|| super::register(8, 0, 0)).collect();
        assert_eq!((oldest(lock), others.len()), (OldestReader::Unknown, SLOTS));
        drop(others);
        assert_eq!(oldest(lock), OldestReader::NoReader);
    }
}
