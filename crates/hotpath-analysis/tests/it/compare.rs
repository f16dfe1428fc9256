//! Comparisons: pairing, judging and rendering.

use crate::fixtures::*;
use hotpath_analysis::compare::{
    self, Budget, Change, ComparedRow, Comparison, Evidence, Outcome, Policy, Presence, Resource, Rule,
    Skipped, compare,
};
use hotpath_report::{
    AllocMetric, AllocScope, AllocStats, AllocTotals, Bucket, ChannelStats, Channels, CpuScope, CpuStats,
    CpuTotals, Dist, FunctionKind, FunctionStats, Report, Source, Table, Timing, TreeNode, functions_alloc,
    functions_cpu, render,
};
use serde_json::Value as Json;

/// A function of `src/app.rs` whose calls take `ns` each.
fn timed(name: &str, line: u32, calls: u64, ns: u64) -> FunctionStats {
    let buckets = [Bucket { lower: ns, upper: Bucket::scale_upper(ns), count: calls }];
    FunctionStats {
        name: format!("app::{name}"),
        kind: FunctionKind::Fn,
        source: Some(Source { file: "src/app.rs".into(), line, column: 1 }),
        calls,
        total_ns: Some(calls * ns),
        self_ns: Some(calls * ns),
        durations: Dist::from_buckets(calls, calls * ns, Some(ns), Some(ns), buckets),
        ..FunctionStats::default()
    }
}

fn allocating(name: &str, calls: u64, bytes: u64) -> FunctionStats {
    let alloc = AllocStats {
        self_bytes: bytes,
        total_bytes: bytes,
        self_count: 10,
        total_count: 10,
        ..AllocStats::default()
    };
    FunctionStats { alloc: Some(alloc), ..timed(name, 1, calls, 1_000) }
}

fn run(rows: &[FunctionStats]) -> Report {
    Report {
        duration_ns: 10_000_000,
        caller_name: "app::main".into(),
        sections: vec![Table::of::<Timing>(rows, &(), &[95.0])],
        ..Report::default()
    }
}

fn alloc_run(rows: &[FunctionStats]) -> Report {
    let totals = AllocTotals { total_bytes: Some(100_000), ..AllocTotals::default() };
    let section = functions_alloc(rows, &totals, AllocMetric::Bytes, AllocScope::Exclusive, &[95.0]);
    Report { sections: vec![section], ..run(&[]) }
}

fn sampled() -> Table {
    let row = FunctionStats { cpu: Some(CpuStats::own(30, 1_000_000)), ..timed("load", 1, 10, 1_000) };
    let totals = CpuTotals { total_samples: 30, attributed_samples: 30, ..CpuTotals::default() };
    functions_cpu(&[row], &totals, CpuScope::Exclusive)
}

fn channels() -> Table {
    let jobs = ChannelStats {
        label: "jobs".into(),
        source: source("src/queue.rs", 30),
        sent: 3,
        received: 3,
        delay: dist(&[1_000, 2_000, 30_000]),
        ..ChannelStats::default()
    };
    Table::of::<Channels>(&[jobs], &(), &[95.0])
}

fn runs(count: u64, of: impl Fn(u64) -> Report) -> Vec<Report> {
    (0..count).map(of).collect()
}

#[track_caller]
fn row<'a>(comparison: &'a Comparison, name: &str) -> &'a ComparedRow {
    let row = comparison.rows.iter().find(|row| row.name == format!("app::{name}"));
    row.unwrap_or_else(|| panic!("no {name} in {comparison:#?}"))
}

#[track_caller]
fn metric<'a>(row: &'a ComparedRow, metric: &str) -> &'a Change {
    row.changes
        .iter()
        .find(|change| change.metric == metric)
        .unwrap_or_else(|| panic!("no {metric} in {row:#?}"))
}

fn compared(base: &[Report], head: &[Report]) -> Comparison {
    compare(base, head, &Policy::default())
}

#[test]
fn many_runs_distinguish_times() {
    let side = |load: u64, save: u64| {
        runs(8, move |i| {
            run(&[
                timed("load", 10, 100, load + 10 * i),
                timed("save", 20, 100, save + 10 * i),
                timed("same", 30, 100, 9_000 + 10 * i),
            ])
        })
    };
    let comparison = compared(&side(10_000, 12_000), &side(12_000, 10_000));
    assert_eq!(row(&comparison, "load").outcome(), Some(Outcome::Regression));
    assert_eq!(row(&comparison, "save").outcome(), Some(Outcome::Improvement));
    assert_eq!(row(&comparison, "same").outcome(), Some(Outcome::NoRegression));
    let change = metric(row(&comparison, "load"), "avg");
    let ratio = change.ratio.expect("a ratio");
    assert!((ratio - 12_035.0 / 10_035.0).abs() < 0.005, "{change:?}");
    assert!(change.interval.0.is_some_and(|lower| lower > 1.18 && lower < ratio), "{change:?}");
    assert!(change.interval.1.is_some_and(|upper| upper < 1.21 && upper > ratio), "{change:?}");
    assert_eq!((change.evidence, change.runs), (Evidence::Runs, (8, 8)));
    assert_eq!(comparison.outcome(), Outcome::Regression);
    assert_eq!(comparison.rows[0].name, "app::load");
}

/// A function that the profiler was asked for no percentile of has a median nevertheless.
#[test]
fn the_median_of_calls_is_compared_whatever_percentiles_were_asked_for() {
    let side = |ns| runs(5, move |i| run(&[timed("load", 10, 100, ns + 10 * i)]));
    let comparison = compared(&side(10_000), &side(20_000));
    assert_eq!(metric(row(&comparison, "load"), "p50").outcome, Outcome::Regression);
}

/// Where most calls of a run may have met a neighbour, the quick quarter tells what the median does not.
#[test]
fn the_lower_quartile_tells_what_a_neighbour_hides() {
    let disturbed = |ns: u64, calls: u64| {
        let bucket = |ns: u64, count| Bucket { lower: ns, upper: Bucket::scale_upper(ns), count };
        let (sum, ends) = ((100 - calls) * ns + calls * 2 * ns, (Some(ns), Some(2 * ns)));
        let buckets = [bucket(ns, 100 - calls), bucket(2 * ns, calls)];
        let durations = Dist::from_buckets(100, sum, ends.0, ends.1, buckets);
        FunctionStats { durations, ..timed("load", 10, 100, sum / 100) }
    };
    // From 30 to 66 calls of a hundred, in some order.
    let side = |ns| runs(10, move |i| run(&[disturbed(ns + i, 30 + i * 7 % 10 * 4)]));
    let comparison = compared(&side(10_000), &side(11_500));
    assert_eq!(metric(row(&comparison, "load"), "p50").outcome, Outcome::Inconclusive);
    assert_eq!(metric(row(&comparison, "load"), "p25").outcome, Outcome::Regression);
    assert_eq!(row(&comparison, "load").outcome(), Some(Outcome::Regression));
}

#[test]
fn a_change_below_what_counts_is_none() {
    let side = |ns| runs(8, move |i| run(&[timed("load", 10, 100, ns + 10 * i)]));
    let comparison = compared(&side(10_000), &side(10_300));
    assert_eq!(row(&comparison, "load").outcome(), Some(Outcome::NoRegression));
    let strict = Policy { time: Rule { min_change: 0.01, ..Policy::default().time }, ..Policy::default() };
    let comparison = compare(&side(10_000), &side(10_300), &strict);
    assert_eq!(row(&comparison, "load").outcome(), Some(Outcome::Regression));
}

#[test]
fn sizes_that_are_the_same_in_every_run_are_compared_exactly() {
    let side = |bytes| runs(2, move |_| alloc_run(&[allocating("load", 100, bytes)]));
    let more = compared(&side(50_000), &side(52_000));
    let change = metric(row(&more, "load"), "self_bytes");
    assert_eq!((change.outcome, change.evidence), (Outcome::Regression, Evidence::Exact));
    assert_eq!(
        metric(row(&compared(&side(52_000), &side(50_000)), "load"), "self_bytes").outcome,
        Outcome::Improvement
    );
    assert_eq!(row(&compared(&side(50_000), &side(50_000)), "load").outcome(), Some(Outcome::NoRegression));
    assert_eq!(row(&compared(&side(50_000), &side(50_100)), "load").outcome(), Some(Outcome::NoRegression));
}

#[test]
fn sizes_that_differ_between_runs_of_one_side_are_statistics() {
    let side = |bytes| runs(3, move |i| alloc_run(&[allocating("load", 100, bytes + i)]));
    let change = metric(row(&compared(&side(50_000), &side(90_000)), "load"), "self_bytes").clone();
    assert_eq!((change.outcome, change.evidence), (Outcome::Inconclusive, Evidence::Runs));
    let side = |bytes| runs(6, move |i| alloc_run(&[allocating("load", 100, bytes + i)]));
    let change = metric(row(&compared(&side(50_000), &side(90_000)), "load"), "self_bytes").clone();
    assert_eq!((change.outcome, change.evidence), (Outcome::Regression, Evidence::Runs));
}

#[test]
fn counts_are_reported_but_not_judged_unless_the_policy_says_so() {
    let side = |calls| runs(5, move |i| run(&[timed("load", 10, calls, 10_000 + i)]));
    let comparison = compared(&side(100), &side(200));
    let calls = metric(row(&comparison, "load"), "calls");
    assert_eq!((calls.judged, calls.outcome), (false, Outcome::Regression));
    // Twice the calls take twice the time.
    assert_eq!(metric(row(&comparison, "load"), "total").outcome, Outcome::Regression);
    assert_eq!(metric(row(&comparison, "load"), "avg").outcome, Outcome::NoRegression);
    let flow = Policy { flow: Rule { judged: true, ..Policy::default().flow }, ..Policy::default() };
    assert!(metric(row(&compare(&side(100), &side(200), &flow), "load"), "calls").judged);
}

/// A program that runs for a time does more of everything when it gets faster. That is no regression.
#[test]
fn where_runs_did_different_work_metrics_per_call_are_judged() {
    let side = |calls: u64, ns: u64, bytes: u64| {
        runs(6, move |i| {
            let alloc = AllocStats {
                self_bytes: (calls + i) * bytes,
                self_bytes_dist: Dist { count: calls + i, sum: (calls + i) * bytes, ..Dist::default() },
                ..AllocStats::default()
            };
            let row = FunctionStats { alloc: Some(alloc), ..timed("load", 10, calls + i, ns) };
            let sections =
                [run(std::slice::from_ref(&row)), alloc_run(&[row])].map(|report| report.sections).concat();
            Report { sections, ..run(&[]) }
        })
    };
    let faster = compared(&side(100, 10_000, 64), &side(200, 8_000, 64));
    assert_eq!(faster.regressions().count(), 0, "{faster:#?}");
    assert_eq!(faster.improvements().map(|row| row.section).collect::<Vec<_>>(), ["functions_timing"]);
    let more = compared(&side(100, 10_000, 64), &side(100, 10_000, 80));
    assert_eq!(more.regressions().map(|row| row.section).collect::<Vec<_>>(), ["functions_alloc"]);
}

#[test]
fn one_run_per_side_claims_little_and_says_so() {
    let side = |ns, bytes| {
        let row = FunctionStats { alloc: allocating("load", 100, bytes).alloc, ..timed("load", 10, 100, ns) };
        let sections =
            [run(std::slice::from_ref(&row)), alloc_run(&[row])].map(|report| report.sections).concat();
        vec![Report { sections, ..run(&[]) }]
    };
    let comparison = compared(&side(10_000, 50_000), &side(13_000, 60_000));
    assert_eq!(
        comparison.rows.iter().find(|row| row.section == "functions_timing").and_then(ComparedRow::outcome),
        Some(Outcome::Inconclusive)
    );
    let alloc = comparison.rows.iter().find(|row| row.section == "functions_alloc").expect("allocations");
    let bytes = metric(alloc, "self_bytes");
    assert_eq!((bytes.outcome, bytes.evidence), (Outcome::Regression, Evidence::OneRun));
    assert!(
        comparison.notes.iter().any(|note| note.starts_with("one run per side")),
        "{:?}",
        comparison.notes
    );
    // What no busy machine explains.
    let comparison = compared(&side(10_000, 50_000), &side(40_000, 50_000));
    assert_eq!(comparison.regressions().next().map(|row| row.section), Some("functions_timing"));
    // Nor does one run say that something is as fast as before.
    let comparison = compared(&side(10_000, 50_000), &side(10_000, 50_000));
    assert_eq!(metric(row(&comparison, "load"), "avg").outcome, Outcome::Inconclusive);
}

/// Calls of one run are not independent: ten thousand of them prove no more than thirty, and nine of them nothing.
#[test]
fn one_run_with_few_calls_claims_nothing() {
    let side = |ns| vec![run(&[timed("load", 10, 9, ns)])];
    assert_eq!(compared(&side(10_000), &side(90_000)).regressions().count(), 0);
}

/// With other work done, a size of one run is no size to compare.
#[test]
fn sizes_of_one_run_with_other_calls_are_not_judged() {
    let side = |calls, bytes| vec![alloc_run(&[allocating("load", calls, bytes)])];
    let comparison = compared(&side(100, 50_000), &side(120, 60_000));
    assert_eq!(row(&comparison, "load").outcome(), Some(Outcome::Inconclusive));
}

#[test]
fn rows_of_one_side_are_added_or_removed() {
    let side = |name: &'static str, line| {
        runs(5, move |i| run(&[timed("load", 10, 100, 10_000 + i), timed(name, line, 50, 5_000)]))
    };
    let comparison = compared(&side("old", 20), &side("new", 90));
    assert_eq!(row(&comparison, "old").presence, Presence::Removed);
    assert_eq!(row(&comparison, "new").presence, Presence::Added);
    assert_eq!((comparison.counts().added, comparison.counts().removed), (1, 1));
    assert_eq!(row(&comparison, "new").outcome(), None);
}

#[test]
fn a_renamed_function_is_recognised_by_several_signs() {
    let side = |name: &'static str, line, calls| {
        let tree = |child: &str| TreeNode {
            name: "app::main".into(),
            calls: 1,
            children: vec![TreeNode { name: format!("app::{child}"), calls: 1, ..TreeNode::default() }],
            ..TreeNode::default()
        };
        runs(5, move |i| Report {
            call_tree: vec![tree(name)],
            ..run(&[timed("load", 10, 100, 10_000 + i), timed(name, line, calls, 5_000 + i)])
        })
    };
    let comparison = compared(&side("old", 20, 50), &side("new", 25, 50));
    let Presence::Renamed { from, evidence } = &row(&comparison, "new").presence else {
        panic!("{comparison:#?}")
    };
    assert_eq!(from, "app::old");
    assert_eq!(evidence, "same file, as many calls, same place in the call tree");
    assert_eq!(row(&comparison, "new").outcome(), Some(Outcome::NoRegression));
    // One sign is not enough.
    let comparison = compared(&side("old", 20, 50), &side("new", 25, 60));
    assert_eq!(row(&comparison, "new").presence, Presence::Added);
}

/// A run in which `main` calls these functions.
fn called(i: u64, rows: &[FunctionStats]) -> Report {
    let node = |name: &str, calls| TreeNode { name: name.into(), calls, ..TreeNode::default() };
    let children = rows.iter().map(|row| node(&row.name, row.calls)).collect();
    let root = TreeNode { children, ..node("app::main", 1) };
    let other = FunctionStats { calls: 100, ..timed("load", 10, 100, 10_000 + i) };
    Report { call_tree: vec![root], ..run(&[&[other], rows].concat()) }
}

/// The only function of `src/{module}.rs`, with this name.
fn of_module(module: &str, name: &str, line: u32, calls: u64) -> FunctionStats {
    let place = Source { file: format!("src/{module}.rs"), line, column: 1 };
    FunctionStats {
        name: format!("app::{module}::{name}"),
        source: Some(place),
        ..timed(name, line, calls, 5_000)
    }
}

#[track_caller]
fn is_renamed(comparison: &Comparison, to: &str, from: &str, why: &str) {
    let row = comparison.rows.iter().find(|row| row.name == to).expect("the row");
    assert_eq!(row.presence, Presence::Renamed { from: from.into(), evidence: why.into() });
    assert!(comparison.rows.iter().all(|row| row.name != from), "one row for both names: {comparison:#?}");
}

#[test]
fn a_function_of_another_module_is_one_row_with_both_names() {
    let side =
        |module: &'static str, calls| runs(5, move |i| called(i, &[of_module(module, "parse", 7, calls)]));
    let comparison = compared(&side("old", 50), &side("new", 50));
    let why = "same end of the name, as many calls, same place in the call tree";
    is_renamed(&comparison, "app::new::parse", "app::old::parse", why);
    let mut out = String::new();
    compare::table(&comparison, true, &render::Options::default(), &mut out)
        .expect("a string takes everything");
    // Shortened, the names may be one.
    assert!(out.contains("old::parse \u{2192} new::parse"), "{out}");
    let mut out = String::new();
    compare::markdown(&comparison, &mut out).expect("a string takes everything");
    assert!(out.contains("`old::parse` \u{2192} `new::parse`"), "{out}");
    let mut out = String::new();
    compare::json(&comparison, &mut out).expect("a string takes everything");
    let found: Json = serde_json::from_str(&out).expect("JSON");
    let row = found["rows"].as_array().expect("rows").iter().find(|row| row["presence"] == "renamed");
    let row = row.expect("a renamed row");
    assert_eq!((&row["renamed_from"], &row["name"]), (&"app::old::parse".into(), &"app::new::parse".into()));
    // Called once is what every function may be; its place in the tree is one sign.
    is_renamed(
        &compared(&side("old", 1), &side("new", 1)),
        "app::new::parse",
        "app::old::parse",
        "same end of the name, same place in the call tree",
    );
}

/// A workspace may move a function to another crate of its own; of two programs each has its `parse`.
#[test]
fn a_function_of_another_crate_is_the_same_only_in_the_same_program() {
    let side = |krate: &'static str, caller: &'static str| {
        runs(5, move |_| Report {
            caller_name: caller.into(),
            ..run(&[FunctionStats {
                name: format!("{krate}::parse"),
                source: None,
                ..timed("parse", 7, 50, 5_000)
            }])
        })
    };
    let comparison = compared(&side("app", "app::main"), &side("app_core", "app::main"));
    is_renamed(&comparison, "app_core::parse", "app::parse", "same end of the name, as many calls");
    let comparison = compared(&side("app", "app::main"), &side("tool", "tool::main"));
    assert_eq!((comparison.counts().added, comparison.counts().removed), (1, 1), "{comparison:#?}");
}

#[test]
fn short_names_that_are_one_stay_whole() {
    let side = |module: &'static str| {
        let moved = FunctionStats {
            name: format!("app::{module}::json::parse"),
            ..of_module(module, "parse", 7, 50)
        };
        runs(5, move |i| called(i, std::slice::from_ref(&moved)))
    };
    let mut out = String::new();
    let comparison = compared(&side("old"), &side("new"));
    compare::table(&comparison, true, &render::Options::default(), &mut out)
        .expect("a string takes everything");
    assert!(out.contains("app::old::json::parse \u{2192} app::new::json::parse"), "{out}");
}

#[test]
fn a_new_name_on_the_same_line_is_one_row_though_called_once() {
    let side = |name: &'static str, line| {
        runs(5, move |i| run(&[timed("load", 10, 100, 10_000 + i), timed(name, line, 1, 90_000)]))
    };
    let comparison = compared(&side("old", 20), &side("new", 20));
    is_renamed(&comparison, "app::new", "app::old", "same file, same line, as many calls");
    let comparison = compared(&side("old", 20), &side("new", 21));
    assert_eq!(row(&comparison, "new").presence, Presence::Added, "called once on another line is no sign");
}

/// Nothing is guessed where two rows fit, or where many functions have such a name.
#[test]
fn what_is_ambiguous_is_not_paired() {
    let presences = |base: &[FunctionStats], head: &[FunctionStats]| {
        let comparison = compared(&runs(5, |i| called(i, base)), &runs(5, |i| called(i, head)));
        let rows = comparison.rows.iter().filter(|row| row.name != "app::load");
        rows.map(|row| row.presence.clone()).collect::<Vec<_>>()
    };
    let one_sided = |found: Vec<Presence>| {
        let is_lone = |presence: &Presence| matches!(presence, Presence::Added | Presence::Removed);
        assert!(found.iter().all(is_lone), "{found:?}");
    };
    let new = |module| of_module(module, "new", 7, 50);
    // Of three constructors each may be the one that is gone.
    one_sided(presences(&[new("a")], &[new("b"), new("c")]));
    // Others have that name too, and so often called is all that speaks for it.
    let others = |calls| FunctionStats { calls, ..of_module("kept", "new", 9, calls) };
    let with_other = |row: FunctionStats, inner: &str| {
        let mut report = called(0, &[row, others(3)]);
        report.call_tree[0].children[0].children.push(TreeNode {
            name: inner.into(),
            calls: 1,
            ..TreeNode::default()
        });
        vec![report]
    };
    let comparison = compared(&with_other(new("a"), "app::x"), &with_other(new("b"), "app::y"));
    let row = comparison.rows.iter().find(|row| row.name == "app::b::new").expect("the row");
    assert_eq!(row.presence, Presence::Added, "{comparison:#?}");
    // With the same callers and callees it is the one.
    let comparison = compared(&with_other(new("a"), "app::x"), &with_other(new("b"), "app::x"));
    let why = "same end of the name, as many calls, same place in the call tree";
    is_renamed(&comparison, "app::b::new", "app::a::new", why);
    // Another name, another file, as many calls.
    one_sided(presences(&[of_module("a", "parse", 7, 50)], &[of_module("b", "render", 7, 50)]));
}

#[test]
fn a_row_whose_caller_was_renamed_too_is_found_next() {
    let side = |outer: &'static str, inner: &'static str, line| {
        runs(5, move |i| {
            let mut report = called(i, &[timed(outer, line, 50, 5_000), timed(inner, line + 10, 1, 5_000)]);
            let inner = report.call_tree[0].children.remove(1);
            report.call_tree[0].children[0].children.push(inner);
            report
        })
    };
    // The outer one's callee is not known before, nor the inner one's caller; calls and line tell the outer one.
    let comparison = compared(&side("outer", "inner", 20), &side("outer_too", "inner_too", 20));
    is_renamed(&comparison, "app::outer_too", "app::outer", "same file, same line, as many calls");
    assert!(matches!(row(&comparison, "inner_too").presence, Presence::Renamed { .. }), "{comparison:#?}");
}

#[test]
fn sides_without_a_row_in_common_are_not_compared() {
    let side = |name: &'static str| runs(5, move |i| run(&[timed(name, 10, 100 + i, 1_000)]));
    let found =
        |base: &[Report], head: &[Report]| compare::nothing_in_common(&compared(base, head), base, head);
    let (base, head) = (side("load"), side("save"));
    let said = found(&base, &head).expect("nothing in common");
    assert!(said.starts_with("nothing was compared: the two sides have no row in common"), "{said}");
    assert!(said.contains("the base has `app::load` in functions_timing, the head `app::save`"), "{said}");
    assert_eq!(found(&base, &base), None);
    // One row is enough.
    let both = runs(5, |i| run(&[timed("load", 10, 100 + i, 1_000), timed("save", 20, 7, 1_000)]));
    assert_eq!(found(&base, &both), None);
    // Sections that only one side has.
    let locks: Vec<Report> = vec![Report { sections: vec![mutexes()], ..run(&[]) }];
    let said = found(&base, &locks).expect("nothing in common");
    assert!(said.contains("`cache` in mutexes"), "{said}");
    let empty = vec![run(&[])];
    assert!(found(&base, &empty).expect("nothing").contains("the head has no row, the base `app::load`"));
    // A budget is held against a row of the head alone.
    let budget = Budget { rows: "app::save".into(), metric: "avg".into(), max: 1 };
    let resource = Resource { budgets: vec![budget], ..Resource::default() };
    let policy = Policy { resources: [("functions".to_owned(), resource)].into(), ..Policy::default() };
    assert_eq!(compare::nothing_in_common(&compare(&base, &head, &policy), &base, &head), None);
}

#[test]
fn one_build_on_both_sides_is_noted() {
    let side = |build: Option<&'static str>| {
        runs(5, move |i| {
            let mut report = run(&[timed("load", 10, 100, 10_000 + i)]);
            report.meta.build_id = build.map(str::to_owned);
            report
        })
    };
    let noted = |base, head| {
        let comparison = compared(&side(base), &side(head));
        comparison.notes.iter().any(|note| note.contains("the same build of the program (a1)"))
    };
    assert!(noted(Some("a1"), Some("a1")));
    assert!(!noted(Some("a1"), Some("b2")) && !noted(None, None) && !noted(Some("a1"), None));
}

#[test]
fn code_that_moved_is_the_same_code() {
    let side = |by: u32| {
        let named = |name: &str, line: u32, ns| FunctionStats {
            name: format!("app::new (src/app.rs:{line})"),
            ..timed(name, line, 10, ns)
        };
        runs(5, move |i| run(&[named("new", 10 + by, 10_000 + i), named("new", 50 + by, 90_000 + i)]))
    };
    // Both moved by the distance between them: by its line alone the first would be taken for the second.
    let comparison = compared(&side(0), &side(40));
    assert_eq!(comparison.rows.len(), 2);
    assert!(
        comparison.rows.iter().all(|row| row.outcome() == Some(Outcome::NoRegression)),
        "{comparison:#?}"
    );
}

#[test]
fn a_shortened_report_does_not_say_that_a_row_is_gone() {
    let full = || runs(5, |i| run(&[timed("load", 10, 100, 10_000 + i), timed("save", 20, 100, 5_000)]));
    let mut short = full();
    for report in &mut short {
        report.sections[0].rows.truncate(1);
    }
    let comparison = compared(&full(), &short);
    assert_eq!(row(&comparison, "save").presence, Presence::Unknown);
    assert_eq!(comparison.counts().removed, 0);
    assert!(comparison.notes.iter().any(|note| note.contains("shortened")), "{:?}", comparison.notes);
}

#[test]
fn sections_that_one_side_lacks_are_named() {
    let timing = runs(5, |i| run(&[timed("load", 10, 100, 10_000 + i)]));
    let both =
        runs(5, |i| Report { sections: vec![timing[i as usize].sections[0].clone(), mutexes()], ..run(&[]) });
    let comparison = compared(&timing, &both);
    assert!(
        comparison.notes.contains(&"only the head has the section `mutexes`; it is not compared".to_owned()),
        "{:?}",
        comparison.notes
    );
    assert!(comparison.rows.iter().all(|row| row.section == "functions_timing"));
}

/// A new section is compared without a line in the comparison.
#[test]
fn every_section_is_compared_by_its_declared_columns() {
    let side = || {
        runs(2, |_| Report {
            sections: vec![mutexes(), rw_locks(), streams(), futures(), channels(), sampled()],
            ..run(&[])
        })
    };
    let policy = Policy { min_share: 0.0, ..Policy::default() };
    let comparison = compare(&side(), &side(), &policy);
    for section in ["mutexes", "rw_locks", "streams", "futures", "channels", "functions_cpu"] {
        let mut rows = comparison.rows.iter().filter(|row| row.section == section);
        assert!(rows.any(|row| row.changes.iter().any(|change| change.judged)), "{section}: {comparison:#?}");
    }
    let waits = comparison.rows.iter().find(|row| row.name == "cache").expect("a lock");
    assert!(waits.judged().any(|change| change.metric == "wait_total"), "{waits:#?}");
}

#[test]
fn the_policy_excludes_rows() {
    let side = |ns| {
        runs(5, move |i| {
            run(&[
                timed("load", 10, 100, ns + i),
                timed("tests::load", 20, 100, ns + i),
                timed("rare", 30, 1, ns),
                timed("big", 40, 100, 80_000 + i),
            ])
        })
    };
    let resource = Resource { ignore: vec!["*::tests::*".into()], ..Resource::default() };
    let policy = Policy { resources: [("functions".to_owned(), resource)].into(), ..Policy::default() };
    let comparison = compare(&side(10_000), &side(20_000), &policy);
    assert_eq!(row(&comparison, "load").outcome(), Some(Outcome::Regression));
    assert_eq!(row(&comparison, "tests::load").skipped, Some(Skipped::Ignored));
    assert_eq!(row(&comparison, "tests::load").outcome(), None);
    assert_eq!(row(&comparison, "rare").skipped, Some(Skipped::BelowFloor));
    let calls = Policy { time: Rule { min_calls: 200, ..Policy::default().time }, ..Policy::default() };
    assert_eq!(row(&compare(&side(10_000), &side(20_000), &calls), "load").outcome(), None);
    let metrics = Policy {
        time: Rule { metrics: Some(vec!["p95".into()]), ..Policy::default().time },
        ..Policy::default()
    };
    let comparison = compare(&side(10_000), &side(20_000), &metrics);
    assert_eq!(
        row(&comparison, "load").judged().map(|change| change.metric.as_str()).collect::<Vec<_>>(),
        ["p95"]
    );
}

#[test]
fn a_budget_holds_whatever_the_base_did() {
    let side = |ns| runs(5, move |i| run(&[timed("load", 10, 100, ns + i)]));
    let budget = Budget { rows: "app::lo*".into(), metric: "avg".into(), max: 9_999 };
    let resource = Resource { budgets: vec![budget], ..Resource::default() };
    let policy = Policy { resources: [("functions".to_owned(), resource)].into(), ..Policy::default() };
    let comparison = compare(&side(10_000), &side(10_000), &policy);
    assert_eq!(row(&comparison, "load").outcome(), Some(Outcome::Regression));
    assert_eq!(row(&comparison, "load").main_change().and_then(|change| change.over_budget), Some(9_999));
    assert_eq!(compare(&side(9_000), &side(9_000), &policy).regressions().count(), 0);
}

/// What the base does not have is no excuse, and a limit for what nobody has is no limit.
#[test]
fn a_budget_applies_to_new_rows_and_a_note_says_if_it_matches_none() {
    let budget = |rows: &str, metric: &str| Budget { rows: rows.into(), metric: metric.into(), max: 9_999 };
    let budgets = vec![budget("app::fresh", "avg"), budget("app::lost", "avg"), budget("app::*", "busy")];
    let resource = Resource { budgets, ..Resource::default() };
    let policy = Policy { resources: [("functions".to_owned(), resource)].into(), ..Policy::default() };
    let base = runs(6, |_| run(&[timed("load", 10, 100, 1_000)]));
    let head = |ns| runs(6, move |_| run(&[timed("load", 10, 100, 1_000), timed("fresh", 20, 50, ns)]));
    let comparison = compare(&base, &head(10_000), &policy);
    assert_eq!((comparison.outcome(), comparison.counts().regressions), (Outcome::Regression, 1));
    let change = row(&comparison, "fresh").main_change().expect("a change");
    assert_eq!((change.over_budget, change.runs), (Some(9_999), (0, 6)));
    let mut out = String::new();
    compare::markdown(&comparison, &mut out).expect("a string takes everything");
    assert!(
        out.contains("| \u{1f534} over the budget of 10.00 µs | `app::fresh` | avg | - | 10.00 µs | new |"),
        "{out}"
    );
    let unused: Vec<&String> =
        comparison.notes.iter().filter(|note| note.contains("matches no row")).collect();
    assert_eq!(unused.len(), 2, "{:?}", comparison.notes);
    assert_eq!(unused[0], "the budget for `avg` of `app::lost` in functions matches no row of the head");
    let within = compare(&base, &head(9_000), &policy);
    assert_eq!((within.regressions().count(), within.counts().added), (0, 1));
}

const PLAIN: &str = r#"{"type":"hotpath_report","functions_timing":{"profiling_mode":"timing","time_elapsed":"10.00 ms",
"total_elapsed_ns":10000000,"description":"Execution duration of functions.","caller_name":"app::main","percentiles":[95.0],
"data":[{"id":1,"name":"app::load","calls":100,"avg":"AVG","p95":"10.00 µs","total":"1.00 ms","percent_total":"10.00%"}]}}"#;

fn plain(avg: &str) -> Report {
    hotpath_analysis::read_report(&PLAIN.replace("AVG", avg)).expect("a report of 0.16.1")
}

/// The plain form has strings only: what rounding hides is no change, and what goes beyond it is one.
#[test]
fn rounded_reports_can_be_a_side() {
    let plain_side = |avg: &'static str| runs(6, move |_| plain(avg));
    let exact = |ns| runs(6, move |_| run(&[timed("load", 10, 100, ns)]));
    let fine = Policy { time: Rule { min_change: 0.0, ..Policy::default().time }, ..Policy::default() };
    // 10.00 µs may be anything from 9,995 to 10,005 ns.
    let comparison = compare(&plain_side("10.00 µs"), &exact(10_004), &fine);
    let change = metric(row(&comparison, "load"), "avg");
    assert_eq!(change.outcome, Outcome::Inconclusive, "{change:?}");
    assert!(change.interval.0.is_some_and(|lower| lower < 1.0), "{change:?}");
    assert!(comparison.notes.iter().any(|note| note.contains("base are rounded")), "{:?}", comparison.notes);
    let comparison = compare(&plain_side("10.00 µs"), &exact(10_020), &fine);
    assert_eq!(metric(row(&comparison, "load"), "avg").outcome, Outcome::Regression);
    let comparison = compared(&plain_side("10.00 µs"), &plain_side("12.00 µs"));
    assert_eq!(metric(row(&comparison, "load"), "avg").outcome, Outcome::Regression);
    assert!(comparison.head.rounded);
}

#[test]
fn a_rounded_report_stays_one_when_it_is_written_again() {
    let again = hotpath_analysis::read_report(&json(&plain("10.00 µs"))).expect("our own form");
    assert!(again.rounded && hotpath_analysis::merge(&again, &run(&[])).rounded);
    assert!(!run(&[]).rounded);
}

#[test]
fn nothing_in_common_is_inconclusive() {
    let comparison = compared(&[run(&[])], &[run(&[])]);
    assert_eq!((comparison.outcome(), comparison.rows.len()), (Outcome::Inconclusive, 0));
}

fn everything() -> Comparison {
    let side = |load: u64, extra: &'static str, line, bytes| {
        runs(6, move |i| {
            let rows = [
                timed("load", 10, 100, load + 20 * i),
                timed("a|b<i>@me`", 12, 100, 9_000 + 20 * i),
                timed("steady", 14, 40, 20_000 + 20 * i),
                timed("noisy", 16, 40, 20_000 + 2_000 * i),
                timed(extra, line, 10, 30_000),
            ];
            let alloc = alloc_run(&[allocating("load", 100, bytes)]).sections;
            let sections = [run(&rows).sections, alloc].concat();
            Report { sections, label: Some("nightly".into()), ..run(&[]) }
        })
    };
    let resource = Resource {
        budgets: vec![Budget { rows: "app::steady".into(), metric: "avg".into(), max: 15_000 }],
        ..Resource::default()
    };
    let policy = Policy { resources: [("functions".to_owned(), resource)].into(), ..Policy::default() };
    compare(&side(10_000, "old", 30, 50_000), &side(13_000, "new", 90, 40_000), &policy)
}

#[test]
fn nothing_hides_in_a_comparison() {
    let name = format!("lo\u{202e}\u{2066}\u{200b}ad{}", "x".repeat(5_000));
    let runs = |ns| [run(&[timed(&name, 1, 1_000, ns)])];
    let compared = compare(&runs(1_000), &runs(9_000), &Policy::default());
    let (mut table, mut markdown) = (String::new(), String::new());
    compare::table(&compared, true, &render::Options::default(), &mut table).expect("a string takes it");
    compare::markdown(&compared, &mut markdown).expect("a string takes it");
    for text in [&table, &markdown] {
        assert!(text.contains("lo\u{fffd}\u{fffd}\u{fffd}ad"), "{text}");
        assert!(text.lines().all(|line| line.chars().all(render::is_printable)), "{text}");
    }
    // A browser breaks lines, a terminal does not.
    assert!(table.contains('…') && table.lines().all(|line| line.chars().count() < 400), "{table}");
}

#[test]
fn the_table() {
    let mut out = String::new();
    compare::table(&everything(), true, &render::Options::default(), &mut out)
        .expect("a string takes everything");
    insta::assert_snapshot!(out);
}

/// Nothing in a name can end a cell, begin a tag or call a user.
#[test]
fn the_comment() {
    let mut out = String::new();
    compare::markdown(&everything(), &mut out).expect("a string takes everything");
    insta::assert_snapshot!(out);
}

#[test]
fn for_machines() {
    let mut out = String::new();
    compare::json(&everything(), &mut out).expect("a string takes everything");
    insta::assert_snapshot!(out);
}

/// It is a row of each section that has it.
#[test]
fn a_new_function_is_named_once_in_a_comment() {
    let side = |rows: &[FunctionStats]| {
        let sections = [run(rows).sections, alloc_run(rows).sections].concat();
        [Report { sections, ..run(&[]) }]
    };
    let (load, fresh) = (allocating("load", 100, 5_000), allocating("fresh", 100, 5_000));
    let comparison = compared(&side(std::slice::from_ref(&load)), &side(&[load, fresh]));
    assert_eq!(comparison.counts().added, 2);
    let mut out = String::new();
    compare::markdown(&comparison, &mut out).expect("a string takes everything");
    assert!(out.contains("\nadded: `app::fresh`\n"), "{out}");
}

/// A time that was none before is no multiple of nothing; and a channel is called one, since its name may be anything.
#[test]
fn what_came_of_nothing_is_new() {
    let side = |ns: u64| {
        runs(6, move |i| {
            let wait = if ns == 0 { 0 } else { ns + 1_000 * i };
            let bucket = Bucket { lower: wait, upper: Bucket::scale_upper(wait), count: 50 };
            let delay = Dist::from_buckets(50, 50 * wait, Some(wait), Some(wait), [bucket]);
            let jobs = ChannelStats {
                label: "jobs".into(),
                sent: 50,
                received: 50,
                delay,
                ..ChannelStats::default()
            };
            Report { sections: vec![Table::of::<Channels>(&[jobs], &(), &[95.0])], ..run(&[]) }
        })
    };
    let mut out = String::new();
    compare::markdown(&compared(&side(0), &side(5_000_000)), &mut out).expect("a string takes everything");
    assert!(out.contains("| Channel `jobs` | delay_avg | 0 ns | 5.00 ms | new | - |"), "{out}");
    assert!(
        out.contains("|  | delay_p95 | 0 ns |"),
        "one line each, since nothing says that they are alike: {out}"
    );
}

/// The committed schema and the output have the same keys, everywhere.
#[test]
fn the_json_is_that_of_the_committed_schema() {
    let schema: Json =
        serde_json::from_str(include_str!("../../../../schema/comparison.json")).expect("JSON");
    let mut out = String::new();
    compare::json(&everything(), &mut out).expect("a string takes everything");
    check(&schema, &schema, &serde_json::from_str(&out).expect("JSON"), "");
}

fn check(root: &Json, schema: &Json, value: &Json, path: &str) {
    let reference = schema["$ref"].as_str().map(|reference| reference.trim_start_matches('#'));
    let schema = reference.map_or(schema, |reference| root.pointer(reference).expect("a definition"));
    let types = [&schema["type"]].into_iter().chain(schema["type"].as_array().into_iter().flatten());
    let types: Vec<&str> = types.filter_map(Json::as_str).collect();
    let is = |name: &str| types.contains(&name);
    let fits = match value {
        Json::Null => is("null"),
        Json::Bool(_) => is("boolean"),
        Json::String(_) => is("string"),
        Json::Array(_) => is("array"),
        Json::Object(_) => is("object"),
        Json::Number(number) => is("number") || (is("integer") && number.is_u64()),
    };
    let choices = schema["enum"].as_array().is_some_and(|choices| choices.contains(value));
    assert!(fits || choices || &schema["const"] == value, "{path}: {value} is not {schema}");
    let keys = |json: &Json| -> Vec<String> {
        json.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
    };
    if let Json::Object(fields) = value {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Json::as_str).collect();
        let mut sorted = required.clone();
        sorted.sort_unstable();
        assert_eq!(keys(value), sorted, "{path}");
        assert_eq!(keys(&schema["properties"]), sorted, "{path}");
        fields.iter().for_each(|(key, value)| {
            check(root, &schema["properties"][key], value, &format!("{path}.{key}"))
        });
    }
    for item in value.as_array().into_iter().flatten() {
        check(root, &schema["items"], item, path);
    }
}
