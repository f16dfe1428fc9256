//! Rows: the numbers of one site on one lane, over all its callers.
//!
//! A program has many functions, most of which a thread calls a few times. So a row is three cache lines: the fields that every call
//! writes, the last calls, and the first values of the distribution. The rest is made when it is first needed, or pays.

use crate::{
    arena::Arena,
    async_stats::{AsyncStats, AsyncTotals, Outcome, Poll},
    call_history::{CallHistory, Ended},
    cells::Cells,
    counters::{RowCounters, RowTotals},
    dist::{Buckets, Dense, Distribution, FirstValues, FurtherValues},
    ledger::{Ledger, Recent, Sums},
    logs::Logs,
    memory::{AllocDelta, MemoryTotals, RowMemory},
    primitive::{AtomicPtr, Cell32, Cell64, Ordering, fence},
};

/// The most attempts of a reader to read a row consistently.
const TRIES: usize = 1000;

/// The numbers of one site on one lane. Written by the lane's owner, read by any thread.
#[repr(C, align(64))] // the fields that every call writes come first, and straddle no cache line
pub(crate) struct Row {
    /// The start of the outermost visit on this thread; [`Row::IDLE`] while there is none.
    pub(crate) since: Cell64,
    min: Cell64,
    /// Longest less shortest.
    span: Cell64,
    /// The distribution of durations, with `further_values` and `first_values`.
    dense: Dense,
    /// This lane's part of the site's gauge, wrapping. Not cleared: gauges outlive sessions.
    pub(crate) gauge: Cell64,
    ledger: Ledger,
    rest: AtomicPtr<Rest>,
    further_values: FurtherValues,
    /// [`RowCounters::interrupting`] while there is no rest: such a call must not allocate. 2^32 of them would take a signal each.
    interrupting: Cell32,
    first_values: FirstValues,
}

#[cfg(not(loom))]
const _: () = assert!(size_of::<Row>() == 3 * 64);

/// The fields that few rows need, made when first needed.
struct Rest {
    nested: Nested,
    counters: RowCounters,
    async_stats: AtomicPtr<AsyncStats>,
    logs: AtomicPtr<Logs>,
    history: AtomicPtr<CallHistory>,
    /// The allocations of its calls.
    memory: RowMemory,
}

impl Rest {
    fn new() -> Self {
        Self {
            nested: Nested(Cells::new()),
            counters: RowCounters::new(),
            async_stats: AtomicPtr::new(std::ptr::null_mut()),
            logs: AtomicPtr::new(std::ptr::null_mut()),
            history: AtomicPtr::new(std::ptr::null_mut()),
            memory: RowMemory::new(),
        }
    }

    fn is_logged(&self) -> bool {
        !self.logs.load(Ordering::Relaxed).is_null()
    }

    #[cold]
    #[inline(never)]
    fn grow_async_stats(&self, arena: &Arena) -> Option<&AsyncStats> {
        let fresh = arena.put(AsyncStats::new())?;
        // Pairs with the Acquire in `read_async`.
        self.async_stats.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release);
        Some(fresh)
    }
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

    /// Makes a row that remembers the last `recent` calls. `None` without memory.
    pub(crate) fn make(recent: usize, arena: &Arena) -> Option<&'static Self> {
        let row = arena.put(Self {
            since: Cell64::new(Self::IDLE),
            min: Cell64::new(u64::MAX),
            span: Cell64::new(0),
            dense: Dense::new(),
            gauge: Cell64::new(0),
            ledger: Ledger::new(recent),
            rest: AtomicPtr::new(std::ptr::null_mut()),
            further_values: FurtherValues::new(),
            interrupting: Cell32::new(0),
            first_values: FirstValues::new(),
        })?;
        row.ledger.begin();
        Some(row)
    }

    fn distribution(&self) -> Distribution<'_> {
        Distribution { dense: &self.dense, first: &self.first_values, further: &self.further_values }
    }

    /// Any thread. Returns the rest, if there is one.
    #[inline(always)]
    fn known_rest(&self, ordering: Ordering) -> Option<&Rest> {
        // SAFETY: null, or published complete by `make_rest` and never freed.
        unsafe { self.rest.load(ordering).as_ref() }
    }

    /// Any thread. Returns the rest, if there is one.
    fn published_rest(&self) -> Option<&Rest> {
        self.known_rest(Ordering::Acquire) // pairs with the Release in `make_rest`
    }

    /// Owner only. Returns the rest, made when first needed; `None` without memory.
    #[inline(always)]
    fn rest(&self, arena: &Arena) -> Option<&Rest> {
        self.known_rest(Ordering::Relaxed).or_else(|| self.make_rest(arena)) // own store, or null
    }

    #[cold]
    #[inline(never)]
    fn make_rest(&self, arena: &Arena) -> Option<&Rest> {
        let fresh = arena.put(Rest::new())?;
        // Pairs with the Acquire in `published_rest`.
        self.rest.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release);
        Some(fresh)
    }

    /// Owner only. Returns `true` the first time since the row was cleared: the site gets its first node.
    pub(crate) fn takes_first_node(&self) -> bool {
        self.first_values.mark()
    }

    /// Owner only. Counts a call that interrupts the recording of another one.
    pub(crate) fn count_interrupting(&self) {
        match self.known_rest(Ordering::Relaxed) {
            Some(rest) => rest.counters.interrupting.add(1),
            None => self.interrupting.add(1),
        }
    }

    /// Owner only. Counts a timed call inside another one that is only counted.
    pub(crate) fn count_nested(&self, arena: &Arena) {
        if let Some(rest) = self.rest(arena) {
            rest.counters.nested.add(1);
        }
    }

    /// Owner only. Counts a call that is not timed (sampling).
    #[inline]
    pub(crate) fn count_untimed(&self, arena: &Arena) {
        match self.known_rest(Ordering::Relaxed) {
            Some(rest) => rest.counters.untimed.add(1),
            None => self.count_first(|counters| &counters.untimed, arena),
        }
    }

    /// Owner only. Counts a timed call of unknown self time: a block outside the call tree.
    pub(crate) fn count_detached(&self, arena: &Arena) {
        self.count_first(|counters| &counters.detached, arena);
    }

    /// As the other methods that count, with a rest that is made if need be.
    #[cold]
    #[inline(never)]
    fn count_first(&self, counter: impl Fn(&RowCounters) -> &Cell64, arena: &Arena) {
        #[cfg(not(loom))]
        let Some(_inside) = crate::inside::enter() else { return self.count_interrupting() };
        match self.rest(arena) {
            Some(rest) => counter(&rest.counters).add(1),
            None => self.count_interrupting(),
        }
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
        let Some(_inside) = crate::inside::enter() else { return self.count_interrupting() };
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
    pub(crate) fn record_plain(&self, end: u64, ticks: u64) -> bool {
        // Includes 0, which is no duration: it is less than any minimum, and wraps.
        let is_extreme = ticks.wrapping_sub(self.min.own()) > self.span.own();
        let number = self.ledger.calls();
        if is_extreme || self.ledger.is_full(number) {
            return false;
        }
        let Some(bucket) = self.dense.bucket(ticks) else { return false };
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
        if let Some(rest) = self.rest(arena) {
            rest.memory.record(Some((self.ledger.calls(), self.ledger.len())), alloc, is_nested, arena);
        }
    }

    /// Owner only. Records the allocations of a call that is only counted.
    pub(crate) fn record_alloc_untimed(&self, alloc: &AllocDelta, arena: &Arena) {
        // It may be inside another call of the site or not. As nested, the totals come from the tree's sums.
        if let Some(rest) = self.rest(arena) {
            rest.memory.record(None, alloc, true, arena);
        }
    }

    /// Owner only. Records a finished call of any kind: one of the first, a new extreme, a rare duration, a full ledger, recursion. A call
    /// takes at least one tick.
    pub(crate) fn record(&self, end: u64, ticks: u64, is_nested: bool, arena: &Arena) {
        let ticks = ticks.max(1);
        let number = self.ledger.calls();
        if self.ledger.is_full(number) {
            let is_logged = self.known_rest(Ordering::Relaxed).is_some_and(Rest::is_logged);
            self.ledger.grow(is_logged, arena);
        }
        if is_nested {
            let Some(rest) = self.rest(arena) else { return self.count_interrupting() };
            rest.nested.add(number, ticks);
            rest.counters.nested.add(1);
        }
        let place = self.distribution().place(ticks, arena);
        self.extend(ticks);
        self.ledger.enter(number, end, ticks);
        place.add_one();
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
        let rest = self.rest(arena)?;
        let known = rest.async_stats.load(Ordering::Relaxed); // own store, or null
        // SAFETY: published complete by `grow_async_stats` and never freed.
        unsafe { known.as_ref() }.or_else(|| rest.grow_async_stats(arena))
    }

    /// Owner only. Returns the counters of async calls, if they are made.
    #[inline(always)]
    pub(crate) fn known_async_stats(&self) -> Option<&AsyncStats> {
        let known = self.known_rest(Ordering::Relaxed)?.async_stats.load(Ordering::Relaxed); // own stores, or null
        // SAFETY: as in `async_stats`.
        unsafe { known.as_ref() }
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
        let rest = self.rest(arena)?;
        // Own store, or null.
        self.known_history(Ordering::Relaxed).or_else(|| {
            let fresh = arena.put(CallHistory::new(self.ledger.limit(), arena)?)?;
            // Pairs with the Acquire in `published_history`.
            rest.history.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release);
            Some(fresh)
        })
    }

    fn known_history(&self, ordering: Ordering) -> Option<&CallHistory> {
        // SAFETY: null, or published complete by `history` and never freed.
        unsafe { self.known_rest(ordering)?.history.load(ordering).as_ref() }
    }

    /// Any thread. Returns the history of single calls, if there is one.
    pub(crate) fn published_history(&self) -> Option<&CallHistory> {
        self.known_history(Ordering::Acquire) // pairs with the Release in `history`
    }

    fn published_logs(&self) -> Option<&Logs> {
        // SAFETY: null, or published complete and never freed; pairs with the Release in `note`.
        unsafe { self.published_rest()?.logs.load(Ordering::Acquire).as_ref() }
    }

    /// Any thread, one at a time. Returns the calls in the history that ended, with their texts.
    pub(crate) fn ended_calls(&self) -> Vec<(Ended, Option<Box<str>>)> {
        let logs = self.published_logs();
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
        let Some(rest) = self.rest(arena) else { return };
        let known = rest.logs.load(Ordering::Relaxed); // own store, or null
        // SAFETY: published complete here and never freed.
        let logs = unsafe { known.as_ref() }.or_else(|| {
            let fresh = arena.put(Logs::new(self.ledger.limit()))?;
            self.ledger.grow_next(); // whoever wants texts wants more than two
            // Pairs with the Acquire in `published_logs`.
            rest.logs.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release);
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
        // After the sums: a reader that saw a nested call sees the rest, which was there before.
        let rest = self.published_rest();
        into.nested += rest.map_or(0, |rest| rest.nested.upto(sums.calls));
        into.buckets.merge(&buckets);
        if sums.calls > 0 {
            let (min, span) = (self.min.get(), self.span.get());
            into.min = into.min.min(min);
            into.max = into.max.max(min.saturating_add(span));
        }
        into.counters.interrupting += u64::from(self.interrupting.get());
        if let Some(rest) = rest {
            rest.memory.read(&mut into.memory);
            into.counters.merge(rest.counters.read());
        }
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
            let (mut buckets, held) = self.distribution().read();
            // Pairs with the Release in `Place::add_one`: a reader that saw call n in its bucket sees its entry in the ledger, and
            // all calls before it published.
            fence(Ordering::Acquire);
            let after = self.ledger.read();
            if self.distribution().is_partial() {
                return (after, buckets); // without those calls for which there was no memory
            }
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
        // Only if the lane is cleared again and again.
        let (buckets, _) = self.distribution().read();
        (self.ledger.read(), buckets)
    }

    /// Any thread. Returns the counters of async calls, if there are any, and the start of the last poll that is in them.
    pub(crate) fn read_async(&self) -> Option<(AsyncTotals, u64)> {
        // SAFETY: published complete and never freed; pairs with the Release in `grow_async_stats`.
        let async_stats = unsafe { self.published_rest()?.async_stats.load(Ordering::Acquire).as_ref() }?;
        Some(async_stats.read())
    }

    /// Any thread, one at a time. Returns the last calls, oldest first, with their allocations and texts.
    pub(crate) fn recent(&self) -> Vec<RecentParts> {
        let logs = self.published_logs();
        let upto = self.ledger.published();
        let rest = self.published_rest();
        let parts = |number| {
            // Before the ledger, which then says whether it was still that call's.
            let allocated = rest.map_or((0, 0), |rest| rest.memory.recent(number));
            let call = self.ledger.get(number)?;
            Some(RecentParts { call, allocated, text: logs.and_then(|logs| logs.get(number)) })
        };
        (upto.saturating_sub(self.ledger.limit())..upto).filter_map(parts).collect()
    }

    /// Owner only, while no reader trusts this lane.
    pub(crate) fn clear(&self) {
        self.ledger.clear();
        self.min.set(u64::MAX);
        self.span.set(0);
        self.distribution().clear();
        self.interrupting.set(0);
        let Some(rest) = self.known_rest(Ordering::Relaxed) else { return };
        rest.nested.0.clear();
        rest.counters.clear();
        // SAFETY: as in `async_stats`.
        if let Some(async_stats) = unsafe { rest.async_stats.load(Ordering::Relaxed).as_ref() } {
            async_stats.clear();
        }
        if let Some(history) = self.known_history(Ordering::Relaxed) {
            history.clear();
        }
        rest.memory.clear();
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

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

    /// Durations of any size, most of which are near each other.
    fn durations() -> impl Strategy<Value = Vec<u64>> {
        let one = prop_oneof![8 => 90_u64..300, 4 => 1_000_u64..9_000, 1 => (0..60_u32).prop_map(|bits| 1_u64 << bits)];
        prop::collection::vec(one, 1..3000)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// Whatever is made meanwhile: entries, parts of the list, counters of octaves.
        #[test]
        fn a_row_that_is_written_is_read_as_of_one_moment(durations in durations(), nested in 0..7_usize) {
            let (arena, begun, ended) = (Arena::new(), AtomicU64::new(0), AtomicU64::new(0));
            let row = Row::make(50, &arena).expect("memory");
            let sums: Vec<u64> = durations.iter().scan(0, |sum, ticks| { *sum += ticks; Some(*sum) }).collect();
            let is_nested = |number: usize| nested > 0 && number.is_multiple_of(nested);
            let folded = |calls: u64| -> u64 { (0..calls as usize).filter(|at| is_nested(*at)).map(|at| durations[at]).sum() };
            let sum_of = |calls: u64| calls.checked_sub(1).map_or(0, |last| sums[last as usize]);
            std::thread::scope(|scope| {
                let reader = scope.spawn(|| {
                    let mut before = 0;
                    loop {
                        let from = ended.load(Relaxed);
                        let mut totals = Totals::default();
                        row.read(&mut totals);
                        let upto = begun.load(Relaxed);
                        assert!(before.max(from) <= totals.calls && totals.calls <= upto, "{from} {} {upto}", totals.calls);
                        assert_eq!(totals.buckets.total(), totals.calls);
                        // If calls were recorded meanwhile, they count with their mean.
                        assert!((sum_of(from)..=sum_of(upto)).contains(&totals.sum));
                        assert!(totals.nested <= folded(upto));
                        before = totals.calls;
                        if before == durations.len() as u64 {
                            break;
                        }
                    }
                });
                for (number, ticks) in durations.iter().enumerate() {
                    begun.store(number as u64 + 1, Relaxed);
                    if is_nested(number) {
                        row.end(number as u64, *ticks, true, &arena);
                    } else {
                        row.end_plain(number as u64, *ticks, &arena);
                    }
                    ended.store(number as u64 + 1, Relaxed);
                }
                reader.join().expect("no reading fails");
            });
            let mut totals = Totals::default();
            row.read(&mut totals);
            let mut plain = Buckets::default();
            durations.iter().for_each(|ticks| plain.add(*ticks));
            prop_assert_eq!(&totals.buckets, &plain);
            prop_assert_eq!(totals.sum, sum_of(durations.len() as u64));
            prop_assert_eq!((Some(&totals.min), Some(&totals.max)), (durations.iter().min(), durations.iter().max()));
            prop_assert_eq!(totals.nested, folded(durations.len() as u64));
            let recent: Vec<u64> = row.recent().iter().map(|parts| parts.call.ticks).collect();
            prop_assert!(recent.len() >= durations.len().min(2) && durations.ends_with(&recent));
        }
    }
}
