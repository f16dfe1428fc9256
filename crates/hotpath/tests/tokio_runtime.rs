//! Runtimes of tokio are told of as they are, however many there are and whenever they are watched.
#![cfg(all(feature = "hotpath", feature = "tokio", not(feature = "hotpath-off")))]

mod common;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use common::{Report, Session, session, spin, timed};
use serde_json::Value;
use tokio::{
    runtime::{Builder, Runtime},
    sync::{Notify, Semaphore},
};

/// A runtime that one test watches before its session would be seen by the session of another.
static TURN: Mutex<()> = Mutex::new(());

fn turn() -> impl Drop {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn threads(workers: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(workers).build().expect("a runtime")
}

fn section(report: &Report) -> &Value {
    &report.0["tokio_runtime"]
}

fn list<'a>(report: &'a Report, key: &str) -> &'a [Value] {
    section(report)[key].as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value, key: &str) -> u64 {
    value[key].as_u64().unwrap_or_else(|| panic!("{key} is unknown in {value:#}"))
}

/// The first report of which that is so.
fn until(session: &Session, is_so: impl Fn(&Report) -> bool) -> Report {
    (0..100_000).map(|_| session.report()).find(is_so).expect("it becomes so")
}

#[test]
fn workers_and_tasks_are_those_of_the_runtime() {
    let _turn = turn();
    let runtime = threads(3);
    let session = session();
    hotpath::tokio_runtime!(runtime.handle());
    hotpath::tokio_runtime!(runtime.handle()); // still one
    let (go, begun) = (Arc::new(Notify::new()), Arc::new(Semaphore::new(0)));
    let task = || {
        let (go, begun) = (go.clone(), begun.clone());
        async move {
            let wait = go.notified();
            tokio::pin!(wait);
            wait.as_mut().enable();
            begun.add_permits(1);
            wait.await;
        }
    };
    let tasks: Vec<_> = (0..5).map(|_| runtime.spawn(task())).collect();
    let all_begun = runtime.block_on(begun.acquire_many(5)).map(drop);
    assert!(all_begun.is_ok());
    let report = session.report();
    let top = section(&report);
    assert_eq!((number(top, "num_workers"), number(top, "num_alive_tasks")), (3, 5));
    assert_eq!((top["flavor"].as_str(), number(top, "global_queue_depth")), (Some("multi_thread"), 0));
    assert_eq!(list(&report, "runtimes").len(), 1);
    let indices: Vec<u64> = list(&report, "workers").iter().map(|worker| number(worker, "index")).collect();
    assert_eq!(indices, [0, 1, 2]);
    go.notify_waiters();
    runtime.block_on(async {
        for task in tasks {
            task.await.expect("it ends");
        }
    });
    // A task is awaited a moment before its runtime forgets it.
    let report = until(&session, |report| number(section(report), "num_alive_tasks") == 0);
    assert_eq!(number(section(&report), "max_alive_tasks"), 5);
    let spawned = section(&report)["spawned_tasks_count"].as_u64();
    assert_eq!(spawned, cfg!(tokio_unstable).then_some(5));
    let knows_polls = list(&report, "workers").iter().all(|worker| worker["poll_count"].is_u64());
    assert_eq!(knows_polls, cfg!(tokio_unstable));
}

#[test]
fn a_worker_that_spins_is_busy() {
    let _turn = turn();
    let runtime = threads(2);
    let session = session();
    hotpath::tokio_runtime!(runtime.handle());
    let work = runtime.spawn(async { timed(|| spin(Duration::from_millis(50))).0 });
    let spun = runtime.block_on(work).expect("it ends");
    // The worker tells when it goes to sleep, which is after the task has ended.
    let told =
        (0..100_000).map(|_| session.report()).find(|report| number(section(report), "busy_ns") >= spun);
    let report = told.expect("the time is told in the end");
    let busy: Vec<u64> = list(&report, "workers").iter().map(|worker| number(worker, "busy_ns")).collect();
    assert!(busy.iter().any(|busy| *busy >= spun), "{busy:?} of {spun}");
    assert_eq!(busy.iter().sum::<u64>(), number(section(&report), "busy_ns"));
    assert!(number(section(&report), "park_count") > 0);
    let in_history: u64 = list(&report, "history").iter().map(|sample| number(sample, "busy_ns")).sum();
    assert_eq!(in_history, busy.iter().sum::<u64>());
    for worker in list(&report, "workers") {
        let share = number(worker, "busy_ns") as f64 / number(worker, "watched_ns") as f64 * 100.0;
        let told = worker["busy_percent"].as_f64().expect("a share");
        assert!((told - share.min(100.0)).abs() < 0.001, "{told} for {share}");
    }
}

#[test]
fn several_runtimes_stand_side_by_side() {
    let _turn = turn();
    let (many, one) = (threads(2), Builder::new_current_thread().build().expect("a runtime"));
    let session = session();
    many.block_on(async { hotpath::tokio_runtime!() });
    one.block_on(async { hotpath::tokio_runtime!() });
    let pending = one.spawn(std::future::pending::<()>());
    let report = session.report();
    let runtimes = list(&report, "runtimes");
    let told: Vec<_> = runtimes
        .iter()
        .map(|row| (row["flavor"].as_str(), number(row, "num_workers"), number(row, "num_alive_tasks")))
        .collect();
    assert_eq!(told, [(Some("multi_thread"), 2, 0), (Some("current_thread"), 1, 1)]);
    assert_eq!(number(section(&report), "num_workers"), 2);
    let (first, second) = (number(&runtimes[0], "runtime"), number(&runtimes[1], "runtime"));
    let workers: Vec<_> = list(&report, "workers")
        .iter()
        .map(|worker| (number(worker, "runtime"), number(worker, "index")))
        .collect();
    assert_eq!(workers, [(first, 0), (first, 1), (second, 0)]);
    pending.abort();
}

#[test]
fn watching_neither_keeps_a_runtime_alive_nor_delays_its_end() {
    let _turn = turn();
    let session = session();
    let runtime = threads(2);
    hotpath::tokio_runtime!(runtime.handle());
    let held = Arc::new(());
    let of_task = held.clone();
    runtime.spawn(async move {
        std::future::pending::<()>().await;
        drop(of_task);
    });
    assert_eq!(number(section(&session.report()), "num_alive_tasks"), 1);
    drop(runtime);
    assert_eq!(Arc::strong_count(&held), 1, "the task went with its runtime");
    let report = session.report();
    assert_eq!((list(&report, "runtimes").len(), number(section(&report), "num_alive_tasks")), (1, 0));
}

#[test]
fn a_runtime_is_watched_over_sessions_as_long_as_it_does_something() {
    let _turn = turn();
    let runtime = threads(1);
    hotpath::tokio_runtime!(runtime.handle()); // before the session
    let first = session();
    assert_eq!(list(&first.report(), "runtimes").len(), 1);
    drop(first);
    let second = session();
    let pending = runtime.spawn(std::future::pending::<()>());
    let report = second.report();
    assert_eq!((list(&report, "runtimes").len(), number(section(&report), "num_alive_tasks")), (1, 1));
    drop(second);
    pending.abort();
    drop(runtime);
    let third = session();
    let report = third.report();
    assert!(section(&report).is_null(), "{:#}", section(&report));
}

#[test]
fn a_reset_counts_from_there() {
    let _turn = turn();
    let runtime = threads(1);
    let session = session();
    hotpath::tokio_runtime!(runtime.handle());
    let pending = runtime.spawn(std::future::pending::<()>());
    assert_eq!(number(section(&session.report()), "max_alive_tasks"), 1);
    pending.abort();
    assert!(runtime.block_on(pending).is_err());
    until(&session, |report| number(section(report), "num_alive_tasks") == 0);
    let (since, report) = timed(|| {
        hotpath::reset();
        session.report()
    });
    assert_eq!(number(section(&report), "max_alive_tasks"), 0);
    assert!(number(section(&report), "watched_ns") <= since);
    let history = list(&report, "history");
    assert_eq!(history.len(), 1);
    assert_eq!(number(&history[0], "watched_ns"), number(section(&report), "watched_ns"));
}

#[test]
fn outside_of_a_runtime_the_macro_does_nothing() {
    let _turn = turn();
    let session = session();
    hotpath::tokio_runtime!();
    assert!(section(&session.report()).is_null());
}

#[test]
fn more_runtimes_than_are_watched_do_no_harm() {
    let _turn = turn();
    let one = || Builder::new_current_thread().build().expect("a runtime");
    let before: Vec<Runtime> = (0..40).map(|_| one()).collect();
    before.iter().for_each(|runtime| hotpath::tokio_runtime!(runtime.handle()));
    let session = session();
    let rows = list(&session.report(), "runtimes").len();
    assert!((1..40).contains(&rows), "{rows}");
    let numbers = |report: &Report| -> Vec<u64> {
        list(report, "runtimes").iter().map(|row| number(row, "runtime")).collect()
    };
    let shown = numbers(&session.report());
    let late = one();
    hotpath::tokio_runtime!(late.handle());
    assert_eq!(numbers(&session.report()), shown);
}
