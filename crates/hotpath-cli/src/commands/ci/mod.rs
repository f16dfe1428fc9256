//! `hotpath ci`: what a job on GitHub does with two sets of reports.
//!
//! | file | what |
//! |---|---|
//! | `comment.rs` | `hotpath ci comment`: the comment, the summary of the job, the status |
//! | `text.rs` | the comment's text, no longer than GitHub takes |
//! | `artifact.rs` | what the measuring job hands to the commenting one |
//! | `older.rs` | the same under the names and flags of 0.7 and 0.12 |

mod artifact;
mod comment;
mod older;
mod text;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

pub(crate) use older::{CompareArguments, ProfilePrArguments, compare, profile_pr};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compares two sets of reports, and says so in one comment on the pull request and in the summary of the job
    Comment(Box<comment::Arguments>),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Comment(arguments) => comment::run(arguments),
    }
}
