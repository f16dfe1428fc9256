//! Allocation tracking as users turn it on: the promised programs with its features, the views that the features of 0.2 name,
//! and forwarding where nothing is counted. The truth tests are in `tests/memory`.

use crate::common::{Run, command, ended};
use crate::package::{MANIFEST_0_2, MANIFEST_0_7, MANIFEST_0_16_1, Package, bins, target};
use serde_json::Value;

/// A built program of a package.
fn program(name: &str, settings: &[(&str, &str)]) -> Run {
    let path = target().join("debug").join(name);
    let run = ended(command(path.to_str().expect("it is text")).envs(settings.iter().copied()));
    assert!(run.status.success(), "{run:#?}");
    run
}

const JSON: (&str, &str) = ("HOTPATH_OUTPUT_FORMAT", "json");

/// The row of the allocation section whose name ends so.
#[track_caller]
fn row<'a>(report: &'a Value, name: &str) -> &'a Value {
    let rows = report["functions_alloc"]["data"].as_array().expect("allocations");
    let is_it = |row: &&Value| row["name"].as_str().is_some_and(|own| own.ends_with(name));
    rows.iter().find(is_it).unwrap_or_else(|| panic!("no {name} in {report:#}"))
}

/// The sum of own bytes over all rows is what was allocated.
#[track_caller]
fn assert_balance(report: &Value) {
    let rows = report["functions_alloc"]["data"].as_array().expect("allocations");
    let own: u64 = rows.iter().map(|row| row["self_bytes"].as_u64().expect("a number")).sum();
    assert_eq!(report["functions_alloc"]["total_allocated_bytes"], own, "{report:#}");
}

#[test]
fn the_guide_of_0_16_1() {
    let programs = bins(&[("guide_memory", include_str!("../../documents/guide_0_16_1.rs"))]);
    let package = Package::new("memory_guide", MANIFEST_0_16_1, &programs);
    let run = package.succeeds(&["run", "--quiet", "--features=hotpath,hotpath-alloc"]);
    for words in [
        "timing - ",
        "alloc-bytes - Exclusive allocation bytes by each function",
        "Total: ",
        "| <outside> ",
        "| load_user ",
    ] {
        assert!(run.stdout.contains(words), "{words}: {run:#?}");
    }
    let run = program("guide_memory", &[("HOTPATH_ALLOC_METRIC", "count")]);
    assert!(run.stdout.contains("alloc-count - Exclusive allocation count by each function"), "{run:#?}");
    let report = program("guide_memory", &[JSON, ("HOTPATH_LIMIT", "0")]).report();
    assert_balance(&report);
    for name in ["load_user", "serialize_response"] {
        let row = row(&report, name);
        let number = |key: &str| row[key].as_u64().expect("a number");
        // 100 short texts; those that `log = true` keeps are the profiler's.
        assert_eq!((number("calls"), number("self_count")), (100, 100), "{row:#}");
        assert!((600..6000).contains(&number("self_bytes")), "{row:#}");
    }
    assert_eq!(row(&report, "::parse_batch")["self_bytes"], 0);
}

#[test]
fn the_readme_of_0_7() {
    let programs = bins(&[
        ("seven_memory_usage", include_str!("../../documents/usage_0_2_and_0_7.rs")),
        ("seven_memory_inner", include_str!("../../documents/inner_main_0_7.rs")),
        ("seven_memory_percentiles", include_str!("../../documents/percentiles.rs")),
        ("seven_memory_guard", include_str!("../../documents/guard_0_7.rs")),
    ]);
    let package = Package::new("memory_seven", MANIFEST_0_7, &programs);
    package.succeeds(&["build", "--quiet", "--features=hotpath,hotpath-alloc"]);
    let run = program("seven_memory_usage", &[]); // on tokio's threads
    for words in ["alloc-bytes - ", "::async_function", "custom_block", "| P99 "] {
        assert!(run.stdout.contains(words), "{words}: {run:#?}");
    }
    assert_balance(&program("seven_memory_usage", &[JSON, ("HOTPATH_LIMIT", "0")]).report());
    let run = program("seven_memory_usage", &[("HOTPATH_ALLOC_SELF", "true")]);
    assert!(run.stdout.contains("Exclusive allocation bytes"), "{run:#?}");
    // The `main` for one thread only is still a `main`.
    assert!(program("seven_memory_inner", &[]).stdout.contains("seven_memory_inner::inner_main"));
    assert!(program("seven_memory_percentiles", &[]).stdout.contains("alloc-bytes - "));
    // A guard alone installs no allocator, and the report says so.
    let path = target().join("debug/seven_memory_guard");
    let run = ended(&mut command(path.to_str().expect("it is text")));
    assert!(run.stdout.contains("allocations were not counted"), "{run:#?}");
    for line in [
        "`#[global_allocator]`",
        "`static ALLOCATOR: hotpath::CountingAllocator = hotpath::CountingAllocator::new();`",
    ] {
        assert!(run.stdout.contains(line), "{run:#?}");
    }
}

#[test]
fn the_readme_of_0_2_and_its_four_features() {
    let programs = bins(&[
        ("two_memory_usage", include_str!("../../documents/usage_0_2_and_0_7.rs")),
        ("two_memory_inner", include_str!("../../documents/inner_main_0_2.rs")),
        // `outer` allocates 100 bytes and calls `inner` twice, which allocates 3000 and frees them.
        ("two_memory_views", include_str!("../../../memory/src/bin/settings.rs")),
    ]);
    let package = Package::new("memory_two", MANIFEST_0_2, &programs);
    for (feature, mode, scope, header, shown, in_all) in [
        ("bytes-total", "alloc-bytes", "cumulative", "Cumulative allocation bytes", "6.0 KB", "6.0 KB"),
        ("bytes-max", "alloc-bytes", "peak", "Peak live bytes", "3.0 KB", "3.0 KB"),
        ("count-total", "alloc-count", "cumulative", "Cumulative allocation count", "3", "3"),
        ("count-max", "alloc-count", "peak", "Peak live allocations", "2", "2"),
    ] {
        let features = format!("--features=hotpath,hotpath-alloc-{feature}");
        package.succeeds(&["build", "--quiet", &features]);
        let run = program("two_memory_usage", &[]); // on tokio's threads
        assert!(run.stdout.contains(header) && run.stdout.contains("::async_function"), "{run:#?}");
        assert!(program("two_memory_inner", &[]).stdout.contains("two_memory_inner::inner_main"));
        let report = program("two_memory_views", &[JSON]).report();
        let section = &report["functions_alloc"];
        assert_eq!((&section["profiling_mode"], &section["scope"]), (&mode.into(), &scope.into()));
        assert_eq!(row(&report, "::outer")["total"], shown, "{feature}");
        assert_eq!(row(&report, "::main")["total"], in_all, "{feature}");
        // All readings write the same numbers.
        let outer = row(&report, "::outer");
        let numbers = ["self_bytes", "total_bytes", "peak_bytes", "self_count", "total_count", "peak_count"];
        let numbers = numbers.map(|key| outer[key].as_u64().expect("a number"));
        assert_eq!(numbers, [100, 6100, 3100, 1, 3, 2], "{feature}");
        assert_balance(&report);
        // The environment has the last word.
        let settings = [JSON, ("HOTPATH_ALLOC_METRIC", "count"), ("HOTPATH_ALLOC_SELF", "true")];
        let section = &program("two_memory_views", &settings).report()["functions_alloc"];
        assert_eq!(
            (&section["profiling_mode"], &section["scope"]),
            (&"alloc-count".into(), &"exclusive".into())
        );
    }
}

const MANIFEST: &str = r#"
[dependencies]
hotpath = "0.16.1"

[features]
hotpath = ["hotpath/hotpath"]
hotpath-alloc = ["hotpath/hotpath-alloc"]
hotpath-off = ["hotpath/hotpath-off"]
"#;

/// Whether it counts or not, every operation reaches the inner allocator as what it is, and nothing else does.
#[test]
fn where_nothing_is_counted_it_only_passes_on() {
    let program = include_str!("../../../memory/src/bin/forwarding.rs");
    let package = Package::new("memory_passes", MANIFEST, &bins(&[("memory_passes", program)]));
    for (mode, does) in [
        (&[] as &[&str], "passes"),
        (&["--features=hotpath"], "passes"),
        (&["--features=hotpath-alloc"], "counts"),
        (&["--features=hotpath,hotpath-alloc"], "counts"),
        (&["--features=hotpath-alloc,hotpath-off"], "passes"),
        (&["--all-features"], "passes"),
    ] {
        let mut arguments = vec!["run", "--quiet"];
        arguments.extend(mode);
        arguments.extend(["--", does]);
        let run = package.succeeds(&arguments);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("forwarded\n", ""), "{mode:?}");
    }
}

#[test]
fn a_path_that_is_no_allocator() {
    let program = "struct NotOne;\n\n#[hotpath::main(allocator = NotOne)]\nfn main() {}\n";
    let package = Package::new("memory_not_one", MANIFEST, &bins(&[("not_one", program)]));
    let run = ended(&mut package.cargo(&["check", "--quiet", "--features=hotpath-alloc"]));
    assert!(!run.status.success());
    assert!(run.stderr.contains("`NotOne: GlobalAlloc` is not satisfied"), "{}", run.stderr);
    assert!(run.stderr.contains("src/bin/not_one.rs:3:"), "it points at the attribute: {}", run.stderr);
    let two = "#[global_allocator]\nstatic OWN: std::alloc::System = std::alloc::System;\n\n\
               #[hotpath::main]\nfn main() {}\n";
    let package = Package::new("memory_two_of_them", MANIFEST, &bins(&[("two_of_them", two)]));
    let run = ended(&mut package.cargo(&["check", "--quiet", "--features=hotpath-alloc"]));
    assert!(run.stderr.contains("cannot define multiple global allocators"), "{}", run.stderr);
    package.succeeds(&["check", "--quiet", "--features=hotpath"]);
}
