//! However a program ends, there is one report, and the status is the program's own.
#![cfg(unix)]

use std::{
    io::{BufRead, BufReader},
    os::unix::process::ExitStatusExt,
    process::Stdio,
    time::Duration,
};

use crate::common::{Run, Running, calls, command, ended_in_time, run};

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
fn at_two_signals_however_far_apart() {
    for step in 0..60_u64 {
        let (first, second) = if step % 2 == 0 { (15, 2) } else { (2, 2) };
        let pause = step * step * 6; // up to 21 ms
        let arguments = [first, second, pause].map(|number| number.to_string());
        let run =
            ended_in_time(command(ENDS).arg("signals").args(arguments).env("HOTPATH_OUTPUT_FORMAT", "json"));
        assert_eq!(run.status.signal(), Some(first as i32), "{pause} µs apart: {run:#?}");
        assert_reported(&run);
    }
}

/// Fills standard output, which nobody reads, and tells when it has begun to.
fn filling() -> std::process::Child {
    let mut command = command(ENDS);
    command.arg("fill").stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut line = String::new();
    // Unbuffered, so that nothing of what comes later is taken.
    let stderr = child.stderr.as_mut().expect("it is piped");
    BufReader::with_capacity(1, stderr).read_line(&mut line).expect("it is text");
    assert_eq!(line, "ready\n");
    child
}

fn send(child: &std::process::Child, signal: &str) {
    let status = std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
    assert!(status.expect("kill runs").success());
}

#[track_caller]
fn assert_given_up(child: &mut std::process::Child, why: &str) {
    // Not before it has ended: that would make room.
    let status = child.wait().expect("it ends");
    let mut stderr = String::new();
    let mut pipe = child.stderr.take().expect("it is piped");
    std::io::Read::read_to_string(&mut pipe, &mut stderr).expect("it is text");
    assert_eq!((status.signal(), stderr), (Some(15), format!("[hotpath] no report: {why}\n")));
}

#[test]
fn by_a_signal_although_nobody_reads_the_report() {
    let mut child = filling();
    send(&child, "TERM");
    assert_given_up(&mut child, "it was not ready in time");
}

#[test]
fn sooner_by_a_signal_that_insists() {
    let mut child = filling();
    send(&child, "TERM");
    std::thread::sleep(Duration::from_millis(400)); // not the same signal twice
    send(&child, "INT");
    assert_given_up(&mut child, "the program got two requests to end, and it was not ready");
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

const FORKS: &str = env!("CARGO_BIN_EXE_forks");

#[test]
fn a_forked_child_whose_parent_lives_reports_nothing() {
    for (way, status) in [("", "0"), ("exit", "768"), ("term", "15"), ("int", "2")] {
        let arguments: &[&str] = if way.is_empty() { &[] } else { &[way] };
        let run = ended_in_time(command(FORKS).args(arguments).env("HOTPATH_OUTPUT_FORMAT", "json"));
        assert_eq!(run.status.code(), Some(0), "{run:#?}");
        assert_eq!(run.own_lines(), [format!("child ended with {status}")], "{way}: {run:#?}");
        assert_eq!(calls(&run.report(), "::work"), 1);
        assert_eq!(run.complaints(), [""; 0], "{run:#?}");
    }
}

#[test]
fn a_daemon_reports_however_it_ends() {
    for how in ["daemon", "double"] {
        for (way, deadline) in [("exit", "0"), ("return", "0"), ("term", "0"), ("int", "0"), ("wait", "1500")]
        {
            let settings = [("HOTPATH_OUTPUT_FORMAT", "json"), ("HOTPATH_SHUTDOWN_MS", deadline)];
            // Its parent's status is known; the output ends when the daemon does.
            let run = ended_in_time(command(FORKS).args([how, way]).envs(settings));
            assert_eq!((run.status.code(), run.own_lines().len()), (Some(0), 0), "{how}, {way}: {run:#?}");
            let report = run.report();
            let own = if how == "double" { 2 } else { 1 };
            assert_eq!((calls(&report, "::work"), calls(&report, "::daemon_work")), (1, own), "{how}, {way}");
            assert_eq!(run.complaints(), [""; 0], "{how}, {way}: {run:#?}");
        }
    }
}

#[test]
fn of_a_daemon_and_its_forks_the_daemon_reports() {
    let run = ended_in_time(command(FORKS).arg("workers").env("HOTPATH_OUTPUT_FORMAT", "json"));
    assert_eq!(run.own_lines(), ["child ended with 768"; 2], "{run:#?}");
    assert_eq!(calls(&run.report(), "::daemon_work"), 1, "{run:#?}");
    assert_eq!(run.complaints(), [""; 0], "{run:#?}");
}

#[test]
fn a_daemon_that_cannot_report_says_so() {
    let run = ended_in_time(command(FORKS).args(["daemon", "term-unmeasured"]));
    assert_eq!((run.stdout.as_str(), run.complaints().len()), ("", 1), "{run:#?}");
    assert!(run.stderr.contains("no report: this process is a fork that has called no measured function"));
}

const INSISTS: &str = env!("CARGO_BIN_EXE_insists");

#[test]
fn not_by_a_signal_whose_handler_insists_on_being_the_first() {
    for way in ["at-once", "late"] {
        let running = Running::start(command(INSISTS).arg(way).env("HOTPATH_OUTPUT_FORMAT", "json"));
        running.signal("INT");
        let run = running.end();
        assert_eq!(run.status.code(), Some(0), "{way}: {run:#?}");
        assert!(run.stdout.contains("cleaned up\n"));
        assert_eq!(calls(&run.report(), "::work"), if way == "late" { 3 } else { 2 });
    }
}

#[test]
fn signals_are_watched_as_the_setting_says() {
    let run_with = |setting| {
        let settings = [("HOTPATH_OUTPUT_FORMAT", "json"), ("HOTPATH_SIGNALS", setting)];
        let running = Running::start(command(ENDS).arg("wait").envs(settings));
        running.signal("TERM");
        running.end()
    };
    let watched = run_with("true");
    assert_eq!(watched.status.signal(), Some(15));
    assert_reported(&watched);
    let alone = run_with("false");
    assert_eq!((alone.status.signal(), alone.reports().len()), (Some(15), 0), "{alone:#?}");
    let first = ended_in_time(command(INSISTS).env("HOTPATH_SIGNALS", "true"));
    assert!(first.stderr.contains("it is the first: MultipleHandlers"), "{first:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn with_all_unknown_descriptors_closed() {
    for (way, signal) in [("return", None), ("term", Some(15))] {
        for server in ["HOTPATH_METRICS_SERVER_OFF", "HOTPATH_METRICS_SERVER_ON"] {
            let folder = tempfile::tempdir().expect("a folder");
            let mut command = command(env!("CARGO_BIN_EXE_closes"));
            command.env_remove("HOTPATH_METRICS_SERVER_OFF").env(server, "true");
            command.env("HOTPATH_METRICS_PORT", "0").env("HOTPATH_OUTPUT_FORMAT", "json");
            let run = ended_in_time(command.arg(way).arg(folder.path()));
            assert_eq!(run.status.signal(), signal, "{way}, {server}: {run:#?}");
            assert_eq!(calls(&run.report(), "::work"), 2, "{run:#?}");
            let files: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
            let lengths = files
                .iter()
                .map(|file| file.as_ref().expect("a file").metadata().expect("it has a length").len());
            assert_eq!((files.len(), lengths.sum::<u64>()), (40, 0), "{way}, {server}");
        }
    }
}
