//! `hotpath compare BASE HEAD`: two sets of report files, compared.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use hotpath_analysis::compare::{self, Comparison, Policy};
use hotpath_report::{Report, render};

use crate::exit;
use crate::file;
use crate::policy::PolicyArguments;
use crate::source;
use crate::target;

const SIDES: &str = "\
Each side is a report file, a folder of them (*.json), or a pattern such as 'runs/base-*.json'.
With five or more runs per side, times are judged; with one, little can be told.";

#[derive(Debug, clap::Args)]
#[command(after_help = format!("{SIDES}\n\n{}", exit::help()))]
pub(crate) struct Arguments {
    /// What is compared with: a report file, a folder, or a pattern
    base: String,
    /// What is judged: a report file, a folder, or a pattern
    head: String,
    /// Further reports of the base
    #[arg(long = "base", value_name = "PATH")]
    more_base: Vec<String>,
    /// Further reports of the head
    #[arg(long = "head", value_name = "PATH")]
    more_head: Vec<String>,
    #[command(flatten)]
    judge: JudgeArguments,
}

/// How two sets of reports are judged, wherever they came from.
#[derive(Debug, clap::Args)]
pub(crate) struct JudgeArguments {
    /// Compares reports of different programs too
    #[arg(long)]
    force: bool,
    /// Lets --fail-on judge a build of the program against itself too
    #[arg(long)]
    same_ok: bool,
    #[command(flatten)]
    policy: PolicyArguments,
    #[command(flatten)]
    output: OutputArguments,
}

/// How a comparison is shown, and what fails.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct OutputArguments {
    /// Form of the output
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Shows in the table also what did not change
    #[arg(long)]
    all: bool,
    /// Ends with status 1 when this is seen
    #[arg(long, value_enum, value_name = "WHAT")]
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
    /// Something got slower or needs more memory, or a budget is broken
    Regression,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let base = side("base", &arguments.base, &arguments.more_base)?;
    let head = side("head", &arguments.head, &arguments.more_head)?;
    arguments.judge.judge(&base, &head)
}

impl JudgeArguments {
    /// Compares, prints, and says with which status the process ends.
    pub(crate) fn judge(&self, base: &[Report], head: &[Report]) -> Result<ExitCode> {
        let policy = self.policy.policy()?;
        let difference = compare::difference_of_programs(base, head).filter(|_| !self.force);
        if let Some(difference) = difference {
            bail!("the reports are of different programs: {difference}; --force compares them nevertheless");
        }
        if self.output.fail_on.is_some() && !self.same_ok {
            different_builds(base, head)?;
        }
        self.output.show(&compared(base, head, &policy)?)
    }
}

/// The comparison.
///
/// # Errors
///
/// If the sides have no row in common: "no regression" would be no answer.
pub(crate) fn compared(base: &[Report], head: &[Report], policy: &Policy) -> Result<Comparison> {
    let comparison = compare::compare(base, head, policy);
    match compare::nothing_in_common(&comparison, base, head) {
        Some(nothing) => bail!(nothing),
        None => Ok(comparison),
    }
}

/// Sees to it that a gate can fail.
///
/// # Errors
///
/// If both sides ran the same build with the same arguments.
pub(crate) fn different_builds(base: &[Report], head: &[Report]) -> Result<()> {
    let Some(build) = compare::same_build(base, head) else { return Ok(()) };
    let build = build.get(..12).unwrap_or(build);
    bail!(
        "both sides ran the same build of the program ({build}) with the same arguments, so no regression could be seen. Was each side \
         built in a folder of its own? If it is meant to be the same, --same-ok judges it"
    );
}

impl OutputArguments {
    /// Prints a comparison, and says with which status the process ends.
    pub(crate) fn show(&self, comparison: &Comparison) -> Result<ExitCode> {
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

/// The reports of one side; each counts once, however often it is named or copied: a run that is taken for several makes what
/// happened once look certain.
pub(crate) fn side(name: &str, first: &str, more: &[String]) -> Result<Vec<Report>> {
    let mut files = BTreeSet::new();
    for place in std::iter::once(first).chain(more.iter().map(String::as_str)) {
        let found = files_at(place)?;
        if found.is_empty() {
            bail!("{name}: no report files at {place}");
        }
        files.extend(found);
    }
    let (mut reports, mut known) = (Vec::new(), BTreeSet::new());
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in files {
        // What cannot be found is said when it is read.
        if !known.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            continue;
        }
        let text = file::text(&path)?;
        match seen.get(&text) {
            Some(other) => eprintln!(
                "hotpath: {name}: {} is a copy of {}, and counts once",
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

/// The files of a path or pattern.
fn files_at(place: &str) -> Result<Vec<PathBuf>> {
    let path = Path::new(place);
    if path.is_dir() {
        let entries = std::fs::read_dir(path).with_context(|| format!("cannot read {place}"))?;
        let paths =
            entries.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<Vec<_>>>()?;
        // What cannot be read is a report too few, so it is said: only folders are passed over.
        let is_report =
            |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json") && !path.is_dir();
        return Ok(paths.into_iter().filter(is_report).collect());
    }
    // A file may have a name that would be a pattern.
    if path.exists() || !place.contains(['*', '?', '[']) {
        return Ok(vec![path.to_owned()]);
    }
    let paths = glob::glob(place).with_context(|| format!("{place} is no pattern"))?;
    let paths = paths.collect::<Result<Vec<_>, _>>().with_context(|| format!("cannot read {place}"))?;
    Ok(paths.into_iter().filter(|path| !path.is_dir()).collect())
}
