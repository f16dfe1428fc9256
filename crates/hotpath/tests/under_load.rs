//! Reports taken while eight threads record: never torn, never going backwards, exact in the end.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::{
    collections::HashMap,
    hint::black_box,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
};

use common::{Report, Row, session, session_with, spin_us};

const THREADS: usize = 8;
const SNAPSHOTS: usize = 200;

#[hotpath::measure]
fn top(x: u64) -> u64 {
    middle(x) + bottom(x)
}

#[hotpath::measure]
fn middle(x: u64) -> u64 {
    (0..x % 4).map(bottom).sum()
}

#[hotpath::measure]
fn bottom(x: u64) -> u64 {
    black_box(x)
}

/// Each row agrees with itself.
fn assert_whole(row: &Row) {
    let number = |key: &str| row.number(key);
    assert_eq!(row.calls(), number("sampled_calls") + number("running"), "{row:#?}");
    assert_eq!(row.in_histogram(), number("sampled_calls"), "{row:#?}");
    assert!(number("self_ns") <= number("total_ns"), "{row:#?}");
    if number("sampled_calls") > 0 {
        assert!(number("min_ns") <= number("avg_ns") && number("avg_ns") <= number("max_ns"), "{row:#?}");
        assert!(number("min_ns") <= number("p95_ns") && number("p95_ns") <= number("max_ns"), "{row:#?}");
    }
}

/// What was counted before is still counted.
fn assert_forward(before: &Row, after: &Row) {
    for key in ["calls", "sampled_calls", "total_ns"] {
        let (before, after) = (before.0[key].as_u64(), after.0[key].as_u64());
        assert!(after >= before, "{key} went backwards: from {before:?} to {after:?}");
    }
    let (before, after) = (before.0["max_ns"].as_u64(), after.0["max_ns"].as_u64());
    assert!(after >= before.map(refined), "max_ns went backwards: from {before:?} to {after:?}");
}

/// What a time may become when the clock is told more precisely later on.
fn refined(nanos: u64) -> u64 {
    nanos - nanos / 10_000
}

fn by_name(report: &Report) -> HashMap<String, Row> {
    report.functions().into_iter().map(|row| (row.text("name").to_owned(), row)).collect()
}

/// Tells the recording threads to end, also when an assertion fails: their scope waits for them.
struct EndsThem<'a>(&'a AtomicBool);

impl Drop for EndsThem<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn snapshots_never_tear_and_never_go_backwards() {
    // As measured: the share of a call that hooks below it took is an average over all calls so far.
    let session = session_with(|builder| builder.compensate(false));
    let (is_over, rounds, bottoms) = (AtomicBool::new(false), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let (mut n, mut below) = (0, 0);
                while !is_over.load(Ordering::Relaxed) {
                    top(n);
                    (n, below) = (n + 1, below + n % 4 + 1);
                }
                rounds.fetch_add(n, Ordering::Relaxed);
                bottoms.fetch_add(below, Ordering::Relaxed);
            });
        }
        let _ends = EndsThem(&is_over);
        let mut last = HashMap::new();
        for _ in 0..SNAPSHOTS {
            let now = by_name(&session.report());
            now.values().for_each(assert_whole);
            for (name, before) in &last {
                let after = now.get(name).unwrap_or_else(|| panic!("{name} is gone"));
                assert_forward(before, after);
            }
            last = now;
        }
    });
    let report = session.report();
    let (rounds, bottoms) = (rounds.into_inner(), bottoms.into_inner());
    for (name, wanted) in [("top", rounds), ("middle", rounds), ("bottom", bottoms)] {
        let row = report.row(name);
        assert_whole(&row);
        assert_eq!((row.calls(), row.number("running")), (wanted, 0), "{name}");
        let in_tree: u64 = report.tree().iter().map(|root| root.calls_below(name)).sum();
        assert_eq!(in_tree, wanted, "{name} in the tree");
    }
}

#[hotpath::measure]
fn once() {
    spin_us(3000);
}

#[test]
fn finished_calls_do_not_change() {
    let session = session();
    once();
    let first = session.report().row("once");
    for _ in 0..SNAPSHOTS {
        spin_us(100);
        let row = session.report().row("once");
        assert_eq!((row.calls(), row.in_histogram()), (1, 1));
        for key in ["total_ns", "self_ns", "min_ns", "max_ns", "p95_ns"] {
            let (then, now) = (first.number(key), row.number(key));
            assert!(then.abs_diff(now) <= then - refined(then), "{key}: {then} then, {now} now");
        }
    }
}
