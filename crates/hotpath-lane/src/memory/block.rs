//! The numbers that an allocation changes: one cache line.
//!
//! Which page they are in decides what counting costs. A program that allocates a lot also touches many pages, so each further
//! page that every allocation touches costs a page walk now and then. The thread's own storage is there anyway: the allocator
//! itself has its cache there. So [`BLOCK`] counts while the thread lives, and its lane keeps the numbers afterwards.

use super::{live::Live, sums::Counters};
use crate::primitive::Cell64;

#[cfg(not(loom))]
thread_local! {
    /// Counts this thread's allocations. Without destructor, so it is there to the very end.
    static BLOCK: Block = const { Block::new() };
}

/// Runs `work` on the block in this thread's storage.
#[cfg(not(loom))]
#[inline(always)]
pub(crate) fn with_own<R>(work: impl FnOnce(&Block) -> R) -> R {
    BLOCK.with(work)
}

/// Counters of one thread, written by that thread only.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Block {
    /// The number of frames on the stack.
    pub(super) depth: Cell64,
    /// The depth at which counting is all there is to do: every frame has its mark, and the node that the thread is in gets what
    /// is counted. [`NEVER`] if something else is to be done first.
    ready: Cell64,
    /// Sums since the lane was made, over all owners and epochs.
    pub(super) sums: Counters,
    /// The peak of live bytes and allocations, signed, since the topmost marked frame began.
    peak_bytes: Cell64,
    peak_count: Cell64,
}

/// No depth.
const NEVER: u64 = u64::MAX;

impl Block {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self {
            depth: Cell64::new(0),
            ready: Cell64::new(NEVER),
            sums: Counters::new(),
            peak_bytes: Cell64::new(0),
            peak_count: Cell64::new(0),
        }
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        let cell = || Cell64::new(0);
        let (depth, peak_bytes, peak_count) = (cell(), cell(), cell());
        Self { depth, ready: Cell64::new(NEVER), sums: Counters::new(), peak_bytes, peak_count }
    }

    /// Owner only. Counts an allocation, if that is all there is to do; else returns `false`, with nothing done.
    #[inline(always)]
    pub(crate) fn count_allocated(&self, size: u64) -> bool {
        let is_ready = self.is_ready();
        if is_ready {
            self.allocated(size);
        }
        is_ready
    }

    /// Owner only. Counts a free, if that is all there is to do; else returns `false`, with nothing done.
    #[inline(always)]
    pub(crate) fn count_freed(&self, size: u64) -> bool {
        let is_ready = self.is_ready();
        if is_ready {
            self.sums.freed(size);
        }
        is_ready
    }

    #[inline(always)]
    fn is_ready(&self) -> bool {
        self.ready.own() == self.depth.own()
    }

    /// Owner only. From here on counting is all there is to do at this depth.
    pub(super) fn get_ready(&self) {
        self.ready.set(self.depth.own());
    }

    /// Owner only. The next allocation or free has more to do than counting.
    pub(crate) fn unready(&self) {
        self.ready.set(NEVER);
    }

    /// Owner only.
    #[inline(always)]
    pub(super) fn allocated(&self, size: u64) {
        self.sums.allocated(size);
        let live = Live::of(self.sums.own());
        if live.bytes > self.peak_bytes.own() as i64 {
            self.peak_bytes.set(live.bytes as u64);
        }
        if live.count > self.peak_count.own() as i64 {
            self.peak_count.set(live.count as u64);
        }
    }

    /// Owner only. Takes over the numbers of `from`, and has more to do than counting.
    pub(super) fn continue_from(&self, from: &Self) {
        self.unready();
        self.depth.set(from.depth.own());
        self.sums.set(from.sums.own());
        self.set_peak(from.peak());
    }

    /// Any thread.
    pub(super) fn read_peak(&self) -> Live {
        Live { bytes: self.peak_bytes.get() as i64, count: self.peak_count.get() as i64 }
    }

    /// Owner only.
    pub(super) fn peak(&self) -> Live {
        Live { bytes: self.peak_bytes.own() as i64, count: self.peak_count.own() as i64 }
    }

    /// Owner only.
    pub(super) fn set_peak(&self, peak: Live) {
        self.peak_bytes.set(peak.bytes as u64);
        self.peak_count.set(peak.count as u64);
    }
}
