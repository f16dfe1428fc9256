//! A distribution: count, sum, smallest and largest exactly, the shape in buckets.
//!
//! Distributions of the lanes of one run, and of several runs, become one by addition. What must stay true: merging is
//! commutative and associative; a percentile is only told when the shape of *all* values is known.

use crate::sorting::sort_by;
use serde::ser::{Serialize, SerializeSeq, Serializer};

/// The number of values in `lower..upper`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Smallest value of the bucket.
    pub lower: u64,
    /// First value past the bucket; above `lower`.
    pub upper: u64,
    /// Values in the bucket.
    pub count: u64,
}

impl Bucket {
    /// The upper bound that a log-linear scale of 128 buckets per octave gives the bucket starting at `lower`.
    ///
    /// Reports write a bucket as `[lower, count]`, so its upper bound is this one when it is read back.
    ///
    /// ```
    /// use hotpath_report::Bucket;
    /// assert_eq!(Bucket::scale_upper(7), 8);
    /// assert_eq!(Bucket::scale_upper(1024), 1032);
    /// ```
    pub fn scale_upper(lower: u64) -> u64 {
        let width = 1 << lower.checked_ilog2().unwrap_or(0).saturating_sub(7);
        lower.saturating_add(width)
    }

    /// The bucket of this scale's width that has the middle of `lower..upper`: what a bucket of another scale (ticks) becomes,
    /// so that percentiles read from the report are those of the program.
    ///
    /// ```
    /// use hotpath_report::Bucket;
    /// assert_eq!(Bucket::around(1000, 1005, 3), Bucket { lower: 1000, upper: 1004, count: 3 });
    /// ```
    pub fn around(lower: u64, upper: u64, count: u64) -> Self {
        let middle = lower + upper.saturating_sub(lower) / 2;
        let width = Self::scale_upper(middle).saturating_sub(middle);
        let lower = middle.saturating_sub(width / 2);
        Self { lower, upper: Self::scale_upper(lower), count }
    }

    fn middle(self) -> u64 {
        self.lower + self.upper.saturating_sub(self.lower) / 2
    }
}

impl Serialize for Bucket {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut seq = to.serialize_seq(Some(2))?;
        seq.serialize_element(&self.lower)?;
        seq.serialize_element(&self.count)?;
        seq.end()
    }
}

/// A distribution of durations (nanoseconds), sizes (bytes) or counts.
///
/// No buckets beside a count above zero means that the shape is unknown, as in reports that carry no histogram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dist {
    /// Number of values.
    pub count: u64,
    /// Sum of the values.
    pub sum: u64,
    /// Smallest value; unknown or nothing recorded if `None`.
    pub min: Option<u64>,
    /// Largest value; unknown or nothing recorded if `None`.
    pub max: Option<u64>,
    /// The non-empty buckets, sorted by lower bound.
    pub buckets: Vec<Bucket>,
}

impl Dist {
    /// A distribution of buckets in any order, as they come from converting another unit (ticks to nanoseconds).
    ///
    /// Empty buckets go, equal ones become one, and one that rounding has made empty is one wide.
    ///
    /// ```
    /// use hotpath_report::{Bucket, Dist};
    /// let buckets = [Bucket { lower: 3, upper: 3, count: 1 }, Bucket { lower: 3, upper: 4, count: 2 }];
    /// let dist = Dist::from_buckets(3, 9, Some(3), Some(3), buckets);
    /// assert_eq!(dist.buckets, [Bucket { lower: 3, upper: 4, count: 3 }]);
    /// ```
    pub fn from_buckets(
        count: u64,
        sum: u64,
        min: Option<u64>,
        max: Option<u64>,
        buckets: impl IntoIterator<Item = Bucket>,
    ) -> Dist {
        let widened = |b: Bucket| Bucket { upper: b.upper.max(b.lower.saturating_add(1)), ..b };
        let buckets: Vec<Bucket> = buckets.into_iter().filter(|b| b.count > 0).map(widened).collect();
        Dist { count, sum, min, max, buckets: add_buckets(&buckets, &[]) }
    }

    /// The mean, rounded down; `None` when nothing was recorded.
    ///
    /// It is held inside smallest and largest: a snapshot may see a value in `sum` before it is in `count`, and a sum
    /// that reached `u64::MAX` is too small.
    ///
    /// ```
    /// use hotpath_report::Dist;
    /// let racing = Dist { count: 2, sum: 30, min: Some(9), max: Some(11), ..Dist::default() };
    /// assert_eq!(racing.mean(), Some(11));
    /// ```
    pub fn mean(&self) -> Option<u64> {
        self.sum.checked_div(self.count).map(|mean| self.held(mean))
    }

    /// The value below or at which `p` percent of the values lie, by the nearest-rank rule.
    ///
    /// 0 is the exact smallest and 100 the exact largest value; between them it is the middle of the bucket, held
    /// inside smallest and largest. `None` when nothing was recorded or the shape is unknown.
    ///
    /// ```
    /// use hotpath_report::{Bucket, Dist};
    /// let buckets = vec![Bucket { lower: 10, upper: 11, count: 99 }, Bucket { lower: 512, upper: 516, count: 1 }];
    /// let dist = Dist { count: 100, sum: 1_503, min: Some(10), max: Some(513), buckets };
    /// assert_eq!(dist.percentile(99.0), Some(10));
    /// assert_eq!(dist.percentile(99.9), Some(513));
    /// ```
    pub fn percentile(&self, p: f64) -> Option<u64> {
        match p {
            _ if p.is_nan() => None,
            _ if p <= 0.0 => self.min,
            _ if p >= 100.0 => self.max,
            _ => self.middle_at(p).map(|middle| self.held(middle)),
        }
    }

    /// `value` inside smallest and largest, as far as these are known.
    fn held(&self, value: u64) -> u64 {
        let value = self.min.map_or(value, |min| value.max(min));
        self.max.map_or(value, |max| value.min(max))
    }

    /// The middle of the bucket that holds the value of rank `ceil(p / 100 * n)`.
    fn middle_at(&self, p: f64) -> Option<u64> {
        // A snapshot may see a value in its bucket before it is in `count`, so the buckets are their own total.
        let total: u128 = self.buckets.iter().map(|b| u128::from(b.count)).sum();
        // In integer millionths of a percent: 99.9 % of 1000 must be 999, not 999.0000000000001.
        let rank = ((p * 1e6).round() as u128 * total).div_ceil(100_000_000).max(1);
        if self.buckets.is_sorted_by_key(|bucket| bucket.middle()) {
            return middle_of_rank(&self.buckets, rank);
        }
        // Buckets of two scales overlap. Ranked by their middles, a percentile is still no farther from the truth than
        // half of the widest bucket.
        let mut buckets = self.buckets.clone();
        sort_by(&mut buckets, |a, b| a.middle().cmp(&b.middle()));
        middle_of_rank(&buckets, rank)
    }

    /// Adds the values of `other` to these.
    ///
    /// A part that is unknown on one side is unknown in the result. Sums that exceed `u64` stay at `u64::MAX`.
    pub fn merge(&mut self, other: &Dist) {
        let shaped = self.is_shaped() && other.is_shaped();
        self.min = extreme(self, other, |d| d.min, u64::min);
        self.max = extreme(self, other, |d| d.max, u64::max);
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
        self.buckets = if shaped { add_buckets(&self.buckets, &other.buckets) } else { Vec::new() };
    }

    /// Returns true if the buckets show the shape of the distribution.
    pub fn is_shaped(&self) -> bool {
        self.count == 0 || !self.buckets.is_empty()
    }
}

fn middle_of_rank(buckets: &[Bucket], rank: u128) -> Option<u64> {
    let mut seen = 0u128;
    let holds = |bucket: &&Bucket| {
        seen += u128::from(bucket.count);
        seen >= rank
    };
    buckets.iter().find(holds).map(|bucket| bucket.middle())
}

/// The smaller or larger of both sides; unknown when a side that has values does not know its own.
fn extreme(a: &Dist, b: &Dist, of: fn(&Dist) -> Option<u64>, pick: fn(u64, u64) -> u64) -> Option<u64> {
    match (of(a), of(b)) {
        (Some(x), Some(y)) => Some(pick(x, y)),
        (None, y) if a.count == 0 => y,
        (x, None) if b.count == 0 => x,
        _ => None,
    }
}

/// Both sorted lists as one; equal ranges are summed.
fn add_buckets(a: &[Bucket], b: &[Bucket]) -> Vec<Bucket> {
    let mut all: Vec<Bucket> = a.iter().chain(b).copied().collect();
    sort_by(&mut all, |a, b| (a.lower, a.upper).cmp(&(b.lower, b.upper)));
    all.dedup_by(|next, kept| {
        let same = (next.lower, next.upper) == (kept.lower, kept.upper);
        if same {
            kept.count = kept.count.saturating_add(next.count);
        }
        same
    });
    all
}
