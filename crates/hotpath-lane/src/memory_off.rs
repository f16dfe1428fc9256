//! [`memory`](crate::memory) without the feature `alloc`: the same names, and nothing behind them.

use crate::arena::Arena;

/// What was allocated and freed: nothing is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {}

/// What the calls of one site took: never known.
#[derive(Clone, Copy, Debug)]
pub enum MemoryReading {}

/// The memory side of a node.
#[derive(Debug)]
pub(crate) struct Counters;

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, _: Self) {}
}

impl Counters {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn read(&self) -> Sums {
        Sums {}
    }

    pub(crate) fn clear(&self) {}
}

/// What a frame took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AllocDelta;

impl AllocDelta {
    pub(crate) fn allocated(&self) -> (u64, u64) {
        (0, 0)
    }
}

/// The depth of a frame's caller.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Outside {}

impl Outside {
    pub(crate) fn to_word(self) -> u64 {
        0
    }

    pub(crate) fn from_word(_: u64) -> Self {
        Self {}
    }
}

/// The memory side of a lane.
pub(crate) struct LaneMemory;

impl LaneMemory {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn begin_owner(&self, _: u64) {}

    #[inline(always)]
    pub(crate) fn enter(&self) -> Outside {
        Outside {}
    }

    #[inline(always)]
    pub(crate) fn leave_plain(&self, _: Outside) -> bool {
        true
    }

    #[inline(always)]
    pub(crate) fn leave(&self, _: Outside) -> Option<AllocDelta> {
        None
    }
}

/// The memory side of a row.
#[derive(Debug)]
pub(crate) struct RowMemory;

impl RowMemory {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn record(&self, _: Option<(u64, u64)>, _: &AllocDelta, _: bool, _: &Arena) {}

    pub(crate) fn recent(&self, _: u64) -> (u64, u64) {
        (0, 0)
    }

    pub(crate) fn read(&self, _: &mut MemoryTotals) {}

    pub(crate) fn clear(&self) {}
}

/// The numbers of one site.
#[derive(Clone, Debug, Default)]
pub(crate) struct MemoryTotals {}

impl MemoryTotals {
    pub(crate) fn add_place(&mut self, _: Sums, _: Sums) {}

    pub(crate) fn merge(&mut self, _: &Self) {}

    pub(crate) fn finish(self, _: u64) -> Option<MemoryReading> {
        None
    }
}

/// The memory side of a call that is left and come back to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct CallMemory {}

impl CallMemory {
    pub(crate) const fn new() -> Self {
        Self {}
    }

    pub(crate) fn add(&mut self, _: Option<AllocDelta>) {}

    pub(crate) fn spent(&self) -> Option<AllocDelta> {
        None
    }
}

/// The same in atomics.
#[derive(Debug)]
pub(crate) struct SharedCallMemory;

impl SharedCallMemory {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn put(&self, _: CallMemory) {}

    pub(crate) fn get(&self) -> CallMemory {
        CallMemory {}
    }
}

/// Nothing counts allocations, so there is nothing to be switched.
#[must_use = "it is as before when this is dropped"]
pub struct Switched;

impl Drop for Switched {
    fn drop(&mut self) {}
}

/// Nothing to be quiet about.
pub fn pause_tracking() -> Switched {
    Switched
}

/// As before.
pub fn resume_tracking() -> Switched {
    Switched
}

/// Nothing to be quiet about.
pub fn stop_tracking() {}

/// Nothing to be given back.
pub(crate) fn leave_thread() {}
