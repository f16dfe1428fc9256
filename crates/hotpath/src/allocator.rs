//! The allocator that counts. Compiled in every mode: where nothing is counted it only passes on.

#![allow(unsafe_code, reason = "an allocator is unsafe by its nature")]

use std::alloc::{GlobalAlloc, Layout, System};

use crate::imp::memory::{allocated, freed, reallocated};

/// An allocator around another one, which reports allocations and frees to the profiler.
///
/// `#[hotpath::main]` installs it when the feature `hotpath-alloc` is on. By hand, around an allocator of your own choice, with
/// `#[hotpath::main(allocator = none)]`, since a program has one global allocator:
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: hotpath::CountingAllocator = hotpath::CountingAllocator::new();
/// // static ALLOCATOR: hotpath::CountingAllocator<MiMalloc> = hotpath::CountingAllocator::with(MiMalloc);
/// ```
///
/// All four operations reach the inner allocator as what they are; a `realloc` counts as one allocation of the new size and a
/// free of the old. Without the feature `hotpath-alloc` nothing is counted, and it may stay in the program for good.
#[derive(Clone, Copy, Debug, Default)]
pub struct CountingAllocator<A = System>(A);

impl CountingAllocator {
    /// Around the system's allocator.
    #[must_use]
    pub const fn new() -> Self {
        Self(System)
    }
}

impl<A> CountingAllocator<A> {
    /// Around `inner`.
    #[must_use]
    pub const fn with(inner: A) -> Self {
        Self(inner)
    }
}

// SAFETY: everything is passed on to `A`, which keeps the promises; counting neither allocates with it nor panics.
unsafe impl<A: GlobalAlloc> GlobalAlloc for CountingAllocator<A> {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises are those that `A` asks for.
        let place = unsafe { self.0.alloc(layout) };
        if !place.is_null() {
            allocated(layout.size());
        }
        place
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as above.
        let place = unsafe { self.0.alloc_zeroed(layout) };
        if !place.is_null() {
            allocated(layout.size());
        }
        place
    }

    #[inline]
    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        freed(layout.size());
        // SAFETY: as above.
        unsafe { self.0.dealloc(place, layout) };
    }

    #[inline]
    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        let place = unsafe { self.0.realloc(place, layout, size) };
        if !place.is_null() {
            reallocated(layout.size(), size);
        }
        place
    }
}
