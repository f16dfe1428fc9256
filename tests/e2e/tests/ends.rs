//! However a program ends, there is one report, and the status is the program's own.
#![cfg(unix)]

mod common;

use std::os::unix::process::ExitStatusExt;

use common::{Run, Running, calls, command, run};

const ENDS: &str = env!("CARGO_BIN_EXE_ends");
const SHUTDOWN: &str = env!("CARGO_BIN_EXE_shutdown");

/// One report with both calls, and the program's own line.
#[track_caller]
fn assert_reported(run: &Run) {
    assert_eq!(calls(&run.report(), "::work"), 2, "{run:#?}");
    assert_eq!(run.own_lines()[0], "own output 5");
    assert_eq!(run.complaints(), [""; 0], "{run:#?}");
}

#[track_caller]
fn assert_ends(way: &str, status: i32) -> Run {
    let run = run(ENDS, &[way], &[]);
    assert_eq!(run.status.code(), Some(status), "{way}: {run:#?}");
    assert_reported(&run);
    run
}

#[test]
fn by_returning() {
    assert_ends("", 0);
    assert_ends("code", 7);
}

#[test]
fn by_panicking() {
    assert!(assert_ends("panic", 101).stderr.contains("on purpose"));
    assert_ends("thread-panic", 0);
}

#[test]
fn by_exiting() {
    assert_ends("exit", 3);
    let run = assert_ends("exit-inside", 4);
    assert_eq!(calls(&run.report(), "::exits"), 1);
    assert_ends("exit-thread", 5);
    assert_ends("exit-while-printing", 6);
}

#[test]
fn by_aborting() {
    let run = run(ENDS, &["abort"], &[]);
    assert_eq!((run.status.signal(), run.status.code()), (Some(6), None), "{run:#?}");
    assert_reported(&run);
}

fn waiting(program: &str) -> Running {
    Running::start(command(program).arg("wait").env("HOTPATH_OUTPUT_FORMAT", "json"))
}

#[test]
fn by_ctrl_c_and_by_sigterm() {
    for (name, number) in [("INT", 2), ("TERM", 15)] {
        let running = waiting(ENDS);
        running.signal(name);
        let run = running.end();
        assert_eq!((run.status.signal(), run.status.code()), (Some(number), None), "{run:#?}");
        assert_reported(&run);
    }
}

#[test]
fn a_table_comes_out_at_a_signal_too() {
    let running = Running::start(command(ENDS).arg("wait"));
    running.signal("INT");
    let run = running.end();
    assert_eq!(run.stdout.matches("[hotpath]").count(), 1, "{run:#?}");
    assert!(run.stdout.contains("ends::work"));
}

#[test]
fn at_a_signal_that_comes_twice_at_once() {
    let running = waiting(ENDS);
    running.signal_twice("TERM");
    let run = running.end();
    assert_eq!(run.status.code(), None, "ended by the signal: {run:#?}");
    assert_reported(&run);
}

#[test]
fn not_by_a_signal_that_the_parent_had_ignored() {
    let shell = format!("trap '' INT; exec {ENDS} wait");
    let mut running = Running::start(command("sh").args(["-c", &shell]).env("HOTPATH_OUTPUT_FORMAT", "json"));
    running.signal("INT");
    running.line();
    let run = running.end();
    assert_eq!(run.status.code(), Some(0), "{run:#?}");
    assert_reported(&run);
}

#[test]
fn not_by_a_signal_that_the_program_handles() {
    let running = waiting(env!("CARGO_BIN_EXE_own_handler"));
    running.signal("INT");
    let run = running.end();
    assert_eq!(run.status.code(), Some(0), "{run:#?}");
    assert!(run.stdout.contains("cleaned up\n"));
    assert_eq!(calls(&run.report(), "::work"), 3);
}

#[test]
fn by_a_deadline_from_the_environment() {
    let run = run(ENDS, &["wait-forever"], &[("HOTPATH_SHUTDOWN_MS", "3600000")]);
    assert_eq!(run.status.code(), Some(0));
    assert_reported(&run);
    let running = Running::start(
        command(ENDS).arg("wait").envs([("HOTPATH_OUTPUT_FORMAT", "json"), ("HOTPATH_SHUTDOWN_MS", "30")]),
    );
    let run = running.end();
    assert_eq!(run.status.code(), Some(0), "{run:#?}");
    assert_reported(&run);
}

#[test]
fn by_a_deadline_from_the_program() {
    for way in ["shutdown", "legacy", "timeout-parameter"] {
        let run = run(SHUTDOWN, &[way], &[]);
        assert_eq!((run.status.code(), calls(&run.report(), "::work")), (Some(0), 1), "{way}: {run:#?}");
        assert_eq!(run.stdout.contains("cleaned up"), way == "shutdown", "{run:#?}");
        assert!(!run.stdout.contains("own end"));
    }
}

#[test]
fn before_its_deadline() {
    for way in ["ends-before", "zero", ""] {
        let run = run(SHUTDOWN, &[way], &[]);
        assert_eq!((run.status.code(), run.own_lines()), (Some(0), vec!["own end"]), "{way}: {run:#?}");
        assert_eq!(calls(&run.report(), "::work"), 1, "{way}");
    }
}

#[test]
fn the_environments_deadline_wins() {
    for way in ["guard", "shutdown"] {
        let run = run(SHUTDOWN, &[way], &[("HOTPATH_SHUTDOWN_MS", "20")]);
        assert_eq!((run.status.code(), calls(&run.report(), "::work")), (Some(0), 1), "{way}: {run:#?}");
    }
    let ended = run(SHUTDOWN, &["shutdown"], &[("HOTPATH_SHUTDOWN_MS", "40")]);
    assert_eq!(ended.reports().len(), 1);
}

#[test]
fn with_a_second_guard_alive() {
    let run = run(env!("CARGO_BIN_EXE_two_guards"), &[], &[]);
    assert_eq!(run.status.code(), Some(101));
    assert!(run.stderr.contains("More than one _hotpath guard cannot be alive at the same time."));
    assert!(run.stderr.contains("two_guards.rs"), "the place of the second is named: {run:#?}");
    let report = run.report();
    assert_eq!((calls(&report, "::work"), calls(&report, "::main")), (1, 1));
}

#[test]
fn a_forked_child_reports_nothing() {
    let run = run(env!("CARGO_BIN_EXE_forks"), &[], &[]);
    assert_eq!((run.status.code(), run.own_lines()), (Some(0), vec!["child ended with 0"]), "{run:#?}");
    assert_eq!(calls(&run.report(), "::work"), 1);
}
