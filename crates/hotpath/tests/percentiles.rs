//! Percentiles against the exact ones of durations timed by hand.
//!
//! Each call is timed just inside and just outside. Sorted, the k-th measured duration lies between the k-th of either, so
//! every percentile must too, but for the histogram's grain.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use common::{Row, session_with, spin, timed};
use std::time::Duration;

const PERCENTILES: [f64; 8] = [0.0, 1.0, 25.0, 50.0, 90.0, 95.0, 99.9, 100.0];
/// The histogram's relative error, with what the anchors of the clock add.
const GRAIN: f64 = 0.005;
/// A reading of either clock, in nanoseconds.
const CLOCK_NS: f64 = 60.0;

#[hotpath::measure]
fn varied(nanos: u64) -> u64 {
    timed(|| spin(Duration::from_nanos(nanos))).0
}

/// The value of rank `ceil(p / 100 * n)`, in thousandths of a percent: 99.9 % of 2000 are 1998, not a little more.
fn exact(sorted: &[u64], percentile: f64) -> u64 {
    let rank = ((percentile * 1000.0).round() as usize * sorted.len()).div_ceil(100_000);
    sorted[rank.clamp(1, sorted.len()) - 1]
}

fn at(row: &Row, percentile: f64) -> f64 {
    row.number(&format!("p{percentile}_ns")) as f64
}

#[test]
fn within_the_grain_of_the_exact_ones() {
    let session = session_with(|builder| builder.percentiles(&PERCENTILES));
    // From 2 µs to 500 µs, evenly on a logarithmic scale, in no order.
    let lengths = (0..2000u32).map(|n| 2000.0 * 250f64.powf(f64::from(n * 787 % 2000) / 2000.0));
    let (mut outside, mut inside): (Vec<u64>, Vec<u64>) =
        lengths.map(|nanos| timed(|| varied(nanos as u64))).unzip();
    let row = session.report().row("varied");
    outside.sort_unstable();
    inside.sort_unstable();
    for percentile in PERCENTILES {
        let (low, high, told) =
            (exact(&inside, percentile) as f64, exact(&outside, percentile) as f64, at(&row, percentile));
        let is_within = told >= low * (1.0 - GRAIN) - CLOCK_NS && told <= high * (1.0 + GRAIN) + CLOCK_NS;
        assert!(is_within, "p{percentile}: {told} told, {low} inside, {high} outside");
    }
    assert_eq!(row.number("p0_ns"), row.number("min_ns"));
    assert_eq!(row.number("p100_ns"), row.number("max_ns"));
    assert_eq!(row.in_histogram(), 2000);
}

#[test]
fn of_one_value_are_that_value() {
    let session = session_with(|builder| builder.percentiles(&[50.0, 99.9]));
    varied(50_000);
    let row = session.report().row("varied");
    let only = row.number("total_ns");
    for key in ["min_ns", "max_ns", "avg_ns", "p50_ns", "p99.9_ns"] {
        assert_eq!(row.number(key), only, "{key}");
    }
}
