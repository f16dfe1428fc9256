//! The commands, a file or folder each.

mod report;

use anyhow::Result;
use clap::Subcommand;

use crate::Program;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prints the report of a running program, or of a file, once
    Report(report::Arguments),
}

impl Command {
    pub(crate) fn run(self, _program: &Program) -> Result<()> {
        match self {
            Self::Report(arguments) => report::run(&arguments),
        }
    }
}
