//! A pool of values that are made for a thread, outlive it, and are reused by later threads.
//!
//! Entries are only added, so the list can be walked at any time. An entry has at most one owner, and everything that the last
//! owner wrote is visible to the next.

use crate::primitive::{AtomicPtr, AtomicU64, Ordering};

/// Without an owner, and not pinned.
const FREE: u64 = 0;
const OWNED: u64 = 1;
/// Not to be taken, even when its owner gives it back.
const PINNED: u64 = 2;

/// One pooled value.
pub(crate) struct Entry<T> {
    state: AtomicU64,
    next: *const Entry<T>,
    pub(crate) value: T,
}

/// A list of entries, newest first. Entries are leaked.
pub(crate) struct Pool<T> {
    head: AtomicPtr<Entry<T>>,
}

impl<T: 'static> Pool<T> {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self { head: AtomicPtr::new(std::ptr::null_mut()) }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self { head: AtomicPtr::new(std::ptr::null_mut()) }
    }

    /// Takes a free entry, or adds the one that `make` returns.
    pub(crate) fn take(&self, make: impl FnOnce() -> Option<&'static mut Entry<T>>) -> Option<&Entry<T>> {
        let free = self.iter().find(|entry| {
            // Acquire pairs with the Release in `give_back`: all writes of the last owner are visible.
            entry.state.compare_exchange(FREE, OWNED, Ordering::Acquire, Ordering::Relaxed).is_ok()
        });
        match free {
            Some(entry) => Some(entry),
            None => Some(self.add(make()?)),
        }
    }

    fn add(&self, entry: &'static mut Entry<T>) -> &Entry<T> {
        let mut head = self.head.load(Ordering::Relaxed);
        loop {
            entry.next = head;
            // Release pairs with the Acquire in `iter`.
            match self.head.compare_exchange_weak(head, entry, Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return entry,
                Err(newer) => head = newer,
            }
        }
    }

    /// Any thread. All entries, owned or not.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Entry<T>> {
        // Pairs with the Release in `add`.
        let mut at: *const Entry<T> = self.head.load(Ordering::Acquire);
        std::iter::from_fn(move || {
            // SAFETY: null or a published entry; entries are leaked and `next` never changes after publication.
            let entry = unsafe { at.as_ref() }?;
            at = entry.next;
            Some(entry)
        })
    }
}

impl<T> Entry<T> {
    /// A new entry, owned by its maker.
    pub(crate) fn new(value: T) -> Self {
        Self { state: AtomicU64::new(OWNED), next: std::ptr::null(), value }
    }

    /// Owner only, who must not write the value afterwards.
    pub(crate) fn give_back(&self) {
        self.state.fetch_and(!OWNED, Ordering::Release); // pairs with the Acquire in `take`
    }

    /// Owner only. Nobody takes the entry until [`Entry::unpin`].
    pub(crate) fn pin(&self) {
        self.state.fetch_or(PINNED, Ordering::Relaxed);
    }

    /// By the thread that pinned it, after its last read.
    pub(crate) fn unpin(&self) {
        self.state.fetch_and(!PINNED, Ordering::Release); // pairs with the Acquire in `take`, as `give_back` does
    }

    #[cfg(not(loom))]
    pub(crate) fn is_owned(&self) -> bool {
        self.state.load(Ordering::Relaxed) & OWNED != 0
    }
}

// SAFETY: `next` is written before publication only, and `state` decides who may write the value.
unsafe impl<T: Sync> Sync for Entry<T> {}
// SAFETY: as above; nothing in an entry is bound to the thread that made it.
unsafe impl<T: Send> Send for Entry<T> {}
