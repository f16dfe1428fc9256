//! What CI runs.

use crate::{Result, cargo};

/// The profiler with every library that it has an instrument for.
const INSTRUMENTED: &str = "hotpath,crossbeam,flume,async-channel,tokio,futures";

/// Everything, fastest first.
pub fn everything() -> Result {
    cargo(&["fmt", "--all", "--check"], &[])?;
    lint()?;
    features()?;
    cargo(&["test", "--workspace"], &[])?;
    cargo(&["test", "-p", "hotpath", "--features", INSTRUMENTED], &[])?;
    tokio_unstable()?;
    documents()?;
    loom()
}

fn lint() -> Result {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    for features in ["hotpath", INSTRUMENTED] {
        cargo(
            &["clippy", "-p", "hotpath", "--all-targets", "--features", features, "--", "-D", "warnings"],
            &[],
        )?;
    }
    Ok(())
}

/// Off, on, both at once, and the library alone.
fn features() -> Result {
    for features in [
        "",
        "hotpath",
        "hotpath-off",
        "hotpath,hotpath-off",
        "crossbeam,flume,async-channel,tokio,futures",
        INSTRUMENTED,
    ] {
        cargo(
            &["check", "-p", "hotpath", "--no-default-features", "--features", features],
            &[("RUSTFLAGS", "-Dwarnings")],
        )?;
    }
    Ok(())
}

/// What tokio tells with that flag only, in a target folder of its own: the flag rebuilds everything.
fn tokio_unstable() -> Result {
    let env = [("RUSTFLAGS", "--cfg tokio_unstable"), ("CARGO_TARGET_DIR", "target/tokio_unstable")];
    cargo(&["test", "-p", "hotpath", "--features", "hotpath,tokio", "--test", "tokio_runtime"], &env)
}

fn documents() -> Result {
    let flags = [("RUSTDOCFLAGS", "-Dwarnings")];
    cargo(
        &["doc", "--no-deps", "-p", "hotpath-lane", "-p", "hotpath-report", "-p", "hotpath-macros"],
        &flags,
    )?;
    cargo(&["doc", "--no-deps", "-p", "hotpath", "--features", "hotpath"], &flags)
}

/// Model-checks the protocol of the lanes, in a target folder of its own: the flag rebuilds everything.
pub fn loom() -> Result {
    let env = [
        ("RUSTFLAGS", "--cfg loom"),
        ("LOOM_MAX_PREEMPTIONS", "2"),
        ("LOOM_MAX_BRANCHES", "20000"),
        ("CARGO_TARGET_DIR", "target/loom"),
    ];
    cargo(&["test", "-p", "hotpath-lane", "--release", "--lib"], &env)
}
