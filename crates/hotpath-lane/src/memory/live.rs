//! Live bytes and live allocations.

use super::sums::Sums;

/// Bytes and allocations that are alive, signed: a thread may free what another one allocated.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Live {
    pub(super) bytes: i64,
    pub(super) count: i64,
}

impl Live {
    #[inline(always)]
    pub(super) fn of(sums: Sums) -> Self {
        Self { bytes: sums.live(), count: sums.live_count() }
    }

    pub(super) fn or_more(self, other: Self) -> Self {
        Self { bytes: self.bytes.max(other.bytes), count: self.count.max(other.count) }
    }
}
