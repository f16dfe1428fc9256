//! The commands, a file or folder each.

mod export;
mod report;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::Program;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Writes a report in the formats of other tools, or as a flame graph
    Export(export::Arguments),
    /// Prints the report of a running program, or of a file, once
    Report(report::Arguments),
}

impl Command {
    /// Runs it, and says with which status the process ends.
    pub(crate) fn run(self, _program: &Program) -> Result<ExitCode> {
        match self {
            Self::Export(arguments) => export::run(&arguments)?,
            Self::Report(arguments) => report::run(&arguments)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
