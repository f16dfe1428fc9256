//! Every call is counted once: on threads that live, on threads that have ended, in destructors, and however it ends.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::{
    hint::black_box,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Barrier, mpsc},
    thread,
};

use common::session;

#[hotpath::measure]
fn counted(x: u64) -> u64 {
    black_box(x)
}

#[test]
fn over_ended_and_living_threads() {
    let session = session();
    for _ in 0..3 {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| (0..1000).map(counted).sum::<u64>());
            }
        });
    }
    let (counted_all, go_on) = (Arc::new(Barrier::new(5)), Arc::new(Barrier::new(5)));
    let living: Vec<_> = (0..4)
        .map(|_| {
            let (counted_all, go_on) = (Arc::clone(&counted_all), Arc::clone(&go_on));
            thread::spawn(move || {
                (0..500).for_each(|x| {
                    counted(x);
                });
                counted_all.wait();
                go_on.wait();
                counted(0);
            })
        })
        .collect();
    counted_all.wait();
    let row = session.report().row("counted");
    assert_eq!((row.calls(), row.in_histogram(), row.number("running")), (26_000, 26_000, 0));
    go_on.wait();
    living.into_iter().for_each(|thread| thread.join().expect("it does not panic"));
    assert_eq!(session.report().row("counted").calls(), 26_004);
}

#[test]
fn over_many_threads_one_after_another() {
    let session = session();
    for _ in 0..200 {
        thread::spawn(|| counted(1)).join().expect("it does not panic");
    }
    assert_eq!(session.report().row("counted").calls(), 200);
}

#[hotpath::measure]
fn at_the_threads_end() {}

struct AtEnd;

impl Drop for AtEnd {
    fn drop(&mut self) {
        at_the_threads_end();
    }
}

thread_local! {
    static EARLY: AtEnd = const { AtEnd };
    static LATE: AtEnd = const { AtEnd };
}

#[test]
fn in_the_destructors_of_thread_locals() {
    let session = session();
    for _ in 0..10 {
        let body = || {
            EARLY.with(|_| {});
            counted(1);
            LATE.with(|_| {});
        };
        thread::spawn(body).join().expect("it does not panic");
    }
    let report = session.report();
    assert_eq!((report.row("counted").calls(), report.row("at_the_threads_end").calls()), (10, 20));
}

#[hotpath::measure]
fn fails() {
    panic!("on purpose");
}

#[hotpath::measure]
fn returns_early(x: Option<u64>) -> Option<u64> {
    if x == Some(7) {
        return None;
    }
    Some(x? + 1)
}

#[test]
fn however_a_call_ends() {
    let session = session();
    for _ in 0..3 {
        assert!(catch_unwind(AssertUnwindSafe(fails)).is_err());
    }
    assert_eq!([Some(7), None, Some(1)].map(returns_early), [None, None, Some(2)]);
    let report = session.report();
    assert_eq!((report.row("fails").calls(), report.row("returns_early").calls()), (3, 3));
    // After an unwound panic the thread's stack of frames is as before.
    counted(1);
    let caller = session.report().tree().remove(0);
    assert_eq!(caller.child("counted").calls, 1);
}

#[hotpath::measure]
fn waits_for(go: &mpsc::Receiver<()>, reached: &mpsc::Sender<()>) {
    reached.send(()).expect("somebody listens");
    go.recv().expect("somebody sends");
}

#[test]
fn while_a_call_is_running() {
    let session = session();
    let (go, waits) = mpsc::channel();
    let (reached, is_reached) = mpsc::channel();
    let thread = thread::spawn(move || waits_for(&waits, &reached));
    is_reached.recv().expect("the call begins");
    let first = session.report().row("waits_for");
    assert_eq!((first.calls(), first.number("running"), first.in_histogram()), (1, 1, 0));
    assert!(
        first.is_unknown("avg_ns") && first.is_unknown("min_ns") && first.is_unknown("p95_ns"),
        "{first:?}"
    );
    assert!(session.report().row("waits_for").number("total_ns") >= first.number("total_ns"));
    go.send(()).expect("it waits");
    thread.join().expect("it does not panic");
    let last = session.report().row("waits_for");
    assert_eq!((last.calls(), last.number("running"), last.in_histogram()), (1, 0, 1));
}

/// A function of its own: a call outside of this test's session may fall into that of another test.
#[hotpath::measure]
fn called_here_only(x: u64) -> u64 {
    black_box(x)
}

#[test]
fn nothing_outside_of_a_session_and_nothing_while_paused() {
    let outside = session();
    drop(outside);
    called_here_only(1);
    let session = session();
    hotpath::pause();
    called_here_only(2);
    assert!(session.report().named("called_here_only").is_empty());
    hotpath::resume();
    called_here_only(3);
    assert_eq!(session.report().row("called_here_only").calls(), 1);
    hotpath::reset();
    called_here_only(4);
    called_here_only(5);
    assert_eq!(session.report().row("called_here_only").calls(), 2);
}
