//! What the metrics endpoint costs: a program that is asked over a socket, and one that is paused.
//!
//! `peer-ours-served` prints a table; each line is the median of several runs in this process, with the lowest and the highest.
#![forbid(unsafe_code)]

use std::{
    hint::black_box,
    io::{Read, Write},
    net::TcpStream,
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

fn main() {
    let guard = hotpath::HotpathGuardBuilder::new("bench")
        .percentiles(&[50.0, 95.0, 99.0])
        .format(hotpath::Format::None)
        .build();
    if TcpStream::connect(("127.0.0.1", PORT)).is_err() {
        eprintln!("run it with HOTPATH_METRICS_PORT={PORT}");
        return;
    }
    println!("| what | median | lowest | highest |\n|---|---|---|---|");
    paused();
    polled();
    snapshot();
    drop(guard);
}

/// A call while recording is paused, less a loop without one.
fn paused() {
    const CALLS: u64 = 50_000_000;
    hotpath::pause();
    let per_call = |work: &dyn Fn(u64) -> u64| {
        let begun = Instant::now();
        work(CALLS);
        begun.elapsed().as_secs_f64() * 1e9 / CALLS as f64
    };
    let bare = |calls| (0..calls).map(plain).sum();
    let ours = |calls| (0..calls).map(Hotpath::empty).sum();
    let cost = (0..RUNS).map(|_| per_call(&ours) - per_call(&bare));
    row("a measured call while paused, ns", cost.collect());
    hotpath::resume();
}

#[inline(never)]
fn plain(value: u64) -> u64 {
    black_box(value)
}

/// The same work, polled ten times a second and not, in turns.
fn polled() {
    let work = || {
        let begun = Instant::now();
        for value in 0..40_000_000 {
            black_box(Hotpath::one_of_ten(value % 10, spin(value)));
        }
        begun.elapsed().as_secs_f64()
    };
    work();
    let slower = (0..RUNS).map(|_| {
        let alone = work();
        let is_over = AtomicBool::new(false);
        let watched = std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    black_box(get("/functions_timing"));
                    std::thread::sleep(Duration::from_millis(100));
                }
            });
            let time = work();
            is_over.store(true, Ordering::Relaxed);
            time
        });
        (watched / alone - 1.0) * 100.0
    });
    row("slow-down of a busy program, polled 10 times a second, %", slower.collect());
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
        let time = |_| {
            let begun = Instant::now();
            let bytes = get(path);
            assert!(bytes > 10_000, "{path} answered {bytes} bytes");
            begun.elapsed().as_secs_f64() * 1e3
        };
        row(&format!("1,000 functions on {THREADS} threads: `GET {path}`, ms"), (0..RUNS).map(time).collect());
    }
    done.wait();
}

/// How many bytes came.
fn get(path: &str) -> usize {
    let mut stream = TcpStream::connect(("127.0.0.1", PORT)).expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    answer.len()
}

fn row(what: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let (lowest, median, highest) = (values[0], values[values.len() / 2], values[values.len() - 1]);
    println!("| {what} | {median:.2} | {lowest:.2} | {highest:.2} |");
}
