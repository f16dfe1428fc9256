//! A second end while the report of the first is being made: one report, and the status of the first.
#![cfg(target_os = "linux")]

use std::{os::unix::process::ExitStatusExt, process::Command};

use crate::common::{Run, calls, command, ended_in_time};

/// How a program has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Code(i32),
    Signal(i32),
}

use Status::{Code, Signal};

const INT: Status = Signal(2);
const ABORT: Status = Signal(6);
const TERM: Status = Signal(15);

fn program(arguments: &[&str]) -> Command {
    let mut command = command(env!("CARGO_BIN_EXE_two_ends"));
    command.args(arguments).env("HOTPATH_OUTPUT_FORMAT", "json");
    command
}

fn status(run: &Run) -> Status {
    run.status.code().map(Code).or(run.status.signal().map(Signal)).expect("one of the two")
}

#[track_caller]
fn assert_ends(first: &str, second: &str, expected: Status) {
    for place in ["cleanup", "reporter"] {
        let run = ended_in_time(&mut program(&[first, second, place]));
        assert_eq!(status(&run), expected, "{first}, {second}, {place}: {run:#?}");
        assert_eq!(run.own_lines()[0], "holding", "{run:#?}");
        match place {
            "cleanup" => assert_eq!(calls(&run.report(), "::work"), 2, "{first}, {second}: {run:#?}"),
            _ => assert_eq!(run.stdout.matches("reporter: 2 functions").count(), 1, "{run:#?}"),
        }
        assert_eq!(run.complaints(), [""; 0], "{run:#?}");
    }
}

#[test]
fn a_signal_then_anything() {
    for (first, expected) in [("term", TERM), ("int", INT)] {
        for second in ["term", "int", "exit", "return", "abort"] {
            assert_ends(first, second, expected);
        }
    }
}

#[test]
fn abort_then_anything() {
    for second in ["term", "int", "exit", "return"] {
        assert_ends("abort", second, ABORT);
    }
}

#[test]
fn exit_then_anything() {
    for second in ["term", "int", "exit", "abort"] {
        assert_ends("exit", second, Code(3));
    }
}

#[test]
fn the_end_of_main_then_anything() {
    for (first, own) in [("return", Code(7)), ("panic", Code(101))] {
        for (second, expected) in [("term", own), ("int", own), ("abort", own), ("exit", Code(4))] {
            assert_ends(first, second, expected);
        }
    }
}

#[test]
fn a_deadline_then_anything() {
    for (second, expected) in
        [("term", Code(0)), ("int", Code(0)), ("return", Code(0)), ("abort", Code(0)), ("exit", Code(4))]
    {
        assert_ends("deadline", second, expected);
    }
}

/// The report that comes although `before_shutdown` does that.
#[track_caller]
fn assert_reports(first: &str, in_cleanup: &str, expected: Status) -> Run {
    let run = ended_in_time(&mut program(&[first, in_cleanup, "cleanup"]));
    assert_eq!(status(&run), expected, "{first}, {in_cleanup}: {run:#?}");
    let measured = if in_cleanup == "measure-here" { 12 } else { 2 };
    assert_eq!(calls(&run.report(), "::work"), measured, "{first}, {in_cleanup}: {run:#?}");
    run
}

const FIRST: [(&str, Status); 5] =
    [("return", Code(7)), ("exit", Code(3)), ("term", TERM), ("abort", ABORT), ("deadline", Code(0))];

#[test]
fn before_shutdown_that_exits() {
    assert_reports("return", "exit-here", Code(4));
    assert_reports("panic", "exit-here", Code(4));
    assert_reports("deadline", "exit-here", Code(4));
    assert_reports("term", "exit-here", TERM);
    assert_reports("abort", "exit-here", ABORT);
    // The standard library aborts a thread that calls `exit` while it exits.
    assert_reports("exit", "exit-here", ABORT);
}

#[test]
fn before_shutdown_that_aborts() {
    for first in ["return", "panic", "exit", "abort", "deadline"] {
        assert_reports(first, "abort-here", ABORT);
    }
    assert_reports("term", "abort-here", TERM);
}

#[test]
fn before_shutdown_that_panics_or_measures() {
    for (first, expected) in FIRST {
        for way in ["panic-here", "panic-twice-here"] {
            let run = assert_reports(first, way, expected);
            assert_eq!(run.complaints(), ["[hotpath] before_shutdown panicked; the report follows"]);
        }
        assert_reports(first, "measure-here", expected);
    }
}

#[test]
fn a_reporter_that_panics_exits_or_measures() {
    for (first, expected) in FIRST {
        for way in ["panic-here", "panic-twice-here"] {
            let run = ended_in_time(&mut program(&[first, way, "reporter"]));
            assert_eq!((status(&run), calls(&run.report(), "::work")), (expected, 2), "{first}: {run:#?}");
            assert_eq!(
                run.complaints(),
                ["[hotpath] the reporter panicked: the report is written as without it"],
                "{run:#?}"
            );
        }
        let run = ended_in_time(&mut program(&[first, "measure-here", "reporter"]));
        assert_eq!((status(&run), run.own_lines().len()), (expected, 2), "{run:#?}");
    }
    for (way, expected) in [("exit-here", Code(4)), ("abort-here", ABORT)] {
        let run = ended_in_time(&mut program(&["return", way, "reporter"]));
        assert_eq!((status(&run), run.own_lines()), (expected, vec!["holding"]), "{run:#?}");
    }
}
