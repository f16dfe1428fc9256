//! The step-down max-T permutation test: p-values that hold for all rows of a comparison together.
//!
//! A gate must not fail because one of a hundred rows happened to be slow: the family-wise error rate (FWER), which is the
//! probability of any false claim, has to stay below alpha. Rank tests with a correction for their number cannot do that with few
//! runs: with five runs per side no p-value is below 1/252, and among 20 rows one comes that low by chance every few comparisons.
//! But all rows come from the same runs. So the labels of the runs are permuted for all rows at once, and a row is compared
//! with the largest statistic of all rows in each permutation. That is exact whatever the distribution, and holds for rows
//! that depend on each other.
//!
//! P. H. Westfall, S. S. Young, *Resampling-Based Multiple Testing*, Wiley 1993; Y. Ge, S. Dudoit, T. P. Speed, "Resampling-based
//! multiple testing for microarray data analysis", TEST 12 (2003) 1–77. The constant in the denominator of the statistic is that of
//! V. G. Tusher, R. Tibshirani, G. Chu, "Significance analysis of microarrays", PNAS 98 (2001) 5116–5121.

use super::mann_whitney::arrangements;
use super::winsorize::winsorize;
use itertools::Itertools;
use std::collections::BTreeMap;

/// Sampling of permutations ends after this many that were as extreme as the observed one: a large p-value need not be precise.
const ENOUGH: usize = 100;
/// Permutations that are enumerated; where there are more, this many are sampled.
const MAX_PERMUTATIONS: usize = 10_000;
/// Seed of the sampled permutations, fixed: the same reports must give the same result.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;
/// Runs of a side up to which [`TwoSamples::floor`] holds as it is; with more it falls like the standard error of a mean.
const FEW: f64 = 5.0;

/// One row in the runs of both sides, as logarithms.
#[derive(Clone, Debug)]
pub(crate) struct TwoSamples {
    pub(crate) low: Vec<f64>,
    pub(crate) high: Vec<f64>,
    /// A constant added to the standard deviation: few runs may look alike by luck.
    pub(crate) floor: f64,
}

/// Returns the adjusted p-value of each row: the probability that any row of the family rises as much if the runs are labelled at
/// random. All rows must have the same runs.
pub(crate) fn max_t_permutation(rows: &[TwoSamples]) -> Vec<f64> {
    let Some(first) = rows.first() else { return Vec::new() };
    let (low, runs) = (first.low.len(), first.low.len() + first.high.len());
    let (rows, position) = distinct(rows.iter().map(Centered::of));
    let actual: Vec<usize> = (low..runs).collect();
    let observed: Vec<f64> = rows.iter().map(|row| row.statistic(&actual)).collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|&a, &b| observed[b].total_cmp(&observed[a]));
    let (mut as_extreme, mut permutations) = (vec![0usize; rows.len()], 0usize);
    for_each_permutation(runs, runs - low, |high| {
        permutations += 1;
        let mut largest = f64::NEG_INFINITY;
        for (step, &row) in order.iter().enumerate().rev() {
            largest = largest.max(rows[row].statistic(high));
            // Sums in another order differ in their last bits, and the actual labels must count as one of the permutations.
            as_extreme[step] += usize::from(largest >= observed[row] - 1e-9);
        }
        // No row has a smaller p-value than the first.
        as_extreme[0] < ENOUGH
    });
    let mut result = vec![1.0; rows.len()];
    let mut smallest = 0.0f64;
    for (step, &row) in order.iter().enumerate() {
        smallest = smallest.max(as_extreme[step] as f64 / permutations as f64);
        result[row] = smallest;
    }
    position.into_iter().map(|row| result[row]).collect()
}

/// Removes repeated rows, and says where each went: mean and total of a function that is always called as often are one row
/// twice, and a row twice does not change the largest statistic.
fn distinct(rows: impl Iterator<Item = Centered>) -> (Vec<Centered>, Vec<usize>) {
    let mut kept: Vec<Centered> = Vec::new();
    let mut known: BTreeMap<Vec<i64>, usize> = BTreeMap::new();
    let position = |row: Centered| {
        let key = row.values.iter().chain([&row.floor]).map(|x| (x * 1e9).round() as i64).collect();
        *known.entry(key).or_insert_with(|| {
            kept.push(row);
            kept.len() - 1
        })
    };
    let positions = rows.map(position).collect();
    (kept, positions)
}

/// A row, winsorized and centred, with all that no permutation changes.
struct Centered {
    values: Vec<f64>,
    sum: f64,
    squares: f64,
    floor: f64,
}

impl Centered {
    fn of(row: &TwoSamples) -> Self {
        let mut values = [&row.low[..], &row.high[..]].concat();
        let smaller = row.low.len().min(row.high.len());
        winsorize(&mut values, smaller);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter_mut().for_each(|value| *value -= mean);
        Self {
            sum: values.iter().sum(),
            squares: values.iter().map(|x| x * x).sum(),
            floor: row.floor * (FEW / smaller as f64).min(1.0).sqrt(),
            values,
        }
    }

    /// Returns the difference of the means of the runs `high` and of the others, divided by the pooled standard deviation.
    fn statistic(&self, high: &[usize]) -> f64 {
        let (n, all) = (high.len() as f64, self.values.len() as f64);
        let sum: f64 = high.iter().map(|&i| self.values[i]).sum();
        let (mean, other) = (sum / n, (self.sum - sum) / (all - n));
        let within = self.squares - n * mean * mean - (all - n) * other * other;
        (mean - other) / ((within.max(0.0) / (all - 2.0)).sqrt() + self.floor)
    }
}

/// Calls `visit` with every choice of `chosen` of `runs` runs; or if there are too many, with the actual one (the last `chosen`) and
/// with random ones, as long as `visit` returns `true`.
fn for_each_permutation(runs: usize, chosen: usize, mut visit: impl FnMut(&[usize]) -> bool) {
    if arrangements(chosen, runs - chosen) <= MAX_PERMUTATIONS as f64 {
        (0..runs).combinations(chosen).for_each(|high| _ = visit(&high));
        return;
    }
    let mut labels: Vec<usize> = (0..runs).rev().collect();
    let mut random = fastrand::Rng::with_seed(SEED);
    for _ in 0..MAX_PERMUTATIONS {
        if !visit(&labels[..chosen]) {
            return;
        }
        random.shuffle(&mut labels);
    }
}
