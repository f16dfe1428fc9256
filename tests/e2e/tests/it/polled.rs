//! What the guards of streams and futures print.

use crate::common::run_plain;

const POLLED: &str = env!("CARGO_BIN_EXE_polled");

#[test]
fn streams_alone() {
    let run = run_plain(POLLED, &["streams"], &[]);
    let title = run.stdout.lines().next().unwrap_or_default();
    assert!(title.starts_with("=== Stream Statistics (runtime: "), "{run:#?}");
    assert!(run.stdout.contains("| numbers | 1    | closed | 10 "), "{run:#?}");
    assert!(run.stdout.contains("\nStreams:\n"), "{run:#?}");
    assert!(!run.stdout.contains("double") && run.stderr.is_empty(), "{run:#?}");
}

#[test]
fn futures_alone() {
    let run = run_plain(POLLED, &["futures"], &[]);
    let title = run.stdout.lines().next().unwrap_or_default();
    assert!(title.starts_with("=== Future Statistics (runtime: "), "{run:#?}");
    assert!(run.stdout.contains("| double | 10    | 10    |"), "{run:#?}");
    assert!(!run.stdout.contains("numbers") && run.stderr.is_empty(), "{run:#?}");
}

#[test]
fn both_print_their_own() {
    let run = run_plain(POLLED, &["both"], &[]);
    assert!(run.stdout.contains("=== Stream Statistics") && run.stdout.contains("| numbers |"), "{run:#?}");
    let futures = run.report();
    assert_eq!(futures["futures"]["data"][0]["call_count"], 10, "{futures:#}");
    assert!(futures.get("streams").is_none() && futures.get("functions_timing").is_none(), "{futures:#}");
}

#[test]
fn without_a_guard_nothing_is_printed() {
    let run = run_plain(POLLED, &[], &[]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}
