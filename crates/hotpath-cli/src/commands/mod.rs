//! The commands, one file or folder each.

mod ab;
pub(crate) mod ci;
mod compare;
pub(crate) mod console;
mod demo;
mod export;
#[cfg_attr(not(feature = "history"), path = "history_off.rs")]
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
    /// Shows a running program or a saved report in the terminal (default)
    Console(console::Arguments),
    /// Runs a fully instrumented example program and opens the console on it
    Demo(demo::Arguments),
    /// Prints the report of a running program or of a file
    Report(report::Arguments),
    /// Exports a report for other tools, or as a flame graph
    Export(export::Arguments),
    /// Serves a running program or saved reports to an AI agent over MCP (stdin and stdout)
    Mcp(mcp::Arguments),
    /// Compares two sets of runs: regressions, improvements, no regression, or inconclusive
    Compare(compare::Arguments),
    /// Runs two variants of a program in alternation until the result is conclusive
    Ab(Box<ab::Arguments>),
    /// Stores reports over time and shows trends
    History(history::Arguments),
    /// Proposes the changes that instrument a crate, or prints an example program
    Init(init::Arguments),
    /// Commands for jobs on GitHub
    #[command(subcommand)]
    Ci(ci::Command),
    /// `hotpath ci comment` under its name and with the flags of 0.7
    #[command(hide = true)]
    ProfilePr(Box<ci::ProfilePrArguments>),
}

/// The commands of `hotpath-utils`.
#[derive(Debug, Subcommand)]
pub(crate) enum UtilsCommand {
    /// Compares two reports; see also `hotpath compare`
    Compare(ci::CompareArguments),
    /// Compares two reports in a comment on a pull request; see also `hotpath ci comment`
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
    /// Runs the command, and returns the exit status of the process.
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
