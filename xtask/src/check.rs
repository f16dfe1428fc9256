//! What CI runs.

use crate::{Result, book, cargo, lowest};

/// A workspace of its own; its tests are run by those of `tests/e2e`.
const MEMORY: &str = "tests/memory/Cargo.toml";
/// Another one, with the published crates.
const PUBLISHED: &str = "tests/published/Cargo.toml";
/// Another one, with the profilers that this one is measured beside.
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

/// Everything that the profiler can record.
const INSTRUMENTED: &str = "hotpath-alloc,threads,tokio,futures,crossbeam,flume,async-channel,parking_lot,parking_lot-0_13,async-lock";

/// Everything, fastest first.
pub fn everything() -> Result {
    cargo(&["fmt", "--all", "--check"], &[])?;
    cargo(&["fmt", "--manifest-path", MEMORY, "--check"], &[])?;
    cargo(&["fmt", "--manifest-path", PUBLISHED, "--check"], &[])?;
    book::check()?;
    lint()?;
    features()?;
    cargo(&["test", "--workspace"], &[])?;
    cargo(
        &["test", "--manifest-path", PEERS, "-p", "peer-ours-work"],
        &[("CARGO_TARGET_DIR", "target/peers")],
    )?;
    published()?;
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
    tokio_unstable()?;
    lowest::check()?;
    documents()?;
    loom()
}

fn lint() -> Result {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    // Beside the workspace: it builds a C library, which nobody needs who has nothing to do with GitHub.
    cargo(
        &["clippy", "-p", "hotpath-cli", "--all-targets", "--features", "tls", "--", "-D", "warnings"],
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

/// What we write, read by the published crates.
fn published() -> Result {
    let env = [("CARGO_TARGET_DIR", "target/published")];
    let lint = ["clippy", "--manifest-path", PUBLISHED, "--all-targets", "--", "-D", "warnings"];
    cargo(&lint, &env)?;
    cargo(&["test", "--manifest-path", PUBLISHED], &env)
}

/// Off, on, both at once, and the libraries: each alone, and all without the profiler.
fn features() -> Result {
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

/// What tokio tells with that flag only, in a target folder of its own: the flag rebuilds everything.
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
