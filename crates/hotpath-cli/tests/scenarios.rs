//! The programs that `hotpath init SCENARIO` prints: each is built and run as printed, and the script prints the same.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use common::{Outcome, hotpath, outcome, root};
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
    let folder = tempfile::tempdir().expect("a folder");
    let package = format!("[package]\nname = \"first\"\nversion = \"0.1.0\"\nedition = \"{edition}\"\n\n");
    let ours = root().join("crates/hotpath");
    let patch = format!("[patch.crates-io]\nhotpath = {{ path = {:?} }}\n", ours.to_str().expect("text"));
    let file = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        fs::write(path, text).expect("a file");
    };
    file("Cargo.toml", &(package + text(&scenario, "cargo")));
    file("src/main.rs", text(&scenario, "snippet"));
    file(".cargo/config.toml", &patch);
    // The versions that are here already.
    fs::copy(root().join("Cargo.lock"), folder.path().join("Cargo.lock")).expect("a lock file");
    let _alone = BUILDING.lock();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("scenarios");
    let mut command = Command::new("sh");
    command.args(["-c", text(&scenario, "command")]).current_dir(folder.path());
    // A warning in a program to begin with would be embarrassing. A program that runs for ever is ended by hotpath itself.
    command
        .env("CARGO_TARGET_DIR", target)
        .env("RUSTFLAGS", "-Dwarnings")
        .env("HOTPATH_OUTPUT_PATH", "report.txt");
    if name == "mcp" {
        command.env("HOTPATH_SHUTDOWN_MS", "300");
    }
    let mut outcome = outcome(&mut command);
    assert_eq!(outcome.status, 0, "{name}, edition {edition}: {outcome:?}");
    outcome.stdout += &fs::read_to_string(folder.path().join("report.txt")).unwrap_or_default();
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
    runs("basic", &["first::read_orders", "| count_pieces ", "| write_summary ", "P99", "61"]);
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
