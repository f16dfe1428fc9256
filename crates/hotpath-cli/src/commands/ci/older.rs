//! The older names: `hotpath profile-pr` of 0.7, `hotpath-utils profile-pr` and `hotpath-utils compare` of 0.12 and later.
//!
//! Their flags keep their meaning. Unlike then, there is one comment also without a `--benchmark-id`, all pages are searched for
//! it, and the comparison is that of `hotpath compare`. As then, the exit status says only whether the command worked.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use hotpath_analysis::compare::{self, Policy, Rule};
use hotpath_report::Report;
use hotpath_report::render;

use super::comment::{Connection, Request, publish};
use crate::commands::compare::compared;
use crate::source;
use crate::target::print;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ProfilePrArguments {
    /// Report of the head: a file, or JSON as in 0.7
    #[arg(long, value_name = "PATH|JSON")]
    head_metrics: String,
    /// Report of the base
    #[arg(long, value_name = "PATH|JSON")]
    base_metrics: String,
    /// Number of the pull request [default: that of the job]
    #[arg(long, value_name = "N")]
    pr_number: Option<u64>,
    /// Smallest change to mark, in percent; 0 marks none
    #[arg(long, value_name = "N", default_value_t = 20)]
    emoji_threshold: u32,
    /// Name of the benchmark; each has its own comment
    #[arg(long, value_name = "ID", default_value = "default")]
    benchmark_id: String,
    /// Prints the comment instead of posting it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    connection: Connection,
}

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct CompareArguments {
    /// Report of the run before
    #[arg(long, value_name = "PATH")]
    before_json_path: PathBuf,
    /// Report of the run after
    #[arg(long, value_name = "PATH")]
    after_json_path: PathBuf,
}

pub(crate) fn profile_pr(arguments: &ProfilePrArguments) -> Result<ExitCode> {
    Connection::warn_of_visible_token();
    let base = [report("--base-metrics", &arguments.base_metrics)?];
    let head = [report("--head-metrics", &arguments.head_metrics)?];
    let request = Request {
        benchmark: &arguments.benchmark_id,
        number: arguments.pr_number,
        head_sha: None,
        dry_run: arguments.dry_run,
        fail_on_regression: false,
    };
    publish(&request, (&base, &head), &policy(arguments.emoji_threshold), false, &arguments.connection)
}

pub(crate) fn compare(arguments: &CompareArguments) -> Result<ExitCode> {
    let base = [source::read(&arguments.before_json_path)?];
    let head = [source::read(&arguments.after_json_path)?];
    if let Some(difference) = compare::difference_of_programs(&base, &head) {
        bail!("the reports are of different programs: {difference}");
    }
    let comparison = compared(&base, &head, &Policy::default())?;
    let mut text = String::new();
    compare::table(&comparison, true, &render::Options::default(), &mut text)?;
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Reads a report from a file, or from the argument itself as 0.7 did.
fn report(flag: &str, value: &str) -> Result<Report> {
    if value.trim_start().starts_with('{') {
        return hotpath_analysis::read_report(value).with_context(|| format!("invalid report in {flag}"));
    }
    source::read(value.as_ref())
}

fn policy(threshold: u32) -> Policy {
    let policy = Policy::default();
    let rule = |rule: Rule| Rule {
        judged: rule.judged && threshold > 0,
        min_change: f64::from(threshold.max(1)) / 100.0,
        ..rule
    };
    Policy { time: rule(policy.time), alloc: rule(policy.alloc), flow: rule(policy.flow), ..policy }
}
