//! The command `hotpath-utils`, which older jobs call, as `cargo install --path crates/hotpath --features utils` installs it.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    hotpath_cli::run_utils()
}
