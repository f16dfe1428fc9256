//! Marks: the allocations so far of each call on a thread's stack.
//!
//! A frame has a depth. At an allocation or free, every frame without a mark gets one. Nothing was allocated or freed since that frame
//! began, or it would have a mark, so the present sums are those of its beginning. Marks therefore cover the frames of depth 1 to
//! n without a gap, a frame that ends above n allocated nothing, and a frame without allocations costs no more than counting the
//! depth. Marks above that of a frame that ends belong to frames that are gone.

use std::cell::Cell;

use super::{
    attribution::Attribution,
    block::Block,
    live::Live,
    sums::{Counters, Sums},
    tracked::{IS_TRACKED, Tracked},
    visits::Visits,
};
use crate::{
    arena::Arena,
    cells::Cells,
    primitive::{AtomicPtr, AtomicU32, Cell64, Ordering},
};

/// Marks of a new lane.
const FIRST: usize = 32;

/// The number of this process. Only systems with forks need one.
fn process_id() -> u32 {
    if cfg!(all(unix, not(loom))) { std::process::id() } else { 0 }
}

/// The sums at the beginning of a frame, and the allocations of its callees since.
///
/// Single words, although only the owner touches them: a processor is slow to read several at once that were just written one by one.
struct Mark {
    began: Counters,
    callee_bytes: Cell64,
    callee_count: Cell64,
    /// The peak of live bytes and allocations before the frame, which measures its own.
    peak_bytes: Cell64,
    peak_count: Cell64,
}

impl Mark {
    fn new() -> Self {
        Self {
            began: Counters::new(),
            callee_bytes: Cell64::new(0),
            callee_count: Cell64::new(0),
            peak_bytes: Cell64::new(0),
            peak_count: Cell64::new(0),
        }
    }

    fn set(&self, began: Sums, peak: Live) {
        self.began.set(began);
        self.callee_bytes.set(0);
        self.callee_count.set(0);
        self.peak_bytes.set(peak.bytes as u64);
        self.peak_count.set(peak.count as u64);
    }

    fn copy(&self, from: &Self) {
        self.set(from.began.own(), from.peak());
        self.callee_bytes.set(from.callee_bytes.own());
        self.callee_count.set(from.callee_count.own());
    }

    fn peak(&self) -> Live {
        Live { bytes: self.peak_bytes.own() as i64, count: self.peak_count.own() as i64 }
    }
}

/// Allocations of one finished frame: inclusive, and exclusive where the name says `own`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AllocDelta {
    pub(crate) sums: Sums,
    pub(crate) own_bytes: u64,
    pub(crate) own_count: u64,
    /// Most bytes and allocations alive at once, beyond those alive when the frame began.
    pub(crate) peak: u64,
    pub(crate) peak_count: u64,
}

impl AllocDelta {
    pub(crate) const NONE: Self =
        Self { sums: Sums::NONE, own_bytes: 0, own_count: 0, peak: 0, peak_count: 0 };

    /// Bytes allocated, and the number of allocations; 0 of `None`.
    #[inline(always)]
    pub(crate) fn sizes(alloc: Option<&Self>) -> (u64, u64) {
        alloc.map_or((0, 0), Self::allocated)
    }

    /// Bytes allocated, and the number of allocations.
    pub(crate) fn allocated(&self) -> (u64, u64) {
        (self.sums.bytes, self.sums.count)
    }
}

/// The depth of a frame: the number of frames around it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Depth(Tracked<u64>);

impl Depth {
    /// The depth of a frame with nothing around it.
    pub(crate) const OUTERMOST: Self = Self::new(0);

    #[inline(always)]
    const fn new(depth: u64) -> Self {
        Self(Tracked::new(depth))
    }

    #[inline(always)]
    fn get(self) -> u64 {
        self.0.get().copied().unwrap_or(0)
    }
}

/// The memory part of a lane. Written by its owner only.
#[repr(C)] // the fields that every call touches come first
pub(crate) struct LaneMemory {
    /// The numbers that allocations change: in the storage of a thread that allocates, else `rest`. Never null in a lane in use.
    block: AtomicPtr<Block>,
    /// The number of frames on the stack that have a mark.
    marked: Cell64,
    marks: Cell<&'static [Mark]>,
    /// The node that gets what the thread counts.
    attribution: Attribution,
    /// The token of the present owner, and the sums when it took the lane.
    owner: Cells<5>,
    /// Open while `block` is in the storage of a thread.
    visits: Visits,
    /// The process in which the visits were opened: a fork has none of the threads but one.
    process: AtomicU32,
    rest: Block,
}

impl LaneMemory {
    pub(crate) fn new() -> Self {
        Self {
            block: AtomicPtr::new(std::ptr::null_mut()),
            marked: Cell64::new(0),
            marks: Cell::new(&[]),
            attribution: Attribution::new(),
            owner: Cells::new(),
            visits: Visits::new(),
            process: AtomicU32::new(0),
            rest: Block::new(),
        }
    }

    /// Owner only, once the lane is at its final address. A thread takes the lane, with an empty stack.
    pub(crate) fn begin_owner(&self, token: u64) {
        self.publish(&self.rest);
        self.rest.depth.set(0);
        self.rest.unready();
        self.marked.set(0);
        let sums = self.rest.sums.own();
        self.rest.set_peak(Live::of(sums));
        self.owner.update(|owner| *owner = [token, sums.bytes, sums.count, sums.freed, sums.frees]);
    }

    fn publish(&self, block: &Block) {
        // Ordered by `visits` for those who follow it.
        self.block.store(std::ptr::from_ref(block).cast_mut(), Ordering::Relaxed);
    }

    /// Owner only.
    #[inline(always)]
    fn block(&self) -> &Block {
        // SAFETY: `rest`, or the block in the storage of this thread, which is the owner.
        unsafe { &*self.block.load(Ordering::Relaxed) }
    }

    /// Owner only. From here on the thread counts in `own`, which is in its storage, until [`LaneMemory::move_out`].
    #[cfg(not(loom))]
    pub(crate) fn move_in(&self, own: &Block) {
        let process = process_id();
        if std::ptr::eq(self.block(), own) {
            if self.process.load(Ordering::Relaxed) == process {
                return;
            }
            self.visits.begin_anew(); // in a fork, by the thread that made it
        } else {
            own.continue_from(&self.rest);
            self.publish(own);
        }
        self.process.store(process, Ordering::Relaxed); // ordered by `visits`, as `block`
        self.visits.open();
    }

    /// Owner only, before the end of its thread. Afterwards nobody reads in the thread's storage.
    #[cfg(not(loom))]
    pub(crate) fn move_out(&self) {
        let block = self.block();
        if std::ptr::eq(block, &raw const self.rest) {
            return;
        }
        self.rest.continue_from(block);
        block.unready();
        self.publish(&self.rest);
        if self.process.load(Ordering::Relaxed) == process_id() {
            self.visits.close();
        } else {
            self.visits.begin_anew(); // who was inside when the process forked is not here
        }
    }

    /// By the only thread of a fork. Keeps the numbers of a thread that the fork does not have, if the lane is not `mine`.
    #[cfg(not(loom))]
    pub(crate) fn begin_fork(&self, mine: bool) {
        if !self.visits.begin_anew() {
            return;
        }
        let block = self.block();
        if mine {
            self.process.store(process_id(), Ordering::Relaxed);
            self.visits.open();
        } else {
            self.rest.continue_from(block);
            self.publish(&self.rest);
        }
    }

    /// Any thread. Reads the numbers that allocations change.
    fn visit<R>(&self, read: impl Fn(&Block) -> R) -> R {
        let visited = self.visits.visit(|| {
            // SAFETY: the thread that has the block waits for this visit before it ends. In a fork it is not there, and its storage
            // may not be either.
            (self.process.load(Ordering::Relaxed) == process_id())
                .then(|| read(unsafe { &*self.block.load(Ordering::Relaxed) }))
        });
        visited.flatten().unwrap_or_else(|| read(&self.rest))
    }

    /// Owner only, with an empty stack. Discards the owner's allocations and frees so far.
    pub(crate) fn disown(&self) {
        let (_, [_, bytes, count, freed, frees]) = self.owner.read();
        let before = Sums { bytes, count, freed, frees };
        self.forget_node();
        self.block().sums.set(before);
        self.block().set_peak(Live::of(before));
    }

    /// Any thread. Returns the token of the present or last owner, and its allocations and frees.
    pub(crate) fn by_owner(&self) -> (u64, Sums) {
        let (_, [token, bytes, count, freed, frees]) = self.owner.read();
        (token, self.sums() - Sums { bytes, count, freed, frees })
    }

    /// Any thread.
    pub(crate) fn sums(&self) -> Sums {
        self.visit(|block| block.sums.read())
    }

    /// Any thread. Returns what was allocated and freed at a node of this lane, of which these are the counters.
    pub(crate) fn sums_of(&self, counters: &Counters) -> Sums {
        self.attribution.read(counters, || self.sums())
    }

    /// Owner only. The counters of all nodes are about to be cleared.
    pub(crate) fn forget_node(&self) {
        if IS_TRACKED {
            self.block().unready();
            self.attribution.forget();
        }
    }

    /// Owner only. A frame begins.
    #[inline(always)]
    pub(crate) fn enter(&self) -> Depth {
        if !IS_TRACKED {
            return Depth::OUTERMOST;
        }
        let block = self.block();
        let depth = block.depth.own();
        block.depth.set(depth + 1);
        Depth::new(depth)
    }

    /// Owner only. Ends a frame without allocations and frees; returns `false`, with nothing done, if it had some.
    #[inline(always)]
    pub(crate) fn leave_plain(&self, frame: Depth) -> bool {
        if !IS_TRACKED {
            return true;
        }
        let is_plain = self.marked.own() <= frame.get();
        if is_plain {
            self.block().depth.set(frame.get());
        }
        is_plain
    }

    /// Owner only. Ends a frame, and returns its allocations if it had any.
    #[inline(always)]
    pub(crate) fn leave(&self, frame: Depth) -> Option<AllocDelta> {
        if IS_TRACKED { self.leave_tracked(frame) } else { None }
    }

    fn leave_tracked(&self, frame: Depth) -> Option<AllocDelta> {
        self.block().depth.set(frame.get());
        let mut delta = None;
        while self.marked.own() > frame.get() {
            delta = Some(self.pop());
        }
        delta
    }

    /// Owner only. Ends a scope: as [`LaneMemory::leave`], but its allocations are also those of the frame around it.
    pub(crate) fn leave_scope(&self, scope: Depth) -> Option<AllocDelta> {
        let delta = self.leave(scope)?;
        if let Some(around) = self.marked.own().checked_sub(1) {
            let around = &self.marks.get()[around as usize];
            around.callee_bytes.add(delta.own_bytes.wrapping_neg());
            around.callee_count.add(delta.own_count.wrapping_neg());
        }
        Some(delta)
    }

    /// Owner only. Counts an allocation, after [`LaneMemory::prepare`].
    pub(crate) fn allocated(&self, size: u64) {
        self.block().allocated(size);
    }

    /// Owner only. Counts a free, after [`LaneMemory::prepare`].
    pub(crate) fn freed(&self, size: u64) {
        self.block().sums.freed(size);
    }

    /// Owner only. Gives every frame its mark, and what is counted from here on to the node that has `counters`.
    ///
    /// Without memory for marks, the frames above stay unmarked: their calls appear as ones without allocations, and the sums of their
    /// functions are still right.
    pub(crate) fn prepare(&self, counters: &Counters, arena: &Arena) {
        let block = self.block();
        while self.marked.own() < block.depth.own() && self.push(arena).is_some() {}
        self.attribution.turn_to(counters, block.sums.own());
        // Unmarked frames may be left, and others entered at their depth, without a sign that the node is another one.
        if self.marked.own() == block.depth.own() {
            block.get_ready();
        }
    }

    fn push(&self, arena: &Arena) -> Option<()> {
        let at = self.marked.own() as usize;
        if at == self.marks.get().len() {
            self.make_room(arena)?;
        }
        let block = self.block();
        let sums = block.sums.own();
        self.marks.get()[at].set(sums, block.peak());
        block.set_peak(Live::of(sums));
        self.marked.set(at as u64 + 1);
        Some(())
    }

    /// Removes the topmost mark. The caller's mark is the one below.
    fn pop(&self) -> AllocDelta {
        let at = self.marked.own() as usize - 1;
        let marks = self.marks.get();
        let mark = &marks[at];
        let block = self.block();
        block.unready(); // the frame's node is left
        let (began, peak) = (mark.began.own(), block.peak());
        let (sums, live) = (block.sums.own().since(began), Live::of(began));
        if let Some(caller) = at.checked_sub(1).map(|at| &marks[at]) {
            caller.callee_bytes.add(sums.bytes);
            caller.callee_count.add(sums.count);
        }
        block.set_peak(peak.or_more(mark.peak()));
        self.marked.set(at as u64);
        AllocDelta {
            sums,
            own_bytes: sums.bytes.wrapping_sub(mark.callee_bytes.own()),
            own_count: sums.count.wrapping_sub(mark.callee_count.own()),
            peak: peak.bytes.wrapping_sub(live.bytes).max(0) as u64,
            peak_count: peak.count.wrapping_sub(live.count).max(0) as u64,
        }
    }

    /// Doubles the marks. Outgrown ones are leaked: together they are smaller than the new ones.
    #[cold]
    fn make_room(&self, arena: &Arena) -> Option<()> {
        let now = self.marks.get();
        let larger = arena.slice((now.len() * 2).max(FIRST), Mark::new)?;
        now.iter().zip(larger).for_each(|(from, to)| to.copy(from));
        self.marks.set(larger);
        Some(())
    }

    /// Owner only. Restarts the peak of the whole thread. Returns `false`, with nothing done, inside of frames.
    pub(crate) fn restart_peak(&self) -> bool {
        let block = self.block();
        let is_outside = block.depth.own() == 0;
        if is_outside {
            block.set_peak(Live::of(block.sums.own()));
        }
        is_outside
    }

    /// Any thread. Returns the most bytes and allocations alive at once beyond those at `since`, when [`LaneMemory::restart_peak`] ran.
    /// `None` while frames measure peaks of their own.
    pub(crate) fn peak_since(&self, since: Sums) -> Option<(u64, u64)> {
        let Live { bytes, count } = self.visit(Block::read_peak);
        let beyond = |peak: i64, live: i64| peak.saturating_sub(live).max(0) as u64;
        (self.marked.get() == 0).then(|| (beyond(bytes, since.live()), beyond(count, since.live_count())))
    }
}

#[cfg(all(test, feature = "alloc", not(loom)))]
mod tests {
    use super::*;

    fn allocate(memory: &LaneMemory, size: u64, arena: &Arena) {
        memory.prepare(arena.put(Counters::new()).expect("memory"), arena);
        memory.allocated(size);
    }

    fn free(memory: &LaneMemory, size: u64, arena: &Arena) {
        memory.prepare(arena.put(Counters::new()).expect("memory"), arena);
        memory.freed(size);
    }

    #[test]
    fn a_frame_knows_its_own_and_its_callees_allocations() {
        let (memory, arena) = (LaneMemory::new(), Arena::new());
        memory.begin_owner(0);
        allocate(&memory, 1000, &arena);
        let outer = memory.enter();
        let silent = memory.enter();
        assert!(memory.leave_plain(silent));
        allocate(&memory, 10, &arena);
        let inner = memory.enter();
        free(&memory, 1000, &arena);
        allocate(&memory, 300, &arena);
        allocate(&memory, 20, &arena);
        free(&memory, 300, &arena);
        assert!(!memory.leave_plain(inner));
        let inner = memory.leave(inner).expect("it allocated");
        assert_eq!(inner.sums, Sums { bytes: 320, count: 2, freed: 1300, frees: 2 });
        // What it freed had been alive before: at no time was more alive than when it began.
        assert_eq!((inner.own_bytes, inner.own_count, inner.peak, inner.peak_count), (320, 2, 0, 1));
        let outer = memory.leave(outer).expect("it allocated");
        assert_eq!(outer.sums, Sums { bytes: 330, count: 3, freed: 1300, frees: 2 });
        assert_eq!((outer.own_bytes, outer.own_count, outer.peak, outer.peak_count), (10, 1, 10, 2));
    }

    #[test]
    fn deep_recursion_counts_allocations_on_the_way_back() {
        let (memory, arena) = (LaneMemory::new(), Arena::new());
        memory.begin_owner(0);
        let frames: Vec<Depth> = (0..10_000)
            .map(|n| {
                let frame = memory.enter();
                if n % 3 == 0 {
                    allocate(&memory, 8, &arena);
                }
                frame
            })
            .collect();
        let mut total = 0;
        for (n, frame) in frames.into_iter().enumerate().rev() {
            allocate(&memory, 1, &arena);
            let delta = memory.leave(frame).expect("it allocated");
            let own = 1 + if n % 3 == 0 { 8 } else { 0 };
            total += own;
            assert_eq!((delta.own_bytes, delta.sums.bytes, delta.peak), (own, total, total));
        }
    }

    #[test]
    fn a_frame_that_never_ended_counts_for_its_caller() {
        let (memory, arena) = (LaneMemory::new(), Arena::new());
        memory.begin_owner(0);
        let outer = memory.enter();
        allocate(&memory, 1, &arena);
        let _vanished = memory.enter();
        allocate(&memory, 2, &arena);
        let delta = memory.leave(outer).expect("it allocated");
        assert_eq!((delta.sums.bytes, delta.own_bytes), (3, 1));
        assert_eq!(memory.leave(memory.enter()), None);
    }

    #[test]
    fn a_scope_is_part_of_the_frame_around_it() {
        let (memory, arena) = (LaneMemory::new(), Arena::new());
        memory.begin_owner(0);
        let around = memory.enter();
        let scope = memory.enter();
        allocate(&memory, 1, &arena);
        let callee = memory.enter();
        allocate(&memory, 2, &arena);
        memory.leave(callee);
        let scope = memory.leave_scope(scope).expect("it allocated");
        assert_eq!((scope.sums.bytes, scope.own_bytes), (3, 1));
        let around = memory.leave(around).expect("it allocated");
        assert_eq!((around.sums.bytes, around.own_bytes), (3, 1));
    }

    #[test]
    fn disowning_discards_the_owners_allocations_only() {
        let (memory, arena) = (LaneMemory::new(), Arena::new());
        memory.begin_owner(7);
        allocate(&memory, 5, &arena);
        memory.begin_owner(8);
        allocate(&memory, 100, &arena);
        free(&memory, 30, &arena);
        memory.disown();
        assert_eq!(memory.sums(), Sums { bytes: 5, count: 1, freed: 0, frees: 0 });
        assert_eq!(memory.by_owner(), (8, Sums::default()));
        memory.begin_owner(9);
        assert!(memory.restart_peak());
        allocate(&memory, 2, &arena);
        assert_eq!(memory.peak_since(Sums { bytes: 5, count: 1, freed: 0, frees: 0 }), Some((2, 1)));
    }

    #[test]
    fn the_next_owner_counts_from_zero() {
        let (memory, arena) = (LaneMemory::new(), Arena::new());
        memory.begin_owner(7);
        allocate(&memory, 5, &arena);
        memory.begin_owner(8);
        allocate(&memory, 6, &arena);
        assert_eq!(memory.by_owner(), (8, Sums { bytes: 6, count: 1, freed: 0, frees: 0 }));
        assert_eq!(memory.sums().bytes, 11);
    }
}
