//! `codestat` says what a tree of Rust sources consists of: lines, functions, identifiers, files that are nearly
//! the same, and a summary per directory.
//!
//! It is an ordinary program that somebody instrumented with `hotpath`, and shows the three shapes a profiler meets:
//! plain calls and recursion (reading), threads with a work queue (survey), and tasks that wait (summaries).
//! The result depends on the input only, never on the order in which threads or tasks ran.
#![forbid(unsafe_code)]

mod cursor;
mod directories;
mod lex;
mod options;
mod outline;
mod report;
mod source;
mod survey;
mod twins;
mod walk;

use std::{path::Path, process::ExitCode};

use options::Options;
use report::Report;
use source::{Problem, Source};
use walk::Walk;

/// Exits with 0 when everything was read, 1 when some files were left out, 2 when there is no result.
#[tokio::main]
#[hotpath::main(percentiles = [50, 95, 99])]
async fn main() -> ExitCode {
    match run().await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_problems) => ExitCode::from(1),
        Err(reason) => {
            eprintln!("codestat: {reason}");
            ExitCode::from(2)
        }
    }
}

/// Does the whole job and returns the number of problems, each already reported on stderr.
async fn run() -> Result<usize, String> {
    let Some(options) = Options::parse(std::env::args_os().skip(1))? else {
        println!("{}", options::USAGE);
        return Ok(0);
    };
    if !options.root.is_dir() {
        return Err(format!("{} is not a directory", options.root.display()));
    }

    // Reading and surveying block this thread, which is fine: no task is running yet.
    let mut walk = Walk::start(&options.root);
    let (sources, unread) = read_all(&options.root, &walk);
    walk.problems.extend(unread);
    for problem in &walk.problems {
        eprintln!("codestat: {}: {}", problem.path, problem.reason);
    }
    let survey = survey::survey(&sources);
    let twins = hotpath::measure_block!("find twins", twins::find(&survey.sketches));

    let directories = directories::summarize(&sources);
    directories::publish(&directories, &options.summaries()).await?;

    let report =
        Report { walk: &walk, sources: &sources, survey: &survey, twins: &twins, directories: &directories };
    save(&options.out, &report.json()).map_err(|e| format!("{}: {e}", options.out.display()))?;
    print!("{}", report.summary());
    println!("result in {}", options.out.display());
    Ok(walk.problems.len())
}

fn read_all(root: &Path, walk: &Walk) -> (Vec<Source>, Vec<Problem>) {
    let (mut sources, mut problems) = (Vec::new(), Vec::new());
    for path in &walk.files {
        match source::read(root, path) {
            Ok(source) => sources.push(source),
            Err(problem) => problems.push(problem),
        }
    }
    (sources, problems)
}

fn save(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::write(path, text)
}
