//! `pipeline` reads a tree of texts and says which words they use most, and which of them are nearly copies.
//!
//! It is an ordinary tokio program that somebody instrumented with `hotpath`. Its stages work at the same time, with a bounded
//! channel between each two: reading waits for files, digesting computes, indexing puts everything into one index behind a
//! lock. Digesting is the slowest by far and has one worker unless told otherwise; the report shows that without knowing it
//! (the book's page on data flow says where to look). The result depends on the input only, never on the order in which tasks ran.
#![forbid(unsafe_code)]

mod digest;
mod files;
mod index;
mod options;
mod stages;

use std::{path::Path, process::ExitCode};

use options::Options;

/// Exits with 0 when everything was read, 1 when some files were left out, 2 when there is no result.
#[tokio::main]
#[hotpath::main(percentiles = [50, 95])]
async fn main() -> ExitCode {
    hotpath::tokio_runtime!();
    match run().await {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_problems) => ExitCode::from(1),
        Err(reason) => {
            eprintln!("pipeline: {reason}");
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
    let (files, mut problems) = files::find(&options.paths);
    let (index, unread) = stages::run(files, options.workers).await?;
    problems.extend(unread);
    problems.sort();
    for problem in &problems {
        eprintln!("pipeline: {problem}");
    }
    hotpath::future!(save(&options.out, index.text()), label = "write result")
        .await
        .map_err(|e| format!("{}: {e}", options.out.display()))?;
    println!("{}, result in {}", index.summary(), options.out.display());
    Ok(problems.len())
}

async fn save(path: &Path, text: String) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        tokio::fs::create_dir_all(parent).await?;
    }
    tokio::fs::write(path, text).await
}
