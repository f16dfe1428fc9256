//! The work that every profiler is measured with, and the one line that says what it cost.
//!
//! A peer is a program of a few lines: it instruments the same functions ([`functions!`]), says how its profiler is
//! started and read ([`Profiler`]) and calls [`run`]. One process does one case, so peers, cases and rounds share
//! no state. The loops are generic, not dynamic: a call of a measured function is a direct call in every peer.

mod case;
pub mod document;
mod functions;
pub mod heap;
mod keep;
mod poll;
mod usage;

use std::{process::ExitCode, time::Instant};

pub use case::{Case, Done, many_threads, timed};
pub use document::Value;
pub use poll::{Yield, block_on};
pub use usage::Usage;

/// How a profiler is started, and read at the end.
pub trait Profiler {
    /// What must live as long as the profiler collects.
    type Session;

    /// Cases the profiler has nothing for.
    const LACKS: &[Case] = &[];

    fn start() -> Self::Session;

    /// Does one batch of calls, on the thread that makes them. Profilers that collect per frame or per request
    /// open one here.
    fn batch(work: impl FnOnce()) {
        work();
    }

    /// Makes the report; returns when it is out.
    fn finish(session: Self::Session);
}

/// The functions to call, instrumented; [`functions!`] writes them.
pub trait Functions {
    fn empty(value: u64) -> u64;
    fn logged(value: u64) -> i32;
    /// Calls a function that calls a function: three measured calls.
    fn nested(value: u64) -> u64;
    fn one_of_ten(index: u64, value: u64) -> u64;
    fn ready(value: u64) -> impl Future<Output = u64>;
    /// Ready at the second poll.
    fn yields(value: u64) -> impl Future<Output = u64>;
    /// Allocates 32 bytes and frees them.
    fn one_box(value: u64) -> u64;
    /// The same `times` times, in one measured call.
    fn boxes(times: u64) -> u64;
    /// Grows a `Vec` push by push `times` times, in one measured call.
    fn growths(times: u64) -> u64;
    fn parse(text: &str) -> Value;
    fn walk(value: &Value) -> u64;
    fn print(value: &Value) -> String;
    /// A thousand functions.
    fn distinct() -> Vec<fn(u64) -> u64>;
}

/// Does the case named on the command line (`<case> <calls>`) and prints its cost as one line of JSON.
///
/// Exits with 3 when the profiler lacks the case and with 2 when the arguments make no sense.
pub fn run<P: Profiler + Functions>() -> ExitCode {
    let known = Case::ALL.map(Case::name);
    let Some((index, calls)) = parse(&known) else { return ExitCode::from(2) };
    let case = Case::ALL[index];
    if P::LACKS.contains(&case) {
        return ExitCode::from(3);
    }
    cost(case.name(), P::start, || case.run::<P>(calls), P::finish)
}

/// A case that a peer brings itself: its name, and what it does for a number of calls.
pub type OwnCase = (&'static str, fn(u64) -> Done);

/// The same for cases that a peer brings itself. `start` gives what must live as long as the profiler collects; dropping
/// it makes the report.
pub fn run_cases<S>(cases: &[OwnCase], start: impl FnOnce() -> S) -> ExitCode {
    let known: Vec<&str> = cases.iter().map(|case| case.0).collect();
    let Some((index, calls)) = parse(&known) else { return ExitCode::from(2) };
    let (name, work) = cases[index];
    cost(name, start, || work(calls), drop)
}

/// Which of the known cases the command line names, and for how many calls; says what it should be if it makes no sense.
fn parse(known: &[&str]) -> Option<(usize, u64)> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let chosen = chosen(&arguments, known);
    if chosen.is_none() {
        eprintln!("usage: <case> <calls>; cases: {}", known.join(" "));
    }
    chosen
}

fn chosen(arguments: &[String], known: &[&str]) -> Option<(usize, u64)> {
    let [name, calls] = arguments else { return None };
    let index = known.iter().position(|known| known == name)?;
    Some((index, calls.parse().ok()?))
}

fn cost<S>(
    name: &str,
    start: impl FnOnce() -> S,
    work: impl FnOnce() -> Done,
    finish: impl FnOnce(S),
) -> ExitCode {
    let session = start();
    let done = work();
    let reporting = Instant::now();
    finish(session);
    let report_ns = reporting.elapsed().as_nanos();
    // Threads that had to live until the report was out end here, and what they do last is not counted.
    let Usage { cpu_ns, peak_rss_kb } = Usage::now();
    println!(
        r#"{{"case":"{name}","calls":{},"wall_ns":{},"cpu_ns":{cpu_ns},"peak_rss_kb":{peak_rss_kb},"report_ns":{report_ns}}}"#,
        done.calls,
        done.wall.as_nanos(),
    );
    drop(done.threads);
    ExitCode::SUCCESS
}
