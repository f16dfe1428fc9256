//! Estimates: values whose standard error is known, in tables and in JSON.

use crate::fixtures::*;
use hotpath_report::{Budget, FunctionStats, Report, Table, Value, render};

fn timing_with(stats: FunctionStats) -> Table {
    timing(&[main_row(122_130_000), stats], &[50.0])
}

/// The line of the estimated function in the table.
fn line(stats: FunctionStats) -> String {
    let report = report(vec![timing_with(stats)]);
    let text = table(&report, &render::Options::default());
    text.lines().find(|line| line.contains("estimated")).expect("a row").to_owned()
}

#[test]
fn estimates_of_total_self_average_and_shares_are_marked_in_tables() {
    let text = line(estimated());
    for marked in ["~36.00 µs", "~24.00 µs", "~120 ns", "~0.03%", "~0.02%"] {
        assert!(text.contains(marked), "{marked}: {text}");
    }
    assert_eq!(text.matches('~').count(), 5, "counts and percentiles are none: {text}");
}

#[test]
fn total_and_self_are_estimates_each_for_itself() {
    let text = line(FunctionStats { total_se_ns: None, ..estimated() });
    assert!(text.contains("~24.00 µs") && text.contains("~0.02%"), "{text}");
    assert_eq!(text.matches('~').count(), 2, "{text}");
    let exact = line(FunctionStats { total_se_ns: None, self_se_ns: None, ..estimated() });
    assert!(!exact.contains('~'), "{exact}");
}

#[test]
fn an_unknown_is_no_estimate() {
    let text = line(FunctionStats { total_ns: None, self_ns: None, ..estimated() });
    assert!(!text.contains('~'), "{text}");
}

#[test]
fn the_average_of_an_estimate_is_that_of_all_calls() {
    // Two long calls that were timed, and one short one that stands for 298.
    let stats = FunctionStats { durations: dist(&[15_000, 15_000, 20]), ..estimated() };
    let section = timing_with(stats.clone());
    let cell = |section: &Table, key: &str| section.cell(&section.rows[1], key).clone();
    assert_eq!(cell(&section, "durations.avg"), Value::Nanos(36_000 / 300));
    assert_eq!(cell(&section, "durations.p50"), Value::Nanos(15_000), "of the timed calls");
    let exact = timing_with(FunctionStats { total_se_ns: None, ..stats });
    assert_eq!(cell(&exact, "durations.avg"), Value::Nanos(30_020 / 3));
}

#[test]
fn strings_of_json_have_no_mark_and_numbers_stand_beside_their_errors() {
    let json: serde_json::Value =
        serde_json::from_str(&json(&report(vec![timing_with(estimated())]))).expect("JSON");
    let row = &json["functions_timing"]["data"][1];
    assert_eq!((row["total"].as_str(), row["total_ns"].as_u64()), (Some("36.00 µs"), Some(36_000)));
    assert_eq!((row["total_se_ns"].as_u64(), row["self_se_ns"].as_u64()), (Some(1_200), Some(900)));
    assert_eq!((row["total_raw_ns"].as_u64(), row["self_raw_ns"].as_u64()), (Some(45_000), Some(27_000)));
    assert_eq!(row["avg_raw_ns"].as_u64(), Some(150));
    let main = json["functions_timing"]["data"][0].as_object().expect("a row");
    assert!(!main.keys().any(|key| key.ends_with("_se_ns") || key.ends_with("_raw_ns")), "{main:?}");
}

#[test]
fn the_head_says_the_budget_what_was_spent_and_how_many_are_estimates() {
    let head = |estimates, functions| {
        let budget = Some(Budget { percent: 0.5, spent_percent: 0.456, estimates, functions });
        let report = Report { budget, ..report(vec![timing_with(estimated())]) };
        table(&report, &render::Options::default()).lines().nth(1).expect("a second line").to_owned()
    };
    assert_eq!(head(7, 1_022), "budget 0.5 %: 0.5 % spent, 7 of 1,022 functions are estimates");
    assert_eq!(head(1, 1), "budget 0.5 %: 0.5 % spent, 1 of 1 function is an estimate");
}
