//! Allocations of one async call: the sum over its polls.

use super::{marks::AllocDelta, sums::Sums, tracked::Tracked};

/// Allocations of the polls of one call so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallMemory(Tracked<AllocDelta>);

impl CallMemory {
    pub(crate) const fn new() -> Self {
        Self(Tracked::new(AllocDelta::NONE))
    }

    /// Adds one poll. Its peak comes on top of what the polls before left alive.
    pub(crate) fn add(&mut self, poll: Option<AllocDelta>) {
        let (Some(poll), Some(before)) = (poll, self.0.get()) else { return };
        let peak = |poll: u64, live: i64| live.saturating_add_unsigned(poll).max(0) as u64;
        self.0 = Tracked::new(AllocDelta {
            sums: before.sums + poll.sums,
            own_bytes: before.own_bytes + poll.own_bytes,
            own_count: before.own_count + poll.own_count,
            peak: before.peak.max(peak(poll.peak, before.sums.live())),
            peak_count: before.peak_count.max(peak(poll.peak_count, before.sums.live_count())),
        });
    }

    /// The allocations of the call, if there were any.
    pub(crate) fn delta(&self) -> Option<AllocDelta> {
        self.0.get().filter(|delta| delta.sums != Sums::default()).copied()
    }
}

impl Default for CallMemory {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(all(test, feature = "alloc", not(loom)))]
mod tests {
    use super::*;

    fn poll(bytes: u64, freed: u64, peak: u64) -> Option<AllocDelta> {
        let sums = Sums { bytes, count: 1, freed, frees: 1 };
        Some(AllocDelta { sums, own_bytes: bytes, own_count: 1, peak, peak_count: 1 })
    }

    #[test]
    fn a_peak_includes_what_earlier_polls_left_alive() {
        let mut call = CallMemory::new();
        assert_eq!(call.delta(), None);
        call.add(poll(100, 40, 100));
        call.add(None);
        call.add(poll(50, 0, 50));
        assert_eq!(call.delta().expect("it allocated").peak, 110);
        call.add(poll(0, 500, 0));
        call.add(poll(200, 0, 200));
        let delta = call.delta().expect("it allocated");
        assert_eq!((delta.peak, delta.sums.bytes, delta.sums.freed), (110, 350, 540));
    }
}
