//! What a machine reads, and that it comes back as it was.

use crate::fixtures::*;
use hotpath_report::{
    AllocMetric, AllocScope, Bucket, Dist, FunctionStats, Report, Source, Table, TreeNode, Value,
    functions_alloc, tree,
};
use insta::assert_snapshot;
use proptest::prelude::*;

fn read(text: &str) -> Report {
    hotpath_analysis::read_report(text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// Reading and writing again gives the same bytes.
fn check_identity(report: &Report) {
    let text = json(report);
    assert_eq!(json(&read(&text)), text);
}

#[test]
fn everything() {
    assert_snapshot!(json_pretty(&full_report()));
}

#[test]
fn runtimes_of_tokio() {
    assert_snapshot!(json_pretty(&report(vec![tokio_runtimes()])));
    check_identity(&report(vec![tokio_runtimes()]));
}

#[test]
fn a_list_inside_a_section_may_be_missing_but_not_wrong() {
    let text = json(&report(vec![tokio_runtimes()]));
    let without = text.replacen("\"history\"", "\"other\"", 1);
    assert!(read(&without).sections[0].lists[1].rows.is_empty());
    let wrong = text.replacen("\"park_count\":20", "\"park_count\":\"x\"", 1);
    let error = hotpath_analysis::read_report(&wrong).expect_err("it is wrong").to_string();
    assert_eq!(error, "tokio_runtime.workers[0].park_count: expected a whole number, found \"x\"");
}

#[test]
fn nothing() {
    assert_snapshot!(json_pretty(&Report::default()));
}

#[test]
fn truncated_data_says_what_there_was() {
    let section = timing(&sync_functions(), &[95.0]).limited(1);
    assert_snapshot!(json_pretty(&report(vec![section])));
}

#[test]
fn allocated_bytes_exclusive() {
    assert_snapshot!(json_pretty(&report(vec![alloc_section(AllocMetric::Bytes, AllocScope::Exclusive)])));
}

#[test]
fn allocated_bytes_cumulative() {
    assert_snapshot!(json_pretty(&report(vec![alloc_section(AllocMetric::Bytes, AllocScope::Cumulative)])));
}

#[test]
fn allocated_bytes_peak() {
    assert_snapshot!(json_pretty(&report(vec![alloc_section(AllocMetric::Bytes, AllocScope::Peak)])));
}

#[test]
fn allocation_count_exclusive() {
    assert_snapshot!(json_pretty(&report(vec![alloc_section(AllocMetric::Count, AllocScope::Exclusive)])));
}

#[test]
fn allocation_count_cumulative() {
    assert_snapshot!(json_pretty(&report(vec![alloc_section(AllocMetric::Count, AllocScope::Cumulative)])));
}

#[test]
fn threads_of_the_process() {
    assert_snapshot!(json_pretty(&report(vec![threads(false)])));
}

#[test]
fn threads_and_their_allocations() {
    assert_snapshot!(json_pretty(&report(vec![threads(true)])));
}

#[test]
fn allocation_count_peak() {
    assert_snapshot!(json_pretty(&report(vec![alloc_section(AllocMetric::Count, AllocScope::Peak)])));
}

#[test]
fn all_readings_of_allocations_have_the_same_keys() {
    let keys = |(metric, scope)| {
        let text = json(&report(vec![alloc_section(metric, scope)]));
        let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let row = json["functions_alloc"]["data"][0].as_object().expect("a row").clone();
        row.keys().cloned().collect::<Vec<_>>()
    };
    let readings: Vec<_> = alloc_readings().map(keys).collect();
    assert_eq!(readings.len(), 6);
    readings.iter().for_each(|reading| assert_eq!(reading, &readings[0]));
}

#[test]
fn a_report_comes_back_in_the_reading_it_was_written_in() {
    for (metric, scope) in alloc_readings() {
        let section = alloc_section(metric, scope);
        let again = read(&json(&report(vec![section.clone()])));
        let again = again.section("functions_alloc").expect("a section");
        assert_eq!((again.spec, again.base), (section.spec, section.base));
        assert_eq!((&again.headings, &again.fields), (&section.headings, &section.fields));
    }
}

#[test]
fn a_function_that_frees_what_others_allocated_has_kept_less_than_nothing() {
    let mut row = function(1, "consume", &[5], 5);
    row.alloc = alloc(&[1_024], &[1_024]);
    let kept = |section: &Table| section.cell(&section.rows[0], "kept_bytes").clone();
    let section = functions_alloc(&[row], &alloc_totals(), AllocMetric::Bytes, AllocScope::Exclusive, &[]);
    assert_eq!(kept(&section), Value::SignedBytes(1_024 - 4_096));
    let text = json(&report(vec![section]));
    assert!(text.contains(r#""kept_bytes":-3072,"#), "{text}");
    assert_eq!(kept(read(&text).section("functions_alloc").expect("a section")), Value::SignedBytes(-3_072));
}

#[test]
fn identity_of_every_kind_of_report() {
    check_identity(&full_report());
    check_identity(&Report::default());
    check_identity(&report(vec![timing(&sync_functions(), &[95.0]).limited(1)]));
    check_identity(&report(vec![timing(&[], &[])]));
    check_identity(&report(vec![threads(false)]));
    check_identity(&report(vec![threads(true).limited(2)]));
    check_identity(&report(vec![futures(), timing(&sync_functions(), &[])]));
    for (metric, scope) in alloc_readings() {
        check_identity(&report(vec![alloc_section(metric, scope)]));
        check_identity(&report(vec![alloc_section(metric, scope).limited(1)]));
    }
}

#[test]
fn buckets_of_another_scale_keep_their_middle_and_percentiles() {
    let buckets = vec![Bucket::around(1001, 1006, 2), Bucket::around(5003, 5042, 1)];
    let durations = Dist { count: 3, sum: 7_030, min: Some(1_001), max: Some(5_040), buckets };
    assert_eq!((durations.percentile(50.0), durations.percentile(99.0)), (Some(1_003), Some(5_022)));
    let row = FunctionStats { durations: durations.clone(), ..function(1, "f", &[], 0) };
    let text = json(&report(vec![timing(&[row], &[])]));
    assert!(text.contains(r#""histogram":[[1001,2],[5006,1]]"#), "{text}");
    let again = read(&text);
    let section = again.section("functions_timing").expect("a section");
    assert_eq!(section.cell(&section.rows[0], "durations.histogram"), &Value::Dist(durations));
}

#[test]
fn a_deep_call_tree_is_cut_with_a_note_and_reads_back() {
    let mut node = TreeNode { name: "leaf".into(), ..TreeNode::default() };
    for _ in 0..tree::MAX_DEPTH + 2 {
        node = TreeNode { name: "f".into(), children: vec![node], ..TreeNode::default() };
    }
    let deep = Report { call_tree: vec![node], ..Report::default() };
    let text = json(&deep);
    assert!(text.contains("3 nodes of the call tree lie deeper than 200 levels and were left out"));
    assert_eq!(json(&read(&text)), text);
}

#[test]
fn the_plain_form_of_0_16_is_read_through_its_strings() {
    let report = read(
        r#"{"type": "hotpath_report", "label": "old", "tea_breaks": {"data": []}, "functions_timing": {
            "profiling_mode": "timing", "time_elapsed": "122.13 ms", "total_elapsed_ns": 122130000,
            "description": "Execution duration of functions.", "caller_name": "basic::main", "percentiles": [95],
            "data": [
                {"id": 1, "name": "basic::main", "calls": 1, "avg": "122.10 ms", "p95": "122.10 ms",
                 "total": "122.10 ms", "percent_total": "100.00%"},
                {"id": 2, "name": "basic::sync", "calls": 100, "avg": "16.99µs", "p95": "N/A",
                 "total": "1.70 ms", "percent_total": "1.39%"}]}}"#,
    );
    let section = report.section("functions_timing").expect("a section");
    let (main, sync) = (&section.rows[0], &section.rows[1]);
    assert!(section.is_pinned(main) && !section.is_pinned(sync));
    assert_eq!(section.cell(sync, "durations.avg"), &Value::Nanos(16_990));
    assert_eq!(section.cell(sync, "durations.p95"), &Value::Nothing);
    assert_eq!(section.cell(sync, "total_ns"), &Value::Nanos(1_700_000));
    assert_eq!(section.cell(sync, "self_ns"), &Value::Nothing);
    assert_eq!(report.duration_ns, 122_130_000);
    assert_eq!(report.notes, ["section `tea_breaks` is not known to this version and was left out"]);
}

#[test]
fn the_form_of_0_30_is_read_with_its_additions() {
    let report = read(
        r#"{"type": "hotpath_report", "version": "0.30.3", "meta": {"rustc": "1.88", "os": "linux",
            "created_at": "2026-01-01T00:00:00Z", "git": {"sha": "f00"}}, "time_sampling": {"functions": 0.5},
            "functions_alloc": {"profiling_mode": "alloc-bytes", "time_elapsed": "1 s", "total_elapsed_ns": 5,
            "total_allocated": "1.5 KB", "description": "Cumulative allocation bytes.", "caller_name": "m",
            "percentiles": [], "total_count": 9, "included_count": 1, "data": [
                {"id": 1, "name": "f", "calls": 2, "sampled_calls": 2, "avg": "0 B", "total": "N/A",
                 "percent_total": "-", "location": {"file": "a.rs", "line": 3, "column": 5}}]}}"#,
    );
    let section = report.section("functions_alloc").expect("a section");
    let row = &section.rows[0];
    assert_eq!((section.spec.scope, section.total_count), (Some("cumulative"), 9));
    assert_eq!(section.cell(row, "total_bytes"), &Value::Nothing);
    assert_eq!(section.fields[0].1, Value::Bytes(1_536));
    let place = Source { file: "a.rs".into(), line: 3, column: 5 };
    assert_eq!(section.cell(row, "location"), &Value::Place(place));
    assert_eq!(report.meta.git_sha.as_deref(), Some("f00"));
    assert_eq!(report.meta.version, "0.30.3");
}

/// As its documents show it: formatted numbers, and counts as text.
#[test]
fn the_form_of_0_7_is_read() {
    let report = read(
        r#"{"hotpath_profiling_mode": "timing", "output": {
            "basic::async_function": {"calls": "100", "avg": "1.16ms", "p95": "1.26ms", "total": "116.41ms", "percent_total": "96.18%"},
            "basic::histogram": {"calls": "100", "avg": "23.10µs", "p95": "37.89µs", "total": "2.31ms", "percent_total": "1.87%"}}}"#,
    );
    let section = report.section("functions_timing").expect("a section");
    let cell = |row: usize, key: &str| section.cell(&section.rows[row], key).clone();
    assert_eq!(cell(0, "name"), Value::Text("basic::async_function".into()));
    assert_eq!((cell(0, "calls"), cell(0, "durations.avg")), (Value::Count(100), Value::Nanos(1_160_000)));
    assert_eq!(cell(1, "durations.p95"), Value::Nanos(37_890));
    assert_eq!(cell(1, "total_ns"), Value::Nanos(2_310_000));
    assert_eq!((cell(0, "percent_total"), report.rounded), (Value::Percent(96.18), true));
}

/// As programs wrote it: plain numbers, the share in hundredths of a percent; bytes count those of callees too.
#[test]
fn plain_numbers_of_0_7_and_0_9_are_exact() {
    let old = read(
        r#"{"hotpath_profiling_mode": "alloc-bytes-total", "total_elapsed": 5000, "caller_name": "a::main", "output": {
            "a::main": {"calls": 1, "avg": 700, "p95": 700, "total": 700, "percent_total": 10000}}}"#,
    );
    let section = old.section("functions_alloc").expect("a section");
    let cell = |key: &str| section.cell(&section.rows[0], key).clone();
    assert_eq!((section.spec.scope, section.spec.short), (Some("cumulative"), "alloc-bytes"));
    assert_eq!((cell("total_bytes"), cell("percent_total")), (Value::Bytes(700), Value::Percent(100.0)));
    assert_eq!((old.duration_ns, &old.caller_name[..], old.rounded), (5_000, "a::main", false));

    let later = read(
        r#"{"hotpath_profiling_mode": "timing", "total_elapsed": 5000, "description": "Time.", "caller_name": "a::main",
            "percentiles": [99], "data": [{"name": "a::f", "calls": 2, "avg": 10, "p99": 12, "total": 20, "percent_total": 40}]}"#,
    );
    let section = later.section("functions_timing").expect("a section");
    let cell = |key: &str| section.cell(&section.rows[0], key).clone();
    assert_eq!((cell("durations.p99"), cell("total_ns")), (Value::Nanos(12), Value::Nanos(20)));
    assert_eq!((cell("percent_total"), section.description.as_ref()), (Value::Percent(40.0), "Time."));
}

/// Keys that a program chose may be called as the lists that are read last.
#[test]
fn a_histogram_may_be_the_name_of_something_else() {
    let mut report = Report { label: Some("x".into()), ..Report::default() };
    report.user_metadata.insert("histogram".into(), "on".into());
    assert_eq!(read(&json(&report)).user_metadata["histogram"], "on");
    let deep = format!(
        r#"{{"type": "hotpath_report", "histogram": {}1{}}}"#,
        r#"{"a":"#.repeat(500),
        "}".repeat(500)
    );
    check_error(&deep, "not a report: nested deeper than 432 levels");
}

#[test]
fn threads_of_0_16_are_read() {
    let report = read(
        r#"{"type": "hotpath_report", "threads": {"current_elapsed_ns": 9, "sample_interval_ms": 250,
            "thread_count": 2, "rss_bytes": "1.5 KB", "alloc_dealloc_diff": "-2 B", "data": [
                {"os_tid": 7, "name": "worker", "status": "Sleeping", "status_code": "S", "cpu_percent": "0.4%",
                 "cpu_percent_max": "99.8%", "cpu_percent_avg": "50.0%", "mem_diff": "-1.5 KB"},
                {"os_tid": 8, "name": "new", "status": "Running", "status_code": "R", "cpu_percent": null,
                 "cpu_percent_max": null, "cpu_percent_avg": null}]}}"#,
    );
    let section = report.section("threads").expect("a section");
    let cell = |row: usize, key: &str| section.cell(&section.rows[row], key).clone();
    assert_eq!(cell(0, "cpu_percent_max"), Value::Load(998));
    assert_eq!(cell(0, "cpu_percent_avg"), Value::Load(500));
    assert_eq!(cell(0, "diff_bytes"), Value::SignedBytes(-1_536));
    assert_eq!((cell(1, "cpu_percent"), cell(1, "cpu_ns")), (Value::Nothing, Value::Nothing));
    let fields: Vec<&Value> = section.fields.iter().map(|(_, value)| value).collect();
    assert_eq!(fields[..4], [&Value::Count(250), &Value::Count(2), &Value::Bytes(1_536), &Value::Nothing]);
    assert_eq!(fields[6], &Value::SignedBytes(-2));
}

fn check_error(text: &str, message: &str) {
    assert_eq!(hotpath_analysis::read_report(text).expect_err(text).to_string(), message);
}

#[test]
fn errors_say_what_and_where() {
    check_error("{", "not JSON: EOF while parsing an object at line 1, column 1");
    check_error("[]", "not a report of hotpath: no \"type\": \"hotpath_report\"");
    check_error(&"[".repeat(100_000), "not a report: nested deeper than 432 levels");
    check_error(r#"{"hotpath_profiling_mode": "timing"}"#, "report has no functions_timing.data");
    check_error(
        r#"{"hotpath_profiling_mode": "timing", "output": {"f": {"calls": "many"}}}"#,
        "functions_timing.data[0].calls: expected a whole number, found \"many\"",
    );
    check_error(
        r#"{"hotpath_profiling_mode": "alloc-bytes-max", "output": {}}"#,
        "functions_alloc.profiling_mode: expected a profiling mode known to this program, found \"alloc-bytes-max\"",
    );
    check_error(
        r#"{"type": "hotpath_report", "schema_version": 2}"#,
        "report has schema_version 2; this program reads 1",
    );
    check_error(
        r#"{"type": "hotpath_report", "functions_timing": {"data": [{"calls": 1}]}}"#,
        "report has no functions_timing.data[0].name",
    );
    check_error(
        r#"{"type": "hotpath_report", "functions_timing": {"data": [{"name": "f", "total": "soon"}]}}"#,
        "functions_timing.data[0].total: expected duration, found \"soon\"",
    );
    check_error(
        r#"{"type": "hotpath_report", "functions_timing": {"data": [{"name": "f", "calls": -1}]}}"#,
        "functions_timing.data[0].calls: expected a whole number, found -1",
    );
    check_error(
        r#"{"type": "hotpath_report", "functions_alloc": {"profiling_mode": "alloc-x", "data": []}}"#,
        "functions_alloc.profiling_mode: expected a profiling mode known to this program, found \"alloc-x\"",
    );
    check_error(
        r#"{"type": "hotpath_report", "functions_alloc": {"scope": "global", "data": []}}"#,
        "functions_alloc.scope: expected a scope known to this program, found \"global\"",
    );
    check_error(
        r#"{"type": "hotpath_report", "functions_alloc": {"data": [{"name": "f", "kept_bytes": "few"}]}}"#,
        "functions_alloc.data[0].kept_bytes: expected a whole number, found \"few\"",
    );
    check_error(
        r#"{"type": "hotpath_report", "functions_timing": {"data": [{"name": "f", "sum_ns": 1, "histogram": [[5, 1], [7]]}]}}"#,
        "functions_timing.data[0].histogram[1]: expected a bucket [lower, count], found [7]",
    );
    check_error(
        r#"{"type": "hotpath_report", "functions_timing": {}}"#,
        "report has no functions_timing.data",
    );
}

fn any_row() -> impl Strategy<Value = FunctionStats> {
    let values = prop::collection::vec(any::<u64>(), 0..5);
    (any::<String>(), any::<u64>(), any::<Option<u64>>(), values).prop_map(
        |(name, calls, total_ns, values)| FunctionStats {
            name,
            calls,
            total_ns,
            ..function(1, "", &values, 7)
        },
    )
}

proptest! {
    #[test]
    fn identity_of_any_timing_report(
        rows in prop::collection::vec(any_row(), 0..6),
        percentiles in prop::collection::vec(0.0..=100.0f64, 0..3),
        limit in 0usize..4,
        per_call_ns in 0.0..1e6f64,
    ) {
        let percentiles: Vec<f64> = percentiles.into_iter().map(|p| (p * 10.0).round() / 10.0).collect();
        let mut report = report(vec![timing(&rows, &percentiles).limited(limit)]);
        if let Some(overhead) = &mut report.overhead {
            overhead.per_call_ns = per_call_ns;
        }
        check_identity(&report);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in r#"[\[\]{}":,a-z0-9. ]{0,80}"#) {
        let _ = hotpath_analysis::read_report(&text);
        let _ = hotpath_analysis::read_report(&format!(r#"{{"type":"hotpath_report","functions_timing":{{"data":[{text}]}}}}"#));
    }
}
