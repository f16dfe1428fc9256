//! The allocations of a site's calls, on one lane.

use std::ops::Range;

use super::{
    marks::AllocDelta,
    recent::RecentSizes,
    sums::{Counters, Sums},
    tracked::IS_TRACKED,
};
use crate::{
    arena::Arena,
    dist::{Buckets, Histogram, bucket_bounds, bucket_index},
    primitive::{AtomicPtr, Cell64, Ordering, fence},
};

/// The measures of a call that have a distribution of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PerCall {
    /// Bytes, including measured callees.
    Bytes,
    /// Bytes without measured callees.
    OwnBytes,
    /// Allocations, including measured callees.
    Count,
    /// Allocations without measured callees.
    OwnCount,
    /// Most bytes alive at once.
    Peak,
    /// Most allocations alive at once.
    PeakCount,
}

const MEASURES: usize = 6;

/// The memory part of a row, allocated at the first call that allocated or freed memory.
#[derive(Debug)]
pub(crate) struct RowMemory(AtomicPtr<Counts>);

struct Counts {
    /// Sums over the calls that are not inside another call of the site.
    outer: Counters,
    /// Bytes and allocations of calls whose measured callees allocated nothing: with and without callees is equal.
    alone: [Measure; 2],
    /// Peaks of live bytes and live allocations.
    peaks: [Measure; 2],
    /// Bytes, own bytes, allocations and own allocations of all other calls, made at the first one.
    callees: AtomicPtr<[Measure; 4]>,
    recent: RecentSizes,
}

// SAFETY: the owner's pointer to the sizes of recent calls is touched by the lane's owner alone; readers have their own.
unsafe impl Sync for Counts {}

/// The distribution of one measure.
struct Measure {
    sum: Cell64,
    min: Cell64,
    /// Largest less smallest value.
    span: Cell64,
    histogram: Histogram,
}

impl Measure {
    fn new() -> Self {
        let (sum, min, span) = (Cell64::new(0), Cell64::new(u64::MAX), Cell64::new(0));
        Self { sum, min, span, histogram: Histogram::new() }
    }

    fn several<const N: usize>() -> [Self; N] {
        std::array::from_fn(|_| Self::new())
    }

    /// Owner only. The bucket comes last: a reader that finds a call there finds it in the sum too.
    #[inline(always)]
    fn add(&self, value: u64, arena: &Arena) {
        self.sum.add(value);
        let is_inside = value.wrapping_sub(self.min.own()) <= self.span.own(); // a smaller value wraps
        if is_inside && let Some(bucket) = self.histogram.bucket(value) {
            return bucket.add_one();
        }
        self.add_first(value, arena);
    }

    /// Adds a new extreme, or the first value of an octave.
    #[cold]
    #[inline(never)]
    fn add_first(&self, value: u64, arena: &Arena) {
        let (min, span) = (self.min.own(), self.span.own());
        let max = if min == u64::MAX { value } else { min + span };
        self.min.set(min.min(value));
        self.span.set(max.max(value) - min.min(value));
        self.histogram.add(value, arena);
    }

    /// Any thread.
    fn read(&self, into: &mut MeasureTotals) {
        into.buckets.merge(&self.histogram.read().0);
        // Pairs with the Release in the bucket's `add_one`: a value in a bucket is in the sum, and between the extremes.
        fence(Ordering::Acquire);
        into.sum += self.sum.get();
        let min = self.min.get();
        into.min = into.min.min(min);
        into.max = into.max.max(if min == u64::MAX { 0 } else { min.saturating_add(self.span.get()) });
    }

    /// Owner only, while no reader trusts this lane.
    fn clear(&self) {
        self.sum.set(0);
        self.min.set(u64::MAX);
        self.span.set(0);
        self.histogram.clear();
    }
}

impl Counts {
    fn new() -> Self {
        Self {
            outer: Counters::new(),
            alone: Measure::several(),
            peaks: Measure::several(),
            callees: AtomicPtr::new(std::ptr::null_mut()),
            recent: RecentSizes::new(),
        }
    }

    /// Any thread. Pairs with the Release in `grow`.
    fn callees(&self) -> Option<&[Measure; 4]> {
        // SAFETY: null or published complete by `grow`, never freed.
        unsafe { self.callees.load(Ordering::Acquire).as_ref() }
    }

    /// Owner only.
    fn record(&self, alloc: &AllocDelta, is_nested: bool, arena: &Arena) {
        let AllocDelta { sums, own_bytes, own_count, peak, peak_count } = *alloc;
        if !is_nested {
            self.outer.add(sums);
        }
        self.peaks[0].add(peak, arena);
        self.peaks[1].add(peak_count, arena);
        if (own_bytes, own_count) == (sums.bytes, sums.count) {
            self.alone[0].add(own_bytes, arena);
            self.alone[1].add(own_count, arena);
        } else if let Some(callees) = self.callees().or_else(|| self.grow(arena)) {
            let values = [sums.bytes, own_bytes, sums.count, own_count];
            callees.iter().zip(values).for_each(|(measure, value)| measure.add(value, arena));
        }
    }

    #[cold]
    fn grow(&self, arena: &Arena) -> Option<&[Measure; 4]> {
        let fresh = arena.put(Measure::several())?;
        // Pairs with the Acquire in `callees`.
        self.callees.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release);
        Some(fresh)
    }

    /// Any thread. The distribution of each [`PerCall`] consists of one or two measures.
    fn read(&self, into: &mut MemoryTotals) {
        let [bytes, own_bytes, count, own_count, peak, peak_count] = &mut into.measures;
        self.alone[0].read(bytes);
        self.alone[0].read(own_bytes);
        self.alone[1].read(count);
        self.alone[1].read(own_count);
        self.peaks[0].read(peak);
        self.peaks[1].read(peak_count);
        if let Some([all_bytes, only_own_bytes, all_count, only_own_count]) = self.callees() {
            all_bytes.read(bytes);
            only_own_bytes.read(own_bytes);
            all_count.read(count);
            only_own_count.read(own_count);
        }
        into.outer += self.outer.read();
    }

    /// Owner only, while no reader trusts this lane.
    fn clear(&self) {
        self.outer.clear();
        self.alone
            .iter()
            .chain(&self.peaks)
            .chain(self.callees().into_iter().flatten())
            .for_each(Measure::clear);
        self.recent.clear();
    }
}

impl RowMemory {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// Any thread. Pairs with the Release in `grow`.
    fn counts(&self) -> Option<&Counts> {
        // SAFETY: null or published complete by `grow`, never freed.
        unsafe { self.0.load(Ordering::Acquire).as_ref() }
    }

    /// Owner only. Records the allocations of a call. `ledger` is the call's number in the row's ledger, and the number of calls that the
    /// ledger remembers; `None` if the call does not enter it.
    #[inline(always)]
    pub(crate) fn record(
        &self,
        ledger: Option<(u64, u64)>,
        alloc: &AllocDelta,
        is_nested: bool,
        arena: &Arena,
    ) {
        let Some(counts) = self.counts().or_else(|| self.grow(arena)) else { return };
        counts.record(alloc, is_nested, arena);
        if let Some((number, limit)) = ledger {
            counts.recent.put(number, limit, alloc.allocated(), arena);
        }
    }

    /// Any thread. Returns bytes and number of allocations of call `number`, which is in the ledger before and after.
    pub(crate) fn recent(&self, number: u64) -> (u64, u64) {
        self.counts().map_or((0, 0), |counts| counts.recent.get(number))
    }

    #[cold]
    #[inline(never)]
    fn grow(&self, arena: &Arena) -> Option<&Counts> {
        let fresh = arena.put(Counts::new())?;
        // Pairs with the Acquire in `counts`.
        self.0.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release);
        Some(fresh)
    }

    /// Any thread. Adds the values to `into`.
    pub(crate) fn read(&self, into: &mut MemoryTotals) {
        if let Some(counts) = self.counts() {
            counts.read(into);
        }
    }

    /// Owner only, while no reader trusts this lane.
    pub(crate) fn clear(&self) {
        if let Some(counts) = self.counts() {
            counts.clear();
        }
    }
}

/// The allocations of one site, summed over lanes.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryTotals {
    outer: Sums,
    /// Sums over the site's nodes in the call trees, without and with their subtrees.
    own: Sums,
    below: Sums,
    measures: [MeasureTotals; MEASURES],
}

#[derive(Clone, Debug)]
struct MeasureTotals {
    sum: u64,
    min: u64,
    max: u64,
    buckets: Buckets,
}

impl Default for MeasureTotals {
    fn default() -> Self {
        Self { sum: 0, min: u64::MAX, max: 0, buckets: Buckets::default() }
    }
}

impl MemoryTotals {
    /// Adds a node of the site: its own sums, and those of its subtree.
    pub(crate) fn add_node(&mut self, own: Sums, subtree: Sums) {
        self.own += own;
        self.below += subtree;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.outer += other.outer;
        self.own += other.own;
        self.below += other.below;
        for (mine, theirs) in self.measures.iter_mut().zip(&other.measures) {
            mine.sum += theirs.sum;
            mine.min = mine.min.min(theirs.min);
            mine.max = mine.max.max(theirs.max);
            mine.buckets.merge(&theirs.buckets);
        }
    }

    /// `ended`: calls that have ended; those in no histogram allocated nothing.
    pub(crate) fn finish(self, ended: u64) -> Option<MemoryReading> {
        // Two lower bounds of the total: finished calls, and the tree, which includes unfinished calls but lacks what mutual recursion
        // folded away. Neither counts anything twice.
        let total = self.outer.or_more(self.below);
        IS_TRACKED.then_some(MemoryReading { total, own: self.own, ended, measures: self.measures })
    }
}

/// The allocations of one site's calls, over all lanes.
#[derive(Clone, Debug)]
pub struct MemoryReading {
    /// Sums including measured callees, recursion counted once.
    pub total: Sums,
    /// Sums without measured callees.
    pub own: Sums,
    ended: u64,
    measures: [MeasureTotals; MEASURES],
}

/// The distribution of one measure over the calls that ended.
#[derive(Clone, Debug)]
pub struct MeasureReading {
    /// The number of calls.
    pub calls: u64,
    /// The sum over the calls.
    pub sum: u64,
    /// The smallest value; `None` without calls.
    pub min: Option<u64>,
    /// The largest value; `None` without calls.
    pub max: Option<u64>,
    /// Ranges of values with their numbers of calls, from small to large.
    pub buckets: Vec<(Range<u64>, u64)>,
}

impl MeasureReading {
    /// The distribution of a single call.
    #[must_use]
    pub fn once(value: u64) -> Self {
        let (lower, upper) = bucket_bounds(bucket_index(value));
        let buckets = vec![(lower..upper, 1)];
        Self { calls: 1, sum: value, min: Some(value), max: Some(value), buckets }
    }
}

impl MemoryReading {
    /// Returns the distribution of `measure`. A call without allocations and frees counts as 0.
    #[must_use]
    pub fn per_call(&self, measure: PerCall) -> MeasureReading {
        let MeasureTotals { sum, min, max, buckets } = &self.measures[measure as usize];
        let held = buckets.total();
        let calls = self.ended.max(held);
        let mut counted: Vec<(Range<u64>, u64)> =
            buckets.iter().map(|(lower, upper, count)| (lower..upper, count)).collect();
        let silent = calls - held;
        match counted.first_mut().filter(|(range, _)| range.start == 0) {
            Some((_, zeros)) => *zeros += silent,
            None if silent > 0 => counted.insert(0, (0..1, silent)),
            None => {}
        }
        let min = if silent > 0 { 0 } else { *min };
        let known = |value| (calls > 0).then_some(value);
        MeasureReading { calls, sum: *sum, min: known(min), max: known(*max), buckets: counted }
    }
}
