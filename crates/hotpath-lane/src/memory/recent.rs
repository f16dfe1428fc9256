//! The allocations of a row's last calls.
//!
//! Beside the ledger ([`crate::ledger`]), which has their times. A call that allocated memory writes its number, bytes and count to a slot
//! of a ring, before it enters the ledger. A call without a slot allocated nothing.

use std::cell::Cell;

use crate::{
    arena::Arena,
    primitive::{AtomicPtr, Cell64, Ordering},
};

/// Slots of a new ring; they double up to the number of remembered calls.
const FIRST: usize = 4;

#[derive(Debug)]
struct Slot {
    /// The number of the call plus one; 0 in a free slot.
    number: Cell64,
    bytes: Cell64,
    count: Cell64,
}

impl Slot {
    fn new() -> Self {
        Self { number: Cell64::new(0), bytes: Cell64::new(0), count: Cell64::new(0) }
    }

    fn copy(&self, from: &Self) {
        self.bytes.set(from.bytes.own());
        self.count.set(from.count.own());
        self.number.set(from.number.own());
    }
}

/// The slots: a power of two.
struct Slots(&'static [Slot]);

/// The ring of one row.
pub(super) struct RecentSizes {
    /// The owner's pointer to the slots.
    own: Cell<&'static [Slot]>,
    /// The readers' pointer.
    slots: AtomicPtr<Slots>,
}

impl RecentSizes {
    pub(super) fn new() -> Self {
        Self { own: Cell::new(&[]), slots: AtomicPtr::new(std::ptr::null_mut()) }
    }

    /// Owner only, before call `number` enters the ledger, which remembers `limit` calls (a power of two). Without memory for a slot, the call
    /// appears as one without allocations.
    #[inline(always)]
    pub(super) fn put(&self, number: u64, limit: u64, (bytes, count): (u64, u64), arena: &Arena) {
        let mut slots = self.own.get();
        if slots.len() as u64 <= number.min(limit - 1) {
            self.grow(number, limit, arena);
            slots = self.own.get();
        }
        let Some(slot) = slots.get(number as usize & slots.len().wrapping_sub(1)) else { return };
        // The Release fence of the last call's ledger entry comes before these stores too, and pairs with the Acquire fence in the
        // ledger's `get`: a reader that sees one of them sees how far the owner had come, and that the call that had the slot is no
        // longer remembered.
        slot.bytes.set(bytes);
        slot.count.set(count);
        slot.number.set(number + 1);
    }

    #[cold]
    #[inline(never)]
    fn grow(&self, number: u64, limit: u64, arena: &Arena) {
        let wanted = ((number + 1).min(limit) as usize).next_power_of_two().max(FIRST);
        let Some(larger) = arena.slice(wanted, Slot::new) else { return };
        for slot in self.own.get().iter().filter(|slot| slot.number.own() > 0) {
            larger[(slot.number.own() - 1) as usize & (wanted - 1)].copy(slot);
        }
        let Some(readers) = arena.put(Slots(larger)) else { return };
        self.own.set(larger);
        // Release pairs with the Acquire in `get`.
        self.slots.store(std::ptr::from_ref(readers).cast_mut(), Ordering::Release);
    }

    /// Any thread. Returns bytes and number of allocations of call `number`, which is published. Valid only if the ledger has the call
    /// afterwards.
    pub(super) fn get(&self, number: u64) -> (u64, u64) {
        // SAFETY: null or published complete by `grow`, never freed; pairs with its Release.
        let slots = unsafe { self.slots.load(Ordering::Acquire).as_ref() }.map_or(&[][..], |slots| slots.0);
        let slot = slots.get(number as usize & slots.len().wrapping_sub(1));
        let own = slot.filter(|slot| slot.number.get() == number + 1);
        own.map_or((0, 0), |slot| (slot.bytes.get(), slot.count.get()))
    }

    /// Owner only, while no reader trusts this lane.
    pub(super) fn clear(&self) {
        self.own.get().iter().for_each(|slot| slot.number.set(0));
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    const LIMIT: u64 = 16;

    #[test]
    fn only_the_last_calls_are_remembered() {
        let (sizes, arena) = (RecentSizes::new(), Arena::new());
        assert_eq!(sizes.get(0), (0, 0));
        for number in (0..100).filter(|number| number % 3 != 1) {
            sizes.put(number, LIMIT, (10 * number + 1, number + 1), &arena);
            for before in number.saturating_sub(LIMIT - 1)..=number {
                let wanted = if before % 3 == 1 { (0, 0) } else { (10 * before + 1, before + 1) };
                assert_eq!(sizes.get(before), wanted, "call {before} after {number}");
            }
        }
        assert_eq!(sizes.own.get().len() as u64, LIMIT);
        sizes.clear();
        assert_eq!(sizes.get(99), (0, 0));
    }

    #[test]
    fn a_late_first_call_finds_its_slot() {
        let (sizes, arena) = (RecentSizes::new(), Arena::new());
        sizes.put(1001, LIMIT, (7, 1), &arena);
        assert_eq!((sizes.get(1001), sizes.get(1000), sizes.get(1001 - LIMIT)), ((7, 1), (0, 0), (0, 0)));
    }

    #[test]
    fn few_calls_use_few_slots() {
        let (sizes, arena) = (RecentSizes::new(), Arena::new());
        sizes.put(2, LIMIT, (7, 1), &arena);
        assert_eq!(sizes.own.get().len(), FIRST);
    }
}

/// In every order that the memory model allows; run with `cargo xtask loom`.
#[cfg(all(test, loom))]
mod model {
    use super::*;
    use crate::ledger::Ledger;
    use loom::{model, sync::Arc, thread};

    struct Calls {
        ledger: &'static Ledger,
        sizes: RecentSizes,
        arena: Arena,
    }

    // SAFETY: the owner's pointers are used by one thread at a time.
    unsafe impl Sync for Calls {}
    // SAFETY: nothing in it is bound to a thread.
    unsafe impl Send for Calls {}

    impl Calls {
        fn enter(&self) {
            let number = self.ledger.calls();
            self.sizes.put(number, self.ledger.len(), (number + 1, 1), &self.arena);
            self.ledger.enter(number, 7, 5);
            self.ledger.publish_call(number);
        }
    }

    #[test]
    fn a_call_that_is_still_remembered_has_its_own_size() {
        model(|| {
            let ledger = Ledger::leaked(2); // four entries, forever
            let calls = Arc::new(Calls { ledger, sizes: RecentSizes::new(), arena: Arena::new() });
            (0..2).for_each(|_| calls.enter());
            let writer = thread::spawn({
                let calls = Arc::clone(&calls);
                move || (0..3).for_each(|_| calls.enter())
            });
            let newest = calls.ledger.published() - 1;
            let size = calls.sizes.get(newest);
            if calls.ledger.get(newest).is_some() {
                assert_eq!(size, (newest + 1, 1));
            }
            // The one that is written again first.
            let size = calls.sizes.get(0);
            if calls.ledger.get(0).is_some() {
                assert_eq!(size, (1, 1));
            }
            writer.join().expect("the writer ends");
        });
    }
}
