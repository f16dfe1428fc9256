//! `hotpath ci comment`: posts a comparison as a comment on the pull request and in the job summary.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use hotpath_analysis::compare::{self, Comparison, Policy};
use hotpath_report::Report;

use super::artifact::Artifact;
use super::text::{self, Heading};
use crate::commands::compare::{FailOn, compared, different_builds, side};
use crate::exit;
use crate::file;
use crate::github::{self, Api, Environment, Outcome, PullRequest, Token};
use crate::policy::PolicyArguments;
use crate::target::print;

const NOTES: &str = "\
The comment starts with an invisible marker that contains the benchmark's id. The next run finds it and updates the comment, so
there is one per id.";

#[derive(Clone, Debug, clap::Args)]
#[command(after_help = format!("{NOTES}\n\n{}", exit::help()))]
pub(crate) struct Arguments {
    /// Artifact of the measuring job: a folder with base/*.json, head/*.json and pull-request.json
    #[arg(long, value_name = "DIR", conflicts_with_all = ["base", "head"])]
    artifact: Option<PathBuf>,
    /// Reports of the base: a file, a folder, or a pattern
    #[arg(long, value_name = "PATH", required_unless_present = "artifact")]
    base: Vec<String>,
    /// Reports of the head
    #[arg(long, value_name = "PATH", required_unless_present = "artifact")]
    head: Vec<String>,
    /// Compares reports of different programs, too
    #[arg(long)]
    force: bool,
    /// Allows comparing a build with itself
    #[arg(long)]
    same_ok: bool,
    /// Name of the benchmark; each has its own comment
    #[arg(long, value_name = "ID", default_value = "default")]
    benchmark_id: String,
    /// Number of the pull request [default: that of the job or of the artifact]
    #[arg(long, value_name = "N")]
    pr_number: Option<u64>,
    /// Commit that was measured. Nothing is posted if the pull request has moved on
    #[arg(long, value_name = "SHA")]
    head_sha: Option<String>,
    /// Exits with status 1 on this outcome
    #[arg(long, value_enum, value_name = "OUTCOME")]
    fail_on: Option<FailOn>,
    /// Prints the comment instead of posting it
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    policy: PolicyArguments,
    #[command(flatten)]
    connection: Connection,
}

/// The flags of the connection to GitHub.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Connection {
    #[command(flatten)]
    environment: Environment,
    /// Token; prefer the environment, because every user of the machine can see the arguments of a process
    #[arg(long, value_name = "TOKEN", env = "GITHUB_TOKEN", hide_env_values = true)]
    github_token: Option<String>,
    /// Seconds to wait in total when GitHub's rate limit is exceeded
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    max_wait: u64,
}

/// A comment to post.
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
    let reports = |name: &str, given: &[String]| match (&artifact, given) {
        (Some(artifact), _) => side(name, &artifact.side(name), &[]),
        (None, [first, more @ ..]) => side(name, first, more),
        (None, []) => bail!("no reports of the {name}: use --{name}"),
    };
    let (base, head) = (reports("base", &arguments.base)?, reports("head", &arguments.head)?);
    let number = match (arguments.pr_number, &artifact) {
        (Some(number), _) => Some(number),
        (None, Some(artifact)) if arguments.head_sha.is_some() => Some(artifact.pull_request()?),
        // The artifact is untrusted: its number counts only if the commit can be checked.
        (None, _) => None,
    };
    let request = Request {
        benchmark: &arguments.benchmark_id,
        number,
        head_sha: arguments.head_sha.as_deref(),
        dry_run: arguments.dry_run,
        fail_on_regression: arguments.fail_on.is_some(),
    };
    if !arguments.same_ok {
        different_builds(&base, &head)?;
    }
    publish(&request, (&base, &head), &arguments.policy.policy()?, arguments.force, &arguments.connection)
}

/// Compares two sets of reports, and posts or prints the result.
pub(super) fn publish(
    request: &Request<'_>,
    (base, head): (&[Report], &[Report]),
    policy: &Policy,
    force: bool,
    connection: &Connection,
) -> Result<ExitCode> {
    let marker = github::marker(request.benchmark)?;
    if let Some(difference) = compare::difference_of_programs(base, head).filter(|_| !force) {
        bail!("the reports are of different programs: {difference}; --force compares them anyway");
    }
    let comparison = compared(base, head, policy)?;
    let refs = connection.environment.refs();
    let heading = Heading { benchmark: request.benchmark, refs, sha: request.head_sha };
    if request.dry_run {
        print(comment(&marker, &text::text(&heading, &comparison)?))?;
        return Ok(status(request, &comparison));
    }
    let posted = connection.comment(request, &marker, heading.clone(), &comparison);
    // The job summary is useful even if the comment could not be posted.
    if let Some(path) =
        connection.environment.step_summary.as_deref().filter(|path| !path.as_os_str().is_empty())
    {
        summary(path, &text::text(&heading, &comparison)?)?;
    }
    posted?;
    Ok(status(request, &comparison))
}

fn status(request: &Request<'_>, comparison: &Comparison) -> ExitCode {
    let fails = request.fail_on_regression && comparison.regressions().next().is_some();
    if fails { exit::REGRESSION } else { exit::SUCCESS }.into()
}

fn comment(marker: &str, text: &str) -> String {
    text::fitting(&format!("{marker}\n{text}"), text::COMMENT)
}

fn summary(path: &Path, text: &str) -> Result<()> {
    let file = std::fs::File::options().append(true).create(true).open(path);
    let text = text::fitting(text, text::SUMMARY) + "\n";
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .with_context(|| format!("cannot append to {}", file::shown(path)))
}

impl Connection {
    fn comment(
        &self,
        request: &Request<'_>,
        marker: &str,
        mut heading: Heading<'_>,
        comparison: &Comparison,
    ) -> Result<()> {
        let number = request.number.map_or_else(|| self.environment.pull_request(), Ok)?;
        let pull = PullRequest { repository: self.environment.repository()?, number };
        let api = Api::new(&self.environment, self.token()?, Duration::from_secs(self.max_wait))?;
        let what = format!("the comment on {}#{number}", pull.repository);
        if let Some(sha) = request.head_sha {
            match pull
                .is_at(&api, sha)
                .with_context(|| format!("cannot read pull request {}#{number}", pull.repository))?
            {
                Ok(refs) => heading.refs = Some(refs),
                Err(now) => {
                    eprintln!(
                        "hotpath: {}#{number} is now at {now}, but {sha} was measured: not commenting",
                        pull.repository
                    );
                    return Ok(());
                }
            }
        }
        let body = comment(marker, &text::text(&heading, comparison)?);
        let outcome = github::upsert(&api, &pull, marker, &body);
        match outcome.with_context(|| format!("cannot post {what}"))? {
            Outcome::Created(address) => print(format!("created {what}: {address}\n")),
            Outcome::Updated(address) => print(format!("updated {what}: {address}\n")),
            Outcome::Unchanged(address) => print(format!("{what} is up to date: {address}\n")),
        }
    }

    fn token(&self) -> Result<Token> {
        let token = self.github_token.as_deref().and_then(Token::new);
        token.ok_or_else(|| anyhow!("no token: set GITHUB_TOKEN in the environment of the step"))
    }

    /// Warns about a token among the arguments.
    pub(super) fn warn_of_visible_token() {
        let is_flag = |word: &std::ffi::OsString| word.to_string_lossy().starts_with("--github-token");
        if std::env::args_os().any(|word| is_flag(&word)) {
            eprintln!(
                "hotpath: --github-token exposes the token to every user of this machine; set GITHUB_TOKEN instead"
            );
        }
    }
}
