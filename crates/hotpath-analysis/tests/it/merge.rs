//! Two runs as one.

use crate::fixtures::*;
use hotpath_analysis::merge;
use hotpath_report::{
    AllocMetric, AllocScope, Budget, Debug, FunctionStats, Report, Table, ThreadState, ThreadTotals, Threads,
    Value, ValueKind, ValueStats,
};
use proptest::prelude::*;

fn merged_section(a: Table, b: Table) -> Table {
    let merged = merge(&report(vec![a]), &report(vec![b]));
    merged.sections.into_iter().next().expect("a section")
}

#[test]
fn the_same_rows_add_and_shares_are_computed_anew() {
    let a = timing(&[main_row(1_000), function(1, "f", &[100, 200], 300)], &[50.0]);
    let b = timing(&[main_row(3_000), function(1, "f", &[500], 400)], &[99.0]);
    let section = merged_section(a, b);
    assert_eq!(section.rows.len(), 2);
    let f = |key| section.cell(&section.rows[1], key);
    assert_eq!(f("calls"), &Value::Count(3));
    assert_eq!(f("total_ns"), &Value::Nanos(800));
    assert_eq!(f("durations.avg"), &Value::Nanos(266));
    assert_eq!((f("durations.p50"), f("durations.p99")), (&Value::Nanos(200), &Value::Nanos(500)));
    assert_eq!(f("percent_total"), &Value::Percent(20.0));
    assert_eq!(f("percent_self"), &Value::Percent(17.5));
}

#[test]
fn a_report_merged_with_its_own_copy_doubles() {
    let once = full_report();
    let twice = merge(&once, &once);
    let (one, two) = (once.section("functions_timing").unwrap(), twice.section("functions_timing").unwrap());
    assert_eq!(one.rows.len(), two.rows.len());
    let number = |s: &Table, key: &str| s.cell(&s.rows[1], key).number().expect("a number");
    for key in ["calls", "total_ns", "self_ns", "busy_ns", "polls", "durations.sum"] {
        assert_eq!(number(two, key), 2 * number(one, key), "{key}");
    }
    for key in ["durations.avg", "durations.p50", "durations.min", "durations.max", "percent_total"] {
        assert_eq!(two.cell(&two.rows[1], key), one.cell(&one.rows[1], key), "{key}");
    }
    assert_eq!(twice.call_tree[0].children[0].calls, 6);
    assert_eq!(twice.duration_ns, 2 * once.duration_ns);
    assert_eq!(twice.label, once.label);
}

#[test]
fn lists_inside_a_section_merge_row_by_row() {
    let section = merged_section(tokio_runtimes(), tokio_runtimes());
    let (workers, history) = (&section.lists[0], &section.lists[1]);
    assert_eq!((section.rows.len(), workers.rows.len(), history.rows.len()), (2, 3, 2));
    let cell = |list: &Table, key: &str| list.cell(&list.rows[0], key).clone();
    assert_eq!(cell(workers, "busy_ns"), Value::Nanos(500_000_000));
    assert_eq!(cell(workers, "busy_percent"), Value::Percent(25.0));
    assert_eq!(cell(&section, "num_workers"), Value::Count(2));
    assert_eq!(cell(history, "polls"), Value::Count(2));
}

#[test]
fn a_report_read_from_json_merges_like_the_original() {
    let (a, b) = (full_report(), report(vec![timing(&sync_functions(), &[95.0])]));
    let read = |report: &Report| hotpath_analysis::read_report(&json(report)).expect("a report");
    assert_eq!(json(&merge(&read(&a), &read(&b))), json(&merge(&a, &b)));
}

#[test]
fn rows_of_one_name_in_two_places_stay_two() {
    let mut elsewhere = function(1, "f", &[5], 5);
    elsewhere.source = source("src/other.rs", 1);
    let section = merged_section(timing(&[function(1, "f", &[5], 5)], &[]), timing(&[elsewhere], &[]));
    assert_eq!(section.rows.len(), 2);
}

#[test]
fn what_one_side_does_not_know_is_unknown() {
    let mut unknown = function(1, "f", &[5], 5);
    unknown.self_ns = None;
    let section = merged_section(timing(&[function(1, "f", &[5], 5)], &[]), timing(&[unknown], &[]));
    assert_eq!(section.cell(&section.rows[0], "self_ns"), &Value::Nothing);
    assert_eq!(section.cell(&section.rows[0], "total_ns"), &Value::Nanos(10));
}

#[test]
fn readings_of_different_scope_do_not_mix_their_distributions() {
    let exclusive = alloc_section(AllocMetric::Bytes, AllocScope::Exclusive);
    let cumulative = alloc_section(AllocMetric::Count, AllocScope::Cumulative);
    let section = merged_section(cumulative, exclusive.clone());
    assert_eq!(section.spec, exclusive.spec);
    let row = |s: &Table, key: &str| s.cell(&s.rows[0], key).clone();
    assert_eq!(row(&section, "alloc_self_bytes.avg"), Value::Nothing);
    assert_eq!(row(&section, "self_bytes").number(), row(&exclusive, "self_bytes").number().map(|n| 2 * n));
}

#[test]
fn threads_of_one_name_add_and_what_they_disagree_on_is_unknown() {
    let section = merged_section(threads(true), threads(true));
    let row = section.rows.iter().find(|row| section.cell(row, "name").as_text() == Some("basic"));
    let cell = |key: &str| section.cell(row.expect("a row"), key).clone();
    assert_eq!((cell("cpu_ns"), cell("lifetime_ns")), (Value::Nanos(122_130_000), Value::Nanos(244_260_000)));
    assert_eq!((cell("cpu_percent_max"), cell("cpu_percent_avg")), (Value::Load(998), Value::Load(500)));
    assert_eq!((cell("cpu_percent"), cell("os_tid")), (Value::Nothing, Value::Count(41)));
    assert_eq!((cell("diff_bytes"), cell("threads")), (Value::SignedBytes(1_000_000), Value::Count(2)));
    let mut elsewhere = thread_stats().swap_remove(2);
    (elsewhere.os_tid, elsewhere.state) = (Some(9), Some(ThreadState::Ended));
    let other = Table::of::<Threads>(&[elsewhere], &ThreadTotals::default(), &[]);
    let section = merged_section(threads(false), other);
    let row = section.rows.iter().find(|row| section.cell(row, "name").as_text() == Some("basic"));
    for key in ["os_tid", "status", "ended"] {
        assert_eq!(section.cell(row.expect("a row"), key), &Value::Nothing, "{key}");
    }
}

/// A report of a few functions, sometimes one whose numbers are only known as strings.
fn any_report() -> impl Strategy<Value = Report> {
    let rows = prop::collection::vec((0u32..4, prop::collection::vec(0..1_000_000u64, 0..5)), 0..5);
    let percentile = prop_oneof![Just(50.0), Just(95.0), Just(99.9)];
    (rows, percentile, any::<bool>(), 0usize..4, "[a-c]").prop_map(|(rows, p, with_main, limit, label)| {
        let mut seen = Vec::new();
        let mut stats = Vec::new();
        for (name, values) in rows {
            if !seen.contains(&name) {
                seen.push(name);
                stats.push(function(name, &format!("app::f{name}"), &values, 3));
            }
        }
        stats.extend(with_main.then(|| main_row(5_000_000)));
        let mut report = report(vec![timing(&stats, &[p]).limited(limit), threads(with_main)]);
        report.label = Some(label);
        report.call_tree = tree();
        report
    })
}

proptest! {
    #[test]
    fn the_order_of_merging_does_not_matter(a in any_report(), b in any_report(), c in any_report()) {
        prop_assert_eq!(json(&merge(&a, &b)), json(&merge(&b, &a)));
        prop_assert_eq!(json(&merge(&merge(&a, &b), &c)), json(&merge(&a, &merge(&b, &c))));
    }
}

#[test]
fn rates_and_extremes_of_two_runs() {
    let both = merged_section(streams(), streams());
    let pages = |key: &str| both.cell(&both.rows[0], key).clone();
    assert_eq!((pages("items_yielded"), pages("instances")), (Value::Count(8), Value::Count(6)));
    assert_eq!((pages("items_per_s"), pages("type_size")), (Value::Rate(2.0), Value::Bytes(24)));
    let mut other =
        ValueStats { kind: ValueKind::Gauge, expression: "queue".into(), ..ValueStats::default() };
    (other.source, other.number) = (source("src/main.rs", 12), Some(-9.0));
    (other.min, other.max) = (Some(-9.0), Some(3.0));
    let both = merged_section(values(), Table::of::<Debug>(&[other], &(), &[95.0]));
    let queue = both.rows.iter().find(|row| both.cell(row, "expression").as_text() == Some("queue"));
    let queue = |key: &str| both.cell(queue.expect("it is there"), key).clone();
    assert_eq!((queue("min"), queue("max")), (Value::Float(-9.0), Value::Float(1e300)));
    assert_eq!(queue("log_count"), Value::Count(1_234));
}

#[test]
fn standard_errors_add_as_variances_and_exact_numbers_have_none() {
    let with_error = |error| FunctionStats { total_se_ns: error, ..estimated() };
    let merged = |a, b| {
        let section = merged_section(timing(&[with_error(a)], &[]), timing(&[with_error(b)], &[]));
        ["total_se_ns", "self_se_ns", "total_raw_ns", "durations.avg"]
            .map(|key| section.cell(&section.rows[0], key).clone())
    };
    let [total_error, self_error, raw, avg] = merged(Some(300), Some(400));
    assert_eq!((total_error, self_error), (Value::Nanos(500), Value::Nanos(1_273)));
    assert_eq!((raw, avg), (Value::Nanos(90_000), Value::Nanos(120)));
    assert_eq!(merged(Some(300), None)[0], Value::Nanos(300));
    assert_eq!(merged(None, None)[0], Value::Nothing);
}

#[test]
fn parts_of_the_overhead_add_by_name() {
    let with = |parts| {
        let mut report = report(vec![]);
        report.overhead.as_mut().expect("an overhead").parts = parts;
        report
    };
    let a = with(vec![part("timed calls", 10, 400), part("polls", 4, 100)]);
    let b = with(vec![part("timed calls", 30, 800), part("allocations", 5, 20)]);
    let parts = |a, b| merge(a, b).overhead.expect("an overhead").parts;
    let expected = vec![part("allocations", 5, 20), part("polls", 4, 100), part("timed calls", 40, 1_200)];
    assert_eq!(parts(&a, &b), expected);
    assert_eq!(parts(&b, &a), expected);
    assert_eq!(parts(&a, &with(vec![])), [], "unknown of one side");
}

#[test]
fn the_budget_of_both_stays_and_functions_are_those_of_both() {
    let with = |percent, spent_percent, rows: &[FunctionStats]| Report {
        budget: Some(Budget { percent, spent_percent, estimates: 1, functions: 1 }),
        ..report(vec![timing(rows, &[])])
    };
    let other = FunctionStats { name: "other".into(), ..estimated() };
    let exact = function(1, "exact", &[5], 5);
    let (a, b) = (with(5.0, 3.0, &[main_row(9), estimated()]), with(5.0, 2.0, &[main_row(9), other, exact]));
    let merged = Some(Budget { percent: 5.0, spent_percent: 3.0, estimates: 2, functions: 3 });
    assert_eq!((merge(&a, &b).budget, merge(&b, &a).budget), (merged, merged));
    assert_eq!(merge(&a, &with(2.0, 1.0, &[])).budget, None, "two budgets are none");
    assert_eq!(merge(&a, &report(vec![])).budget, None);
}
