//! Memory for lanes: taken from the system allocator, never given back.
//!
//! Not the global allocator: that one may be the very thing being measured, and it must be possible to touch a lane from
//! inside it. Each lane has its own arena, used by its owner only. Nor the C library's, where [`set_source`] names a better
//! one: a signal handler may run while its thread is inside `malloc`.

use std::{
    alloc::{Layout, System},
    cell::Cell,
    ptr::NonNull,
    sync::{
        OnceLock,
        atomic::{Ordering, compiler_fence},
    },
};

/// What one refill takes: small enough not to show, large enough for a handful of rows.
const CHUNK: usize = 16 * 1024;

/// A bump allocator over leaked chunks.
#[derive(Debug)]
pub(crate) struct Arena {
    next: Cell<usize>,
    left: Cell<usize>,
    /// A piece is being cut off: a signal handler that comes in between gets its memory elsewhere.
    is_busy: Cell<bool>,
}

impl Arena {
    pub(crate) const fn new() -> Self {
        Self { next: Cell::new(0), left: Cell::new(0), is_busy: Cell::new(false) }
    }

    /// A place for `value` that stays valid for ever, or `None` when the system has no memory left.
    pub(crate) fn put<T>(&self, value: T) -> Option<&'static T> {
        let place = self.take(Layout::new::<T>())?.cast::<T>();
        // SAFETY: `take` returned memory of T's layout that nobody else has.
        unsafe { place.write(value) };
        // SAFETY: written just now, never freed, and from here on only shared.
        Some(unsafe { place.as_ref() })
    }

    /// Places for `len` values, made by `value`.
    pub(crate) fn slice<T>(&self, len: usize, value: impl Fn() -> T) -> Option<&'static [T]> {
        let place = self.take(Layout::array::<T>(len).ok()?)?.cast::<T>();
        for i in 0..len {
            // SAFETY: `take` returned memory for `len` values of T that nobody else has.
            unsafe { place.add(i).write(value()) };
        }
        // SAFETY: all `len` values were written just now, are never freed, and from here on only shared.
        Some(unsafe { std::slice::from_raw_parts(place.as_ptr(), len) })
    }

    fn take(&self, layout: Layout) -> Option<NonNull<u8>> {
        if cfg!(loom) || layout.size() > CHUNK / 2 || self.is_busy.replace(true) {
            return from_system(layout);
        }
        compiler_fence(Ordering::SeqCst); // for handlers on this thread
        let place = self.bump(layout).or_else(|| self.refill(layout));
        compiler_fence(Ordering::SeqCst);
        self.is_busy.set(false);
        place
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

/// A place of its own for `value`, for ever.
#[cfg(not(loom))]
pub(crate) fn leak<T>(value: T) -> Option<&'static mut T> {
    let mut place = from_system(Layout::new::<T>())?.cast::<T>();
    // SAFETY: memory of T's layout that nobody else has.
    unsafe { place.write(value) };
    // SAFETY: written just now, never freed, and this is the only pointer to it.
    Some(unsafe { place.as_mut() })
}

/// Gives so many bytes of fresh memory, aligned to a page, for ever.
type Source = fn(usize) -> Option<NonNull<u8>>;

static SOURCE: OnceLock<Source> = OnceLock::new();
/// What a source's memory is aligned to at least.
const PAGE: usize = 4096;

/// Sets where memory for lanes comes from. Async-signal-safe, gives memory aligned to 4,096 bytes that nobody else has, and
/// never takes it back. The first wins; before it, and when it has none, the system's allocator is asked.
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
