//! The values of the last calls of a site measured with `log = true`, as text.
//!
//! A slot is owned by whoever swaps the pointer out of it: the writer putting a newer text in, or a reader that copies
//! the text and puts it back unless something newer arrived meanwhile. So nobody waits and nothing is freed twice.

use crate::primitive::{AtomicPtr, Ordering};

/// The text of one call.
#[derive(Debug)]
pub(crate) struct Entry {
    number: u64,
    text: Box<str>,
}

/// One slot per remembered call.
pub(crate) struct Logs {
    slots: Box<[AtomicPtr<Entry>]>,
}

impl Logs {
    /// Keeps the texts of the last `slots` calls (a power of two).
    pub(crate) fn new(slots: u64) -> Self {
        Self { slots: (0..slots).map(|_| AtomicPtr::new(std::ptr::null_mut())).collect() }
    }

    fn slot(&self, number: u64) -> &AtomicPtr<Entry> {
        &self.slots[(number % self.slots.len() as u64) as usize]
    }

    /// Owner only. Remembers the text of call `number`.
    pub(crate) fn put(&self, number: u64, text: Box<str>) {
        let fresh = Box::into_raw(Box::new(Entry { number, text }));
        // AcqRel: publishes the entry to `get`, and takes over what a reader put back there.
        discard(self.slot(number).swap(fresh, Ordering::AcqRel));
    }

    /// The text of call `number`, if it is still there. One reader at a time (the readers' lock).
    pub(crate) fn get(&self, number: u64) -> Option<Box<str>> {
        let slot = self.slot(number);
        let taken = slot.swap(std::ptr::null_mut(), Ordering::AcqRel); // pairs with `put`
        // SAFETY: the swap made this thread the owner of the entry, if there was one.
        let text =
            unsafe { taken.as_ref() }.filter(|entry| entry.number == number).map(|entry| entry.text.clone());
        if !taken.is_null()
            && slot
                .compare_exchange(std::ptr::null_mut(), taken, Ordering::AcqRel, Ordering::Relaxed)
                .is_err()
        {
            discard(taken); // the writer put a newer one in: this one is history
        }
        text
    }
}

fn discard(entry: *mut Entry) {
    if !entry.is_null() {
        // SAFETY: entries come from Box::into_raw in `put`, and the caller got this one out of the slot by a swap, so it
        // has exactly this one owner.
        drop(unsafe { Box::from_raw(entry) });
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        for slot in &self.slots {
            discard(slot.swap(std::ptr::null_mut(), Ordering::AcqRel));
        }
    }
}
