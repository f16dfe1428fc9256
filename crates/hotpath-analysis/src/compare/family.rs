//! Many rows, one verdict: probabilities that hold for all rows of a comparison together.
//!
//! A gate must not cry because one of a hundred rows happened to be slow. Ranks alone cannot tell a row among many when there are
//! few runs: with five runs per side no row reaches less than 1 in 252, and among 20 rows one reaches that by chance every few
//! comparisons. But all rows come from the same runs. So the runs are dealt anew to the two sides, all rows at once, in every
//! possible way, and a row's change counts if hardly any deal shows a row that changed as much. That is exact whatever the
//! distribution, and holds for rows that depend on each other. What is only told, and not judged, needs less: there
//! Benjamini and Hochberg keep the share of false tales small.

use std::collections::BTreeMap;

/// Drawing ends when so many deals were as good as the real one: what is as common as that need not be known more precisely.
const ENOUGH: usize = 100;
/// Deals that are counted out; where there are more, so many are drawn.
const MAX_DEALS: usize = 10_000;

/// Runs of a side up to which [`Dealt::floor`] holds as it is; with more it falls like the error of a mean.
const FEW: f64 = 5.0;

/// Adjusts probabilities so that of the rows at or below a limit the share of false ones is at most that limit
/// (Benjamini–Hochberg).
pub(super) fn adjusted(p: &[f64]) -> Vec<f64> {
    let count = p.len() as f64;
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[b].total_cmp(&p[a]));
    let mut result = vec![1.0; p.len()];
    let mut least = 1.0f64;
    for (place, &i) in order.iter().enumerate() {
        least = least.min(p[i] * count / (count - place as f64));
        result[i] = least;
    }
    result
}

/// One row of a comparison by deals: logarithms of the runs of both sides.
#[derive(Clone, Debug)]
pub(super) struct Dealt {
    pub(super) low: Vec<f64>,
    pub(super) high: Vec<f64>,
    /// Of few runs, differences up to here are noise, however much alike they look.
    pub(super) floor: f64,
}

/// For each row, how probable it is that any row of the whole family rises as much if the runs are dealt at random
/// (Westfall and Young, stepping down). All rows must have the same runs.
pub(super) fn by_deals(rows: &[Dealt]) -> Vec<f64> {
    let Some(first) = rows.first() else { return Vec::new() };
    let (low, runs) = (first.low.len(), first.low.len() + first.high.len());
    let (rows, place_of) = distinct(rows.iter().map(Prepared::of));
    let real: Vec<usize> = (low..runs).collect();
    let observed: Vec<f64> = rows.iter().map(|row| row.statistic(&real)).collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|&a, &b| observed[b].total_cmp(&observed[a]));
    let (mut as_large, mut deals) = (vec![0usize; rows.len()], 0usize);
    each_deal(runs, runs - low, |high| {
        deals += 1;
        let mut largest = f64::NEG_INFINITY;
        for (place, &row) in order.iter().enumerate().rev() {
            largest = largest.max(rows[row].statistic(high));
            // Sums in another order differ in their last bits, and the real deal must count as one of them.
            as_large[place] += usize::from(largest >= observed[row] - 1e-9);
        }
        // No row stands out more than the first.
        as_large[0] < ENOUGH
    });
    let mut result = vec![1.0; rows.len()];
    let mut least = 0.0f64;
    for (place, &row) in order.iter().enumerate() {
        least = least.max(as_large[place] as f64 / deals as f64);
        result[row] = least;
    }
    place_of.into_iter().map(|place| result[place]).collect()
}

/// Rows without repetitions, and where each is: mean and total of a function that is always called as often are one row twice,
/// and one row twice changes no largest.
fn distinct(rows: impl Iterator<Item = Prepared>) -> (Vec<Prepared>, Vec<usize>) {
    let mut kept: Vec<Prepared> = Vec::new();
    let mut known: BTreeMap<Vec<i64>, usize> = BTreeMap::new();
    let place = |row: Prepared| {
        let key = row.values.iter().chain([&row.floor]).map(|x| (x * 1e9).round() as i64).collect();
        *known.entry(key).or_insert_with(|| {
            kept.push(row);
            kept.len() - 1
        })
    };
    let places = rows.map(place).collect();
    (kept, places)
}

/// A row with what is the same in every deal.
struct Prepared {
    values: Vec<f64>,
    sum: f64,
    squares: f64,
    floor: f64,
}

impl Prepared {
    fn of(row: &Dealt) -> Self {
        let mut values = [&row.low[..], &row.high[..]].concat();
        let smaller = row.low.len().min(row.high.len());
        hold_extremes(&mut values, smaller);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        values.iter_mut().for_each(|value| *value -= mean);
        Self {
            sum: values.iter().sum(),
            squares: values.iter().map(|x| x * x).sum(),
            // The more runs, the less their likeness is luck.
            floor: row.floor * (FEW / smaller as f64).min(1.0).sqrt(),
            values,
        }
    }

    /// How far the runs `high` lie above the others, measured by how much runs of one side differ.
    fn statistic(&self, high: &[usize]) -> f64 {
        let (n, all) = (high.len() as f64, self.values.len() as f64);
        let sum: f64 = high.iter().map(|&i| self.values[i]).sum();
        let (mean, other) = (sum / n, (self.sum - sum) / (all - n));
        let within = self.squares - n * mean * mean - (all - n) * other * other;
        (mean - other) / ((within.max(0.0) / (all - 2.0)).sqrt() + self.floor)
    }
}

/// Holds the largest and smallest values at their neighbours: wild runs must not drown the others. The same in every deal, so
/// probabilities stay exact.
///
/// A neighbour makes runs longer and never shorter, so more is held above: as many as four fifths of the smaller side. Two runs
/// in five may then be disturbed on each side, and the largest value that stands is still one of the slower side, if that is
/// what sets the sides apart.
fn hold_extremes(values: &mut [f64], smaller: usize) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let above = smaller * 4 / 5;
    let below = values.len().div_ceil(5).min(above);
    let ends = (sorted.get(below), sorted.get(values.len().saturating_sub(above + 1)));
    if let (Some(&least), Some(&most)) = ends
        && least < most
    {
        values.iter_mut().for_each(|value| *value = value.clamp(least, most));
    }
}

/// Every choice of `chosen` of `runs` runs; or if there are too many, the real one (the last `chosen`) and others drawn at random
/// as long as `see` wants more.
fn each_deal(runs: usize, chosen: usize, mut see: impl FnMut(&[usize]) -> bool) {
    let mut deal: Vec<usize> = (0..chosen).collect();
    if super::rank::arrangements(chosen, runs - chosen) > MAX_DEALS as f64 {
        return draw_deals(runs, chosen, see);
    }
    loop {
        see(&deal);
        // The next choice in order: the last member that can move moves, and those behind it follow it closely.
        let Some(i) = (0..chosen).rev().find(|&i| deal[i] < runs - chosen + i) else { return };
        deal[i] += 1;
        for j in i + 1..chosen {
            deal[j] = deal[j - 1] + 1;
        }
    }
}

fn draw_deals(runs: usize, chosen: usize, mut see: impl FnMut(&[usize]) -> bool) {
    let mut cards: Vec<usize> = (0..runs).rev().collect();
    see(&cards[..chosen]);
    // The same deals in every comparison: the same reports must give the same verdict.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 1..MAX_DEALS {
        for i in 0..chosen {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let pick = i + (mixed(state) % (runs - i) as u64) as usize;
            cards.swap(i, pick);
        }
        if !see(&cards[..chosen]) {
            return;
        }
    }
}

/// SplitMix64: well mixed, and enough for drawing.
fn mixed(state: u64) -> u64 {
    let x = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}
