//! What measured code allocates and frees.
//!
//! A counting allocator calls [`allocated`] and [`freed`]. Each adds to the lane of the calling thread and to the node the
//! thread is in, so whose memory it is is known at every moment, also of calls that never end. What one call took is known
//! by comparing sums: a call that allocates leaves a mark where the sums stood when it began (`marks.rs`); one that does not
//! costs nothing but a number on the way in and out.
//!
//! With the feature `alloc` off the same names stand in `memory_off.rs`, with nothing behind them.

mod call;
#[cfg(not(loom))]
mod here;
mod marks;
mod recent;
mod row;
#[cfg(not(loom))]
mod span;
mod sums;

#[cfg(not(loom))]
pub(crate) use call::{CallMemory, SharedCallMemory};
#[cfg(not(loom))]
pub(crate) use here::leave_thread;
#[cfg(not(loom))]
pub use here::{
    Scope, Switched, allocated, by_thread, freed, pause_tracking, reallocated, resume_tracking, scope,
    stop_tracking, total,
};
pub(crate) use marks::AllocDelta;
#[cfg(not(loom))]
pub(crate) use marks::{LaneMemory, Outside};
pub use row::{MeasureReading, MemoryReading, PerCall};
pub(crate) use row::{MemoryTotals, RowMemory};
#[cfg(not(loom))]
pub use span::{Span, SpanReading};
pub use sums::{Counters, Sums};
