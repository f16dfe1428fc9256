//! `hotpath ab` on programs whose times are known: scripts that hand out reports written beforehand.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use hotpath_report::{Bucket, Dist, FunctionKind, FunctionStats, Report, Table, Timing, render};

/// The number of runs that a script can make.
const RUNS: u64 = 100;

/// A program that Cargo builds: its speed and which build it is stand in its source.
const SOURCE: &str = r#"
const NANOS: u64 = @NANOS@;
fn main() {
    let path = std::env::var("HOTPATH_OUTPUT_PATH").unwrap();
    let noise = path.bytes().map(u64::from).sum::<u64>() % 7;
    let nanos = NANOS + noise * NANOS / 1000;
    let text = format!("{{\"type\": \"hotpath_report\", \"schema_version\": 1, \"duration_ns\": {nanos}, \"version\": \"0\",
        \"meta\": {{\"version\": \"0\", \"os\": null, \"arch\": null, \"rustc\": null, \"created_at\": null,
            \"command\": \"app\", \"build_id\": \"build-{NANOS}\"}},
        \"overhead\": null, \"call_tree\": [], \"functions_timing\": {{\"profiling_mode\": \"timing\", \"caller_name\": \"app::main\",
        \"total_elapsed_ns\": {nanos}, \"percentiles\": [], \"data\": [{{\"name\": \"app::work\", \"calls\": 10,
            \"avg_ns\": {}, \"total_ns\": {nanos}, \"self_ns\": {nanos}}}]}}}}", nanos / 10);
    std::fs::write(path, text).unwrap();
}
"#;

/// Hands out the next report of the folder `$1`. Run number `$2`, if given, waits for ever.
const PROGRAM: &str = r#"
[ "$HOTPATH_LIMIT $HOTPATH_FUNCTIONS_LIMIT" = "0 0" ] || exit 9
count=$(cat "$1/count" 2>/dev/null || echo 0)
echo $((count + 1)) > "$1/count"
if [ "$count" = "$2" ]; then echo > "$1/waits"; exec sleep 1000; fi
cp "$1/$count.json" "$HOTPATH_OUTPUT_PATH"
"#;

/// A folder of its own for one test.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ab").join(name);
        let _old = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).expect("a folder");
        fs::write(root.join("program.sh"), PROGRAM).expect("a script");
        Self(root)
    }

    /// A variant whose `work` takes about so long, a bit different each time.
    fn variant(&self, name: &str, nanos: u64) {
        let folder = self.0.join(name);
        fs::create_dir_all(&folder).expect("a folder");
        for run in 0..RUNS {
            // Up to ±2 %, in an order that has nothing to do with time.
            let noise = (run * 7919 + nanos) % 41;
            let text = report(nanos * (980 + noise) / 1000);
            fs::write(folder.join(format!("{run}.json")), text).expect("a report");
        }
    }

    fn command(&self, options: &[&str], head: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotpath"));
        command.current_dir(&self.0).arg("ab").args(options).arg("--").args(head);
        command
    }

    fn run(&self, options: &[&str], head: &[&str]) -> (Option<i32>, String, String) {
        reported(self.command(options, head).output().expect("it runs"))
    }
}

fn reported(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn report(nanos: u64) -> String {
    let calls = 10;
    let work = FunctionStats {
        id: 1,
        name: "app::work".into(),
        calls,
        total_ns: Some(nanos),
        self_ns: Some(nanos),
        durations: Dist::from_buckets(
            calls,
            nanos,
            Some(nanos / calls),
            Some(nanos / calls),
            [Bucket::around(nanos / calls, nanos / calls, calls)],
        ),
        ..FunctionStats::default()
    };
    let main = FunctionStats {
        id: 0,
        name: "app::main".into(),
        kind: FunctionKind::Main,
        calls: 1,
        total_ns: Some(nanos + 1_000_000),
        self_ns: Some(1_000_000),
        ..FunctionStats::default()
    };
    let percentiles = vec![95.0];
    let report = Report {
        duration_ns: nanos + 1_000_000,
        caller_name: "app::main".into(),
        sections: vec![Table::of::<Timing>(&[work, main], &(), &percentiles)],
        percentiles,
        ..Report::default()
    };
    let mut text = String::new();
    render::json(&report, &render::Options::default(), &mut text).expect("JSON");
    text
}

/// A package in a repository: the commit takes 100 ms, the working tree 130 ms.
struct Package {
    place: Place,
    root: PathBuf,
}

impl Package {
    fn new(name: &str) -> Self {
        let place = Place::new(name);
        // Outside of this workspace.
        let root = place.0.join("package");
        fs::create_dir_all(root.join("src")).expect("a folder");
        let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\n[workspace]\n";
        fs::write(root.join("Cargo.toml"), manifest).expect("a file");
        fs::write(root.join(".gitignore"), "target\nCargo.lock\n").expect("a file");
        let package = Self { place, root };
        package.takes(100_000_000);
        git(&package.root, &["init", "--quiet", "--initial-branch=main"]);
        git(&package.root, &["add", "."]);
        git(&package.root, &["commit", "--quiet", "-m", "old"]);
        package.takes(130_000_000);
        package
    }

    fn takes(&self, nanos: u64) {
        let source = SOURCE.replace("@NANOS@", &nanos.to_string());
        fs::write(self.root.join("src/main.rs"), source).expect("a file");
    }

    /// `hotpath ab` of the commit and the working tree, in this environment.
    fn ab(&self, words: &[&str], variables: &[(&str, &Path)]) -> (Option<i32>, String, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotpath"));
        for variable in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_BUILD_DIR"] {
            command.env_remove(variable);
        }
        command.env("CARGO_NET_OFFLINE", "true").envs(variables.iter().copied());
        let looks = ["--min-rounds", "5", "--max-rounds", "5", "--format", "json", "--fail-on", "regression"];
        let words = [&["ab", "--base", "HEAD"], &looks[..], words].concat();
        reported(command.current_dir(&self.root).args(words).stdin(Stdio::null()).output().expect("it runs"))
    }

    /// Ends with the slow-down that is there.
    #[track_caller]
    fn finds_it(&self, variables: &[(&str, &Path)]) {
        let words = ["--build", "cargo build --quiet", "--", "cargo", "run", "--quiet"];
        let (status, out, errors) = self.ab(&words, variables);
        assert_eq!(status, Some(1), "{variables:?}: {out}{errors}");
        let reported: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(reported["outcome"], "regression", "{reported:#}");
    }
}

fn git(folder: &Path, words: &[&str]) -> String {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
    let done = Command::new("git").current_dir(folder).args(identity).args(words).output().expect("git runs");
    assert!(done.status.success(), "{words:?}: {done:?}");
    String::from_utf8_lossy(&done.stdout).trim().to_owned()
}

const BASE: [&str; 2] = ["--base-command", "sh program.sh base"];
const HEAD: [&str; 3] = ["sh", "program.sh", "head"];

fn with<'a>(options: &[&'a str]) -> Vec<&'a str> {
    [&BASE[..], options].concat()
}

#[test]
fn a_regression_is_found_and_fails_with_fail_on() {
    let place = Place::new("slower");
    place.variant("base", 100_000_000);
    place.variant("head", 130_000_000);
    let (status, out, errors) = place.run(&with(&["--fail-on", "regression"]), &HEAD);
    assert_eq!(status, Some(1), "{out}{errors}");
    assert!(out.contains("app::work") && out.contains("regression"), "{out}");
    // Five rounds were enough: no more runs than warm-up, noise and those.
    let runs = fs::read_to_string(place.0.join("head/count")).expect("a count");
    assert_eq!(runs.trim(), "11");
    assert!(errors.contains("10 runs of the base, 10 of the head"), "{errors}");
    // The same is no failure when nobody asks for one.
    fs::remove_file(place.0.join("head/count")).expect("a count");
    fs::remove_file(place.0.join("base/count")).expect("a count");
    assert_eq!(place.run(&with(&[]), &HEAD).0, Some(0));
}

#[test]
fn the_same_program_has_no_regression() {
    let place = Place::new("same");
    place.variant("base", 100_000_000);
    place.variant("head", 100_000_000);
    let (status, out, errors) = place.run(&with(&["--fail-on", "regression", "--format", "json"]), &HEAD);
    assert_eq!(status, Some(0), "{out}{errors}");
    let reported: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(reported["outcome"], "no_regression", "{reported:#}");
}

#[test]
fn a_command_that_fails_or_writes_no_report_is_an_error() {
    let place = Place::new("failing");
    place.variant("base", 100_000_000);
    let (status, out, errors) = place.run(&with(&[]), &["sh", "-c", "echo no such table >&2; exit 3"]);
    assert_eq!((status, out.as_str()), (Some(2), ""), "{errors}");
    assert!(errors.contains("head: ") && errors.contains("exit status: 3"), "{errors}");
    assert!(errors.contains("no such table"), "{errors}");
    let (status, _, errors) = place.run(&with(&[]), &["true"]);
    assert!(status == Some(2) && errors.contains("head: `true` wrote no report"), "{errors}");
    let (status, _, errors) = place.run(&with(&[]), &["./not-there"]);
    assert!(status == Some(2) && errors.contains("head: cannot run `./not-there`"), "{errors}");
    let (status, _, errors) = place.run(&with(&[]), &["sh", "-c", "echo '{' > $HOTPATH_OUTPUT_PATH"]);
    assert!(status == Some(2) && errors.contains("head: ") && errors.contains("invalid report"), "{errors}");
    let (status, _, errors) = place.run(&["--base-command", "sh 'unclosed"], &HEAD);
    assert!(status == Some(2) && errors.contains("invalid command"), "{errors}");
}

#[test]
fn kept_reports_never_overwrite_a_folder() {
    let place = Place::new("kept");
    place.variant("base", 100_000_000);
    place.variant("head", 100_000_000);
    let options = ["--keep", "runs", "--min-rounds", "1", "--max-rounds", "1", "--warm-up", "0"];
    assert_eq!(place.run(&with(&options), &HEAD).0, Some(0));
    let kept = || fs::read_dir(place.0.join("runs")).expect("a folder").count();
    assert_eq!(kept(), 8);
    let (status, _, errors) = place.run(&with(&options), &HEAD);
    assert!(status == Some(2) && errors.contains("cannot create the folder runs (--keep)"), "{errors}");
    assert_eq!(kept(), 8);
    // Where nothing was kept there is no folder, so the next try finds its place free.
    let (status, _, errors) = place.run(&["--base-command", "no-such-program", "--keep", "none"], &HEAD);
    assert!(status == Some(2) && !place.0.join("none").exists(), "{errors}");
}

/// A script, or `cargo run`, is not the program itself.
#[cfg(unix)]
#[test]
fn stopping_ends_the_children_of_the_command() {
    use std::io::Read;
    let place = Place::new("grandchild");
    let made = Command::new("mkfifo").arg(place.0.join("pipe")).status();
    assert!(made.expect("mkfifo runs").success());
    fs::write(place.0.join("grand.sh"), "(sleep 60; echo alive) > pipe & wait\n").expect("a script");
    let mut child = place.command(&["--base-command", "sh grand.sh"], &HEAD).spawn().expect("it runs");
    // Opens when the other end does.
    let mut pipe = fs::File::open(place.0.join("pipe")).expect("a pipe");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
    let mut printed = String::new();
    pipe.read_to_string(&mut printed).expect("text");
    assert_eq!(printed, "", "ended before it could say anything");
    assert_eq!(child.wait().expect("it ends").code(), Some(2));
}

#[test]
fn stopping_prints_the_results_so_far() {
    let place = Place::new("stopped");
    place.variant("base", 100_000_000);
    place.variant("head", 200_000_000);
    // One run to warm up and twelve in six rounds; more than the first look, which finds nothing to decide on with this policy.
    let head = ["sh", "program.sh", "head", "13"];
    let options = with(&["--min-rounds", "20", "--format", "json"]);
    let child = place.command(&options, &head).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("it runs");
    let waits = place.0.join("head/waits");
    let deadline = Instant::now() + Duration::from_secs(60);
    while !waits.exists() {
        assert!(Instant::now() < deadline, "the run that waits never came");
        thread::yield_now();
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().expect("kill runs").success());
    let (status, out, errors) = reported(child.wait_with_output().expect("it ends"));
    assert_eq!(status, Some(0), "{errors}");
    let reported: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(reported["outcome"], "regression", "{reported:#}");
    assert!(errors.contains("12 of the head"), "{errors}");
}

#[test]
fn a_commit_is_built_and_run_in_its_own_worktree() {
    let place = Place::new("commit");
    let tree = place.0.join("tree");
    fs::create_dir_all(tree.join("app")).expect("a folder");
    let git = |words: &[&str]| git(&tree, words);
    // What is built: a copy of the source. What it does: hands out reports of its variant.
    let write = |variant: &str| {
        let source = format!("exec sh {}/program.sh {}/{variant}\n", place.0.display(), place.0.display());
        fs::write(tree.join("app/source"), source).expect("a file");
    };
    place.variant("old", 100_000_000);
    place.variant("new", 130_000_000);
    git(&["init", "--quiet"]);
    fs::write(tree.join(".gitignore"), "built\n").expect("a file");
    write("old");
    git(&["add", "."]);
    git(&["commit", "--quiet", "-m", "old"]);
    write("new"); // not committed
    let options =
        ["ab", "--base", "HEAD", "--build", "cp source built", "--format", "json", "--", "sh", "built"];
    let run = |words: &[&str]| {
        reported(
            Command::new(env!("CARGO_BIN_EXE_hotpath"))
                .current_dir(tree.join("app"))
                .args(words)
                .output()
                .expect("it runs"),
        )
    };
    let (status, out, errors) = run(&options);
    assert_eq!(status, Some(0), "{errors}");
    let reported: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(reported["outcome"], "regression", "{reported:#}");
    assert_eq!(
        (&reported["base"]["label"], &reported["head"]["label"]),
        (&"HEAD".into(), &"working tree".into())
    );
    assert_eq!(git(&["worktree", "list"]).lines().count(), 1);
    assert_eq!(git(&["status", "--porcelain"]), "M app/source".trim());
    let (status, _, errors) = run(&["ab", "--base", "no-such-branch", "--", "true"]);
    assert!(status == Some(2) && errors.contains("unknown commit `no-such-branch`"), "{errors}");
}

/// A gate that compares the base with itself cannot fail.
#[test]
fn each_side_is_built_in_a_folder_of_its_own_whatever_the_environment_says() {
    let package = Package::new("shared-variables");
    let shared = package.place.0.join("shared");
    package.finds_it(&[("CARGO_BUILD_TARGET_DIR", &shared)]);
    package.finds_it(&[("CARGO_TARGET_DIR", &shared)]);
    // A relative one is another folder in each tree.
    package.finds_it(&[("CARGO_TARGET_DIR", Path::new("built"))]);
}

#[test]
fn each_side_is_built_in_a_folder_of_its_own_whatever_a_configuration_says() {
    let package = Package::new("shared-configuration");
    let config = format!("[build]\ntarget-dir = '{}'\n", package.place.0.join("shared").display());
    // Of the user.
    let home = package.place.0.join("home");
    fs::create_dir_all(&home).expect("a folder");
    fs::write(home.join("config.toml"), &config).expect("a file");
    package.finds_it(&[("CARGO_HOME", &home)]);
    // Of the repository, in both trees.
    fs::create_dir_all(package.root.join(".cargo")).expect("a folder");
    fs::write(package.root.join(".cargo/config.toml"), &config).expect("a file");
    package.takes(100_000_000);
    git(&package.root, &["add", "."]);
    git(&package.root, &["commit", "--quiet", "-m", "configuration"]);
    package.takes(130_000_000);
    package.finds_it(&[]);
}

#[test]
fn a_target_folder_shared_by_the_command_is_detected() {
    let package = Package::new("shared-by-command");
    let shared = package.place.0.join("shared");
    let build = format!("cargo build --quiet --target-dir '{}'", shared.display());
    let program = shared.join("debug/app").display().to_string();
    let run = |words: &[&str]| package.ab(&[words, &["--build", &build, "--", &program]].concat(), &[]);
    let (status, out, errors) = run(&["--keep", "runs"]);
    assert_eq!((status, out.as_str()), (Some(2), ""), "{errors}");
    assert!(errors.contains("base and head ran the same executable (build build-"), "{errors}");
    assert!(errors.contains("relative to this folder") && errors.contains("--same-ok"), "{errors}");
    // It is printed after the first run of each, and not after all.
    assert_eq!(fs::read_dir(package.root.join("runs")).expect("a folder").count(), 2);
    fs::remove_dir_all(package.root.join("runs")).expect("a folder");
    let (status, out, errors) = run(&["--same-ok"]);
    assert_eq!(status, Some(0), "{errors}");
    assert!(out.contains("both sides ran the same build of the program"), "{out}");
}

#[test]
fn an_unchanged_working_tree_is_not_compared_with_its_commit() {
    let package = Package::new("no-change");
    git(&package.root, &["checkout", "--quiet", "."]);
    let words = ["--build", "cargo build --quiet", "--", "cargo", "run", "--quiet"];
    let (status, out, errors) = package.ab(&words, &[]);
    assert_eq!((status, out.as_str()), (Some(2), ""), "{errors}");
    assert!(
        errors.contains("the working tree is the same as HEAD") && errors.contains("--same-ok"),
        "{errors}"
    );
    let (status, _, errors) = package.ab(&[&["--head", "main"], &words[..]].concat(), &[]);
    assert!(status == Some(2) && errors.contains("main is the same as HEAD"), "{errors}");
    assert_eq!(git(&package.root, &["worktree", "list"]).lines().count(), 1);
    // A file that is new is a change.
    fs::write(package.root.join("src/lib.rs"), "").expect("a file");
    let (status, _, errors) = package.ab(&words, &[]);
    assert!(!errors.contains("the working tree is the same"), "{errors}");
    assert_eq!(status, Some(2), "its build says that it is the same program: {errors}");
    assert!(errors.contains("ran the same executable"), "{errors}");
}

/// With the same arguments two paths to one program are a mistake; with others it is what is compared.
#[test]
fn two_commands_may_be_one_program_with_other_arguments() {
    let place = Place::new("one-program");
    let one = serde_json::json!({ "build_id": "b1", "command": "app" });
    for (variant, nanos) in [("base", 100_000_000), ("head", 130_000_000)] {
        place.variant(variant, nanos);
        for run in 0..RUNS {
            let path = place.0.join(variant).join(format!("{run}.json"));
            let text = fs::read_to_string(&path).expect("a report");
            let mut report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            report["meta"] = one.clone();
            fs::write(path, report.to_string()).expect("a report");
        }
        let script = format!("set -- {variant}\n{PROGRAM}");
        fs::write(place.0.join(format!("{variant}.sh")), format!("#!/bin/sh\n{script}")).expect("a script");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let path = place.0.join(format!("{variant}.sh"));
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("a script");
        }
    }
    let (status, out, errors) = place.run(&with(&["--fail-on", "regression"]), &HEAD);
    assert_eq!(status, Some(1), "{out}{errors}");
    let (status, _, errors) = place.run(&["--base-command", "./base.sh"], &["./head.sh"]);
    assert!(status == Some(2) && errors.contains("ran the same executable"), "{errors}");
}

#[test]
fn variants_without_a_row_in_common_are_not_compared() {
    let place = Place::new("nothing-in-common");
    place.variant("base", 100_000_000);
    place.variant("head", 100_000_000);
    for run in 0..RUNS {
        let path = place.0.join("head").join(format!("{run}.json"));
        let text = fs::read_to_string(&path).expect("a report").replace("app::", "tool::");
        fs::write(path, text).expect("a report");
    }
    let (status, out, errors) = place.run(&with(&["--fail-on", "regression"]), &HEAD);
    assert_eq!((status, out.as_str()), (Some(2), ""), "{errors}");
    assert!(errors.contains("the two sides have no row in common"), "{errors}");
}

/// A clone as in a job on GitHub: one commit and a remote.
#[test]
fn a_shallow_clone_gets_advice_on_what_to_fetch() {
    let package = Package::new("shallow");
    let origin = format!("file://{}", package.root.display());
    git(&package.root, &["checkout", "--quiet", "-b", "faster"]);
    git(&package.root, &["commit", "--quiet", "-am", "new"]);
    git(&package.place.0, &["clone", "--quiet", "--depth=1", "--branch=faster", &origin, "clone"]);
    let clone = Package { place: Place::new("shallow-runs"), root: package.place.0.join("clone") };
    let ab = |base: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hotpath"));
        let words = ["ab", "--base", base, "--max-rounds", "1", "--min-rounds", "1", "--", "true"];
        reported(command.current_dir(&clone.root).args(words).output().expect("it runs"))
    };
    for base in ["main", "origin/main"] {
        let (status, out, errors) = ab(base);
        assert_eq!((status, out.as_str()), (Some(2), ""), "{errors}");
        assert!(errors.contains("this clone is shallow") && errors.contains("fetch-depth: 0"), "{errors}");
        assert!(errors.contains("`git fetch --depth=1 origin main` and `--base FETCH_HEAD`"), "{errors}");
    }
    let (status, _, errors) = ab("HEAD~1");
    assert!(status == Some(2) && errors.contains("`git fetch --unshallow`"), "{errors}");
    // What it says helps: the commit is found, and what is missing now is a report.
    git(&clone.root, &["fetch", "--quiet", "--depth=1", "origin", "main"]);
    let (_, _, errors) = ab("FETCH_HEAD");
    assert!(errors.contains("base: `true` wrote no report"), "{errors}");
    git(&clone.root, &["fetch", "--quiet", "--unshallow"]);
    let (_, _, errors) = ab("HEAD~1");
    assert!(errors.contains("base: `true` wrote no report"), "{errors}");
    // Not shallow, and still not here.
    let (_, _, errors) = ab("main");
    assert!(errors.contains("if origin has it, fetch it with `git fetch origin main`"), "{errors}");
}
