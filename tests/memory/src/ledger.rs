//! An allocator of the tests' own, to stand below the profiler's: it counts what reaches it, by operation.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicU64, Ordering},
};

/// Above the system's allocator. Counts everything, whoever asks.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ledger;

static BYTES: AtomicU64 = AtomicU64::new(0);
static COUNT: AtomicU64 = AtomicU64::new(0);
static FREED: AtomicU64 = AtomicU64::new(0);
static FREES: AtomicU64 = AtomicU64::new(0);

/// What a [`Ledger`] has counted, in the profiler's terms: a `realloc` is an allocation of the new size and a free of the old.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// Bytes allocated.
    pub bytes: u64,
    /// Allocations.
    pub count: u64,
    /// Bytes freed.
    pub freed: u64,
    /// Frees.
    pub frees: u64,
}

impl Counted {
    /// What came since.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            bytes: self.bytes - earlier.bytes,
            count: self.count - earlier.count,
            freed: self.freed - earlier.freed,
            frees: self.frees - earlier.frees,
        }
    }
}

impl Ledger {
    /// What was counted so far. Exact while no other thread allocates.
    #[must_use]
    pub fn read() -> Counted {
        let [bytes, count, freed, frees] =
            [&BYTES, &COUNT, &FREED, &FREES].map(|counter| counter.load(Ordering::Relaxed));
        Counted { bytes, count, freed, frees }
    }
}

fn allocated(size: usize) {
    BYTES.fetch_add(size as u64, Ordering::Relaxed);
    COUNT.fetch_add(1, Ordering::Relaxed);
}

fn freed(size: usize) {
    FREED.fetch_add(size as u64, Ordering::Relaxed);
    FREES.fetch_add(1, Ordering::Relaxed);
}

// SAFETY: everything is passed on to `System`, which keeps the promises; counting allocates nothing.
unsafe impl GlobalAlloc for Ledger {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size());
        // SAFETY: the caller's promises are those that `System` asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        allocated(layout.size());
        // SAFETY: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        freed(layout.size());
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) };
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        freed(layout.size());
        allocated(size);
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }
}
