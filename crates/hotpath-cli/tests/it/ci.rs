//! `hotpath ci comment`, and the older commands that are the same: from report files to a comment, a summary and a status.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::program::github::{Fault, GitHub, HEAD_SHA, REPOSITORY, TOKEN};
use crate::program::{Outcome, outcome};
use serde_json::json;

/// A folder with what a measuring job leaves: six runs per side.
struct Job {
    folder: tempfile::TempDir,
    github: GitHub,
}

/// A report whose one function takes this long.
fn report(caller: &str, name: &str, microseconds: u64) -> String {
    let time = |microseconds: u64| format!("{microseconds}.00 µs");
    json!({
        "type": "hotpath_report",
        "functions_timing": {
            "profiling_mode": "timing", "time_elapsed": time(microseconds * 12), "total_elapsed_ns": microseconds * 12_000,
            "description": "Execution duration of functions.", "caller_name": caller, "percentiles": [95.0],
            "data": [{
                "id": 1, "name": name, "calls": 10, "avg": time(microseconds), "p95": time(microseconds),
                "total": time(microseconds * 10), "percent_total": "83.33%"
            }]
        }
    })
    .to_string()
}

impl Job {
    fn new(base: u64, head: u64) -> Self {
        let job = Self { folder: tempfile::tempdir().expect("a folder"), github: GitHub::new() };
        for (side, microseconds) in [("base", base), ("head", head)] {
            for run in 0..6 {
                job.write(
                    &format!("runs/{side}/{run}.json"),
                    &report("app::main", "app::parse", microseconds + run),
                );
            }
        }
        job.write("runs/pull-request.json", &json!({ "number": 7, "head_sha": HEAD_SHA }).to_string());
        job.write("event.json", &json!({ "pull_request": { "number": 7 } }).to_string());
        job
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    }

    fn summary(&self) -> String {
        fs::read_to_string(self.path("summary.md")).unwrap_or_default()
    }

    /// A program in the environment that a job has.
    fn program(&self, program: &str, words: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(words).current_dir(self.folder.path()).env_clear();
        command.env("GITHUB_API_URL", self.github.url()).env("GITHUB_REPOSITORY", REPOSITORY);
        command.env("GITHUB_TOKEN", TOKEN).env("GITHUB_EVENT_PATH", self.path("event.json"));
        command.env("GITHUB_STEP_SUMMARY", self.path("summary.md"));
        command.env("GITHUB_BASE_REF", "main").env("GITHUB_HEAD_REF", "faster");
        command
    }

    fn comment(&self, words: &[&str]) -> Outcome {
        let outcome =
            outcome(&mut self.program(env!("CARGO_BIN_EXE_hotpath"), &[&["ci", "comment"], words].concat()));
        assert!(!format!("{outcome:?}").contains(TOKEN), "{outcome:?}");
        outcome
    }

    fn the_comment(&self) -> String {
        let ours = self.github.ours();
        assert_eq!(ours.len(), 1, "{ours:?}");
        ours[0].clone()
    }
}

const SIDES: [&str; 4] = ["--base", "runs/base", "--head", "runs/head/*.json"];

#[test]
fn a_comment_and_a_summary_and_a_status() {
    let job = Job::new(1_000, 2_000);
    let words = [&SIDES[..], &["--benchmark-id", "parser"]].concat();
    let created = job.comment(&words);
    assert_eq!(created.status, 0, "{created:?}");
    assert!(created.stdout.contains("created the comment on octo/speed#7"), "{created:?}");
    let text = job.the_comment();
    assert!(
        text.starts_with("<!-- hotpath benchmark: parser -->\n### hotpath: parser\n\n`main` ← `faster`"),
        "{text}"
    );
    assert!(text.contains("app::parse") && text.contains("regression"), "{text}");
    // The summary is the comment without its mark.
    assert_eq!(job.summary().trim(), text.split_once('\n').expect("lines").1.trim());

    let failed = job.comment(&[&words[..], &["--fail-on", "regression"]].concat());
    assert_eq!(failed.status, 1, "{failed:?}");
    assert!(failed.stdout.contains("is up to date"), "{failed:?}");
    let faster = Job::new(2_000, 1_000);
    assert_eq!(faster.comment(&[&SIDES[..], &["--fail-on", "regression"]].concat()).status, 0);
}

#[test]
fn the_policy_decides_what_fails() {
    let job = Job::new(1_000, 2_000);
    job.write("policy.toml", "[functions.timing]\njudged = false\n");
    for lenient in [&["--policy", "policy.toml"][..], &["--min-change", "200%"], &["--ignore", "app::*"]] {
        let words = [&SIDES[..], &["--fail-on", "regression"], lenient].concat();
        assert_eq!(job.comment(&words).status, 0, "{lenient:?}");
    }
}

#[test]
fn a_pull_request_from_a_fork_takes_two_jobs() {
    // The second job runs for the repository: its event and its refs are not of the pull request.
    let job = Job::new(1_000, 2_000);
    job.write(
        "event.json",
        &json!({ "workflow_run": { "head_sha": HEAD_SHA, "pull_requests": [] } }).to_string(),
    );
    let words = ["--artifact", "runs", "--head-sha", HEAD_SHA, "--fail-on", "regression"];
    let outcome = job.comment(&words);
    assert_eq!(outcome.status, 1, "{outcome:?}");
    let text = job.the_comment();
    assert!(text.contains("`main` ← `somebody:faster` at `6dcb09b5b578`"), "{text}");

    // The number in the artifact is whatever the fork wrote. Without a commit from GitHub it is not believed.
    let outcome = job.comment(&["--artifact", "runs"]);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("no pull request"), "{outcome:?}");
    // The commit is of another pull request, or this one has moved on.
    let other = "0000000000000000000000000000000000000000";
    let before = job.github.state().comments.clone();
    let outcome = job.comment(&["--artifact", "runs", "--head-sha", other]);
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(outcome.stderr.contains("not commenting"), "{outcome:?}");
    assert_eq!(job.github.state().comments, before);
    assert!(!job.summary().is_empty());
}

#[test]
fn reports_of_a_fork_cannot_inject_into_the_comment() {
    let job = Job::new(1_000, 2_000);
    let evil =
        "</details>` <!-- hotpath benchmark: other -->\n@everyone [click](https://example.org) | ![x](y)";
    for side in ["base", "head"] {
        fs::remove_dir_all(job.path(&format!("runs/{side}"))).expect("a folder");
        for run in 0..6 {
            let time = if side == "base" { 1_000 } else { 2_000 };
            job.write(&format!("runs/{side}/{run}.json"), &report("app::main", evil, time + run));
        }
    }
    assert_eq!(job.comment(&SIDES).status, 0);
    let text = job.the_comment();
    // In code nothing means anything, and every line ends its own.
    assert!(text.lines().all(|line| line.matches('`').count() % 2 == 0), "{text}");
    let outside: String = text.split('`').step_by(2).collect();
    assert!(text.contains("@everyone") && !outside.contains("everyone"), "{text}");
    assert_eq!(outside.matches("<!--").count(), 1, "{text}");
}

#[test]
fn a_rejected_comment_is_status_2_with_a_job_summary() {
    let job = Job::new(1_000, 2_000);
    job.github.fails(Fault::new("POST", "comments", 403));
    let outcome = job.comment(&SIDES);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("cannot post the comment on octo/speed#7"), "{outcome:?}");
    assert!(outcome.stderr.contains("workflow_run"), "{outcome:?}");
    assert!(job.summary().contains("app::parse"));
    job.github.fails(Fault::new("GET", "comments", 403).header("Retry-After: 3600"));
    let outcome = job.comment(&[&SIDES[..], &["--max-wait", "10"]].concat());
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("it asks to wait 3600 s"), "{outcome:?}");
}

#[test]
fn a_missing_input_is_named_and_nothing_is_sent() {
    let job = Job::new(1_000, 2_000);
    job.write("broken/1.json", "{\"type\": \"hotpath_rep");
    job.write("other/1.json", &report("tool::main", "app::parse", 1));
    let missing: [(&[&str], &str); 7] = [
        (&["--base", "nowhere", "--head", "runs/head"], "nowhere"),
        (&["--base", "broken", "--head", "runs/head"], "1.json: invalid report"),
        (&["--base", "other", "--head", "runs/head"], "different programs"),
        (&["--artifact", "nowhere", "--head-sha", HEAD_SHA], "nowhere"),
        (&["--base", "runs/base", "--head", "runs/head", "--benchmark-id=-->"], "--benchmark-id"),
        (&["--base", "runs/base", "--head", "runs/head", "--repository", "octo"], "OWNER/NAME"),
        (&["--base", "runs/base"], "--head"),
    ];
    for (words, named) in missing {
        let outcome = job.comment(words);
        assert_eq!(outcome.status, 2, "{outcome:?}");
        assert!(outcome.stderr.contains(named), "{outcome:?}");
    }
    for (variable, named) in [("GITHUB_TOKEN", "GITHUB_TOKEN"), ("GITHUB_REPOSITORY", "GITHUB_REPOSITORY")] {
        for value in [None, Some("")] {
            let mut command = job.program(env!("CARGO_BIN_EXE_hotpath"), &["ci", "comment"]);
            command.args(SIDES).env_remove(variable);
            value.map(|value| command.env(variable, value));
            let outcome = outcome(&mut command);
            assert_eq!(outcome.status, 2, "{outcome:?}");
            assert!(outcome.stderr.contains(named), "{outcome:?}");
        }
    }
    assert_eq!(job.github.asked(), [""; 0]);
}

/// A comment that says "no regression" would be no answer.
#[test]
fn identical_builds_and_unrelated_reports_are_not_commented() {
    let job = Job::new(1_000, 2_000);
    for run in 0..6 {
        job.write(&format!("other/{run}.json"), &report("app::main", "app::render", 1_000 + run));
    }
    let outcome = job.comment(&["--base", "runs/base", "--head", "other"]);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("have no row in common; the base has `app::parse`"), "{outcome:?}");
    for side in ["base", "head"] {
        for run in 0..6 {
            let mut reported: serde_json::Value =
                serde_json::from_str(&report("app::main", "app::parse", 1_000 + run)).expect("JSON");
            reported["meta"] = json!({ "build_id": "b1", "command": "app" });
            job.write(&format!("one/{side}/{run}.json"), &reported.to_string());
        }
    }
    let one = ["--base", "one/base", "--head", "one/head"];
    let outcome = job.comment(&one);
    assert_eq!(outcome.status, 2, "{outcome:?}");
    assert!(outcome.stderr.contains("both sides ran the same build of the program (b1)"), "{outcome:?}");
    assert_eq!((job.github.asked().len(), job.summary().as_str()), (0, ""));
    let outcome = job.comment(&[&one[..], &["--same-ok"]].concat());
    assert_eq!(outcome.status, 0, "{outcome:?}");
    assert!(job.the_comment().contains("the same build of the program"), "{}", job.the_comment());
}

/// The answers 403 that GitHub gives: the limit of an hour, that of too many at once, and what a token may not.
#[test]
fn each_403_is_explained() {
    let job = Job::new(1_000, 2_000);
    let limit = json!({ "message": "API rate limit exceeded for installation ID 7." });
    let second = json!({ "message": "You have exceeded a secondary rate limit." });
    let forbidden = json!({ "message": "Resource not accessible by integration" });
    let hour = || {
        let fault = Fault::new("GET", "comments", 403).body(&limit);
        fault.header("X-RateLimit-Remaining: 0").header("X-RateLimit-Reset: 99999999999")
    };
    let cases: [(Fault, &[&str]); 4] = [
        (hour(), &["rate limit", "--max-wait allows 1 s"]),
        (Fault::new("GET", "comments", 403).body(&second), &["rate limit", "it asks to wait 60 s"]),
        (
            Fault::new("GET", "comments", 403).body(&forbidden),
            &["permissions: pull-requests: write", "workflow_run", "Resource not accessible"],
        ),
        (
            Fault::new("POST", "comments", 403).body(&forbidden),
            &["the token has no permission", "a pull request from a fork never has it", "workflow_run"],
        ),
    ];
    for (fault, parts) in cases {
        job.github.fails(fault);
        let outcome = job.comment(&[&SIDES[..], &["--max-wait", "1"]].concat());
        assert_eq!(outcome.status, 2, "{outcome:?}");
        for part in parts {
            assert!(outcome.stderr.contains(part), "{part}: {outcome:?}");
        }
        assert_eq!(outcome.stderr.lines().count(), 1, "{outcome:?}");
    }
    assert!(job.github.ours().is_empty());
}

#[test]
fn a_dry_run_sends_and_writes_nothing() {
    let job = Job::new(1_000, 2_000);
    let outcome = job.comment(&[&SIDES[..], &["--dry-run", "--fail-on", "regression"]].concat());
    assert_eq!(outcome.status, 1, "{outcome:?}");
    assert!(outcome.stdout.starts_with("<!-- hotpath benchmark: default -->\n"), "{outcome:?}");
    assert_eq!((job.github.asked().len(), job.summary().as_str()), (0, ""));
}

#[test]
fn a_long_comparison_fits_into_a_comment() {
    let job = Job::new(1_000, 2_000);
    let rows = |times: u64| {
        let row = |n: u64| {
            let time = format!("{times}.00 µs");
            let name = format!("app::{}::{n}", "module".repeat(600));
            json!({ "id": n, "name": name, "calls": 1, "avg": time, "total": time, "percent_total": "2.00%" })
        };
        let rows: Vec<_> = (0..45).map(row).collect();
        json!({ "type": "hotpath_report", "functions_timing": { "caller_name": "app::main", "total_elapsed_ns": 50_000_000, "percentiles": [], "data": rows } })
    };
    for run in 0..6 {
        job.write(&format!("runs/base/{run}.json"), &rows(1_000 + run).to_string());
        job.write(&format!("runs/head/{run}.json"), &rows(2_000 + run).to_string());
    }
    assert_eq!(job.comment(&SIDES).status, 0);
    let text = job.the_comment();
    assert!(text.encode_utf16().count() <= 65_536, "{}", text.len());
    assert!(text.contains("lines did not fit."), "{}", &text[text.len() - 500..]);
    assert!(job.summary().len() > 70_000, "the summary has room for all");
}

#[test]
fn older_commands_post_the_same_comment() {
    let (hotpath, utils) = (env!("CARGO_BIN_EXE_hotpath"), env!("CARGO_BIN_EXE_hotpath-utils"));
    let job = Job::new(1_000, 2_000);
    let read = |path: &str| fs::read_to_string(job.path(path)).expect("a file");
    let (base, head) = (read("runs/base/0.json"), read("runs/head/0.json"));
    let run = |program: &str, words: &[&str]| outcome(&mut job.program(program, words));
    // 0.7: the JSON itself, the token as a flag.
    let old = [
        "profile-pr",
        "--head-metrics",
        &head,
        "--base-metrics",
        &base,
        "--github-token",
        TOKEN,
        "--pr-number",
        "7",
    ];
    let first = run(hotpath, &old);
    assert_eq!(first.status, 0, "{first:?}");
    assert!(first.stderr.contains("set GITHUB_TOKEN instead"), "{first:?}");
    assert!(!format!("{first:?}").contains(TOKEN), "{first:?}");
    // 0.12: files, another id, the number from the job.
    let paths = ["profile-pr", "--head-metrics", "runs/head/0.json", "--base-metrics", "runs/base/0.json"];
    let again = run(utils, &[&paths[..], &["--emoji-threshold", "50"]].concat());
    assert_eq!((again.status, again.stderr.as_str()), (0, ""), "{again:?}");
    assert_eq!(job.github.ours().len(), 1, "one comment without an id too");
    let other = run(utils, &[&paths[..], &["--benchmark-id", "other"]].concat());
    assert_eq!(other.status, 0, "{other:?}");
    assert_eq!(job.github.ours().len(), 2);
    let dry = run(utils, &[&paths[..], &["--dry-run", "--emoji-threshold", "0"]].concat());
    assert!(dry.stdout.starts_with("<!-- hotpath benchmark: default -->"), "{dry:?}");

    let paths =
        ["compare", "--before-json-path", "runs/base/0.json", "--after-json-path", "runs/head/0.json"];
    let compared = run(utils, &paths);
    assert_eq!(compared.status, 0, "{compared:?}");
    assert!(compared.stdout.contains("app::parse"), "{compared:?}");
    let missing =
        run(utils, &["compare", "--before-json-path", "nowhere", "--after-json-path", "runs/head/0.json"]);
    assert_eq!(missing.status, 2, "{missing:?}");
}

/// A job of 0.7 has the line that `HOTPATH_JSON=true` printed, in the form of then.
#[test]
fn reports_of_0_7_are_read_also_without_marks() {
    let job = Job::new(1, 1);
    let line = |avg: &str, total: &str| {
        format!(
            r#"{{"hotpath_profiling_mode":"timing","output":{{"app::f":{{"calls":"100","avg":"{avg}","p95":"4.00ms","total":"{total}","percent_total":"96.18%"}}}}}}"#
        )
    };
    let (base, head) = (line("1.00ms", "100.00ms"), line("3.00ms", "300.00ms"));
    let words = ["profile-pr", "--dry-run", "--head-metrics", &head, "--base-metrics", &base];
    let run = |more: &[&str]| {
        let outcome = outcome(&mut job.program(env!("CARGO_BIN_EXE_hotpath"), &[&words[..], more].concat()));
        assert_eq!(outcome.status, 0, "{outcome:?}");
        outcome.stdout
    };
    let text = run(&[]);
    assert!(text.contains("| `app::f` | avg | 1.00 ms | 3.00 ms | +200 % |"), "{text}");
    assert!(text.contains("base: 1 run (-), head: 1 run (-)"), "{text}");
    assert!(text.contains("values of the base are rounded"), "{text}");
    let unmarked = run(&["--emoji-threshold", "0"]);
    assert!(unmarked.contains("<summary>1 not judged</summary>"), "{unmarked}");
    assert!(unmarked.contains("| `app::f` | avg | 1.00 ms | 3.00 ms | +200 % |"), "{unmarked}");
}

#[test]
fn help_shows_no_token() {
    for words in [&["ci", "comment", "--help"][..], &["profile-pr", "--help"]] {
        let job = Job::new(1, 1);
        let help = outcome(&mut job.program(env!("CARGO_BIN_EXE_hotpath"), words));
        assert!(help.stdout.contains("--github-token") && !help.stdout.contains(TOKEN), "{help:?}");
    }
}
