//! The commands, a file or folder each.

mod ab;
mod compare;
pub(crate) mod console;
mod demo;
mod export;
mod history;
mod mcp;
mod report;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::Program;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs two variants of a program in turns until it is clear which is faster
    Ab(Box<ab::Arguments>),
    /// Shows a running program, or a saved report, on the terminal; the default
    Console(console::Arguments),
    /// Runs a program with everything instrumented, and the console on it
    Demo(demo::Arguments),
    /// Writes a report in the formats of other tools, or as a flame graph
    Export(export::Arguments),
    /// Compares two sets of runs: what got slower, what did not, and what the runs cannot tell
    Compare(compare::Arguments),
    /// Keeps reports over time, and shows how numbers changed
    History(history::Arguments),
    /// Answers an AI agent on standard input and output: of a running program, or of saved reports
    Mcp(mcp::Arguments),
    /// Prints the report of a running program, or of a file, once
    Report(report::Arguments),
}

impl Command {
    /// Runs it, and says with which status the process ends.
    pub(crate) fn run(self, program: &Program) -> Result<ExitCode> {
        match self {
            Self::Ab(arguments) => return ab::run(&arguments),
            Self::Console(arguments) => console::run(&arguments)?,
            Self::Demo(arguments) => demo::run(&arguments, program)?,
            Self::Export(arguments) => export::run(&arguments)?,
            Self::Compare(arguments) => return compare::run(&arguments),
            Self::History(arguments) => return history::run(&arguments),
            Self::Mcp(arguments) => mcp::run(&arguments)?,
            Self::Report(arguments) => report::run(&arguments)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}
