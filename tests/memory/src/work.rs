//! Work for the programs: known amounts, in every way, on several threads and in tasks.

use std::{hint::black_box, thread};

use crate::{Report, Yields, bytes, churn};

#[repr(align(1024))]
struct Aligned([u8; 1024]);

/// 18 calls, 6 each on this thread, on a second one, and on a third that frees what it is given.
///
/// # Panics
///
/// If a thread does.
pub fn on_threads() {
    let given = every_way();
    thread::scope(|scope| {
        let second = scope.spawn(every_way);
        let third = scope.spawn(|| {
            drop(given);
            every_way()
        });
        // Joined, because a scope waits for the work of its threads and not for their ends.
        [second, third].map(|thread| thread.join().map(drop)).iter().for_each(|end| assert!(end.is_ok()));
    });
}

#[hotpath::measure]
fn every_way() -> Vec<u8> {
    (0..5).for_each(|_| once());
    bytes(77)
}

#[hotpath::measure]
fn once() {
    let mut list = black_box(Vec::<u8>::with_capacity(100));
    list.reserve_exact(300);
    drop(black_box(list));
    drop(black_box(vec![0_u8; 500]));
    let aligned = black_box(Box::new(Aligned([1; 1024])));
    assert_eq!((&raw const *aligned).addr() % 1024, 0);
    assert_eq!(aligned.0[1023], 1);
}

/// Asserts that a report tells of one [`on_threads`].
///
/// # Panics
///
/// If it tells of something else.
#[track_caller]
pub fn assert_on_threads(report: &Report) {
    report.assert_balance();
    let once = report.row("once");
    assert_eq!(once.own(), [15 * 1924, 15 * 4, 15 * 1924, 15 * 4]);
    assert_eq!(once.peak(), [1024, 1]);
    let every_way = report.row("every_way");
    assert_eq!(every_way.own(), [3 * 77, 3, 0, 0]);
    assert_eq!(every_way.all(), [3 * 77 + 15 * 1924, 63, 15 * 1924]);
    assert_eq!(every_way.peak(), [1024, 1]);
}

/// One of many tasks.
#[hotpath::measure]
pub async fn task(n: usize) {
    let first = bytes(100 + n % 7);
    Yields(n as u32 % 5).await;
    let _second = bytes(50);
    hotpath::measure_block!("a step of a task", {
        churn(10);
        Yields(2).await;
        drop(first);
    });
    let blocking = tokio::task::spawn_blocking(move || on_another_thread(n));
    blocking.await.expect("it ends");
}

#[hotpath::measure]
fn on_another_thread(n: usize) {
    churn(1000 + n);
}

/// Runs so many tasks on tokio's threads.
///
/// # Panics
///
/// If a task does.
pub async fn tasks(count: usize) {
    let tasks: Vec<_> = (0..count).map(|n| tokio::spawn(task(n))).collect();
    for task in tasks {
        task.await.expect("it ends");
    }
}

/// Asserts that a report tells of so many tasks, whatever tokio allocated around them: one row alone is only known to hold what
/// is ours, as starting a blocking task allocates too.
///
/// # Panics
///
/// If it tells of something else.
#[track_caller]
pub fn assert_tasks(report: &Report, count: usize) {
    report.assert_balance();
    let own: usize = (0..count).map(|n| 1000 + n).sum();
    let (own, count) = (own as u64, count as u64);
    let on_another_thread = report.row("on_another_thread");
    assert_eq!(on_another_thread.own(), [own, count, own, count]);
    let step = report.row("a step of a task");
    let firsts: u64 = (0..count).map(|n| 100 + n % 7).sum();
    assert_eq!(step.own(), [10 * count, count, 10 * count + firsts, 2 * count]);
    assert_eq!((step.peak(), step.number("calls")), ([10, 1], count));
    let task = report.row("task");
    assert_eq!(task.number("calls"), count);
    assert!(task.number("self_bytes") >= firsts + 50 * count);
    assert_eq!(task.number("total_bytes"), task.number("self_bytes") + 10 * count);
}
