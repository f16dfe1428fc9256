//! What a program with channels prints: in a session's report, and by guards of 0.7.

use crate::common::{self, Run, run, run_plain};

const CHANNELS: &str = env!("CARGO_BIN_EXE_channels");

/// The cells of the rows whose first is this label, in order of printing.
fn rows(run: &Run, label: &str) -> Vec<Vec<String>> {
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    run.stdout.lines().map(cells).filter(|cells| cells.get(1).is_some_and(|first| first == label)).collect()
}

fn counted(run: &Run) -> Vec<(String, String)> {
    rows(run, "task-queue").iter().map(|cells| (cells[4].clone(), cells[5].clone())).collect()
}

fn count(sent: &str, received: &str) -> (String, String) {
    (sent.to_owned(), received.to_owned())
}

#[test]
fn a_report_has_them_when_there_are_any() {
    let run = run_plain(CHANNELS, &[], &[]);
    assert!(run.stdout.contains("channels - Channel throughput statistics."), "{run:#?}");
    let header = rows(&run, "Channel").remove(0);
    assert_eq!(header[1..6], ["Channel", "Type", "State", "Sent", "Received"]);
    let queue = rows(&run, "task-queue").remove(0);
    assert_eq!(queue[2..6], ["unbounded", "closed", "5", "2"]);
    assert!(run.stdout.contains("| bounded[3] | closed | 0 "), "{run:#?}");
}

#[test]
fn a_limit_and_a_sampling_rate_are_the_channels_own() {
    let settings = [("HOTPATH_CHANNELS_LIMIT", "1"), ("HOTPATH_CHANNELS_TIME_SAMPLING_RATE", "0")];
    let report = common::run(CHANNELS, &[], &settings).report();
    let section = &report["channels"];
    assert_eq!((&section["total_count"], &section["included_count"]), (&2.into(), &1.into()));
    let row = &section["data"][0];
    assert_eq!((&row["sent_count"], &row["received_count"]), (&5.into(), &2.into()));
    assert_eq!((&row["delay_sampled_count"], row["delay_avg_ns"].is_null()), (&0.into(), true));
}

#[test]
fn a_guard_alone_prints_its_table_as_0_7_did() {
    let run = run_plain(CHANNELS, &["alone"], &[]);
    let title = run.stdout.lines().next().unwrap_or_default();
    assert!(title.starts_with("=== Channel Statistics (runtime: ") && title.ends_with("s) ==="), "{run:#?}");
    assert_eq!(counted(&run), [count("5", "2")]);
    assert!(!run.stdout.contains("[hotpath]") && run.stderr.is_empty(), "{run:#?}");
}

#[test]
fn a_guard_prints_json() {
    let run = run_plain(CHANNELS, &["json"], &[]);
    let report = &run.reports()[0];
    assert_eq!(report["channels"]["data"][0]["sent_count"], 5);
    assert!(report.get("functions_timing").is_none(), "{report:#}");
    assert_eq!(run_plain(CHANNELS, &["json"], &[("HOTPATH_OUTPUT_FORMAT", "none")]).stdout, "");
}

#[test]
fn a_guard_prints_when_the_program_exits() {
    let run = run_plain(CHANNELS, &["exit"], &[]);
    assert_eq!((run.status.code(), counted(&run)), (Some(3), vec![count("5", "2")]), "{run:#?}");
}

#[test]
fn a_guard_inside_a_session_prints_beside_its_report() {
    let run = run_plain(CHANNELS, &["inside"], &[]);
    assert_eq!(counted(&run), [count("5", "2"), count("5", "2")], "{run:#?}");
    assert!(run.stdout.find("=== Channel") < run.stdout.find("[hotpath]"), "{run:#?}");
}

#[test]
fn a_session_inside_a_guard_counts_on_its_own_and_nothing_is_lost() {
    let run = run_plain(CHANNELS, &["around"], &[]);
    // The session's report, then what the guard saw before it and during it.
    assert_eq!(counted(&run), [count("5", "2"), count("4", "2"), count("5", "2")], "{run:#?}");
    assert!(run.stderr.is_empty(), "{run:#?}");
}

#[test]
fn two_guards_one_after_the_other_each_tell_their_own() {
    assert_eq!(counted(&run_plain(CHANNELS, &["twice"], &[])), [count("5", "2"), count("5", "2")]);
    assert_eq!(run(CHANNELS, &["twice"], &[]).reports().len(), 2);
}
