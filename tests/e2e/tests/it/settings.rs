//! Settings from the environment: what they do, and that a bad one is one line on stderr and nothing more.

use crate::common::{self, Run, calls, run, run_plain};
use serde_json::Value;

const SECTIONS: &str = env!("CARGO_BIN_EXE_sections");
const ENDS: &str = env!("CARGO_BIN_EXE_ends");
const HANDLER: &str = env!("CARGO_BIN_EXE_measured_handler");

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a folder")
}

fn names(report: &Value) -> Vec<&str> {
    let rows = report["functions_timing"]["data"].as_array().expect("functions");
    rows.iter().filter_map(|row| row["name"].as_str()).collect()
}

#[test]
fn the_output_path_may_be_in_folders_that_are_not_there() {
    let folder = folder();
    let path = folder.path().join("a/b/report.json");
    let text = path.to_str().expect("it is text");
    for _ in 0..2 {
        let run = run(ENDS, &["code"], &[("HOTPATH_OUTPUT_PATH", text)]);
        assert_eq!(
            (run.status.code(), run.stdout.as_str(), run.stderr.as_str()),
            (Some(7), "own output 5\n", "")
        );
        let written = std::fs::read_to_string(&path).expect("it was written");
        assert_eq!(common::reports(&written).len(), 1, "{written}");
    }
}

#[test]
fn a_report_that_cannot_be_written_goes_to_stderr() {
    let folder = folder();
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, "").expect("it can be written");
    for path in [blocked.join("report.json"), folder.path().to_path_buf()] {
        let run = run(ENDS, &["code"], &[("HOTPATH_OUTPUT_PATH", path.to_str().expect("it is text"))]);
        assert_eq!((run.status.code(), run.stdout.as_str()), (Some(7), "own output 5\n"), "{run:#?}");
        assert_eq!(run.complaints().len(), 1, "{run:#?}");
        assert!(run.complaints()[0].contains(path.to_str().expect("it is text")));
        assert_eq!(calls(&common::reports(&run.stderr)[0], "::work"), 2);
    }
}

#[test]
fn past_the_memory_limit_counts_are_exact_and_the_report_says_so() {
    let settings = [("HOTPATH_OUTPUT_FORMAT", "json"), ("HOTPATH_MEMORY_LIMIT", "1B")];
    let run = run(HANDLER, &["raise"], &settings);
    let report = run.report();
    assert_eq!(calls(&report, "::raising"), 10_000);
    let notes = report["notes"].as_array().expect("notes").iter().filter_map(Value::as_str);
    assert_eq!(notes.filter(|note| note.contains("HOTPATH_MEMORY_LIMIT")).count(), 1, "{report:#}");
}

#[test]
fn formats() {
    let shown = |format| run(SECTIONS, &[], &[("HOTPATH_OUTPUT_FORMAT", format)]);
    let table = shown("table");
    assert!(table.stdout.starts_with("sum 6\n") && table.stdout.contains("[hotpath]"), "{table:#?}");
    assert!(table.stdout.contains("| Function") && table.stdout.contains("sections::load"));
    assert_eq!(shown("JSON").own_lines(), ["sum 6"]);
    assert_eq!(calls(&shown("json").report(), "::load"), 3);
    let pretty = shown("json-pretty");
    let text = pretty.stdout.strip_prefix("sum 6\n").expect("its own output stands first");
    assert!(text.starts_with("{\n"));
    assert_eq!(calls(&serde_json::from_str(text).expect("it is JSON"), "::load"), 3);
    for (format, has_head) in [("json-compat", true), ("json-compat-0.16", false)] {
        let report = shown(format).report();
        assert_eq!((calls(&report, "::load"), report.get("version").is_some()), (3, has_head), "{format}");
        let row = &report["functions_timing"]["data"][0];
        assert_eq!((row.get("total_ns"), row["total"].is_string()), (None, true), "{format}: {row}");
    }
    let none = shown("none");
    assert_eq!((none.stdout.as_str(), none.stderr.as_str()), ("sum 6\n", ""));
}

#[test]
fn older_forms_of_settings() {
    let run = run_plain(SECTIONS, &[], &[("HOTPATH_JSON", "true"), ("HOTPATH_RECENT_LOGS", "5")]);
    assert_eq!((calls(&run.report(), "::load"), run.stderr.as_str()), (3, ""));
}

#[test]
fn a_setting_without_effect_is_one_line_and_one_of_a_command_none() {
    let settings = [("HOTPATH_SQL_LIMIT", "5"), ("HOTPATH_TUI_TAB", "2"), ("HOTPATH_ALLOC_MAX_DEPTH", "64")];
    let run = run(SECTIONS, &[], &settings);
    assert_eq!(run.stderr, "[hotpath] HOTPATH_SQL_LIMIT has no effect: SQL queries are not recorded yet\n");
    let hushed = common::run(SECTIONS, &[], &[settings[0], ("HOTPATH_DISABLE_HINTS", "true")]);
    assert_eq!(hushed.stderr, "");
}

#[test]
fn no_escape_codes_where_nobody_sees_colours() {
    for settings in [[].as_slice(), &[("NO_COLOR", "1")]] {
        assert!(!run_plain(SECTIONS, &[], settings).stdout.contains('\x1b'));
    }
}

#[test]
fn sections_and_their_exclusion() {
    let keys = |spec| {
        let report = run(SECTIONS, &[], &[("HOTPATH_REPORT", spec)]).report();
        ["functions_timing", "futures", "threads"].map(|key| report.get(key).is_some())
    };
    assert_eq!(keys("auto"), [true, true, true]);
    assert_eq!(keys("functions-timing"), [true, false, false]);
    assert_eq!(keys("futures,threads"), [false, true, true]);
    assert_eq!(keys("all,-futures"), [true, false, true]);
    assert_eq!(keys("-functions-timing,-threads"), [false, true, false]);
}

#[test]
fn the_call_tree_is_in_the_table_on_request() {
    let shown = |spec| run_plain(SECTIONS, &[], &[("HOTPATH_REPORT", spec)]).stdout;
    let lines = |text: String| text.matches("inner::deep").count();
    assert_eq!((lines(shown("functions-timing")), lines(shown("functions-timing,call_tree"))), (1, 2));
}

#[test]
fn focus_by_text_and_by_pattern() {
    for (focus, wanted) in [
        ("load", vec!["sections::main", "sections::load"]),
        ("/deep$/", vec!["sections::main", "sections::outer::inner::deep"]),
        ("/^print$/", vec!["sections::main", "print"]),
    ] {
        assert_eq!(names(&run(SECTIONS, &[], &[("HOTPATH_FOCUS", focus)]).report()), wanted, "{focus}");
    }
}

#[test]
fn limits_and_the_wrapper() {
    let report = run(SECTIONS, &[], &[("HOTPATH_FUNCTIONS_LIMIT", "2"), ("HOTPATH_LIMIT", "1")]).report();
    assert_eq!(names(&report).len(), 2);
    let report = run(SECTIONS, &[], &[("HOTPATH_EXCLUDE_WRAPPER", "true")]).report();
    assert_eq!(names(&report).len(), 4);
    assert!(!names(&report).contains(&"sections::main"));
    let percent = |row: &Value| row["percent_total"].as_str()?.strip_suffix('%')?.parse::<f64>().ok();
    let rows = report["functions_timing"]["data"].as_array().expect("functions");
    let sum: f64 = rows.iter().filter_map(percent).sum();
    assert!((99.9..=100.1).contains(&sum), "{sum}");
}

#[test]
fn name_depth_shortens_tables_only() {
    let shown = |depth| run_plain(SECTIONS, &[], &[("HOTPATH_FUNCTIONS_NAME_DEPTH", depth)]).stdout;
    assert!(shown("0").contains("| sections::outer::inner::deep "));
    assert!(shown("2").contains("| inner::deep "));
    assert!(shown("1").contains("| deep "));
    let report = run(SECTIONS, &[], &[("HOTPATH_FUNCTIONS_NAME_DEPTH", "1")]).report();
    assert!(names(&report).contains(&"sections::outer::inner::deep"));
}

#[test]
fn label_and_metadata() {
    let settings =
        [("HOTPATH_REPORT_LABEL", "before the change"), ("HOTPATH_USER_METADATA", "commit=abc, host = b")];
    let report = run(SECTIONS, &[], &settings).report();
    assert_eq!(report["label"], "before the change");
    assert_eq!(report["user_metadata"], serde_json::json!({ "commit": "abc", "host": "b" }));
    assert!(run_plain(SECTIONS, &[], &settings).stdout.contains("before the change"));
}

#[test]
fn sampling_counts_all_calls() {
    let report = run(SECTIONS, &[], &[("HOTPATH_TIME_SAMPLING_RATE", "0")]).report();
    assert_eq!(calls(&report, "::load"), 3);
    let table = run_plain(SECTIONS, &[], &[("HOTPATH_FUNCTIONS_TIME_SAMPLING_RATE", "0")]).stdout;
    let row = table.lines().find(|line| line.contains("sections::load")).expect("a row");
    assert!(row.split('|').any(|cell| cell.trim() == "-"), "{row}");
}

/// One line that names what is wrong; the program's own output, its report and its status are as ever.
#[track_caller]
fn assert_one_complaint(name: &str, value: &str) -> Run {
    let run = run_plain(ENDS, &["code"], &[(name, value)]);
    let lines: Vec<&str> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 1, "{name}={value}: {run:#?}");
    assert!(lines[0].starts_with("[hotpath] ") && lines[0].contains(name), "{lines:?}");
    // Of a list, what is wrong in it.
    assert!(lines[0].contains(value.split(',').next().unwrap_or(value)), "the value is named: {lines:?}");
    assert_eq!(run.status.code(), Some(7), "{run:#?}");
    assert!(run.stdout.starts_with("own output 5\n"));
    assert_eq!(run.stdout.matches("ends::work").count(), 1, "{run:#?}");
    run
}

#[test]
fn bad_values_are_one_line_each() {
    for (name, value) in [
        ("HOTPATH_OUTPUT_FORMAT", "yaml"),
        ("HOTPATH_REPORT", "thraeds,functions-timing"),
        ("HOTPATH_FOCUS", "/(/"),
        ("HOTPATH_LIMIT", "-1"),
        ("HOTPATH_FUNCTIONS_LIMIT", "many"),
        ("HOTPATH_FUTURES_LIMIT", "1.5"),
        ("HOTPATH_FUNCTIONS_NAME_DEPTH", "deep"),
        ("HOTPATH_SHUTDOWN_MS", "soon"),
        ("HOTPATH_TIME_SAMPLING_RATE", "2"),
        ("HOTPATH_FUNCTIONS_TIME_SAMPLING_RATE", "half"),
        ("HOTPATH_TIME_SAMPLING_RATE", "NaN"),
        ("HOTPATH_USER_METADATA", "novalue"),
        ("HOTPATH_LOGS_LIMIT", "x"),
        ("HOTPATH_MAX_LOG_LEN", "x"),
        ("HOTPATH_RECENT_LOGS", "x"),
        ("HOTPATH_THREADS_INTERVAL_MS", "0"),
        ("HOTPATH_THREADS_INTERVAL", "often"),
        ("HOTPATH_THREADS_LIMIT", "few"),
        ("HOTPATH_SHOW_INTERNAL_THREADS", "some"),
    ] {
        assert_one_complaint(name, value);
    }
}

#[test]
fn a_misspelt_setting_is_told_the_nearest_name() {
    let run = assert_one_complaint("HOTPATH_OUTPUT_FROMAT", "");
    assert!(run.stderr.contains("HOTPATH_OUTPUT_FORMAT"), "{run:#?}");
    let run = assert_one_complaint("HOTPATH_NOTHING_LIKE_IT_AT_ALL", "");
    assert!(!run.stderr.contains("did you mean"), "{run:#?}");
}

#[test]
fn several_bad_settings_are_several_lines() {
    let settings = [("HOTPATH_LIMIT", "x"), ("HOTPATH_FOCUS", "/[/"), ("HOTPATH_FOCSU", "a")];
    let run = run_plain(ENDS, &[], &settings);
    assert_eq!(
        (run.stderr.lines().count(), run.complaints().len(), run.status.code()),
        (3, 3, Some(0)),
        "{run:#?}"
    );
}

#[test]
fn without_measurements_the_report_says_what_to_do() {
    let program = env!("CARGO_BIN_EXE_unmeasured");
    let run = run_plain(program, &[], &[]);
    assert!(run.stdout.starts_with("own output\n[hotpath]"), "{run:#?}");
    assert!(run.stdout.contains("Nothing but the caller itself was measured"), "{run:#?}");
    let focused = run_plain(ENDS, &[], &[("HOTPATH_FOCUS", "nothing_is_called_so")]);
    assert!(focused.stdout.contains("HOTPATH_FOCUS may match none"), "{focused:#?}");
    let alone = run_plain(program, &[], &[("HOTPATH_EXCLUDE_WRAPPER", "1")]);
    assert!(alone.stdout.contains("No measurements recorded from unmeasured::main"), "{alone:#?}");
    for run in [run, focused, alone] {
        assert!(run.stdout.contains("#[hotpath::measure]"), "{run:#?}");
    }
}

#[cfg(unix)]
#[test]
fn a_closed_standard_output_ends_nothing() {
    let shell = format!("{ENDS} code >&-");
    let run = common::ended(common::command("sh").args(["-c", &shell]));
    assert_eq!(run.status.code(), Some(7), "{run:#?}");
}
