//! What CI runs.

use crate::{Result, cargo};

/// Everything, fastest first.
pub fn everything() -> Result {
    cargo(&["fmt", "--all", "--check"], &[])?;
    lint()?;
    features()?;
    cargo(&["test", "--workspace"], &[])?;
    cargo(&["test", "-p", "hotpath", "--features", INSTRUMENTS], &[])?;
    documents()?;
    loom()
}

/// The libraries whose types are watched.
const INSTRUMENTS: &str = "hotpath,tokio,parking_lot,parking_lot-0_13,async-lock";

fn lint() -> Result {
    cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    cargo(
        &["clippy", "-p", "hotpath", "--all-targets", "--features", "hotpath", "--", "-D", "warnings"],
        &[],
    )?;
    cargo(
        &["clippy", "-p", "hotpath", "--all-targets", "--features", INSTRUMENTS, "--", "-D", "warnings"],
        &[],
    )
}

/// Off, on, both at once, and the library alone.
fn features() -> Result {
    let libraries = INSTRUMENTS.trim_start_matches("hotpath,");
    for features in ["", "hotpath", "hotpath-off", "hotpath,hotpath-off", libraries] {
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
