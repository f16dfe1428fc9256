//! Two plugins in one process, each with its own copy of hotpath and its own session: however the process ends, each reports.
#![cfg(target_os = "linux")]

use std::{
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use crate::common::{Run, calls, command, ended_in_time, reports};
use crate::package::Package;

const MANIFEST: &str = r#"
[lib]
crate-type = ["cdylib"]

[dependencies]
hotpath = { version = "0.7", features = ["hotpath"] }
"#;

const PLUGIN: &str = r#"
use std::ffi::{c_char, c_void, CStr};

#[hotpath::measure]
fn work() {}

#[no_mangle]
pub unsafe extern "C" fn begin(report: *const c_char) -> *mut c_void {
    let report = CStr::from_ptr(report).to_str().expect("it is UTF-8");
    let guard = hotpath::HotpathGuardBuilder::new("plugin").format(hotpath::Format::Json).output_path(report).build();
    work();
    work();
    Box::into_raw(Box::new(guard)).cast()
}

#[no_mangle]
pub unsafe extern "C" fn end(guard: *mut c_void) {
    drop(Box::from_raw(guard.cast::<hotpath::HotpathGuard>()));
}
"#;

/// One library under two names, which the system loads twice, with statics of their own. Built once.
fn plugins() -> &'static [PathBuf; 2] {
    static PLUGINS: OnceLock<(tempfile::TempDir, [PathBuf; 2])> = OnceLock::new();
    let build = || {
        let package = Package::new("plugin", MANIFEST, &[("src/lib.rs".to_owned(), PLUGIN)]);
        package.succeeds(&["build", "--offline"]);
        let folder = tempfile::tempdir().expect("a folder");
        let copies = ["one.so", "two.so"].map(|name| folder.path().join(name));
        for copy in &copies {
            std::fs::copy(crate::package::target().join("debug/libplugin.so"), copy).expect("it is built");
        }
        (folder, copies)
    };
    &PLUGINS.get_or_init(build).1
}

/// Runs the steps, and finds the report of each session that they begin.
#[track_caller]
fn runs(steps: &str) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = command(env!("CARGO_BIN_EXE_plugins"));
    command.args(plugins());
    let mut expected = Vec::new();
    for step in steps.split(", ") {
        command.args(step.split(' '));
        if step.starts_with("begin") {
            let report = folder.path().join(format!("{}.json", expected.len()));
            command.arg(&report);
            expected.push(report);
        }
    }
    let run = ended_in_time(&mut command);
    expected.iter().for_each(|report| assert_reports_two_calls(report, steps, &run));
    assert_eq!(run.stderr, "", "{steps}");
    run
}

#[track_caller]
fn assert_reports_two_calls(report: &Path, steps: &str, run: &Run) {
    let text = std::fs::read_to_string(report).unwrap_or_default();
    let reports = reports(&text);
    assert_eq!(reports.len(), 1, "{steps}: {report:?}: {text:?}, {run:#?}");
    assert_eq!(calls(&reports[0], "::work"), 2, "{steps}: {report:?}");
}

#[track_caller]
fn assert_ends_by_each(steps: &str) {
    for (end, signal) in [("term", 15), ("int", 2), ("abort", 6)] {
        let run = runs(&format!("{steps}, {end}"));
        assert_eq!(run.status.signal(), Some(signal), "{steps}, {end}: {run:#?}");
    }
}

#[test]
fn both_report_at_a_signal() {
    assert_ends_by_each("begin 0, begin 1");
    assert_ends_by_each("begin 1, begin 0");
}

#[test]
fn one_that_has_ended_is_no_end_of_the_signal() {
    assert_ends_by_each("begin 0, begin 1, end 0");
    assert_ends_by_each("begin 0, begin 1, end 1");
    assert_ends_by_each("begin 0, begin 1, end 0, end 1");
    assert_ends_by_each("begin 0, begin 1, end 1, end 0");
}

#[test]
fn one_that_begins_anew_reports_again() {
    assert_ends_by_each("begin 0, begin 1, end 0, begin 0");
    assert_ends_by_each("begin 0, begin 1, end 1, begin 1");
    assert_ends_by_each("begin 0, begin 1, end 0, end 1, begin 0, begin 1");
    assert_ends_by_each("begin 0, begin 1, end 0, end 1, begin 1, begin 0");
    assert_ends_by_each("begin 0, end 0, begin 1, begin 0, end 1, begin 1, end 0, begin 0");
}

#[test]
fn a_second_signal_costs_no_report() {
    for (ends, signal) in [("term, term", 15), ("int, int", 2), ("term, int", 15), ("int, term", 2)] {
        let run = runs(&format!("begin 0, begin 1, {ends}"));
        assert_eq!(run.status.signal(), Some(signal), "{ends}: {run:#?}");
    }
}

#[test]
fn a_handler_of_the_program_stays() {
    for (steps, handled) in [
        ("own-handler, begin 0, begin 1, term, exit", 1),
        ("begin 0, own-handler, begin 1, term, exit", 1),
        ("begin 0, begin 1, own-handler, term, end 0, term, end 1, term, exit", 3),
    ] {
        let run = runs(steps);
        assert_eq!(run.status.code(), Some(handled), "{steps}: {run:#?}");
    }
}
