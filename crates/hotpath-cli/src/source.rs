//! The source of a report: the endpoint of a running program, or a file.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use hotpath_report::Report;

use crate::client::{Client, EndpointArguments};
use crate::file;

/// The flags that choose a source; the endpoint on this machine by default.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SourceArguments {
    #[command(flatten)]
    pub(crate) endpoint: EndpointArguments,
    /// Report file (JSON), instead of a running program
    #[arg(long, value_name = "FILE")]
    pub(crate) report: Option<PathBuf>,
}

/// An open source, which can be read repeatedly.
#[derive(Debug)]
pub(crate) enum Source {
    Live(Client),
    File(PathBuf),
}

impl SourceArguments {
    pub(crate) fn open(&self) -> Result<Source> {
        Ok(match &self.report {
            Some(path) => Source::File(path.clone()),
            None => Source::Live(self.endpoint.client()?),
        })
    }
}

impl Source {
    /// Reads the current report.
    pub(crate) fn report(&self) -> Result<Report> {
        match self {
            Self::Live(client) => client.report(),
            Self::File(path) => read(path),
        }
    }
}

/// Reads the report in a file.
pub(crate) fn read(path: &Path) -> Result<Report> {
    parse(&file::text(path)?, path)
}

/// Parses the report in the text of a file.
pub(crate) fn parse(text: &str, path: &Path) -> Result<Report> {
    hotpath_analysis::read_report(text).with_context(|| format!("{}: invalid report", file::shown(path)))
}
