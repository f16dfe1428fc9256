//! `hotpath export`: a report in the formats of other tools, and as a page that needs no tool.
//!
//! | file | what |
//! |---|---|
//! | `profile.rs`, `weight.rs` | the one model: a call tree and what its nodes weigh; or the difference of two |
//! | `native.rs` | what CPU samples did below measured functions |
//! | `collapsed.rs`, `speedscope.rs`, `pprof.rs`, `firefox.rs`, `trace.rs`, `flamegraph.rs` | a writer per format |
//! | `pprof_proto.rs` | the messages of pprof |
//!
//! A writer is a function of the model alone. Weights are what a node has itself, so that sums over stacks are totals;
//! the one that shows totals is `trace.rs`.

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
use crate::target::TargetArguments;
use crate::{source, symbols};
use profile::Profile;
use weight::Choice;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Format to write
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Format,
    /// What stacks weigh; formats that hold several weights have all, and show this one first [default: time]
    #[arg(long, value_enum, value_name = "WEIGHT")]
    weight: Option<Choice>,
    /// Report files, instead of a running program; several are taken together
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "url")]
    report: Vec<PathBuf>,
    /// Shows what changed since these reports (flamegraph, collapsed, pprof)
    #[arg(long, value_name = "BASE", num_args = 1..)]
    diff: Vec<PathBuf>,
    #[command(flatten)]
    target: TargetArguments,
    #[command(flatten)]
    endpoint: EndpointArguments,
}

/// What can be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One HTML page, with everything in it
    Flamegraph,
    /// A line per stack (inferno, FlameGraph, speedscope, Pyroscope)
    Collapsed,
    /// speedscope's own format
    Speedscope,
    /// pprof's protobuf in gzip (pprof, Pyroscope, Parca, Grafana)
    Pprof,
    /// A processed profile for profiler.firefox.com
    Firefox,
    /// Trace events (ui.perfetto.dev, chrome://tracing): a made timeline of the sums
    #[value(alias = "perfetto", alias = "chrome")]
    Trace,
}

impl Format {
    fn is_binary(self) -> bool {
        self == Self::Pprof
    }

    /// Whether it can hold the difference of two reports.
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
        [] => (named(arguments.endpoint.client()?.report()?), "the running program".to_owned()),
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

/// Refuses what a format cannot say.
fn check(format: Format, weight: Option<Choice>, is_difference: bool) -> Result<()> {
    if is_difference && !format.has_difference() {
        bail!("{} cannot hold a difference: flamegraph, collapsed and pprof can", format.name());
    }
    let is_layout = |choice: Choice| choice.index() == trace::LAYOUT;
    if format == Format::Trace && !weight.is_none_or(is_layout) {
        bail!("a trace has one axis, time: leave --weight out (the other weights stand beside each slice)");
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

/// The report with names for its native stacks, if it has any. Before reports are merged: each knows its own files.
fn named(mut report: Report) -> Report {
    for problem in report.cpu_stacks.as_mut().map(symbols::symbolize).unwrap_or_default() {
        eprintln!("hotpath: {problem}");
    }
    report
}

/// The reports in these files as one, and what to call them.
fn merged(files: &[PathBuf]) -> Result<(Report, String)> {
    let mut merged: Option<Report> = None;
    for file in files {
        let report = named(source::read(file)?);
        merged = Some(match merged {
            Some(sum) => hotpath_analysis::merge(&sum, &report),
            None => report,
        });
    }
    let names: Vec<String> = files.iter().map(|file| short(file)).collect();
    Ok((merged.unwrap_or_default(), names.join(" + ")))
}

/// The name of a file without its folders, which say nothing to those who get the output.
fn short(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}
