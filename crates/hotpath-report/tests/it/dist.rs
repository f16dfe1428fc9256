//! Distributions: exact ends, near middle, addition in any order.

use crate::fixtures::dist;
use hotpath_report::{Bucket, Dist};
use proptest::prelude::*;

fn merged(a: &Dist, b: &Dist) -> Dist {
    let mut sum = a.clone();
    sum.merge(b);
    sum
}

/// A distribution, sometimes one whose shape is unknown.
fn any_dist() -> impl Strategy<Value = Dist> {
    let values = prop::collection::vec(prop_oneof![0..300u64, any::<u64>()], 0..20);
    (values, any::<bool>()).prop_map(|(values, shaped)| {
        let dist = dist(&values);
        if shaped { dist } else { Dist { min: None, max: None, buckets: Vec::new(), ..dist } }
    })
}

#[test]
fn the_ends_are_exact() {
    let dist = dist(&[1_000_003, 5, 77_777]);
    assert_eq!(dist.percentile(0.0), Some(5));
    assert_eq!(dist.percentile(100.0), Some(1_000_003));
    assert_eq!(dist.mean(), Some((1_000_003 + 5 + 77_777) / 3));
}

#[test]
fn calls_that_allocated_nothing_count_as_0() {
    let dist = dist(&[0, 0, 0, 4_000]);
    assert_eq!(dist.buckets[0], Bucket { lower: 0, upper: 1, count: 3 });
    assert_eq!((dist.mean(), dist.min), (Some(1_000), Some(0)));
    assert_eq!(
        (dist.percentile(50.0), dist.percentile(75.0), dist.percentile(99.0)),
        (Some(0), Some(0), Some(4_000))
    );
}

#[test]
fn a_mean_is_never_outside_of_smallest_and_largest() {
    let racing = |sum| Dist { count: 2, sum, min: Some(10), max: Some(20), ..Dist::default() };
    assert_eq!(racing(60).mean(), Some(20));
    assert_eq!(racing(10).mean(), Some(10));
    assert_eq!(racing(30).mean(), Some(15));
    let unknown = Dist { min: None, max: None, ..racing(60) };
    assert_eq!(unknown.mean(), Some(30));
}

#[test]
fn nothing_recorded_is_unknown_not_zero() {
    let none = Dist::default();
    assert_eq!((none.mean(), none.percentile(0.0), none.percentile(50.0)), (None, None, None));
}

#[test]
fn ranks_do_not_suffer_from_floats() {
    let values: Vec<u64> = (0..1_000).map(|i| if i < 999 { 1 } else { 100 }).collect();
    assert_eq!(dist(&values).percentile(99.9), Some(1));
    assert_eq!(dist(&values).percentile(99.91), Some(100));
}

#[test]
fn percentiles_of_an_unknown_shape_are_unknown() {
    let flat = Dist { count: 3, sum: 30, ..Dist::default() };
    assert_eq!(flat.mean(), Some(10));
    let sum = merged(&flat, &dist(&[1, 2, 3]));
    assert_eq!((sum.count, sum.percentile(50.0), sum.min), (6, None, None));
}

#[test]
fn a_percentile_that_is_no_number_is_unknown() {
    assert_eq!(dist(&[1]).percentile(f64::NAN), None);
    assert_eq!(dist(&[1]).percentile(f64::INFINITY), Some(1));
}

#[test]
fn buckets_reach_to_the_largest_number() {
    assert_eq!(Bucket::scale_upper(0), 1);
    assert_eq!(Bucket::scale_upper(255), 256);
    assert_eq!(Bucket::scale_upper(256), 258);
    assert_eq!(Bucket::scale_upper(255 << 56), u64::MAX);
    assert_eq!(dist(&[u64::MAX]).percentile(50.0), Some(u64::MAX));
}

proptest! {
    #[test]
    fn merging_is_commutative_and_associative(a in any_dist(), b in any_dist(), c in any_dist()) {
        prop_assert_eq!(merged(&a, &b), merged(&b, &a));
        prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
        prop_assert_eq!(merged(&a, &Dist::default()), a);
    }

    #[test]
    fn percentiles_are_within_half_a_bucket_of_the_exact_ones(
        values in prop::collection::vec(prop_oneof![0..300u64, 0..10_000_000_000u64], 1..200),
        p in 0.0..=100.0f64,
    ) {
        check_percentile(&dist(&values), values, p, 1.0);
    }

    #[test]
    fn runs_of_different_clocks_merge_without_losing_precision(
        a in prop::collection::vec(0..10_000_000_000u64, 1..100),
        b in prop::collection::vec(0..10_000_000_000u64, 0..100),
        ticks_per_us in 100..5_000u64,
        p in 0.0..=100.0f64,
    ) {
        let sum = merged(&dist(&a), &dist_of_ticks(&b, ticks_per_us));
        check_percentile(&sum, [a, b].concat(), p, 2.0 + 1_000.0 / ticks_per_us as f64);
    }
}

/// Nanoseconds recorded on a scale of ticks and converted, as a running program does it.
fn dist_of_ticks(values: &[u64], ticks_per_us: u64) -> Dist {
    let to_ns =
        |ticks: u64| u64::try_from(u128::from(ticks) * 1_000 / u128::from(ticks_per_us)).unwrap_or(u64::MAX);
    let bucket = |&ns: &u64| {
        let ticks = dist(&[ns * ticks_per_us / 1_000]).buckets[0];
        Bucket { lower: to_ns(ticks.lower), upper: to_ns(ticks.upper), count: 1 }
    };
    let (min, max) = (values.iter().min().copied(), values.iter().max().copied());
    Dist::from_buckets(values.len() as u64, values.iter().sum(), min, max, values.iter().map(bucket))
}

/// The percentile is within 0.4 % and the resolution of the clock of the one that sorting gives.
fn check_percentile(dist: &Dist, mut values: Vec<u64>, p: f64, resolution_ns: f64) {
    let estimate = dist.percentile(p).expect("values were recorded");
    values.sort_unstable();
    let rank = ((p * 1e6).round() as u128 * values.len() as u128).div_ceil(100_000_000).max(1) as usize;
    let exact = if p == 0.0 { values[0] } else { values[rank - 1] };
    assert!(
        estimate.abs_diff(exact) as f64 <= exact as f64 * 0.004 + resolution_ns,
        "{estimate} is not {exact}"
    );
}
