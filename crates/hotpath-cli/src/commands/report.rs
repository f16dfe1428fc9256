//! `hotpath report`: prints a report once, for people or for scripts.

use anyhow::{Result, bail};
use hotpath_report::{Form, Interface, Report, render};

use crate::{source::SourceArguments, symbols, target};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    source: SourceArguments,
    /// Tables, or JSON: complete, or with the keys of interface 0.30.3 or 0.16.1 only
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Short for `--format json`
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Symbolizes native stacks (recorded with HOTPATH_CPU_STACKS=1)
    #[arg(long)]
    symbolize: bool,
    /// Prints all rows of each table, and not only the default number; JSON always has all rows
    #[arg(long)]
    all: bool,
}

#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
enum Format {
    #[default]
    Table,
    Json,
    JsonCompat,
    #[value(name = "json-compat-0.16")]
    JsonCompat016,
}

impl Arguments {
    /// Returns the form of the JSON, if JSON is requested.
    fn form(&self) -> Option<Form> {
        match self.format {
            Format::Table => self.json.then_some(Form::Whole),
            Format::Json => Some(Form::Whole),
            Format::JsonCompat => Some(Form::Compat(Interface::V0_30)),
            Format::JsonCompat016 => Some(Form::Compat(Interface::V0_16)),
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> Result<()> {
    let mut report = arguments.source.open()?.report()?;
    if arguments.symbolize {
        symbolize(&mut report)?;
    }
    let form = arguments.form();
    if form.is_none() && !arguments.all {
        report.sections.iter_mut().for_each(|section| section.limit = section.spec.default_limit);
    }
    let mut text = String::new();
    let options =
        render::Options { call_tree: Some(render::TreeLimits::default()), ..render::Options::default() };
    if let Some(form) = form {
        render::json_in(form, &report, &mut text)?;
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
