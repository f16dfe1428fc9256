//! The programs that `hotpath init SCENARIO` prints: each is built and run as printed, and the script prints the same.

mod program;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use program::{Outcome, hotpath, outcome, root};
use serde_json::Value as Json;

const SCENARIOS: [&str; 5] = ["basic", "tokio", "data-flow", "mcp", "cpu"];

/// One target folder for all, so one build at a time.
static BUILDING: Mutex<()> = Mutex::new(());

fn scenario(name: &str) -> Json {
    let printed = hotpath(&["init", name, "--json"], &root());
    assert_eq!(printed.status, 0, "{printed:?}");
    serde_json::from_str(&printed.stdout).expect("JSON")
}

fn text<'a>(scenario: &'a Json, key: &str) -> &'a str {
    scenario[key].as_str().expect("a text")
}

#[test]
fn the_script_prints_the_same() {
    let script = root().join("scripts/hotpath-rs-bootstrap.sh");
    let written = fs::read_to_string(&script).expect("the script");
    assert_eq!(written, hotpath_cli::bootstrap_script(), "renew it with `cargo xtask bootstrap`");
    for name in SCENARIOS {
        let printed = outcome(Command::new("sh").arg(&script).arg(name));
        assert_eq!(printed.stdout, hotpath(&["init", name, "--json"], &root()).stdout);
        assert_eq!(text(&scenario(name), "scenario"), name);
    }
    for words in [&[][..], &["nothing"]] {
        let refused = outcome(Command::new("sh").arg(&script).args(words));
        assert_eq!((refused.status, refused.stdout.as_str()), (2, ""));
        assert!(refused.stderr.contains("basic | tokio | data-flow | mcp | cpu"), "{refused:?}");
    }
}

/// Makes a crate of what was printed, with this repository in place of the registry, and runs the printed command.
fn run(name: &str, edition: &str) -> Outcome {
    let scenario = scenario(name);
    let package = format!("[package]\nname = \"first\"\nversion = \"0.1.0\"\nedition = \"{edition}\"\n\n");
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), "Cargo.toml", &(package + text(&scenario, "cargo")));
    write(folder.path(), "src/main.rs", text(&scenario, "snippet"));
    // A program that runs for ever is ended by hotpath itself.
    let ends = if name == "mcp" { &[("HOTPATH_SHUTDOWN_MS", "300")][..] } else { &[] };
    let outcome = build_and_run(folder.path(), text(&scenario, "command"), ends);
    assert_eq!(outcome.status, 0, "{name}, edition {edition}: {outcome:?}");
    outcome
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
    fs::write(path, text).expect("a file");
}

/// Runs a command in a crate, with this repository in place of the registry. What it prints is followed by its report.
fn build_and_run(folder: &Path, command: &str, env: &[(&str, &str)]) -> Outcome {
    let ours = root().join("crates/hotpath");
    let patch = format!("[patch.crates-io]\nhotpath = {{ path = {:?} }}\n", ours.to_str().expect("text"));
    write(folder, ".cargo/config.toml", &patch);
    // The versions that are here already.
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).expect("a lock file");
    let _alone = BUILDING.lock();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scenarios");
    // A warning in a program to begin with would be embarrassing.
    let mut shell = Command::new("sh");
    shell.args(["-c", command]).current_dir(folder).envs(env.iter().copied());
    shell
        .env("CARGO_TARGET_DIR", target)
        .env("RUSTFLAGS", "-Dwarnings")
        .env("HOTPATH_OUTPUT_PATH", "report.txt");
    let mut outcome = outcome(&mut shell);
    outcome.stdout += &fs::read_to_string(folder.join("report.txt")).unwrap_or_default();
    outcome
}

fn runs(name: &str, shown: &[&str]) {
    for edition in ["2021", "2024"] {
        let report = run(name, edition).stdout;
        for word in shown {
            assert!(report.contains(word), "{name}: no {word} in\n{report}");
        }
    }
}

#[test]
fn basic_runs_as_printed() {
    runs("basic", &["first::read_orders", "| count_pieces ", "| write_summary ", "P99", "74447 pieces"]);
}

#[test]
fn tokio_runs_as_printed() {
    runs("tokio", &["10000 lines", "first::fetch", "first::count_lines", "Tokio"]);
}

#[test]
fn data_flow_runs_as_printed() {
    runs("data-flow", &["2500 bytes", "| pictures ", "| folder ", "| one picture ", "first::resize"]);
}

#[test]
fn mcp_runs_as_printed() {
    let printed = run("mcp", "2024");
    assert_eq!(printed.stdout, "", "the command asks for no report");
}

#[test]
fn cpu_runs_as_printed() {
    runs("cpu", &["primes", "| Sieve::primes ", "wait_for_disk"]);
}

/// A workspace of a program and a library: after `hotpath init --write` its printed command shows functions of both.
#[test]
fn a_workspace_that_was_written_to_runs() {
    for words in [&["--write"][..], &["--write", "--optional"]] {
        let folder = tempfile::tempdir().expect("a folder");
        let member = |name: &str| {
            format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n"
            )
        };
        write(folder.path(), "Cargo.toml", "[workspace]\nmembers = [\"app\", \"parts\"]\nresolver = \"3\"\n");
        write(folder.path(), "app/Cargo.toml", &(member("app") + "parts = { path = \"../parts\" }\n"));
        write(
            folder.path(),
            "app/src/main.rs",
            "use parts::Store;\n\nfn main() {\n    let mut store = Store::default();\n    fill(&mut store);\n    println!(\"{}\", store.sum());\n}\n\nfn fill(store: &mut Store) {\n    for n in 0..9 {\n        store.add(n);\n    }\n}\n",
        );
        write(folder.path(), "parts/Cargo.toml", &member("parts"));
        write(
            folder.path(),
            "parts/src/lib.rs",
            "#[derive(Default)]\npub struct Store(Vec<u64>);\n\nimpl Store {\n    pub fn add(&mut self, n: u64) {\n        self.0.push(n);\n    }\n\n    pub fn sum(&self) -> u64 {\n        let mut sum = 0;\n        for n in &self.0 {\n            sum += n;\n        }\n        sum\n    }\n}\n",
        );
        let plan = hotpath(&[&["init", "--json"], words].concat(), folder.path());
        let plan: Json = serde_json::from_str(&plan.stdout).expect("JSON");
        assert_eq!(plan["written"], true, "{plan}");
        let command = text(&plan, "command").replace(" --release", "");
        let outcome = build_and_run(folder.path(), &command, &[]);
        assert_eq!(outcome.status, 0, "{command}: {outcome:?}");
        for word in ["36\n", "| app::main ", "| app::fill ", "| Store::sum "] {
            assert!(outcome.stdout.contains(word), "no {word} in\n{}", outcome.stdout);
        }
        // Off: the same program, and no report.
        let plain = build_and_run(
            folder.path(),
            &command.replace(" --features hotpath", ""),
            &[("HOTPATH_OUTPUT_PATH", "none.txt")],
        );
        assert_eq!((plain.status, plain.stdout.lines().next()), (0, Some("36")), "{plain:?}");
        assert!(!folder.path().join("none.txt").exists());
    }
}
