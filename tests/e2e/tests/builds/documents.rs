//! The programs of the documents that our users were shown, as they stand there: built, run, and their reports looked at.
//!
//! The texts are in `documents/`. A manifest is what the document says but for where hotpath comes from.

use crate::common::{self, Run, calls, command, ended};
use crate::package::{MANIFEST_0_2, MANIFEST_0_7, MANIFEST_0_16_1, Package, bins, target};

/// A built program of a package.
fn program(name: &str, settings: &[(&str, &str)]) -> Run {
    let path = target().join("debug").join(name);
    ended(command(path.to_str().expect("it is text")).envs(settings.iter().copied()))
}

#[test]
fn the_guide_of_0_16_1() {
    let package = Package::new(
        "guide",
        MANIFEST_0_16_1,
        &bins(&[("guide_basic", include_str!("../../documents/guide_0_16_1.rs"))]),
    );
    let run = package.succeeds(&["run", "--quiet", "--features=hotpath"]);
    for name in [
        "basic::parse_batch",
        "load_user",
        "serialize_response",
        "guide_basic::main",
        "| P50",
        "| P95",
        "| P99",
    ] {
        assert!(run.stdout.contains(name), "{name}: {run:#?}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("report.json");
    let path = path.to_str().expect("it is text");
    let settings = [("HOTPATH_OUTPUT_FORMAT", "json"), ("HOTPATH_OUTPUT_PATH", path)];
    let run =
        program("guide_basic", &[settings[0], settings[1], ("HOTPATH_REPORT", "functions-timing,threads")]);
    assert_eq!((run.status.code(), run.stdout.as_str()), (Some(0), ""), "{run:#?}");
    let written = std::fs::read_to_string(path).expect("it was written");
    let reports = common::reports(&written);
    for name in ["::parse_batch", "load_user", "serialize_response"] {
        assert_eq!(calls(&reports[0], name), 100);
    }
    let run = program("guide_basic", &[settings[0], ("HOTPATH_SHUTDOWN_MS", "50")]);
    assert_eq!((run.status.code(), run.reports().len()), (Some(0), 1), "{run:#?}");
    // Off: the program is there and says nothing.
    let run = package.succeeds(&["run", "--quiet"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn the_cpu_samples_of_0_16_1_with_nothing_else_installed() {
    let package = Package::new(
        "cpu",
        MANIFEST_0_16_1,
        &bins(&[("cpu_samples", include_str!("../../documents/cpu_0_16_1.rs"))]),
    );
    let run = package.succeeds(&["run", "--quiet", "--features=hotpath,hotpath-alloc,hotpath-cpu"]);
    for wanted in
        ["cpu - CPU sampling attribution per function (exclusive).", "| Samples | % Total |", "| Off CPU "]
    {
        assert!(run.stdout.contains(wanted), "{wanted}: {run:#?}");
    }
    let report = program("cpu_samples", &[("HOTPATH_OUTPUT_FORMAT", "json")]).report();
    let section = &report["functions_cpu"];
    let samples = |name: &str| {
        let rows = section["data"].as_array().expect("rows");
        let row = rows.iter().find(|row| row["name"].as_str().is_some_and(|own| own.ends_with(name)));
        row.and_then(|row| row["samples"].as_u64()).unwrap_or_else(|| panic!("no {name}: {section:#}"))
    };
    let total = section["total_samples"].as_u64().expect("a number");
    assert!(samples("::parse_batch") * 10 > total * 7, "it is what works: {section:#}");
    assert!(samples("Loader::load") * 10 < total, "it sleeps: {section:#}");
    assert_eq!(run.stderr, "");
}

#[test]
fn the_data_flow_of_0_16_1() {
    let manifest = MANIFEST_0_16_1.replace("hotpath = \"0.16.1\"", "futures = \"0.3\"\nhotpath = \"0.16.1\"");
    // The streams of `futures` have no `sum`, with or without us: the one word of the document that is not as it stands there.
    let sum = ".fold(0, |sum, len| async move { sum + len })";
    let text = include_str!("../../documents/data_flow_0_16_1.rs").replace(".sum()", sum);
    let package = Package::new("flow", &manifest, &[("src/bin/data_flow.rs".to_owned(), &text)]);
    package.succeeds(&["build", "--quiet", "--features=hotpath-data-flow"]);
    let run = program("data_flow", &[]);
    for wanted in
        ["streams - Stream yield statistics.", "| pages ", "| closed ", "fetch_page", "| Blocking |"]
    {
        assert!(run.stdout.contains(wanted), "{wanted}: {run:#?}");
    }
    let report = program("data_flow", &[("HOTPATH_OUTPUT_FORMAT", "json")]).report();
    let pages = &report["streams"]["data"][0];
    assert_eq!((&pages["items_yielded"], &pages["state"]), (&100.into(), &"closed".into()));
    let rows = report["futures"]["data"].as_array().expect("there are futures");
    assert_eq!(rows.len(), 2, "{rows:#?}"); // the label, and the function
    for row in rows {
        assert_eq!((&row["call_count"], &row["completed"]), (&100.into(), &100.into()), "{row:#}");
    }
    package.succeeds(&["build", "--quiet"]);
    let run = program("data_flow", &[]);
    assert_eq!((run.status.code(), run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn the_tokio_program_of_0_16_1() {
    let files = [("src/bin/guide_tokio.rs".to_owned(), include_str!("../../documents/tokio_0_16_1.rs"))];
    let package = Package::new("guide_tokio", MANIFEST_0_16_1, &files);
    package.succeeds(&["build", "--quiet", "--features=hotpath-tokio"]);
    let run = program("guide_tokio", &[]);
    for wanted in ["timing - ", "channels - ", "| jobs ", "tokio_runtime - ", "threads - "] {
        assert!(run.stdout.contains(wanted), "{wanted}: {run:#?}");
    }
    let settings = [("HOTPATH_OUTPUT_FORMAT", "json"), ("HOTPATH_REPORT", "channels,futures,tokio_runtime")];
    let report = program("guide_tokio", &settings).report();
    let jobs = &report["channels"]["data"][0];
    assert_eq!((&jobs["sent_count"], &jobs["received_count"]), (&1000.into(), &1000.into()), "{jobs:#}");
    assert_eq!((&jobs["label"], &jobs["channel_type"]), (&"jobs".into(), &"bounded[128]".into()));
    assert_eq!(report["futures"]["data"][0]["call_count"], 1000, "{:#}", report["futures"]);
    assert!(report["tokio_runtime"]["num_workers"].as_u64() > Some(0), "{:#}", report["tokio_runtime"]);
    package.succeeds(&["build", "--quiet"]);
    let run = program("guide_tokio", &[]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn the_channels_of_0_7() {
    let with_tokio = "[\"dep:hotpath\", \"hotpath/hotpath\", \"hotpath/tokio\"]";
    let manifest = MANIFEST_0_7.replace("[\"dep:hotpath\", \"hotpath/hotpath\"]", with_tokio);
    let files = [("src/bin/seven_channels.rs".to_owned(), include_str!("../../documents/channels_0_7.rs"))];
    let package = Package::new("seven_flow", &manifest, &files);
    package.succeeds(&["build", "--quiet", "--features=hotpath"]);
    let run = program("seven_channels", &[]);
    assert!(run.stdout.starts_with("=== Channel Statistics (runtime: "), "{run:#?}");
    assert!(run.stdout.contains("| task-queue | bounded[10] | closed | 7 "), "{run:#?}");
    package.succeeds(&["build", "--quiet"]);
    let run = program("seven_channels", &[]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn the_readme_of_0_7() {
    let programs = [
        ("seven_usage", include_str!("../../documents/usage_0_2_and_0_7.rs")),
        ("seven_inner_main", include_str!("../../documents/inner_main_0_7.rs")),
        ("seven_percentiles", include_str!("../../documents/percentiles.rs")),
        ("seven_json", include_str!("../../documents/json_pretty.rs")),
        ("seven_combined", include_str!("../../documents/combined.rs")),
        ("seven_measure_all", include_str!("../../documents/measure_all.rs")),
        ("seven_guard", include_str!("../../documents/guard_0_7.rs")),
        ("seven_builder", include_str!("../../documents/builder_0_7.rs")),
        ("seven_timed", include_str!("../../documents/timed_0_7.rs")),
        ("seven_stream", include_str!("../../documents/stream_0_7.rs")),
    ];
    let mut files = bins(&programs);
    files.push(("src/lib.rs".to_owned(), include_str!("../../documents/unit_tests_0_7.rs")));
    let package = Package::new("seven", MANIFEST_0_7, &files);
    package.succeeds(&["build", "--quiet", "--features=hotpath"]);
    the_usage_example("seven_usage");
    let rows = |name, wanted: &[&str]| {
        let run = program(name, &[]);
        for wanted in wanted {
            assert!(run.stdout.contains(wanted), "{wanted}: {run:#?}");
        }
        run
    };
    rows("seven_inner_main", &["seven_inner_main::inner_main"]);
    rows("seven_percentiles", &["| P50", "| P75", "| P90", "| P95", "| P99"]);
    rows("seven_json", &["{\n"]);
    rows("seven_combined", &["\"p90\"", "\"p99\""]);
    let json = program("seven_measure_all", &[("HOTPATH_OUTPUT_FORMAT", "json")]).report();
    let names =
        ["Calculator::add", "Calculator::multiply", "Calculator::async_compute", "::complex_calculation"];
    for name in names.into_iter().chain(["::fetch_data", "::important_function"]) {
        assert_eq!(calls(&json, name), 1, "{name}");
    }
    assert!(!json.to_string().contains("not_so_important_function"));
    let guard = rows("seven_guard", &["my_program", "example_function", "| P50", "| P99"]);
    assert_eq!(guard.status.code(), Some(1));
    assert_eq!(guard.stdout.matches("[hotpath]").count(), 1, "{guard:#?}");
    rows("seven_stream", &["streams - ", "| bin/seven_stream.rs:11 ", "| 100 "]);
    rows("seven_builder", &["{\n", "\"p90\""]);
    let timed = rows("seven_timed", &["timed_benchmark", "work_function"]);
    assert_eq!(timed.status.code(), Some(0));

    let tests =
        package.succeeds(&["test", "--quiet", "--lib", "--features", "hotpath", "--", "--test-threads=1"]);
    for name in ["test_sync_function", "test_async_function", "seven::sync_function", "seven::async_function"]
    {
        assert!(tests.stdout.contains(name), "{name}: {tests:#?}");
    }
    assert_eq!(tests.stdout.matches("[hotpath]").count(), 2, "{tests:#?}");
    // With every feature hotpath is off, and the programs are the same.
    package.succeeds(&["build", "--quiet", "--all-features"]);
    let run = program("seven_usage", &[]);
    assert_eq!((run.status.code(), run.stdout.as_str(), run.stderr.as_str()), (Some(0), "", ""));
}

#[test]
fn the_readme_of_0_2() {
    let programs = [
        ("two_usage", include_str!("../../documents/usage_0_2_and_0_7.rs")),
        ("two_inner_main", include_str!("../../documents/inner_main_0_2.rs")),
        ("two_percentiles", include_str!("../../documents/percentiles.rs")),
    ];
    let package = Package::new("two", MANIFEST_0_2, &bins(&programs));
    package.succeeds(&["build", "--quiet", "--features=hotpath"]);
    the_usage_example("two_usage");
    assert!(program("two_inner_main", &[]).stdout.contains("two_inner_main::inner_main"));
    assert!(program("two_percentiles", &[]).stdout.contains("| P75"));
}

fn the_usage_example(name: &str) {
    let report = program(name, &[("HOTPATH_JSON", "true")]).report();
    for function in ["::sync_function", "::async_function", "custom_block"] {
        assert_eq!(calls(&report, function), 100, "{function}");
    }
    assert_eq!(report["functions_timing"]["percentiles"], serde_json::json!([99.0]));
}

#[cfg(unix)]
#[test]
fn a_panic_that_aborts() {
    use std::os::unix::process::ExitStatusExt;
    let manifest = format!("{MANIFEST_0_16_1}\n[profile.dev]\npanic = \"abort\"\n");
    let package = Package::new(
        "aborts",
        &manifest,
        &bins(&[("panic_abort", include_str!("../../documents/panic_abort.rs"))]),
    );
    package.succeeds(&["build", "--quiet", "--features=hotpath"]);
    let run = program("panic_abort", &[("HOTPATH_OUTPUT_FORMAT", "json")]);
    assert_eq!((run.status.signal(), calls(&run.report(), "::work")), (Some(6), 1), "{run:#?}");
    assert!(run.stderr.contains("on purpose"));
}
