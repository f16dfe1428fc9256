//! The values of the last calls of a site with `log = true`, as text.
//!
//! A slot's entry belongs to whoever swaps the pointer out: the writer that stores a newer text, or a reader that copies the text and
//! puts it back unless a newer one has arrived. So nobody waits, and nothing is freed twice.

use std::cell::Cell;

use crate::primitive::{AtomicPtr, Ordering};

/// The text of one call.
#[derive(Debug, Default)]
pub(crate) struct Entry {
    number: u64,
    text: String,
}

/// One slot per remembered call.
pub(crate) struct Logs {
    slots: Box<[AtomicPtr<Entry>]>,
    /// The entry that was overwritten last, which is written next: in the long run nothing is allocated. Owner only.
    spare: Cell<Option<Box<Entry>>>,
}

thread_local! {
    /// Set while a value is written as text: by code of the program, which may come here again.
    static IS_WRITING: Cell<bool> = const { Cell::new(false) };
}

/// Clears [`IS_WRITING`] when dropped, even by a panic.
struct Writing;

impl Drop for Writing {
    fn drop(&mut self) {
        IS_WRITING.set(false);
    }
}

// SAFETY: `spare` is touched by the lane's owner alone.
unsafe impl Sync for Logs {}

impl Logs {
    /// Keeps the texts of the last `slots` calls (a power of two).
    pub(crate) fn new(slots: u64) -> Self {
        let slots = (0..slots).map(|_| AtomicPtr::new(std::ptr::null_mut())).collect();
        Self { slots, spare: Cell::new(None) }
    }

    fn slot(&self, number: u64) -> &AtomicPtr<Entry> {
        &self.slots[(number % self.slots.len() as u64) as usize]
    }

    /// Owner only. Keeps the text that `write` writes as that of call `number`. A nested call does nothing: a value whose text needs the
    /// text of another one, and so on, would never end.
    pub(crate) fn put(&self, number: u64, write: impl FnOnce(&mut String)) {
        if IS_WRITING.replace(true) {
            return;
        }
        let _writing = Writing;
        let mut entry = self.spare.take().unwrap_or_default();
        entry.number = number;
        entry.text.clear();
        write(&mut entry.text);
        // AcqRel: publishes the entry to `get`, and takes over the entry that a reader put back.
        let old = self.slot(number).swap(Box::into_raw(entry), Ordering::AcqRel);
        if !old.is_null() {
            // SAFETY: entries come from Box::into_raw, and the swap made this thread the only one that has this one.
            self.spare.set(Some(unsafe { Box::from_raw(old) }));
        }
    }

    /// Returns the text of call `number`, if it is still kept. One reader at a time (the readers' lock).
    pub(crate) fn get(&self, number: u64) -> Option<Box<str>> {
        let slot = self.slot(number);
        let taken = slot.swap(std::ptr::null_mut(), Ordering::AcqRel); // pairs with `put`
        // SAFETY: the swap made this thread the owner of the entry, if there was one.
        let text = unsafe { taken.as_ref() }
            .filter(|entry| entry.number == number)
            .map(|entry| entry.text.as_str().into());
        if !taken.is_null()
            && slot
                .compare_exchange(std::ptr::null_mut(), taken, Ordering::AcqRel, Ordering::Relaxed)
                .is_err()
        {
            discard(taken); // the writer stored a newer one
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
