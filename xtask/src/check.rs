//! The checks of CI, in sections, fastest first.

use std::time::Instant;

use crate::{Result, book, cargo, lowest, newcomer, tidy};

/// A workspace of its own, in which allocations are tracked.
const MEMORY: &str = "tests/memory/Cargo.toml";
/// A workspace of its own, with the published crates.
const PUBLISHED: &str = "tests/published/Cargo.toml";
/// A workspace of its own, with the profilers that this one is measured beside.
const PEERS: &str = "bench/peers/Cargo.toml";

/// Features that each turn on the instruments of one library.
const LIBRARIES: [&str; 8] = [
    "tokio",
    "futures",
    "crossbeam",
    "flume",
    "async-channel",
    "parking_lot",
    "parking_lot-0_13",
    "async-lock",
];

/// All instruments.
const INSTRUMENTED: &str = "hotpath-alloc,threads,tokio,futures,crossbeam,flume,async-channel,parking_lot,parking_lot-0_13,async-lock";

/// A group of checks.
struct Section {
    name: &'static str,
    check: fn() -> Result,
}

const SECTIONS: [Section; 5] = [
    Section { name: "style", check: style },
    Section { name: "tests", check: tests },
    Section { name: "features", check: features },
    Section { name: "builds", check: builds },
    Section { name: "models", check: models },
];

/// Runs one section, or all of them, and prints the wall time of each.
pub fn run(name: Option<&str>) -> Result {
    let chosen: Vec<&Section> =
        SECTIONS.iter().filter(|section| name.is_none_or(|name| name == section.name)).collect();
    if chosen.is_empty() {
        let names = SECTIONS.map(|section| section.name).join(", ");
        return Err(format!("unknown section `{}`; available: {names}", name.unwrap_or_default()));
    }
    let mut times = Vec::new();
    for section in chosen {
        let start = Instant::now();
        let result = (section.check)();
        times.push(format!("{:>8} s  {}", start.elapsed().as_secs(), section.name));
        if let Err(problem) = result {
            return Err(format!("section `{}`: {problem}", section.name));
        }
    }
    eprintln!("\nwall time of the sections:\n{}", times.join("\n"));
    Ok(())
}

/// Unit tests and the tests of pure crates: seconds, for the time between two edits.
pub fn fast_tests() -> Result {
    let pure = [
        "hotpath-lane",
        "hotpath-report",
        "hotpath-analysis",
        "hotpath-macros",
        "hotpath-http",
        "hotpath-mcp",
    ];
    let packages = pure.into_iter().flat_map(|package| ["-p", package]);
    cargo(&["test"].into_iter().chain(packages).collect::<Vec<_>>(), &[])?;
    cargo(&["test", "--lib", "-p", "hotpath", "-p", "hotpath-cli", "--features", "hotpath/hotpath"], &[])
}

/// Formatting, documents, words, module cycles and lints.
fn style() -> Result {
    cargo(&["fmt", "--all", "--check"], &[])?;
    cargo(&["fmt", "--manifest-path", MEMORY, "--check"], &[])?;
    cargo(&["fmt", "--manifest-path", PUBLISHED, "--check"], &[])?;
    book::check()?;
    tidy::check()?;
    lint()
}

/// The tests of the workspace.
fn tests() -> Result {
    cargo(&["test", "--workspace"], &[])
}

/// The library with other features: the combinations build, and its tests pass in those that record differently.
fn features() -> Result {
    combinations()?;
    // Not a member's feature: in the workspace it would be on for all.
    cargo(&["test", "-p", "hotpath-lane", "--features", "alloc"], &[])?;
    cargo(&["test", "-p", "hotpath", "--no-default-features", "--features", "hotpath"], &[])?;
    cargo(&["test", "-p", "hotpath", "--features", INSTRUMENTED], &[])?;
    // Alone: the other tests name the types that `channel!` gives without this feature.
    let own_types = format!("{INSTRUMENTED},proxy");
    cargo(&["test", "-p", "hotpath", "--features", &own_types, "--test", "channels_proxy"], &[])?;
    // Alone: programs of other tests would be sampled too.
    let sampled =
        ["test", "-p", "hotpath", "--features", "hotpath-cpu", "--test", "cpu", "--test", "cpu_programs"];
    cargo(&sampled, &[])?;
    tokio_unstable()
}

/// Packages that the tests build by cargo, and workspaces of their own.
fn builds() -> Result {
    cargo(&["test", "-p", "e2e", "--features", "builds", "--test", "builds"], &[])?;
    cargo(&["test", "-p", "parity", "--features", "builds", "--test", "builds"], &[])?;
    cargo(&["test", "-p", "ui-tests", "--features", "builds", "--test", "compile"], &[])?;
    cargo(&["test", "-p", "hotpath-cli", "--features", "_test-builds", "--test", "scenarios"], &[])?;
    cargo(&["test", "-p", "hotpath-cli", "--no-default-features", "--test", "it", "history_off"], &[])?;
    book::run(&["--run"])?;
    memory()?;
    published()?;
    cargo(
        &["test", "--manifest-path", PEERS, "-p", "peer-ours-work"],
        &[("CARGO_TARGET_DIR", "target/peers")],
    )?;
    newcomer::check()?;
    lowest::check()
}

/// The API documentation, and the protocol of the lanes.
fn models() -> Result {
    documents()?;
    loom()
}

fn lint() -> Result {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    let with_builds = "e2e/builds,parity/builds,ui-tests/builds,hotpath-cli/_test-builds";
    let packages = [
        "clippy",
        "-p",
        "e2e",
        "-p",
        "parity",
        "-p",
        "ui-tests",
        "-p",
        "hotpath-cli",
        "--tests",
        "--features",
    ];
    cargo(&[packages.as_slice(), &[with_builds, "--", "-D", "warnings"]].concat(), &[])?;
    // Beside the workspace: it builds a C library, which nobody needs who has nothing to do with GitHub.
    cargo(
        &["clippy", "-p", "hotpath-cli", "--all-targets", "--features", "tls", "--", "-D", "warnings"],
        &[],
    )?;
    cargo(
        &["clippy", "-p", "hotpath-cli", "--all-targets", "--no-default-features", "--", "-D", "warnings"],
        &[],
    )?;
    let features = |features: &'static str| {
        ["clippy", "-p", "hotpath", "--all-targets", "--no-default-features", "--features", features]
    };
    for features in
        ["hotpath", "hotpath,threads", "hotpath-cpu", "hotpath-cpu,serve,threads", INSTRUMENTED].map(features)
    {
        cargo(&[features.as_slice(), &["--", "-D", "warnings"]].concat(), &[])?;
    }
    let own_types = format!("{INSTRUMENTED},proxy");
    let of_own_types =
        ["clippy", "-p", "hotpath", "--lib", "--test", "channels_proxy", "--features", &own_types];
    cargo(&[of_own_types.as_slice(), &["--", "-D", "warnings"]].concat(), &[])?;
    cargo(
        &["clippy", "--manifest-path", MEMORY, "--all-targets", "--", "-D", "warnings"],
        &[("CARGO_TARGET_DIR", "target/memory")],
    )
}

/// Allocation tracking, to the byte.
fn memory() -> Result {
    let env = [("CARGO_TARGET_DIR", "target/memory")];
    let test = ["test", "--locked", "--manifest-path", MEMORY];
    cargo(&test, &env)?;
    cargo(&[test.as_slice(), &["--features", "threads", "--test", "of_threads"]].concat(), &env)
}

/// Our reports and answers, decoded by the published crates.
fn published() -> Result {
    let env = [("CARGO_TARGET_DIR", "target/published")];
    let lint = ["clippy", "--manifest-path", PUBLISHED, "--all-targets", "--", "-D", "warnings"];
    cargo(&lint, &env)?;
    cargo(&["test", "--manifest-path", PUBLISHED], &env)
}

/// Off, on, both at once, and the libraries: each alone, and all without the profiler.
fn combinations() -> Result {
    let libraries = LIBRARIES.join(",");
    let modes = [
        "",
        "threads",
        "hotpath",
        "hotpath,threads",
        "hotpath-alloc",
        "hotpath-cpu",
        "hotpath-cpu,hotpath-alloc,threads",
        "hotpath-alloc,threads",
        "hotpath-off",
        "hotpath-alloc,threads,hotpath-off",
        "hotpath-mcp",
        "hotpath-mcp,hotpath-cpu,hotpath-alloc,serve,threads,tokio",
        "tui",
        INSTRUMENTED,
        "proxy",
        "hotpath,proxy",
        "hotpath,proxy,tokio,futures,crossbeam,flume,async-channel",
        "json",
        "axum-0-8,diesel,json,sqlx,toasty",
        "hotpath,axum-0-8,diesel,json,sqlx,toasty",
    ];
    let each = LIBRARIES.map(|library| format!("hotpath,{library}"));
    let all = modes.into_iter().chain(each.iter().map(String::as_str)).chain([libraries.as_str()]);
    for features in all {
        cargo(
            &["check", "-p", "hotpath", "--no-default-features", "--features", features],
            &[("RUSTFLAGS", "-Dwarnings")],
        )?;
    }
    // Off: in the workspace some member turns the profiler on.
    for example in ["codestat", "pipeline"] {
        cargo(&["check", "-p", example, "--all-targets"], &[("RUSTFLAGS", "-Dwarnings")])?;
    }
    cargo(&["test", "-p", "pipeline"], &[])
}

/// The figures that tokio gives with that flag only, in a target folder of its own: the flag rebuilds everything.
fn tokio_unstable() -> Result {
    let env = [("RUSTFLAGS", "--cfg tokio_unstable"), ("CARGO_TARGET_DIR", "target/tokio_unstable")];
    cargo(&["test", "-p", "hotpath", "--features", "hotpath,tokio", "--test", "tokio_runtime"], &env)
}

fn documents() -> Result {
    let flags = [("RUSTDOCFLAGS", "-Dwarnings")];
    cargo(
        &[
            "doc",
            "--no-deps",
            "-p",
            "hotpath-lane",
            "-p",
            "hotpath-report",
            "-p",
            "hotpath-analysis",
            "-p",
            "hotpath-macros",
        ],
        &flags,
    )?;
    cargo(&["doc", "--no-deps", "-p", "hotpath", "--features", INSTRUMENTED], &flags)
}

/// Model-checks the protocol of the lanes, in a target folder of its own: the flag rebuilds everything.
pub fn loom() -> Result {
    let env = [
        ("RUSTFLAGS", "--cfg loom"),
        ("LOOM_MAX_PREEMPTIONS", "2"),
        ("LOOM_MAX_BRANCHES", "20000"),
        ("CARGO_TARGET_DIR", "target/loom"),
    ];
    cargo(&["test", "-p", "hotpath-lane", "--release", "--lib", "--features", "alloc"], &env)
}
