//! What guards of 0.7 and 0.9 print when several are there.

mod common;

use common::run_plain;

#[test]
fn each_guard_prints_its_section_and_none_is_there_twice() {
    let run = run_plain(env!("CARGO_BIN_EXE_section_guards"), &[], &[]);
    let row = |label: &str| {
        let lines = run.stdout.lines().filter(|line| line.starts_with(&format!("| {label} ")));
        lines.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    let (streams, futures) = (row("items"), row("once"));
    assert_eq!((streams.len(), futures.len()), (1, 1), "{run:#?}");
    assert_eq!(streams[0][3..5], ["completed", "3"], "{run:#?}");
    assert_eq!(futures[0][2..4], ["1", "2"], "{run:#?}");
    let titles = run.stdout.lines().filter(|line| line.starts_with("=== ")).count();
    assert_eq!(titles, 3, "{run:#?}");
}
