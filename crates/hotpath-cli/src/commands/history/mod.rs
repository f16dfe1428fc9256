//! `hotpath history`: a database of reports in the repository, and how their metrics changed over time.
//!
//! | file | what |
//! |---|---|
//! | `store.rs` | the database |
//! | `location.rs` | the file of the history; commit, branch and machine |
//! | `trend.rs` | one metric over the runs |
//! | `csv.rs` | rows as CSV |

mod csv;
mod location;
mod store;
mod trend;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Subcommand;
use hotpath_report::units::{format_count, format_duration};
use hotpath_report::{Report, Value, render};

use super::compare::ComparisonArguments;
use crate::client::EndpointArguments;
use crate::file::shown;
use crate::source;
use crate::target::{TargetArguments, print};
use crate::time::{now, rfc3339, unix_seconds};
use csv::csv;
use store::{Filter, Run, RunInfo, Saved, Store};
use trend::{Point, Subject, changes, sparkline};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// File of the history, instead of `.hotpath/history.db` in the Git repository
    #[arg(long, value_name = "PATH", global = true)]
    db: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Saves reports, one run each
    Save(SaveArguments),
    /// Lists the runs, oldest first
    List {
        #[command(flatten)]
        filter: Filter,
        /// Prints CSV
        #[arg(long)]
        csv: bool,
    },
    /// Shows how a metric of one function changed over the runs
    Trend(TrendArguments),
    /// Compares runs, as `hotpath compare` does
    Compare {
        /// Baseline: the number of a run, `last`, or a commit (or a prefix of it) for all its runs
        base: String,
        /// Runs to compare with it, named in the same way
        head: String,
        /// Only runs on this machine
        #[arg(long, value_name = "MACHINE")]
        machine: Option<String>,
        #[command(flatten)]
        comparison: ComparisonArguments,
    },
    /// Writes the report of a run, for `hotpath report` and the other commands
    Export {
        /// Number of the run, `last`, or a commit (its newest run)
        run: String,
        #[command(flatten)]
        target: TargetArguments,
    },
    /// Deletes old runs
    Prune {
        /// Deletes reports that are older than this, such as 90d, 6weeks or 1y
        #[arg(long, value_name = "AGE", value_parser = humantime::parse_duration)]
        older_than: Duration,
        /// Keeps the newest N runs, however old
        #[arg(long, value_name = "N", default_value_t = 0)]
        keep: u32,
        /// Shows what would be deleted
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, clap::Args)]
struct SaveArguments {
    /// Report files, instead of a running program
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "url")]
    report: Vec<PathBuf>,
    /// Commit, if the report has none and it is not the one that is checked out
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    /// Branch, if it is not the one that is checked out
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// Label of the run, if the report has none
    #[arg(long, value_name = "LABEL")]
    label: Option<String>,
    /// Name of the machine, if it is not this one
    #[arg(long, value_name = "MACHINE")]
    machine: Option<String>,
    #[command(flatten)]
    endpoint: EndpointArguments,
}

#[derive(Debug, clap::Args)]
struct TrendArguments {
    /// Function (or channel, lock …), or the last segments of its path
    name: String,
    /// Metric, by its key in JSON: total, self, calls, avg, p95 …
    #[arg(long, value_name = "METRIC", default_value = "total")]
    metric: String,
    /// Section of the report
    #[arg(long, value_name = "SECTION", default_value = "functions_timing")]
    section: String,
    #[command(flatten)]
    filter: Filter,
    /// Prints CSV, with plain numbers
    #[arg(long)]
    csv: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let here = std::env::current_dir().context("cannot determine the current folder")?;
    let file = location::file(arguments.db.as_deref(), &here)?;
    match &arguments.action {
        Action::Save(save) => self::save(save, &file, &here)?,
        Action::List { filter, csv } => print(list(&Store::open(&file)?.runs(filter)?, *csv)?)?,
        Action::Trend(trend) => print(&self::trend(trend, &Store::open(&file)?)?)?,
        Action::Compare { base, head, machine, comparison } => {
            let store = Store::open(&file)?;
            let side = |which: &str| -> Result<Vec<Report>> {
                let runs = store.find_all(which, machine.as_deref())?;
                runs.iter().map(|run| store.report(run.id)).collect()
            };
            return comparison.compare(&side(base)?, &side(head)?);
        }
        Action::Export { run, target } => {
            target.check(false)?;
            let store = Store::open(&file)?;
            target.write(store.json(store.find(run)?.id)?.as_bytes())?;
        }
        Action::Prune { older_than, keep, dry_run } => {
            let age = i64::try_from(older_than.as_secs()).unwrap_or(i64::MAX);
            let moment = now().saturating_sub(age);
            prune(&mut Store::open(&file)?, moment, *keep, *dry_run)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Saves the reports. Each one is reported as soon as it is on disk.
fn save(arguments: &SaveArguments, file: &Path, here: &Path) -> Result<()> {
    let mut reports = Vec::new();
    if arguments.report.is_empty() {
        reports.push((arguments.endpoint.client()?.report()?, "the running program".to_owned()));
    }
    for path in &arguments.report {
        reports.push((source::read(path)?, shown(path)));
    }
    location::prepare(file)?;
    let mut store = Store::create(file)?;
    let origin = Origin::of(arguments, here);
    for (report, from) in reports {
        let mut json = String::new();
        render::json(&report, &render::Options::default(), &mut json)?;
        let line = match store.save(&origin.describe(&report), &json)? {
            Saved::New(id) => format!("saved {from} as run {id}\n"),
            Saved::Known(id) => format!("{from} was already saved as run {id}\n"),
        };
        print(&line)?;
    }
    Ok(())
}

/// The facts that all reports of one command share.
struct Origin<'a> {
    given: &'a SaveArguments,
    commit: Option<String>,
    branch: Option<String>,
    machine: Option<String>,
}

impl<'a> Origin<'a> {
    fn of(given: &'a SaveArguments, here: &Path) -> Self {
        Self {
            given,
            commit: location::commit(here),
            branch: location::branch(here),
            machine: given.machine.clone().or_else(location::machine),
        }
    }

    /// Returns the facts about a run. Flags take precedence over the report, and the report over the checkout.
    fn describe(&self, report: &Report) -> RunInfo {
        let commit = self.given.commit.clone().or_else(|| report.meta.git_sha.clone());
        let commit = commit.or_else(|| self.commit.clone());
        // The branch of another commit is unknown.
        let is_checked_out = commit == self.commit;
        let branch = self.branch.clone().filter(|_| is_checked_out);
        RunInfo {
            moment: unix_seconds(&report.meta.created_at).unwrap_or_else(now),
            commit,
            branch: self.given.branch.clone().or(branch),
            label: self.given.label.clone().or_else(|| report.label.clone()),
            machine: self.machine.clone(),
            program: Some(report.caller_name.clone()).filter(|name| !name.is_empty()),
            duration_ns: report.duration_ns,
        }
    }
}

fn list(runs: &[Run], as_csv: bool) -> Result<String> {
    let row = |run: &Run| {
        let duration = run.info.duration_ns;
        let duration = if as_csv { duration.to_string() } else { format_duration(duration) };
        let mut row = described(run, as_csv).to_vec();
        row.extend([optional(&run.info.program, as_csv), duration]);
        row
    };
    let rows: Vec<Vec<String>> = runs.iter().map(row).collect();
    if as_csv {
        let header = ["run", "created_at", "commit", "branch", "label", "machine", "program", "duration_ns"];
        return Ok(csv(&header, &rows));
    }
    grid(&["Run", "Created", "Commit", "Branch", "Label", "Machine", "Program", "Duration"], &rows)
}

/// Draws the rows as a table. No cell contains control characters or is wider than a name may be.
fn grid(header: &[&str], rows: &[Vec<String>]) -> Result<String> {
    let header = header.iter().map(|text| (*text).to_owned()).collect();
    let rows = rows.iter().map(|row| row.iter().map(|cell| render::name_cell(cell)).collect()).collect();
    let mut text = String::new();
    render::write_grid(header, rows, &render::Options::default(), &mut text)?;
    Ok(text.trim_end().to_owned() + "\n")
}

/// Returns the facts that identify a run: complete for programs, short for people.
fn described(run: &Run, is_complete: bool) -> [String; 6] {
    let info = &run.info;
    let commit = info.commit.as_ref().map(|commit| {
        let short = commit.char_indices().nth(10).map_or(commit.len(), |(end, _)| end);
        if is_complete { commit.clone() } else { commit[..short].to_owned() }
    });
    [
        run.id.to_string(),
        rfc3339(info.moment),
        optional(&commit, is_complete),
        optional(&info.branch, is_complete),
        optional(&info.label, is_complete),
        optional(&info.machine, is_complete),
    ]
}

/// Returns the text of a cell: an unknown one is `-` for people, and empty in CSV.
fn optional(text: &Option<String>, as_csv: bool) -> String {
    text.clone().unwrap_or_else(|| if as_csv { String::new() } else { "-".to_owned() })
}

fn trend(arguments: &TrendArguments, store: &Store) -> Result<String> {
    let runs = store.runs(&arguments.filter)?;
    let reports: Vec<Report> = runs.iter().map(|run| store.report(run.id)).collect::<Result<_>>()?;
    let subject = Subject {
        section: arguments.section.clone(),
        name: arguments.name.clone(),
        metric: arguments.metric.clone(),
    };
    let subject = subject.resolve(&reports)?;
    let points: Vec<Point> = runs
        .into_iter()
        .zip(&reports)
        .map(|(run, report)| Point { run, value: subject.value(report) })
        .collect();
    if arguments.csv { Ok(trend_csv(&points)) } else { trend_table(&subject, &points) }
}

fn trend_csv(points: &[Point]) -> String {
    let row = |point: &Point| {
        let mut row = described(&point.run, true).to_vec();
        row.push(trend::number(&point.value).map_or_else(String::new, |number| number.to_string()));
        row
    };
    let rows: Vec<Vec<String>> = points.iter().map(row).collect();
    csv(&["run", "created_at", "commit", "branch", "label", "machine", "value"], &rows)
}

fn trend_table(subject: &Subject, points: &[Point]) -> Result<String> {
    let rows = points.iter().zip(changes(points)).map(|(point, change)| {
        let mut row = described(&point.run, false).to_vec();
        let change = change.map_or_else(|| "-".to_owned(), |percent| format!("{percent:+.1}%"));
        row.extend([point.value.to_string(), change]);
        row
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let known = || points.iter().filter(|point| !point.value.is_nothing());
    let order = |a: &&Point, b: &&Point| {
        let number = |point: &Point| trend::number(&point.value).unwrap_or(0.0);
        number(a).total_cmp(&number(b))
    };
    let value = |point: Option<&Point>| point.map_or(Value::Nothing, |point| point.value.clone());
    let (lowest, highest) = (value(known().min_by(order)), value(known().max_by(order)));
    Ok(format!(
        "{} of {} in {}\n{}  {lowest} to {highest}\n\n{}",
        subject.metric,
        render::printable(&subject.name),
        subject.section,
        sparkline(points),
        grid(&["Run", "Created", "Commit", "Branch", "Label", "Machine", "Value", "Change"], &rows)?
    ))
}

fn prune(store: &mut Store, moment: i64, keep: u32, dry_run: bool) -> Result<()> {
    let runs = |count: usize| match count {
        1 => "1 run".to_owned(),
        count => format!("{} runs", format_count(count as u64)),
    };
    if dry_run {
        let older = store.older(moment, keep)?;
        print(list(&older, false)?)?;
        return print(format!("would delete {} from before {}\n", runs(older.len()), rfc3339(moment)));
    }
    let count = store.prune(moment, keep)?;
    print(format!("deleted {} from before {}\n", runs(count), rfc3339(moment)))
}
