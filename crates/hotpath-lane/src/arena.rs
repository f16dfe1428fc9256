//! Arenas: memory for lanes, taken from the system allocator and never freed.
//!
//! They bypass the global allocator, which may be what is being measured: a lane must be writable from inside it. Each lane has its
//! own arena, used by its owner only. Where [`set_source`] names a better source, they bypass the C library too: a signal
//! handler may run while its thread is inside `malloc`.
//!
//! All arenas together count the bytes that they took (once per block, not per value). What is optional grows only while there is
//! [`Room`] below the limit; what a count needs is never refused.

use std::{
    alloc::{Layout, System},
    cell::Cell,
    ptr::NonNull,
    sync::{
        OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering, compiler_fence},
    },
};

/// Bytes per refill: small enough to be negligible, large enough for a handful of rows.
const CHUNK: usize = 16 * 1024;

/// The limit of [`set_memory_limit`] until it is set.
const DEFAULT_LIMIT: usize = 256 << 20;
/// Memory is plentiful while all lanes together have less than this part of the limit, and the lane itself less than that one.
const PLENTY: usize = 32;
const PLENTY_OF_LANE: usize = 1024;

// Each number stands alone: a thread that sees an old one for a moment takes a block more.
static LIMIT: AtomicUsize = AtomicUsize::new(DEFAULT_LIMIT);
static TAKEN: AtomicUsize = AtomicUsize::new(0);
static IS_REACHED: AtomicBool = AtomicBool::new(false);

/// Sets the number of bytes that all lanes together may take before calls are recorded more sparsely: new places in the call tree are
/// counted under `<other>`, and distributions and lists of recent calls stop growing. Counts stay exact.
///
/// ```
/// hotpath_lane::set_memory_limit(64 << 20);
/// assert!(!hotpath_lane::is_memory_limit_reached());
/// ```
pub fn set_memory_limit(bytes: usize) {
    LIMIT.store(bytes, Ordering::Relaxed);
    IS_REACHED.store(false, Ordering::Relaxed);
}

/// Returns `true` if something was recorded more sparsely because of the limit, since it was set.
#[must_use]
pub fn is_memory_limit_reached() -> bool {
    IS_REACHED.load(Ordering::Relaxed)
}

/// Returns the bytes that all lanes together took from the system. They are never given back.
#[must_use]
pub fn memory_used() -> usize {
    TAKEN.load(Ordering::Relaxed)
}

/// The room that is left below the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Speed counts more than size.
    Plenty,
    /// Only what is needed.
    Scarce,
    /// Nothing optional.
    Nothing,
}

/// A bump allocator over leaked chunks.
#[derive(Debug)]
pub(crate) struct Arena {
    next: Cell<usize>,
    left: Cell<usize>,
    taken: Cell<usize>,
    /// The first block that was given back, of a list; 0 without any.
    spare: Cell<usize>,
    /// Set while a piece is being cut off: a signal handler that comes in between gets its memory elsewhere.
    is_busy: Cell<bool>,
}

impl Arena {
    pub(crate) const fn new() -> Self {
        Self {
            next: Cell::new(0),
            left: Cell::new(0),
            taken: Cell::new(0),
            spare: Cell::new(0),
            is_busy: Cell::new(false),
        }
    }

    /// Returns the room for optional memory, and notes for the report if there is none.
    pub(crate) fn room(&self) -> Room {
        let (taken, limit) = (TAKEN.load(Ordering::Relaxed), LIMIT.load(Ordering::Relaxed));
        if cfg!(loom) {
            return Room::Plenty; // a model must not depend on what earlier runs of it left behind
        }
        if taken < limit / PLENTY && self.taken.get() < limit / PLENTY_OF_LANE {
            Room::Plenty
        } else if taken < limit {
            Room::Scarce
        } else {
            IS_REACHED.store(true, Ordering::Relaxed);
            Room::Nothing
        }
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

    /// Takes over memory of an earlier [`Arena::slice`], to be used again.
    ///
    /// # Safety
    ///
    /// Nobody uses it any more.
    #[cfg(not(loom))]
    pub(crate) unsafe fn give_back<T>(&self, slice: &'static [T]) {
        let size = size_of_val(slice);
        if size < size_of::<Spare>() || align_of::<T>() < align_of::<Spare>() || self.is_busy.replace(true) {
            return; // leaked
        }
        compiler_fence(Ordering::SeqCst); // for handlers on this thread
        let first = slice.as_ptr().cast_mut().cast::<Spare>();
        // SAFETY: nobody else uses the memory (the caller's promise), which is large enough and aligned (above).
        unsafe { first.write(Spare { next: self.spare.get(), size }) };
        self.spare.set(first.expose_provenance());
        compiler_fence(Ordering::SeqCst);
        self.is_busy.set(false);
    }

    /// Returns uninitialised memory, which nobody else has, forever.
    pub(crate) fn take(&self, layout: Layout) -> Option<NonNull<u8>> {
        if cfg!(loom) || layout.size() > CHUNK / 2 || self.is_busy.replace(true) {
            self.taken.set(self.taken.get() + layout.size());
            return from_system(layout);
        }
        compiler_fence(Ordering::SeqCst); // for handlers on this thread
        let memory = self.bump(layout).or_else(|| self.refill(layout));
        compiler_fence(Ordering::SeqCst);
        self.is_busy.set(false);
        memory
    }

    /// Goes on in memory that was given back, or in a new chunk.
    fn refill(&self, layout: Layout) -> Option<NonNull<u8>> {
        while let Some(spare) = NonNull::new(std::ptr::with_exposed_provenance_mut::<Spare>(self.spare.get()))
        {
            // SAFETY: `give_back` wrote it, and nobody else has it.
            let Spare { next, size } = unsafe { spare.read() };
            self.spare.set(next);
            self.next.set(spare.as_ptr().expose_provenance());
            self.left.set(size);
            if let Some(memory) = self.bump(layout) {
                return Some(memory);
            }
        }
        let chunk = from_system(Layout::from_size_align(CHUNK, 128).ok()?)?;
        self.taken.set(self.taken.get() + CHUNK);
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

/// The beginning of memory that was given back.
struct Spare {
    next: usize,
    size: usize,
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
    TAKEN.fetch_add(layout.size(), Ordering::Relaxed); // as in `Arena::room`
    let own = SOURCE.get().filter(|_| layout.align() <= PAGE).and_then(|source| source(layout.size()));
    if own.is_some() {
        return own;
    }
    // SAFETY: the layout is not zero-sized: it is CHUNK or the layout of one of this crate's structs.
    NonNull::new(unsafe { std::alloc::GlobalAlloc::alloc(&System, layout) })
}
