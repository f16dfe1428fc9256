//! Allocations: from the allocator to the lanes, and from there to the report.

use std::{hint::black_box, sync::OnceLock};

use hotpath_lane::{
    allocations::{self, Span, SpanReading},
    memory::{MeasureReading, MemoryReading, PerCall, Sums},
    read::{Reading, RowReading},
};
use hotpath_report::{
    AllocStats, AllocTotals, Bucket, Dist, FunctionStats, FutureAlloc, ThreadAlloc, TreeNode,
};

pub(crate) use hotpath_lane::memory::pause_tracking;

use super::{kind::is_function, os};
use crate::data::Measured;

#[inline(always)]
pub(crate) fn allocated(size: usize) {
    allocations::allocated(size, os::thread_id);
}

#[inline(always)]
pub(crate) fn freed(size: usize) {
    allocations::freed(size, os::thread_id);
}

#[inline(always)]
pub(crate) fn reallocated(old: usize, new: usize) {
    allocations::reallocated(old, new, os::thread_id);
}

/// Returns true if a counting allocator is this program's global allocator. Found out once, by an allocation.
fn is_counting() -> bool {
    static ANSWER: OnceLock<bool> = OnceLock::new();
    *ANSWER.get_or_init(|| {
        let Some(scope) = allocations::scope() else { return false };
        drop(black_box(Box::new(0_u8)));
        scope.end().0.count > 0
    })
}

/// Calls `f`, and returns the allocations of this thread meanwhile.
pub(crate) fn measure<T>(f: impl FnOnce() -> T) -> Measured<T> {
    let scope = if is_counting() { allocations::scope() } else { None };
    let Some(scope) = scope else { return Measured::unknown(f()) };
    let value = f();
    let (Sums { bytes, count, freed, .. }, peak, peak_count) = scope.end();
    Measured { value, bytes, count, freed, peak, peak_count }
}

/// The state of allocations when a session starts to count; none if no counting allocator is installed.
pub(crate) struct AllocBaseline(Option<Span>);

impl AllocBaseline {
    /// Returns the state now, on the thread that starts the session.
    pub(crate) fn now() -> Self {
        Self(is_counting().then(Span::begin))
    }

    /// Counts from here, on whatever thread.
    pub(crate) fn restart(&mut self) {
        if let Some(span) = &mut self.0 {
            span.restart();
        }
    }

    /// Reads the allocations since then. After `reading`, so that it includes all that the rows have.
    pub(crate) fn read(&self, reading: &Reading) -> AllocSnapshot {
        AllocSnapshot(self.0.as_ref().map(|span| Whole::of(span.read(), reading)))
    }
}

/// The bytes that each thread has allocated and freed up to a moment; empty if they are not counted.
#[cfg(feature = "threads")]
pub(crate) struct Allocations(std::collections::HashMap<u64, ThreadAlloc>);

#[cfg(feature = "threads")]
impl Allocations {
    /// Returns those of the threads alive now.
    pub(crate) fn now() -> Self {
        if !is_counting() {
            return Self(std::collections::HashMap::new());
        }
        let alloc = |sums: Sums| ThreadAlloc { allocated: sums.bytes, freed: sums.freed };
        Self(allocations::by_thread().into_iter().map(|(token, sums)| (token, alloc(sums))).collect())
    }

    /// Returns those of one thread; zero for one that never allocated.
    pub(crate) fn of(&self, tid: u64) -> Option<ThreadAlloc> {
        is_counting().then(|| self.0.get(&tid).copied().unwrap_or_default())
    }

    /// Returns the difference since this moment. A thread that has less now is another one with the same id.
    pub(crate) fn less(&self, tid: u64, now: Option<ThreadAlloc>) -> Option<ThreadAlloc> {
        let (now, then) = (now?, self.0.get(&tid).copied().unwrap_or_default());
        let is_same = then.allocated <= now.allocated && then.freed <= now.freed;
        let then = if is_same { then } else { ThreadAlloc::default() };
        Some(ThreadAlloc { allocated: now.allocated - then.allocated, freed: now.freed - then.freed })
    }
}

/// The allocations of a session up to now; nothing if they are not counted.
pub(crate) struct AllocSnapshot(Option<Whole>);

struct Whole {
    span: SpanReading,
    /// The allocations of the caller's thread, outside of measured code.
    caller: Sums,
    /// The allocations outside of the caller and of everything measured.
    outside: Sums,
}

impl Whole {
    fn of(span: SpanReading, reading: &Reading) -> Self {
        let at = |of_caller: bool| {
            let nodes = reading.tree.iter().filter(move |node| node.of_caller == of_caller);
            nodes.map(|node| node.memory).sum::<Sums>()
        };
        let caller = span.here - at(true);
        let in_rows = reading
            .rows
            .iter()
            .filter(|row| is_function(row.site.kind()))
            .filter_map(|row| row.memory.as_ref());
        let outside = span.all - caller - in_rows.map(|memory| memory.own).sum::<Sums>();
        Self { span, caller, outside }
    }
}

impl AllocSnapshot {
    /// Returns true if allocations are counted.
    pub(crate) fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// Returns the allocations of a measured function.
    pub(crate) fn of_row(&self, row: &RowReading) -> Option<AllocStats> {
        self.0.as_ref()?;
        row.memory.as_ref().map(stats)
    }

    /// Returns the allocations of the function that holds the guard: one call, with all frees of its thread.
    pub(crate) fn of_caller(&self) -> Option<AllocStats> {
        let Whole { span, caller, .. } = self.0.as_ref()?;
        let once = |value: u64| dist(MeasureReading::once(value));
        let known = |peak: Option<u64>| peak.map(once).unwrap_or_default();
        Some(AllocStats {
            bytes: once(span.here.bytes),
            self_bytes_dist: once(caller.bytes),
            counts: once(span.here.count),
            self_counts: once(caller.count),
            peaks: known(span.peak.map(|peak| peak.0)),
            peak_counts: known(span.peak.map(|peak| peak.1)),
            ..sums(span.here, *caller, span.peak)
        })
    }

    /// Returns the row of allocations outside of measured functions; without the caller's row it includes that, too.
    pub(crate) fn outside(&self, has_caller: bool) -> Option<FunctionStats> {
        let Whole { caller, outside, .. } = self.0.as_ref()?;
        let own = if has_caller { *outside } else { *outside + *caller };
        Some(FunctionStats::outside(OUTSIDE_ID, sums(own, own, None)))
    }

    /// Returns the allocations of the process.
    pub(crate) fn totals(&self, has_caller: bool) -> AllocTotals {
        let Some(Whole { span, caller, outside }) = &self.0 else { return AllocTotals::default() };
        let unattributed = if has_caller { *outside } else { *outside + *caller };
        AllocTotals {
            total_bytes: Some(span.all.bytes),
            total_count: Some(span.all.count),
            live_bytes: u64::try_from(span.live).ok(),
            unattributed_bytes: Some(unattributed.bytes),
        }
    }

    /// Returns the bytes of all threads together, those that have ended included.
    pub(crate) fn of_threads(&self) -> Option<ThreadAlloc> {
        let all = self.0.as_ref()?.span.all;
        Some(ThreadAlloc { allocated: all.bytes, freed: all.freed })
    }

    /// Returns the allocations of a watched future, inside its polls.
    pub(crate) fn of_future(&self, row: &RowReading) -> Option<FutureAlloc> {
        self.0.as_ref()?;
        let memory = row.memory.as_ref()?;
        Some(FutureAlloc { bytes: memory.total.bytes, count: memory.total.count })
    }

    /// Sets the allocations of a node of the call tree.
    pub(crate) fn at_node(&self, own: Sums, node: &mut TreeNode) {
        if self.is_known() {
            (node.alloc_bytes, node.alloc_count) = (Some(own.bytes), Some(own.count));
        }
    }

    /// Sets the allocations of the caller's node.
    pub(crate) fn at_caller(&self, node: &mut TreeNode) {
        if let Some(whole) = &self.0 {
            self.at_node(whole.caller, node);
        }
    }
}

/// No site has it: it would be one more than there can be.
const OUTSIDE_ID: u32 = 0x1_0000;

fn stats(memory: &MemoryReading) -> AllocStats {
    let per_call = |measure| dist(memory.per_call(measure));
    let (peaks, peak_counts) = (per_call(PerCall::Peak), per_call(PerCall::PeakCount));
    let peak = peaks.max.zip(peak_counts.max);
    AllocStats {
        bytes: per_call(PerCall::Bytes),
        self_bytes_dist: per_call(PerCall::OwnBytes),
        counts: per_call(PerCall::Count),
        self_counts: per_call(PerCall::OwnCount),
        peaks,
        peak_counts,
        ..sums(memory.total, memory.own, peak)
    }
}

fn sums(total: Sums, own: Sums, peak: Option<(u64, u64)>) -> AllocStats {
    AllocStats {
        total_bytes: total.bytes,
        self_bytes: own.bytes,
        total_count: total.count,
        self_count: own.count,
        freed_bytes: own.freed,
        freed_count: own.frees,
        total_freed_bytes: total.freed,
        peak_bytes: peak.map(|peak| peak.0),
        peak_count: peak.map(|peak| peak.1),
        ..AllocStats::default()
    }
}

fn dist(reading: MeasureReading) -> Dist {
    let MeasureReading { calls, sum, min, max, buckets } = reading;
    let buckets =
        buckets.into_iter().map(|(range, count)| Bucket { lower: range.start, upper: range.end, count });
    Dist::from_buckets(calls, sum, min, max, buckets)
}
