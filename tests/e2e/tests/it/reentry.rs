//! Code of the program in the middle of ours: in its signal handlers, its allocator, its formatting. The program sees what it
//! would see without us, and what it measures there is counted.
#![cfg(target_os = "linux")]

use std::{os::unix::process::ExitStatusExt, process::Command};

use crate::common::{Run, Running, calls, command, ended, run};
use serde_json::Value;

/// Whatever hangs is ended by SIGKILL, which the test then sees as the end.
const DEADLINE_SECONDS: &str = "60";

/// The program with a deadline, and a report as JSON on standard output.
fn bounded(program: &str, arguments: &[&str]) -> Command {
    let mut command = command("timeout");
    command.args(["--foreground", "-s", "KILL", DEADLINE_SECONDS, program]).args(arguments);
    command.env("HOTPATH_OUTPUT_FORMAT", "json");
    command
}

/// The number behind a word in the program's own line.
#[track_caller]
fn told(run: &Run, word: &str) -> u64 {
    let line = run.own_lines().join(" ");
    let mut words = line.split_whitespace();
    let number = words.by_ref().find(|own| *own == word).and(words.next());
    number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no {word}: {run:#?}"))
}

const BLOCKED: &str = env!("CARGO_BIN_EXE_blocked_signals");

#[test]
fn signals_that_the_program_blocks_and_waits_for_are_its_own() {
    let signals = ["HUP", "INT", "QUIT", "USR1", "USR2", "ALRM", "TERM"];
    let numbers = [1, 2, 3, 10, 12, 14, 15];
    for (signal, number) in signals.into_iter().zip(numbers) {
        let mut command = command(BLOCKED);
        command.env("HOTPATH_OUTPUT_FORMAT", "json").env_remove("HOTPATH_METRICS_SERVER_OFF");
        command.env("HOTPATH_METRICS_PORT", "0");
        let program = Running::start(&mut command);
        program.signal(signal);
        let run = program.end();
        assert_eq!((run.status.code(), told(&run, "got")), (Some(0), number), "{signal}: {run:#?}");
        assert_eq!(calls(&run.report(), "::work"), 2);
    }
}

#[test]
fn no_thread_of_ours_takes_a_signal() {
    let run =
        run(BLOCKED, &["threads"], &[("HOTPATH_METRICS_SERVER_OFF", ""), ("HOTPATH_METRICS_PORT", "0")]);
    // All but what the system never blocks, and the faults of the thread itself.
    let open = [4, 5, 7, 8, 9, 11, 19, 31].iter().fold(0_u64, |set, signal| set | 1 << (signal - 1));
    let mut ours = Vec::new();
    for line in run.own_lines() {
        let Some((name, blocked)) = line.rsplit_once(' ') else { continue };
        if name.starts_with("hp-") {
            let blocked = u64::from_str_radix(blocked, 16).expect("bits");
            assert_eq!(!blocked & ((1 << 31) - 1) & !open, 0, "{line}");
            ours.push(name);
        } else {
            assert_eq!(blocked.trim_start_matches('0'), "", "the program's own is as it was: {line}");
        }
    }
    assert!(ours.contains(&"hp-signal") && ours.contains(&"hp-threads"), "{run:#?}");
}

const ALLOCATOR: &str = env!("CARGO_BIN_EXE_measured_allocator");

#[test]
fn a_measured_allocator_is_counted() {
    let run = ended(&mut bounded(ALLOCATOR, &[]));
    assert_eq!((run.status.code(), told(&run, "grown")), (Some(0), 16_000), "{run:#?}");
    let (report, taken) = (run.report(), told(&run, "taken"));
    let counted = calls(&report, "::alloc");
    // What the program counted before it said so, and what was asked for from there to the report.
    assert!((taken..taken + 1_000).contains(&counted), "{counted} for {taken}");
    assert_eq!(calls(&report, "::grow"), 8);
}

#[test]
fn a_program_with_a_measured_allocator_reports_at_a_signal() {
    let program = Running::start(&mut bounded(ALLOCATOR, &["wait"]));
    let run = {
        program.signal("TERM");
        program.end()
    };
    assert_eq!(calls(&run.report(), "::grow"), 8, "{run:#?}");
}

const HANDLER: &str = env!("CARGO_BIN_EXE_measured_handler");

fn handler(way: &str) -> (Run, Value) {
    let run = ended(&mut bounded(HANDLER, &[way]));
    assert_eq!((run.status.code(), run.status.signal()), (Some(0), None), "{}", run.stderr);
    let report = run.report();
    (run, report)
}

#[test]
fn a_measured_handler_inside_a_measured_call_is_counted() {
    let (run, report) = handler("raise");
    assert_eq!((told(&run, "handled"), told(&run, "steps")), (10_000, 20_000));
    assert_eq!((calls(&report, "::handled"), calls(&report, "::step")), (10_000, 20_000));
    assert_eq!(calls(&report, "::raising"), 10_000);
}

#[test]
fn a_measured_handler_at_any_moment_is_counted() {
    let (run, report) = handler("timer");
    assert!(told(&run, "handled") > 0);
    assert_eq!(calls(&report, "::handled"), told(&run, "handled"));
    assert_eq!(calls(&report, "::step"), told(&run, "steps"));
}

#[test]
fn a_measured_handler_on_threads_that_begin_neither_hangs_nor_aborts() {
    let (run, report) = handler("threads");
    assert_eq!(calls(&report, "::handled"), told(&run, "handled"));
}

#[test]
fn formatting_that_panics_or_comes_back_stays_with_us() {
    let run = ended(&mut bounded(env!("CARGO_BIN_EXE_formatting"), &[]));
    assert_eq!((run.status.code(), run.own_lines().first().copied()), (Some(0), Some("end")), "{run:#?}");
    let report = run.report();
    assert_eq!(calls(&report, "::fails"), 1);
    assert_eq!(calls(&report, "::fails_later"), 1);
    let text = report.to_string();
    assert!(text.contains("<panicked>"), "{text}");
}

/// What is compiled into a program starts threads in one place, where they get their mask.
#[test]
fn every_thread_of_ours_begins_in_one_place() {
    let crates = concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates");
    let mut folders: Vec<std::path::PathBuf> =
        ["hotpath", "hotpath-http", "hotpath-lane", "hotpath-mcp", "hotpath-report"]
            .map(|name| format!("{crates}/{name}/src").into())
            .to_vec();
    let (mut found, mut seen) = (Vec::new(), 0);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("it is there").flatten() {
            let path = entry.path();
            let is_tests = path.ends_with("tests.rs") || path.ends_with("model.rs") || path.ends_with("bin");
            if path.is_dir() && !is_tests {
                folders.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") && !is_tests {
                let text = std::fs::read_to_string(&path).expect("it is text");
                let product = text.split("#[cfg(test)]").next().unwrap_or_default();
                let product = product.split("#[cfg(all(test").next().unwrap_or_default();
                let starts = [
                    "thread::spawn",
                    "thread::Builder",
                    "thread::scope",
                    "new_multi_thread",
                    "spawn_blocking(",
                ];
                seen += 1;
                let code = product.lines().filter(|line| !line.trim_start().starts_with("//"));
                found.extend(
                    code.filter(|line| {
                        let is_ours = line.contains("own_thread::spawn");
                        !is_ours && starts.iter().any(|start| line.contains(start))
                    })
                    .map(|line| format!("{}: {line}", path.display())),
                );
            }
        }
    }
    assert!(seen > 100 && found.len() == 1 && found[0].contains("own_thread.rs"), "{seen} {found:#?}");
}
