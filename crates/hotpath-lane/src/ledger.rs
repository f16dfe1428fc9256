//! The ledger of a row: its running sums after each of the last calls.
//!
//! An entry holds the sums up to and including its call. So the newest complete entry is a consistent snapshot of the row's sums, and
//! the last entries are the recent calls. A writer that is stopped in the middle of an entry (on a busy machine it may not run
//! again for milliseconds) disturbs neither, because that entry is not published yet.

use std::cell::Cell;

use crate::{
    arena::Arena,
    primitive::{AtomicPtr, Cell64, Ordering, fence},
};

/// One finished call, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Recent {
    /// The number of the call in its row, counted from 0.
    pub(crate) number: u64,
    pub(crate) end: u64,
    pub(crate) ticks: u64,
}

/// Sums over the calls of a row, in ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub(crate) calls: u64,
    pub(crate) ticks: u64,
}

/// Entries of a new ledger; they double until there are as many as requested.
const FIRST: usize = 4;
/// Entries without a remembered call: the one before the first, and the one that is written next.
const SPARE: usize = 2;
/// The most a ledger can hold.
const MAX_ENTRIES: usize = 1024;

#[derive(Debug)]
#[repr(C, align(16))]
pub(crate) struct Entry {
    end: Cell64,
    ticks: Cell64,
}

impl Entry {
    fn new() -> Self {
        Self { end: Cell64::new(0), ticks: Cell64::new(0) }
    }

    fn copy(&self, from: &Self) {
        self.end.set(from.end.own());
        self.ticks.set(from.ticks.own());
    }
}

/// The entries in use at one time: a power of two.
struct Entries(&'static [Entry]);

/// The ledger of one row.
#[repr(C)]
pub(crate) struct Ledger {
    /// Published calls: entries with smaller numbers are complete.
    calls: Cell64,
    /// The owner's pointer to the entries, and their number less one.
    first: Cell<*const Entry>,
    mask: Cell<usize>,
    /// The number of the call before which the entries double.
    grow_at: Cell<u64>,
    limit: usize,
    /// The readers' pointer to the entries.
    entries: AtomicPtr<Entries>,
}

// SAFETY: `first`, `mask` and `grow_at` are touched by the lane's owner alone; readers use `entries`.
unsafe impl Sync for Ledger {}
// SAFETY: nothing in it is bound to a thread.
unsafe impl Send for Ledger {}

impl Ledger {
    /// Remembers at least the last `recent` calls (at most 1,022).
    pub(crate) fn new(recent: usize, arena: &Arena) -> Option<Self> {
        let ledger = Self {
            calls: Cell64::new(0),
            first: Cell::new(std::ptr::null()),
            mask: Cell::new(0),
            grow_at: Cell::new(0),
            limit: (recent + SPARE).clamp(FIRST, MAX_ENTRIES).next_power_of_two(),
            entries: AtomicPtr::new(std::ptr::null_mut()),
        };
        ledger.publish(arena.slice(FIRST, Entry::new)?, arena)?;
        Some(ledger)
    }

    fn publish(&self, entries: &'static [Entry], arena: &Arena) -> Option<()> {
        let readers = arena.put(Entries(entries))?;
        self.first.set(entries.as_ptr());
        self.mask.set(entries.len() - 1);
        self.set_grow_at(entries.len());
        // Release pairs with the Acquire in `entries`.
        self.entries.store(std::ptr::from_ref(readers).cast_mut(), Ordering::Release);
        Some(())
    }

    fn set_grow_at(&self, entries: usize) {
        self.grow_at.set(if entries < self.limit { (entries - SPARE) as u64 } else { u64::MAX });
    }

    /// The final number of remembered calls.
    pub(crate) fn limit(&self) -> u64 {
        self.limit as u64
    }

    /// Owner only. The number of calls so far.
    #[inline(always)]
    pub(crate) fn calls(&self) -> u64 {
        self.calls.own()
    }

    /// Owner only. Returns `true` if call `number`, the next one, needs [`Ledger::grow`] first.
    #[inline(always)]
    pub(crate) fn is_full(&self, number: u64) -> bool {
        number == self.grow_at.get()
    }

    /// Owner only. Writes the entry of call `number`, the next one. [`Ledger::publish_call`] makes it visible.
    #[inline(always)]
    pub(crate) fn enter(&self, number: u64, end: u64, ticks: u64) {
        let at = |number: u64| {
            // SAFETY: `first` points to mask + 1 entries that are never freed.
            unsafe { &*self.first.get().add(number as usize & self.mask.get()) }
        };
        let ticks = at(number.wrapping_sub(1)).ticks.own().wrapping_add(ticks);
        // Pairs with the Acquire fence in `read`: a reader that sees one of these stores also sees how far the owner had come.
        fence(Ordering::Release);
        let entry = at(number);
        entry.end.set(end);
        entry.ticks.set(ticks);
    }

    /// Owner only. Publishes the entry of call `number`.
    #[inline(always)]
    pub(crate) fn publish_call(&self, number: u64) {
        self.calls.set_last(number + 1); // pairs with `published`
    }

    /// Owner only. Doubles the entries and keeps the calls. Does nothing without memory.
    #[cold]
    pub(crate) fn grow(&self, arena: &Arena) {
        let Some(now) = self.entries() else { return };
        self.grow_at.set(u64::MAX); // without memory now, do not try again
        let Some(larger) = arena.slice(now.len() * 2, Entry::new) else { return };
        let calls = self.calls();
        for number in calls.saturating_sub(now.len() as u64)..calls {
            let at = number as usize;
            larger[at & (larger.len() - 1)].copy(&now[at & (now.len() - 1)]);
        }
        let _kept_as_it_is = self.publish(larger, arena);
    }

    fn entries(&self) -> Option<&'static [Entry]> {
        // SAFETY: null or published complete by `publish`, never freed; pairs with its Release.
        Some(unsafe { self.entries.load(Ordering::Acquire).as_ref() }?.0)
    }

    /// Any thread. The number of published calls.
    pub(crate) fn published(&self) -> u64 {
        self.calls.get_first() // pairs with `publish_call`
    }

    /// Any thread. The sums after one of the last calls.
    pub(crate) fn read(&self) -> Sums {
        loop {
            let calls = self.published();
            let Some(entries) = self.entries() else { return Sums::default() };
            if calls == 0 {
                return Sums::default();
            }
            let entry = &entries[(calls - 1) as usize & (entries.len() - 1)];
            let sums = Sums { calls, ticks: entry.ticks.get() };
            fence(Ordering::Acquire); // pairs with the Release fence in `enter`
            // The entry is overwritten by the call `entries.len()` further on.
            if self.published() < calls - 1 + entries.len() as u64 {
                return sums;
            }
            crate::primitive::spin_loop();
        }
    }

    /// Any thread. Returns call `number`, if it and the call before are still remembered. For a call that is not published yet, the
    /// result is meaningful only if the caller knows that its entry was written.
    pub(crate) fn get(&self, number: u64) -> Option<Recent> {
        let entries = self.entries()?;
        let at = |number: u64| &entries[number as usize & (entries.len() - 1)];
        let (entry, before) = (at(number), at(number.wrapping_sub(1)));
        let ticks = entry.ticks.get().wrapping_sub(before.ticks.get());
        let recent = Recent { number, end: entry.end.get(), ticks };
        fence(Ordering::Acquire); // pairs with the Release fence in `enter`
        // The entry before is the first to be overwritten, by the call `entries.len() - 1` further on.
        (self.published() < number + entries.len() as u64 - 1).then_some(recent)
    }

    /// Owner only, while no reader trusts this lane.
    pub(crate) fn clear(&self) {
        for entry in self.entries().unwrap_or_default() {
            entry.copy(&Entry::new());
        }
        self.calls.set_last(0); // pairs with `published`
        self.set_grow_at(self.mask.get() + 1);
    }
}
