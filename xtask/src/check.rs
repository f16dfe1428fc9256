//! What CI runs.

use crate::{Result, cargo};

/// Everything, fastest first.
pub fn everything() -> Result {
    cargo(&["fmt", "--all", "--check"], &[])?;
    lint()?;
    features()?;
    cargo(&["test", "--workspace"], &[])?;
    instruments()?;
    documents()?;
    loom()
}

fn lint() -> Result {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    cargo(&["clippy", "-p", "hotpath", "--all-targets", "--features", "hotpath", "--", "-D", "warnings"], &[])
}

/// Off, on, both at once, and the library alone.
fn features() -> Result {
    for features in ["", "hotpath", "hotpath-off", "hotpath,hotpath-off"] {
        cargo(
            &["check", "-p", "hotpath", "--no-default-features", "--features", features],
            &[("RUSTFLAGS", "-Dwarnings")],
        )?;
    }
    Ok(())
}

/// Every library that the profiler has instruments for.
const INSTRUMENTS: &str = "hotpath,async-channel,crossbeam,flume,futures,tokio";

fn instruments() -> Result {
    let build = ["-p", "hotpath", "--features", INSTRUMENTS];
    let lint = [&["clippy", "--all-targets"][..], &build, &["--", "-D", "warnings"]].concat();
    cargo(&lint, &[])?;
    cargo(&[&["test"][..], &build].concat(), &[])?;
    // What tokio tells with that flag only, in a target folder of its own: it rebuilds everything.
    let unstable = [("RUSTFLAGS", "--cfg tokio_unstable"), ("CARGO_TARGET_DIR", "target/tokio_unstable")];
    cargo(&["test", "-p", "hotpath", "--features", "hotpath,tokio", "--test", "tokio_runtime"], &unstable)
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
