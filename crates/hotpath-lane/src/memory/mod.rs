//! Allocations of measured code, as lanes, rows and nodes hold them.
//!
//! A counting allocator calls [`crate::allocations`], which adds to the lane of the calling thread and to the current node of its
//! call tree. So every byte has an owner at any moment, even inside calls that never end. The allocations of one call follow
//! from a difference of sums: a call that allocates leaves a mark with the sums at its beginning (`marks.rs`), and one that does
//! not only counts a depth up and down.
//!
//! Without the feature `alloc`, `tracked.rs` removes the fields, and the counters stay empty.

mod call;
mod marks;
mod pause;
mod recent;
mod row;
mod sums;
mod tracked;

#[cfg(not(loom))]
pub(crate) use call::CallMemory;
pub(crate) use marks::AllocDelta;
#[cfg(not(loom))]
pub(crate) use marks::{Depth, LaneMemory};
pub use pause::{TrackingGuard, pause_tracking, resume_tracking};
#[cfg(not(loom))]
pub(crate) use pause::{counting_lane, is_paused, set_counting_lane};
pub use row::{MeasureReading, MemoryReading, PerCall};
pub(crate) use row::{MemoryTotals, RowMemory};
pub use sums::{Counters, Sums};
pub(crate) use tracked::Tracked;
