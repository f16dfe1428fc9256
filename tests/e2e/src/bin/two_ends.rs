//! Ends in one way, and in a second way while the report is being made.
//!
//! Arguments: the first end, the second, and where the report is held until the second has begun: in `before_shutdown` (`cleanup`)
//! or in a reporter (`reporter`).
#![allow(unsafe_code, reason = "signals of its own, and what runs at exit")]

use std::{
    error::Error,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use hotpath::{HotpathGuardBuilder, MetricsProvider, Reporter};

#[hotpath::measure]
fn work() {}

static IS_EXITING: AtomicBool = AtomicBool::new(false);
static MAY_RETURN: AtomicBool = AtomicBool::new(false);
static HAS_WORKED: AtomicBool = AtomicBool::new(false);

/// Stops where it is until the second end has begun.
struct Hold {
    first: String,
    second: String,
    main: Thread,
}

impl Hold {
    fn hold(&self) {
        println!("holding");
        match self.second.as_str() {
            "int" => on_another_thread(|| raise(libc::SIGINT)),
            "term" => on_another_thread(|| raise(libc::SIGTERM)),
            "exit" => {
                thread::spawn(|| std::process::exit(4));
                // A second `exit` waits in the library for the first.
                wait_until(|| self.first == "exit" || IS_EXITING.load(Ordering::Relaxed));
            }
            "abort" => {
                let number = abort_on_another_thread();
                wait_until(|| handles_abort(number));
            }
            "return" => {
                MAY_RETURN.store(true, Ordering::Relaxed);
                self.main.unpark();
            }
            "exit-here" => std::process::exit(4),
            "abort-here" => std::process::abort(),
            "panic-here" => panic!("on purpose"),
            "panic-twice-here" => std::panic::panic_any(PanicsWhenDropped),
            "measure-here" => (0..10).for_each(|_| work()),
            other => panic!("no such end: {other}"),
        }
    }
}

struct PanicsWhenDropped;

impl Drop for PanicsWhenDropped {
    fn drop(&mut self) {
        panic!("on purpose, when dropped");
    }
}

impl Reporter for Hold {
    fn report(&self, metrics: &dyn MetricsProvider<'_>) -> Result<(), Box<dyn Error>> {
        self.hold();
        println!("reporter: {} functions", metrics.metric_data().len());
        Ok(())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [first, second, place] = arguments.as_slice() else { panic!("three arguments") };
    let hold = || Hold { first: first.clone(), second: second.clone(), main: thread::current() };
    let builder = HotpathGuardBuilder::new("main");
    let has_worked = || wait_until(|| HAS_WORKED.load(Ordering::Relaxed)); // a deadline may come before
    let builder = match place.as_str() {
        "cleanup" => {
            let hold = hold();
            builder.before_shutdown(move || {
                has_worked();
                hold.hold();
            })
        }
        _ => builder.before_shutdown(has_worked).reporter(Box::new(hold())),
    };
    let builder = if first == "deadline" { builder.timeout(Duration::from_millis(1)) } else { builder };
    let guard = builder.build();
    // What is registered last runs first.
    // SAFETY: a function for the whole life of the process that does not unwind.
    unsafe { libc::atexit(note_exit) };
    work();
    work();
    HAS_WORKED.store(true, Ordering::Relaxed);
    match first.as_str() {
        "return" => return ExitCode::from(7),
        "panic" => panic!("on purpose"),
        "exit" => drop(thread::spawn(|| std::process::exit(3))),
        "abort" => drop(thread::spawn(|| std::process::abort())),
        "int" => on_another_thread(|| raise(libc::SIGINT)),
        "term" => on_another_thread(|| raise(libc::SIGTERM)),
        _ => {}
    }
    while !MAY_RETURN.load(Ordering::Relaxed) {
        thread::park();
    }
    drop(guard);
    ExitCode::from(7)
}

extern "C" fn note_exit() {
    IS_EXITING.store(true, Ordering::Relaxed);
}

fn on_another_thread(work: fn()) {
    thread::spawn(work).join().expect("it does not panic");
}

/// Returns when the handler has.
fn raise(signal: i32) {
    // SAFETY: sends a signal to the calling thread.
    unsafe { libc::raise(signal) };
}

/// The number of the thread that aborts.
fn abort_on_another_thread() -> i32 {
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        // SAFETY: takes nothing and cannot fail.
        tell.send(unsafe { libc::gettid() }).expect("it is waited for");
        std::process::abort();
    });
    told.recv().expect("it tells")
}

/// Whether the thread waits in a handler of SIGABRT, where that signal is blocked.
fn handles_abort(thread: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/self/task/{thread}/status")).unwrap_or_default();
    let blocked = status.lines().find_map(|line| line.strip_prefix("SigBlk:"));
    let blocked = blocked.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).unwrap_or_default();
    blocked >> (libc::SIGABRT - 1) & 1 == 1 && status.contains("State:\tS")
}

fn wait_until(is_so: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came to that");
        thread::sleep(Duration::from_millis(1));
    }
}
