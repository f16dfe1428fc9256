//! `hotpath report`: tables as a program prints them, and JSON with everything.

use std::process::Command;

/// The output of `hotpath report` for a report with twenty functions.
fn printed(options: &[&str]) -> String {
    let rows = (1..=20).map(|n| {
        format!(r#"{{"id": {n}, "name": "app::f{n}", "calls": 1, "avg": "1.00 ms", "total": "1.00 ms", "percent_total": "5.00%"}}"#)
    });
    let rows = rows.collect::<Vec<_>>().join(", ");
    let report = format!(r#"{{"type": "hotpath_report", "functions_timing": {{"data": [{rows}]}}}}"#);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    std::fs::write(&file, report).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_hotpath"))
        .args(["report", "--report"])
        .arg(&file)
        .args(options)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_table_has_the_default_number_of_rows_without_all() {
    let table = printed(&[]);
    assert!(table.contains("(15/20)") && !table.contains("app::f20"), "{table}");
    assert_eq!(table.matches("| app::f").count(), 15, "{table}");
    assert_eq!(printed(&["--all"]).matches("| app::f").count(), 20);
}

#[test]
fn json_has_all_rows() {
    assert_eq!(printed(&["--json"]).matches(r#""name":"app::f"#).count(), 20);
}

/// A report in this form, written from the fixture; and what is printed of it with these options.
fn in_form(form: &str, options: &[&str]) -> (String, String) {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/shop.json");
    let run = |file: &str, options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotpath"));
        let output = command.args(["report", "--report", file]).args(options).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("report.json");
    let written = run(fixture, &["--format", form]);
    std::fs::write(&file, &written).unwrap();
    (written, run(file.to_str().unwrap(), options))
}

#[test]
fn the_forms_of_older_interfaces_are_read_back() {
    let (_, whole) = in_form("json", &["--all"]);
    let rows = |table: &str| table.matches("| shop::").count();
    assert!(rows(&whole) > 3, "{whole}");
    for form in ["json-compat", "json-compat-0.16"] {
        let (written, table) = in_form(form, &["--all"]);
        assert!(!written.contains("\"total_ns\"") && !written.contains("schema_version"), "{written}");
        assert!(rows(&table) > 3, "{table}");
        // Once read, nothing more is lost.
        assert_eq!(in_form(form, &["--format", form]), (written.clone(), written));
    }
}

#[test]
fn reports_in_a_form_of_older_interfaces_can_be_compared() {
    let folder = tempfile::tempdir().unwrap();
    for form in ["json-compat", "json-compat-0.16"] {
        let file = folder.path().join("report.json");
        std::fs::write(&file, in_form(form, &[]).0).unwrap();
        let output =
            Command::new(env!("CARGO_BIN_EXE_hotpath")).arg("compare").args([&file, &file]).output().unwrap();
        assert!(
            output.status.success() && String::from_utf8_lossy(&output.stdout).contains("shop::"),
            "{output:?}"
        );
    }
}

#[test]
fn a_format_and_its_short_form_exclude_each_other() {
    let arguments = ["report", "--json", "--format", "json-compat"];
    let output = Command::new(env!("CARGO_BIN_EXE_hotpath")).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}

#[test]
fn without_a_terminal_the_console_suggests_the_report() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/shop.json");
    // Bare options are the console's.
    for arguments in [&["--report", fixture][..], &["console", "--report", fixture]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotpath"));
        let output = command.args(arguments).env("TERM", "xterm").output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains("needs a terminal") && printed.contains("`hotpath report`"), "{printed}");
    }
    let mut dumb = Command::new(env!("CARGO_BIN_EXE_hotpath"));
    let output = dumb.env("TERM", "dumb").output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("TERM=dumb"), "{output:?}");
}

#[test]
fn environment_variables_of_the_console_do_not_affect_other_commands() {
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/shop.json");
    let mut command = Command::new(env!("CARGO_BIN_EXE_hotpath"));
    let output =
        command.args(["report", "--report", fixture]).env("HOTPATH_METRICS_PORT", "6771").output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
