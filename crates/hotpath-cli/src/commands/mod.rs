//! The commands, a file or folder each.

mod ab;
pub(crate) mod ci;
mod compare;
pub(crate) mod console;
mod export;
mod history;
pub(crate) mod init;
mod report;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::Program;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What a job on GitHub does with reports
    #[command(subcommand)]
    Ci(ci::Command),
    /// Runs two variants of a program in turns until it is clear which is faster
    Ab(Box<ab::Arguments>),
    /// Shows a running program, or a saved report, on the terminal; the default
    Console(console::Arguments),
    /// Writes a report in the formats of other tools, or as a flame graph
    Export(export::Arguments),
    /// Compares two sets of runs: what got slower, what did not, and what the runs cannot tell
    Compare(compare::Arguments),
    /// Keeps reports over time, and shows how numbers changed
    History(history::Arguments),
    /// Prints the report of a running program, or of a file, once
    Report(report::Arguments),
    /// Shows what to add to a crate so that it is measured, or a small program to begin with
    Init(init::Arguments),
    /// `hotpath ci comment` under its name and with its flags of 0.7
    #[command(hide = true)]
    ProfilePr(Box<ci::ProfilePrArguments>),
}

/// What `hotpath-utils` does.
#[derive(Debug, Subcommand)]
pub(crate) enum UtilsCommand {
    /// Compares two reports; `hotpath compare` does the same, and more
    Compare(ci::CompareArguments),
    /// Compares two reports in a comment on a pull request; `hotpath ci comment` does the same, and more
    ProfilePr(Box<ci::ProfilePrArguments>),
}

impl UtilsCommand {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        match self {
            Self::Compare(arguments) => ci::compare(arguments),
            Self::ProfilePr(arguments) => ci::profile_pr(arguments),
        }
    }
}

impl Command {
    /// Runs it, and says with which status the process ends.
    pub(crate) fn run(self, _program: &Program) -> Result<ExitCode> {
        match self {
            Self::Ci(command) => return ci::run(&command),
            Self::ProfilePr(arguments) => return ci::profile_pr(&arguments),
            Self::Ab(arguments) => return ab::run(&arguments),
            Self::Console(arguments) => console::run(&arguments)?,
            Self::Export(arguments) => export::run(&arguments)?,
            Self::Compare(arguments) => return compare::run(&arguments),
            Self::History(arguments) => history::run(&arguments)?,
            Self::Report(arguments) => report::run(&arguments)?,
            Self::Init(arguments) => init::run(&arguments)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
