//! Functions: the rows of all function sections.

use crate::dist::Dist;
use crate::value::Source;

/// The kind of code that a row measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FunctionKind {
    /// A function.
    #[default]
    Fn,
    /// An async function.
    AsyncFn,
    /// A measured block.
    Block,
    /// The profiled run itself: the function that holds the guard.
    Main,
    /// No function: what the process allocated outside of measured functions.
    Outside,
}

impl FunctionKind {
    /// The word for it in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fn => "fn",
            Self::AsyncFn => "async_fn",
            Self::Block => "block",
            Self::Main => "main",
            Self::Outside => "outside",
        }
    }
}

/// Statistics of an async function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AsyncStats {
    /// Nanoseconds inside polls, over all calls.
    pub busy_ns: u64,
    /// Number of polls.
    pub polls: u64,
    /// Calls that ran to completion.
    pub completed: u64,
    /// Calls dropped before completion.
    pub cancelled: u64,
}

/// Allocations of a function. "Self" leaves out what measured callees allocated and freed.
///
/// In the distributions every call counts, one that allocated nothing as 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllocStats {
    /// Bytes allocated, inclusive of measured callees.
    pub total_bytes: u64,
    /// Bytes allocated by the function itself.
    pub self_bytes: u64,
    /// Allocations, inclusive of measured callees.
    pub total_count: u64,
    /// Allocations by the function itself.
    pub self_count: u64,
    /// Bytes freed by the function itself, whoever allocated them.
    pub freed_bytes: u64,
    /// Bytes freed, inclusive of measured callees.
    pub total_freed_bytes: u64,
    /// Frees by the function itself.
    pub freed_count: u64,
    /// Most bytes alive at once beyond those alive at entry, over all calls, if known.
    pub peak_bytes: Option<u64>,
    /// Most allocations alive at once beyond those alive at entry, over all calls, if known.
    pub peak_count: Option<u64>,
    /// Bytes per call, inclusive of measured callees.
    pub bytes: Dist,
    /// Bytes per call by the function itself.
    pub self_bytes_dist: Dist,
    /// Allocations per call, inclusive of measured callees.
    pub counts: Dist,
    /// Allocations per call by the function itself.
    pub self_counts: Dist,
    /// Peak of the live bytes per call.
    pub peaks: Dist,
    /// Peak of the live allocations per call.
    pub peak_counts: Dist,
}

/// CPU samples of a function. "Self" leaves out those that met a measured callee.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CpuStats {
    /// Samples in the function itself.
    pub self_samples: u64,
    /// Samples in the function and in measured callees, if known.
    pub total_samples: Option<u64>,
    /// Nanoseconds of CPU time that a sample stands for, if known.
    pub period_ns: Option<u64>,
}

/// The statistics of one function, async function or block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionStats {
    /// Number of the row, stable within a run.
    pub id: u32,
    /// Full path, or the label of a block.
    pub name: String,
    /// The kind of code.
    pub kind: FunctionKind,
    /// Its place in the source.
    pub source: Option<Source>,
    /// Calls, those still running included.
    pub calls: u64,
    /// Calls still running.
    pub running: u64,
    /// Nanoseconds inside, inclusive of measured callees; unknown if no call was timed.
    pub total_ns: Option<u64>,
    /// Nanoseconds inside, exclusive of measured callees.
    pub self_ns: Option<u64>,
    /// Standard error of `total_ns`, which is an estimate if this is known.
    pub total_se_ns: Option<u64>,
    /// Standard error of `self_ns`, which is an estimate if this is known.
    pub self_se_ns: Option<u64>,
    /// `total_ns` as measured, with what the profiler took, if that was taken out of it.
    pub total_raw_ns: Option<u64>,
    /// `self_ns` as measured, with what the profiler took, if that was taken out of it.
    pub self_raw_ns: Option<u64>,
    /// Nanoseconds per timed call as measured, if what the profiler took was taken out of `durations`.
    pub avg_raw_ns: Option<u64>,
    /// Nanoseconds per timed call.
    pub durations: Dist,
    /// Set for async functions.
    pub asynchronous: Option<AsyncStats>,
    /// Set when allocations were tracked.
    pub alloc: Option<AllocStats>,
    /// Set when threads were sampled.
    pub cpu: Option<CpuStats>,
    /// Nanoseconds inside, inclusive of measured callees, while the thread was not running; `None` if that is not known.
    pub off_cpu_ns: Option<u64>,
    /// Calls that were timed; `None` when every call is.
    pub sampled_calls: Option<u64>,
    /// Nanoseconds that measuring this function cost, estimated.
    pub overhead_ns: Option<u64>,
}

impl FunctionStats {
    /// Name of the row that [`FunctionStats::outside`] makes.
    pub const OUTSIDE: &'static str = "<outside>";

    /// The row of what the process allocated and freed outside of measured functions.
    ///
    /// `alloc` gives what is its own (`self_*`, `freed_*`); nothing was called, so the totals are the same. Calls, and
    /// all other numbers per call, are unknown in such a row, whatever it holds.
    ///
    /// ```
    /// use hotpath_report::{AllocStats, FunctionStats};
    /// let row = FunctionStats::outside(7, AllocStats { self_bytes: 640, self_count: 5, ..AllocStats::default() });
    /// assert_eq!((row.name.as_str(), row.calls), ("<outside>", 0));
    /// assert_eq!(row.alloc.map(|alloc| alloc.total_bytes), Some(640));
    /// ```
    pub fn outside(id: u32, alloc: AllocStats) -> Self {
        let alloc = AllocStats {
            total_bytes: alloc.self_bytes,
            total_count: alloc.self_count,
            total_freed_bytes: alloc.freed_bytes,
            ..alloc
        };
        let (name, kind) = (Self::OUTSIDE.to_owned(), FunctionKind::Outside);
        Self { id, name, kind, alloc: Some(alloc), ..Self::default() }
    }

    /// A row of the samples that met no measured function.
    ///
    /// ```
    /// use hotpath_report::{CpuStats, FunctionKind, FunctionStats};
    /// let row = FunctionStats::not_measured(7, FunctionStats::UNMEASURED_THREADS, CpuStats::own(3, 1_000_000));
    /// assert_eq!((row.kind, row.cpu.map(|cpu| cpu.self_samples)), (FunctionKind::Outside, Some(3)));
    /// ```
    pub fn not_measured(id: u32, name: &str, cpu: CpuStats) -> Self {
        Self { id, name: name.to_owned(), kind: FunctionKind::Outside, cpu: Some(cpu), ..Self::default() }
    }

    /// Name of the row of samples on threads that have called no measured function.
    pub const UNMEASURED_THREADS: &'static str = "<threads without measured functions>";

    /// Nanoseconds of an async function outside its polls.
    pub fn wait_ns(&self) -> Option<u64> {
        Some(self.total_ns?.saturating_sub(self.asynchronous?.busy_ns))
    }
}
