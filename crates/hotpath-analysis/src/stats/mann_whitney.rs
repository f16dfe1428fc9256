//! Mann–Whitney U test: does one sample tend to lie above the other?
//!
//! Only the order of values counts, so one wild run changes little. What must stay true: a p-value is that of the test's own
//! null distribution, exact where that is affordable; it is never below one in the number of arrangements.
//!
//! H. B. Mann, D. R. Whitney, "On a test of whether one of two random variables is stochastically larger than the other", Annals of
//! Mathematical Statistics 18 (1947) 50–60. With ties: the shift algorithm of B. Streitberg, J. Röhmel, "Exact distributions for
//! permutations and rank tests", Statistical Software Newsletter 12 (1986) 10–17.

use std::cmp::Ordering;

/// Values up to which the distribution with ties is exact.
const MAX_TIED: usize = 20;
/// Values up to which the distribution without ties is exact: the number of arrangements is a whole `f64`.
const MAX_UNTIED: usize = 50;

/// Returns the one-sided p-value: the probability that `high` lies as far above `low` as it does, or farther, if both were drawn
/// from the same distribution.
pub(crate) fn p_greater(high: &[f64], low: &[f64]) -> f64 {
    let (n, m) = (high.len(), low.len());
    if n == 0 || m == 0 {
        return 1.0;
    }
    let ranks = Ranks::of(high, low);
    let u = ranks.sum_of_first - (n * (n + 1) / 2) as f64;
    let p = match ranks.ties.is_empty() {
        true if n + m <= MAX_UNTIED => untied_tail(n, m, u),
        false if n + m <= MAX_TIED => tied_tail(&ranks.doubled, n, ranks.sum_of_first),
        _ => normal_tail(n, m, u, &ranks.ties),
    };
    p.clamp(0.0, 1.0)
}

/// Returns the number of ways to choose which `n` of `n + m` values belong to one side: a binomial coefficient.
pub(crate) fn arrangements(n: usize, m: usize) -> f64 {
    (1..=n).fold(1.0, |ways, i| ways * (m + i) as f64 / i as f64).round()
}

/// Returns the largest rank that `U` stays below with a probability of at most `tail` under the null hypothesis.
///
/// The difference of this rank, counted from 1 from either end, limits the confidence interval; 0 means that there is no limit.
pub(super) fn critical_rank(n: usize, m: usize, tail: f64) -> usize {
    let below = |u: usize| if n + m <= MAX_UNTIED { None } else { Some(normal_below(n, m, u)) };
    let counts = if n + m <= MAX_UNTIED { counts_of_u(n, m) } else { Vec::new() };
    let all = arrangements(n, m);
    let mut sum = 0.0;
    let mut rank = 0;
    while rank < n * m {
        let p = below(rank).unwrap_or_else(|| {
            sum += counts[rank];
            sum / all
        });
        if p > tail {
            break;
        }
        rank += 1;
    }
    rank
}

/// The ranks of both sides together.
struct Ranks {
    sum_of_first: f64,
    /// Twice the rank of each value: an average of two neighbours is whole then.
    doubled: Vec<usize>,
    /// Sizes of the groups of equal values.
    ties: Vec<usize>,
}

impl Ranks {
    fn of(first: &[f64], second: &[f64]) -> Self {
        let mut all: Vec<(f64, bool)> =
            first.iter().map(|&x| (x, true)).chain(second.iter().map(|&x| (x, false))).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut doubled, mut ties, mut sum_of_first) = (Vec::new(), Vec::new(), 0.0);
        for group in all.chunk_by(|a, b| a.0.partial_cmp(&b.0) == Some(Ordering::Equal)) {
            let before = doubled.len();
            let twice = 2 * before + group.len() + 1;
            doubled.extend(group.iter().map(|_| twice));
            sum_of_first +=
                group.iter().filter(|(_, is_first)| *is_first).count() as f64 * twice as f64 / 2.0;
            if group.len() > 1 {
                ties.push(group.len());
            }
        }
        Self { sum_of_first, doubled, ties }
    }
}

/// Returns the number of arrangements for each `U`, without ties: the coefficients of the Gaussian binomial.
fn counts_of_u(n: usize, m: usize) -> Vec<f64> {
    let size = n * m;
    let mut counts = vec![0.0; size + 1];
    counts[0] = 1.0;
    for i in 1..=n {
        // Multiplied by 1 - q^(m + i), divided by 1 - q^i: all intermediate coefficients are whole numbers.
        for u in (m + i..=size).rev() {
            counts[u] -= counts[u - m - i];
        }
        for u in i..=size {
            counts[u] += counts[u - i];
        }
    }
    counts
}

fn untied_tail(n: usize, m: usize, u: f64) -> f64 {
    let counts = counts_of_u(n, m);
    let from = u.round() as usize;
    counts.iter().skip(from).sum::<f64>() / arrangements(n, m)
}

/// The tail with ties: every choice of `n` of the ranks is equally probable.
fn tied_tail(doubled: &[usize], n: usize, sum_of_first: f64) -> f64 {
    let total: usize = doubled.iter().sum();
    let mut ways = vec![vec![0.0; total + 1]; n + 1];
    ways[0][0] = 1.0;
    for &rank in doubled {
        for chosen in (1..=n).rev() {
            for sum in (rank..=total).rev() {
                ways[chosen][sum] += ways[chosen - 1][sum - rank];
            }
        }
    }
    let from = (2.0 * sum_of_first).round() as usize;
    let all: f64 = ways[n].iter().sum();
    ways[n].iter().skip(from).sum::<f64>() / all
}

/// The normal approximation, corrected for ties and for continuity.
fn normal_tail(n: usize, m: usize, u: f64, ties: &[usize]) -> f64 {
    let all = (n + m) as f64;
    let tied: f64 = ties.iter().map(|&t| (t as f64).powi(3) - t as f64).sum();
    let pairs = (n * m) as f64;
    let deviation = (pairs / 12.0 * (all + 1.0 - tied / (all * (all - 1.0)))).sqrt();
    if deviation > 0.0 { above((u - pairs / 2.0 - 0.5) / deviation) } else { 1.0 }
}

fn normal_below(n: usize, m: usize, u: usize) -> f64 {
    let pairs = (n * m) as f64;
    let deviation = (pairs / 12.0 * ((n + m) as f64 + 1.0)).sqrt();
    1.0 - above((u as f64 + 0.5 - pairs / 2.0) / deviation)
}

/// The probability that a standard normal variable exceeds `z`.
fn above(z: f64) -> f64 {
    0.5 * libm::erfc(z / std::f64::consts::SQRT_2)
}
