//! The outcomes of `hotpath ab`, checked against a known truth: `cargo run --release -p bench -- outcomes`.
//!
//! A program of known truth (`peers/ours-work`) is compared with itself and with itself made slower, many times, by the real
//! command, while a noisy neighbour keeps the machine from being quiet. It prints how often the command made a false claim, and
//! how often it found the slower function. Nothing is asserted: the numbers are for reading.
//!
//! | file | what |
//! |---|---|
//! | `options.rs` | the command line |
//! | `experiment.rs` | the experiments |
//! | `subject.rs` | the program: its functions, and who calls whom |
//! | `trial.rs` | one comparison, run |
//! | `answer.rs` | the answer of the command |
//! | `assessment.rs` | right and wrong claims |
//! | `neighbour.rs`, `usage.rs` | the noise, and who used the processors |
//! | `summary.rs` | the tables |

mod answer;
mod assessment;
mod experiment;
mod neighbour;
mod options;
mod subject;
mod summary;
mod trial;
mod usage;

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use crate::{
    machine::Machine,
    peer::{self, Workshop},
};
use experiment::Experiment;
use neighbour::Neighbour;
use options::Options;
use subject::Subject;
use summary::Summary;
use trial::Trial;
use usage::Usage;

/// Returns the number of comparisons that failed.
pub fn run(words: impl Iterator<Item = String>) -> Result<usize, String> {
    let Some(options) = Options::parse(words)? else {
        println!("{}", options::USAGE);
        return Ok(0);
    };
    let workshop = Workshop::here()?;
    let hotpath = options.hotpath.clone().map_or_else(built_command, Ok)?;
    let subject = Subject::prepare(&workshop)?;
    let functions = subject.chosen(&options.functions)?;
    if let Some(folder) = &options.keep {
        std::fs::create_dir(folder).map_err(|error| format!("--keep {}: {error}", folder.display()))?;
    }
    let begin = (Instant::now(), Usage::now());
    let neighbour = Neighbour::begin(options.load);
    let mut summary = Summary::default();
    for experiment in experiment::all(&options) {
        let trials = measure(&experiment, &hotpath, &subject, &functions, options.keep.as_deref());
        summary.add(experiment, trials);
    }
    drop(neighbour);
    summary.took = begin.0.elapsed();
    summary.usage = begin.1.zip(Usage::now()).and_then(|(begin, end)| begin.until(&end));
    let machine = Machine::look(&workshop.root, &[]);
    print!("{}", summary.markdown(&machine, &options));
    if let Some(file) = &options.json {
        std::fs::write(file, format!("{:#}\n", summary.json(&machine, &options)))
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(summary.failed())
}

/// The command of this repository.
fn built_command() -> Result<PathBuf, String> {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = peer::target_directory()?;
    peer::build(bench.parent().unwrap_or(bench), "hotpath-cli", &target)?;
    Ok(target.join("release").join("hotpath"))
}

/// All comparisons of an experiment, one after the other; the functions take turns at being slower.
fn measure(
    experiment: &Experiment,
    hotpath: &Path,
    subject: &Subject,
    functions: &[String],
    keep: Option<&Path>,
) -> Vec<Trial> {
    let begin = Instant::now();
    let mut trials = Vec::new();
    for number in 0..experiment.trials {
        let function = &functions[number % functions.len()];
        let trial = trial::run(experiment, number, hotpath, subject, function, keep);
        eprintln!("{} {}/{}: {trial}", experiment.name, number + 1, experiment.trials);
        trials.push(trial);
        let left = begin.elapsed() / trials.len() as u32 * (experiment.trials - trials.len()) as u32;
        if trials.len().is_multiple_of(10) && !left.is_zero() {
            eprintln!("{}: about {} s left", experiment.name, left.as_secs());
        }
    }
    trials
}
