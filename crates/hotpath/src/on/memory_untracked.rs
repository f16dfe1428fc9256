//! The interface of `memory.rs` in a build that does not track allocations.

use hotpath_lane::{
    memory::Sums,
    read::{Reading, RowReading},
};
use hotpath_report::{AllocStats, AllocTotals, FunctionStats, FutureAlloc, ThreadAlloc, TreeNode};

pub(crate) use crate::uncounted::{allocated, freed, measure, pause_tracking, reallocated};

pub(crate) struct AllocBaseline;

impl AllocBaseline {
    pub(crate) fn now() -> Self {
        Self
    }

    pub(crate) fn restart(&mut self) {}

    pub(crate) fn read(&self, _: &Reading) -> AllocSnapshot {
        AllocSnapshot
    }
}

#[cfg(feature = "threads")]
pub(crate) struct Allocations;

#[cfg(feature = "threads")]
impl Allocations {
    pub(crate) fn now() -> Self {
        Self
    }

    pub(crate) fn of(&self, _: u64) -> Option<ThreadAlloc> {
        None
    }

    pub(crate) fn less(&self, _: u64, _: Option<ThreadAlloc>) -> Option<ThreadAlloc> {
        None
    }
}

pub(crate) struct AllocSnapshot;

impl AllocSnapshot {
    pub(crate) fn is_known(&self) -> bool {
        false
    }

    pub(crate) fn of_row(&self, _: &RowReading) -> Option<AllocStats> {
        None
    }

    pub(crate) fn of_caller(&self) -> Option<AllocStats> {
        None
    }

    pub(crate) fn outside(&self, _: bool) -> Option<FunctionStats> {
        None
    }

    pub(crate) fn totals(&self, _: bool) -> AllocTotals {
        AllocTotals::default()
    }

    pub(crate) fn of_threads(&self) -> Option<ThreadAlloc> {
        None
    }

    pub(crate) fn of_future(&self, _: &RowReading) -> Option<FutureAlloc> {
        None
    }

    pub(crate) fn at_node(&self, _: Sums, _: &mut TreeNode) {}

    pub(crate) fn at_caller(&self, _: &mut TreeNode) {}
}
