//! `hotpath ab`: two variants of a program, run in turns until it is clear which is faster.
//!
//! What must stay true: nothing is claimed that the runs do not support; the working tree is left as it was; and what was
//! measured is not lost when the user stops, or when time is up.

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
use crate::policy::PolicyArguments;
use builds::Builds;
use plan::{ROUND, Which};
use progress::Progress;
use side::{NoReport, Side};
use stop::Stop;
use worktree::Worktree;

/// Compares two variants of a program by running them in turns.
///
/// With --base REF the command runs in the tree of that commit and in the working tree; with --base-command another command is
/// the base. A round is four runs, A B B A. Rounds are added until every judged row has a verdict, or --max-rounds or
/// --max-time is reached; Ctrl-C ends earlier, with the verdict so far. The command must be built with the feature `hotpath`.
///
/// The tree of a commit is built in a folder of its own, whatever CARGO_TARGET_DIR or a configuration of Cargo says. When both
/// variants run the same executable nothing is compared, and the status is 2.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub(crate) struct Arguments {
    /// The commit that is the base
    #[arg(long, value_name = "REF", required_unless_present = "base_command")]
    base: Option<String>,
    /// The commit to compare with it, instead of the working tree
    #[arg(long, value_name = "REF", requires = "base")]
    head: Option<String>,
    /// Another command that is the base
    #[arg(long, value_name = "COMMAND", conflicts_with = "base")]
    base_command: Option<String>,
    /// What builds the command in each tree, once
    #[arg(long, value_name = "COMMAND", requires = "base")]
    build: Option<String>,
    /// Runs of each variant that are not counted
    #[arg(long, value_name = "N", default_value_t = 1)]
    warm_up: usize,
    /// Rounds before the first verdict
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = at_least_one)]
    min_rounds: usize,
    /// Rounds at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = at_least_one)]
    max_rounds: usize,
    /// Time at most, such as 90s or 5m; building is not counted
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = humantime::parse_duration)]
    max_time: Duration,
    /// Compares a program with itself too, which is an error otherwise
    #[arg(long)]
    same_ok: bool,
    /// Where the reports of all runs are kept; it must not be there yet
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
    #[command(flatten)]
    policy: PolicyArguments,
    #[command(flatten)]
    output: OutputArguments,
    /// The command
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let policy = arguments.policy.policy()?;
    let looks = plan::looks(arguments.min_rounds, arguments.max_rounds);
    // Before anything is made that has to be removed again.
    let stop = Stop::on_signals()?;
    let folder = Folder::make(arguments.keep.as_deref())?;
    let mut trial = Trial::new(arguments, folder, stop)?;
    let is_decided = |trial: &Trial| trial.compare(&policy, &looks).inconclusive().next().is_none();
    match trial.run(arguments, &looks, is_decided) {
        Err(NoReport::Failed(problem)) => return Err(problem),
        Err(NoReport::Stopped) if !trial.has_both() => {
            bail!("stopped before both variants had run: there is no verdict")
        }
        Ok(()) | Err(NoReport::Stopped) => {}
    }
    trial.progress.line(&trial.summary());
    let mut comparison = trial.compare(&policy, &looks);
    let [base, head] = &trial.runs;
    if let Some(nothing) = compare::nothing_in_common(&comparison, base, head) {
        bail!(nothing);
    }
    arguments.name_sides(&mut comparison);
    arguments.output.show(&comparison)
}

impl Arguments {
    /// Whether both variants may run the same executable. Two commands may: they can give it other arguments or surroundings. Two
    /// that give it the same, and differ in its path only, are meant to be two programs.
    fn may_be_one(&self, base_words: &[String]) -> bool {
        let differ = base_words.get(1..) != self.command.get(1..);
        self.same_ok || (self.base_command.is_some() && differ)
    }

    /// What the sides are called, where the reports do not say: the working tree says it is at the commit it began with.
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
    text.parse().ok().filter(|&number| number > 0).ok_or_else(|| "expected a number from 1".to_owned())
}

/// Both variants, and what was measured so far.
struct Trial {
    base: Side,
    head: Side,
    /// Reports of each.
    runs: [Vec<Report>; 2],
    /// How much runs of the base differ, as a part of their median.
    noise: Option<f64>,
    longest: Duration,
    files: usize,
    folder: Folder,
    progress: Progress,
    stop: Stop,
    builds: Builds,
}

impl Trial {
    fn new(arguments: &Arguments, folder: Folder, mut stop: Stop) -> Result<Self> {
        let words = |text: &str| shell_words::split(text).with_context(|| format!("`{text}` is no command"));
        let base_words =
            arguments.base_command.as_deref().map_or_else(|| Ok(arguments.command.clone()), words)?;
        let tree = |reference: &Option<String>| reference.as_deref().map(Worktree::at).transpose();
        let builds = Builds::new(arguments.may_be_one(&base_words));
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
                progress.say(&format!("building {}", side.name));
                side.build(&build, &stop).map_err(stopped_or)?;
            }
        }
        // Building may take as long as it takes.
        stop.limit(arguments.max_time);
        let (runs, noise, longest, files) = ([Vec::new(), Vec::new()], None, Duration::ZERO, 0);
        Ok(Self { base, head, runs, noise, longest, files, folder, progress, stop, builds })
    }

    /// Warm-up, noise, and rounds until `is_decided` says so.
    fn run(
        &mut self,
        arguments: &Arguments,
        looks: &[usize],
        is_decided: impl Fn(&Self) -> bool,
    ) -> Result<(), NoReport> {
        for _ in 0..arguments.warm_up {
            self.progress.say("warming up");
            self.measure(Which::Base)?;
            self.measure(Which::Head)?;
        }
        self.longest = Duration::ZERO; // a first run may have built something
        self.measure_noise()?;
        for round in 1..=arguments.max_rounds {
            for (done, which) in ROUND.into_iter().enumerate() {
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
                let report = self.measure(which)?;
                self.runs[which as usize].push(report);
            }
            if looks.contains(&round) && is_decided(self) {
                break;
            }
        }
        Ok(())
    }

    /// The base against itself: how much its runs differ when nothing does.
    fn measure_noise(&mut self) -> Result<(), NoReport> {
        let mut durations = Vec::new();
        for _ in ROUND {
            self.progress.say("measuring the noise of this machine");
            durations.push(self.measure(Which::Base)?.duration_ns);
        }
        self.noise = plan::noise(&durations);
        Ok(())
    }

    fn measure(&mut self, which: Which) -> Result<Report, NoReport> {
        let side = match which {
            Which::Base => &self.base,
            Which::Head => &self.head,
        };
        self.files += 1;
        let file = self.folder.path().join(format!("{:04}-{}.json", self.files, side.name));
        let begin = Instant::now();
        let report = side.measure(&file, &self.stop)?;
        self.builds.note(which, &report)?;
        self.longest = self.longest.max(begin.elapsed());
        Ok(report)
    }

    /// What the runs so far tell, as sure as it must be for this look: the first one that is due with so many rounds.
    fn compare(&self, policy: &Policy, looks: &[usize]) -> Comparison {
        let [base, head] = &self.runs;
        let rounds = base.len().min(head.len()).div_ceil(ROUND.len() / 2);
        let look = looks.iter().position(|&look| rounds <= look).unwrap_or(looks.len() - 1);
        compare::compare(base, head, &policy.at_interim(look, looks.len()))
    }

    fn has_both(&self) -> bool {
        self.runs.iter().all(|runs| !runs.is_empty())
    }

    fn summary(&self) -> String {
        let [base, head] = [&self.runs[0], &self.runs[1]].map(Vec::len);
        let noise = self.noise.map_or_else(String::new, |noise| {
            format!("; runs of the base alone differ by ±{:.1} %", noise * 100.0)
        });
        format!("{base} runs of the base, {head} of the head{noise}")
    }
}

fn stopped_or(problem: NoReport) -> anyhow::Error {
    match problem {
        NoReport::Stopped => anyhow!("stopped while building: there is no verdict"),
        NoReport::Failed(problem) => problem,
    }
}

/// Where the reports are.
enum Folder {
    Kept(Kept),
    Passing(TempDir),
}

/// A folder that stays, unless nothing came into it.
struct Kept(PathBuf);

impl Drop for Kept {
    fn drop(&mut self) {
        // One with reports in it cannot be removed so.
        _ = std::fs::remove_dir(&self.0);
    }
}

impl Folder {
    fn make(keep: Option<&Path>) -> Result<Self> {
        let Some(folder) = keep else {
            return Ok(Self::Passing(
                TempDir::with_prefix("hotpath-ab-").context("no temporary folder can be made")?,
            ));
        };
        // What is there already would be taken for runs of this comparison.
        std::fs::create_dir(folder).with_context(|| format!("--keep {}", folder.display()))?;
        Ok(Self::Kept(Kept(std::path::absolute(folder)?)))
    }

    fn path(&self) -> &Path {
        match self {
            Self::Kept(folder) => &folder.0,
            Self::Passing(folder) => folder.path(),
        }
    }
}
