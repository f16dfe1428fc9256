//! What CI runs.

use crate::{Result, cargo};

/// Everything, fastest first.
pub fn everything() -> Result {
    cargo(&["fmt", "--all", "--check"], &[])?;
    lint()?;
    features()?;
    cargo(&["test", "--workspace"], &[])?;
    // Not a member's feature: in the workspace it would be on for all.
    cargo(&["test", "-p", "hotpath-lane", "--features", "alloc"], &[])?;
    cargo(&["test", "-p", "hotpath", "--features", "hotpath-alloc"], &[])?;
    documents()?;
    loom()
}

fn lint() -> Result {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    for features in ["hotpath", "hotpath-alloc"] {
        cargo(
            &["clippy", "-p", "hotpath", "--all-targets", "--features", features, "--", "-D", "warnings"],
            &[],
        )?;
    }
    Ok(())
}

/// Off, on, both at once, and the library alone.
fn features() -> Result {
    for features in
        ["", "hotpath", "hotpath-alloc", "hotpath-off", "hotpath,hotpath-off", "hotpath-alloc,hotpath-off"]
    {
        cargo(
            &["check", "-p", "hotpath", "--no-default-features", "--features", features],
            &[("RUSTFLAGS", "-Dwarnings")],
        )?;
    }
    Ok(())
}

fn documents() -> Result {
    let flags = [("RUSTDOCFLAGS", "-Dwarnings")];
    cargo(
        &["doc", "--no-deps", "-p", "hotpath-lane", "-p", "hotpath-report", "-p", "hotpath-macros"],
        &flags,
    )?;
    cargo(&["doc", "--no-deps", "-p", "hotpath", "--features", "hotpath-alloc"], &flags)
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
