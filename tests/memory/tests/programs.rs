//! Programs: other allocators, the ends of a program, settings, and sums of a whole process.

use std::process::Command;

use memory::{Report, program, report_of, work};

macro_rules! run {
    ($name:literal) => {
        program(env!(concat!("CARGO_BIN_EXE_", $name)))
    };
}

/// Runs a program that asserts for itself; what it said.
#[track_caller]
fn succeeds(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
    assert!(output.status.success(), "{out}{err}");
    out
}

#[test]
fn the_profiler_counts_nothing_of_its_own() {
    let said = succeeds(run!("own").env_remove("HOTPATH_OUTPUT_FORMAT"));
    assert_eq!(said, "nothing of its own\n");
}

#[test]
fn two_accounts_agree() {
    assert!(!succeeds(&mut run!("balance")).is_empty());
}

#[test]
fn every_operation_reaches_the_inner_allocator() {
    assert_eq!(succeeds(run!("forwarding").arg("counts")), "forwarded\n");
}

#[test]
fn around_mimalloc() {
    work::assert_on_threads(&report_of(&mut run!("mimalloc")));
}

#[test]
fn around_mimalloc_by_hand() {
    work::assert_on_threads(&report_of(&mut run!("by_hand")));
}

#[test]
fn around_jemalloc_on_tokio() {
    let report = report_of(&mut run!("jemalloc"));
    work::assert_on_threads(&report);
    work::assert_tasks(&report, 200);
}

#[test]
fn around_an_allocator_of_the_program() {
    let said = succeeds(&mut run!("own_allocator"));
    let (report, seen) = said.trim().split_once('\n').expect("two lines");
    let (report, seen) = (Report::parse(report), seen.parse::<u64>().expect("a number"));
    work::assert_on_threads(&report);
    // The program's allocator sees what was told, and the profiler's own.
    assert!(seen >= report.row("once").number("self_bytes") + report.row("every_way").number("self_bytes"));
}

#[test]
fn without_the_allocator_everything_is_unknown() {
    let report = report_of(&mut run!("not_installed"));
    assert!(report.0.get("functions_alloc").is_none_or(serde_json::Value::is_null), "{:#}", report.0);
    let table = succeeds(run!("not_installed").env("HOTPATH_OUTPUT_FORMAT", "table"));
    assert!(table.contains("allocations were not counted: no hotpath::CountingAllocator"), "{table}");
}

#[test]
fn the_report_is_there_however_the_program_ends() {
    for (how, code) in [("exit", 7), ("panic", 101)] {
        let output = run!("ends").arg(how).output().expect("it starts");
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let text = String::from_utf8(output.stdout).expect("it is text");
        let report = Report::parse(text.lines().find(|line| line.starts_with('{')).expect("a report"));
        work::assert_tasks(&report, 50);
        let row = report.row("ends");
        assert!(row.number("self_bytes") >= 4321, "{how}: {:#}", row.0);
        assert_eq!(row.number("calls"), 1);
    }
}

#[test]
fn the_threads_of_the_profiler_are_not_the_program_s() {
    let report = report_of(&mut run!("settings"));
    assert_eq!(report.whole("total_allocated_bytes"), 6100, "{:#}", report.section());
    assert_eq!(report.row("<outside>").own(), [0; 4]);
    let report = report_of(run!("settings").env("HOTPATH_SHUTDOWN_MS", "3600000"));
    assert_eq!(report.row("<outside>").own(), [0; 4], "with the thread of a deadline");
}

/// Standard error and the report.
fn with(settings: &[(&str, &str)]) -> (String, Report) {
    let output = run!("settings").envs(settings.iter().copied()).output().expect("it starts");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("it is text");
    (String::from_utf8(output.stderr).expect("it is text"), Report::parse(text.trim()))
}

/// The reading: unit, scope, and the order of the functions.
fn reading(report: &Report) -> (String, String, Vec<String>) {
    report.assert_balance();
    let text = |key: &str| report.section()[key].as_str().expect("a text").to_owned();
    let functions = report.rows().into_iter().filter(|row| row.text("kind") == "fn");
    let functions = functions.map(|row| row.text("name").replace("settings::", "")).collect();
    (text("profiling_mode"), text("scope"), functions)
}

#[track_caller]
fn assert_reading(settings: &[(&str, &str)], mode: &str, scope: &str, first: &str) {
    let (errors, report) = with(settings);
    assert_eq!(errors, "", "{settings:?}");
    let (found_mode, found_scope, functions) = reading(&report);
    assert_eq!((found_mode.as_str(), found_scope.as_str()), (mode, scope), "{settings:?}");
    assert_eq!(functions[0], first, "{settings:?}");
}

#[test]
fn settings_choose_the_reading() {
    assert_reading(&[], "alloc-bytes", "exclusive", "inner");
    assert_reading(&[("HOTPATH_ALLOC_METRIC", "bytes")], "alloc-bytes", "exclusive", "inner");
    assert_reading(&[("HOTPATH_ALLOC_METRIC", "COUNT")], "alloc-count", "exclusive", "inner");
    assert_reading(&[("HOTPATH_ALLOC_CUMULATIVE", "true")], "alloc-bytes", "cumulative", "outer");
    assert_reading(&[("HOTPATH_ALLOC_CUMULATIVE", "1")], "alloc-bytes", "cumulative", "outer");
    assert_reading(&[("HOTPATH_ALLOC_SELF", "true")], "alloc-bytes", "exclusive", "inner");
    let both = [("HOTPATH_ALLOC_METRIC", "count"), ("HOTPATH_ALLOC_CUMULATIVE", "true")];
    assert_reading(&both, "alloc-count", "cumulative", "outer");
}

#[test]
fn a_bad_setting_is_one_line_and_the_default_is_used() {
    for (settings, words) in [
        (
            &[("HOTPATH_ALLOC_METRIC", "banana")] as &[_],
            &["HOTPATH_ALLOC_METRIC", "\"banana\"", "bytes"] as &[_],
        ),
        (&[("HOTPATH_ALLOC_METRIC", "")], &["HOTPATH_ALLOC_METRIC"]),
        (&[("HOTPATH_ALLOC_CUMULATIVE", "perhaps")], &["HOTPATH_ALLOC_CUMULATIVE", "\"perhaps\"", "false"]),
        (&[("HOTPATH_ALLOC_SELF", "perhaps")], &["HOTPATH_ALLOC_SELF", "\"perhaps\""]),
        (
            &[("HOTPATH_ALLOC_SELF", "true"), ("HOTPATH_ALLOC_CUMULATIVE", "true")],
            &["HOTPATH_ALLOC_CUMULATIVE", "HOTPATH_ALLOC_SELF=true"],
        ),
        (&[("HOTPATH_ALLOC_METRICS", "count")], &["HOTPATH_ALLOC_METRICS", "HOTPATH_ALLOC_METRIC"]),
    ] {
        let (errors, report) = with(settings);
        let lines: Vec<&str> = errors.lines().collect();
        if settings[0].1.is_empty() {
            assert_eq!(errors, "", "empty is unset");
        } else {
            assert_eq!(lines.len(), 1, "{settings:?}: {errors}");
            assert!(words.iter().all(|word| lines[0].contains(word)), "{settings:?}: {errors}");
        }
        let (mode, scope, functions) = reading(&report);
        assert_eq!((mode.as_str(), scope.as_str()), ("alloc-bytes", "exclusive"), "{settings:?}");
        assert_eq!(functions, ["inner", "outer"]);
    }
}

#[test]
fn it_balances_whatever_is_left_out_of_the_report() {
    let (_, report) = with(&[("HOTPATH_EXCLUDE_WRAPPER", "true")]);
    assert!(report.rows().iter().all(|row| row.text("kind") != "main"));
    report.assert_balance();
    let (_, report) = with(&[("HOTPATH_FOCUS", "outer")]);
    report.assert_balance();
    assert_eq!(report.row("outer").own(), [6100, 3, 6100, 3], "what is not measured is its caller's");
    let (_, report) = with(&[("HOTPATH_FOCUS", "inner")]);
    report.assert_balance();
    assert_eq!(report.caller().own(), [100, 1, 100, 1]);
}
