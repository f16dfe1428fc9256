//! The threads section of whole programs, and its settings.
#![cfg(target_os = "linux")]

use crate::common::{self, Run, run, run_plain};
use serde_json::Value;

const THREADS: &str = env!("CARGO_BIN_EXE_threads");

fn shown(settings: &[(&str, &str)]) -> Vec<Value> {
    let report = run(THREADS, &[], settings).report();
    report["threads"]["data"].as_array().expect("threads").clone()
}

fn names(rows: &[Value]) -> Vec<&str> {
    rows.iter().filter_map(|row| row["name"].as_str()).collect()
}

#[track_caller]
fn assert_quiet(run: &Run, sampler: bool) {
    assert_eq!(run.own_lines(), [format!("sampler {sampler}").as_str(), "done"]);
    assert_eq!((run.status.code(), run.stderr.as_str()), (Some(0), ""), "{run:#?}");
}

#[test]
fn a_program_shorter_than_the_interval_has_numbers() {
    let run = run(THREADS, &[], &[("HOTPATH_THREADS_LIMIT", "0")]);
    assert_quiet(&run, true);
    let report = run.report();
    let list = &report["threads"];
    let rows = list["data"].as_array().expect("threads");
    assert_eq!((list["thread_count"].as_u64(), list["total_count"].as_u64()), (Some(1), Some(8)), "{list:#}");
    let main = rows.iter().find(|row| row["name"] == "threads").expect("the main thread");
    assert!(main["cpu_ns"].as_u64() > Some(0) && main["cpu_percent_avg"].is_string(), "{main:#}");
    assert_eq!(main["ended"], false);
    let workers: Vec<_> = rows.iter().filter(|row| row["ended"] == true).collect();
    let mut found: Vec<_> = workers.iter().filter_map(|row| row["name"].as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, (0..7).map(|n| format!("a-worker-with-a-long-name-{n}")).collect::<Vec<_>>());
    assert!(workers.iter().all(|row| row["cpu_ns"].as_u64() > Some(0)), "{list:#}");
}

#[test]
fn a_thread_that_measures_nothing_is_seen_between_two_reports() {
    let settings = [("HOTPATH_THREADS_INTERVAL_MS", "1"), ("HOTPATH_THREADS_LIMIT", "0")];
    let run = run(THREADS, &["unmeasured"], &settings);
    assert_quiet(&run, true);
    let report = run.report();
    let rows = report["threads"]["data"].as_array().expect("threads");
    let row = rows.iter().find(|row| row["name"] == "passes by").expect("it was seen");
    assert_eq!((row["ended"].as_bool(), row["status"].as_str()), (Some(true), Some("Ended")));
    assert!(row["cpu_ns"].as_u64() > Some(0) && row["lifetime_ns"].as_u64() > Some(0), "{row:#}");
}

#[test]
fn five_rows_unless_asked_for_more() {
    assert_eq!(shown(&[]).len(), 5);
    assert_eq!(shown(&[("HOTPATH_THREADS_LIMIT", "2"), ("HOTPATH_LIMIT", "3")]).len(), 2);
    assert_eq!(shown(&[("HOTPATH_LIMIT", "3")]).len(), 3);
}

#[test]
fn our_own_threads_on_request() {
    let all = ("HOTPATH_THREADS_LIMIT", "0");
    let hidden = shown(&[all]);
    assert!(names(&hidden).iter().all(|name| !name.starts_with("hp-")), "{hidden:#?}");
    let rows = shown(&[all, ("HOTPATH_SHOW_INTERNAL_THREADS", "true")]);
    assert!(names(&rows).contains(&"hp-threads") && rows.len() > hidden.len(), "{rows:#?}");
}

#[test]
fn the_table_has_threads_below_functions() {
    let run = run_plain(THREADS, &[], &[("HOTPATH_THREADS_LIMIT", "0")]);
    assert!(run.stdout.contains("[hotpath] ") && run.stdout.contains(" | timing, threads\n"), "{run:#?}");
    let section = run.stdout.split_once("\nthreads - ").expect("threads").1;
    let lines: Vec<&str> = section.lines().collect();
    assert!(lines[1].starts_with("RSS: ") && lines[1].contains(", Max RSS: "), "{lines:?}");
    let header: Vec<&str> = lines[3].split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
    assert_eq!(header, ["Thread", "Status", "CPU%", "Max%", "Avg%", "CPU time", "Lifetime"]);
    assert!(section.contains("| a-worker-with-a-long-name-3 | Ended "), "{section}");
}

#[test]
fn threads_alone() {
    let run = run_plain(THREADS, &[], &[("HOTPATH_REPORT", "threads")]);
    assert!(run.stdout.contains(" | threads\n\nthreads - "), "{run:#?}");
    assert!(!run.stdout.contains("timing") && !run.stdout.contains("note:"), "{run:#?}");
}

#[test]
fn without_the_section_nobody_looks() {
    for spec in ["-threads", "functions-timing"] {
        let run = run(THREADS, &["after"], &[("HOTPATH_REPORT", spec)]);
        assert_quiet(&run, false);
        assert!(run.report().get("threads").is_none());
    }
}

#[test]
fn the_session_ends_without_waiting_for_the_interval() {
    for name in ["HOTPATH_THREADS_INTERVAL_MS", "HOTPATH_THREADS_INTERVAL"] {
        let run = run(THREADS, &["after"], &[(name, "86400000")]);
        assert_quiet(&run, true);
        assert_eq!(run.report()["threads"]["sample_interval_ms"], 86_400_000);
    }
}

#[test]
fn without_proc_the_report_says_why_there_are_no_threads() {
    // A place in which `/proc` is empty; not every system lets a user have one.
    let place = |line: &str| {
        let mut unshare = common::command("unshare");
        unshare.args(["--map-root-user", "--mount", "sh", "-c", line]).env("HOTPATH_OUTPUT_FORMAT", "json");
        unshare
    };
    const EMPTY: &str = "mount -t tmpfs none /proc";
    if !place(EMPTY).output().is_ok_and(|ended| ended.status.success()) {
        return;
    }
    let run = common::ended(&mut place(&format!("{EMPTY} && exec {}", env!("CARGO_BIN_EXE_sections"))));
    let notes = run.report()["notes"].to_string();
    assert!(notes.contains("cannot list the threads: /proc/self/task: "), "{notes}");
    assert_eq!(run.stderr, "", "{run:#?}");
}
