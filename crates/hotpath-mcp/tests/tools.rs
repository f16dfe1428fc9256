//! The answers of the tools, on reports built by hand.

#[path = "../../hotpath-report/tests/fixtures/mod.rs"]
mod fixtures;

use fixtures::{
    acquisitions, estimated, full_report, function, main_row, mutex, mutexes, report, rw_locks, timing,
    tokio_runtimes,
};
use hotpath_mcp::{Server, Source, Sources, Unavailable};
use hotpath_report::{
    ChannelStats, Channels, CpuScope, CpuStats, CpuTotals, FunctionStats, LogDeclaration, Mutexes, Report,
    Spec, Table, TreeNode, functions_cpu,
};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// A running program: each report is the next of a list, the last one stays.
struct Live {
    reports: Mutex<Vec<Report>>,
    session: AtomicU64,
}

impl Live {
    fn of(reports: impl IntoIterator<Item = Report>) -> Server {
        let mut reports: Vec<Report> = reports.into_iter().collect();
        reports.reverse();
        Server::new(Sources::one("live", Self { reports: Mutex::new(reports), session: AtomicU64::new(1) }))
    }
}

impl Source for Live {
    fn report(&self) -> Result<Report, Unavailable> {
        let mut reports = self.reports.lock().unwrap();
        let next = if reports.len() > 1 { reports.pop() } else { reports.last().cloned() };
        next.ok_or_else(|| Unavailable("nothing answers".into()))
    }

    fn log(&self, section: &Spec, _: &LogDeclaration, id: u64) -> Result<Json, Unavailable> {
        let events = |n: usize| (0..n).map(|i| json!({ "index": n - i, "message": "x" })).collect::<Vec<_>>();
        match (section.name, id) {
            ("functions_timing", 1) => {
                Ok(json!({ "function_name": "basic::sync_function", "logs": events(50) }))
            }
            ("channels", 4) => Ok(json!({ "id": "4", "sent_logs": events(30), "received_logs": events(12) })),
            (name, _) => Err(Unavailable(format!("{name} has no row {id}"))),
        }
    }

    fn status(&self) -> Result<Json, Unavailable> {
        let session = self.session.load(Ordering::Relaxed);
        Ok(json!({ "uptime": "1.00 s", "pid": 7, "session": session }))
    }

    fn reset(&self) -> Result<Json, Unavailable> {
        self.session.fetch_add(1, Ordering::Relaxed);
        Ok(json!({ "status": "ok" }))
    }

    fn cpu_snapshot(&self) -> Result<Json, Unavailable> {
        Ok(json!({ "status": "accepted" }))
    }

    fn is_live(&self) -> bool {
        true
    }
}

/// A report in a file.
struct Saved(Report);

impl Source for Saved {
    fn report(&self) -> Result<Report, Unavailable> {
        Ok(self.0.clone())
    }

    fn is_live(&self) -> bool {
        false
    }
}

fn ask(server: &Server, tool: &str, arguments: Json) -> Result<Json, String> {
    let Json::Object(arguments) = arguments else { panic!("arguments are an object") };
    server.answer(tool, &arguments)
}

#[track_caller]
fn reported(server: &Server, tool: &str, arguments: Json) -> Json {
    ask(server, tool, arguments).unwrap_or_else(|problem| panic!("{tool}: {problem}"))
}

#[track_caller]
fn refused(server: &Server, tool: &str, arguments: Json, part: &str) {
    let problem = ask(server, tool, arguments).expect_err("it is refused");
    assert!(problem.contains(part), "{problem}");
}

fn names(answer: &Json, key: &str) -> Vec<String> {
    let rows = answer[key].as_array().unwrap_or_else(|| panic!("{key} in {answer}"));
    rows.iter().map(|row| row["name"].as_str().or(row["label"].as_str()).unwrap().to_owned()).collect()
}

fn channels() -> Table {
    let channel =
        |id, label: &str, sent| ChannelStats { id, label: label.into(), sent, ..ChannelStats::default() };
    Table::of::<Channels>(&[channel(4, "jobs", 30), channel(5, "results", 2)], &(), &[95.0])
}

fn cpu() -> Table {
    let cpu = CpuStats { self_samples: 7, total_samples: Some(9), period_ns: Some(1_000_000) };
    let load = FunctionStats { cpu: Some(cpu), ..function(1, "app::load", &[9_000_000], 9_000_000) };
    let totals = CpuTotals {
        total_samples: 9,
        attributed_samples: 9,
        period_ns: Some(1_000_000),
        polls: Some(9),
        longest_step_ns: Some(1_000_000),
        process_cpu_ns: Some(10_000_000),
    };
    functions_cpu(&[load], &totals, CpuScope::Exclusive)
}

/// Every section there is.
fn everything() -> Report {
    let mut report = full_report();
    report.sections.extend([mutexes(), rw_locks(), tokio_runtimes(), channels(), cpu()]);
    report
}

/// Functions `app::module::f0` and so on; the first takes the most time.
fn many(count: u32) -> Report {
    let work = |i: u32| {
        let ns = u64::from(count - i) * 1_000;
        function(i + 1, &format!("app::module::f{i}"), &[ns; 3], ns * 3)
    };
    let mut rows: Vec<FunctionStats> = (0..count).map(work).collect();
    rows.push(main_row(900_000_000));
    report(vec![timing(&rows, &[50.0, 95.0])])
}

/// A program of one function that was called so often.
fn calls(duration_ns: u64, calls: usize) -> Report {
    let total_ns = 1_000_000 * calls as u64;
    let rows = [function(1, "app::work", &vec![1_000_000; calls], total_ns)];
    let call_tree = vec![TreeNode {
        name: "app::work".into(),
        calls: calls as u64,
        total_ns,
        self_ns: total_ns,
        ..TreeNode::default()
    }];
    Report { duration_ns, call_tree, ..report(vec![timing(&rows, &[95.0])]) }
}

#[test]
fn every_documented_tool_exists() {
    let server = Live::of([everything()]);
    let there: BTreeSet<&str> = server.tool_names().collect();
    let promised = "functions_timing functions_alloc channels streams futures threads gauges dbg_entries val_entries \
        tokio_runtime profiler_status function_timing_logs function_alloc_logs channel_logs stream_logs future_logs gauge_logs \
        dbg_logs val_logs rw_locks mutexes functions_cpu functions_cpu_snapshot overview \
        explain_function call_tree compare mark wait reset";
    for name in promised.split_whitespace() {
        assert!(there.contains(name), "{name} in {there:?}");
    }
}

#[test]
fn every_section_answers_within_its_limit() {
    let server = Live::of([everything()]);
    let others = ["compare", "reset", "mark", "profiler_status", "functions_cpu_snapshot"];
    for name in server.tool_names().filter(|name| !name.ends_with("_logs") && !others.contains(name)) {
        let usual = if name == "explain_function" { json!({ "function": 1 }) } else { json!({}) };
        assert!(reported(&server, name, usual.clone()).to_string().len() <= 25_000, "{name}");
        let mut tight = usual;
        tight["max_bytes"] = json!(4_000);
        let answer = reported(&server, name, tight).to_string();
        assert!(answer.len() <= 4_000, "{name}: {}", answer.len());
    }
}

#[test]
fn pages_show_every_row_once() {
    let server = Live::of([many(300)]);
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let mut arguments = json!({ "limit": 1000, "max_bytes": 6_000, "sort": "calls", "order": "asc" });
        if let Some(cursor) = &cursor {
            arguments["cursor"] = json!(cursor);
        }
        let answer = reported(&server, "functions_timing", arguments);
        assert!(answer.to_string().len() <= 6_000);
        let page = names(&answer, "data");
        assert_eq!(answer["included_count"], page.len());
        assert_eq!(answer["omitted_count"].as_u64().unwrap() as usize, 301 - page.len());
        seen.extend(page);
        match answer["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(seen.len(), 301);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 301);
}

#[test]
fn without_a_limit_there_are_twenty_rows_and_the_rest_is_counted() {
    let answer = reported(&Live::of([many(300)]), "functions_timing", json!({}));
    assert_eq!(answer["included_count"], 20);
    assert_eq!(answer["omitted_count"], 281);
    assert_eq!(answer["next_cursor"], "20");
    assert_eq!(answer["total_count"], 301);
}

#[test]
fn rows_are_sorted_filtered_and_cut_to_columns() {
    let server = Live::of([many(30)]);
    let asked = json!({ "sort": "self_ns", "order": "asc", "filter": "MODULE::F2", "limit": 2 });
    let answer = reported(&server, "functions_timing", asked);
    assert_eq!(names(&answer, "data"), ["app::module::f29", "app::module::f28"]);
    assert_eq!((answer["matching_count"].as_u64(), answer["total_count"].as_u64()), (Some(11), Some(31)));
    let asked = json!({ "columns": ["calls", "p95_ns"], "limit": 1, "filter": "f0" });
    let answer = reported(&server, "functions_timing", asked);
    let row = answer["data"][0].as_object().unwrap();
    assert_eq!(row.keys().collect::<Vec<_>>(), ["calls", "coverage", "name", "p95_ns"]);
    let everything = reported(&server, "functions_timing", json!({ "limit": 1 }));
    assert!(everything["data"][0].get("histogram").is_none(), "histograms are not for agents");
    let refused = |arguments, part| refused(&server, "functions_timing", arguments, part);
    refused(json!({ "sort": "selfns" }), "Did you mean `self_ns`?");
    refused(json!({ "sort": "p99.9_ns" }), "Unknown `functions_timing` column `p99.9_ns`");
    refused(json!({ "limit": 1_000_000 }), "from 1 to 1000");
    refused(json!({ "limit": "many" }), "Invalid `limit`: expected an integer");
    refused(json!({ "cursor": "next" }), "next_cursor");
}

#[test]
fn rows_have_formatted_texts_and_numbers() {
    let answer =
        reported(&Live::of([everything()]), "functions_timing", json!({ "filter": "sync_function" }));
    let row = &answer["data"][0];
    assert_eq!((row["total"].as_str(), row["total_ns"].as_u64()), (Some("68.42 µs"), Some(68_420)));
    assert_eq!(row["id"], 1);
}

#[test]
fn values_are_three_tools_by_macro() {
    let server = Live::of([everything()]);
    for (tool, kind) in [("gauges", "gauge"), ("dbg_entries", "dbg"), ("val_entries", "val")] {
        let answer = reported(&server, tool, json!({}));
        let entries = answer["entries"].as_array().unwrap();
        assert!(!entries.is_empty(), "{tool}");
        assert!(entries.iter().all(|entry| entry["entry_type"] == kind), "{tool}");
        assert_eq!(answer["total_count"].as_u64().unwrap() as usize, entries.len());
    }
}

#[test]
fn coverage_distinguishes_samples_from_exact_counts() {
    let server = Live::of([everything()]);
    let coverage =
        |tool: &str| reported(&server, tool, json!({ "limit": 1 }))["coverage"].as_str().unwrap().to_owned();
    assert!(coverage("functions_timing").contains("sample of 10 %"));
    assert!(coverage("streams").contains("sample of 25 %"));
    assert!(coverage("threads").contains("polled every"));
    let sampled = reported(&server, "functions_timing", json!({ "filter": "sync_function" }));
    assert_eq!(sampled["data"][0]["coverage"], "sampled: durations n=3");
    let exact = reported(&Live::of([many(1)]), "functions_timing", json!({ "filter": "f0" }));
    assert!(exact["coverage"].as_str().unwrap().starts_with("exact"));
    assert_eq!(exact["data"][0]["coverage"], "exact: durations n=3");
    let rows = [main_row(900_000_000), estimated(), function(1, "app::f", &[5, 6], 11)];
    let server = Live::of([report(vec![timing(&rows, &[95.0])])]);
    let estimates = reported(&server, "functions_timing", json!({ "columns": ["total_se_ns"] }));
    assert!(
        estimates["coverage"].as_str().unwrap().contains("times of 1 of 3 rows are estimates"),
        "{estimates}"
    );
    assert_eq!(estimates["data"][1]["coverage"], "sampled: durations n=3");
    let overview = reported(&server, "overview", json!({}));
    assert_eq!(overview["hot_functions"][0]["self"], "~24.00 µs", "{overview}");
}

#[test]
fn a_missing_section_is_reported_with_the_available_ones() {
    let server = Live::of([many(1)]);
    refused(&server, "channels", json!({}), "has no section `channels`");
    refused(&server, "channels", json!({}), "Available sections: `functions_timing`");
}

#[test]
fn functions_are_found_by_id_name_and_path_suffix() {
    let rows =
        [(1, "a::load"), (2, "b::load"), (3, "b::parse")].map(|(id, name)| function(id, name, &[10], 10));
    let server = Live::of([report(vec![timing(&rows, &[])])]);
    let name = |id: Json| reported(&server, "explain_function", json!({ "function": id }))["name"].clone();
    assert_eq!(name(json!(3)), "b::parse");
    assert_eq!(name(json!("2")), "b::load");
    assert_eq!(name(json!("a::load")), "a::load");
    assert_eq!(name(json!("parse")), "b::parse");
    let refused = |id: Json, part| refused(&server, "explain_function", json!({ "function": id }), part);
    refused(json!("load"), "`load` is ambiguous: it matches 2 rows of `functions_timing`");
    refused(json!("load"), "1 = `a::load`, 2 = `b::load`");
    refused(json!("b::prase"), "Did you mean `b::parse`?");
    refused(json!("prse"), "Did you mean `b::parse`?");
    refused(json!("arse"), "Available: `b::parse`.");
    refused(json!(9), "Available: `1`, `2`, `3`.");
    refused(json!(null), "requires the parameter `function`");
}

#[test]
fn a_function_is_explained_with_its_neighbours() {
    let mut report = everything();
    report.sections.retain(|section| section.spec.name != "mutexes");
    let table = mutex("table", acquisitions(&[0, 5_000], &[10, 20], Some("basic::api::fetch")));
    report.sections.push(Table::of::<Mutexes>(&[table], &(), &[95.0]));
    let answer = reported(&Live::of([report]), "explain_function", json!({ "function": "fetch" }));
    assert_eq!(answer["name"], "basic::api::fetch");
    assert_eq!(answer["source"], "src/main.rs:13");
    assert_eq!(names(&answer, "callers"), ["basic::main"]);
    assert_eq!(names(&answer, "callees"), ["basic::net::read", "basic::net::parse"]);
    assert_eq!(answer["paths"][0]["path"], json!(["basic::main"]));
    assert_eq!(answer["timing"]["busy_ns"], 1_000_000);
    assert_eq!(answer["locks_held"][0]["lock"], "table");
}

#[test]
fn recent_calls_are_found_by_id_string_and_name() {
    let server = Live::of([everything()]);
    for id in [
        json!(1),
        json!("1"),
        json!(1.0),
        json!("1.0"),
        json!("sync_function"),
        json!("basic::sync_function"),
    ] {
        let answer = reported(&server, "function_timing_logs", json!({ "function_id": id, "limit": 3.0 }));
        assert_eq!(answer["logs"].as_array().unwrap().len(), 3);
        assert_eq!((answer["omitted_count"].as_u64(), answer["next_cursor"].as_str()), (Some(47), Some("3")));
        assert_eq!(answer["name"], "basic::sync_function");
    }
    let log = |arguments| reported(&server, "channel_logs", arguments);
    let channel = log(json!({ "channel_id": "jobs", "limit": 20 }));
    assert_eq!(channel["sent_logs"].as_array().unwrap().len(), 20);
    assert_eq!(channel["received_logs"].as_array().unwrap().len(), 12);
    assert_eq!(channel["next_cursor"], "20");
    let rest = log(json!({ "channel_id": "jobs", "limit": 20, "cursor": "20" }));
    assert_eq!((rest["sent_logs"].as_array().unwrap().len(), rest["next_cursor"].as_str()), (10, None));
    refused(&server, "channel_logs", json!({ "channel_id": "jobz" }), "Did you mean `jobs`?");
    refused(&server, "gauge_logs", json!({ "gauge_id": "nothing of that name" }), "Unknown value");
}

#[test]
fn an_invalid_id_is_reported_with_the_ids_and_an_invalid_limit_with_the_range() {
    let server = Live::of([everything()]);
    for wrong in [json!(-1), json!(1e30), json!(3.5), json!("-1"), json!("3.5"), json!(99), json!("99")] {
        let printed = wrong.as_str().map_or_else(|| wrong.to_string(), str::to_owned);
        let problem = ask(&server, "channel_logs", json!({ "channel_id": wrong })).expect_err("no such id");
        let sentence = format!("Unknown `channels` row id `{printed}`. Available: `4`, `5`.");
        assert_eq!(problem, sentence);
    }
    for wrong in [json!(-1), json!(1e30), json!(3.5), json!("3.5")] {
        let part = "Invalid `limit`: expected an integer from 1 to 1000, found `";
        refused(&server, "channel_logs", json!({ "channel_id": 4, "limit": wrong }), part);
    }
    let empty = Table::of::<Channels>(&[], &(), &[95.0]);
    let server = Live::of([report(vec![empty])]);
    let problem = ask(&server, "channel_logs", json!({ "channel_id": 4 })).expect_err("there is none");
    assert_eq!(problem, "Unknown `channels` row id `4`. None available yet.");
}

#[test]
fn light_nodes_of_the_call_tree_are_omitted() {
    let children = (0..500).map(|i| TreeNode {
        name: format!("app::callee_with_a_rather_long_name_{i}"),
        calls: 1,
        total_ns: 1_000 - i,
        self_ns: 1_000 - i,
        ..TreeNode::default()
    });
    let children = children.collect();
    let root =
        TreeNode { name: "main".into(), calls: 1, total_ns: 1_000_000, children, ..TreeNode::default() };
    let server = Live::of([Report { call_tree: vec![root], ..many(1) }]);
    let answer = reported(&server, "call_tree", json!({ "min_percent": 0 }));
    assert_eq!((answer["included_nodes"].as_u64(), answer["omitted_nodes"].as_u64()), (Some(60), Some(441)));
    let top = &answer["call_tree"][0];
    assert_eq!(top["omitted_children"], 441);
    assert_eq!(top["omitted_weight"].as_u64().unwrap(), (59..500).map(|i| 1_000 - i).sum::<u64>());
    let tight =
        reported(&server, "call_tree", json!({ "min_percent": 0, "limit": 1000, "max_bytes": 4_000 }));
    assert!(tight.to_string().len() <= 4_000);
    refused(&server, "call_tree", json!({ "by": "bytes" }), "no bytes in its call tree");
    refused(&server, "call_tree", json!({ "root": "mai" }), "Did you mean `main`?");
    refused(&server, "call_tree", json!({ "depth": 0 }), "from 1 to 100");
}

#[test]
fn a_mark_starts_a_window_and_resets_nothing() {
    let server = Live::of([calls(1_000_000_000, 10), calls(3_000_000_000, 50)]);
    let mark = reported(&server, "mark", json!({ "name": "start" }));
    assert_eq!((mark["mark"].as_str(), mark["at_ns"].as_u64()), (Some("start"), Some(1_000_000_000)));
    let since = reported(&server, "functions_timing", json!({ "since": "start" }));
    assert_eq!(since["data"][0]["calls"], 40);
    assert_eq!(since["data"][0]["max_ns"], Json::Null, "the largest value of a window is not known");
    assert_eq!(since["total_elapsed_ns"], 2_000_000_000);
    let tree = reported(&server, "call_tree", json!({ "since": "start" }));
    assert_eq!(tree["call_tree"][0]["calls"], 40);
    let whole = reported(&server, "functions_timing", json!({}));
    assert_eq!(whole["data"][0]["calls"], 50);
    refused(&server, "functions_timing", json!({ "since": "stat" }), "Did you mean `start`?");
}

#[test]
fn the_waiting_time_is_limited() {
    let server = Live::of([calls(1_000_000_000, 10)]);
    let answer = reported(&server, "wait", json!({ "seconds": 0.01 }));
    assert_eq!(answer["duration_ns"], 0, "without a protocol nothing is waited for");
    refused(
        &server,
        "wait",
        json!({ "seconds": 1e9 }),
        "Invalid `seconds`: expected a number from 0.01 to 50",
    );
    refused(&server, "wait", json!({ "seconds": "soon" }), "Invalid `seconds`: expected a number");
}

#[test]
fn a_reset_invalidates_earlier_marks() {
    let server = Live::of([calls(1_000_000_000, 10), calls(3_000_000_000, 50)]);
    reported(&server, "mark", json!({ "name": "start" }));
    assert_eq!(reported(&server, "reset", json!({}))["status"], "ok");
    refused(&server, "overview", json!({ "since": "start" }), "counts restarted after the mark `start`");
    let compared = reported(&server, "compare", json!({}));
    assert!(compared["after"]["what"].as_str().unwrap().contains("reset since the mark"));
}

#[test]
fn marks_are_limited_and_the_oldest_is_dropped() {
    let server = Live::of([calls(1, 1)]);
    let marks: Vec<Json> = (0..9).map(|_| reported(&server, "mark", json!({}))).collect();
    assert_eq!(marks[7]["marks"].as_array().unwrap().len(), 8);
    assert_eq!(marks[7]["forgotten"], Json::Null);
    assert_eq!(marks[8]["forgotten"], "mark-1");
    refused(&server, "mark", json!({ "name": "x".repeat(1_000) }), "1 to 100 bytes");
}

#[test]
fn the_times_before_and_after_a_mark_are_compared_per_second() {
    let server = Live::of([calls(1_000_000_000, 10), calls(3_000_000_000, 50)]);
    reported(&server, "mark", json!({ "name": "change" }));
    let answer = reported(&server, "compare", json!({ "before": "change" }));
    let duration = |side: &str| answer[side]["duration_ns"].as_u64();
    assert_eq!((duration("before"), duration("after")), (Some(1_000_000_000), Some(2_000_000_000)));
    let calls = &answer["rows"][0]["measures"]["calls_per_s"];
    assert_eq!(*calls, json!({ "before": 10.0, "after": 20.0, "change_percent": 100.0 }));
}

#[test]
fn two_saved_reports_are_compared_with_added_and_removed_rows() {
    let of = |rows: [(&str, u64); 2]| {
        let rows = rows.map(|(name, ns)| function(1, name, &[ns], ns));
        report(vec![timing(&rows, &[])])
    };
    let (old, new) = (of([("app::a", 100), ("app::gone", 9)]), of([("app::a", 300), ("app::new", 5)]));
    let server = Server::new(Sources::one("base", Saved(old)).and("head", Saved(new)));
    for arguments in [json!({}), json!({ "before": "base", "after": "head" })] {
        let answer = reported(&server, "compare", arguments);
        let rows = answer["rows"].as_array().unwrap();
        let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
        assert_eq!(rows[0]["name"], "app::a", "the largest change first");
        let measure = &row("app::a")["measures"]["avg_ns"];
        assert_eq!(*measure, json!({ "before": 100.0, "after": 300.0, "change_percent": 200.0 }));
        assert_eq!(row("app::gone")["status"], "removed");
        assert_eq!(row("app::new")["status"], "added");
        assert_eq!(row("app::new")["measures"]["avg_ns"]["before"], Json::Null);
    }
    let head = reported(&server, "functions_timing", json!({ "source": "head" }));
    assert_eq!(names(&head, "data")[1], "app::new");
    refused(&server, "compare", json!({ "before": "bas" }), "Did you mean `base`?");
    refused(&server, "overview", json!({ "source": "live" }), "Available: `base`, `head`.");
}

#[test]
fn two_reports_without_a_row_in_common_are_not_compared() {
    let of = |name: &str| report(vec![timing(&[function(1, name, &[100], 100)], &[])]);
    let server = Server::new(Sources::one("base", Saved(of("app::a"))).and("head", Saved(of("tool::b"))));
    let answer = reported(&server, "compare", json!({}));
    let note = answer["note"].as_str().expect("a note");
    assert!(note.starts_with("Nothing was compared: the sides have no row of `functions_timing`"), "{note}");
    let server = Server::new(Sources::one("base", Saved(of("app::a"))).and("head", Saved(of("app::a"))));
    assert_eq!(reported(&server, "compare", json!({}))["note"], Json::Null);
}

#[test]
fn a_saved_report_refuses_tools_of_a_running_program() {
    let server = Server::new(Sources::one("old", Saved(everything())));
    for (tool, arguments) in [
        ("reset", json!({})),
        ("wait", json!({})),
        ("profiler_status", json!({})),
        ("function_timing_logs", json!({ "function_id": 1 })),
    ] {
        refused(&server, tool, arguments, "`old` is a saved report");
    }
    let explained = reported(&server, "explain_function", json!({ "function": 1 }));
    assert_eq!(explained.get("recent_calls"), None);
}

#[test]
fn sources_of_one_name_are_numbered() {
    let server = Server::new(Sources::one("run", Saved(calls(1, 1))).and("run", Saved(calls(1, 2))));
    let second = reported(&server, "functions_timing", json!({ "source": "run-2" }));
    assert_eq!(second["data"][0]["calls"], 2);
}

#[test]
fn an_overview_starts_with_the_largest_finding() {
    let answer = reported(&Live::of([calls(1_000_000_000, 900)]), "overview", json!({}));
    assert_eq!(answer["findings"][0]["subject"], "app::work");
    assert!(answer["summary"].as_str().unwrap().contains("app::work"), "{}", answer["summary"]);
    assert_eq!(answer["hot_functions"][0]["name"], "app::work");
    assert_eq!(answer["hot_functions"][0]["source"], "src/main.rs:11");
}

#[test]
fn an_empty_report_says_what_to_do() {
    let server = Live::of([Report::default()]);
    let answer = reported(&server, "overview", json!({}));
    assert!(answer["summary"].as_str().unwrap().contains("#[hotpath::measure]"));
    refused(&server, "functions_timing", json!({}), "Available sections: none");
    assert_eq!(reported(&server, "call_tree", json!({}))["included_nodes"], 0);
}

#[test]
fn an_unknown_tool_is_reported_with_the_nearest_one() {
    refused(&Live::of([calls(1, 1)]), "overveiw", json!({}), "Did you mean `overview`?");
}

#[test]
fn hostile_names_do_not_exceed_the_limit() {
    let name = format!("evil::<{}>\"\\\n\u{202e}", "é".repeat(50_000));
    let rows = [function(1, &name, &[500_000_000], 500_000_000)];
    let call_tree =
        vec![TreeNode { name: name.clone(), calls: 1, total_ns: 500_000_000, ..TreeNode::default() }];
    let server = Live::of([Report { call_tree, ..report(vec![timing(&rows, &[])]) }]);
    for (tool, arguments) in [
        ("overview", json!({})),
        ("functions_timing", json!({})),
        ("call_tree", json!({})),
        ("explain_function", json!({ "function": 1 })),
    ] {
        let mut tight = arguments.clone();
        tight["max_bytes"] = json!(4_000);
        assert!(reported(&server, tool, arguments).to_string().len() <= 25_000, "{tool}");
        assert!(reported(&server, tool, tight).to_string().len() <= 4_000, "{tool}");
    }
    for asked in [json!({ "function": name.repeat(3) }), json!({ "function": "evil" })] {
        let problem = ask(&server, "explain_function", asked).expect_err("it is refused");
        assert!(problem.len() < 10_000, "a name is not repeated as a whole: {}", problem.len());
    }
}

fn anything() -> impl Strategy<Value = Json> {
    prop_oneof![
        any::<i64>().prop_map(|n| json!(n)),
        any::<f64>().prop_map(|n| json!(n)),
        "[a-z_:0-9]{0,12}".prop_map(|s| json!(s)),
        Just(json!(null)),
        Just(json!([1, "calls"])),
        Just(json!({ "a": 1 })),
        Just(json!("calls")),
        Just(json!("f0")),
        (1..200u64).prop_map(|n| json!(n)),
    ]
}

const KEYS: [&str; 16] = [
    "limit",
    "cursor",
    "sort",
    "order",
    "filter",
    "columns",
    "since",
    "source",
    "max_bytes",
    "function",
    "by",
    "root",
    "depth",
    "min_percent",
    "before",
    "function_id",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is asked, the answer is within its bound or a sentence.
    #[test]
    fn any_call_is_answered(
        tool in 0..40usize,
        given in prop::collection::vec((0..KEYS.len(), anything()), 0..5),
    ) {
        let server = Live::of([everything()]);
        let tools: Vec<&str> = server.tool_names().collect();
        let tool = tools[tool % tools.len()];
        let arguments: Map<String, Json> =
            given.into_iter().map(|(key, value)| (KEYS[key].to_owned(), value)).collect();
        let bound = arguments.get("max_bytes").and_then(Json::as_u64).unwrap_or(25_000).max(4_000);
        match server.answer(tool, &arguments) {
            Ok(answer) => prop_assert!(answer.to_string().len() as u64 <= bound && answer.is_object()),
            Err(problem) => prop_assert!(problem.len() > 10 && problem.len() < 5_000, "{}", problem),
        }
    }
}
