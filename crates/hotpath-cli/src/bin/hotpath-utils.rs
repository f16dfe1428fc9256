//! `hotpath-utils`, as jobs written for 0.12 and later call it: `compare` and `profile-pr`.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    hotpath_cli::run_utils()
}
