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
    memory::{AllocDelta, Depth, Sums, counting_lane, is_paused, pause_tracking, set_counting_lane},
    node::Node,
    primitive::Ordering as LaneOrdering,
    thread,
};

/// What threads allocate and free after they gave their lane back: in destructors of other thread-locals.
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
    /// Counters that stand alone: no order is needed.
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

/// Counts an allocation of `size` bytes by this thread. `token` names the thread, as in [`thread::set_token`]; it is asked
/// once.
#[inline(always)]
pub fn allocated(size: usize, token: fn() -> u64) {
    match ready() {
        Some(lane) => count_allocated(lane, size as u64),
        None => allocated_slow(size, token),
    }
}

/// Counts that this thread freed `size` bytes.
#[inline(always)]
pub fn freed(size: usize, token: fn() -> u64) {
    match ready() {
        Some(lane) => count_freed(lane, size as u64),
        None => freed_slow(size, token),
    }
}

/// Counts that this thread turned an allocation of `old` bytes into one of `new`: a free and an allocation.
#[inline(always)]
pub fn reallocated(old: usize, new: usize, token: fn() -> u64) {
    freed(old, token); // first: the two are never alive together
    allocated(new, token);
}

#[inline(always)]
fn lane() -> Option<&'static Lane> {
    // SAFETY: null or this thread's own lane, leaked.
    unsafe { counting_lane().cast::<Lane>().as_ref() }
}

/// The lane to count in, if that is all there is to do.
#[inline(always)]
fn ready() -> Option<&'static Lane> {
    lane().filter(|lane| lane.memory.is_marked())
}

#[inline(always)]
fn count_allocated(lane: &Lane, size: u64) {
    lane.memory.allocated(size);
    current(lane).allocated(size);
}

#[inline(always)]
fn count_freed(lane: &Lane, size: u64) {
    lane.memory.freed(size);
    current(lane).freed(size);
}

#[inline(always)]
fn current(lane: &Lane) -> &Node {
    // SAFETY: a lane in use has a current node; nodes are never freed.
    unsafe { &*lane.current.load(LaneOrdering::Relaxed) }
}

/// The first allocation of a frame, or of a thread. Out of the way: the allocator then has nothing to keep across a call.
#[cold]
#[inline(never)]
fn allocated_slow(size: usize, token: fn() -> u64) {
    let sums = Sums { bytes: size as u64, count: 1, ..Sums::default() };
    if let Some(lane) = marked_lane(sums, token) {
        count_allocated(lane, sums.bytes);
    }
}

/// As [`allocated_slow`].
#[cold]
#[inline(never)]
fn freed_slow(size: usize, token: fn() -> u64) {
    let sums = Sums { freed: size as u64, frees: 1, ..Sums::default() };
    if let Some(lane) = marked_lane(sums, token) {
        count_freed(lane, sums.freed);
    }
}

/// The lane, with a mark for each frame. `None` while the thread is quiet, and past its end: then the sums are counted already.
fn marked_lane(sums: Sums, token: fn() -> u64) -> Option<&'static Lane> {
    let lane = lane().or_else(|| found_lane(sums, token))?;
    lane.memory.mark(&lane.arena);
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

/// The thread's lane, which from now on is found at once. `None` at the thread's end.
///
/// A thread that is quiet has a lane too; it is only not counted in.
pub(super) fn own_lane() -> Option<&'static Lane> {
    let lane = thread::known_lane().or_else(|| {
        let _inside = inside::enter()?;
        thread::take_lane()
    });
    if let Some(lane) = lane
        && !is_paused()
    {
        set_counting_lane(std::ptr::from_ref(lane).cast());
    }
    lane
}

/// This thread's allocations are never counted: it is one of the profiler's own. To be called first on it; what the standard
/// library allocated to begin the thread is taken back.
pub fn stop_tracking() {
    let before = pause_tracking();
    // SAFETY: null or this thread's own lane, leaked.
    if let Some(lane) = unsafe { before.lane().cast::<Lane>().as_ref() } {
        lane.memory.disown();
    }
    std::mem::forget(before);
}

/// All that was counted since the process began, by all threads.
#[must_use]
pub fn total() -> Sums {
    thread::LANES.iter().map(|entry| entry.value.memory.sums()).sum::<Sums>() + LATE.read()
}

/// What each living thread allocated and freed since its first allocation, with its token. Threads that have ended are in
/// [`total`] only.
#[must_use]
pub fn by_thread() -> Vec<(u64, Sums)> {
    let living = thread::LANES.iter().filter(|entry| entry.is_owned());
    living.map(|entry| entry.value.memory.by_owner()).collect()
}

/// A part of this thread's run whose allocations are wanted by themselves. Nests with measured calls.
#[must_use = "the scope ends with `end`"]
pub struct Scope {
    lane: &'static Lane,
    depth: Depth,
    _here: PhantomData<*const ()>,
}

/// Begins a scope. `None` at the end of a thread, or while it is [`pause_tracking`].
pub fn scope() -> Option<Scope> {
    if is_paused() {
        return None;
    }
    let lane = own_lane()?;
    Some(Scope { lane, depth: lane.memory.enter(), _here: PhantomData })
}

impl Scope {
    /// What was allocated and freed since, and the most bytes and allocations alive at once beyond what was alive then.
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
