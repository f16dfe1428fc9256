//! Allocations since a moment, of all threads and of the one that began the span.

use super::{own_lane, total};
use crate::{lane::Lane, memory::Sums};

/// The allocations since a moment.
pub struct Span {
    lane: Option<&'static Lane>,
    here: Sums,
    all: Sums,
    knows_peak: bool,
}

/// The values of a [`Span`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanReading {
    /// Allocations and frees of all threads.
    pub all: Sums,
    /// Allocations and frees of the thread that began the span.
    pub here: Sums,
    /// The most bytes and allocations of that thread alive at once, beyond those alive at the beginning, if known.
    pub peak: Option<(u64, u64)>,
    /// Bytes allocated since the process began that are alive now.
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

    /// Begins again, on any thread. The peak is unknown from then on: only the thread itself can restart it.
    pub fn restart(&mut self) {
        *self = Self { lane: self.lane, here: Self::of(self.lane), all: total(), knows_peak: false };
    }

    fn of(lane: Option<&Lane>) -> Sums {
        lane.map_or(Sums::default(), |lane| lane.memory.sums())
    }

    /// Any thread. Reads the allocations since the beginning.
    #[must_use]
    pub fn read(&self) -> SpanReading {
        let peak = self.lane.filter(|_| self.knows_peak).and_then(|lane| lane.memory.peak_since(self.here));
        let here = Self::of(self.lane) - self.here;
        let now = total(); // last: it includes everything read above
        SpanReading { all: now - self.all, here, peak, live: now.live() }
    }
}
