//! What measuring costs, beside the peers: `cargo run --release -p bench` prints the table in Markdown.
//!
//! Every case runs in a process of its own, once per peer and round, and the peers take turns (A B C, A B C, …), so
//! that a slow minute of the machine falls on all of them. What is printed is the median over the rounds with its
//! spread, less what the same loop costs without a profiler. Nothing is asserted: the numbers are for reading.
#![forbid(unsafe_code)]

mod case;
mod machine;
mod name;
mod options;
mod peer;
mod results;
mod sample;
mod spread;
mod table;
mod topic;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use machine::Machine;
use options::Options;
use peer::{Outcome, Workshop};
use results::Results;

fn main() -> ExitCode {
    match run() {
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
fn run() -> Result<usize, String> {
    let Some(options) = Options::parse(env::args().skip(1))? else {
        println!("{}", options::usage());
        return Ok(0);
    };
    let peers_root = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
    let workshop = Workshop { root: peers_root.clone(), target: target_directory()?.join("peers") };
    for peer in &options.peers {
        workshop.build(peer)?;
    }
    let results = measure(&options, &workshop);
    let machine = Machine::look(&peers_root, &options.peers);
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

/// The directory this program was built in, two levels above it.
fn target_directory() -> Result<PathBuf, String> {
    let program = env::current_exe().map_err(|error| format!("where this program is: {error}"))?;
    program.ancestors().nth(2).map(Path::to_owned).ok_or_else(|| "no target directory".into())
}
