//! Distributions: log-linear histograms with one writer, which cost two bytes per value until there are many.
//!
//! Below 256 every value has its own bucket. Above, an octave [2^k, 2^(k+1)) is divided into [`SUBS`] equal parts. So a bucket
//! is at most 1/128 of its value wide, and its midpoint at most 1/256 (0.4 %) away from any value in it.
//!
//! The first values, and those that are rare, are a list of the numbers of their buckets. Once the list holds some values of one
//! octave, that octave gets counters, in which its later values are counted. The values in the list stay there, so nothing moves
//! while it is read.

use std::ops::Range;

use crate::{
    arena::{Arena, Room},
    primitive::{AtomicPtr, Cell16, Cell64, Ordering},
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
    let shift = shift(value);
    ((shift as usize) << SUB_BITS) + (value >> shift) as usize
}

/// Returns the number of bits that do not fit into `SUB_BITS + 1`: at most 56, so a bucket's index is below OCTAVES * SUBS.
#[inline(always)]
const fn shift(value: u64) -> u32 {
    (u64::BITS - 1 - SUB_BITS) - (value | SUBS as u64).leading_zeros()
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

/// Runs of buckets that are equally wide: the first holds all values below 2 · [`SUBS`], each other one an octave.
const RUNS: usize = OCTAVES - 1;

/// Returns the run of `value`, and its place there as if the run began at 0.
#[inline(always)]
const fn place_of(value: u64) -> (usize, usize) {
    let run = shift(value) as usize;
    (run, (value >> run) as usize)
}

/// Returns the places in a run that exist.
fn places(run: usize) -> Range<usize> {
    let first = if run == 0 { 0 } else { SUBS };
    first..2 * SUBS
}

/// Pointers to where each run has its place 0, even if it begins later: so a place needs no arithmetic. Null without counters.
struct Runs([AtomicPtr<Bucket>; RUNS]);

/// The table that all distributions without counters share, so that there is always one to look at. Never written.
#[cfg(not(loom))]
static NONE: Runs = Runs([const { AtomicPtr::new(std::ptr::null_mut()) }; RUNS]);

/// The values that are counted in place.
pub(crate) struct Dense(AtomicPtr<Runs>);

impl Dense {
    pub(crate) fn new() -> Self {
        #[cfg(loom)]
        let none = std::ptr::null_mut();
        #[cfg(not(loom))]
        let none = (&raw const NONE).cast_mut();
        Self(AtomicPtr::new(none))
    }

    #[inline(always)]
    fn runs(&self, ordering: Ordering) -> Option<&Runs> {
        let runs = self.0.load(ordering);
        #[cfg(loom)]
        // SAFETY: null, or published complete by `grow`, never freed.
        return unsafe { runs.as_ref() };
        #[cfg(not(loom))]
        // SAFETY: `NONE`, or published complete by `grow`, never freed.
        Some(unsafe { &*runs })
    }

    /// Owner only. Returns the bucket of `value`, if its run has counters.
    #[inline(always)]
    pub(crate) fn bucket(&self, value: u64) -> Option<&Bucket> {
        let (run, at) = place_of(value);
        let runs = self.runs(Ordering::Relaxed)?; // own store
        // SAFETY: the shift of a value is below RUNS.
        let first = unsafe { runs.0.get_unchecked(run) }.load(Ordering::Relaxed); // own store
        if first.is_null() {
            return None;
        }
        let bucket = first.wrapping_add(at).cast_const();
        // SAFETY: the place exists. (Said once more, because the compiler cannot know that the sum is not null.)
        unsafe { std::hint::assert_unchecked(!bucket.is_null()) };
        // SAFETY: published complete by `grow`, never freed.
        Some(unsafe { &*bucket })
    }

    /// Owner only. Gives the run of `value` counters, and returns the bucket. `None` without memory.
    fn grow(&self, value: u64, arena: &Arena) -> Option<&Bucket> {
        let (run, places) = (place_of(value).0, places(place_of(value).0));
        let fresh = arena.slice(places.len(), || Bucket(Cell64::new(0)))?;
        let known = self.runs(Ordering::Relaxed); // own store
        if known.is_none_or(Runs::is_shared) {
            let runs = arena.put(Runs(std::array::from_fn(|_| AtomicPtr::new(std::ptr::null_mut()))))?;
            self.0.store(std::ptr::from_ref(runs).cast_mut(), Ordering::Release); // pairs with the Acquire in `read`
        }
        let first = fresh.as_ptr().wrapping_sub(places.start).cast_mut();
        // Pairs with the Acquire in `read`: a reader that sees the pointer sees the zeros.
        self.runs(Ordering::Relaxed)?.0[run].store(first, Ordering::Release);
        self.bucket(value)
    }

    /// The buckets that exist, from small to large, with their numbers.
    fn buckets(&self, ordering: Ordering) -> impl Iterator<Item = (usize, &Bucket)> {
        let runs = self.runs(ordering).into_iter().flat_map(|runs| runs.0.iter().enumerate());
        let runs = runs.map(move |(run, first)| (run, first.load(ordering)));
        runs.filter(|(_, first)| !first.is_null()).flat_map(|(run, first)| {
            // SAFETY: the places exist, published complete by `grow`, never freed.
            places(run).map(move |at| (run * SUBS + at, unsafe { &*first.wrapping_add(at) }))
        })
    }

    /// Any thread. Adds the counts to `counts`, from small to large.
    fn read(&self, counts: &mut Vec<(usize, u64)>) {
        let buckets = self.buckets(Ordering::Acquire); // pairs with the Release in `grow`
        counts.extend(buckets.map(|(index, bucket)| (index, bucket.0.get())).filter(|(_, count)| *count > 0));
    }

    fn clear(&self) {
        self.buckets(Ordering::Relaxed).for_each(|(_, bucket)| bucket.0.set(0));
    }
}

impl Runs {
    fn is_shared(&self) -> bool {
        #[cfg(loom)]
        return false;
        #[cfg(not(loom))]
        std::ptr::eq(self, &raw const NONE)
    }
}

/// The number of a bucket plus one; 0 if there is no value yet. It is stored once, and so counts one value.
pub(crate) struct Slot(Cell16);

impl Slot {
    fn new() -> Self {
        Self(Cell16::new(0))
    }

    /// Owner only. Returns the first free slot. Slots are filled in order.
    fn free(slots: &[Self]) -> Option<&Self> {
        let is_used = |slot: &Self| slot.0.own() != 0;
        if slots.last().is_some_and(is_used) {
            return None;
        }
        slots.get(slots.partition_point(is_used))
    }
}

/// Values that a row holds in itself.
#[cfg(not(loom))]
const FIRST: usize = 21;
/// Values of each further part of the list.
#[cfg(not(loom))]
const PART: usize = 28;
#[cfg(loom)]
const FIRST: usize = 1;
#[cfg(loom)]
const PART: usize = 1;

/// Values of an octave in the list before it gets counters, which take as much memory as 512 values in the list.
#[cfg(not(loom))]
const FEW: usize = 8;
#[cfg(loom)]
const FEW: usize = 1;
/// The same while memory is scarce.
const SEVERAL: usize = 128;

/// Flag: some values are in no bucket, because there was no memory.
const PARTIAL: u16 = 1;
/// Flag: see [`FirstValues::mark`].
const MARKED: u16 = 2;

/// The first values.
pub(crate) struct FirstValues {
    /// [`PARTIAL`] and [`MARKED`].
    flags: Cell16,
    slots: [Slot; FIRST],
}

impl FirstValues {
    pub(crate) fn new() -> Self {
        Self { flags: Cell16::new(0), slots: std::array::from_fn(|_| Slot::new()) }
    }

    /// Owner only. Sets a flag for whoever has the distribution, who has no room of its own. Returns `false` if it was set, since the
    /// distribution was cleared.
    pub(crate) fn mark(&self) -> bool {
        let flags = self.flags.own();
        self.flags.set(flags | MARKED);
        flags & MARKED == 0
    }
}

/// The further values, newest part first.
pub(crate) struct FurtherValues(AtomicPtr<Part>);

struct Part {
    next: *const Part,
    slots: [Slot; PART],
}

impl FurtherValues {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new(std::ptr::null_mut()))
    }

    /// Any thread.
    fn parts(&self) -> impl Iterator<Item = &Part> {
        let mut at: *const Part = self.0.load(Ordering::Acquire); // pairs with the Release in `grow`
        std::iter::from_fn(move || {
            // SAFETY: null or published complete, never freed, and `next` never changes.
            let part = unsafe { at.as_ref() }?;
            at = part.next;
            Some(part)
        })
    }

    /// Owner only. Adds a part, and returns its first slot. `None` without memory.
    fn grow(&self, arena: &Arena) -> Option<&Slot> {
        let next = self.0.load(Ordering::Relaxed); // own store
        let fresh = arena.put(Part { next, slots: std::array::from_fn(|_| Slot::new()) })?;
        self.0.store(std::ptr::from_ref(fresh).cast_mut(), Ordering::Release); // pairs with `parts`
        fresh.slots.first()
    }
}

/// The parts of one distribution. Whoever has one lays them out as its own speed demands.
#[derive(Clone, Copy)]
pub(crate) struct Distribution<'a> {
    pub(crate) dense: &'a Dense,
    pub(crate) first: &'a FirstValues,
    pub(crate) further: &'a FurtherValues,
}

/// The place where a value is to be counted.
pub(crate) enum Place<'a> {
    Bucket(&'a Bucket),
    Slot(&'a Slot, u16),
    /// There is no memory for it.
    Nowhere,
}

impl Place<'_> {
    /// Owner only, after the call's entry in the ledger. Counts one value.
    pub(crate) fn add_one(self) {
        match self {
            Place::Bucket(bucket) => bucket.add_one(),
            Place::Slot(slot, number) => slot.0.set_last(number), // as `Bucket::add_one`
            Place::Nowhere => {}
        }
    }
}

impl<'a> Distribution<'a> {
    /// Any thread. The list of values, in pieces that are filled in this order.
    fn slots(self) -> impl Iterator<Item = &'a [Slot]> {
        std::iter::once(&self.first.slots[..]).chain(self.further.parts().map(|part| &part.slots[..]))
    }

    /// Owner only. Returns the place for `value`, in memory that is allocated if need be.
    pub(crate) fn place(self, value: u64, arena: &Arena) -> Place<'a> {
        if let Some(bucket) = self.dense.bucket(value) {
            return Place::Bucket(bucket);
        }
        let index = bucket_index(value);
        let number = index as u16 + 1; // at most OCTAVES * SUBS
        if let Some(slot) = self.slots().find_map(Slot::free) {
            return Place::Slot(slot, number);
        }
        let run = |index: usize| (index / SUBS).saturating_sub(1);
        let is_near = |slot: &&Slot| run(usize::from(slot.0.own()) - 1) == run(index); // all are used
        let near = || self.slots().flatten().filter(is_near).count();
        let room = arena.room();
        let is_often = match room {
            Room::Plenty => near() >= FEW,
            Room::Scarce => near() >= SEVERAL,
            Room::Nothing => false,
        };
        if is_often && let Some(bucket) = self.dense.grow(value, arena) {
            return Place::Bucket(bucket);
        }
        if room != Room::Nothing
            && let Some(slot) = self.further.grow(arena)
        {
            return Place::Slot(slot, number);
        }
        self.first.flags.set(self.first.flags.own() | PARTIAL);
        Place::Nowhere
    }

    /// Any thread. Returns `true` if some values are in no bucket.
    pub(crate) fn is_partial(self) -> bool {
        self.first.flags.get() & PARTIAL != 0
    }

    /// Any thread. Returns the counts and their sum.
    pub(crate) fn read(self) -> (Buckets, u64) {
        let mut counts = Vec::new();
        self.dense.read(&mut counts);
        let few = self.slots().flatten().map(|slot| usize::from(slot.0.get())).filter(|number| *number > 0);
        counts.extend(few.map(|number| (number - 1, 1)));
        let total = counts.iter().map(|(_, count)| count).sum();
        (Buckets::of(counts), total)
    }

    /// Owner only, while no reader trusts this lane. Memory is kept.
    pub(crate) fn clear(self) {
        self.dense.clear();
        self.first.flags.set(0);
        self.slots().flatten().for_each(|slot| slot.0.set(0));
    }
}

/// A distribution in one piece.
pub(crate) struct Histogram {
    dense: Dense,
    further: FurtherValues,
    first: FirstValues,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { dense: Dense::new(), further: FurtherValues::new(), first: FirstValues::new() }
    }

    fn distribution(&self) -> Distribution<'_> {
        Distribution { dense: &self.dense, first: &self.first, further: &self.further }
    }

    /// Owner only. Returns the bucket of `value`, if its octave has counters.
    #[inline(always)]
    pub(crate) fn bucket(&self, value: u64) -> Option<&Bucket> {
        self.dense.bucket(value)
    }

    /// Owner only. Counts any value, in memory that is allocated if need be.
    #[cold]
    pub(crate) fn add(&self, value: u64, arena: &Arena) {
        self.distribution().place(value, arena).add_one();
    }

    /// Any thread. Returns the counts and their sum.
    pub(crate) fn read(&self) -> (Buckets, u64) {
        self.distribution().read()
    }

    /// Owner only, while no reader trusts this lane. Memory is kept.
    pub(crate) fn clear(&self) {
        self.distribution().clear();
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
    /// Counts in any order, the same bucket more than once.
    fn of(mut counts: Vec<(usize, u64)>) -> Self {
        counts.sort_unstable_by_key(|(index, _)| *index);
        counts.dedup_by(|(index, count), (kept, sum)| {
            let is_same = index == kept;
            if is_same {
                *sum += *count;
            }
            is_same
        });
        Self { counts }
    }

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

    /// Values of any size, not only huge ones.
    fn any_size() -> impl Strategy<Value = u64> {
        (0..u64::BITS, 0..u64::MAX).prop_map(|(bits, value)| value >> bits)
    }

    #[test]
    fn few_values_take_little_memory_and_many_are_counted_in_place() {
        crate::set_memory_limit(usize::MAX);
        let (histogram, arena) = (Histogram::new(), Arena::new());
        for value in 0..FIRST as u64 {
            histogram.add(1000 + value, &arena);
        }
        assert!(histogram.bucket(1000).is_none() && histogram.further.parts().next().is_none());
        histogram.add(1000, &arena);
        assert!(histogram.bucket(1000).is_some() && histogram.further.parts().next().is_none());
        histogram.add(70, &arena); // of an octave that no other value is of
        assert!(histogram.bucket(70).is_none() && histogram.further.parts().count() == 1);
        assert_eq!(histogram.read().1, FIRST as u64 + 2);
    }

    proptest! {
        #[test]
        fn a_value_lies_in_its_bucket_which_is_narrow(value in 0..u64::MAX) {
            let (lower, upper) = bucket_bounds(bucket_index(value));
            prop_assert!(lower <= value && value < upper, "{lower} {value} {upper}");
            prop_assert!(u128::from(upper - lower) * 128 <= u128::from(lower.max(128)));
        }

        #[test]
        fn a_histogram_holds_the_values_that_were_added(values in prop::collection::vec(any_size(), 0..300)) {
            let (histogram, arena) = (Histogram::new(), Arena::new());
            let mut plain = Buckets::default();
            for value in &values {
                histogram.add(*value, &arena);
                plain.add(*value);
            }
            prop_assert_eq!(histogram.read(), (plain.clone(), values.len() as u64));
            histogram.clear();
            prop_assert_eq!(histogram.read(), (Buckets::default(), 0));
            values.iter().for_each(|value| histogram.add(*value, &arena));
            prop_assert_eq!(histogram.read(), (plain, values.len() as u64));
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
