//! `hotpath history` in a build without the feature `history`: one message.

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, bail};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Ignored
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    rest: Vec<OsString>,
}

pub(crate) fn run(_: &Arguments) -> Result<ExitCode> {
    bail!(
        "this build of hotpath has no history: install it with the feature `history` (on by default; it needs a C compiler)"
    )
}
