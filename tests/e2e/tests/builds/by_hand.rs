//! What programs of several versions do by hand: guards, functions, types and features under the names of the interface.

use crate::common::{Run, calls, command, ended};
use crate::package::{Package, bins, target};
use serde_json::Value;

const MANIFEST: &str = r#"
[dependencies]
tokio = { version = "1", features = ["macros", "rt-multi-thread", "sync", "time"] }
hotpath = { version = "0.7" }

[features]
hotpath = ["hotpath/hotpath"]
"#;

/// A built program of a package.
fn program(name: &str, settings: &[(&str, &str)]) -> Run {
    let path = target().join("debug").join(name);
    ended(command(path.to_str().expect("it is text")).envs(settings.iter().copied()))
}

fn row<'a>(report: &'a Value, section: &str, key: &str, name: &str) -> &'a Value {
    let rows = report[section]["data"].as_array().expect("rows");
    rows.iter().find(|row| row[key] == name).unwrap_or_else(|| panic!("no {name} in {rows:#?}"))
}

#[test]
fn guards_and_functions_by_name() {
    let package = Package::new(
        "by_hand",
        MANIFEST,
        &bins(&[("by_hand_names", include_str!("../../documents/by_hand.rs"))]),
    );
    package.succeeds(&["build", "--quiet", "--features=hotpath"]);
    let report = program("by_hand_names", &[("HOTPATH_OUTPUT_FORMAT", "json")]).report();
    for (name, expected) in
        [("stage::one", 5), ("op.write", 1), ("op.read", 1), ("op.sync", 1), ("task.wall", 1)]
    {
        assert_eq!(calls(&report, name), expected, "{name}");
    }
    let stage = row(&report, "functions_timing", "name", "stage::one");
    assert!(stage["min_ns"].as_u64() >= Some(1_000_000), "{stage:#}");
    assert!(
        stage["source"]["file"].as_str().is_some_and(|file| file.ends_with("by_hand_names.rs")),
        "{stage:#}"
    );
    assert_eq!(row(&report, "functions_timing", "name", "op.read")["polls"], 2);
    assert_eq!(row(&report, "mutexes", "label", "jobs")["acquisitions"], 1);
    let table = program("by_hand_names", &[]);
    assert!(table.stdout.contains("nothing is recorded of io! in this version"), "{table:#?}");
    // Off: the program is there and says nothing.
    let run = package.succeeds(&["run", "--quiet"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn features_of_other_versions_resolve_and_one_line_names_those_that_record_nothing() {
    const OTHERS: &str = r#"
[dependencies]
hotpath = { version = "0.7", features = [
    "hotpath", "sqlx", "diesel", "toasty", "reqwest-0-12", "reqwest-0-13", "ureq-3", "axum-0-8", "json", "hotpath-prometheus",
    "hotpath-callgrind", "criterion-0-5", "criterion-0-6", "criterion-0-7", "criterion-0-8", "hotpath-cloud",
    "hotpath-alloc-self", "hotpath-ordered-drain", "hotpath-ci", "hotpath-meta", "hotpath-alloc-meta", "hotpath-mcp-meta",
    "dev", "ci", "cloud", "demo",
] }
"#;
    const PROGRAM: &str = "#[hotpath::main]\nfn main() {\n    \
                           hotpath::measure_block!(\"work\", println!(\"works\"));\n    \
                           hotpath::instrument_diesel_sql();\n    \
                           let _layer = hotpath::AxumLayer::new();\n}\n";
    let package = Package::new("other_features", OTHERS, &bins(&[("other_features", PROGRAM)]));
    package.succeeds(&["build", "--quiet"]);
    let run = program("other_features", &[("HOTPATH_OUTPUT_FORMAT", "none")]);
    assert_eq!((run.status.code(), run.stdout.as_str()), (Some(0), "works\n"), "{run:#?}");
    let lines = run.complaints();
    assert_eq!(lines.len(), 1, "{run:#?}");
    for name in ["sqlx", "diesel", "ureq-3", "hotpath-prometheus", "criterion-0-8"] {
        assert!(lines[0].contains(name), "{name}: {run:#?}");
    }
    assert!(lines[0].contains("record nothing in this version") && !lines[0].contains("demo"), "{run:#?}");
    let hushed =
        program("other_features", &[("HOTPATH_OUTPUT_FORMAT", "none"), ("HOTPATH_DISABLE_HINTS", "true")]);
    assert_eq!(hushed.stderr, "");
}
