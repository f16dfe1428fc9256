//! The commands, a file or folder each.

pub(crate) mod init;
mod report;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::Program;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prints the report of a running program, or of a file, once
    Report(report::Arguments),
    /// Shows what to add to a crate so that it is measured, or a small program to begin with
    Init(init::Arguments),
}

impl Command {
    /// Runs it, and says with which status the process ends.
    pub(crate) fn run(self, _program: &Program) -> Result<ExitCode> {
        match self {
            Self::Report(arguments) => report::run(&arguments)?,
            Self::Init(arguments) => init::run(&arguments)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
