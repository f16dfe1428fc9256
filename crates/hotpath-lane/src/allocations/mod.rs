//! The entry points of a counting allocator, and the sums that it yields.
//!
//! Called from inside the global allocator: nothing here allocates with it, panics, or waits. Nothing is counted without the feature
//! `alloc`.

mod span;

use std::{
    marker::PhantomData,
    sync::atomic::{AtomicU64, Ordering},
};

pub use span::{Span, SpanReading};

use crate::{
    inside,
    lane::Lane,
    memory::{
        AllocDelta, Depth, Sums, counting_lane, is_paused, pause_tracking, set_counting_lane, with_own,
    },
    primitive::Ordering as LaneOrdering,
    thread,
};

/// Allocations and frees of threads that gave their lane back: in destructors of other thread-locals.
static LATE: Late = Late {
    bytes: AtomicU64::new(0),
    count: AtomicU64::new(0),
    freed: AtomicU64::new(0),
    frees: AtomicU64::new(0),
};

struct Late {
    bytes: AtomicU64,
    count: AtomicU64,
    freed: AtomicU64,
    frees: AtomicU64,
}

impl Late {
    /// The counters stand alone, so no order is needed.
    fn add(&self, sums: Sums) {
        self.bytes.fetch_add(sums.bytes, Ordering::Relaxed);
        self.count.fetch_add(sums.count, Ordering::Relaxed);
        self.freed.fetch_add(sums.freed, Ordering::Relaxed);
        self.frees.fetch_add(sums.frees, Ordering::Relaxed);
    }

    fn read(&self) -> Sums {
        Sums {
            bytes: self.bytes.load(Ordering::Relaxed),
            count: self.count.load(Ordering::Relaxed),
            freed: self.freed.load(Ordering::Relaxed),
            frees: self.frees.load(Ordering::Relaxed),
        }
    }
}

/// Counts an allocation of `size` bytes by this thread. `token` names the thread, as in [`thread::set_token`], and runs once.
#[inline(always)]
pub fn allocated(size: usize, token: fn() -> u64) {
    if !with_own(|block| block.count_allocated(size as u64)) {
        allocated_slow(size, token);
    }
}

/// Counts a free of `size` bytes by this thread.
#[inline(always)]
pub fn freed(size: usize, token: fn() -> u64) {
    if !with_own(|block| block.count_freed(size as u64)) {
        freed_slow(size, token);
    }
}

/// Counts a reallocation from `old` to `new` bytes by this thread, as a free and an allocation.
#[inline(always)]
pub fn reallocated(old: usize, new: usize, token: fn() -> u64) {
    freed(old, token); // first: the two are never alive together
    allocated(new, token);
}

fn lane() -> Option<&'static Lane> {
    // SAFETY: null or this thread's own lane, leaked.
    unsafe { counting_lane().cast::<Lane>().as_ref() }
}

/// Counts the first allocation at another node of the tree, or of a thread. Not inlined, so that the allocator saves no registers for it.
#[cold]
#[inline(never)]
fn allocated_slow(size: usize, token: fn() -> u64) {
    let sums = Sums { bytes: size as u64, count: 1, ..Sums::default() };
    if let Some(lane) = prepared_lane(sums, token) {
        lane.memory.allocated(sums.bytes);
    }
}

/// Counts the first free at another node of the tree, or of a thread, if nothing was allocated before.
#[cold]
#[inline(never)]
fn freed_slow(size: usize, token: fn() -> u64) {
    let sums = Sums { freed: size as u64, frees: 1, ..Sums::default() };
    if let Some(lane) = prepared_lane(sums, token) {
        lane.memory.freed(sums.freed);
    }
}

/// Returns the lane, which has only to count. `None` while tracking is paused, and past the thread's end: then `sums` are counted.
fn prepared_lane(sums: Sums, token: fn() -> u64) -> Option<&'static Lane> {
    let lane = lane().or_else(|| found_lane(sums, token))?;
    // SAFETY: a lane in use has a current node; nodes are never freed.
    let current = unsafe { &*lane.current.load(LaneOrdering::Relaxed) };
    lane.memory.prepare(current.memory()?, &lane.arena);
    Some(lane)
}

#[cold]
fn found_lane(sums: Sums, token: fn() -> u64) -> Option<&'static Lane> {
    if is_paused() {
        return None;
    }
    thread::set_token(token);
    let lane = own_lane();
    if lane.is_none() {
        LATE.add(sums);
    }
    lane
}

/// Returns the thread's lane, and lets the fast path find it from now on, unless tracking is paused. `None` at the thread's end.
fn own_lane() -> Option<&'static Lane> {
    let lane = thread::known_lane().or_else(|| {
        let _inside = inside::enter()?;
        thread::take_lane()
    });
    if let Some(lane) = lane {
        with_own(|block| lane.memory.move_in(block));
        if !is_paused() {
            set_counting_lane(std::ptr::from_ref(lane).cast());
        }
    }
    lane
}

/// Keeps the numbers of the threads that a fork does not have. To be called in the fork, while it has one thread.
pub fn begin_fork() {
    let mine = thread::known_lane().map(std::ptr::from_ref);
    for lane in thread::LANES.iter().map(|entry| &entry.value) {
        lane.memory.begin_fork(mine == Some(std::ptr::from_ref(lane)));
    }
}

/// Stops counting this thread's allocations forever: it is one of the profiler's own. To be called first on the thread. Discards what the
/// standard library allocated to start it.
pub fn stop_tracking() {
    let before = pause_tracking();
    // SAFETY: null or this thread's own lane, leaked.
    if let Some(lane) = unsafe { before.lane().cast::<Lane>().as_ref() } {
        lane.memory.disown();
    }
    std::mem::forget(before);
}

/// Returns the allocations and frees of all threads since the process began.
#[must_use]
pub fn total() -> Sums {
    thread::LANES.iter().map(|entry| entry.value.memory.sums()).sum::<Sums>() + LATE.read()
}

/// Returns the allocations and frees of each living thread since its first allocation, with its token. Threads that ended are only in
/// [`total`].
#[must_use]
pub fn by_thread() -> Vec<(u64, Sums)> {
    let living = thread::LANES.iter().filter(|entry| entry.is_owned());
    living.map(|entry| entry.value.memory.by_owner()).collect()
}

/// A part of this thread's run whose allocations are measured. Nests with measured calls.
#[must_use = "the scope ends with `end`"]
pub struct Scope {
    lane: &'static Lane,
    depth: Depth,
    _here: PhantomData<*const ()>,
}

/// Begins a scope. Returns `None` at the end of a thread, and while tracking is paused.
pub fn scope() -> Option<Scope> {
    if is_paused() {
        return None;
    }
    let lane = own_lane()?;
    Some(Scope { lane, depth: lane.memory.enter(), _here: PhantomData })
}

impl Scope {
    /// Ends the scope. Returns its allocations and frees, and the most bytes and allocations alive at once beyond those alive at its
    /// beginning.
    pub fn end(self) -> (Sums, u64, u64) {
        let AllocDelta { sums, peak, peak_count, .. } = self.close().unwrap_or(AllocDelta::NONE);
        (sums, peak, peak_count)
    }

    fn close(&self) -> Option<AllocDelta> {
        self.lane.memory.leave_scope(self.depth)
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        self.close();
    }
}
