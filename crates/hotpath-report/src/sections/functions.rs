//! What is recorded of a function: the rows under both function sections.

use crate::dist::Dist;
use crate::value::Source;

/// What kind of code a row measures.
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
}

impl FunctionKind {
    /// The word for it in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fn => "fn",
            Self::AsyncFn => "async_fn",
            Self::Block => "block",
            Self::Main => "main",
        }
    }
}

/// What only an async function has.
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

/// Allocations of a function. "Self" leaves out what measured callees allocated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllocStats {
    /// Bytes allocated, measured callees included.
    pub total_bytes: u64,
    /// Bytes allocated by the function itself.
    pub self_bytes: u64,
    /// Allocations, measured callees included.
    pub total_count: u64,
    /// Allocations by the function itself.
    pub self_count: u64,
    /// Bytes freed by the function itself.
    pub freed_bytes: u64,
    /// Most bytes alive at once since entry, over all calls.
    pub peak_bytes: u64,
    /// Bytes per call, measured callees included.
    pub bytes: Dist,
    /// Bytes per call by the function itself.
    pub self_bytes_dist: Dist,
    /// Allocations per call, measured callees included.
    pub counts: Dist,
    /// Allocations per call by the function itself.
    pub self_counts: Dist,
}

/// Everything recorded of one function, async function or block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionStats {
    /// Number of the row, stable within a run.
    pub id: u32,
    /// Full path, or the label of a block.
    pub name: String,
    /// What is measured.
    pub kind: FunctionKind,
    /// Where it stands in the source.
    pub source: Option<Source>,
    /// Calls, those still running included.
    pub calls: u64,
    /// Calls still running.
    pub running: u64,
    /// Nanoseconds inside, measured callees included; unknown if no call was timed.
    pub total_ns: Option<u64>,
    /// Nanoseconds inside, measured callees left out.
    pub self_ns: Option<u64>,
    /// Nanoseconds per timed call.
    pub durations: Dist,
    /// Set for async functions.
    pub asynchronous: Option<AsyncStats>,
    /// Set when allocations were tracked.
    pub alloc: Option<AllocStats>,
    /// Calls that were timed; `None` when every call is.
    pub sampled_calls: Option<u64>,
    /// Nanoseconds that measuring this function cost, estimated.
    pub overhead_ns: Option<u64>,
}

impl FunctionStats {
    /// Nanoseconds of an async function outside its polls.
    pub fn wait_ns(&self) -> Option<u64> {
        Some(self.total_ns?.saturating_sub(self.asynchronous?.busy_ns))
    }
}
