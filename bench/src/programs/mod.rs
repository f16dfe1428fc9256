//! What profiling costs whole programs, and whether what it says of them is true: `cargo run --release -p bench -- programs`.
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

use std::{collections::BTreeMap, path::Path};

use serde_json::json;

use crate::machine::Machine;
use measured::Measured;
use mode::{Build, FOCUS};
use options::Options;
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
    let whole = workshop.build(program, Build::Whole, None)?.ok_or("no whole build")?;
    let (home, arguments) = (workshop.home(program), workshop.arguments(program)?);
    let once = |file: &Path, settings: &[(&str, &str)], reports| {
        run::once(file, &home, &arguments, settings, reports)
    };
    let first = once(&whole, &[], true)?.profile.ok_or("no report")?;
    let mut builds = BTreeMap::from([(Build::Whole, whole.clone())]);
    for build in options.modes.iter().map(|mode| mode.build) {
        if builds.contains_key(&build) {
            continue;
        }
        match workshop.build(program, build, Some(&first)) {
            Ok(built) => builds.extend(built.map(|file| (build, file))),
            Err(reason) => measured.failures.push(format!("{}: {reason}", build.name())),
        }
    }
    let functions = if options.alone { truth::significant(&first) } else { Vec::new() };
    for round in 1..=options.rounds {
        eprintln!("{}: round {round}/{}", program.name, options.rounds);
        for mode in &options.modes {
            let Some(file) = builds.get(&mode.build) else { continue };
            let reports = matches!(mode.build, Build::Whole | Build::Long);
            match once(file, mode.settings, reports) {
                Ok(run) => measured.add(mode, run),
                Err(reason) => measured.failures.push(format!("{}: {reason}", mode.name)),
            }
        }
        for name in &functions {
            match once(&whole, &[(FOCUS, &truth::pattern(name))], true) {
                Ok(run) => measured.alone.entry(name.clone()).or_default().push(run),
                Err(reason) => measured.failures.push(format!("{name} alone: {reason}")),
            }
        }
    }
    Ok(())
}
