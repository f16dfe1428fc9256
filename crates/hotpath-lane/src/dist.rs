//! Distributions: log-linear histograms with one writer, whose octaves are allocated when first touched.
//!
//! Below 256 every value has its own bucket. Above, an octave [2^k, 2^(k+1)) is divided into [`SUBS`] equal parts. So a bucket
//! is at most 1/128 of its value wide, and its midpoint at most 1/256 (0.4 %) away from any value in it.

use crate::{
    arena::Arena,
    primitive::{AtomicPtr, Cell64, Ordering},
};

#[cfg(not(loom))]
const SUB_BITS: u32 = 7;
/// Few buckets: loom tries every order of reading them.
#[cfg(loom)]
const SUB_BITS: u32 = 1;
/// Buckets per octave.
const SUBS: usize = 1 << SUB_BITS;
/// Runs of [`SUBS`] buckets that are allocated together: the first holds the values below [`SUBS`].
#[cfg(not(loom))]
const OCTAVES: usize = (u64::BITS - SUB_BITS + 1) as usize;
/// Enough for the values of the models.
#[cfg(loom)]
const OCTAVES: usize = 4;

/// Returns the index of the bucket of `value`, counted from the smallest.
#[inline(always)]
#[must_use]
pub const fn bucket_index(value: u64) -> usize {
    // Bits that do not fit into SUB_BITS + 1: at most 56, so the result is below OCTAVES * SUBS.
    let shift = (u64::BITS - 1 - SUB_BITS) - (value | SUBS as u64).leading_zeros();
    ((shift as usize) << SUB_BITS) + (value >> shift) as usize
}

/// Returns the lower bound and the exclusive upper bound of a bucket. That of the last bucket saturates.
#[must_use]
pub fn bucket_bounds(index: usize) -> (u64, u64) {
    let shift = (index / SUBS).saturating_sub(1);
    let lower = ((index - shift * SUBS) as u64) << shift;
    (lower, lower.saturating_add(1 << shift))
}

/// A count with one writer.
pub(crate) struct Bucket(Cell64);

impl Bucket {
    /// Owner only, after the call's entry in the ledger.
    #[inline(always)]
    pub(crate) fn add_one(&self) {
        self.0.set_last(self.0.own() + 1); // pairs with the Acquire fence in the row's `read_timed`
    }
}

#[repr(align(64))]
struct Octave([Bucket; SUBS]);

/// The histogram of one row.
pub(crate) struct Histogram {
    octaves: [AtomicPtr<Octave>; OCTAVES],
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { octaves: std::array::from_fn(|_| AtomicPtr::new(std::ptr::null_mut())) }
    }

    /// Owner only. Returns the bucket of `value`, if its octave exists.
    #[inline(always)]
    pub(crate) fn bucket(&self, value: u64) -> Option<&Bucket> {
        let index = bucket_index(value);
        // SAFETY: an index is below OCTAVES * SUBS.
        let slot = unsafe { self.octaves.get_unchecked(index / SUBS) };
        // SAFETY: null or published complete by `grow`, never freed.
        let octave = unsafe { slot.load(Ordering::Relaxed).as_ref() }?; // own store
        Some(&octave.0[index % SUBS])
    }

    /// Owner only. Allocates the octave of `value` if it does not exist. Does nothing without memory.
    #[cold]
    pub(crate) fn make_room(&self, value: u64, arena: &Arena) {
        let octave = bucket_index(value) / SUBS;
        if self.octaves[octave].load(Ordering::Relaxed).is_null() {
            self.grow(octave, arena);
        }
    }

    fn grow(&self, octave: usize, arena: &Arena) -> Option<()> {
        let fresh = arena.put(Octave(std::array::from_fn(|_| Bucket(Cell64::new(0)))))?;
        // Pairs with the Acquire in `read`: a reader that sees the pointer sees the zeros.
        self.octaves[octave].store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release);
        Some(())
    }

    /// Any thread. Returns the counts and their sum.
    pub(crate) fn read(&self) -> (Buckets, u64) {
        let (mut counts, mut total) = (Vec::new(), 0);
        for (number, slot) in self.octaves.iter().enumerate() {
            // SAFETY: as in `bucket`; pairs with the Release in `grow`.
            let Some(octave) = (unsafe { slot.load(Ordering::Acquire).as_ref() }) else { continue };
            for (sub, bucket) in octave.0.iter().enumerate() {
                let count = bucket.0.get();
                if count > 0 {
                    counts.push((number * SUBS + sub, count));
                    total += count;
                }
            }
        }
        (Buckets { counts }, total)
    }

    /// Owner only, while no reader trusts this lane. Octaves are kept.
    pub(crate) fn clear(&self) {
        for slot in &self.octaves {
            // SAFETY: as in `bucket`.
            let Some(octave) = (unsafe { slot.load(Ordering::Relaxed).as_ref() }) else { continue };
            for bucket in &octave.0 {
                bucket.0.set(0);
            }
        }
    }
}

/// Bucket counts as a plain value, merged over any number of histograms.
///
/// Empty buckets are not stored: most rows of most lanes fill a few of the thousands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Buckets {
    /// Index and count, from small to large; no count is 0.
    counts: Vec<(usize, u64)>,
}

impl Buckets {
    /// Counts one value.
    pub fn add(&mut self, value: u64) {
        let index = bucket_index(value);
        match self.find(index) {
            Ok(at) => self.counts[at].1 += 1,
            Err(at) => self.counts.insert(at, (index, 1)),
        }
    }

    /// Removes one value that was counted before.
    pub fn remove(&mut self, value: u64) {
        let Ok(at) = self.find(bucket_index(value)) else { return };
        match self.counts[at].1 {
            1 => drop(self.counts.remove(at)),
            ref mut count => *count -= 1,
        }
    }

    fn find(&self, index: usize) -> Result<usize, usize> {
        self.counts.binary_search_by_key(&index, |(index, _)| *index)
    }

    /// Adds another's counts.
    pub fn merge(&mut self, other: &Buckets) {
        let mut fresh = Vec::new();
        // Both are sorted, so the next match lies behind the last.
        let mut from = 0;
        for &(index, count) in &other.counts {
            from += self.counts[from..].partition_point(|(mine, _)| *mine < index);
            match self.counts.get_mut(from) {
                Some((mine, sum)) if *mine == index => *sum += count,
                _ => fresh.push((index, count)),
            }
        }
        if !fresh.is_empty() {
            self.counts.append(&mut fresh);
            self.counts.sort_unstable_by_key(|(index, _)| *index);
        }
    }

    /// Non-empty buckets from small to large: lower bound, exclusive upper bound, count.
    pub fn iter(&self) -> impl Iterator<Item = (u64, u64, u64)> + '_ {
        self.counts.iter().map(|&(index, count)| {
            let (lower, upper) = bucket_bounds(index);
            (lower, upper, count)
        })
    }

    /// Sum of all counts.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().map(|(_, count)| count).sum()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn add(histogram: &Histogram, value: u64, arena: &Arena) {
        histogram.make_room(value, arena);
        histogram.bucket(value).expect("room was made").add_one();
    }

    #[test]
    fn buckets_are_contiguous() {
        let mut expected = 0;
        for index in 0..OCTAVES * SUBS {
            let (lower, upper) = bucket_bounds(index);
            assert_eq!(lower, expected, "bucket {index}");
            assert_eq!((bucket_index(lower), bucket_index(upper - 1)), (index, index));
            expected = upper;
        }
        assert_eq!((expected, bucket_index(u64::MAX)), (u64::MAX, OCTAVES * SUBS - 1));
    }

    #[test]
    fn values_below_256_have_a_bucket_each() {
        for value in 0..256 {
            assert_eq!(bucket_bounds(bucket_index(value)), (value, value + 1));
        }
    }

    proptest! {
        #[test]
        fn a_value_lies_in_its_bucket_which_is_narrow(value in 0..u64::MAX) {
            let (lower, upper) = bucket_bounds(bucket_index(value));
            prop_assert!(lower <= value && value < upper, "{lower} {value} {upper}");
            prop_assert!(u128::from(upper - lower) * 128 <= u128::from(lower.max(128)));
        }

        #[test]
        fn a_histogram_holds_the_values_that_were_added(values in prop::collection::vec(0..u64::MAX, 0..300)) {
            let (histogram, arena) = (Histogram::new(), Arena::new());
            let mut plain = Buckets::default();
            for value in &values {
                add(&histogram, *value, &arena);
                plain.add(*value);
            }
            prop_assert_eq!(histogram.read(), (plain, values.len() as u64));
            histogram.clear();
            prop_assert_eq!(histogram.read(), (Buckets::default(), 0));
        }

        #[test]
        fn merged_counts_equal_counts_of_all_values(a in prop::collection::vec(0..2_000_u64, 0..100), b in prop::collection::vec(0..2_000_u64, 0..100)) {
            let (mut left, mut right, mut both) = (Buckets::default(), Buckets::default(), Buckets::default());
            a.iter().for_each(|v| { left.add(*v); both.add(*v) });
            b.iter().for_each(|v| { right.add(*v); both.add(*v) });
            prop_assert_eq!(both.total(), (a.len() + b.len()) as u64);
            let mut reversed = right.clone();
            reversed.merge(&left);
            left.merge(&right);
            prop_assert_eq!(&left, &both);
            prop_assert_eq!(&reversed, &both);
            b.iter().for_each(|v| left.remove(*v));
            let mut alone = Buckets::default();
            a.iter().for_each(|v| alone.add(*v));
            prop_assert_eq!(left, alone);
        }
    }
}
