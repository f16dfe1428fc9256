//! The statistics against SciPy: `tests/fixtures/statistics.py` made the numbers.

use super::benjamini_hochberg::adjusted;
use super::hodges_lehmann::shift;
use super::mann_whitney::p_greater;
use super::permutation::{TwoSamples, max_t_permutation};
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
        let ours = p_greater(&numbers(&case["high"]), &numbers(&case["low"]));
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

fn row(low: &[f64], high: &[f64]) -> TwoSamples {
    TwoSamples { low: low.to_vec(), high: high.to_vec(), floor: 0.01 }
}

/// With one row this is the plain permutation test: of the 20 ways to label six runs, only the actual one has the large values on one side.
#[test]
fn p_values_count_the_permutations_that_are_as_extreme() {
    let apart = row(&[1.0, 1.1, 1.2], &[2.0, 2.1, 2.2]);
    assert_eq!(max_t_permutation(std::slice::from_ref(&apart)), [1.0 / 20.0]);
    let reversed = row(&[2.0, 2.1, 2.2], &[1.0, 1.1, 1.2]);
    assert_eq!(max_t_permutation(std::slice::from_ref(&reversed)), [1.0]);
    // A row of noise beside it changes nothing for a row that stands out, and has no chance itself.
    let noise = row(&[1.0, 1.3, 1.1], &[1.2, 1.05, 1.25]);
    let both = max_t_permutation(&[noise, apart]);
    assert_eq!(both[1], 1.0 / 20.0);
    assert!(both[0] > 0.3, "{both:?}");
}

#[test]
fn of_many_permutations_a_sample_is_drawn_that_holds_the_actual_labels() {
    let from = |start: f64| (0..12).map(|i| start + 0.01 * f64::from(i)).collect::<Vec<_>>();
    let p = max_t_permutation(&[row(&from(0.0), &from(2.0))]);
    assert!(p[0] > 0.0 && p[0] < 1e-3, "{p:?}");
}
