//! Hodges–Lehmann: by how much one side lies above the other, with an interval that belongs to the Mann–Whitney test.
//!
//! The estimate is the median of the differences of all pairs, one value of each side. The interval holds every shift that the
//! test would not reject.

use super::rank;

/// How far one side lies above the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shift {
    pub(super) estimate: f64,
    /// Lower end; `-inf` where there are too few values for one.
    pub(super) lower: f64,
    /// Upper end; `inf` where there are too few values for one.
    pub(super) upper: f64,
}

/// The shift from `low` to `high` with an interval of this confidence.
pub(super) fn shift(high: &[f64], low: &[f64], confidence: f64) -> Shift {
    let pairs = differences(high, low);
    let rank = rank::bound(high.len(), low.len(), (1.0 - confidence) / 2.0);
    let end = |index: Option<usize>, none: f64| index.and_then(|i| pairs.get(i)).copied().unwrap_or(none);
    Shift {
        estimate: middle(&pairs).unwrap_or(0.0),
        lower: end(rank.checked_sub(1), f64::NEG_INFINITY),
        upper: if rank == 0 { f64::INFINITY } else { end(pairs.len().checked_sub(rank), f64::INFINITY) },
    }
}

/// The middle of values; of an even number, the mean of the two in the middle.
pub(super) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    middle(&values)
}

/// The median of sorted values.
fn middle(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    Some(if sorted.len() % 2 == 1 { upper } else { f64::midpoint(sorted[half - 1], upper) })
}

/// The differences of all pairs, in ascending order.
fn differences(high: &[f64], low: &[f64]) -> Vec<f64> {
    let mut pairs: Vec<f64> = high.iter().flat_map(|h| low.iter().map(move |l| h - l)).collect();
    pairs.sort_by(f64::total_cmp);
    pairs
}
