//! What was allocated since a moment: by all threads, and by the one that was there.

use super::{own_lane, total};
use crate::{lane::Lane, memory::Sums};

/// A moment from which on allocations are wanted.
pub struct Span {
    lane: Option<&'static Lane>,
    here: Sums,
    all: Sums,
    knows_peak: bool,
}

/// What was allocated and freed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanReading {
    /// By all threads.
    pub all: Sums,
    /// By the thread that began the span.
    pub here: Sums,
    /// The most bytes and allocations of that thread alive at once, beyond those at the beginning, if known.
    pub peak: Option<(u64, u64)>,
    /// Bytes alive now of all that was counted since the process began.
    pub live: i64,
}

impl Span {
    /// Begins a span on this thread.
    #[must_use]
    pub fn begin() -> Self {
        let lane = own_lane();
        let knows_peak = lane.is_some_and(|lane| lane.memory.restart_peak());
        Self { lane, here: Self::of(lane), all: total(), knows_peak }
    }

    /// Begins anew, from whatever thread. The peak is not known then: only the thread itself can begin one.
    pub fn restart(&mut self) {
        *self = Self { lane: self.lane, here: Self::of(self.lane), all: total(), knows_peak: false };
    }

    fn of(lane: Option<&Lane>) -> Sums {
        lane.map_or(Sums::default(), |lane| lane.memory.sums())
    }

    /// Any thread. What came since.
    #[must_use]
    pub fn read(&self) -> SpanReading {
        let peak = self.lane.filter(|_| self.knows_peak).and_then(|lane| lane.memory.peak_since(self.here));
        let here = Self::of(self.lane) - self.here;
        let now = total(); // last: it holds all that was found above
        SpanReading { all: now - self.all, here, peak, live: now.live() }
    }
}
