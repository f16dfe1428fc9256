//! The `hotpath` command: reads what the profiler recorded, from a running program or from report files.
//!
//! It knows reports ([`hotpath_report`]) and nothing of how they are recorded: every command asks a source for a
//! report and shows it.
//!
//! | file | what |
//! |---|---|
//! | `source.rs` | where a report comes from: a running program, or files |
//! | `file.rs` | files that somebody else wrote |
//! | `client.rs` | talks to the metrics endpoint of a running program |
//! | `github/` | a client of GitHub's API, for one comment on a pull request |
//! | `policy.rs` | what a comparison judges: flags and policy files |
//! | `symbols.rs` | names for native stacks |
//! | `target.rs` | where an output goes |
//! | `exit.rs` | the exit statuses |
//! | `time.rs` | moments as reports write them |
//! | `commands/` | a file or folder per command |

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
mod time;

use std::process::ExitCode;

use clap::Parser;

#[doc(hidden)]
pub use commands::init::bootstrap_script;
pub use exit::{EXIT_STATUSES, ExitStatus};

/// What the binary brings that this crate may not depend on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Program {
    /// Runs the workload of `hotpath demo` until the process is ended; `None` where it is not built in.
    pub workload: Option<fn()>,
}

#[derive(Debug, Parser)]
#[command(
    name = "hotpath",
    version,
    about = "Reads what the hotpath profiler recorded, live or from report files",
    args_conflicts_with_subcommands = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<commands::Command>,
    #[command(flatten)]
    console: commands::console::Arguments,
}

/// Runs the command that the arguments of the process name. A failure is one message on stderr, and status 2.
#[must_use]
pub fn run(program: &Program) -> ExitCode {
    let arguments = Arguments::parse();
    let command = arguments.command.unwrap_or(commands::Command::Console(arguments.console));
    ended(command.run(program))
}

#[derive(Debug, Parser)]
#[command(
    name = "hotpath-utils",
    version,
    about = "Compares reports of the hotpath profiler, as 0.12 and later did"
)]
struct UtilsArguments {
    #[command(subcommand)]
    command: commands::UtilsCommand,
}

/// The command `hotpath-utils`, which older jobs call.
#[must_use]
pub fn run_utils() -> ExitCode {
    ended(UtilsArguments::parse().command.run())
}

fn ended(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    match outcome {
        Ok(status) => status,
        Err(problem) => {
            // Names and paths of others stand in it.
            let problem = format!("{problem:#}");
            let lines: Vec<String> = problem.lines().map(hotpath_report::render::printable).collect();
            eprintln!("hotpath: {}", lines.join("\n"));
            exit::FAILURE.into()
        }
    }
}
