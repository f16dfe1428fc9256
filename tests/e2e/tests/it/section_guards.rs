//! What guards of 0.7 and 0.9 print when several are there.

use crate::common::{command, ended, run_plain};

#[test]
fn each_guard_prints_its_section_and_none_is_there_twice() {
    let run = run_plain(env!("CARGO_BIN_EXE_section_guards"), &[], &[]);
    let row = |label: &str| {
        let lines = run.stdout.lines().filter(|line| line.starts_with(&format!("| {label} ")));
        lines.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let (streams, futures) = (row("items"), row("once"));
    assert_eq!((streams.len(), futures.len()), (1, 1), "{run:#?}");
    assert_eq!(streams[0][3..5], ["closed", "3"], "{run:#?}");
    assert_eq!(futures[0][2..4], ["1", "2"], "{run:#?}");
    let titles = run.stdout.lines().filter(|line| line.starts_with("=== ")).count();
    assert_eq!(titles, 3, "{run:#?}");
}

#[test]
fn a_guard_writes_where_and_how_it_is_told() {
    let (here, elsewhere) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let mut program = command(env!("CARGO_BIN_EXE_section_guards"));
    let run = ended(program.arg(elsewhere.path()).current_dir(here.path()));
    let written = std::fs::read_to_string(here.path().join("out/streams.json")).expect("it was written");
    let report: serde_json::Value = serde_json::from_str(&written).expect("it is JSON");
    assert_eq!(report["streams"]["data"][0]["items_yielded"], 3, "{report:#}");
    assert!(written.starts_with("{\n") && report["streams"]["data"][0]["label"] == "items", "{written}");
    assert!(
        !run.stdout.contains("Stream Statistics") && run.stdout.contains("Future Statistics"),
        "{run:#?}"
    );
    assert_eq!((run.stderr.as_str(), elsewhere.path().join("out").exists()), ("", false));
}
