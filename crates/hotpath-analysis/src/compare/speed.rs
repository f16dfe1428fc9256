//! How fast the machine was in each run, and numbers without it.
//!
//! A machine may run everything a third slower for as long as a run lasts: another clock rate, somebody else on the other half of
//! a core. Then all rows of a run are off together, and a change of one of them stands out against the others long before it
//! stands out by itself. What all rows have in common cannot be told from a change of the whole program, though; so what is
//! found here is evidence beside the plain numbers and never instead of them (see `decide.rs`).
//!
//! What must stay true: which side a run is of does not enter, so that probabilities of deals stay exact.

use super::shift::median;

/// With fewer rows, what they have in common may be the change of one.
const LEAST_ROWS: usize = 5;
/// Rows feel the machine differently: from not at all to so many times as much as the middle one.
const MOST_WEIGHT: f64 = 2.0;

/// For each run, by how much its rows are off: the middle over the rows of what each is off from its own middle. `None` if there
/// are too few rows. All rows have the same runs; values are logarithms.
pub(super) fn of_runs(rows: &[Vec<f64>]) -> Option<Vec<f64>> {
    if rows.len() < LEAST_ROWS {
        return None;
    }
    let off: Vec<Vec<f64>> = rows.iter().map(|row| from_middle(row)).collect();
    let runs = off.first()?.len();
    Some((0..runs).map(|run| middle(off.iter().map(|row| row[run]).collect())).collect())
}

/// The values of a row without what they owe to the runs' speed.
pub(super) fn without(speed: &[f64], values: &[f64]) -> Vec<f64> {
    let weight = weight(speed, values).clamp(0.0, MOST_WEIGHT);
    values.iter().zip(speed).map(|(value, speed)| value - weight * speed).collect()
}

/// How much a row feels the machine: the middle of what any two runs say, of which the farther apart say more. Runs of two sides
/// that differ say too much as often as too little.
fn weight(speed: &[f64], values: &[f64]) -> f64 {
    let mut said: Vec<(f64, f64)> = Vec::new();
    for (i, (speed_i, value_i)) in speed.iter().zip(values).enumerate() {
        let others = speed.iter().zip(values).skip(i + 1);
        let apart = others.map(|(speed, value)| (speed - speed_i, value - value_i));
        said.extend(apart.filter(|(run, _)| *run != 0.0).map(|(run, row)| (row / run, run.abs())));
    }
    said.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = said.iter().map(|(_, importance)| importance).sum::<f64>() / 2.0;
    let mut sum = 0.0;
    let reaches_half = |(_, importance): &&(f64, f64)| {
        sum += importance;
        sum >= half
    };
    said.iter().find(reaches_half).map_or(0.0, |(weight, _)| *weight)
}

fn from_middle(values: &[f64]) -> Vec<f64> {
    let middle = middle(values.to_vec());
    values.iter().map(|value| value - middle).collect()
}

fn middle(values: Vec<f64>) -> f64 {
    median(values).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{of_runs, without};

    /// Runs of which every other one was slow.
    const SLOW: [f64; 6] = [0.0, 0.3, 0.0, 0.3, 0.3, 0.0];

    fn row(base: f64, weight: f64) -> Vec<f64> {
        SLOW.iter().map(|slow| base + weight * slow).collect()
    }

    #[test]
    fn what_most_rows_have_in_common_is_the_speed_of_a_run() {
        let changed = vec![5.0, 5.0, 5.0, 6.0, 6.0, 6.0];
        let rows = [row(1.0, 1.0), row(2.0, 1.0), row(3.0, 1.0), row(4.0, 0.5), changed];
        let speed = of_runs(&rows).expect("enough rows");
        let apart = |a: usize, b: usize| speed[a] - speed[b];
        assert!((apart(1, 0) - 0.3).abs() < 1e-9 && apart(2, 0).abs() < 1e-9, "{speed:?}");
        assert_eq!(of_runs(&rows[..4]), None);
    }

    #[test]
    fn a_row_keeps_what_is_its_own() {
        for weight in [0.0, 0.5, 1.0, 1.5] {
            // The last three runs took a tenth longer.
            let values: Vec<f64> = row(7.0, weight)
                .iter()
                .zip(0..)
                .map(|(x, run)| x + if run < 3 { 0.0 } else { 0.1 })
                .collect();
            let freed = without(&SLOW, &values);
            let (before, after) = freed.split_at(3);
            assert!(before.iter().all(|x| (x - 7.0).abs() < 1e-9), "{weight}: {freed:?}");
            assert!(after.iter().all(|x| (x - 7.1).abs() < 1e-9), "{weight}: {freed:?}");
        }
    }

    #[test]
    fn runs_of_one_speed_change_nothing() {
        let values = [1.0, 1.2, 0.9, 1.1, 1.0, 1.3];
        assert_eq!(without(&[0.2; 6], &values), values);
    }
}
