//! What happened between two reports of one run.

use hotpath_analysis::{dist_since, since};
use hotpath_report::{
    Bucket, Budget, ChannelStats, Channels, Dist, FunctionKind, FunctionStats, Report, Source, Table, Timing,
    TreeNode, Value,
};
use proptest::prelude::*;

fn dist(values: &[u64]) -> Dist {
    let buckets = values.iter().map(|&value| Bucket::around(value, value + 1, 1));
    let (min, max) = (values.iter().min().copied(), values.iter().max().copied());
    Dist::from_buckets(values.len() as u64, values.iter().sum(), min, max, buckets)
}

fn function(name: &str, values: &[u64]) -> FunctionStats {
    let total = values.iter().sum();
    FunctionStats {
        name: name.to_owned(),
        kind: FunctionKind::Fn,
        calls: values.len() as u64,
        total_ns: Some(total),
        self_ns: Some(total),
        durations: dist(values),
        source: Some(Source { file: "src/main.rs".into(), line: 3, column: 1 }),
        ..FunctionStats::default()
    }
}

fn report(duration_ns: u64, functions: &[FunctionStats], tree: Vec<TreeNode>) -> Report {
    let sections = vec![Table::of::<Timing>(functions, &(), &[50.0])];
    Report { duration_ns, sections, call_tree: tree, percentiles: vec![50.0], ..Report::default() }
}

fn node(name: &str, calls: u64, total_ns: u64, children: Vec<TreeNode>) -> TreeNode {
    TreeNode { name: name.into(), calls, total_ns, self_ns: total_ns, children, ..TreeNode::default() }
}

fn cell(report: &Report, name: &str, key: &str) -> Value {
    let timing = report.section("functions_timing").unwrap();
    let is_it = |row: &&hotpath_report::Row| timing.cell(row, "name").as_text() == Some(name);
    timing.rows.iter().find(is_it).map_or(Value::Nothing, |row| timing.cell(row, key).clone())
}

#[test]
fn counters_and_shapes_subtract_and_extremes_are_unknown() {
    let before = report(1_000, &[function("load", &[10, 20, 5_000])], vec![]);
    let now = report(3_000, &[function("load", &[10, 20, 5_000, 300, 300, 700])], vec![]);
    let window = since(&now, &before).unwrap();
    assert_eq!(window.duration_ns, 2_000);
    assert_eq!(cell(&window, "load", "calls"), Value::Count(3));
    assert_eq!(cell(&window, "load", "total_ns"), Value::Nanos(1_300));
    assert_eq!(cell(&window, "load", "durations.avg"), Value::Nanos(433));
    assert_eq!(cell(&window, "load", "durations.p50"), Value::Nanos(300));
    assert_eq!(cell(&window, "load", "durations.min"), Value::Nothing);
    assert_eq!(cell(&window, "load", "durations.max"), Value::Nothing);
}

#[test]
fn rows_in_which_nothing_happened_are_left_out_and_new_ones_are_whole() {
    let before = report(1, &[function("idle", &[10]), function("busy", &[10])], vec![]);
    let now =
        report(2, &[function("idle", &[10]), function("busy", &[10, 11]), function("new", &[7])], vec![]);
    let window = since(&now, &before).unwrap();
    assert_eq!(cell(&window, "idle", "calls"), Value::Nothing);
    assert_eq!(cell(&window, "busy", "calls"), Value::Count(1));
    assert_eq!(cell(&window, "new", "durations.max"), Value::Nanos(7));
    assert_eq!(window.section("functions_timing").unwrap().total_count, 2);
}

#[test]
fn shares_are_those_of_the_window() {
    let main = |ns| FunctionStats { kind: FunctionKind::Main, ..function("main", &[ns]) };
    let before = report(1_000, &[main(1_000), function("load", &[900])], vec![]);
    let now = report(2_000, &[main(2_000), function("load", &[900, 250])], vec![]);
    let window = since(&now, &before).unwrap();
    assert_eq!(cell(&window, "load", "percent_total"), Value::Percent(25.0));
    assert_eq!(cell(&window, "main", "percent_total"), Value::Percent(100.0));
}

#[test]
fn the_tree_subtracts_by_path() {
    let before =
        report(1, &[], vec![node("main", 1, 100, vec![node("a", 5, 50, vec![]), node("b", 1, 9, vec![])])]);
    let now =
        report(2, &[], vec![node("main", 1, 300, vec![node("a", 7, 200, vec![]), node("b", 1, 9, vec![])])]);
    let window = since(&now, &before).unwrap();
    assert_eq!(window.call_tree, [node("main", 0, 200, vec![node("a", 2, 150, vec![])])]);
}

#[test]
fn a_level_is_the_later_one() {
    let channel = |sent, queue_len, queue_max| ChannelStats {
        label: "jobs".into(),
        sent,
        queue_len: Some(queue_len),
        queue_max: Some(queue_max),
        capacity: Some(8),
        ..ChannelStats::default()
    };
    let of = |duration_ns, stats| Report {
        duration_ns,
        sections: vec![Table::of::<Channels>(&[stats], &(), &[])],
        ..Report::default()
    };
    let window = since(&of(20, channel(9, 4, 5)), &of(10, channel(3, 5, 5))).unwrap();
    let channels = window.section("channels").unwrap();
    let value = |key| channels.cell(&channels.rows[0], key).clone();
    assert_eq!(value("sent_count"), Value::Count(6));
    assert_eq!(value("queue_len"), Value::Count(4));
    assert_eq!(value("capacity"), Value::Count(8));
    assert_eq!(value("queue_max"), Value::Nothing, "the old maximum says nothing about the window");
    let higher = since(&of(20, channel(9, 4, 7)), &of(10, channel(3, 5, 5))).unwrap();
    let channels = higher.section("channels").unwrap();
    assert_eq!(*channels.cell(&channels.rows[0], "queue_max"), Value::Count(7));
}

#[test]
fn a_run_that_began_anew_is_no_window() {
    let long = report(1_000, &[function("load", &[10, 20])], vec![]);
    assert!(since(&report(900, &[function("load", &[10, 20, 30])], vec![]), &long).is_none(), "shorter");
    assert!(since(&report(2_000, &[function("load", &[10])], vec![]), &long).is_none(), "fewer calls");
    let tree = |calls| report(1_000, &[], vec![node("main", calls, 1, vec![])]);
    assert!(since(&tree(1), &tree(2)).is_none(), "fewer calls in the tree");
}

#[test]
fn buckets_that_moved_by_one_are_found() {
    let (scale, moved) = (Bucket::around(100_000, 100_001, 4), Bucket::around(100_300, 100_301, 5));
    assert_ne!(scale.lower, moved.lower);
    let of = |bucket: Bucket| Dist::from_buckets(bucket.count, bucket.count * 100_000, None, None, [bucket]);
    let window = dist_since(&of(moved), &of(scale));
    assert_eq!(window.buckets, [Bucket { count: 1, ..moved }]);
    let elsewhere = Bucket::around(900, 901, 4);
    assert_eq!(dist_since(&of(moved), &of(elsewhere)).buckets, [], "a shape that does not fit is unknown");
}

#[test]
fn a_window_is_written_and_read_back() {
    let before = report(1_000, &[function("load", &[10])], vec![node("load", 1, 10, vec![])]);
    let now = report(3_000, &[function("load", &[10, 300])], vec![node("load", 2, 310, vec![])]);
    let window = since(&now, &before).unwrap();
    let mut text = String::new();
    hotpath_report::render::json(&window, &Default::default(), &mut text).unwrap();
    let read = hotpath_analysis::read_report(&text).unwrap();
    assert_eq!(cell(&read, "load", "calls"), Value::Count(1));
    assert_eq!(cell(&read, "load", "durations.max"), Value::Nothing);
}

proptest! {
    /// Earlier and window together are the later report, in all that adds.
    #[test]
    fn earlier_and_window_make_the_later(
        first in prop::collection::vec(0..5_000_000u64, 0..40),
        then in prop::collection::vec(0..5_000_000u64, 0..40),
    ) {
        let all: Vec<u64> = first.iter().chain(&then).copied().collect();
        let (before, now) = (dist(&first), dist(&all));
        let window = dist_since(&now, &before);
        prop_assert_eq!(window.count, then.len() as u64);
        prop_assert_eq!(window.sum, then.iter().sum::<u64>());
        let mut again = before.clone();
        again.merge(&window);
        prop_assert_eq!((again.count, again.sum), (now.count, now.sum));
        let shape = |dist: &Dist| dist.buckets.iter().map(|b| (b.lower, b.count)).collect::<Vec<_>>();
        if then.is_empty() {
            prop_assert!(window.buckets.is_empty());
        } else {
            prop_assert_eq!(shape(&window), shape(&dist(&then)));
        }
    }

    /// Whatever two reports hold, the answer is a window or none.
    #[test]
    fn any_two_reports(
        a in (any::<u64>(), prop::collection::vec(any::<u64>(), 0..5)),
        b in (any::<u64>(), prop::collection::vec(any::<u64>(), 0..5)),
    ) {
        let of = |(duration, values): (u64, Vec<u64>)| {
            let stats = FunctionStats {
                name: "f".into(),
                calls: values.len() as u64,
                total_ns: values.first().copied(),
                ..FunctionStats::default()
            };
            report(duration, &[stats], vec![])
        };
        let (a, b) = (of(a), of(b));
        if let Some(window) = since(&a, &b) {
            prop_assert!(window.duration_ns <= a.duration_ns);
        }
    }
}

#[test]
fn the_error_of_a_window_is_what_it_added_to_the_variance() {
    let at = |duration_ns, calls, error| {
        let stats = FunctionStats {
            calls,
            total_ns: Some(100 * calls),
            self_ns: Some(50 * calls),
            total_se_ns: error,
            self_se_ns: error,
            ..function("basic::f", &[90; 3])
        };
        let call_tree =
            vec![TreeNode { total_se_ns: error, ..node("basic::main", calls, 100 * calls, vec![]) }];
        let budget = Some(Budget {
            percent: 5.0,
            spent_percent: duration_ns as f64 / 100.0,
            estimates: 1,
            functions: 1,
        });
        let sections = vec![Table::of::<Timing>(&[stats], &(), &[])];
        Report { duration_ns, call_tree, budget, sections, ..Report::default() }
    };
    let window = since(&at(300, 500, Some(500)), &at(100, 200, Some(300))).expect("one run");
    let section = window.section("functions_timing").expect("it is there");
    let cell = |key| section.cell(&section.rows[0], key).clone();
    assert_eq!((cell("total_se_ns"), cell("self_se_ns")), (Value::Nanos(400), Value::Nanos(400)));
    assert_eq!((cell("total_ns"), cell("durations.avg")), (Value::Nanos(30_000), Value::Nanos(100)));
    assert_eq!(window.call_tree[0].total_se_ns, Some(400));
    // 3 % of 300 ns less 1 % of 100 ns, of 200 ns.
    assert_eq!(window.budget.map(|budget| budget.spent_percent), Some(4.0));
    let first = since(&at(300, 500, Some(500)), &at(100, 200, None)).expect("one run");
    let first = first.section("functions_timing").expect("it is there");
    assert_eq!(first.cell(&first.rows[0], "total_se_ns"), &Value::Nanos(500));
}
