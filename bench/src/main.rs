//! What measuring costs, beside the peers: `cargo run --release -p bench` prints the table in Markdown.
//!
//! Every case runs in a process of its own, once per peer and round, and the peers take turns (A B C, A B C, …), so
//! that a slow minute of the machine falls on all of them. What is printed is the median over the rounds with its
//! spread, less what the same loop costs without a profiler. Nothing is asserted: the numbers are for reading.
//!
//! `cargo run --release -p bench -- outcomes` measures something else: whether the outcomes of `hotpath ab` are right; and
//! `-- programs`, what profiling costs whole programs and whether what it says of them is true.
#![forbid(unsafe_code)]

mod case;
mod machine;
mod name;
mod options;
mod outcomes;
mod peer;
mod programs;
mod results;
mod sample;
mod spread;
mod table;
mod topic;

use std::{env, process::ExitCode};

use machine::Machine;
use options::Options;
use peer::{Outcome, Workshop};
use results::Results;

fn main() -> ExitCode {
    let mut words = env::args().skip(1).peekable();
    let outcome = match words.next_if(|word| ["outcomes", "programs"].contains(&word.as_str())).as_deref() {
        Some("outcomes") => outcomes::run(words),
        Some(_) => programs::run(words),
        None => run(words),
    };
    match outcome {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            eprintln!("bench: {failed} runs failed");
            ExitCode::FAILURE
        }
        Err(reason) => {
            eprintln!("bench: {reason}");
            ExitCode::from(2)
        }
    }
}

/// Returns the number of runs that failed; their places in the table say so.
fn run(words: impl Iterator<Item = String>) -> Result<usize, String> {
    let Some(options) = Options::parse(words)? else {
        println!("{}", options::usage());
        return Ok(0);
    };
    let workshop = Workshop::here()?;
    for peer in &options.peers {
        workshop.build(peer.name)?;
    }
    let results = measure(&options, &workshop);
    let machine = Machine::look(&workshop.root, &options.peers);
    print!("{}\n{}", machine.markdown(&options), table::markdown(&options.peers, &results));
    if let Some(file) = &options.json {
        let json = results.json(&machine);
        std::fs::write(file, format!("{json:#}\n"))
            .map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(results.failed())
}

fn measure(options: &Options, workshop: &Workshop) -> Results {
    let mut results = Results::new(std::thread::available_parallelism().map_or(1, |cpus| cpus.get() as u64));
    for round in 1..=options.rounds {
        for case in &options.cases {
            for peer in options.peers.iter().filter(|peer| peer.runs(case)) {
                eprintln!("round {round}/{}: {} {}", options.rounds, case.name, peer.name);
                let outcome = workshop.run(peer, case, case.calls(peer.keeps_every_call) / options.divisor);
                if let Outcome::Failed(reason) = &outcome {
                    eprintln!("bench: {} {}: {reason}", case.name, peer.name);
                }
                results.add(case, peer, outcome);
            }
        }
    }
    results
}
