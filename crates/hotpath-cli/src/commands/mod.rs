//! The commands, a file or folder each.

mod ab;
pub(crate) mod ci;
mod compare;
pub(crate) mod console;
mod demo;
mod export;
mod history;
pub(crate) mod init;
mod mcp;
mod report;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::Program;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows a running program, or a saved report, on the terminal; the default
    Console(console::Arguments),
    /// Runs a program with everything instrumented, and the console on it
    Demo(demo::Arguments),
    /// Prints the report of a running program, or of a file, once
    Report(report::Arguments),
    /// Writes a report in the formats of other tools, or as a flame graph
    Export(export::Arguments),
    /// Answers an AI agent on standard input and output: of a running program, or of saved reports
    Mcp(mcp::Arguments),
    /// Compares two sets of runs: what got slower, what did not, and what the runs cannot tell
    Compare(compare::Arguments),
    /// Runs two variants of a program in turns until it is clear which is faster
    Ab(Box<ab::Arguments>),
    /// Keeps reports over time, and shows how numbers changed
    History(history::Arguments),
    /// Shows what to add to a crate so that it is measured, or a small program to begin with
    Init(init::Arguments),
    /// What a job on GitHub does with reports
    #[command(subcommand)]
    Ci(ci::Command),
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
    pub(crate) fn run(self, program: &Program) -> Result<ExitCode> {
        match self {
            Self::Console(arguments) => console::run(&arguments)?,
            Self::Demo(arguments) => demo::run(&arguments, program)?,
            Self::Report(arguments) => report::run(&arguments)?,
            Self::Export(arguments) => export::run(&arguments)?,
            Self::Mcp(arguments) => mcp::run(&arguments)?,
            Self::Compare(arguments) => return compare::run(&arguments),
            Self::Ab(arguments) => return ab::run(&arguments),
            Self::History(arguments) => return history::run(&arguments),
            Self::Init(arguments) => init::run(&arguments)?,
            Self::Ci(command) => return ci::run(&command),
            Self::ProfilePr(arguments) => return ci::profile_pr(&arguments),
        }
        Ok(ExitCode::SUCCESS)
    }
}
