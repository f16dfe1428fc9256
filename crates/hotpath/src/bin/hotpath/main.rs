//! The command `hotpath`, as `cargo install --path crates/hotpath --features tui` installs it: the crate `hotpath-cli`, with the
//! workload of `hotpath demo` built in.

#![forbid(unsafe_code)]

mod workload;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: hotpath::CountingAllocator = hotpath::CountingAllocator::new();

fn main() -> ExitCode {
    hotpath_cli::run(&hotpath_cli::Program { workload: Some(workload::run) })
}
