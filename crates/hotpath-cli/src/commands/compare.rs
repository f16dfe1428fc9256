//! `hotpath compare BASE HEAD`: compares two sets of report files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use hotpath_analysis::compare::{self, Comparison, Policy};
use hotpath_report::{
    Report,
    render::{self, printable},
};

use crate::exit;
use crate::file;
use crate::policy::PolicyArguments;
use crate::source;
use crate::target;

const SIDES: &str = "\
Each side is a report file, a folder of report files (*.json), or a pattern such as 'runs/base-*.json'.
Times are judged from five runs per side; with fewer, most results are inconclusive.";

#[derive(Debug, clap::Args)]
#[command(after_help = format!("{SIDES}\n\n{}", exit::help()))]
pub(crate) struct Arguments {
    /// Baseline: a report file, a folder, or a pattern
    base: String,
    /// Reports to compare with it: a report file, a folder, or a pattern
    head: String,
    /// More reports of the base
    #[arg(long = "base", value_name = "PATH")]
    more_base: Vec<String>,
    /// More reports of the head
    #[arg(long = "head", value_name = "PATH")]
    more_head: Vec<String>,
    #[command(flatten)]
    comparison: ComparisonArguments,
}

/// The flags of a comparison of two sets of reports, whatever their source.
#[derive(Debug, clap::Args)]
pub(crate) struct ComparisonArguments {
    /// Compares reports of different programs, too
    #[arg(long)]
    force: bool,
    /// Allows --fail-on to compare a build with itself
    #[arg(long)]
    same_ok: bool,
    #[command(flatten)]
    policy: PolicyArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// The flags of the output of a comparison, and of its exit status.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OutputArguments {
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Shows unchanged rows, too (table only)
    #[arg(long)]
    all: bool,
    /// Exits with status 1 on this outcome
    #[arg(long, value_enum, value_name = "OUTCOME")]
    fail_on: Option<FailOn>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Markdown,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// A metric got worse, or a budget is exceeded
    Regression,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let base = side("base", &arguments.base, &arguments.more_base)?;
    let head = side("head", &arguments.head, &arguments.more_head)?;
    arguments.comparison.compare(&base, &head)
}

impl ComparisonArguments {
    /// Compares two sets of reports, prints the result, and returns the exit status of the process.
    pub(crate) fn compare(&self, base: &[Report], head: &[Report]) -> Result<ExitCode> {
        let policy = self.policy.policy()?;
        let difference = compare::difference_of_programs(base, head).filter(|_| !self.force);
        if let Some(difference) = difference {
            bail!("the reports are of different programs: {difference}; --force compares them anyway");
        }
        if self.output.fail_on.is_some() && !self.same_ok {
            different_builds(base, head)?;
        }
        self.output.print(&compared(base, head, &policy)?)
    }
}

/// Compares two sets of reports.
///
/// # Errors
///
/// If the sides have no row in common: "no regression" would be misleading.
pub(crate) fn compared(base: &[Report], head: &[Report], policy: &Policy) -> Result<Comparison> {
    let comparison = compare::compare(base, head, policy);
    match compare::nothing_in_common(&comparison, base, head) {
        Some(nothing) => bail!(nothing),
        None => Ok(comparison),
    }
}

/// Ensures that a gate can fail.
///
/// # Errors
///
/// If both sides ran the same build with the same arguments.
pub(crate) fn different_builds(base: &[Report], head: &[Report]) -> Result<()> {
    let Some(build) = compare::same_build(base, head) else { return Ok(()) };
    let build = build.get(..12).unwrap_or(build);
    bail!(
        "both sides ran the same build of the program ({build}) with the same arguments, so a regression cannot be detected. Build each \
         side in its own folder, or use --same-ok if they are meant to be the same"
    );
}

impl OutputArguments {
    /// Prints a comparison, and returns the exit status of the process.
    pub(crate) fn print(&self, comparison: &Comparison) -> Result<ExitCode> {
        let mut text = String::new();
        match self.format {
            Format::Table => compare::table(comparison, self.all, &render::Options::default(), &mut text)?,
            Format::Markdown => compare::markdown(comparison, &mut text)?,
            Format::Json => {
                compare::json(comparison, &mut text)?;
                text.push('\n');
            }
        }
        target::print(text)?;
        let fails = self.fail_on.is_some() && comparison.regressions().next().is_some();
        Ok(if fails { exit::REGRESSION } else { exit::SUCCESS }.into())
    }
}

/// Reads the reports of one side. Each counts once, however often it is named or copied: duplicates would overstate the evidence.
pub(crate) fn side(name: &str, first: &str, more: &[String]) -> Result<Vec<Report>> {
    let mut files = BTreeSet::new();
    for location in std::iter::once(first).chain(more.iter().map(String::as_str)) {
        let found = files_at(location)?;
        if found.is_empty() {
            bail!("{name}: no report files at {}", printable(location));
        }
        files.extend(found);
    }
    let (mut reports, mut known) = (Vec::new(), BTreeSet::new());
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in files {
        // A missing file is reported when it is read.
        if !known.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            continue;
        }
        let text = file::text(&path)?;
        match seen.get(&text) {
            Some(other) => eprintln!(
                "hotpath: {name}: {} is a copy of {} and is ignored",
                file::shown(&path),
                file::shown(other)
            ),
            None => {
                reports.push(source::parse(&text, &path)?);
                seen.insert(text, path);
            }
        }
    }
    Ok(reports)
}

/// Returns the files of a path or pattern.
fn files_at(location: &str) -> Result<Vec<PathBuf>> {
    let path = Path::new(location);
    if path.is_dir() {
        let entries =
            std::fs::read_dir(path).with_context(|| format!("cannot read {}", printable(location)))?;
        let paths =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
        // Only folders are skipped: a file that cannot be read is a missing report, and so an error.
        let is_report =
            |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json") && !path.is_dir();
        return Ok(paths.into_iter().filter(is_report).collect());
    }
    // The name of a file may look like a pattern.
    if path.exists() || !location.contains(['*', '?', '[']) {
        return Ok(vec![path.to_owned()]);
    }
    let paths = glob::glob(location).with_context(|| format!("invalid pattern `{}`", printable(location)))?;
    let paths = paths
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| format!("cannot read {}", printable(location)))?;
    Ok(paths.into_iter().filter(|path| !path.is_dir()).collect())
}
