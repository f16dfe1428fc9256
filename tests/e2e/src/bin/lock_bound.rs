//! A program whose bottleneck is a lock: six threads want `ledger`, and `lock_bound::settle` waits for a disk while it holds it.
//! `ready` and a line on standard input: see `bottleneck.rs`.

#[path = "../bottleneck.rs"]
mod bottleneck;

use std::{hint::black_box, sync::Arc, thread, time::Duration};

use hotpath::wrap::std::sync::Mutex;

const THREADS: u64 = 6;
/// What writing to the disk takes.
const DISK: Duration = Duration::from_millis(1);

fn main() {
    let _session = hotpath::HotpathGuardBuilder::new("lock_bound::main").build();
    let ledger = Arc::new(hotpath::mutex!(std::sync::Mutex::new(0u64), label = "ledger"));
    let workers: Vec<_> = (0..THREADS)
        .map(|seed| {
            let ledger = Arc::clone(&ledger);
            thread::spawn(move || {
                bottleneck::rounds(30, |round| {
                    settle(&ledger, seed + round);
                    black_box(prepare(seed + round));
                });
            })
        })
        .collect();
    workers.into_iter().for_each(|worker| worker.join().expect("it does not panic"));
}

/// Holds the lock far longer than it must.
#[hotpath::measure]
fn settle(ledger: &Mutex<u64>, entry: u64) {
    let mut sum = ledger.lock().expect("nobody panics");
    *sum = bottleneck::compute(*sum ^ entry, 100);
    thread::sleep(DISK);
}

#[hotpath::measure]
fn prepare(entry: u64) -> u64 {
    bottleneck::compute(entry, 2_000)
}
