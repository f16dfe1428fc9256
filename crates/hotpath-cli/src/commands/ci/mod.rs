//! `hotpath ci`: commands for jobs on GitHub.
//!
//! | file | contents |
//! |---|---|
//! | `comment.rs` | `hotpath ci comment`: comment, job summary, exit status |
//! | `text.rs` | the text of the comment, within GitHub's limits |
//! | `artifact.rs` | the artifact that the measuring job hands to the commenting one |
//! | `older.rs` | the names and flags of 0.7 and 0.12 |

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
    /// Compares two sets of reports, and posts the result as a comment on the pull request and in the job summary
    Comment(Box<comment::Arguments>),
}

pub(crate) fn run(command: &Command) -> Result<ExitCode> {
    match command {
        Command::Comment(arguments) => comment::run(arguments),
    }
}
