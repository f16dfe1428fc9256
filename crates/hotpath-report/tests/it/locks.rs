//! Mutexes and reader-writer locks.

use crate::fixtures::*;
use hotpath_report::render::Options;
use hotpath_report::{Mutexes, Table, Value};
use insta::assert_snapshot;

#[test]
fn mutexes_and_who_held_them() {
    assert_snapshot!(table(&report(vec![mutexes()]), &Options::default()));
}

#[test]
fn reader_writer_locks_have_a_table_for_each_way() {
    assert_snapshot!(table(&report(vec![rw_locks()]), &Options::default()));
}

#[test]
fn percentiles_stand_in_an_object_beside_the_numbers() {
    assert_snapshot!(json_pretty(&report(vec![rw_locks(), mutexes()])));
}

#[test]
fn what_is_written_is_read() {
    let text = json(&report(vec![rw_locks(), mutexes()]));
    assert_eq!(json(&hotpath_analysis::read_report(&text).expect("a report")), text);
}

#[test]
fn plain_reports_have_formatted_percentiles_only() {
    let text = r#"{"type": "hotpath_report", "mutexes": {"current_elapsed_ns": 9, "percentiles": [95], "data": [
        {"id": 1, "source": "a.rs:3", "label": "cache", "has_custom_label": true, "type_name": "u8", "count": 7,
         "sampled_count": 7, "wait_avg": "1.50 ms", "acquire_avg": "2 ns", "wait_percentiles": {"p95": "4.00 ms"},
         "acquire_percentiles": {"p95": "3 ns"}, "location": {"file": "a.rs", "line": 3, "column": 1}, "iter": 1}]}}"#;
    let report = hotpath_analysis::read_report(text).expect("a report");
    let section = report.section("mutexes").expect("mutexes");
    let cell = |key| section.cell(&section.rows[0], key);
    assert_eq!(cell("count"), &Value::Count(7));
    assert_eq!((cell("wait.avg"), cell("wait.p95")), (&Value::Nanos(1_500_000), &Value::Nanos(4_000_000)));
    assert_eq!((cell("hold.avg"), cell("hold.p95")), (&Value::Nanos(2), &Value::Nanos(3)));
    assert_eq!((cell("contended"), cell("blocked_by")), (&Value::Nothing, &Value::Nothing));
}

#[test]
fn merged_runs_name_a_holder_on_which_they_agree() {
    let of = |blocker| {
        let locks = acquisitions(&[0, 4_000], &[100, 200], Some(blocker));
        Table::of::<Mutexes>(&[mutex("cache", locks)], &(), &[95.0])
    };
    let merged = |a, b| {
        let merged = hotpath_analysis::merge(&report(vec![of(a)]), &report(vec![of(b)]));
        let section = merged.section("mutexes").expect("mutexes").clone();
        let cell = |key| section.cell(&section.rows[0], key).clone();
        (
            cell("count"),
            cell("contended_percent"),
            cell("wait.max"),
            cell("blocked_by"),
            cell("blocked_by_ns"),
        )
    };
    let (count, contended, wait) = (Value::Count(4), Value::Percent(50.0), Value::Nanos(4_000));
    let agreed = Value::Text("app::f".into());
    let numbers = (count, contended, wait);
    let (a, b, c, d, e) = merged("app::f", "app::f");
    assert_eq!(((a, b, c), d, e), (numbers.clone(), agreed, Value::Nanos(6_000)));
    let (a, b, c, d, e) = merged("app::f", "app::g");
    assert_eq!(((a, b, c), d, e), (numbers, Value::Nothing, Value::Nanos(6_000)));
}
