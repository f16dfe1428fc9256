//! Rows: the numbers of one site on one lane, over all its callers.

use crate::{
    arena::Arena,
    async_stats::{AsyncStats, AsyncTotals, Outcome, Poll},
    call_history::{CallHistory, Ended},
    cells::Cells,
    counters::{RowCounters, RowTotals},
    dist::{Buckets, Histogram},
    ledger::{Ledger, Recent, Sums},
    logs::Logs,
    memory::{AllocDelta, MemoryTotals, RowMemory},
    primitive::{AtomicPtr, Cell64, Ordering, fence},
};

/// The most attempts of a reader to read a row consistently.
const TRIES: usize = 1000;

/// The numbers of one site on one lane. Written by the lane's owner, read by any thread.
#[repr(C, align(64))] // the fields that every call writes come first, and straddle no cache line
pub(crate) struct Row {
    ledger: Ledger,
    /// The start of the outermost visit on this thread; [`Row::IDLE`] while there is none.
    pub(crate) since: Cell64,
    min: Cell64,
    /// Longest less shortest.
    span: Cell64,
    histogram: Histogram,
    nested: Nested,
    pub(crate) counters: RowCounters,
    /// This lane's part of the site's gauge, wrapping. Not cleared: gauges outlive sessions.
    pub(crate) gauge: Cell64,
    async_stats: AtomicPtr<AsyncStats>,
    logs: AtomicPtr<Logs>,
    history: AtomicPtr<CallHistory>,
    /// The allocations of its calls.
    memory: RowMemory,
}

/// The time of calls inside another call of the same site on the same thread: recursion, not to be counted twice.
///
/// Two running sums, each with the number of its call, so that a reader finds the one for the calls that it read.
struct Nested(Cells<4>);

impl Nested {
    /// Owner only. Before call `number` is published.
    fn add(&self, number: u64, ticks: u64) {
        self.0.update(|[newest, sum, older, older_sum]| {
            (*older, *older_sum) = (*newest, *sum);
            (*newest, *sum) = (number + 1, *sum + ticks);
        });
    }

    /// Any thread. The sum over the first `calls` calls.
    fn upto(&self, calls: u64) -> u64 {
        let [newest, sum, _, older_sum] = self.0.read().1;
        if newest <= calls { sum } else { older_sum }
    }
}

impl Row {
    /// The start of the outermost visit while there is none.
    pub(crate) const IDLE: u64 = 0;

    /// A row that remembers the last `recent` calls.
    pub(crate) fn new(recent: usize, arena: &Arena) -> Option<Self> {
        Some(Self {
            ledger: Ledger::new(recent, arena)?,
            since: Cell64::new(Self::IDLE),
            min: Cell64::new(u64::MAX),
            span: Cell64::new(0),
            histogram: Histogram::new(),
            nested: Nested(Cells::new()),
            counters: RowCounters::new(),
            gauge: Cell64::new(0),
            async_stats: AtomicPtr::new(std::ptr::null_mut()),
            logs: AtomicPtr::new(std::ptr::null_mut()),
            history: AtomicPtr::new(std::ptr::null_mut()),
            memory: RowMemory::new(),
        })
    }

    /// Owner only. Ends an outermost call: records it, then marks it as no longer running. So a reader finds it as one of the two, and
    /// notices by its start when it finds both. Rare cases are a tail call.
    #[inline(always)]
    pub(crate) fn end_plain(&self, end: u64, ticks: u64, arena: &Arena) {
        if !self.record_plain(end, ticks) {
            return self.end_rare(end, ticks, arena);
        }
        self.since.set_last(Self::IDLE);
    }

    #[cold]
    #[inline(never)]
    fn end_rare(&self, end: u64, ticks: u64, arena: &Arena) {
        self.record_inside(end, ticks, arena);
        self.since.set_last(Self::IDLE);
    }

    /// Owner only. Records a call that is not nested, if the thread is not inside already.
    fn record_inside(&self, end: u64, ticks: u64, arena: &Arena) {
        #[cfg(not(loom))]
        let Some(_inside) = crate::inside::enter() else { return self.counters.interrupting.add(1) };
        self.record(end, ticks, false, arena);
    }

    /// Owner only. Records an event, which was never running.
    #[inline(always)]
    pub(crate) fn event(&self, end: u64, ticks: u64, arena: &Arena) {
        if !self.record_plain(end, ticks) {
            self.record_event(end, ticks, arena);
        }
    }

    #[cold]
    #[inline(never)]
    fn record_event(&self, end: u64, ticks: u64, arena: &Arena) {
        self.record_inside(end, ticks, arena);
    }

    /// Owner only. Records a common case. Returns `false`, with nothing done, in a rare one.
    #[inline(always)]
    fn record_plain(&self, end: u64, ticks: u64) -> bool {
        // Includes 0, which is no duration: it is less than any minimum, and wraps.
        let is_extreme = ticks.wrapping_sub(self.min.own()) > self.span.own();
        let number = self.ledger.calls();
        if is_extreme || self.ledger.is_full(number) {
            return false;
        }
        let Some(bucket) = self.histogram.bucket(ticks) else { return false };
        self.ledger.enter(number, end, ticks);
        bucket.add_one();
        self.ledger.publish_call(number);
        true
    }

    /// Owner only. Ends any call.
    #[cold]
    #[inline(never)]
    pub(crate) fn end(&self, end: u64, ticks: u64, is_nested: bool, arena: &Arena) {
        self.record(end, ticks, is_nested, arena);
        if !is_nested {
            self.since.set_last(Self::IDLE);
        }
    }

    /// Owner only. Records the allocations of a call that is about to be recorded.
    #[inline(always)]
    pub(crate) fn record_alloc(&self, alloc: &AllocDelta, is_nested: bool, arena: &Arena) {
        self.memory.record(Some((self.ledger.calls(), self.ledger.limit())), alloc, is_nested, arena);
    }

    /// Owner only. Records the allocations of a call that is only counted.
    pub(crate) fn record_alloc_untimed(&self, alloc: &AllocDelta, arena: &Arena) {
        // It may be inside another call of the site or not. As nested, the totals come from the tree's sums.
        self.memory.record(None, alloc, true, arena);
    }

    /// Owner only. Records a finished call of any kind: a new extreme, the first touch of an octave, a full ledger, recursion. A call
    /// takes at least one tick.
    pub(crate) fn record(&self, end: u64, ticks: u64, is_nested: bool, arena: &Arena) {
        let ticks = ticks.max(1);
        let number = self.ledger.calls();
        if self.ledger.is_full(number) {
            self.ledger.grow(arena);
        }
        self.histogram.make_room(ticks, arena);
        self.extend(ticks);
        if is_nested {
            self.nested.add(number, ticks);
            self.counters.nested.add(1);
        }
        self.ledger.enter(number, end, ticks);
        if let Some(bucket) = self.histogram.bucket(ticks) {
            bucket.add_one();
        }
        self.ledger.publish_call(number);
    }

    fn extend(&self, ticks: u64) {
        let (min, span) = (self.min.own(), self.span.own());
        let max = if min == u64::MAX { ticks } else { min + span };
        let (low, high) = (min.min(ticks), max.max(ticks));
        self.min.set(low);
        self.span.set(high - low);
    }

    /// Owner only. Returns the counters of async calls, made when first needed.
    #[inline(always)]
    fn async_stats(&self, arena: &Arena) -> Option<&AsyncStats> {
        let known = self.async_stats.load(Ordering::Relaxed); // own store, or null
        // SAFETY: published complete by `grow_async_stats` and never freed.
        unsafe { known.as_ref() }.or_else(|| self.grow_async_stats(arena))
    }

    #[cold]
    #[inline(never)]
    fn grow_async_stats(&self, arena: &Arena) -> Option<&AsyncStats> {
        let fresh = arena.put(AsyncStats::new())?;
        // Pairs with the Acquire in `read_async`.
        self.async_stats.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release);
        Some(fresh)
    }

    /// Owner only. Records the beginning of an async call.
    #[inline(always)]
    pub(crate) fn begin_async(&self, start: u64, is_nested: bool, arena: &Arena) {
        if let Some(async_stats) = self.async_stats(arena) {
            async_stats.begin(start, is_nested);
        }
    }

    /// Owner only. Records a poll, and the end of its call if it was the last (see [`AsyncStats::poll`]).
    #[inline(always)]
    pub(crate) fn record_poll(&self, poll: Poll, ended: Option<(u64, bool)>, arena: &Arena) {
        if let Some(async_stats) = self.async_stats(arena) {
            async_stats.poll(poll, ended);
        }
        if !poll.is_nested {
            self.since.set_last(Self::IDLE);
        }
    }

    /// Owner only. Counts a poll that was not timed.
    pub(crate) fn count_poll(&self, arena: &Arena) {
        if let Some(async_stats) = self.async_stats(arena) {
            async_stats.count_poll();
        }
    }

    /// Owner only. Returns the history of single calls, made when first needed.
    pub(crate) fn history(&self, arena: &Arena) -> Option<&CallHistory> {
        // Own store, or null.
        self.known_history(Ordering::Relaxed).or_else(|| {
            let fresh = arena.put(CallHistory::new(self.ledger.limit(), arena)?)?;
            // Pairs with the Acquire in `published_history`.
            self.history.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release);
            Some(fresh)
        })
    }

    fn known_history(&self, ordering: Ordering) -> Option<&CallHistory> {
        // SAFETY: null, or published complete by `history` and never freed.
        unsafe { self.history.load(ordering).as_ref() }
    }

    /// Any thread. Returns the history of single calls, if there is one.
    pub(crate) fn published_history(&self) -> Option<&CallHistory> {
        self.known_history(Ordering::Acquire) // pairs with the Release in `history`
    }

    /// Any thread, one at a time. Returns the calls in the history that ended, with their texts.
    pub(crate) fn ended_calls(&self) -> Vec<(Ended, Option<Box<str>>)> {
        // SAFETY: published complete and never freed; pairs with the Release in `note`.
        let logs = unsafe { self.logs.load(Ordering::Acquire).as_ref() };
        let text = |ended: &Ended| logs.and_then(|logs| logs.get(ended.number));
        let ended = self.published_history().into_iter().flat_map(CallHistory::ended);
        ended.map(|ended| (ended, text(&ended))).collect()
    }

    /// Owner only. The number of the call that was recorded last.
    pub(crate) fn last_number(&self) -> u64 {
        self.ledger.calls().wrapping_sub(1)
    }

    /// Owner only. Records the end of an async call outside a timed poll.
    pub(crate) fn end_async(&self, end: u64, is_nested: bool, outcome: Outcome, arena: &Arena) {
        if let Some(async_stats) = self.async_stats(arena) {
            async_stats.end(end, is_nested, outcome);
        }
    }

    /// Owner only. Keeps the text that `write` writes as the value of the last call.
    #[cold]
    pub(crate) fn note(&self, write: impl FnOnce(&mut String), arena: &Arena) {
        #[cfg(not(loom))]
        let _untracked = crate::memory::pause_tracking();
        let known = self.logs.load(Ordering::Relaxed); // own store, or null
        // SAFETY: published complete here and never freed.
        let logs = unsafe { known.as_ref() }.or_else(|| {
            let fresh = arena.put(Logs::new(self.ledger.limit()))?;
            // Pairs with the Acquire in `recent`.
            self.logs.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release);
            Some(fresh)
        });
        if let (Some(logs), Some(number)) = (logs, self.ledger.calls().checked_sub(1)) {
            logs.put(number, write);
        }
    }

    /// Any thread. Adds the row's numbers at one moment to `into`. Returns the start of the last call that is in them.
    pub(crate) fn read(&self, into: &mut Totals) -> Option<u64> {
        let (sums, buckets) = self.read_timed();
        into.calls += sums.calls;
        into.sum += sums.ticks;
        into.nested += self.nested.upto(sums.calls);
        into.buckets.merge(&buckets);
        if sums.calls > 0 {
            let (min, span) = (self.min.get(), self.span.get());
            into.min = into.min.min(min);
            into.max = into.max.max(min.saturating_add(span));
        }
        self.memory.read(&mut into.memory);
        into.counters.merge(self.counters.read());
        let last = self.ledger.get(sums.calls.checked_sub(1)?)?;
        Some(last.end.wrapping_sub(last.ticks))
    }

    /// Returns sums and histogram that agree with each other.
    ///
    /// The histogram cannot be copied in one step while calls are recorded, so the sums are read before and after it. The number of
    /// calls is that of the histogram. It lies between the two readings, and so do the sums.
    fn read_timed(&self) -> (Sums, Buckets) {
        for _ in 0..TRIES {
            let before = self.ledger.read();
            let (mut buckets, held) = self.histogram.read();
            // Pairs with the Release in the bucket's `add_one`: a reader that saw call n in its bucket sees its entry in the ledger, and
            // all calls before it published.
            fence(Ordering::Acquire);
            let after = self.ledger.read();
            if held < before.calls || after.calls < before.calls {
                continue; // the lane was cleared for a new session meanwhile
            }
            if held <= after.calls {
                return (between(before, held, after), buckets);
            }
            // The owner is in the middle of recording: its bucket is counted, the call not yet.
            if held == after.calls + 1
                && let Some(open) = self.ledger.get(after.calls)
                && self.ledger.published() == after.calls
            {
                buckets.remove(open.ticks);
                return (after, buckets);
            }
        }
        // Only if there was no memory for a bucket: the sums are right, and the histogram lacks those calls.
        let (buckets, _) = self.histogram.read();
        (self.ledger.read(), buckets)
    }

    /// Any thread. Returns the counters of async calls, if there are any, and the start of the last poll that is in them.
    pub(crate) fn read_async(&self) -> Option<(AsyncTotals, u64)> {
        // SAFETY: published complete and never freed; pairs with the Release in `grow_async_stats`.
        let async_stats = unsafe { self.async_stats.load(Ordering::Acquire).as_ref() }?;
        Some(async_stats.read())
    }

    /// Any thread, one at a time. Returns the last calls, oldest first, with their allocations and texts.
    pub(crate) fn recent(&self) -> Vec<RecentParts> {
        // SAFETY: published complete and never freed; pairs with the Release in `note`.
        let logs = unsafe { self.logs.load(Ordering::Acquire).as_ref() };
        let parts = |number| {
            // Before the ledger, which then says whether it was still that call's.
            let allocated = self.memory.recent(number);
            let call = self.ledger.get(number)?;
            Some(RecentParts { call, allocated, text: logs.and_then(|logs| logs.get(number)) })
        };
        let upto = self.ledger.published();
        (upto.saturating_sub(self.ledger.limit())..upto).filter_map(parts).collect()
    }

    /// Owner only, while no reader trusts this lane.
    pub(crate) fn clear(&self) {
        self.ledger.clear();
        self.nested.0.clear();
        self.min.set(u64::MAX);
        self.span.set(0);
        self.counters.clear();
        self.histogram.clear();
        // SAFETY: as in `async_stats`.
        if let Some(async_stats) = unsafe { self.async_stats.load(Ordering::Relaxed).as_ref() } {
            async_stats.clear();
        }
        if let Some(history) = self.known_history(Ordering::Relaxed) {
            history.clear();
        }
        self.memory.clear();
    }
}

/// One recent call.
pub(crate) struct RecentParts {
    pub(crate) call: Recent,
    /// Bytes, and number of allocations.
    pub(crate) allocated: (u64, u64),
    pub(crate) text: Option<Box<str>>,
}

/// Interpolates the sums at the `held`-th call, which lies between two readings: each call in between counts with their mean. Exact
/// if nothing was recorded meanwhile.
fn between(from: Sums, held: u64, to: Sums) -> Sums {
    if held == to.calls {
        return to;
    }
    let part = u128::from(to.ticks - from.ticks) * u128::from(held - from.calls);
    Sums { calls: held, ticks: from.ticks + (part / u128::from(to.calls - from.calls)) as u64 }
}

/// The numbers of one site, summed over lanes. Times are in ticks.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    pub(crate) calls: u64,
    pub(crate) sum: u64,
    pub(crate) nested: u64,
    pub(crate) min: u64,
    pub(crate) max: u64,
    pub(crate) counters: RowTotals,
    pub(crate) buckets: Buckets,
    pub(crate) memory: MemoryTotals,
}

impl Totals {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.calls += other.calls;
        self.sum += other.sum;
        self.nested += other.nested;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
        self.counters.merge(other.counters);
        self.buckets.merge(&other.buckets);
        self.memory.merge(&other.memory);
    }
}

impl Default for Totals {
    fn default() -> Self {
        Self {
            calls: 0,
            sum: 0,
            nested: 0,
            min: u64::MAX,
            max: 0,
            counters: RowTotals::default(),
            buckets: Buckets::default(),
            memory: MemoryTotals::default(),
        }
    }
}
