//! `hotpath history`: reports kept in a database in the repository, and how numbers changed over them.
//!
//! | file | what |
//! |---|---|
//! | `store.rs` | the database |
//! | `place.rs` | where it lies; commit, branch and machine |
//! | `trend.rs` | one number over the runs |
//! | `age.rs` | `90d` |
//! | `columns.rs` | rows as columns or CSV |

mod age;
mod columns;
mod place;
mod store;
mod trend;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use hotpath_report::units::{format_count, format_duration};
use hotpath_report::{Report, Value, render};

use super::compare::JudgeArguments;
use crate::client::EndpointArguments;
use crate::source;
use crate::target::{TargetArguments, print};
use crate::time::{now, rfc3339, unix_seconds};
use store::{About, Filter, Run, Saved, Store};
use trend::{Point, Subject, changes, sparkline};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// File of the history, instead of `.hotpath/history.db` in the git repository
    #[arg(long, value_name = "PATH", global = true)]
    db: Option<PathBuf>,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Saves reports, each as a run of its own
    Save(SaveArguments),
    /// Lists the runs, the oldest first
    List {
        #[command(flatten)]
        filter: Filter,
        /// Prints CSV
        #[arg(long)]
        csv: bool,
    },
    /// Shows how a number of one function changed over the runs
    Trend(TrendArguments),
    /// Compares runs, as `hotpath compare` does
    Compare {
        /// What is compared with: the number of a run, `last`, or the beginning of a commit, which is all its runs
        base: String,
        /// What is judged, named in the same way
        head: String,
        /// Only runs on this machine
        #[arg(long, value_name = "MACHINE")]
        machine: Option<String>,
        #[command(flatten)]
        judge: JudgeArguments,
    },
    /// Writes the report of a run, as it was saved: what `hotpath report` and other commands read
    Export {
        /// Number of the run, beginning of its commit (the newest run of it), or `last`
        run: String,
        #[command(flatten)]
        target: TargetArguments,
    },
    /// Forgets old runs
    Prune {
        /// Age of the reports that are forgotten: a number with m, h, d, w or y
        #[arg(long, value_name = "AGE", value_parser = age::seconds)]
        older_than: i64,
        /// Keeps so many of the newest runs, however old
        #[arg(long, value_name = "N", default_value_t = 0)]
        keep: u32,
        /// Says what would be forgotten
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Debug, clap::Args)]
struct SaveArguments {
    /// Report files, instead of a running program
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with = "url")]
    report: Vec<PathBuf>,
    /// Commit, if the report does not say it and it is not the one that is checked out
    #[arg(long, value_name = "COMMIT")]
    commit: Option<String>,
    /// Branch, if it is not the one that is checked out
    #[arg(long, value_name = "BRANCH")]
    branch: Option<String>,
    /// A name for the run, if the report has none
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
    /// Function (or channel, lock …), or the end of its path
    name: String,
    /// Number, as the JSON of the report calls it: total, self, calls, avg, p95 …
    #[arg(long, value_name = "NUMBER", default_value = "total")]
    metric: String,
    /// Section of the report that has it
    #[arg(long, value_name = "SECTION", default_value = "functions_timing")]
    section: String,
    #[command(flatten)]
    filter: Filter,
    /// Prints CSV, with plain numbers
    #[arg(long)]
    csv: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let here = std::env::current_dir().context("no current folder")?;
    let file = place::file(arguments.db.as_deref(), &here)?;
    match &arguments.action {
        Action::Save(save) => self::save(save, &file, &here)?,
        Action::List { filter, csv } => print(list(&Store::open(&file)?.runs(filter)?, *csv))?,
        Action::Trend(trend) => print(&self::trend(trend, &Store::open(&file)?)?)?,
        Action::Compare { base, head, machine, judge } => {
            let store = Store::open(&file)?;
            let side = |which: &str| -> Result<Vec<Report>> {
                let runs = store.find_all(which, machine.as_deref())?;
                runs.iter().map(|run| store.report(run.id)).collect()
            };
            return judge.judge(&side(base)?, &side(head)?);
        }
        Action::Export { run, target } => {
            target.check(false)?;
            let store = Store::open(&file)?;
            target.write(store.json(store.find(run)?.id)?.as_bytes())?;
        }
        Action::Prune { older_than, keep, dry_run } => {
            let moment = now().saturating_sub(*older_than);
            prune(&mut Store::open(&file)?, moment, *keep, *dry_run)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Each report is told as soon as it is on the disk, so that whoever reads along knows what is.
fn save(arguments: &SaveArguments, file: &Path, here: &Path) -> Result<()> {
    let mut reports = Vec::new();
    if arguments.report.is_empty() {
        reports.push((arguments.endpoint.client()?.report()?, "the running program".to_owned()));
    }
    for path in &arguments.report {
        reports.push((source::read(path)?, path.display().to_string()));
    }
    place::prepare(file)?;
    let mut store = Store::create(file)?;
    let known = Known::of(arguments, here);
    for (report, from) in reports {
        let mut json = String::new();
        render::json(&report, &render::Options::default(), &mut json)?;
        let line = match store.save(&known.about(&report), &json)? {
            Saved::New(id) => format!("saved {from} as run {id}\n"),
            Saved::Known(id) => format!("{from} is run {id} already\n"),
        };
        print(&line)?;
    }
    Ok(())
}

/// What is the same for all reports of one command.
struct Known<'a> {
    given: &'a SaveArguments,
    commit: Option<String>,
    branch: Option<String>,
    machine: Option<String>,
}

impl<'a> Known<'a> {
    fn of(given: &'a SaveArguments, here: &Path) -> Self {
        Self {
            given,
            commit: place::commit(here),
            branch: place::branch(here),
            machine: given.machine.clone().or_else(place::machine),
        }
    }

    /// What the user says comes first, then what the report says, then what is checked out.
    fn about(&self, report: &Report) -> About {
        let commit = self.given.commit.clone().or_else(|| report.meta.git_sha.clone());
        let commit = commit.or_else(|| self.commit.clone());
        // Of another commit nobody says on which branch it was.
        let is_checked_out = commit == self.commit;
        let branch = self.branch.clone().filter(|_| is_checked_out);
        About {
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

fn list(runs: &[Run], csv: bool) -> String {
    let row = |run: &Run| {
        let [id, moment, commit, branch, label, machine] = described(run, csv);
        let program = optional(&run.about.program, csv);
        let duration = run.about.duration_ns;
        let duration = if csv { duration.to_string() } else { format_duration(duration) };
        vec![id, moment, commit, branch, label, machine, program, duration]
    };
    let rows: Vec<Vec<String>> = runs.iter().map(row).collect();
    if csv {
        let header = ["run", "created_at", "commit", "branch", "label", "machine", "program", "duration_ns"];
        columns::csv(&header, &rows)
    } else {
        let header = ["Run", "Created", "Commit", "Branch", "Label", "Machine", "Program", "Duration"];
        columns::aligned(&header, &rows, &["Run", "Duration"])
    }
}

/// What tells a run, whole for programs and short for people.
fn described(run: &Run, whole: bool) -> [String; 6] {
    let about = &run.about;
    let commit = about.commit.as_ref().map(|commit| {
        let short = commit.char_indices().nth(10).map_or(commit.len(), |(end, _)| end);
        if whole { commit.clone() } else { commit[..short].to_owned() }
    });
    [
        run.id.to_string(),
        rfc3339(about.moment),
        optional(&commit, whole),
        optional(&about.branch, whole),
        optional(&about.label, whole),
        optional(&about.machine, whole),
    ]
}

/// An unknown text is `-` for people, and nothing in CSV.
fn optional(text: &Option<String>, csv: bool) -> String {
    text.clone().unwrap_or_else(|| if csv { String::new() } else { "-".to_owned() })
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
    Ok(if arguments.csv { trend_csv(&points) } else { trend_table(&subject, &points) })
}

fn trend_csv(points: &[Point]) -> String {
    let row = |point: &Point| {
        let mut row = described(&point.run, true).to_vec();
        let value = trend::number(&point.value).map_or_else(String::new, |number| number.to_string());
        row.push(value);
        row
    };
    let rows: Vec<Vec<String>> = points.iter().map(row).collect();
    columns::csv(&["run", "created_at", "commit", "branch", "label", "machine", "value"], &rows)
}

fn trend_table(subject: &Subject, points: &[Point]) -> String {
    let rows = points.iter().zip(changes(points)).map(|(point, change)| {
        let [id, moment, commit, branch, label, machine] = described(&point.run, false);
        let change = change.map_or_else(|| "-".to_owned(), |percent| format!("{percent:+.1}%"));
        vec![id, moment, commit, branch, label, machine, point.value.to_string(), change]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    let header = ["Run", "Created", "Commit", "Branch", "Label", "Machine", "Value", "Change"];
    let known = || points.iter().filter(|point| !point.value.is_nothing());
    let order = |a: &&Point, b: &&Point| {
        let number = |point: &Point| trend::number(&point.value).unwrap_or(0.0);
        number(a).total_cmp(&number(b))
    };
    let shown = |point: Option<&Point>| point.map_or(Value::Nothing, |point| point.value.clone());
    let (least, greatest) = (shown(known().min_by(order)), shown(known().max_by(order)));
    format!(
        "{} of {} in {}\n{}  {least} to {greatest}\n\n{}",
        subject.metric,
        render::printable(&subject.name),
        subject.section,
        sparkline(points),
        columns::aligned(&header, &rows, &["Run", "Value", "Change"])
    )
}

fn prune(store: &mut Store, moment: i64, keep: u32, dry_run: bool) -> Result<()> {
    let runs = |count: usize| match count {
        1 => "1 run".to_owned(),
        count => format!("{} runs", format_count(count as u64)),
    };
    if dry_run {
        let older = store.older(moment, keep)?;
        print(list(&older, false))?;
        return print(format!("would forget {} from before {}\n", runs(older.len()), rfc3339(moment)));
    }
    let count = store.prune(moment, keep)?;
    print(format!("forgot {} from before {}\n", runs(count), rfc3339(moment)))
}
