//! The action and the workflows for GitHub: the steps are taken from the files and run here as GitHub would, in a repository with a
//! pull request.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::github::{GitHub, HEAD_SHA, REPOSITORY, TOKEN};
use crate::program::{Outcome, outcome, root};
use yaml_rust2::{Yaml, YamlLoader};

fn yaml(path: &str) -> Yaml {
    let text = fs::read_to_string(root().join(".github/actions/hotpath").join(path)).expect("a file");
    YamlLoader::load_from_str(&text).expect("YAML").remove(0)
}

fn text<'a>(yaml: &'a Yaml, key: &str) -> &'a str {
    yaml[key].as_str().unwrap_or_default()
}

fn steps(action: &Yaml) -> &[Yaml] {
    action["runs"]["steps"].as_vec().expect("steps")
}

/// The texts of `${{ … }}`.
fn expressions(text: &str) -> Vec<&str> {
    let parts = text.split("${{").skip(1);
    parts.map(|part| part.split("}}").next().expect("an end").trim()).collect()
}

/// A repository with a base, and a merge of a pull request into it, in which a program says how long it took.
struct Repository {
    folder: tempfile::TempDir,
    github: GitHub,
}

/// Stands for a program that is built with hotpath: it writes a report of its one function. `time` is its speed.
const PROGRAM: &str = r#"#!/bin/sh
time=$(($(cat time) + $(wc -l <runs)))
echo run >>runs
[ "$HOTPATH_OUTPUT_FORMAT $HOTPATH_LIMIT" = "json 0" ]
echo "this is the program's own output"
cat >"$HOTPATH_OUTPUT_PATH" <<END
{"type": "hotpath_report", "functions_timing": {"caller_name": "app::main", "total_elapsed_ns": ${time}2000, "percentiles": [],
 "data": [{"name": "app::parse", "calls": 10, "avg": "$time.00 µs", "total": "${time}0.00 µs", "percent_total": "83.33%"}]}}
END
"#;

impl Repository {
    /// With the program at these times per call, in microseconds.
    fn new(base: u64, head: u64) -> Self {
        let repository = Self { folder: tempfile::tempdir().expect("a folder"), github: GitHub::new() };
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository.commit("program", PROGRAM);
        repository.commit("time", &base.to_string());
        repository.git(&["checkout", "--quiet", "-b", "faster"]);
        repository.commit("time", &head.to_string());
        repository.git(&["checkout", "--quiet", "--detach", "main"]);
        repository.git(&["merge", "--quiet", "--no-ff", "-m", "merge", "faster"]);
        fs::create_dir(repository.path("temp")).expect("a folder");
        repository
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn git(&self, words: &[&str]) {
        let who = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"];
        let mut git = Command::new("git");
        let status = git.args(who).args(words).current_dir(self.folder.path()).status().expect("git");
        assert!(status.success(), "{words:?}");
    }

    fn commit(&self, file: &str, text: &str) {
        fs::write(self.path(file), text).expect("a file");
        self.git(&["add", file]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", file]);
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_default()
    }

    /// Runs the steps of the action that are commands, with these inputs, until one fails.
    fn act(&self, inputs: &[(&str, &str)]) -> Outcome {
        self.act_with(inputs, &[])
    }

    /// Runs the action in a job that has these variables.
    fn act_with(&self, inputs: &[(&str, &str)], variables: &[(&str, &str)]) -> Outcome {
        let action = yaml("action.yml");
        let input = |name: &str| {
            let printed =
                inputs.iter().find(|(input, _)| *input == name).map(|(_, value)| (*value).to_owned());
            let default = &action["inputs"][name];
            assert!(!default.is_badvalue(), "no input {name}");
            let token = text(default, "default").replace("${{ github.token }}", TOKEN);
            printed.unwrap_or(token)
        };
        let value = |expression: &str| match expression.split_once('.') {
            Some(("inputs", name)) => input(name),
            _ => match expression {
                "github.action_path" => root().join(".github/actions/hotpath").display().to_string(),
                "github.event.pull_request.number" => "7".to_owned(),
                "github.event.pull_request.head.sha" => HEAD_SHA.to_owned(),
                other => panic!("{other} is not known here"),
            },
        };
        let mut last = Outcome { status: 0, stdout: String::new(), stderr: String::new() };
        for step in steps(&action) {
            let condition = text(step, "if").split_once(" == ").expect("a condition");
            let wanted = condition.1.trim_matches('\'');
            if value(condition.0) != wanted || step["run"].is_badvalue() {
                continue;
            }
            let mut command = self.job(text(step, "run"));
            for variable in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"] {
                command.env_remove(variable);
            }
            command.envs(variables.iter().copied());
            for (name, set) in step["env"].as_hash().expect("an environment") {
                let set = set.as_str().expect("a text");
                let filled = expressions(set).iter().fold(set.to_owned(), |filled, expression| {
                    filled.replace(&format!("${{{{ {expression} }}}}"), &value(expression))
                });
                command.env(name.as_str().expect("a name"), filled);
            }
            let ended = outcome(&mut command);
            last = Outcome {
                status: ended.status,
                stdout: last.stdout + &ended.stdout,
                stderr: last.stderr + &ended.stderr,
            };
            if last.status != 0 {
                break;
            }
        }
        last
    }

    /// A script in the environment that a step has.
    fn job(&self, script: &str) -> Command {
        let mut command = Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .current_dir(self.folder.path());
        let built = Path::new(env!("CARGO_BIN_EXE_hotpath")).parent().expect("a folder");
        let path = std::env::var_os("PATH").expect("PATH");
        let paths = std::iter::once(built.to_owned()).chain(std::env::split_paths(&path));
        command.env("PATH", std::env::join_paths(paths).expect("paths"));
        command
            .env("RUNNER_TEMP", self.path("temp"))
            .env("GITHUB_STEP_SUMMARY", self.path("temp/summary.md"));
        command.env("GITHUB_API_URL", self.github.url()).env("GITHUB_REPOSITORY", REPOSITORY);
        command
    }
}

const MEASURE: [(&str, &str); 4] = [
    ("install", "false"),
    ("build", "chmod +x program && touch runs"),
    ("run", "./program"),
    ("rounds", "6"),
];

const COMMENT: [(&str, &str); 3] = [("install", "false"), ("mode", "comment"), ("head-sha", HEAD_SHA)];

#[test]
fn a_regression_fails_the_check_and_is_in_the_comment() {
    let repository = Repository::new(1_000, 2_000);
    let measured = repository.act(&MEASURE);
    assert_eq!(measured.status, 1, "{measured:?}");
    assert!(
        repository.read("temp/summary.md").contains("1 regression"),
        "{}",
        repository.read("temp/summary.md")
    );
    assert!(repository.github.asked().is_empty(), "the measuring job asks for nothing");
    let commented = repository.act(&COMMENT);
    assert_eq!(commented.status, 0, "{commented:?}");
    let ours = repository.github.ours();
    assert_eq!(ours.len(), 1, "{ours:?}");
    assert!(ours[0].contains("`main` ← `somebody:faster`") && ours[0].contains("app::parse"), "{}", ours[0]);
    // Nothing is left in the repository but the reports.
    let trees = outcome(Command::new("git").args(["worktree", "list"]).current_dir(repository.folder.path()));
    assert_eq!(trees.stdout.lines().count(), 1, "{trees:?}");
    assert!(!repository.path("runs").exists());
}

#[test]
fn a_harmless_change_passes() {
    let repository = Repository::new(1_000, 1_000);
    let measured = repository.act(&MEASURE);
    assert_eq!(measured.status, 0, "{measured:?}");
    assert!(!measured.stdout.contains("own output"), "{measured:?}");
    for side in ["base", "head"] {
        let reports = fs::read_dir(repository.path(&format!("hotpath-reports/{side}"))).expect("reports");
        assert_eq!(reports.count(), 6);
    }
    assert!(repository.read("temp/summary.md").starts_with("### hotpath: default\n"));
}

#[test]
fn the_policy_and_fail_on_decide_whether_the_check_fails() {
    let repository = Repository::new(1_000, 2_000);
    fs::write(repository.path("policy.toml"), "[functions.timing]\njudged = false\n").expect("a file");
    let lenient = [("policy", "policy.toml")];
    let measured = repository.act(&[&lenient[..], &MEASURE].concat());
    assert_eq!(measured.status, 0, "{measured:?}");
    let repository = Repository::new(1_000, 2_000);
    let measured = repository.act(&[&[("fail-on", "")][..], &MEASURE].concat());
    assert_eq!(measured.status, 0, "{measured:?}");
}

#[test]
fn the_base_can_be_set() {
    let repository = Repository::new(1_000, 2_000);
    repository.git(&["checkout", "--quiet", "faster"]);
    let measured = repository.act(&MEASURE);
    assert_eq!(measured.status, 2, "{measured:?}");
    assert!(measured.stderr.contains("fetch-depth: 2"), "{measured:?}");
    let measured = repository.act(&[&[("base", "main")][..], &MEASURE].concat());
    assert_eq!(measured.status, 1, "{measured:?}");
}

/// As `actions/checkout` leaves a branch: one commit, and where the others are.
#[test]
fn a_missing_base_is_fetched() {
    let repository = Repository::new(1_000, 2_000);
    repository.git(&["checkout", "--quiet", "faster"]);
    repository.git(&["clone", "--quiet", "--bare", ".", "temp/origin"]);
    let origin = format!("file://{}", repository.path("temp/origin").display());
    repository.git(&["clone", "--quiet", "--depth=1", "--branch=faster", &origin, "temp/shallow"]);
    let (git, shallow) = (repository.path(".git"), repository.path("temp/shallow/.git"));
    fs::remove_dir_all(&git).expect("the whole repository");
    fs::rename(shallow, git).expect("the shallow one");
    let measured = repository.act(&[&[("base", "main")][..], &MEASURE].concat());
    assert_eq!(measured.status, 1, "{measured:?}");
}

/// One program, byte for byte, is either a mistake or a change that touches no code.
#[test]
fn identical_builds_are_an_error_without_same_ok() {
    let repository = Repository::new(1_000, 1_000);
    let program = PROGRAM.replace(
        r#""functions_timing""#,
        r#""meta": {"build_id": "b1", "command": "app"}, "functions_timing""#,
    );
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit("program", &program);
    repository.git(&["checkout", "--quiet", "--detach", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "merge again", "faster"]);
    let measured = repository.act(&MEASURE);
    assert_eq!(measured.status, 2, "{measured:?}");
    assert!(measured.stderr.contains("both sides ran the same build of the program (b1)"), "{measured:?}");
    let commented = repository.act(&COMMENT);
    assert_eq!(commented.status, 2, "{commented:?}");
    assert!(repository.github.ours().is_empty(), "no comment that there is no regression");
    fs::remove_dir_all(repository.path("hotpath-reports")).expect("reports");
    let measured = repository.act(&[&[("same-ok", "true")][..], &MEASURE].concat());
    assert_eq!(measured.status, 0, "{measured:?}");
}

/// Where Cargo is reported one folder for all, each side gets one of its own.
#[test]
fn each_side_is_built_in_a_folder_of_its_own() {
    let repository = Repository::new(1_000, 1_000);
    repository.git(&["checkout", "--quiet", "main"]);
    repository.commit(
        "Cargo.toml",
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n",
    );
    repository.commit("lib.rs", "");
    repository.git(&["checkout", "--quiet", "--detach", "main"]);
    repository.git(&["merge", "--quiet", "--no-ff", "-m", "merge again", "faster"]);
    let folders = repository.path("temp/folders").display().to_string();
    let noted = format!(
        "chmod +x program && touch runs && echo \"${{CARGO_TARGET_DIR-}} ${{CARGO_BUILD_TARGET_DIR-}}\" >>{folders}"
    );
    let build = [("build", noted.as_str())];
    for variable in ["CARGO_BUILD_TARGET_DIR", "CARGO_TARGET_DIR"] {
        _ = fs::remove_file(&folders);
        _ = fs::remove_dir_all(repository.path("hotpath-reports"));
        let measured =
            repository.act_with(&[&build[..], &MEASURE].concat(), &[(variable, "/nowhere/shared")]);
        assert_eq!(measured.status, 0, "{measured:?}");
        let reported = fs::read_to_string(&folders).expect("two builds");
        let lines: Vec<Vec<&str>> = reported.lines().map(|line| line.split(' ').collect()).collect();
        assert!(lines.len() == 2 && lines.iter().all(|line| line[0] == line[1]), "{reported}");
        assert!(
            lines[0][0].ends_with("/base/tree/target") && lines[1][0].ends_with("/head/tree/target"),
            "{reported}"
        );
    }
    // Where both stay apart anyway, nothing is changed: the command knows where it finds what was built.
    for variables in [&[][..], &[("CARGO_TARGET_DIR", "built")], &[("CARGO_TARGET_DIR", "../beside")]] {
        _ = fs::remove_file(&folders);
        _ = fs::remove_dir_all(repository.path("hotpath-reports"));
        let measured = repository.act_with(&[&build[..], &MEASURE].concat(), variables);
        assert_eq!(measured.status, 0, "{measured:?}");
        let expected = format!("{} \n", variables.first().map_or("", |(_, folder)| folder)).repeat(2);
        assert_eq!(fs::read_to_string(&folders).expect("two builds"), expected);
    }
}

#[test]
fn an_error_is_reported_and_nothing_is_compared() {
    let wrong: [(&[(&str, &str)], &str); 8] = [
        (&[("run", "")], "nothing to run"),
        (&[("run", "echo broken >&2; exit 3")], "base: command failed with status 3"),
        (&[("run", "true")], "wrote no report"),
        (
            &[("build", "false")],
            "base: command failed with status 1: false (does the base use hotpath already?",
        ),
        (&[("rounds", "many")], "invalid rounds `many`"),
        (&[("base", "nowhere")], "unknown commit nowhere"),
        (&[("base", "--help")], "invalid commit --help"),
        (&[("base", "HEAD")], "the same commit"),
    ];
    let repository = Repository::new(1_000, 1_000);
    for (inputs, printed) in wrong {
        let measured = repository.act(&[inputs, &MEASURE].concat());
        assert_eq!(measured.status, 2, "{inputs:?}: {measured:?}");
        assert!(measured.stderr.contains(printed), "{inputs:?}: {measured:?}");
        assert_eq!(repository.read("temp/summary.md"), "");
        _ = fs::remove_dir_all(repository.path("hotpath-reports"));
    }
    // A comment without reports.
    let commented = repository.act(&COMMENT);
    assert_eq!(commented.status, 2, "{commented:?}");
    assert!(repository.github.asked().is_empty());
}

#[test]
fn inputs_are_never_a_part_of_a_script() {
    let action = yaml("action.yml");
    let mut used = Vec::new();
    for step in steps(&action) {
        assert_eq!(expressions(text(step, "run")), [""; 0], "in {}", text(step, "name"));
        let values = step["env"].as_hash().into_iter().chain(step["with"].as_hash()).flatten();
        used.extend(values.filter_map(|(_, value)| value.as_str()).flat_map(expressions));
        used.extend(text(step, "if").split_whitespace().next());
    }
    let used = |name: &str| used.iter().any(|used| *used == format!("inputs.{name}"));
    let inputs = action["inputs"].as_hash().expect("inputs");
    for (name, input) in inputs {
        let name = name.as_str().expect("a name");
        assert!(used(name) && !text(input, "description").is_empty(), "{name}");
    }
}

#[test]
fn the_job_that_runs_the_pull_request_cannot_write_and_the_other_never_runs_it() {
    let permissions = |workflow: &Yaml| -> Vec<String> {
        let all = workflow["permissions"].as_hash().expect("permissions").iter();
        all.map(|(what, may)| format!("{}: {}", what.as_str().expect("text"), may.as_str().expect("text")))
            .collect()
    };
    let measure = yaml("workflows/hotpath.yml");
    assert_eq!(permissions(&measure), ["contents: read"]);
    let comment = yaml("workflows/hotpath-comment.yml");
    assert_eq!(permissions(&comment), ["actions: read", "contents: read", "pull-requests: write"]);
    assert_eq!(comment["on"]["workflow_run"]["workflows"][0], measure["name"]);

    let action = yaml("action.yml");
    let inputs = &action["inputs"];
    for (workflow, job) in [(&measure, "measure"), (&comment, "comment")] {
        let steps = workflow["jobs"][job]["steps"].as_vec().expect("steps");
        let checkout =
            steps.iter().find(|step| text(step, "uses").starts_with("actions/checkout@")).expect("one");
        assert_eq!(checkout["with"]["persist-credentials"], Yaml::Boolean(false));
        // With `ref` it could be the pull request.
        assert!(checkout["with"]["ref"].is_badvalue());
        let last = steps.last().expect("a step");
        assert!(text(last, "uses").contains("/.github/actions/hotpath@"));
        for (name, _) in last["with"].as_hash().expect("inputs") {
            assert!(!inputs[name.as_str().expect("text")].is_badvalue(), "{name:?}");
        }
    }
    // Without reports there is nothing to say, which is no failure of this one.
    let [_, download, say] = &comment["jobs"]["comment"]["steps"].as_vec().expect("steps")[..] else {
        panic!("other steps")
    };
    assert_eq!(download["continue-on-error"], Yaml::Boolean(true));
    assert_eq!(text(say, "if"), format!("steps.{}.outcome == 'success'", text(download, "id")));
    let download = &download["with"];
    let upload = steps(&action).iter().find(|step| text(step, "uses").starts_with("actions/upload"));
    let name = text(&upload.expect("an upload")["with"], "name");
    let kept = name.replace("${{ inputs.benchmark-id }}", text(&inputs["benchmark-id"], "default"));
    assert_eq!(text(download, "name"), kept);
    assert_eq!(text(download, "path"), text(&inputs["reports"], "default"));
}
