//! What a terminal shows.

use crate::fixtures::*;
use hotpath_report::render::{MAX_NAME, Options, TreeLimits, name_cell};
use hotpath_report::{
    ALLOC_BUILD_DESCRIPTION, AllocMetric, AllocScope, FunctionStats, Report, Table, ThreadAlloc,
    ThreadTotals, Threads, TreeNode, functions_alloc,
};
use insta::assert_snapshot;

fn shown(sections: Vec<Table>) -> String {
    table(&report(sections), &Options::default())
}

#[test]
fn functions() {
    assert_snapshot!(shown(vec![timing(&sync_functions(), &[95.0])]));
}

#[test]
fn one_row_is_the_caller_alone() {
    assert_snapshot!(shown(vec![timing(&[main_row(2_000_000)], &[95.0])]));
}

#[test]
fn nothing_measured() {
    assert_snapshot!(shown(vec![timing(&[], &[95.0])]));
}

#[test]
fn async_functions_add_busy_and_wait() {
    let mut rows = sync_functions();
    rows.push(async_function());
    assert_snapshot!(shown(vec![timing(&rows, &[95.0])]));
}

#[test]
fn busy_and_wait_go_when_the_limit_hides_the_async_rows() {
    let fast = FunctionStats { total_ns: Some(1), ..async_function() };
    let rows = [sync_functions(), vec![fast]].concat();
    let text = shown(vec![timing(&rows, &[]).limited(2)]);
    assert!(!text.contains("Busy"), "{text}");
}

#[test]
fn fractional_percentiles_and_no_caller_row() {
    let rows: Vec<_> = sync_functions().into_iter().filter(|row| row.name != "basic::main").collect();
    assert_snapshot!(shown(vec![timing(&rows, &[50.0, 99.9])]));
}

#[test]
fn runtimes_of_tokio() {
    assert_snapshot!(shown(vec![tokio_runtimes()]));
}

#[test]
fn what_is_the_same_for_all_rows_has_no_column() {
    let mut section = tokio_runtimes();
    assert_eq!(section.lists[0].rows.len(), 3);
    section.lists[0].rows.truncate(2);
    let text = shown(vec![section]);
    assert!(!text.contains("| Runtime | Worker"), "{text}");
}

#[test]
fn truncated() {
    let rows: Vec<_> =
        (1..=40).map(|i| function(i, &format!("a::b::f{i}"), &[u64::from(i) * 1_000], 0)).collect();
    let section = timing(&rows, &[95.0]).limited(3).described(ALLOC_BUILD_DESCRIPTION);
    assert_snapshot!(shown(vec![section]));
}

#[test]
fn unknown_values_are_dashes() {
    assert_snapshot!(shown(vec![timing(&[untimed(), main_row(1_000)], &[95.0])]));
}

#[test]
fn unicode_names_keep_the_grid_and_control_characters_do_not_reach_the_terminal() {
    let rows = [
        function(1, "größe::計算する", &[1_000], 0),
        function(2, "emoji 🚀 block", &[900], 0),
        function(3, "bad\u{1b}[31m\nname", &[800], 0),
    ];
    assert_snapshot!(shown(vec![timing(&rows, &[95.0])]));
}

/// What stands in a report and is not seen, or puts other characters elsewhere.
const UNSEEN: &str = "\u{202e}\u{2066}\u{2069}\u{200e}\u{200f}\u{61c}\u{2028}\u{2029}\u{200b}\u{200d}\u{feff}\u{ad}\u{9b}\u{1b}";

#[test]
fn nothing_hides_in_a_table_or_turns_it_round_and_json_is_exact() {
    let name = format!("app::lo{UNSEEN}ad");
    let mut report = report(vec![timing(&[function(1, &name, &[1_000], 0)], &[95.0]), values()]);
    report.label = Some(name.clone());
    report.caller_name.clone_from(&name);
    report.notes.push(name.clone());
    report.user_metadata.insert(name.clone(), name.clone());
    report.call_tree = vec![TreeNode { name: name.clone(), ..TreeNode::default() }];
    let options = Options { call_tree: Some(TreeLimits::default()), ..Options::default() };
    let text = table(&report, &options);
    let unseen = |c: &char| UNSEEN.contains(*c);
    assert_eq!(text.chars().find(unseen), None, "{text:?}");
    let replaced = format!("lo{}ad", "\u{fffd}".repeat(UNSEEN.chars().count()));
    assert!(text.matches(&replaced).count() >= 6, "{text}");
    let json: serde_json::Value = serde_json::from_str(&json(&report)).expect("it is JSON");
    assert_eq!(json["functions_timing"]["data"][0]["name"], name.as_str());
    assert_eq!((&json["label"], &json["notes"][0]), (&name.as_str().into(), &name.as_str().into()));
}

#[test]
fn a_long_name_makes_no_row_wide_and_is_whole_in_json() {
    let long = format!("app::{}::end", "x".repeat(5_000));
    let rows = [function(1, &long, &[1_000], 0), function(2, "short", &[900], 0)];
    let mut report = report(vec![timing(&rows, &[95.0])]);
    report.call_tree = vec![TreeNode { name: long.clone(), ..TreeNode::default() }];
    let options = Options { name_depth: 0, call_tree: Some(TreeLimits::default()), ..Options::default() };
    let text = table(&report, &options);
    assert!(text.lines().all(|line| line.chars().count() < 220), "{text}");
    assert_eq!(
        (text.matches('…').count(), text.matches("x::end").count()),
        (2, 2),
        "both ends are seen: {text}"
    );
    let json: serde_json::Value = serde_json::from_str(&json(&report)).expect("it is JSON");
    assert_eq!(json["functions_timing"]["data"][0]["name"], long.as_str());
    let whole = "a".repeat(MAX_NAME);
    assert_eq!(name_cell(&whole), whole, "what fits is not cut");
}

#[test]
fn watched_streams() {
    assert_snapshot!(shown(vec![streams()]));
}

#[test]
fn shown_values() {
    assert_snapshot!(shown(vec![values()]));
}

#[test]
fn allocated_bytes_exclusive() {
    assert_snapshot!(shown(vec![alloc_section(AllocMetric::Bytes, AllocScope::Exclusive)]));
}

#[test]
fn allocated_bytes_cumulative() {
    assert_snapshot!(shown(vec![alloc_section(AllocMetric::Bytes, AllocScope::Cumulative)]));
}

#[test]
fn allocation_count_exclusive() {
    assert_snapshot!(shown(vec![alloc_section(AllocMetric::Count, AllocScope::Exclusive)]));
}

#[test]
fn allocation_count_cumulative() {
    assert_snapshot!(shown(vec![alloc_section(AllocMetric::Count, AllocScope::Cumulative)]));
}

#[test]
fn allocated_bytes_peak() {
    assert_snapshot!(shown(vec![alloc_section(AllocMetric::Bytes, AllocScope::Peak)]));
}

#[test]
fn allocation_count_peak() {
    assert_snapshot!(shown(vec![alloc_section(AllocMetric::Count, AllocScope::Peak)]));
}

#[test]
fn watched_futures() {
    assert_snapshot!(shown(vec![futures()]));
}

#[test]
fn threads_of_the_process() {
    assert_snapshot!(shown(vec![timing(&sync_functions(), &[95.0]), threads(false)]));
}

#[test]
fn threads_and_their_allocations() {
    assert_snapshot!(shown(vec![threads(true)]));
}

#[test]
fn busy_threads_fit_into_80_columns() {
    let mut row = thread_stats().swap_remove(2);
    row.name = "tokio-worker-1".into();
    row.cpu_now_permille = Some(1_000);
    row.cpu_max_permille = Some(1_000);
    row.observed_cpu_ns = row.observed_ns;
    row.cpu_ns = row.lifetime_ns;
    let text = shown(vec![Table::of::<Threads>(&[row], &ThreadTotals::default(), &[])]);
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert_eq!(widest, Some(80), "{text}");
}

#[test]
fn threads_alone_are_no_measurements_unless_nothing_else_was_asked_for() {
    let text = shown(vec![timing(&[], &[95.0]), threads(false)]);
    assert!(text.starts_with("[hotpath] No measurements recorded from basic::main"), "{text}");
    assert!(text.contains("\nthreads - "), "{text}");
    let text = shown(vec![timing(&[main_row(2_000_000)], &[95.0]), threads(false)]);
    assert!(text.contains("Nothing but the caller itself was measured."), "{text}");
    let text = shown(vec![threads(false)]);
    assert!(text.starts_with("[hotpath] 122.13ms | threads\n\nthreads - "), "{text}");
    assert!(!text.contains("measured"), "{text}");
}

#[test]
fn the_largest_peak_stands_first_and_with_tracking_the_most_allocated() {
    let names = |section: Table| -> Vec<String> {
        section.rows.iter().map(|row| section.cell(row, "name").to_string()).collect()
    };
    let long = "a-worker-with-a-name-longer-than-15";
    assert_eq!(names(threads(false)), [long, "basic", "<other>", "just started"]);
    assert_eq!(names(threads(true)), [long, "basic", "<other>", "just started"]);
    let mut rows = thread_stats();
    rows[0].alloc = Some(ThreadAlloc { allocated: 1, freed: 0 });
    let section = Table::of::<Threads>(&rows, &ThreadTotals::default(), &[]);
    assert_eq!(names(section)[0], "just started");
}

#[test]
fn everything_with_full_names_and_the_call_tree() {
    let options =
        Options { name_depth: 0, call_tree: Some(TreeLimits { depth: 0, rows: 0 }), ..Options::default() };
    assert_snapshot!(table(&full_report(), &options));
}

#[test]
fn a_limited_call_tree_says_how_much_it_leaves_out() {
    let options = Options { call_tree: Some(TreeLimits { depth: 2, rows: 50 }), ..Options::default() };
    let text = table(&full_report(), &options);
    assert!(text.contains("\n2 more nodes are not shown.\n"), "{text}");
    assert!(!text.contains("net::read"), "{text}");
}

#[test]
fn the_call_tree_has_a_column_for_bytes_when_a_shown_node_knows_its_own() {
    let shown = |depth| {
        let options = Options { call_tree: Some(TreeLimits { depth, rows: 0 }), ..Options::default() };
        table(&Report { call_tree: tree(), ..Report::default() }, &options)
    };
    assert_snapshot!(shown(2));
    assert!(!shown(1).contains("Alloc"), "{}", shown(1));
}

#[test]
fn what_happened_outside_is_no_measurement() {
    let totals = alloc_totals();
    let section = |rows: &[FunctionStats]| {
        functions_alloc(rows, &totals, AllocMetric::Bytes, AllocScope::Exclusive, &[])
    };
    let outside = outside(1, &[], &totals);
    let only = std::slice::from_ref(&outside);
    let alone = report(vec![timing(only, &[]), section(only)]);
    assert!(!alone.has_measurements());
    assert!(table(&alone, &Options::default()).starts_with("[hotpath] No measurements recorded"));
    let with_caller = report(vec![section(&[outside.clone(), main_row(1_000)])]);
    assert!(!with_caller.has_measurements());
    assert!(
        table(&with_caller, &Options::default()).contains("\nNothing but the caller itself was measured.\n")
    );
    assert!(report(vec![section(&[outside, function(1, "f", &[], 0)])]).has_measurements());
}

#[test]
fn what_happened_outside_has_no_duration() {
    let section = timing(&alloc_functions(), &[]);
    assert_eq!(section.rows.len(), sync_functions().len());
    assert_eq!(section.total_count, sync_functions().len() as u64);
}

#[test]
fn a_bold_header_is_the_only_colour() {
    let section = timing(&sync_functions(), &[95.0]);
    let plain = shown(vec![section.clone()]);
    let bold = table(&report(vec![section]), &Options { bold: true, ..Options::default() });
    assert!(bold.contains("\u{1b}[1m| Function"), "{bold}");
    assert_eq!(bold.replace("\u{1b}[1m", "").replace("\u{1b}[0m", ""), plain);
}

#[test]
fn an_empty_report_is_still_a_message() {
    let text = table(&Report::default(), &Options::default());
    assert!(
        text.starts_with("[hotpath] No measurements recorded from the program (Total time: 0.00ns)\n"),
        "{text}"
    );
}

#[test]
fn a_very_long_text_is_whole() {
    let mut report = report(vec![timing(&sync_functions(), &[])]);
    report.user_metadata.insert("long".into(), "Q".repeat(100_000));
    let text = table(&report, &Options::default());
    assert_eq!(text.matches('Q').count(), 100_000);
}
