//! What the metrics endpoint costs: a program that is asked over a socket, and one that is paused.
//!
//! `peer-ours-served [paused|polled|snapshot]` prints a table; each line is the median of several runs in this process, the
//! interval in which the true one lies, and all of them.
#![forbid(unsafe_code)]

use std::{
    hint::black_box,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc, Barrier,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use probe::Functions as _;

struct Hotpath;

probe::functions! {
    for: crate::Hotpath,
    plain: { #[hotpath::measure] },
    logged: { #[hotpath::measure(log = true)] },
    future: { #[hotpath::measure] },
    begin: {},
}

const PORT: u16 = 6999;
const THREADS: usize = 16;
const RUNS: usize = 21;

fn main() -> ExitCode {
    let guard = hotpath::HotpathGuardBuilder::new("bench")
        .percentiles(&[50.0, 95.0, 99.0])
        .format(hotpath::Format::None)
        .build();
    // Another program at this port would be measured instead.
    let own = format!("\"pid\":{},", std::process::id());
    if TcpStream::connect(("127.0.0.1", PORT)).is_err() || !get("/profiler_status").contains(&own) {
        eprintln!(
            "this program does not answer at port {PORT}: run it with HOTPATH_METRICS_PORT={PORT}, and alone"
        );
        return ExitCode::from(2);
    }
    println!("| what | median | 95 % interval | all |\n|---|---|---|---|");
    let wanted = std::env::args().nth(1);
    let is_wanted = |name: &str| wanted.as_deref().is_none_or(|wanted| wanted == name);
    for (name, measure) in [("paused", paused as fn()), ("polled", polled), ("snapshot", snapshot)] {
        if is_wanted(name) {
            measure();
        }
    }
    drop(guard);
    ExitCode::SUCCESS
}

/// A call while recording is paused, less a loop without one.
fn paused() {
    const CALLS: u64 = 20_000_000;
    hotpath::pause();
    let per_call = |work: &dyn Fn(u64) -> u64| {
        let begun = cpu_of_this_thread();
        work(CALLS);
        (cpu_of_this_thread() - begun) * 1e9 / CALLS as f64
    };
    let bare = |calls| (0..calls).map(plain).sum();
    let ours = |calls| (0..calls).map(Hotpath::empty).sum();
    let cost = (0..RUNS).map(|_| per_call(&ours) - per_call(&bare));
    row("a measured call while paused, ns of CPU more than a call of a plain function", cost.collect());
    hotpath::resume();
}

#[inline(never)]
fn plain(value: u64) -> u64 {
    black_box(value)
}

/// The same work, polled ten times a second and not, in turns: many short pairs, since a machine is never twice as fast as
/// before, and the difference that is looked for is far below that.
fn polled() {
    const PAIRS: usize = 120;
    let work = || {
        let begun = cpu_of_this_thread();
        for value in 0..8_000_000 {
            black_box(Hotpath::one_of_ten(value % 10, spin(value)));
        }
        cpu_of_this_thread() - begun
    };
    let watched_work = || {
        let is_over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    black_box(get("/functions_timing"));
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
            let time = work();
            is_over.store(true, Ordering::Relaxed);
            time
        })
    };
    work();
    let slower = (0..PAIRS).map(|pair| {
        // Who comes first changes, so that a machine that gets steadily slower is the same for both.
        let (alone, watched) = if pair % 2 == 0 {
            let alone = work();
            (alone, watched_work())
        } else {
            let watched = watched_work();
            (work(), watched)
        };
        (watched / alone - 1.0) * 100.0
    });
    row("CPU of a busy thread for the same work, more when polled 10 times a second, %", slower.collect());
}

/// Some nanoseconds of work of its own.
fn spin(value: u64) -> u64 {
    (0..8).fold(value, |value, n| black_box(value.wrapping_mul(31) ^ n))
}

/// A thousand functions on sixteen threads, which are still there.
fn snapshot() {
    let functions = Arc::new(Hotpath::distinct());
    let (called, done) = (Arc::new(Barrier::new(THREADS + 1)), Arc::new(Barrier::new(THREADS + 1)));
    for _ in 0..THREADS {
        let (functions, called, done) = (Arc::clone(&functions), Arc::clone(&called), Arc::clone(&done));
        std::thread::spawn(move || {
            functions.iter().for_each(|function| {
                black_box(function(1));
            });
            called.wait();
            done.wait();
        });
    }
    called.wait();
    for path in ["/report", "/functions_timing", "/call_tree"] {
        let (mut wall, mut cpu) = (Vec::new(), Vec::new());
        for _ in 0..RUNS {
            let (begun, spent) = (Instant::now(), cpu_of("hp-server"));
            let answer = get(path);
            wall.push(begun.elapsed().as_secs_f64() * 1e3);
            cpu.push((cpu_of("hp-server") - spent) * 1e3);
            assert!(answer.matches("\"calls\":").count() > 1_000, "{path} does not have all functions");
        }
        row(&format!("1,000 functions on {THREADS} threads: `GET {path}`, ms of wall time"), wall);
        row("the same, ms of CPU on `hp-server`", cpu);
    }
    done.wait();
}

/// What is answered, head and body.
fn get(path: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", PORT)).expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

/// Seconds of CPU that this thread had: on a busy machine wall time says more about the others.
fn cpu_of_this_thread() -> f64 {
    cpu_in("/proc/thread-self".as_ref())
}

/// The same of the thread with this name.
fn cpu_of(name: &str) -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").expect("Linux").filter_map(Result::ok);
    let is_it =
        |path: &PathBuf| std::fs::read_to_string(path.join("comm")).is_ok_and(|own| own.trim() == name);
    let thread = threads.map(|entry| entry.path()).find(is_it).expect("it runs");
    cpu_in(&thread)
}

fn cpu_in(folder: &Path) -> f64 {
    let text = std::fs::read_to_string(folder.join("schedstat")).expect("Linux");
    text.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).expect("nanoseconds") / 1e9
}

/// A line of the table. The interval holds the true median 95 times of 100: between the values whose ranks are that likely.
fn row(what: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let (last, half) = (values.len() - 1, 0.98 * (values.len() as f64).sqrt());
    let rank = |rank: f64| values[(rank.round() as usize).min(last)];
    let middle = last as f64 / 2.0;
    let (median, low, high) = (rank(middle), rank((middle - half).max(0.0)), rank(middle + half));
    println!("| {what} | {median:.2} | {low:.2} to {high:.2} | {:.2} to {:.2} |", values[0], values[last]);
}
