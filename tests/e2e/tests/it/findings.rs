//! What stands out in programs whose bottleneck is known.

use crate::common::{Running, command, run, run_plain};
use serde_json::Value;

const CPU_BOUND: &str = env!("CARGO_BIN_EXE_cpu_bound");
const LOCK_BOUND: &str = env!("CARGO_BIN_EXE_lock_bound");
const CHANNEL_BOUND: &str = env!("CARGO_BIN_EXE_channel_bound");

/// Rule and subject of the first finding.
#[track_caller]
fn first(report: &Value) -> (&str, &str) {
    let finding = &report["findings"][0];
    let text = |key: &str| finding[key].as_str().unwrap_or_else(|| panic!("no finding in {report:#}"));
    (text("id"), text("subject"))
}

#[test]
fn a_function_that_computes_is_named_first() {
    let report = run(CPU_BOUND, &[], &[]).report();
    assert_eq!(first(&report), ("hot-self-time", "cpu_bound::score"), "{report:#}");
    let source = &report["findings"][0]["source"];
    assert!(source["file"].as_str().is_some_and(|file| file.ends_with("cpu_bound.rs")), "{source}");
}

#[test]
fn a_lock_is_named_first_with_who_holds_it() {
    let report = run(LOCK_BOUND, &[], &[]).report();
    assert_eq!(first(&report), ("lock-convoy", "ledger"), "{report:#}");
    let title = report["findings"][0]["title"].as_str().unwrap_or_default();
    assert!(title.ends_with("mostly while lock_bound::settle held it"), "{title}");
}

#[test]
fn a_channel_is_named_first() {
    let report = run(CHANNEL_BOUND, &[], &[]).report();
    assert_eq!(first(&report), ("slow-consumer", "jobs"), "{report:#}");
}

#[test]
fn the_table_ends_with_them_unless_they_are_turned_off() {
    let run = run_plain(LOCK_BOUND, &[], &[]);
    let (_, block) = run.stdout.split_once("\nFindings\n").unwrap_or_else(|| panic!("{run:#?}"));
    assert!(block.starts_with("  mutex ledger: ") && block.contains("lock_bound.rs:"), "{block}");
    assert!(block.lines().count() <= 5, "{block}");
    let off = run_plain(LOCK_BOUND, &[], &[("HOTPATH_FINDINGS", "false")]);
    assert!(off.stdout.contains("mutexes") && !off.stdout.contains("Findings"), "{off:#?}");
}

#[test]
fn a_program_that_only_starts_has_none() {
    let report = run(env!("CARGO_BIN_EXE_channels"), &[], &[]).report();
    assert_eq!(report.get("findings"), None, "{report:#}");
}

#[test]
fn somebody_may_look_while_it_runs() {
    let mut running = Running::start(command(CPU_BOUND).arg("serve").env("HOTPATH_OUTPUT_FORMAT", "json"));
    running.line();
    assert_eq!(first(&running.end().report()), ("hot-self-time", "cpu_bound::score"));
}
