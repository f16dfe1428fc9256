//! Estimates: the times of a node of which not every call is timed.
//!
//! Calls are divided into strata of as many calls as the stride says, and one call of each stratum, drawn at random, is timed. It stands
//! for all of them: its weight is the length of its stratum. So each weighted sum is an unbiased estimate, whatever periods the
//! program has. The first call at a node is always timed, and stands for itself.
//!
//! The variance of a stratum is estimated from the difference to the timed call before (the successive-difference estimator for one unit
//! per stratum; K. M. Wolter, *Introduction to Variance Estimation*, Springer 2007, chapter 8).

use std::cell::Cell;

use crate::{
    arena::Arena,
    primitive::{AtomicPtr, AtomicU32, Cell64, Ordering},
};

/// The sampling of one node. Written by the lane's owner; any thread may read the sums.
#[derive(Debug)]
pub(crate) struct Estimates {
    /// Timed calls that ended.
    timed: Cell64,
    /// The variance of the sum of times, in ticks², as the bits of an `f64`.
    variance: Cell64,
    /// The duration of the last timed call.
    last: Cell<u64>,
    /// The recent mean duration: each call counts with 1/8.
    mean: Cell<u64>,
    /// The length of the current stratum, and the position of its timed call.
    weight: Cell<u32>,
    offset: Cell<u32>,
    /// The wanted length of the next stratum, in 1/256 calls.
    stride: Cell<u32>,
    /// True if the budget chooses that length.
    is_budgeted: Cell<bool>,
}

/// A stride of one call: all are timed.
pub(crate) const EVERY: u32 = 256;

/// A reading of [`Estimates`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Estimate {
    pub(crate) timed: u64,
    pub(crate) variance: f64,
}

impl Estimates {
    fn new() -> Self {
        Self {
            timed: Cell64::new(0),
            variance: Cell64::new(0),
            last: Cell::new(0),
            mean: Cell::new(0),
            weight: Cell::new(1),
            offset: Cell::new(0),
            stride: Cell::new(EVERY),
            is_budgeted: Cell::new(false),
        }
    }

    /// Owner only. The next call is timed and stands for itself. Then the strata have this length, in 1/256 calls, or with `None` one
    /// that the budget chooses.
    pub(crate) fn restart(&self, stride: Option<u32>) {
        self.weight.set(1);
        self.offset.set(0);
        self.stride.set(stride.unwrap_or(EVERY));
        self.is_budgeted.set(stride.is_none());
    }

    /// Owner only. Returns `true` if the budget chooses the length of strata.
    pub(crate) fn is_budgeted(&self) -> bool {
        self.is_budgeted.get()
    }

    #[cfg(all(test, not(loom)))]
    pub(crate) fn budgeted() -> Self {
        let estimates = Self::new();
        estimates.restart(None);
        estimates
    }

    /// Owner only. A timed call begins. Returns its weight, and the number of calls from now to the next timed one, which is 1 for the
    /// very next. `random` are 32 random bits.
    pub(crate) fn begin(&self, random: u32) -> (u32, u32) {
        let (weight, offset, stride) = (self.weight.get(), self.offset.get(), self.stride.get());
        // A fraction of a call becomes a whole one as often as it says.
        let length = ((u64::from(stride) + u64::from(random & 0xff)) / u64::from(EVERY)).max(1);
        let next = (u64::from(random >> 8) * length) >> 24;
        self.weight.set(length as u32);
        self.offset.set(next as u32);
        (weight, (weight - 1 - offset).saturating_add(next as u32).saturating_add(1))
    }

    /// Owner only. A timed call of this weight ended, after `ticks`.
    pub(crate) fn end(&self, ticks: u64, weight: u32) {
        let timed = self.timed.own();
        if timed == 0 {
            self.mean.set(ticks);
        } else {
            self.mean.set(self.mean.get() - self.mean.get() / 8 + ticks / 8);
            if weight > 1 {
                let (weight, difference) = (f64::from(weight), ticks.abs_diff(self.last.get()) as f64);
                let variance = weight * (weight - 1.0) * difference * difference / 2.0;
                self.variance.set((f64::from_bits(self.variance.own()) + variance).to_bits());
            }
        }
        self.last.set(ticks);
        self.timed.set_last(timed + 1); // pairs with `read`
    }

    /// Owner only. Timed calls that ended.
    pub(crate) fn timed(&self) -> u64 {
        self.timed.own()
    }

    /// Owner only. The recent mean duration in ticks.
    pub(crate) fn mean(&self) -> u64 {
        self.mean.get()
    }

    /// Owner only. Sets the wanted length of the next stratum, in 1/256 calls.
    pub(crate) fn set_stride(&self, stride: u32) {
        self.stride.set(stride.max(EVERY));
    }

    /// Any thread.
    pub(crate) fn read(&self) -> Estimate {
        Estimate { timed: self.timed.get_first(), variance: f64::from_bits(self.variance.get()) }
    }

    fn clear(&self) {
        self.timed.set(0);
        self.variance.set(0);
        self.restart(Some(EVERY));
    }
}

/// Estimates of the first chunk; each further chunk holds twice as many.
const FIRST: usize = 32;
const CHUNKS: usize = 24;

/// All estimates of a lane, numbered from 1.
pub(crate) struct EstimatesList {
    chunks: [AtomicPtr<Estimates>; CHUNKS],
    len: AtomicU32,
}

impl EstimatesList {
    pub(crate) fn new() -> Self {
        Self { chunks: std::array::from_fn(|_| AtomicPtr::new(std::ptr::null_mut())), len: AtomicU32::new(0) }
    }

    /// Returns the chunk of a number, the place in it, and the chunk's length.
    fn place(number: u32) -> (usize, usize, usize) {
        let at = number as usize - 1 + FIRST;
        let chunk = (at / FIRST).ilog2() as usize;
        (chunk, at - (FIRST << chunk), FIRST << chunk)
    }

    /// Owner only. Returns estimates for a node with this many timed calls, and their number; `None` without memory.
    pub(crate) fn push(&self, timed: u64, arena: &Arena) -> Option<(u32, &Estimates)> {
        let number = self.len.load(Ordering::Relaxed) + 1; // owner's own store
        let (chunk, _, length) = Self::place(number);
        let slot = self.chunks.get(chunk)?;
        if slot.load(Ordering::Relaxed).is_null() {
            let fresh = arena.slice(length, Estimates::new)?;
            slot.store(fresh.as_ptr().cast_mut(), Ordering::Release); // pairs with `get`
        }
        self.len.store(number, Ordering::Relaxed);
        let estimates = self.get(number)?;
        estimates.clear();
        estimates.timed.set(timed);
        Some((number, estimates))
    }

    /// Owner only.
    pub(crate) fn is_empty(&self) -> bool {
        self.len.load(Ordering::Relaxed) == 0
    }

    /// Owner only, while no reader trusts this lane. All numbers are free again.
    pub(crate) fn clear(&self) {
        self.len.store(0, Ordering::Relaxed);
    }

    /// Any thread. Returns the estimates with this number, which [`EstimatesList::push`] returned; `None` for 0.
    pub(crate) fn get(&self, number: u32) -> Option<&Estimates> {
        if number == 0 {
            return None;
        }
        let (chunk, at, _) = Self::place(number);
        let first = self.chunks.get(chunk)?.load(Ordering::Acquire); // pairs with `push`
        // SAFETY: null, or the first of as many estimates as `place` says, published complete and never freed.
        (!first.is_null()).then(|| unsafe { &*first.add(at) })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_a_place_each() {
        let mut expected = (0, 0);
        for number in 1..5000 {
            let (chunk, at, length) = EstimatesList::place(number);
            assert_eq!((chunk, at), expected, "{number}");
            expected = if at + 1 == length { (chunk + 1, 0) } else { (chunk, at + 1) };
        }
    }

    #[test]
    fn every_estimate_is_found_again() {
        let (list, arena) = (EstimatesList::new(), Arena::new());
        for number in 1..200 {
            let (got, fresh) = list.push(0, &arena).expect("memory");
            assert_eq!(got, number);
            fresh.set_stride(number * EVERY);
        }
        assert!((1..200).all(|number| list.get(number).is_some_and(|it| it.stride.get() == number * EVERY)));
        list.clear();
        let (number, again) = list.push(7, &arena).expect("memory");
        assert_eq!((number, again.stride.get(), again.timed()), (1, EVERY, 7));
    }

    /// One timed call per stratum, each position equally often, and the weights sum up to the calls.
    #[test]
    fn strata_follow_each_other_without_a_gap() {
        let estimates = Estimates::new();
        estimates.restart(Some(5 * EVERY));
        let (mut call, mut random, mut positions) = (0_u64, 1_u32, [0_u32; 5]);
        let mut starts = 0;
        for sample in 0..5000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let (weight, next) = estimates.begin(random);
            assert!(starts <= call && call < starts + u64::from(weight), "call {call} in its stratum");
            if sample > 0 {
                assert_eq!(weight, 5);
                positions[(call - starts) as usize] += 1;
            }
            starts += u64::from(weight);
            call += u64::from(next);
        }
        assert!(positions.iter().all(|count| (800..1200).contains(count)), "{positions:?}");
    }

    #[test]
    fn strides_between_two_numbers_are_met_on_average() {
        let estimates = Estimates::new();
        estimates.restart(Some(EVERY * 5 / 2));
        let (mut calls, mut random) = (0_u64, 7_u32);
        for _ in 0..10_000 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            calls += u64::from(estimates.begin(random.rotate_left(9)).1);
        }
        assert!((24_000..26_000).contains(&calls), "{calls}");
    }

    #[test]
    fn equal_calls_have_no_variance() {
        let estimates = Estimates::new();
        (0..10).for_each(|_| estimates.end(500, 10));
        assert_eq!(estimates.read(), Estimate { timed: 10, variance: 0.0 });
        estimates.end(600, 10); // 10 · 9 · 100² / 2
        assert_eq!(estimates.read(), Estimate { timed: 11, variance: 450_000.0 });
    }
}
