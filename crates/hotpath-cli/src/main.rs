//! `hotpath`, without the built-in workload of `hotpath demo`, which the binary of the crate `hotpath` brings.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    hotpath_cli::run(&hotpath_cli::Program::default())
}
