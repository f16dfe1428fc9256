//! The statistics against SciPy: `tests/fixtures/statistics.py` made the numbers.

use super::family::{Dealt, adjusted, by_deals};
use super::rank::p_above;
use super::shift::shift;
use serde_json::Value as Json;

fn fixture(name: &str) -> Vec<Json> {
    let text = include_str!("../../tests/fixtures/statistics.json");
    let mut json: Json = serde_json::from_str(text).expect("JSON");
    serde_json::from_value(json[name].take()).expect("a list")
}

fn numbers(json: &Json) -> Vec<f64> {
    json.as_array().expect("a list").iter().filter_map(Json::as_f64).collect()
}

#[track_caller]
fn close(ours: f64, theirs: f64, what: &Json) {
    assert!((ours - theirs).abs() <= 1e-9 * theirs.abs().max(1e-3), "{ours} is not {theirs}: {what}");
}

#[test]
fn mann_whitney() {
    for case in fixture("mann_whitney") {
        let ours = p_above(&numbers(&case["high"]), &numbers(&case["low"]));
        close(ours, case["p"].as_f64().expect("a number"), &case);
    }
}

#[test]
fn hodges_lehmann() {
    for case in fixture("shifts") {
        let confidence = case["confidence"].as_f64().expect("a number");
        let ours = shift(&numbers(&case["high"]), &numbers(&case["low"]), confidence);
        close(ours.estimate, case["estimate"].as_f64().expect("a number"), &case);
        close(ours.lower, case["lower"].as_f64().unwrap_or(f64::NEG_INFINITY), &case);
        close(ours.upper, case["upper"].as_f64().unwrap_or(f64::INFINITY), &case);
    }
}

#[test]
fn benjamini_hochberg() {
    for case in fixture("families") {
        let ours = adjusted(&numbers(&case["p"]));
        ours.iter().zip(numbers(&case["adjusted"])).for_each(|(&ours, theirs)| close(ours, theirs, &case));
    }
}

fn row(low: &[f64], high: &[f64]) -> Dealt {
    Dealt { low: low.to_vec(), high: high.to_vec(), floor: 0.01 }
}

/// With one row, dealing is a permutation test: of the 20 ways to deal six runs, only the real one puts the large on one side.
#[test]
fn deals_count_the_arrangements() {
    let apart = row(&[1.0, 1.1, 1.2], &[2.0, 2.1, 2.2]);
    assert_eq!(by_deals(std::slice::from_ref(&apart)), [1.0 / 20.0]);
    let reversed = row(&[2.0, 2.1, 2.2], &[1.0, 1.1, 1.2]);
    assert_eq!(by_deals(std::slice::from_ref(&reversed)), [1.0]);
    // A row of noise beside it changes nothing for a row that stands out, and has no chance itself.
    let noise = row(&[1.0, 1.3, 1.1], &[1.2, 1.05, 1.25]);
    let both = by_deals(&[noise, apart]);
    assert_eq!(both[1], 1.0 / 20.0);
    assert!(both[0] > 0.3, "{both:?}");
}

#[test]
fn many_deals_are_drawn_and_the_real_one_is_among_them() {
    let from = |start: f64| (0..12).map(|i| start + 0.01 * f64::from(i)).collect::<Vec<_>>();
    let p = by_deals(&[row(&from(0.0), &from(2.0))]);
    assert!(p[0] > 0.0 && p[0] < 1e-3, "{p:?}");
}
