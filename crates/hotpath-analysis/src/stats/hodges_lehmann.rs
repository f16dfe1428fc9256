//! Hodges–Lehmann: an estimate of the shift between two samples, with the confidence interval that belongs to the Mann–Whitney test.
//!
//! The estimate is the median of the differences of all pairs. The interval holds every shift that the test would not reject.
//!
//! J. L. Hodges, E. L. Lehmann, "Estimates of location based on rank tests", Annals of Mathematical Statistics 34 (1963) 598–611;
//! M. Hollander, D. A. Wolfe, *Nonparametric Statistical Methods*, Wiley 1999, section 4.3.

use super::mann_whitney::critical_rank;
use super::median;

/// The shift from one sample to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shift {
    pub(crate) estimate: f64,
    /// The lower confidence limit; `-inf` with too few values for one.
    pub(crate) lower: f64,
    /// The upper confidence limit; `inf` with too few values for one.
    pub(crate) upper: f64,
}

/// Returns the shift from `low` to `high` with an interval of this confidence.
pub(crate) fn shift(high: &[f64], low: &[f64], confidence: f64) -> Shift {
    let mut pairs: Vec<f64> = high.iter().flat_map(|h| low.iter().map(move |l| h - l)).collect();
    pairs.sort_by(f64::total_cmp);
    let rank = critical_rank(high.len(), low.len(), (1.0 - confidence) / 2.0);
    let limit = |index: Option<usize>, none: f64| index.and_then(|i| pairs.get(i)).copied().unwrap_or(none);
    Shift {
        lower: limit(rank.checked_sub(1), f64::NEG_INFINITY),
        upper: if rank == 0 { f64::INFINITY } else { limit(pairs.len().checked_sub(rank), f64::INFINITY) },
        estimate: median(pairs.iter().copied()).unwrap_or(0.0),
    }
}
