//! The cost of profiling whole programs, and the truth of what it says: `cargo run --release -p bench -- programs`.
//!
//! Published programs are fetched, instrumented whole by `hotpath init`, and run in turn without a profiler and in all modes.
//! CPU time is that of the whole process. Nothing is asserted but that all modes count the same calls.
//!
//! | file | what |
//! |---|---|
//! | `options.rs` | the command line |
//! | `program.rs`, `input.rs` | the programs, and what they read |
//! | `mode.rs` | the ways to run them |
//! | `workshop.rs` | their builds |
//! | `run.rs`, `profile.rs` | one run, and its report |
//! | `measured.rs` | all runs of a program |
//! | `truth.rs` | what a report says beside what another says |
//! | `table.rs` | the tables |

mod input;
mod measured;
mod mode;
mod options;
mod profile;
mod program;
mod run;
mod table;
mod truth;
mod workshop;

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::machine::Machine;
use measured::Measured;
use mode::{Build, FOCUS, LONG_NS, Mode};
use options::{Alone, Options};
use profile::{Function, Profile};
use program::Program;
use workshop::Workshop;

/// Returns the number of runs and builds that failed, and of counts that differ.
pub fn run(words: impl Iterator<Item = String>) -> Result<usize, String> {
    let Some(options) = Options::parse(words)? else {
        println!("{}", options::usage());
        return Ok(0);
    };
    let workshop = Workshop::here(options.hotpath.clone())?;
    let all: Vec<Measured> =
        options.programs.iter().map(|program| measure(&options, &workshop, program)).collect();
    let machine = Machine::look(Path::new(""), &[]);
    print!(
        "{}- medians of {} interleaved rounds (lowest–highest)\n{}",
        machine.lines(),
        options.rounds,
        table::markdown(&all, &options.modes)
    );
    if let Some(file) = &options.json {
        let runs: Vec<_> = all.iter().map(Measured::json).collect();
        let json = json!({ "machine": machine.json(), "programs": runs });
        std::fs::write(file, format!("{json:#}\n"))
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    let wrong =
        |measured: &Measured| measured.failures.len() + measured.differing_counts(&options.modes).len();
    Ok(all.iter().map(wrong).sum())
}

fn measure(options: &Options, workshop: &Workshop, program: &'static Program) -> Measured {
    let mut measured = Measured::new(program);
    if let Err(reason) = measure_into(&mut measured, options, workshop) {
        eprintln!("bench: {}: {reason}", program.name);
        measured.failures.push(reason);
    }
    measured
}

/// Returns an error if nothing can be measured; what fails of a mode is noted.
fn measure_into(measured: &mut Measured, options: &Options, workshop: &Workshop) -> Result<(), String> {
    let program = measured.program;
    let whole = workshop.build(program, Build::Whole, &[])?.ok_or("no whole build")?;
    let (home, arguments) = (workshop.home(program), workshop.arguments(program)?);
    let once = |case: &Case| run::once(&case.program, &home, &arguments, &case.settings, case.reports);
    let first = once(&Case::new(whole.clone(), true, &[]))?.profile.ok_or("no report")?;
    measured.functions = truth::significant(&first);
    let cases = cases(measured, options, workshop, &whole, &first);
    for round in 1..=options.rounds {
        eprintln!("{}: round {round}/{}", program.name, options.rounds);
        for (subject, case) in &cases {
            match (once(case), subject) {
                (Ok(run), Subject::Mode(mode)) => measured.add(mode, run),
                (Ok(run), Subject::Function(name)) => measured.add_alone(name, run),
                (Err(reason), subject) => measured.failures.push(format!("{}: {reason}", subject.name())),
            }
        }
    }
    Ok(())
}

/// All that is run in a round; what cannot be built is noted.
fn cases(
    measured: &mut Measured,
    options: &Options,
    workshop: &Workshop,
    whole: &Path,
    first: &Profile,
) -> Vec<(Subject, Case)> {
    let program = measured.program;
    let is_long = |function: &&Function| function.avg_ns().is_some_and(|avg| avg >= LONG_NS);
    let long: Vec<&Function> = first.functions.values().filter(is_long).collect();
    let mut cases = Vec::new();
    for &mode in &options.modes {
        let built = match mode.build {
            Build::Whole => Ok(Some(whole.to_owned())),
            build => workshop.build(program, build, &long),
        };
        let reports = matches!(mode.build, Build::Whole | Build::Long);
        match built {
            Ok(Some(file)) => cases.push((Subject::Mode(mode), Case::new(file, reports, mode.settings))),
            Ok(None) => {}
            Err(reason) if mode.build == Build::Published => measured.notes.push(reason),
            Err(reason) => measured.failures.push(format!("{}: {reason}", mode.name)),
        }
    }
    for (index, name) in measured.functions.iter().enumerate() {
        let by_focus = || {
            let settings = vec![(FOCUS, truth::pattern(name))];
            Case { program: whole.to_owned(), settings, reports: true }
        };
        let case = match options.alone {
            Alone::Never => continue,
            Alone::Recorded => Ok(by_focus()),
            Alone::Built => {
                let built = workshop.build(program, Build::Alone(index), &[&first.functions[name]]);
                built.map(|file| file.map_or_else(by_focus, |file| Case::new(file, true, &[])))
            }
        };
        match case {
            Ok(case) => cases.push((Subject::Function(name.clone()), case)),
            Err(reason) => measured.failures.push(format!("{name} alone: {reason}")),
        }
    }
    cases
}

/// The subject of a case.
enum Subject {
    Mode(&'static Mode),
    /// The function alone.
    Function(String),
}

impl Subject {
    fn name(&self) -> &str {
        match self {
            Self::Mode(mode) => mode.name,
            Self::Function(name) => name,
        }
    }
}

/// A program with its settings.
struct Case {
    program: PathBuf,
    settings: Vec<(&'static str, String)>,
    /// True if its report can be read.
    reports: bool,
}

impl Case {
    fn new(program: PathBuf, reports: bool, settings: &[(&'static str, &str)]) -> Self {
        let settings = settings.iter().map(|&(name, value)| (name, value.to_owned())).collect();
        Self { program, settings, reports }
    }
}
