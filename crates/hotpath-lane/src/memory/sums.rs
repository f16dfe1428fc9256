//! Bytes and allocations, as counters with one writer and as plain values.

use std::ops::{Add, AddAssign, Sub};

use crate::primitive::Cell64;

/// Allocations and frees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Bytes allocated.
    pub bytes: u64,
    /// Number of allocations.
    pub count: u64,
    /// Bytes freed.
    pub freed: u64,
    /// Number of frees.
    pub frees: u64,
}

impl Sums {
    pub(crate) const NONE: Self = Self { bytes: 0, count: 0, freed: 0, frees: 0 };

    /// Bytes allocated and not freed. Negative if memory was freed that was allocated elsewhere.
    #[must_use]
    pub fn live(&self) -> i64 {
        self.bytes.wrapping_sub(self.freed) as i64
    }

    /// Allocations not freed; negative as in [`Sums::live`].
    pub(crate) fn live_count(&self) -> i64 {
        self.count.wrapping_sub(self.frees) as i64
    }

    /// The difference to `earlier`, for sums that only grow and are read by their owner.
    #[inline(always)]
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            bytes: self.bytes.wrapping_sub(earlier.bytes),
            count: self.count.wrapping_sub(earlier.count),
            freed: self.freed.wrapping_sub(earlier.freed),
            frees: self.frees.wrapping_sub(earlier.frees),
        }
    }

    /// The maximum of each.
    pub(crate) fn or_more(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.max(other.bytes),
            count: self.count.max(other.count),
            freed: self.freed.max(other.freed),
            frees: self.frees.max(other.frees),
        }
    }
}

impl Add for Sums {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            bytes: self.bytes.wrapping_add(other.bytes),
            count: self.count.wrapping_add(other.count),
            freed: self.freed.wrapping_add(other.freed),
            frees: self.frees.wrapping_add(other.frees),
        }
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

/// The difference; a sum that was read a moment too early counts as 0.
impl Sub for Sums {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            bytes: self.bytes.saturating_sub(earlier.bytes),
            count: self.count.saturating_sub(earlier.count),
            freed: self.freed.saturating_sub(earlier.freed),
            frees: self.frees.saturating_sub(earlier.frees),
        }
    }
}

impl std::iter::Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::default(), Self::add)
    }
}

/// [`Sums`] with one writer.
#[derive(Debug)]
pub struct Counters {
    bytes: Cell64,
    count: Cell64,
    freed: Cell64,
    frees: Cell64,
}

impl Counters {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self { bytes: Cell64::new(0), count: Cell64::new(0), freed: Cell64::new(0), frees: Cell64::new(0) }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self { bytes: Cell64::new(0), count: Cell64::new(0), freed: Cell64::new(0), frees: Cell64::new(0) }
    }

    /// Owner only.
    #[inline(always)]
    pub(super) fn allocated(&self, size: u64) {
        self.bytes.add(size);
        self.count.add(1);
    }

    /// Owner only.
    #[inline(always)]
    pub(super) fn freed(&self, size: u64) {
        self.freed.add(size);
        self.frees.add(1);
    }

    /// Owner only.
    #[inline(always)]
    pub(crate) fn set(&self, sums: Sums) {
        self.bytes.set(sums.bytes);
        self.count.set(sums.count);
        self.freed.set(sums.freed);
        self.frees.set(sums.frees);
    }

    /// Owner only.
    #[inline(always)]
    pub(crate) fn add(&self, sums: Sums) {
        self.bytes.add(sums.bytes);
        self.count.add(sums.count);
        self.freed.add(sums.freed);
        self.frees.add(sums.frees);
    }

    /// Owner only.
    #[inline(always)]
    pub(crate) fn own(&self) -> Sums {
        let (bytes, count) = (self.bytes.own(), self.count.own());
        Sums { bytes, count, freed: self.freed.own(), frees: self.frees.own() }
    }

    /// Any thread.
    pub(crate) fn read(&self) -> Sums {
        let (bytes, count) = (self.bytes.get(), self.count.get());
        Sums { bytes, count, freed: self.freed.get(), frees: self.frees.get() }
    }

    /// Owner only, while no reader trusts this lane.
    pub(crate) fn clear(&self) {
        self.set(Sums::default());
    }
}
