//! The ledger of a row: its running sums after each of the last calls.
//!
//! An entry holds the sums up to and including its call. So the newest complete entry is a consistent snapshot of the row's sums, and
//! the last entries are the recent calls. A writer that is stopped in the middle of an entry (on a busy machine it may not run
//! again for milliseconds) disturbs neither, because that entry is not published yet.
//!
//! The first entries are in the ledger itself. More of them only serve to remember more calls, so their number depends on the memory
//! that is left, and on how often the site is called.

use std::{alloc::Layout, cell::Cell, sync::atomic::compiler_fence};

use crate::{
    arena::{Arena, Room},
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

/// Entries of a new ledger, which are part of it; they double until there are as many as requested.
const FIRST: usize = 4;
/// Entries without a remembered call: the one before the first, and the one that is written next.
const SPARE: usize = 2;
/// The most a ledger can hold.
const MAX_ENTRIES: usize = 1024;
/// Calls after which a ledger gets as many entries as requested, even while memory is scarce.
const OFTEN: u64 = 256;

#[derive(Debug)]
#[repr(C)]
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

/// Stands in front of the entries that are not in the ledger itself.
#[repr(C, align(16))] // so that no entry straddles two cache lines
struct Header {
    /// The number of entries.
    len: usize,
    /// The first call that is remembered: those before it were overwritten when there were fewer entries.
    from: Cell64,
}

/// The ledger of one row.
#[repr(C)]
pub(crate) struct Ledger {
    /// Published calls: entries with smaller numbers are complete.
    calls: Cell64,
    /// The entries in use, a power of two: `here`, or behind a [`Header`].
    entries: AtomicPtr<Entry>,
    /// The last 32 bits of the number of the call before which there may be more entries.
    grow_at: Cell<u32>,
    /// The number of entries less one.
    mask: Cell<u16>,
    limit: u16,
    here: [Entry; FIRST],
}

// SAFETY: `mask` and `grow_at` are touched by the lane's owner alone.
unsafe impl Sync for Ledger {}
// SAFETY: nothing in it is bound to a thread.
unsafe impl Send for Ledger {}

impl Ledger {
    /// A ledger for at least the last `recent` calls (at most 1,022), in which [`Ledger::begin`] must come first.
    pub(crate) fn new(recent: usize) -> Self {
        Self {
            calls: Cell64::new(0),
            entries: AtomicPtr::new(std::ptr::null_mut()),
            grow_at: Cell::new(0),
            mask: Cell::new(0),
            limit: (recent + SPARE).clamp(FIRST, MAX_ENTRIES).next_power_of_two() as u16,
            here: std::array::from_fn(|_| Entry::new()),
        }
    }

    /// Once the ledger is at its final address, before anybody else has it.
    pub(crate) fn begin(&'static self) {
        self.publish((&raw const self.here).cast(), FIRST);
    }

    fn publish(&self, entries: *const Entry, len: usize) {
        // Release pairs with the Acquire in `entries`.
        self.entries.store(entries.cast_mut(), Ordering::Release);
        compiler_fence(Ordering::SeqCst); // for handlers on this thread: there are never fewer entries than the mask says
        self.mask.set((len - 1) as u16);
        self.set_grow_at(len);
    }

    fn set_grow_at(&self, entries: usize) {
        if entries < self.limit.into() {
            self.grow_at.set((entries - SPARE) as u32);
        } else {
            self.never_grow();
        }
    }

    /// Not before another 2^32 calls, and then in vain.
    fn never_grow(&self) {
        self.grow_at.set((self.calls() as u32).wrapping_sub(1));
    }

    /// The most calls that are ever remembered.
    pub(crate) fn limit(&self) -> u64 {
        self.limit.into()
    }

    /// Owner only. The number of entries now.
    pub(crate) fn len(&self) -> u64 {
        u64::from(self.mask.get()) + 1
    }

    /// Owner only. The number of calls so far.
    #[inline(always)]
    pub(crate) fn calls(&self) -> u64 {
        self.calls.own()
    }

    /// Owner only. Returns `true` if call `number`, the next one, needs [`Ledger::grow`] first.
    #[inline(always)]
    pub(crate) fn is_full(&self, number: u64) -> bool {
        number as u32 == self.grow_at.get()
    }

    /// Owner only. Writes the entry of call `number`, the next one. [`Ledger::publish_call`] makes it visible.
    #[inline(always)]
    pub(crate) fn enter(&self, number: u64, end: u64, ticks: u64) {
        let (first, mask) = (self.entries.load(Ordering::Relaxed), usize::from(self.mask.get())); // own stores
        // SAFETY: `first` points to mask + 1 entries that are never freed.
        let at = |number: u64| unsafe { &*first.add(number as usize & mask) };
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

    /// Owner only. The next call needs [`Ledger::grow`].
    pub(crate) fn grow_next(&self) {
        self.grow_at.set(self.calls() as u32);
    }

    /// Owner only. Makes more entries and keeps the calls, if there is memory for them. `is_wanted` if all that are allowed will be of use
    /// even for few calls.
    #[cold]
    pub(crate) fn grow(&self, is_wanted: bool, arena: &Arena) {
        let (now, calls) = (self.entries(), self.calls());
        self.never_grow();
        if now.len() >= self.limit.into() {
            return;
        }
        let wanted = match arena.room() {
            Room::Plenty => now.len() * 2,
            Room::Scarce if is_wanted || calls >= OFTEN => self.limit.into(),
            Room::Scarce => return self.grow_at.set(OFTEN as u32),
            Room::Nothing => return,
        };
        let oldest = calls.saturating_sub(now.len() as u64);
        // Of the oldest entry there is only the sum up to it.
        let from = if oldest == 0 { 0 } else { oldest + 1 };
        let Some(larger) = Self::allocate(wanted, from, arena) else { return };
        for number in oldest..calls {
            let at = number as usize;
            // SAFETY: below `wanted`, which is how many there are.
            unsafe { &*larger.add(at & (wanted - 1)) }.copy(&now[at & (now.len() - 1)]);
        }
        self.publish(larger, wanted);
    }

    /// Returns the first of `len` new entries behind a header. `None` without memory.
    fn allocate(len: usize, from: u64, arena: &Arena) -> Option<*const Entry> {
        let (layout, offset) = Layout::new::<Header>().extend(Layout::array::<Entry>(len).ok()?).ok()?;
        let header = arena.take(layout)?.cast::<Header>();
        // SAFETY: memory of the layout that nobody else has.
        unsafe { header.write(Header { len, from: Cell64::new(from) }) };
        // SAFETY: inside of it.
        let first = unsafe { header.byte_add(offset) }.cast::<Entry>();
        for at in 0..len {
            // SAFETY: the layout has room for so many.
            unsafe { first.add(at).write(Entry::new()) };
        }
        Some(first.as_ptr())
    }

    fn entries(&self) -> &[Entry] {
        self.entries_and_header().0
    }

    fn entries_and_header(&self) -> (&[Entry], Option<&Header>) {
        let first = self.entries.load(Ordering::Acquire).cast_const(); // pairs with the Release in `publish`
        if std::ptr::eq(first, &raw const self.here[0]) {
            return (&self.here, None);
        }
        // SAFETY: other entries come from `allocate`, which puts a header in front of them; published complete, never freed.
        let header = unsafe { &*first.cast::<Header>().sub(1) };
        // SAFETY: as above.
        (unsafe { std::slice::from_raw_parts(first, header.len) }, Some(header))
    }

    /// Any thread. The number of published calls.
    pub(crate) fn published(&self) -> u64 {
        self.calls.get_first() // pairs with `publish_call`
    }

    /// Any thread. The sums after one of the last calls.
    pub(crate) fn read(&self) -> Sums {
        loop {
            let calls = self.published();
            let entries = self.entries();
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
        let (entries, header) = self.entries_and_header();
        if header.is_some_and(|header| number < header.from.get()) {
            return None;
        }
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
        let (entries, header) = self.entries_and_header();
        entries.iter().for_each(|entry| entry.copy(&Entry::new()));
        header.iter().for_each(|header| header.from.set(0));
        self.calls.set_last(0); // pairs with `published`
        self.set_grow_at(entries.len());
    }
}

#[cfg(all(test, loom))]
impl Ledger {
    /// A ledger that lives for ever.
    pub(crate) fn leaked(recent: usize) -> &'static Self {
        let ledger: &'static Self = Box::leak(Box::new(Self::new(recent)));
        ledger.begin();
        ledger
    }
}
