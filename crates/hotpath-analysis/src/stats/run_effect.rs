//! Run effects: by how much each run as a whole was slower, and values adjusted for it.
//!
//! A machine may run everything a third slower for as long as a run lasts: another clock rate, somebody else on the other
//! hyper-thread of a core. Such common-mode drift moves all rows of a run together, and a change of one row stands out against the
//! others long before it stands out by itself. But a change of the whole program moves all rows too; so a result from adjusted
//! values is evidence beside the plain one and never instead of it (see `compare/evaluate.rs`).
//!
//! Permuting within the rounds of `hotpath ab` (randomised blocks) is no substitute: it removes drift from round to round, but not the
//! effects of single runs. Simulated with two machine speeds, blocks found a change of 15 % in 4 of 40 comparisons of five rounds,
//! this adjustment in 29; with disturbed runs blocks found 9 of 20 changes of 10 %, and this 16.
//!
//! What must stay true: the labels of the runs do not enter, so a permutation test stays exact.
//!
//! The effects are the first step of a median polish (J. W. Tukey, *Exploratory Data Analysis*, Addison-Wesley 1977, chapter 10).
//! The slope of a row is a weighted Theil–Sen estimate (P. K. Sen, "Estimates of the regression coefficient based on Kendall's
//! tau", Journal of the American Statistical Association 63 (1968) 1379–1389; G. L. Sievers, "Weighted rank statistics for simple
//! linear regression", Journal of the American Statistical Association 73 (1978) 628–631).

use super::median;

/// Rows that are needed: what fewer have in common may be the change of one.
const MIN_ROWS: usize = 5;
/// Rows follow a run effect between not at all and this many times as much as the median row.
const MAX_SLOPE: f64 = 2.0;

/// Returns the effect of each run: the median of the rows' deviations from their own medians. `None` with too few rows. All rows
/// have the same runs; values are logarithms.
pub(crate) fn run_effects(rows: &[Vec<f64>]) -> Option<Vec<f64>> {
    if rows.len() < MIN_ROWS {
        return None;
    }
    let deviations: Vec<Vec<f64>> = rows.iter().map(|row| deviations(row)).collect();
    let runs = deviations.first()?.len();
    Some((0..runs).map(|run| median(deviations.iter().map(|row| row[run])).unwrap_or_default()).collect())
}

/// Returns the values of a row adjusted for the run effects.
pub(crate) fn adjusted(effects: &[f64], values: &[f64]) -> Vec<f64> {
    let slope = slope(effects, values).clamp(0.0, MAX_SLOPE);
    values.iter().zip(effects).map(|(value, effect)| value - slope * effect).collect()
}

/// Returns how strongly a row follows the run effects: the weighted median of the slopes of all pairs of runs, of which those far
/// apart weigh more. Pairs of two sides that differ err as often upwards as downwards.
fn slope(effects: &[f64], values: &[f64]) -> f64 {
    let mut slopes: Vec<(f64, f64)> = Vec::new();
    for (i, (effect_i, value_i)) in effects.iter().zip(values).enumerate() {
        let others = effects.iter().zip(values).skip(i + 1);
        let differences = others.map(|(effect, value)| (effect - effect_i, value - value_i));
        slopes.extend(differences.filter(|(run, _)| *run != 0.0).map(|(run, row)| (row / run, run.abs())));
    }
    slopes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = slopes.iter().map(|(_, weight)| weight).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    let reaches_half = |(_, weight): &&(f64, f64)| {
        sum += weight;
        sum >= half
    };
    slopes.iter().find(reaches_half).map_or(0.0, |(slope, _)| *slope)
}

fn deviations(values: &[f64]) -> Vec<f64> {
    let median = median(values.iter().copied()).unwrap_or_default();
    values.iter().map(|value| value - median).collect()
}

#[cfg(test)]
mod tests {
    use super::{adjusted, run_effects};

    /// Runs of which every other one was slow.
    const SLOW: [f64; 6] = [0.0, 0.3, 0.0, 0.3, 0.3, 0.0];

    fn row(base: f64, slope: f64) -> Vec<f64> {
        SLOW.iter().map(|slow| base + slope * slow).collect()
    }

    #[test]
    fn what_most_rows_have_in_common_is_the_effect_of_a_run() {
        let changed = vec![5.0, 5.0, 5.0, 6.0, 6.0, 6.0];
        let rows = [row(1.0, 1.0), row(2.0, 1.0), row(3.0, 1.0), row(4.0, 0.5), changed];
        let effects = run_effects(&rows).expect("enough rows");
        let difference = |a: usize, b: usize| effects[a] - effects[b];
        assert!((difference(1, 0) - 0.3).abs() < 1e-9 && difference(2, 0).abs() < 1e-9, "{effects:?}");
        assert_eq!(run_effects(&rows[..4]), None);
    }

    #[test]
    fn an_adjusted_row_keeps_its_own_change() {
        for slope in [0.0, 0.5, 1.0, 1.5] {
            // The last three runs took a tenth longer.
            let values: Vec<f64> =
                row(7.0, slope).iter().zip(0..).map(|(x, run)| x + if run < 3 { 0.0 } else { 0.1 }).collect();
            let adjusted_row = adjusted(&SLOW, &values);
            let (before, after) = adjusted_row.split_at(3);
            assert!(before.iter().all(|x| (x - 7.0).abs() < 1e-9), "{slope}: {adjusted_row:?}");
            assert!(after.iter().all(|x| (x - 7.1).abs() < 1e-9), "{slope}: {adjusted_row:?}");
        }
    }

    #[test]
    fn equal_run_effects_adjust_nothing() {
        let values = [1.0, 1.2, 0.9, 1.1, 1.0, 1.3];
        assert_eq!(adjusted(&[0.2; 6], &values), values);
    }
}
