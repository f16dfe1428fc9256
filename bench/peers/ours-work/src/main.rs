//! A program that does real work of several kinds, and can do more of one kind: what `bench verdicts` has compared.
//!
//! ```sh
//! peer-ours-work                      # some 40 ms of work
//! peer-ours-work --slower parse=10    # the same, and `parse` does 10 % more of its own
//! peer-ours-work --functions          # the functions that can be made slower
//! ```
//!
//! What must stay true: without `--slower` two runs do exactly the same; and a function that is 10 % slower does 10 % more units
//! in each of its calls, so that its truth is known without a clock.
#![forbid(unsafe_code)]

mod input;
mod load;
mod work;

use std::{hint::black_box, process::ExitCode};

use input::Input;
use load::{Job, Load};

/// The status of a command line that is not understood.
const MISUSED: u8 = 2;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let load = match words.as_slice() {
        [] => Ok(Load::usual()),
        ["--functions"] => {
            Job::ALL.iter().for_each(|job| println!("{}", job.name()));
            return ExitCode::SUCCESS;
        }
        ["--slower", change] => Load::slower(change),
        _ => Err("usage: peer-ours-work [--functions | --slower FUNCTION=PERCENT]".to_owned()),
    };
    match load {
        Ok(load) => {
            measured(&load);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("peer-ours-work: {problem}");
            ExitCode::from(MISUSED)
        }
    }
}

#[hotpath::main]
fn measured(load: &Load) {
    let input = Input::new();
    black_box(work::all(&input, load));
}
