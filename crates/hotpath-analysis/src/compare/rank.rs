//! Mann–Whitney: does one side tend to lie above the other?
//!
//! Only the order of values counts, so one wild run changes little. What must stay true: a probability is that of the test's own
//! null distribution, exact where that is affordable; it is never below one in the number of arrangements there are.

use std::cmp::Ordering;

/// Up to this many values, distributions with ties are counted out; without ties, twice as many.
const MAX_TIED: usize = 20;
/// Up to here the number of arrangements is an exact `f64`.
const MAX_UNTIED: usize = 50;

/// How probable it is that `high` lies so far above `low` as it does, or farther, if both were drawn from the same values.
pub(super) fn p_above(high: &[f64], low: &[f64]) -> f64 {
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

/// The number of ways to choose which `n` of `n + m` runs are those of one side.
pub(super) fn arrangements(n: usize, m: usize) -> f64 {
    (1..=n).fold(1.0, |ways, i| ways * (m + i) as f64 / i as f64).round()
}

/// The largest number of pairs of which `U` is below it at most as often as `tail`, if there is no difference.
///
/// The pair of this rank, counted from 1 from either end, bounds the interval; 0 means that there is no bound.
pub(super) fn bound(n: usize, m: usize, tail: f64) -> usize {
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

/// In how many arrangements each `U` comes out, without ties: the coefficients of the Gaussian binomial.
fn counts_of_u(n: usize, m: usize) -> Vec<f64> {
    let size = n * m;
    let mut counts = vec![0.0; size + 1];
    counts[0] = 1.0;
    for i in 1..=n {
        // Multiplied by 1 - q^(m + i), divided by 1 - q^i: what stands there in between is always a whole number of ways.
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

/// The same with ties: every choice of `n` of the ranks is as probable as any other.
fn tied_tail(doubled: &[usize], n: usize, sum_of_first: f64) -> f64 {
    let most: usize = doubled.iter().sum();
    let mut ways = vec![vec![0.0; most + 1]; n + 1];
    ways[0][0] = 1.0;
    for &rank in doubled {
        for chosen in (1..=n).rev() {
            for sum in (rank..=most).rev() {
                ways[chosen][sum] += ways[chosen - 1][sum - rank];
            }
        }
    }
    let from = (2.0 * sum_of_first).round() as usize;
    let all: f64 = ways[n].iter().sum();
    ways[n].iter().skip(from).sum::<f64>() / all
}

/// The normal approximation, corrected for ties and for the steps of `U`.
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

/// How probable it is that a normal variable exceeds `z`.
fn above(z: f64) -> f64 {
    if z < 0.0 { 1.0 - above(-z) } else { 0.5 * complement_of_error(z / std::f64::consts::SQRT_2) }
}

/// The complementary error function for `x >= 0`: a series where it converges fast, a continued fraction elsewhere.
fn complement_of_error(x: f64) -> f64 {
    let scale = (-x * x).exp() / std::f64::consts::PI.sqrt();
    if x < 2.5 {
        let (mut term, mut sum, mut n) = (x, x, 0.0);
        while term > sum * 1e-17 {
            n += 1.0;
            term *= 2.0 * x * x / (2.0 * n + 1.0);
            sum += term;
        }
        return 1.0 - 2.0 * scale * sum;
    }
    let fraction = (1..=60).rev().fold(0.0, |tail, n| f64::from(n) / 2.0 / (x + tail));
    scale / (x + fraction)
}
