//! The `hotpath` command: shows, compares and exports reports of the profiler, from a running program or from files.
//!
//! It depends on reports ([`hotpath_report`]) and not on how they are recorded: every command reads a report from a source, and
//! shows it.
//!
//! | file | contents |
//! |---|---|
//! | `source.rs` | the source of a report: a running program, or a file |
//! | `file.rs` | untrusted files |
//! | `client.rs` | a client of the metrics endpoint of a running program |
//! | `github/` | a client of GitHub's API, for a comment on a pull request |
//! | `policy.rs` | the policy of a comparison: flags and policy files |
//! | `symbols.rs` | names for native stacks |
//! | `target.rs` | the destination of an output |
//! | `exit.rs` | the exit statuses |
//! | `time.rs` | timestamps as reports write them |
//! | `commands/` | one file or folder per command |

#![forbid(unsafe_code)]

mod client;
mod commands;
mod exit;
mod file;
mod github;
mod policy;
mod source;
mod symbols;
mod target;
#[cfg_attr(not(feature = "history"), allow(dead_code, reason = "the history formats times"))]
mod time;

use std::process::ExitCode;

use clap::Parser;

#[doc(hidden)]
pub use commands::init::bootstrap_script;
pub use exit::{EXIT_STATUSES, ExitStatus};

/// Parts of the binary that this crate may not depend on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Program {
    /// The workload of `hotpath demo`, which runs until the process ends; `None` if it is not built in.
    pub workload: Option<fn()>,
}

#[derive(Debug, Parser)]
#[command(
    name = "hotpath",
    version,
    about = "Shows, compares and exports reports of the hotpath profiler, live or from files",
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<commands::Command>,
    #[command(flatten)]
    console: commands::console::Arguments,
}

/// Runs the command that the arguments of the process name. A failure is one message on stderr and status 2.
#[must_use]
pub fn run(program: &Program) -> ExitCode {
    let arguments = Arguments::parse();
    let command = arguments.command.unwrap_or(commands::Command::Console(arguments.console));
    exit_code(command.run(program))
}

#[derive(Debug, Parser)]
#[command(
    name = "hotpath-utils",
    version,
    about = "Compares reports of the hotpath profiler; kept for jobs written for 0.12 and later"
)]
struct UtilsArguments {
    #[command(subcommand)]
    command: commands::UtilsCommand,
}

/// Runs the command `hotpath-utils`, which older jobs call.
#[must_use]
pub fn run_utils() -> ExitCode {
    exit_code(UtilsArguments::parse().command.run())
}

fn exit_code(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    match outcome {
        Ok(status) => status,
        Err(problem) => {
            // It may hold names and paths from untrusted files.
            let problem = format!("{problem:#}");
            let lines: Vec<String> = problem.lines().map(hotpath_report::render::printable).collect();
            eprintln!("hotpath: {}", lines.join("\n"));
            exit::FAILURE.into()
        }
    }
}
