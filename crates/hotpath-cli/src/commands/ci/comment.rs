//! `hotpath ci comment`: the comparison as one comment on the pull request and as the summary of the job.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use hotpath_analysis::compare::{self, Comparison, Policy};
use hotpath_report::Report;

use super::artifact::Artifact;
use super::text::{self, Head};
use crate::commands::compare::{FailOn, compared, different_builds, side};
use crate::exit;
use crate::github::{self, Api, Outcome, PullRequest, Surroundings, Token};
use crate::policy::PolicyArguments;
use crate::target::print;

const NOTES: &str = "\
The comment begins with a mark that holds the benchmark's id: the next run finds it and changes it, so there is one per id.";

#[derive(Clone, Debug, clap::Args)]
#[command(after_help = format!("{NOTES}\n\n{}", exit::help()))]
pub(crate) struct Arguments {
    /// Folder with base/*.json, head/*.json and pull-request.json, as the measuring job made it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["base", "head"])]
    artifact: Option<PathBuf>,
    /// Reports of the base: a file, a folder, or a pattern
    #[arg(long, value_name = "PATH", required_unless_present = "artifact")]
    base: Vec<String>,
    /// Reports of the head
    #[arg(long, value_name = "PATH", required_unless_present = "artifact")]
    head: Vec<String>,
    /// Compares reports of different programs too
    #[arg(long)]
    force: bool,
    /// Compares a build of the program with itself too
    #[arg(long)]
    same_ok: bool,
    /// Name of the benchmark; each has its own comment
    #[arg(long, value_name = "ID", default_value = "default")]
    benchmark_id: String,
    /// Number of the pull request; by default that of the job or of the artifact
    #[arg(long, value_name = "N")]
    pr_number: Option<u64>,
    /// Commit that was measured. The comment is only written if the pull request is still there
    #[arg(long, value_name = "SHA")]
    head_sha: Option<String>,
    /// Ends with status 1 when this is seen
    #[arg(long, value_enum, value_name = "WHAT")]
    fail_on: Option<FailOn>,
    /// Prints the comment, and sends nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    policy: PolicyArguments,
    #[command(flatten)]
    connection: Connection,
}

/// How GitHub is reached, and as whom.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Connection {
    #[command(flatten)]
    surroundings: Surroundings,
    /// Token; better in the environment, since every user of the machine sees the arguments of a process
    #[arg(long, value_name = "TOKEN", env = "GITHUB_TOKEN", hide_env_values = true)]
    github_token: Option<String>,
    /// Seconds to wait in all, if GitHub wants fewer requests
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    max_wait: u64,
}

/// What is to be said, and where.
pub(super) struct Request<'a> {
    pub(super) benchmark: &'a str,
    pub(super) number: Option<u64>,
    pub(super) head_sha: Option<&'a str>,
    pub(super) dry_run: bool,
    pub(super) fail_on_regression: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    Connection::warn_of_visible_token();
    let artifact = arguments.artifact.as_deref().map(Artifact::new);
    let place = |name: &str, said: &[String]| match (&artifact, said) {
        (Some(artifact), _) => side(name, &artifact.side(name), &[]),
        (None, [first, more @ ..]) => side(name, first, more),
        (None, []) => bail!("no reports of the {name}: give --{name}"),
    };
    let (base, head) = (place("base", &arguments.base)?, place("head", &arguments.head)?);
    let number = match (arguments.pr_number, &artifact) {
        (Some(number), _) => Some(number),
        (None, Some(artifact)) if arguments.head_sha.is_some() => Some(artifact.pull_request()?),
        // Without a commit to hold it against, the artifact could name any.
        (None, _) => None,
    };
    let wish = Request {
        benchmark: &arguments.benchmark_id,
        number,
        head_sha: arguments.head_sha.as_deref(),
        dry_run: arguments.dry_run,
        fail_on_regression: arguments.fail_on.is_some(),
    };
    if !arguments.same_ok {
        different_builds(&base, &head)?;
    }
    say(&wish, (&base, &head), &arguments.policy.policy()?, arguments.force, &arguments.connection)
}

/// Compares, and says so where it is wished.
pub(super) fn say(
    wish: &Request<'_>,
    (base, head): (&[Report], &[Report]),
    policy: &Policy,
    force: bool,
    connection: &Connection,
) -> Result<ExitCode> {
    let marker = github::marker(wish.benchmark)?;
    if let Some(difference) = compare::difference_of_programs(base, head).filter(|_| !force) {
        bail!("the reports are of different programs: {difference}; --force compares them nevertheless");
    }
    let comparison = compared(base, head, policy)?;
    let refs = connection.surroundings.refs();
    let first = Head { benchmark: wish.benchmark, refs, sha: wish.head_sha };
    if wish.dry_run {
        print(comment(&marker, &text::text(&first, &comparison)?))?;
        return Ok(status(wish, &comparison));
    }
    let said = connection.comment(wish, &marker, first.clone(), &comparison);
    // The summary is worth something also where the comment could not be written.
    if let Some(path) =
        connection.surroundings.step_summary.as_deref().filter(|path| !path.as_os_str().is_empty())
    {
        summary(path, &text::text(&first, &comparison)?)?;
    }
    said?;
    Ok(status(wish, &comparison))
}

fn status(wish: &Request<'_>, comparison: &Comparison) -> ExitCode {
    let fails = wish.fail_on_regression && comparison.regressions().next().is_some();
    if fails { exit::REGRESSION } else { exit::SUCCESS }.into()
}

fn comment(marker: &str, text: &str) -> String {
    text::fitting(&format!("{marker}\n{text}"), text::COMMENT)
}

fn summary(path: &Path, text: &str) -> Result<()> {
    let file = std::fs::File::options().append(true).create(true).open(path);
    let text = text::fitting(text, text::SUMMARY) + "\n";
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot add to {}", path.display()))
}

impl Connection {
    fn comment(
        &self,
        wish: &Request<'_>,
        marker: &str,
        mut head: Head<'_>,
        comparison: &Comparison,
    ) -> Result<()> {
        let number = wish.number.map_or_else(|| self.surroundings.pull_request(), Ok)?;
        let pull = PullRequest { repository: self.surroundings.repository()?, number };
        let api = Api::new(&self.surroundings, self.token()?, Duration::from_secs(self.max_wait))?;
        let what = format!("the comment on {}#{number}", pull.repository);
        if let Some(sha) = wish.head_sha {
            match pull
                .is_at(&api, sha)
                .with_context(|| format!("cannot look at {}#{number}", pull.repository))?
            {
                Ok(refs) => head.refs = Some(refs),
                Err(now) => {
                    eprintln!(
                        "hotpath: {}#{number} is at {now}, and {sha} was measured: no comment is written",
                        pull.repository
                    );
                    return Ok(());
                }
            }
        }
        let body = comment(marker, &text::text(&head, comparison)?);
        let outcome = github::upsert(&api, &pull, marker, &body);
        match outcome.with_context(|| format!("cannot write {what}"))? {
            Outcome::Created(address) => print(format!("created {what}: {address}\n")),
            Outcome::Updated(address) => print(format!("updated {what}: {address}\n")),
            Outcome::Unchanged(address) => print(format!("{what} says that already: {address}\n")),
        }
    }

    fn token(&self) -> Result<Token> {
        let token = self.github_token.as_deref().and_then(Token::new);
        token.ok_or_else(|| anyhow!("no token: set GITHUB_TOKEN in the environment of the step"))
    }

    /// Says what a token among the arguments means.
    pub(super) fn warn_of_visible_token() {
        let is_flag = |word: &std::ffi::OsString| word.to_string_lossy().starts_with("--github-token");
        if std::env::args_os().any(|word| is_flag(&word)) {
            eprintln!(
                "hotpath: --github-token shows the token to every user of this machine; set GITHUB_TOKEN instead"
            );
        }
    }
}
