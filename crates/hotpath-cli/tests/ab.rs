//! `hotpath ab` on programs whose times are known: scripts that hand out reports written beforehand.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use hotpath_report::{Bucket, Dist, FunctionKind, FunctionStats, Report, Section, Timing, render};

/// As many runs as a script can make.
const RUNS: u64 = 100;

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
        told(self.command(options, head).output().expect("it runs"))
    }
}

fn told(output: Output) -> (Option<i32>, String, String) {
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
        sections: vec![Section::of::<Timing>(&[work, main], &(), &percentiles)],
        percentiles,
        ..Report::default()
    };
    let mut text = String::new();
    render::json(&report, &render::Options::default(), &mut text).expect("JSON");
    text
}

const BASE: [&str; 2] = ["--base-command", "sh program.sh base"];
const HEAD: [&str; 3] = ["sh", "program.sh", "head"];

fn with<'a>(options: &[&'a str]) -> Vec<&'a str> {
    [&BASE[..], options].concat()
}

#[test]
fn what_is_slower_is_found_and_fails_if_asked() {
    let place = Place::new("slower");
    place.variant("base", 100_000_000);
    place.variant("head", 130_000_000);
    let (status, out, errors) = place.run(&with(&["--fail-on", "regression"]), &HEAD);
    assert_eq!(status, Some(1), "{out}{errors}");
    assert!(out.contains("app::work") && out.contains("slower"), "{out}");
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
fn the_same_is_not_slower() {
    let place = Place::new("same");
    place.variant("base", 100_000_000);
    place.variant("head", 100_000_000);
    let (status, out, errors) = place.run(&with(&["--fail-on", "regression", "--format", "json"]), &HEAD);
    assert_eq!(status, Some(0), "{out}{errors}");
    let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(told["verdict"], "not_slower", "{told:#}");
}

#[test]
fn a_command_that_fails_or_reports_nothing_is_no_run() {
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
    assert!(status == Some(2) && errors.contains("head: ") && errors.contains("is no report"), "{errors}");
    let (status, _, errors) = place.run(&["--base-command", "sh 'unclosed"], &HEAD);
    assert!(status == Some(2) && errors.contains("is no command"), "{errors}");
}

#[test]
fn what_is_kept_takes_nobodys_place() {
    let place = Place::new("kept");
    place.variant("base", 100_000_000);
    place.variant("head", 100_000_000);
    let options = ["--keep", "runs", "--min-rounds", "1", "--max-rounds", "1", "--warm-up", "0"];
    assert_eq!(place.run(&with(&options), &HEAD).0, Some(0));
    let kept = || fs::read_dir(place.0.join("runs")).expect("a folder").count();
    assert_eq!(kept(), 8);
    let (status, _, errors) = place.run(&with(&options), &HEAD);
    assert!(status == Some(2) && errors.contains("--keep runs"), "{errors}");
    assert_eq!(kept(), 8);
    // Where nothing was kept there is no folder, so the next try finds its place free.
    let (status, _, errors) = place.run(&["--base-command", "no-such-program", "--keep", "none"], &HEAD);
    assert!(status == Some(2) && !place.0.join("none").exists(), "{errors}");
}

/// A script, or `cargo run`, is not the program itself.
#[cfg(unix)]
#[test]
fn stopping_ends_what_the_command_started() {
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
    let mut said = String::new();
    pipe.read_to_string(&mut said).expect("text");
    assert_eq!(said, "", "ended before it could say anything");
    assert_eq!(child.wait().expect("it ends").code(), Some(2));
}

#[test]
fn stopping_gives_the_verdict_so_far() {
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
    let (status, out, errors) = told(child.wait_with_output().expect("it ends"));
    assert_eq!(status, Some(0), "{errors}");
    let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(told["verdict"], "slower", "{told:#}");
    assert!(errors.contains("12 of the head"), "{errors}");
}

#[test]
fn a_commit_is_built_and_run_beside_the_working_tree() {
    let place = Place::new("commit");
    let tree = place.0.join("tree");
    fs::create_dir_all(tree.join("app")).expect("a folder");
    let git = |words: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
        let done =
            Command::new("git").current_dir(&tree).args(identity).args(words).output().expect("git runs");
        assert!(done.status.success(), "{done:?}");
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    };
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
        told(
            Command::new(env!("CARGO_BIN_EXE_hotpath"))
                .current_dir(tree.join("app"))
                .args(words)
                .output()
                .expect("it runs"),
        )
    };
    let (status, out, errors) = run(&options);
    assert_eq!(status, Some(0), "{errors}");
    let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(told["verdict"], "slower", "{told:#}");
    assert_eq!((&told["base"]["label"], &told["head"]["label"]), (&"HEAD".into(), &"working tree".into()));
    assert_eq!(git(&["worktree", "list"]).lines().count(), 1);
    assert_eq!(git(&["status", "--porcelain"]), "M app/source".trim());
    let (status, _, errors) = run(&["ab", "--base", "no-such-branch", "--", "true"]);
    assert!(status == Some(2) && errors.contains("no-such-branch is no commit"), "{errors}");
}
