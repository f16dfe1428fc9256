//! `hotpath export`: writes a report in the formats of other tools, and as a self-contained flame graph.
//!
//! | file | contents |
//! |---|---|
//! | `profile.rs`, `weight.rs` | the common model: a weighted call tree, or the difference of two |
//! | `native.rs` | native frames below measured functions, from CPU samples |
//! | `collapsed.rs`, `speedscope.rs`, `pprof.rs`, `firefox.rs`, `trace.rs`, `flamegraph.rs` | a writer per format |
//! | `pprof_proto.rs` | the messages of pprof |
//!
//! A writer is a function of the model alone. Weights are exclusive (self), so that sums over stacks are totals; only `trace.rs`
//! writes inclusive ones.

mod collapsed;
mod firefox;
mod flamegraph;
mod native;
mod pprof;
mod pprof_proto;
mod profile;
mod speedscope;
mod trace;
mod weight;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::ValueEnum;
use hotpath_report::Report;

use crate::client::EndpointArguments;
use crate::file::shown;
use crate::target::TargetArguments;
use crate::{source, symbols};
use profile::Profile;
use weight::Choice;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Output format
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Format,
    /// Weight of the stacks; formats with several weights contain all of them and show this one first [default: time]
    #[arg(long, value_enum, value_name = "WEIGHT")]
    weight: Option<Choice>,
    /// Report files, instead of a running program; several are merged
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "url")]
    report: Vec<PathBuf>,
    /// Shows the difference from these reports (flamegraph, collapsed, pprof)
    #[arg(long, value_name = "BASE", num_args = 1..)]
    diff: Vec<PathBuf>,
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    endpoint: EndpointArguments,
}

/// A format that can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A self-contained HTML page
    Flamegraph,
    /// One line per stack (inferno, FlameGraph, speedscope, Pyroscope)
    Collapsed,
    /// speedscope's own format
    Speedscope,
    /// pprof's protobuf in gzip (pprof, Pyroscope, Parca, Grafana)
    Pprof,
    /// A processed profile for profiler.firefox.com
    Firefox,
    /// Trace events (ui.perfetto.dev, chrome://tracing): an artificial timeline of the sums
    #[value(alias = "perfetto", alias = "chrome")]
    Trace,
}

impl Format {
    fn is_binary(self) -> bool {
        self == Self::Pprof
    }

    /// Returns whether it supports the difference of two reports.
    fn has_difference(self) -> bool {
        matches!(self, Self::Flamegraph | Self::Collapsed | Self::Pprof)
    }

    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let format = arguments.to;
    check(format, arguments.weight, !arguments.diff.is_empty())?;
    arguments.target.check(format.is_binary())?;
    let (head, from) = match arguments.report.as_slice() {
        [] => (symbolized(arguments.endpoint.client()?.report()?), "the running program".to_owned()),
        files => merged(files)?,
    };
    let profile = match arguments.diff.as_slice() {
        [] => Profile::of(&head, &from)?,
        files => {
            let (base, base_from) = merged(files)?;
            Profile::difference((&base, &base_from), (&head, &from))?
        }
    };
    arguments.target.write(&written(&profile, format, arguments.weight.unwrap_or(Choice::Time))?)
}

/// Refuses what a format does not support.
fn check(format: Format, weight: Option<Choice>, is_difference: bool) -> Result<()> {
    if is_difference && !format.has_difference() {
        bail!("{} does not support --diff: use flamegraph, collapsed or pprof", format.name());
    }
    let is_layout = |choice: Choice| choice.index() == trace::LAYOUT;
    if format == Format::Trace && !weight.is_none_or(is_layout) {
        bail!("a trace has only a time axis: omit --weight (each slice lists the other weights)");
    }
    Ok(())
}

fn written(profile: &Profile, format: Format, choice: Choice) -> Result<Vec<u8>> {
    let weight = choice.index();
    profile.require(weight)?;
    Ok(match format {
        Format::Flamegraph => flamegraph::write(profile, choice)?,
        Format::Collapsed => collapsed::write(profile, weight),
        Format::Speedscope => speedscope::write(profile, weight)?,
        Format::Pprof => pprof::write(profile, weight)?,
        Format::Firefox => firefox::write(profile, weight)?,
        Format::Trace => trace::write(profile)?,
    })
}

/// Symbolizes the native stacks of a report, if it has any; before a merge, because each report has its own files.
fn symbolized(mut report: Report) -> Report {
    for problem in report.cpu_stacks.as_mut().map(symbols::symbolize).unwrap_or_default() {
        eprintln!("hotpath: {problem}");
    }
    report
}

/// Reads and merges reports, and returns a name for them.
fn merged(files: &[PathBuf]) -> Result<(Report, String)> {
    let mut merged: Option<Report> = None;
    for file in files {
        let report = symbolized(source::read(file)?);
        merged = Some(match merged {
            Some(sum) => hotpath_analysis::merge(&sum, &report),
            None => report,
        });
    }
    let names: Vec<String> = files.iter().map(|file| short(file)).collect();
    Ok((merged.unwrap_or_default(), names.join(" + ")))
}

/// Returns the name of a file without its folders, which mean nothing to the readers of the output.
fn short(path: &Path) -> String {
    shown(path.file_name().map_or(path, Path::new))
}
