//! A program whose bottleneck is one function that computes: `cpu_bound::score`. `ready` and a line on standard input: see
//! `bottleneck.rs`.

#[path = "../bottleneck.rs"]
mod bottleneck;

use std::hint::black_box;

fn main() {
    let _session = hotpath::HotpathGuardBuilder::new("cpu_bound::main").build();
    bottleneck::rounds(40, |round| {
        let texts = load(round);
        let scores = texts.iter().map(score);
        black_box(keep(scores.collect()));
    });
}

#[hotpath::measure]
fn load(round: u64) -> Vec<u64> {
    (0..8).map(|text| round * 8 + text).collect()
}

/// Nearly all of the time.
#[hotpath::measure]
fn score(text: &u64) -> u64 {
    bottleneck::compute(*text, 60_000)
}

#[hotpath::measure]
fn keep(scores: Vec<u64>) -> u64 {
    bottleneck::compute(scores.into_iter().fold(0, u64::wrapping_add), 2_000)
}
