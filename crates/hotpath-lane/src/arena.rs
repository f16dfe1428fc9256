//! Arenas: memory for lanes, taken from the system allocator and never freed.
//!
//! They bypass the global allocator, which may be what is being measured: a lane must be writable from inside it. Each lane has its
//! own arena, used by its owner only. Where [`set_source`] names a better source, they bypass the C library too: a signal
//! handler may run while its thread is inside `malloc`.

use std::{
    alloc::{Layout, System},
    cell::Cell,
    ptr::NonNull,
    sync::{
        OnceLock,
        atomic::{Ordering, compiler_fence},
    },
};

/// Bytes per refill: small enough to be negligible, large enough for a handful of rows.
const CHUNK: usize = 16 * 1024;

/// A bump allocator over leaked chunks.
#[derive(Debug)]
pub(crate) struct Arena {
    next: Cell<usize>,
    left: Cell<usize>,
    /// Set while a piece is being cut off: a signal handler that comes in between gets its memory elsewhere.
    is_busy: Cell<bool>,
}

impl Arena {
    pub(crate) const fn new() -> Self {
        Self { next: Cell::new(0), left: Cell::new(0), is_busy: Cell::new(false) }
    }

    /// Moves `value` into the arena forever. Returns `None` when the system is out of memory.
    pub(crate) fn put<T>(&self, value: T) -> Option<&'static T> {
        let slot = self.take(Layout::new::<T>())?.cast::<T>();
        // SAFETY: `take` returned memory of T's layout that nobody else has.
        unsafe { slot.write(value) };
        // SAFETY: written just now, never freed, and from here on only shared.
        Some(unsafe { slot.as_ref() })
    }

    /// Allocates `len` values, made by `value`.
    pub(crate) fn slice<T>(&self, len: usize, value: impl Fn() -> T) -> Option<&'static [T]> {
        let slots = self.take(Layout::array::<T>(len).ok()?)?.cast::<T>();
        for i in 0..len {
            // SAFETY: `take` returned memory for `len` values of T that nobody else has.
            unsafe { slots.add(i).write(value()) };
        }
        // SAFETY: all `len` values were written just now, are never freed, and from here on only shared.
        Some(unsafe { std::slice::from_raw_parts(slots.as_ptr(), len) })
    }

    fn take(&self, layout: Layout) -> Option<NonNull<u8>> {
        if cfg!(loom) || layout.size() > CHUNK / 2 || self.is_busy.replace(true) {
            return from_system(layout);
        }
        compiler_fence(Ordering::SeqCst); // for handlers on this thread
        let memory = self.bump(layout).or_else(|| self.refill(layout));
        compiler_fence(Ordering::SeqCst);
        self.is_busy.set(false);
        memory
    }

    fn refill(&self, layout: Layout) -> Option<NonNull<u8>> {
        let chunk = from_system(Layout::from_size_align(CHUNK, 128).ok()?)?;
        self.next.set(chunk.as_ptr().expose_provenance());
        self.left.set(CHUNK);
        self.bump(layout)
    }

    fn bump(&self, layout: Layout) -> Option<NonNull<u8>> {
        let start = self.next.get().next_multiple_of(layout.align());
        let used = (start - self.next.get()) + layout.size();
        if used > self.left.get() {
            return None;
        }
        self.next.set(self.next.get() + used);
        self.left.set(self.left.get() - used);
        NonNull::new(std::ptr::with_exposed_provenance_mut(start))
    }
}

/// Moves `value` into memory of its own, forever.
#[cfg(not(loom))]
pub(crate) fn leak<T>(value: T) -> Option<&'static mut T> {
    let mut slot = from_system(Layout::new::<T>())?.cast::<T>();
    // SAFETY: memory of T's layout that nobody else has.
    unsafe { slot.write(value) };
    // SAFETY: written just now, never freed, and this is the only pointer to it.
    Some(unsafe { slot.as_mut() })
}

/// Returns the given number of bytes of fresh memory, aligned to a page, forever.
type Source = fn(usize) -> Option<NonNull<u8>>;

static SOURCE: OnceLock<Source> = OnceLock::new();
/// The minimum alignment of a source's memory.
const PAGE: usize = 4096;

/// Sets the source of memory for lanes. It must be async-signal-safe, and return memory aligned to 4,096 bytes that nobody else has,
/// forever. The first call wins. Before it, and when the source has no memory, the system allocator is used.
pub fn set_source(source: Source) {
    let _ = SOURCE.set(source);
}

fn from_system(layout: Layout) -> Option<NonNull<u8>> {
    debug_assert!(layout.size() > 0, "lanes hold no zero-sized values");
    let own = SOURCE.get().filter(|_| layout.align() <= PAGE).and_then(|source| source(layout.size()));
    if own.is_some() {
        return own;
    }
    // SAFETY: the layout is not zero-sized: it is CHUNK or the layout of one of this crate's structs.
    NonNull::new(unsafe { std::alloc::GlobalAlloc::alloc(&System, layout) })
}
