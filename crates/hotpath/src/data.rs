//! Plain values that the public functions return, used by every layer and knowing none.

use std::fmt;

pub mod flows;

/// The state of one call of a watched future.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FutureState {
    /// Made, and not polled yet.
    Pending,
    /// Inside a poll.
    Running,
    /// Between two polls.
    Suspended,
    /// It gave its value.
    Ready,
    /// Dropped before that.
    Cancelled,
}

/// The form of reports: lower case.
impl fmt::Display for FutureState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Suspended => "suspended",
            Self::Ready => "ready",
            Self::Cancelled => "cancelled",
        })
    }
}

/// One call of a watched future.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FutureCall {
    /// Unlike that of any other call in the process.
    pub id: u64,
    /// The `id` of its row in the report of the running session.
    pub future_id: u32,
    /// The label of that row.
    pub label: String,
    /// The state of the call.
    pub state: FutureState,
    /// Polls that have ended.
    pub poll_count: u64,
    /// Nanoseconds inside polls. Polls that were not timed (sampling) are in none of these.
    pub total_poll_duration_ns: u64,
    /// The longest poll.
    pub max_poll_duration_ns: u64,
    /// The last poll.
    pub last_poll_duration_ns: u64,
    /// Bytes allocated inside polls, if allocations are tracked.
    pub total_poll_alloc_bytes: Option<u64>,
    /// Allocations inside polls.
    pub total_poll_alloc_count: Option<u64>,
    /// Most bytes allocated in a poll.
    pub max_poll_alloc_bytes: Option<u64>,
    /// Bytes allocated in the last poll.
    pub last_poll_alloc_bytes: Option<u64>,
    /// The thread it ended on.
    pub thread_id: Option<u64>,
    /// The value as text, with `log = true`.
    pub result: Option<String>,
}

/// The result of [`alloc::measure`](crate::alloc::measure).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Measured<T> {
    /// The value that the closure returned.
    pub value: T,
    /// Bytes allocated. A `realloc` counts as an allocation of the new size.
    pub bytes: u64,
    /// Number of allocations.
    pub count: u64,
    /// Bytes freed.
    pub freed: u64,
    /// The peak of live bytes, beyond those that were live at the beginning.
    pub peak: u64,
    /// The peak of live allocations, beyond those that were live at the beginning.
    pub peak_count: u64,
}

impl<T> Measured<T> {
    /// The value of every number when allocations are not counted: so large that a budget fails instead of passing unchecked.
    pub const UNKNOWN: u64 = u64::MAX;

    pub(crate) fn unknown(value: T) -> Self {
        let unknown = Self::UNKNOWN;
        Self { value, bytes: unknown, count: unknown, freed: unknown, peak: unknown, peak_count: unknown }
    }

    /// Returns true if allocations were counted. If not, all numbers are [`Measured::UNKNOWN`].
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.bytes != Self::UNKNOWN
    }
}
