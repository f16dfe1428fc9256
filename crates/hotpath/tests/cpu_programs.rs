//! Sampling leaves the program alone: its handler of the signal, its system calls, its children, its end.
//!
//! Each program is a process of its own: this test binary, asked for one of the ignored tests.
#![cfg(all(feature = "hotpath-cpu", not(feature = "hotpath-off"), target_os = "linux"))]
#![allow(unsafe_code, reason = "the calls of the system that are tested")]

mod common;

use std::{
    hint::black_box,
    io::Write,
    os::{fd::AsRawFd, unix::process::ExitStatusExt},
    process::{Command, ExitStatus},
    sync::atomic::{AtomicU32, Ordering},
};

use hotpath::{Format, HotpathGuard, HotpathGuardBuilder};
use serde_json::Value;

/// What a program left behind.
#[derive(Debug)]
struct Run {
    status: ExitStatus,
    stderr: String,
    #[expect(dead_code, reason = "shown when a test fails")]
    stdout: String,
    report: Value,
}

/// Runs one of the programs below. Its report goes into a file, since its standard output is the test harness's.
#[expect(clippy::disallowed_methods, reason = "removes settings instead of reading them")]
fn run(program: &str, settings: &[(&str, &str)]) -> Run {
    let path = std::env::temp_dir().join(format!("hotpath-{program}-{}.json", std::process::id()));
    let mut command = Command::new(std::env::current_exe().expect("it has a path"));
    let theirs = std::env::vars_os().map(|(name, _)| name);
    theirs.filter(|name| name.to_string_lossy().starts_with("HOTPATH_")).for_each(|name| {
        command.env_remove(name);
    });
    command.args(["--exact", program, "--ignored", "--nocapture", "--test-threads=1"]);
    command.env("HOTPATH_METRICS_SERVER_OFF", "true");
    command.env("HOTPATH_OUTPUT_FORMAT", "json").env("HOTPATH_OUTPUT_PATH", &path);
    let output = command.envs(settings.iter().copied()).output().expect("it starts");
    let report = std::fs::read_to_string(&path).unwrap_or_else(|_| "null".to_owned());
    let _there_was_none = std::fs::remove_file(&path);
    let text = |bytes| String::from_utf8(bytes).expect("it is text");
    Run {
        status: output.status,
        stderr: text(output.stderr),
        stdout: text(output.stdout),
        report: serde_json::from_str(&report).expect("the report is JSON"),
    }
}

impl Run {
    #[track_caller]
    fn succeeded(self) -> Self {
        assert!(self.status.success(), "{self:#?}");
        self
    }

    fn warnings(&self) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.starts_with("[hotpath]")).collect()
    }

    fn notes(&self) -> Vec<&str> {
        let notes = self.report["notes"].as_array();
        notes.into_iter().flatten().map(|note| note.as_str().expect("a text")).collect()
    }

    #[track_caller]
    fn number(&self, key: &str) -> u64 {
        self.report["functions_cpu"][key].as_u64().unwrap_or_else(|| panic!("no {key} in {self:#?}"))
    }
}

fn session() -> HotpathGuard {
    HotpathGuardBuilder::new("main").format(Format::Json).build()
}

fn cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Takes at least so much processor time.
#[inline(never)]
fn work(micros: u64) {
    let end = cpu_ns() + micros * 1000;
    while cpu_ns() < end {
        for i in 0..1000_u64 {
            black_box(i);
        }
    }
}

#[hotpath::measure]
fn inner() {
    work(60_000);
}

#[hotpath::measure]
fn outer() {
    work(20_000);
    inner();
}

static CAUGHT: AtomicU32 = AtomicU32::new(0);

extern "C" fn catch(_: libc::c_int) {
    CAUGHT.fetch_add(1, Ordering::Relaxed);
}

fn handle(handler: libc::sighandler_t) {
    // SAFETY: the handler is async-signal-safe, or one of the system's.
    unsafe { libc::signal(libc::SIGPROF, handler) };
}

fn raise() {
    // SAFETY: sends a signal to this thread.
    unsafe { libc::raise(libc::SIGPROF) };
}

#[test]
#[ignore = "a program"]
fn has_a_handler() {
    handle(catch as *const () as libc::sighandler_t);
    let guard = session();
    outer();
    raise();
    drop(guard);
    raise();
    assert_eq!(CAUGHT.load(Ordering::Relaxed), 2, "only its own");
}

#[test]
#[ignore = "a program"]
fn ignores_the_signal() {
    handle(libc::SIG_IGN);
    let guard = session();
    outer();
    raise();
    drop(guard);
    raise();
}

#[test]
fn a_program_that_handles_or_ignores_the_signal_is_not_sampled() {
    for (program, why) in [
        ("has_a_handler", "the program has a SIGPROF handler of its own"),
        ("ignores_the_signal", "the program ignores SIGPROF"),
    ] {
        let run = run(program, &[]).succeeded();
        let line = format!("CPU samples: {why}, so functions are not sampled");
        assert_eq!(run.warnings(), [format!("[hotpath] {line}")]);
        assert_eq!(run.notes(), [line]);
        assert_eq!(run.number("total_samples"), 0);
        let timing = run.report["functions_timing"]["data"].as_array().expect("functions");
        assert!(timing.iter().all(|row| row.get("off_cpu_ns").is_none()), "not known without samples");
    }
}

#[test]
#[ignore = "a program"]
fn takes_the_signal_later() {
    let guard = session();
    outer();
    handle(catch as *const () as libc::sighandler_t);
    // Until that was noticed: the report says so.
    let is_told = || hotpath::report_json().is_some_and(|report| report.contains("so sampling stopped"));
    while !is_told() {
        work(5_000);
    }
    // What was on its way when the timers were taken away may still come.
    let quiet = || {
        let before = CAUGHT.load(Ordering::Relaxed);
        work(100_000);
        before == CAUGHT.load(Ordering::Relaxed)
    };
    while !quiet() {}
    let before = CAUGHT.load(Ordering::Relaxed);
    raise();
    assert_eq!(CAUGHT.load(Ordering::Relaxed), before + 1);
    drop(guard);
    raise();
    assert_eq!(CAUGHT.load(Ordering::Relaxed), before + 2, "its handler is still there");
}

#[test]
fn a_program_that_takes_the_signal_later_gets_it() {
    let run = run("takes_the_signal_later", &[]).succeeded();
    let line = "CPU samples: the program installed a SIGPROF handler of its own, so sampling stopped";
    assert_eq!((run.warnings(), run.notes()), (vec![format!("[hotpath] {line}").as_str()], vec![line]));
    assert!(run.number("total_samples") > 0, "what was sampled before counts");
}

#[test]
#[ignore = "a program"]
fn dies_of_the_signal() {
    let guard = session();
    outer();
    raise();
    drop(guard);
}

#[test]
#[ignore = "a program"]
fn dies_of_the_signal_later() {
    let guard = session();
    outer();
    drop(guard);
    work(100_000); // still alive: no timer is left
    raise();
}

#[test]
fn a_foreign_signal_has_its_usual_effect() {
    for (program, is_reported) in [("dies_of_the_signal", false), ("dies_of_the_signal_later", true)] {
        let run = run(program, &[]);
        assert_eq!(run.status.signal(), Some(libc::SIGPROF), "{run:#?}");
        assert_eq!(!run.report.is_null(), is_reported, "{run:#?}");
    }
}

/// The timers of this process, if the kernel tells: numbers of their signals.
fn timers() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/timers").ok()?;
    Some(text.lines().filter(|line| line.starts_with("signal: 27")).count())
}

#[test]
#[ignore = "a program"]
fn ends_its_timers() {
    let guard = session();
    outer();
    let threads = (0..4).map(|_| std::thread::spawn(outer));
    threads.collect::<Vec<_>>().into_iter().for_each(|thread| thread.join().expect("no panic"));
    assert!(timers().is_none_or(|timers| timers >= 1));
    drop(guard);
    assert!(timers().is_none_or(|timers| timers == 0));
    let guard = session();
    outer();
    drop(guard);
}

#[test]
fn a_session_leaves_no_timers_behind_and_another_may_follow() {
    let run = run("ends_its_timers", &[]).succeeded();
    assert!(run.number("total_samples") > 0, "of the second session");
    assert_eq!(run.notes(), [""; 0]);
}

/// What a program that this one starts does with signals: blocked, ignored and caught ones.
fn of_a_child() -> String {
    let output = Command::new("grep").args(["^Sig[BIC]", "/proc/self/status"]).output().expect("grep runs");
    String::from_utf8(output.stdout).expect("it is text")
}

#[test]
#[ignore = "a program"]
fn has_children() {
    let before = of_a_child();
    let guard = session();
    outer();
    assert_eq!(of_a_child(), before, "a program that was started is as without us");
    // SAFETY: the child only does what follows, and exits.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let timers = timers().unwrap_or(0);
        outer();
        // A new thread, whose first call says hello to the profiler.
        let is_well = std::thread::spawn(outer).join().is_ok();
        // SAFETY: ends the child at once.
        unsafe { libc::_exit(if timers == 0 && is_well { 0 } else { 1 }) };
    }
    let mut status = -1;
    // SAFETY: `child` is ours, and `status` is a place for the answer.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the fork has no timers and is not disturbed");
    inner();
    drop(guard);
}

#[test]
fn children_are_not_disturbed() {
    let run = run("has_children", &[]).succeeded();
    assert!(run.number("total_samples") > 0);
}

/// How often each wait is done.
const WAITS: u32 = 1000;

/// Does something that waits, again and again, on a thread whose timer runs: `wait` returns whether all was as it should be.
fn waits(mut wait: impl FnMut() -> bool) {
    let guard = session();
    let mut failed = 0;
    let mut go = || {
        work(300);
        failed += u32::from(!wait());
    };
    (0..WAITS).for_each(|_| hotpath::measure_block!("waits", go()));
    assert_eq!(failed, 0, "of {WAITS}: {}", std::io::Error::last_os_error());
    drop(guard);
}

fn pipe() -> (std::io::PipeReader, std::io::PipeWriter) {
    std::io::pipe().expect("a pipe")
}

/// A thread that writes a byte into the pipe, some time after it was asked to.
fn writer(mut pipe: std::io::PipeWriter) -> std::sync::mpsc::Sender<()> {
    let (ask, asked) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        for () in asked {
            work(100);
            pipe.write_all(&[1]).expect("it is read");
        }
    });
    ask
}

#[test]
#[ignore = "a program"]
fn reads() {
    let (reader, writing) = pipe();
    let ask = writer(writing);
    waits(|| {
        ask.send(()).expect("it writes");
        let mut byte = 0_u8;
        // SAFETY: `byte` is a place for one byte.
        unsafe { libc::read(reader.as_raw_fd(), (&raw mut byte).cast(), 1) == 1 && byte == 1 }
    });
}

#[test]
#[ignore = "a program"]
fn sleeps() {
    let time = libc::timespec { tv_sec: 0, tv_nsec: 300_000 };
    // SAFETY: reads `time`; nothing is written through null.
    waits(|| unsafe { libc::nanosleep(&raw const time, std::ptr::null_mut()) } == 0);
}

#[test]
#[ignore = "a program"]
fn waits_for_children() {
    waits(|| {
        let mut status = -1;
        // SAFETY: the child ends at once.
        let child = unsafe { libc::fork() };
        if child == 0 {
            // SAFETY: ends the child.
            unsafe { libc::_exit(7) };
        }
        // SAFETY: `child` is ours, and `status` is a place for the answer.
        unsafe { libc::waitpid(child, &raw mut status, 0) == child && libc::WEXITSTATUS(status) == 7 }
    });
}

#[test]
#[ignore = "a program"]
fn polls() {
    let (reader, writing) = pipe();
    let ask = writer(writing);
    // SAFETY: makes a descriptor.
    let epoll = unsafe { libc::epoll_create1(0) };
    let mut event = libc::epoll_event { events: libc::EPOLLIN as u32, u64: 5 };
    // SAFETY: both descriptors are open, and `event` is complete.
    assert_eq!(unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, reader.as_raw_fd(), &raw mut event) }, 0);
    waits(|| {
        ask.send(()).expect("it writes");
        let mut found = libc::epoll_event { events: 0, u64: 0 };
        let mut byte = 0_u8;
        // SAFETY: `found` is a place for one event, `byte` for one byte.
        unsafe {
            libc::epoll_wait(epoll, &raw mut found, 1, -1) == 1
                && libc::read(reader.as_raw_fd(), (&raw mut byte).cast(), 1) == 1
                && found.u64 == 5
        }
    });
}

#[test]
fn no_wait_is_interrupted() {
    for program in ["reads", "sleeps", "waits_for_children", "polls"] {
        let run = run(program, &[]).succeeded();
        assert!(run.number("polls") >= 3 && run.number("total_samples") >= 50, "{program}: {run:#?}");
        assert_eq!(run.notes(), [""; 0], "{program}");
    }
}

#[test]
#[ignore = "a program"]
fn calls() {
    let guard = session();
    outer();
    drop(guard);
}

fn row<'a>(run: &'a Run, name: &str) -> &'a Value {
    let rows = run.report["functions_cpu"]["data"].as_array().expect("rows");
    rows.iter().find(|row| row["name"].as_str().is_some_and(|own| own.ends_with(name))).expect("a row")
}

#[test]
fn settings_choose_scope_and_period() {
    let plain = run("calls", &[]).succeeded();
    assert_eq!(
        (plain.number("period_ns"), row(&plain, "::outer")["samples"].as_u64()),
        (1_000_000, row(&plain, "::outer")["self_samples"].as_u64())
    );
    assert!(plain.report.get("cpu_stacks").is_none());
    let other = run("calls", &[("HOTPATH_CPU_HZ", "250"), ("HOTPATH_CPU_INCLUSIVE", "true")]).succeeded();
    assert_eq!(other.number("period_ns"), 4_000_000);
    let outer = row(&other, "::outer");
    assert_eq!(outer["samples"], outer["total_samples"]);
    assert!(outer["total_samples"].as_u64() > outer["self_samples"].as_u64(), "{outer:#}");
    assert_eq!(other.report["functions_cpu"]["scope"], "inclusive");
    let bad = run("calls", &[("HOTPATH_CPU_HZ", "0")]).succeeded();
    assert_eq!((bad.warnings().len(), bad.number("period_ns")), (1, 1_000_000), "{bad:#?}");
    let without = run("calls", &[("HOTPATH_REPORT", "all,-functions-cpu")]).succeeded();
    assert!(without.report.get("functions_cpu").is_none());
}

/// Status and body of what the endpoint answers.
#[cfg(feature = "serve")]
fn ask(method: &str, path: &str) -> (u16, Value) {
    #[expect(clippy::disallowed_methods, reason = "the test says where the endpoint is")]
    let port = std::env::var("HOTPATH_METRICS_PORT").expect("it was set");
    let mut stream = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).expect("it listens");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).expect("it reads");
    let answer = std::io::read_to_string(stream).expect("it is text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    (status, serde_json::from_str(body).unwrap_or_default())
}

#[test]
#[cfg(feature = "serve")]
#[ignore = "a program"]
fn asks_the_endpoint() {
    let guard = session();
    outer();
    assert_eq!(ask("GET", "/functions_cpu/snapshot").0, 405);
    let (status, snapshot) = ask("POST", "/functions_cpu/snapshot");
    assert!(status == 202 && snapshot["captured_at_ms"].is_u64(), "{status} {snapshot:#}");
    let (status, envelope) = ask("GET", "/functions_cpu");
    assert_eq!((status, envelope["status"].as_str()), (200, Some("ready")), "{envelope:#}");
    let rows = envelope["report"]["data"].as_array().expect("rows");
    assert!(rows.iter().any(|row| row["name"].as_str().is_some_and(|name| name.ends_with("::inner"))));
    assert!(envelope["report"]["total_samples"].as_u64() > Some(0));
    handle(libc::SIG_IGN);
    let (status, envelope) = ask("GET", "/functions_cpu");
    assert_eq!((status, envelope["status"].as_str()), (200, Some("error")), "{envelope:#}");
    assert!(envelope["error"].as_str().is_some_and(|why| why.contains("SIGPROF")));
    assert_eq!(ask("POST", "/functions_cpu/snapshot").0, 409);
    drop(guard);
}

#[test]
#[cfg(feature = "serve")]
#[ignore = "a program"]
fn asks_for_what_was_left_out() {
    let guard = session();
    assert_eq!(ask("GET", "/functions_cpu"), (200, serde_json::json!({ "status": "idle" })));
    assert_eq!(ask("POST", "/functions_cpu/snapshot").0, 409);
    drop(guard);
}

#[test]
#[cfg(feature = "serve")]
fn the_endpoint_has_the_samples_without_a_capture() {
    // Given back at once; somebody else may take it, which the port of the next try shows.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it has one").port().to_string();
    drop(listener);
    let settings = [
        ("HOTPATH_METRICS_SERVER_OFF", "false"),
        ("HOTPATH_METRICS_SERVER_ON", "true"),
        ("HOTPATH_METRICS_PORT", &port),
    ];
    run("asks_the_endpoint", &settings).succeeded();
    let left_out = [settings[0], settings[1], settings[2], ("HOTPATH_REPORT", "functions-timing")];
    run("asks_for_what_was_left_out", &left_out).succeeded();
}

#[test]
fn stacks_are_addresses_in_files_with_the_measured_functions_they_lie_in() {
    let run = run("calls", &[("HOTPATH_CPU_STACKS", "1")]).succeeded();
    let stacks = &run.report["cpu_stacks"];
    let list = |key: &str| stacks[key].as_array().expect("a list").clone();
    let samples = |stack: &Value| stack["samples"].as_u64().expect("a number");
    let all: u64 = list("stacks").iter().map(samples).sum();
    let lost = stacks["lost_samples"].as_u64().expect("a number");
    assert!(all + lost >= run.number("total_samples"), "{stacks:#}");
    let inner: u64 = list("stacks")
        .iter()
        .filter(|stack| {
            stack["path"]
                .as_array()
                .and_then(|path| path.last())
                .and_then(Value::as_str)
                .is_some_and(|name| name.ends_with("::inner"))
        })
        .map(samples)
        .sum();
    assert_eq!(Some(inner), row(&run, "::inner")["self_samples"].as_u64());
    let exe = std::env::current_exe().expect("it has a path");
    let modules = list("modules");
    let program = modules.iter().position(|module| module["path"].as_str() == exe.to_str());
    let program = program.expect("the program is among the files") as u64;
    let frames = list("frames");
    let leaf = |stack: &Value| frames[stack["frames"][0].as_u64().expect("an index") as usize].clone();
    let in_program = list("stacks").iter().any(|stack| leaf(stack)["module"].as_u64() == Some(program));
    assert!(in_program, "the work is done there: {stacks:#}");
}
