//! `hotpath ab`: runs two variants of a program in alternation until the result is conclusive.
//!
//! Invariants: every outcome is supported by the runs; the working tree is never modified; and the runs so far are evaluated when
//! the user or the time limit stops them.

mod builds;
mod plan;
mod progress;
mod side;
mod stop;
mod target_folder;
mod worktree;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use hotpath_analysis::compare::{self, Comparison, Policy};
use hotpath_report::Report;
use tempfile::TempDir;

use super::compare::OutputArguments;
use crate::file::shown;
use crate::policy::PolicyArguments;
use builds::Builds;
use plan::{ROUND, Variant};
use progress::Progress;
use side::{NoReport, Side};
use stop::Stop;
use worktree::Worktree;

/// Compares two variants of a program by running them in alternation.
///
/// With --base REF, the command runs in a worktree of that commit and in the working tree; with --base-command, another command
/// is the base. A round is four runs, A B B A. Rounds are added until every judged row is conclusive, or until --max-rounds or
/// --max-time is reached. Ctrl-C stops early, with the results so far. The command must be built with the feature `hotpath`.
///
/// The worktree of a commit has its own target folder, whatever CARGO_TARGET_DIR or Cargo's configuration say. If both variants
/// run the same executable, nothing is compared, and the exit status is 2.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// Commit of the base
    #[arg(long, value_name = "REF", required_unless_present = "base_command")]
    base: Option<String>,
    /// Commit to compare with it, instead of the working tree
    #[arg(long, value_name = "REF", requires = "base")]
    head: Option<String>,
    /// Command of the base, instead of a commit
    #[arg(long, value_name = "COMMAND", conflicts_with = "base")]
    base_command: Option<String>,
    /// Command that builds the program, run once in each tree
    #[arg(long, value_name = "COMMAND", requires = "base")]
    build: Option<String>,
    /// Warm-up runs of each variant, which are not counted
    #[arg(long, value_name = "N", default_value_t = 1)]
    warm_up: usize,
    /// Minimum number of rounds
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = at_least_one)]
    min_rounds: usize,
    /// Maximum number of rounds
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = at_least_one)]
    max_rounds: usize,
    /// Maximum time, such as 90s or 5m, without building
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = humantime::parse_duration)]
    max_time: Duration,
    /// Allows comparing a program with itself
    #[arg(long)]
    same_ok: bool,
    /// Keeps the reports of all runs in this folder, which must not exist yet
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    #[command(flatten)]
    policy: PolicyArguments,
    #[command(flatten)]
    output: OutputArguments,
    /// Command to run
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let policy = arguments.policy.policy()?;
    let analyses = plan::interim_analyses(arguments.min_rounds, arguments.max_rounds);
    // Before anything is created that has to be removed again.
    let stop = Stop::on_signals()?;
    let folder = ReportFolder::create(arguments.keep.as_deref())?;
    let mut trial = Trial::new(arguments, folder, stop)?;
    let is_conclusive = |trial: &Trial| trial.compare(&policy, &analyses).inconclusive().next().is_none();
    match trial.run(arguments, &analyses, is_conclusive) {
        Err(NoReport::Failed(problem)) => return Err(problem),
        Err(NoReport::Stopped) if !trial.has_both() => {
            bail!("stopped before both variants had run: no result")
        }
        Ok(()) | Err(NoReport::Stopped) => {}
    }
    trial.progress.finish(&trial.summary());
    let mut comparison = trial.compare(&policy, &analyses);
    let [base, head] = &trial.runs;
    if let Some(nothing) = compare::nothing_in_common(&comparison, base, head) {
        bail!(nothing);
    }
    arguments.name_sides(&mut comparison);
    arguments.output.print(&comparison)
}

impl Arguments {
    /// Returns whether both variants may run the same executable. Two commands may, with other arguments or another environment. If
    /// they differ only in the path of the program, they are meant to be two programs.
    fn may_be_same(&self, base_words: &[String]) -> bool {
        let differ = base_words.get(1..) != self.command.get(1..);
        self.same_ok || (self.base_command.is_some() && differ)
    }

    /// Labels the sides, if the reports do not: the report of the working tree has only its commit.
    fn name_sides(&self, comparison: &mut Comparison) {
        let Some(base) = &self.base else { return };
        comparison.base.label.get_or_insert_with(|| base.clone());
        comparison
            .head
            .label
            .get_or_insert_with(|| self.head.clone().unwrap_or_else(|| "working tree".to_owned()));
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| "expected a positive number".to_owned())
}

/// Both variants, and the runs so far.
struct Trial {
    base: Side,
    head: Side,
    /// The reports of each variant.
    runs: [Vec<Report>; 2],
    /// The noise of the base, relative to its median.
    noise: Option<f64>,
    longest: Duration,
    files: usize,
    folder: ReportFolder,
    progress: Progress,
    stop: Stop,
    builds: Builds,
}

impl Trial {
    fn new(arguments: &Arguments, folder: ReportFolder, mut stop: Stop) -> Result<Self> {
        let words =
            |text: &str| shell_words::split(text).with_context(|| format!("invalid command `{text}`"));
        let base_words =
            arguments.base_command.as_deref().map_or_else(|| Ok(arguments.command.clone()), words)?;
        let tree = |reference: &Option<String>| reference.as_deref().map(Worktree::at).transpose();
        let builds = Builds::new(arguments.may_be_same(&base_words));
        let base = Side { name: "base", words: base_words, tree: tree(&arguments.base)? };
        let head = Side { name: "head", words: arguments.command.clone(), tree: tree(&arguments.head)? };
        if let Some(tree) = base.tree.as_ref().filter(|_| !arguments.same_ok)
            && tree.is_same_as(head.tree.as_ref())?
        {
            let base = arguments.base.as_deref().unwrap_or_default();
            let head = arguments.head.as_deref().unwrap_or("the working tree");
            bail!(
                "{head} is the same as {base}, so there is nothing to compare; --same-ok compares it with itself"
            );
        }
        let progress = Progress::begin();
        if let Some(build) = &arguments.build {
            let build = words(build)?;
            for side in [&base, &head] {
                progress.step(&format!("building {}", side.name));
                side.build(&build, &stop).map_err(stopped_or)?;
            }
        }
        // The time limit does not include building.
        stop.limit(arguments.max_time);
        let (runs, noise, longest, files) = ([Vec::new(), Vec::new()], None, Duration::ZERO, 0);
        Ok(Self { base, head, runs, noise, longest, files, folder, progress, stop, builds })
    }

    /// Runs the warm-up, the measurement of the noise, and rounds until `is_conclusive`.
    fn run(
        &mut self,
        arguments: &Arguments,
        analyses: &[usize],
        is_conclusive: impl Fn(&Self) -> bool,
    ) -> Result<(), NoReport> {
        for _ in 0..arguments.warm_up {
            self.progress.step("warming up");
            self.measure(Variant::Base)?;
            self.measure(Variant::Head)?;
        }
        self.longest = Duration::ZERO; // the first run may have included a build
        self.measure_noise()?;
        for round in 1..=arguments.max_rounds {
            for (done, variant) in ROUND.into_iter().enumerate() {
                let left = ROUND.len() * (arguments.max_rounds + 1 - round) - done;
                self.progress.round(
                    round,
                    arguments.max_rounds,
                    self.longest.saturating_mul(left as u32),
                    &self.stop,
                );
                if !self.stop.has_time_for(self.longest) {
                    return Err(NoReport::Stopped);
                }
                let report = self.measure(variant)?;
                self.runs[variant as usize].push(report);
            }
            if analyses.contains(&round) && is_conclusive(self) {
                break;
            }
        }
        Ok(())
    }

    /// Measures the noise of the base: how much its runs differ from each other.
    fn measure_noise(&mut self) -> Result<(), NoReport> {
        let mut durations = Vec::new();
        for _ in ROUND {
            self.progress.step("measuring the noise of this machine");
            durations.push(self.measure(Variant::Base)?.duration_ns);
        }
        self.noise = plan::noise(&durations);
        Ok(())
    }

    fn measure(&mut self, variant: Variant) -> Result<Report, NoReport> {
        let side = match variant {
            Variant::Base => &self.base,
            Variant::Head => &self.head,
        };
        self.files += 1;
        let file = self.folder.path().join(format!("{:04}-{}.json", self.files, side.name));
        let begin = Instant::now();
        let report = side.measure(&file, &self.stop)?;
        self.builds.record(variant, &report)?;
        self.longest = self.longest.max(begin.elapsed());
        Ok(report)
    }

    /// Compares the runs so far, at the significance level of the current interim analysis.
    fn compare(&self, policy: &Policy, analyses: &[usize]) -> Comparison {
        let [base, head] = &self.runs;
        let rounds = base.len().min(head.len()).div_ceil(ROUND.len() / 2);
        let analysis = analyses.iter().position(|&planned| rounds <= planned).unwrap_or(analyses.len() - 1);
        compare::compare(base, head, &policy.at_interim(analysis, analyses.len()))
    }

    fn has_both(&self) -> bool {
        self.runs.iter().all(|runs| !runs.is_empty())
    }

    fn summary(&self) -> String {
        let [base, head] = [&self.runs[0], &self.runs[1]].map(Vec::len);
        let noise = self
            .noise
            .map_or_else(String::new, |noise| format!("; noise of the base: ±{:.1} %", noise * 100.0));
        format!("{base} runs of the base, {head} of the head{noise}")
    }
}

fn stopped_or(problem: NoReport) -> anyhow::Error {
    match problem {
        NoReport::Stopped => anyhow!("stopped while building: no result"),
        NoReport::Failed(problem) => problem,
    }
}

/// The folder of the reports.
enum ReportFolder {
    Kept(KeptFolder),
    Temporary(TempDir),
}

/// A folder that is kept, unless it is empty.
struct KeptFolder(PathBuf);

impl Drop for KeptFolder {
    fn drop(&mut self) {
        // This fails if it contains reports.
        _ = std::fs::remove_dir(&self.0);
    }
}

impl ReportFolder {
    fn create(keep: Option<&Path>) -> Result<Self> {
        let Some(folder) = keep else {
            return Ok(Self::Temporary(
                TempDir::with_prefix("hotpath-ab-").context("cannot create a temporary folder")?,
            ));
        };
        // Existing files would be taken for runs of this comparison.
        std::fs::create_dir(folder)
            .with_context(|| format!("cannot create the folder {} (--keep)", shown(folder)))?;
        Ok(Self::Kept(KeptFolder(std::path::absolute(folder)?)))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(folder) => &folder.0,
            Self::Temporary(folder) => folder.path(),
        }
    }
}
