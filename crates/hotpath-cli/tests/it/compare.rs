//! `hotpath compare` as it is typed: what may be a side, what ends with which status, and what bad input is answered.

use crate::common::{Folder, json, report, stderr, stdout};
use hotpath_report::{Meta, Report, Value};

/// Runs of one side, one millisecond and a bit each.
fn runs(folder: &Folder, side: &str, count: u64, self_ns: u64) {
    for i in 0..count {
        folder.report(&format!("{side}-{i}.json"), self_ns + 1_000 * i);
    }
}

/// Six runs of each, the head as much slower.
fn sides(head_ns: u64) -> Folder {
    let folder = Folder::new();
    runs(&folder, "base", 6, 1_000_000);
    runs(&folder, "head", 6, head_ns);
    folder
}

const PATTERNS: [&str; 3] = ["compare", "base-*.json", "head-*.json"];

fn status(folder: &Folder, arguments: &[&str]) -> Option<i32> {
    let output = folder.run(&[&PATTERNS[..], arguments].concat());
    assert_eq!(stderr(&output), "");
    output.status.code()
}

#[test]
fn a_regression_fails_only_with_fail_on() {
    let slower = sides(1_500_000);
    assert_eq!(status(&slower, &[]), Some(0));
    assert_eq!(status(&slower, &["--fail-on", "regression"]), Some(1));
    assert_eq!(status(&slower, &["--fail-on", "regression", "--min-change", "60%"]), Some(0));
    assert_eq!(status(&slower, &["--fail-on", "regression", "--ignore", "*"]), Some(0));
    assert_eq!(status(&sides(1_000_000), &["--fail-on", "regression"]), Some(0));
    assert_eq!(status(&sides(600_000), &["--fail-on", "regression"]), Some(0));
}

#[test]
fn flags_take_precedence_over_the_policy_file() {
    let folder = sides(1_500_000);
    let fails = ["--fail-on", "regression", "--policy", "policy.toml"];
    for (text, expected) in [
        ("", 1),
        ("[functions.timing]\njudged = false", 0),
        ("[functions.timing]\nmin_percent_change = 60", 0),
        ("[timing]\nmin_percent_change = 60", 0),
        ("[timing]\nmetrics = [\"wait_p99.9\", \"self\"]", 1),
        ("[functions.timing]\nmin_calls = 1000000", 0),
        ("[functions.timing]\nmetrics = [\"busy\"]", 0),
        ("[functions]\nignore = [\"*\"]", 0),
        (
            "[functions.timing]\njudged = false\n[[functions.budgets]]\nname = \"*\"\nmetric = \"self\"\nmax = \"1 ms\"",
            1,
        ),
        (
            "[functions.timing]\njudged = false\n[[functions.budgets]]\nname = \"*\"\nmetric = \"self\"\nmax = \"2 ms\"",
            0,
        ),
    ] {
        folder.write("policy.toml", text);
        assert_eq!(status(&folder, &fails), Some(expected), "{text}");
    }
    folder.write("policy.toml", "[functions.timing]\nmin_percent_change = 60");
    assert_eq!(status(&folder, &[&fails[..], &["--min-change", "5"]].concat()), Some(1));
}

/// A gate with a misspelt limit gates nothing, so it is no gate.
#[test]
fn a_policy_with_unknown_keys_is_refused() {
    let folder = sides(1_000_000);
    for (text, message) in [
        ("[functions.timing]\nmin_percent_chnge = 5", "unknown key `functions.timing.min_percent_chnge`"),
        ("[funktions]", "unknown key `funktions`"),
        (
            "[functions.timing]\nmin_percent_change = \"5\"",
            "functions.timing.min_percent_change: expected a non-negative number",
        ),
        ("[functions.timing]\nmin_calls = -1", "functions.timing.min_calls: expected a whole number"),
        (
            "[[functions.budgets]]\nname = \"*\"\nmetric = \"avg\"\nmax = \"soon\"",
            "functions.budgets.max: expected a duration",
        ),
        (
            "[[functions.budgets]]\nname = \"*\"\nmetric = \"avg\"\nmax = \"5 MB\"",
            "functions.budgets.max: expected a duration",
        ),
        (
            "[[functions.budgets]]\nname = \"*\"\nmetric = \"self_bytes\"\nmax = \"5 ms\"",
            "functions.budgets.max: expected a size",
        ),
        (
            "[[functions.budgets]]\nname = \"*\"\nmetric = \"p5O\"\nmax = 7",
            "functions.budgets: unknown metric `p5O`; available: calls, avg, p",
        ),
        ("[functions.timing]\nmetrics = [\"selff\"]", "functions.timing.metrics: unknown metric `selff`"),
        ("[timing]\nmetrics = [\"wait_p101\"]", "timing.metrics: unknown metric `wait_p101`"),
        ("alpha_percent = 90", "invalid alpha: must be"),
        ("[functions", "policy.toml: invalid policy"),
    ] {
        folder.write("policy.toml", text);
        let printed = folder.failure(&[&PATTERNS[..], &["--policy", "policy.toml"]].concat());
        assert!(printed.contains(message), "{text}: {printed}");
    }
    let printed = folder.failure(&[&PATTERNS[..], &["--min-change", "a lot"]].concat());
    assert!(printed.contains("expected a percentage"), "{printed}");
}

#[test]
fn a_side_is_a_file_a_folder_a_pattern_or_several() {
    let folder = sides(1_500_000);
    std::fs::create_dir(folder.path("base")).expect("a folder");
    for i in 0..6 {
        std::fs::copy(folder.path(&format!("base-{i}.json")), folder.path(&format!("base/{i}.json")))
            .expect("a copy");
    }
    folder.write("base/readme.txt", "not a report");
    let one_regression = |text: String| assert!(text.contains("1 regression"), "{text}");
    one_regression(folder.says(&["compare", "base", "head-*.json"]));
    let more: Vec<String> = (1..6).flat_map(|i| ["--head".to_owned(), format!("head-{i}.json")]).collect();
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    one_regression(folder.says(&[&["compare", "base", "head-0.json"], &more[..]].concat()));
    // A file that two patterns name is one run.
    let printed = folder.says(&["compare", "base-*.json", "head-0.json", "--head", "head-[0-2].json"]);
    assert!(printed.contains("head: 3 runs"), "{printed}");
}

#[test]
fn invalid_input_is_reported_with_its_location_and_status_2() {
    let folder = sides(1_000_000);
    let whole = folder.read("base-0.json");
    folder.write("truncated.json", &whole[..whole.len() / 2]);
    folder.write("garbage.json", "\u{1}not a report");
    folder.write("empty.json", "");
    folder.write("foreign.json", r#"{"type": "something else"}"#);
    folder.write("newer.json", r#"{"type": "hotpath_report", "schema_version": 2}"#);
    folder.write("binary.json", "");
    std::fs::write(folder.path("binary.json"), [0xff, 0xfe, 0]).expect("a file");
    std::fs::create_dir(folder.path("nothing")).expect("a folder");
    for (path, message) in [
        ("truncated.json", "truncated.json: invalid report: not JSON"),
        ("garbage.json", "garbage.json: invalid report: not JSON"),
        ("empty.json", "empty.json: invalid report: not JSON"),
        ("foreign.json", "foreign.json: invalid report: not a report of hotpath"),
        ("newer.json", "newer.json: invalid report: report has schema_version 2; this program reads 1"),
        ("binary.json", "cannot read binary.json: not UTF-8"),
        ("missing.json", "cannot read missing.json"),
        ("nothing", "head: no report files at nothing"),
        ("none-*.json", "head: no report files at none-*.json"),
        ("[", "invalid pattern `[`"),
    ] {
        let printed = folder.failure(&["compare", "base-0.json", path]);
        assert!(printed.contains(message), "{path}: {printed}");
    }
}

/// Five copies of one run are no five runs.
#[test]
fn a_run_counts_once_however_it_is_named() {
    let folder = sides(1_500_000);
    let printed = folder.says(&["compare", "base-0.json", "head-0.json", "--base", "./base-0.json"]);
    assert!(printed.contains("base: 1 run |"), "{printed}");
    for copy in 1..6 {
        std::fs::copy(folder.path("head-0.json"), folder.path(&format!("head-{copy}.json"))).expect("a copy");
    }
    let output = folder.run(&[&PATTERNS[..], &["--fail-on", "regression"]].concat());
    assert_eq!(output.status.code(), Some(0));
    assert!(stdout(&output).contains("head: 1 run"), "{}", stdout(&output));
    let copied = stderr(&output).matches("is a copy of head-0.json and is ignored").count();
    assert_eq!(copied, 5, "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn an_unreadable_report_in_a_folder_is_an_error() {
    let folder = sides(1_000_000);
    std::fs::create_dir(folder.path("base")).expect("a folder");
    std::fs::copy(folder.path("base-0.json"), folder.path("base/0.json")).expect("a file");
    std::fs::create_dir(folder.path("base/folder.json")).expect("a folder");
    folder.says(&["compare", "base", "head-0.json"]);
    std::os::unix::fs::symlink("nowhere", folder.path("base/1.json")).expect("a link");
    for side in ["base", "base/*.json"] {
        let printed = folder.failure(&["compare", side, "head-0.json"]);
        assert!(printed.contains("cannot read base/1.json"), "{printed}");
    }
}

/// On GitHub a line that begins with `::` is a command.
#[test]
fn a_message_is_one_line_whatever_the_names() {
    let folder = sides(1_000_000);
    let other = Report { caller_name: "other\n::error::x\u{1b}[1m".into(), ..report(1_000_000) };
    folder.write("other.json", &json(&other));
    for head in ["other.json", "a\n::error::b.json"] {
        let printed = folder.failure(&["compare", "base-0.json", head]);
        assert_eq!(printed.lines().count(), 1, "{printed:?}");
        assert!(!printed.contains('\u{1b}'), "{printed:?}");
    }
}

#[test]
fn reports_of_different_programs_are_compared_only_with_force() {
    let folder = sides(1_000_000);
    folder.write("other.json", &json(&Report { caller_name: "other::main".into(), ..report(1_000_000) }));
    let printed = folder.failure(&["compare", "base-0.json", "other.json"]);
    assert!(printed.contains("the reports are of different programs"), "{printed}");
    let printed = folder.says(&["compare", "base-0.json", "other.json", "--force"]);
    assert!(printed.contains("1 run"), "{printed}");
}

/// "No regression" would be no answer.
#[test]
fn reports_without_a_row_in_common_are_not_compared() {
    let folder = sides(1_000_000);
    let mut other = report(1_000_000);
    other.sections[0].rows[0].cells.iter_mut().for_each(|cell| {
        if cell.as_text() == Some("app::main") {
            *cell = Value::Text("app::other".into());
        }
    });
    folder.write("other.json", &json(&other));
    for more in [&[][..], &["--force"], &["--fail-on", "regression"], &["--format", "json"]] {
        let printed = folder.failure(&[&["compare", "base-0.json", "other.json"], more].concat());
        assert!(printed.contains("nothing was compared: the two sides have no row in common"), "{printed}");
        assert!(printed.contains("`app::main`") && printed.contains("`app::other`"), "{printed}");
    }
    // The form of 0.7, of another program.
    let old = r#"{"hotpath_profiling_mode":"timing","output":{"tool::f":{"calls":"100","avg":"1.00ms","p95":"4.00ms","total":"100.00ms","percent_total":"96.18%"}}}"#;
    folder.write("old.json", old);
    let printed = folder.failure(&["compare", "old.json", "head-0.json"]);
    assert!(printed.contains("have no row in common; the base has `tool::f`"), "{printed}");
}

/// Comparing a build with itself cannot fail, so with --fail-on that is an error.
#[test]
fn a_build_is_compared_with_itself_only_with_same_ok() {
    let folder = sides(1_000_000);
    for side in ["base", "head"] {
        for i in 0..6 {
            let meta = Meta {
                build_id: Some("0123456789abcdef".into()),
                command: format!("{side}/app -x"),
                ..Meta::default()
            };
            folder.write(&format!("{side}-{i}.json"), &json(&Report { meta, ..report(1_000_000 + i) }));
        }
    }
    assert!(
        folder.says(&PATTERNS).contains("note: both sides ran the same build of the program (0123456789ab)")
    );
    let printed = folder.failure(&[&PATTERNS[..], &["--fail-on", "regression"]].concat());
    assert!(printed.contains("both sides ran the same build") && printed.contains("--same-ok"), "{printed}");
    assert_eq!(status(&folder, &["--fail-on", "regression", "--same-ok"]), Some(0));
}

#[test]
fn there_are_three_output_formats() {
    let folder = sides(1_500_000);
    let form = |form: &str| folder.says(&[&PATTERNS[..], &["--format", form]].concat());
    assert!(form("table").contains("+----"));
    assert!(form("markdown").contains("|---|"));
    let json: serde_json::Value = serde_json::from_str(&form("json")).expect("JSON");
    assert_eq!((&json["outcome"], &json["head"]["runs"]), (&"regression".into(), &6.into()));
}

#[test]
fn the_help_names_the_statuses() {
    let output = Folder::new().run(&["compare", "--help"]);
    for line in ["0  The command succeeded", "1  --fail-on regression", "2  The command failed"] {
        assert!(stdout(&output).contains(line), "{}", stdout(&output));
    }
}
