//! `hotpath report`: a report once, for people or for scripts.

use anyhow::{Result, bail};
use hotpath_report::{Report, render};

use crate::{source::SourceArguments, symbols, target};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: SourceArguments,
    /// Prints JSON instead of tables
    #[arg(long)]
    json: bool,
    /// Finds the names of native stacks (HOTPATH_CPU_STACKS=1) in the files of the program
    #[arg(long)]
    symbolize: bool,
    /// Prints all rows of each table, and not as many as a program does by itself; JSON has all of them always
    #[arg(long)]
    all: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut report = arguments.source.open()?.report()?;
    if arguments.symbolize {
        symbolize(&mut report)?;
    }
    if !arguments.json && !arguments.all {
        report.sections.iter_mut().for_each(|section| section.limit = section.spec.default_limit);
    }
    let mut text = String::new();
    let options =
        render::Options { call_tree: Some(render::TreeLimits::default()), ..render::Options::default() };
    if arguments.json {
        render::json(&report, &options, &mut text)?;
        text.push('\n');
    } else {
        render::table(&report, &options, &mut text)?;
        if let Some(stacks) = report.cpu_stacks.as_ref().filter(|_| arguments.symbolize) {
            text.push('\n');
            text.push_str(&symbols::table(stacks));
        }
    }
    target::print(text)
}

fn symbolize(report: &mut Report) -> Result<()> {
    let Some(stacks) = &mut report.cpu_stacks else {
        bail!(
            "the report has no native stacks: record it with the feature `hotpath-cpu` and HOTPATH_CPU_STACKS=1"
        );
    };
    for problem in symbols::symbolize(stacks) {
        eprintln!("hotpath: {problem}");
    }
    Ok(())
}
