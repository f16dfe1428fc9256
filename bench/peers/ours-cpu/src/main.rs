//! What CPU samples cost a program that does nothing but compute: the same program, the same work, with and without them, in turns.
//!
//! ```sh
//! cargo run --release --manifest-path bench/peers/Cargo.toml -p peer-ours-cpu            # 15 rounds
//! cargo run --release --manifest-path bench/peers/Cargo.toml -p peer-ours-cpu -- 31      # more of them
//! ```
//!
//! A round runs it once each way, in an order that changes; its cost is the ratio of the two processor times, of which the
//! median counts.
#![forbid(unsafe_code)]

use std::{hint::black_box, process::Command};

use probe::Usage;

/// Some seconds of work: so many measured calls, of some 50 µs each.
const CALLS: u64 = 40_000;

#[hotpath::measure]
fn compute(seed: u64) -> u64 {
    (0..20_000).fold(seed, |value, i| {
        black_box(value.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(7) ^ i)
    })
}

/// The program: its work under a session, and the processor time of that alone.
fn program() {
    let guard = hotpath::HotpathGuardBuilder::new("main").build();
    black_box(compute(1));
    let before = Usage::now().cpu_ns;
    let value = (0..CALLS).fold(0, |value, _| compute(value));
    let used = Usage::now().cpu_ns - before;
    black_box(value);
    drop(guard);
    eprintln!("{used}");
}

/// The ways to run it: sections of the report, and further settings.
const WAYS: [(&str, &[(&str, &str)]); 4] = [
    ("no samples", &[("HOTPATH_REPORT", "-functions-cpu")]),
    ("1000 Hz", &[]),
    ("1000 Hz, native stacks", &[("HOTPATH_CPU_STACKS", "true")]),
    ("10000 Hz", &[("HOTPATH_CPU_HZ", "10000")]),
];

fn run(settings: &[(&str, &str)]) -> f64 {
    let own = std::env::current_exe().expect("it has a path");
    let output = Command::new(own)
        .arg("program")
        .env("HOTPATH_OUTPUT_FORMAT", "none")
        .envs(settings.iter().copied())
        .output()
        .expect("it starts");
    let text = String::from_utf8(output.stderr).expect("it is text");
    text.lines().last().and_then(|line| line.parse().ok()).unwrap_or_else(|| panic!("it failed: {text}"))
}

fn main() {
    let argument = std::env::args().nth(1);
    if argument.as_deref() == Some("program") {
        return program();
    }
    let rounds = argument.map_or(15, |rounds| rounds.parse().expect("a number of rounds"));
    let mut costs = vec![Vec::new(); WAYS.len()];
    for round in 0..rounds {
        let mut times = [0.0; WAYS.len()];
        for turn in 0..WAYS.len() {
            let way = (turn + round) % WAYS.len();
            times[way] = run(WAYS[way].1);
        }
        for (cost, time) in costs.iter_mut().zip(times) {
            cost.push((time / times[0] - 1.0) * 100.0);
        }
    }
    println!("| processor time, {rounds} rounds in turns | median | quartiles |\n|---|---|---|");
    for ((name, _), cost) in WAYS.iter().zip(&mut costs).skip(1) {
        cost.sort_by(f64::total_cmp);
        let at = |share: usize| cost[(cost.len() - 1) * share / 4];
        println!("| {name} | {:+.2} % | {:+.2} to {:+.2} % |", at(2), at(1), at(3));
    }
}
