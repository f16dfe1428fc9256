//! The commands, a file or folder each.

mod compare;
pub(crate) mod init;
mod report;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::Program;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compares two sets of runs: what got slower, what did not, and what the runs cannot tell
    Compare(compare::Arguments),
    /// Prints the report of a running program, or of a file, once
    Report(report::Arguments),
    /// Shows what to add to a crate so that it is measured, or a small program to begin with
    Init(init::Arguments),
}

impl Command {
    /// Runs it, and says with which status the process ends.
    pub(crate) fn run(self, _program: &Program) -> Result<ExitCode> {
        match self {
            Self::Compare(arguments) => return compare::run(&arguments),
            Self::Report(arguments) => report::run(&arguments)?,
            Self::Init(arguments) => init::run(&arguments)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
