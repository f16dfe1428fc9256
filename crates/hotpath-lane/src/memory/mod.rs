//! Allocations of measured code, as lanes, rows and nodes hold them.
//!
//! A counting allocator calls [`crate::allocations`], which adds to the sums of the calling thread (`block.rs`). They also count for
//! the node of the call tree that the thread is in (`attribution.rs`). So every byte has an owner at any moment, even inside calls that
//! never end. The allocations of one call follow from a difference of sums: a call that allocates leaves a mark with the sums at its
//! beginning (`marks.rs`), and one that does not only counts a depth up and down.
//!
//! Without the feature `alloc`, `tracked.rs` removes the fields, and the counters stay empty.

mod attribution;
mod block;
mod call;
mod live;
mod marks;
mod pause;
mod recent;
mod row;
mod sums;
mod tracked;
mod visits;

#[cfg(not(loom))]
pub(crate) use block::with_own;
#[cfg(not(loom))]
pub(crate) use call::CallMemory;
#[cfg(not(loom))]
pub(crate) use marks::Depth;
pub(crate) use marks::{AllocDelta, LaneMemory};
pub use pause::{TrackingGuard, pause_tracking, resume_tracking};
#[cfg(not(loom))]
pub(crate) use pause::{counting_lane, is_paused, set_counting_lane};
pub use row::{MeasureReading, MemoryReading, PerCall};
pub(crate) use row::{MemoryTotals, RowMemory};
pub use sums::{Counters, Sums};
pub(crate) use tracked::Tracked;
#[cfg(loom)]
pub(crate) use visits::Visits;
