//! What a report says of the program as a whole: where its `main` is, and which build ran.

use crate::common::run;
use serde_json::Value;

const ENDS: &str = env!("CARGO_BIN_EXE_ends");
const CPU_BOUND: &str = env!("CARGO_BIN_EXE_cpu_bound");

fn report(program: &str) -> Value {
    run(program, &[], &[]).report()
}

/// File and line of the row of the function that holds the guard.
fn place(report: &Value) -> (String, u64) {
    let rows = report["functions_timing"]["data"].as_array().expect("rows");
    let caller = &report["functions_timing"]["caller_name"];
    let row = rows.iter().find(|row| row["name"] == *caller).expect("the caller's row");
    let source = &row["source"];
    (source["file"].as_str().expect("a file").to_owned(), source["line"].as_u64().expect("a line"))
}

/// The line of a source that begins so.
fn line(source: &str, begin: &str) -> u64 {
    1 + source.lines().position(|line| line.trim_start().starts_with(begin)).expect("such a line") as u64
}

#[test]
fn the_row_of_main_has_the_place_of_its_function_or_guard() {
    let (file, at) = place(&report(ENDS));
    assert!(file.ends_with("src/bin/ends.rs"), "{file}");
    assert_eq!(at, line(include_str!("../../src/bin/ends.rs"), "fn main()"));
    let (file, at) = place(&report(CPU_BOUND));
    assert!(file.ends_with("src/bin/cpu_bound.rs"), "{file}");
    assert_eq!(
        at,
        line(include_str!("../../src/bin/cpu_bound.rs"), "let _session = hotpath::HotpathGuardBuilder::new")
    );
}

#[test]
fn runs_of_one_executable_say_the_same_build_and_others_another() {
    let build = |report: &Value| report["meta"]["build_id"].as_str().expect("a build").to_owned();
    let (first, again, other) = (build(&report(ENDS)), build(&report(ENDS)), build(&report(CPU_BOUND)));
    assert_eq!(first, again);
    assert_ne!(first, other);
}
