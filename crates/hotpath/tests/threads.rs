//! The threads section tells what the threads did.
#![cfg(all(feature = "hotpath", feature = "threads", not(feature = "hotpath-off"), target_os = "linux"))]

mod common;

use std::{
    sync::mpsc,
    thread::{self, Builder},
    time::{Duration, Instant},
};

use common::{Report, Session, session, session_with, spin};
use hotpath::{HotpathGuardBuilder, Section};
use serde_json::Value;

#[hotpath::measure]
fn measured() {}

/// Nanoseconds that this thread has been on a processor, as the C library tells it.
fn cpu_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a place for the answer.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn tid() -> u64 {
    // SAFETY: takes nothing and cannot fail.
    (unsafe { libc::gettid() }) as u64
}

fn rows(report: &Report) -> Vec<Value> {
    report.0["threads"]["data"].as_array().expect("the report has threads").clone()
}

#[track_caller]
fn row_of(report: &Report, tid: u64) -> Value {
    let mut rows: Vec<Value> = rows(report).into_iter().filter(|row| row["os_tid"] == tid).collect();
    assert_eq!(rows.len(), 1, "threads of number {tid} in {:#}", report.0["threads"]);
    rows.remove(0)
}

#[track_caller]
fn number(row: &Value, key: &str) -> u64 {
    row[key].as_u64().unwrap_or_else(|| panic!("{key} is unknown in {row:#}"))
}

fn percent(row: &Value, key: &str) -> Option<f64> {
    row[key].as_str().map(|text| text.strip_suffix('%').expect("a percentage").parse().expect("a number"))
}

/// A thread that has done its work and waits, with what `work` gave.
struct Waiting<T> {
    tid: u64,
    value: T,
    end: mpsc::Sender<()>,
    thread: thread::JoinHandle<()>,
}

fn start<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Waiting<T> {
    let (done, is_done) = mpsc::channel();
    let (end, wait) = mpsc::channel();
    let work = move || {
        done.send((tid(), work())).expect("it is received");
        let _ended = wait.recv();
    };
    let thread = Builder::new().name(name.into()).spawn(work).expect("a thread");
    let (tid, value) = is_done.recv().expect("it is sent");
    Waiting { tid, value, end, thread }
}

impl<T> Waiting<T> {
    fn end(self) -> T {
        drop(self.end);
        self.thread.join().expect("no panic");
        self.value
    }
}

/// Reports until none of these threads is listed by the system any more.
fn gone(session: &Session, tids: &[u64]) -> Report {
    let is_there = |tid: &u64| std::path::Path::new(&format!("/proc/self/task/{tid}")).exists();
    while tids.iter().any(is_there) {
        thread::yield_now();
    }
    session.report()
}

#[test]
fn cpu_time_is_what_the_thread_measured_itself() {
    let session = session();
    let busy = start("busy", || {
        let before = cpu_ns();
        spin(Duration::from_millis(30));
        (before, cpu_ns())
    });
    let report = session.report();
    let row = row_of(&report, busy.tid);
    let after = busy.value.1;
    // From its beginning to its wait: what comes after the test's own last look is a send and a wait.
    let told = number(&row, "cpu_ns");
    assert!(told >= after && told < after + 5_000_000, "{told} told, {after} measured");
    assert_eq!((row["name"].as_str(), row["ended"].as_bool()), (Some("busy"), Some(false)));
    busy.end();
}

#[test]
fn an_ended_thread_that_measured_keeps_its_row_with_its_last_numbers() {
    let session = session();
    let thread = start("shortly there", || {
        let begun = Instant::now();
        measured();
        let cpu = cpu_ns();
        spin(Duration::from_millis(20));
        (begun.elapsed().as_nanos() as u64, cpu_ns() - cpu)
    });
    let tid = thread.tid;
    let (lived, used) = thread.end();
    let row = row_of(&session.report(), tid);
    assert_eq!((row["status"].as_str(), row["status_code"].as_str()), (Some("Ended"), Some("X")));
    assert_eq!((row["ended"].as_bool(), &row["cpu_percent"]), (Some(true), &Value::Null));
    assert!(number(&row, "lifetime_ns") >= lived, "{lived} ns timed: {row:#}");
    let told = number(&row, "cpu_ns");
    assert!(told >= used && number(&row, "observed_cpu_ns") >= used, "{used} ns measured: {row:#}");
    assert!(told <= number(&row, "lifetime_ns"), "{row:#}");
    let least = used as f64 / number(&row, "observed_ns") as f64 * 100.0;
    let average = percent(&row, "cpu_percent_avg").expect("it is known");
    assert!(average >= least - 0.1 && average <= 100.0, "{average} told, {least} at least");
    let largest = percent(&row, "cpu_percent_max").expect("it lived long enough");
    assert!(largest > 0.0 && largest <= 100.0, "{row:#}");
}

#[test]
fn an_ended_thread_that_measured_nothing_keeps_the_numbers_of_the_last_poll() {
    let session = session();
    let thread = start("seen once", || spin(Duration::from_millis(5)));
    let living = row_of(&session.report(), thread.tid);
    let tid = thread.tid;
    thread.end();
    let row = row_of(&gone(&session, &[tid]), tid);
    assert_eq!((row["ended"].as_bool(), row["name"].as_str()), (Some(true), Some("seen once")));
    assert!(number(&row, "cpu_ns") >= number(&living, "cpu_ns"));
    assert!(number(&row, "lifetime_ns") >= number(&living, "lifetime_ns"));
}

#[test]
fn the_first_poll_has_no_share_and_shows_the_main_thread() {
    let session = session();
    let report = session.report();
    let threads = &report.0["threads"];
    let me = row_of(&report, tid());
    assert!(["Running", "Sleeping", "Blocked"].contains(&me["status"].as_str().expect("a status")));
    assert_eq!(threads["sample_interval_ms"], 250);
    let living = rows(&report).iter().filter(|row| row["ended"] == false).count() as u64;
    assert_eq!(threads["thread_count"].as_u64(), Some(living));
    let bytes = |key: &str| threads[key].as_u64().expect("it is known");
    assert!(bytes("resident_bytes") > 0 && bytes("resident_max_bytes") >= bytes("resident_bytes"));
    let fresh = start("idle", || ());
    let row = row_of(&session.report(), fresh.tid);
    // Usually one look; on a slow machine there may have been one before.
    let is_unknown = number(&row, "observed_ns") < 5_000_000;
    assert_eq!(["cpu_percent", "cpu_percent_max"].map(|key| row[key].is_null()), [is_unknown; 2], "{row:#}");
    fresh.end();
}

#[test]
fn long_names_of_threads_that_measure_are_complete() {
    const LONG: &str = "a thread whose name is longer than fifteen characters";
    let session = session();
    let threads = [start(LONG, measured), start(LONG, || ())];
    let report = session.report();
    let names = threads.each_ref().map(|thread| row_of(&report, thread.tid)["name"].clone());
    assert_eq!(names, [LONG, &LONG[..15]]);
    let [first, second] = threads.each_ref().map(|thread| thread.tid);
    threads.into_iter().for_each(|thread| thread.end());
    let report = gone(&session, &[first, second]);
    assert_eq!([first, second].map(|tid| row_of(&report, tid)["name"].clone()), [LONG, &LONG[..15]]);
}

#[test]
fn a_thread_that_measures_only_in_its_last_destructor_is_reported_too() {
    struct Last;
    impl Drop for Last {
        fn drop(&mut self) {
            measured();
        }
    }
    thread_local! {
        static LAST: Last = const { Last };
    }
    const NAME: &str = "a thread that measures at its end only";
    let session = session();
    let thread = start(NAME, || LAST.with(|_| ()));
    let tid = thread.tid;
    thread.end();
    let report = session.report();
    assert_eq!(row_of(&report, tid)["name"], NAME);
    assert_eq!((row_of(&report, tid)["ended"].as_bool(), report.row("measured").calls()), (Some(true), 1));
}

#[test]
fn only_the_profilers_own_threads_are_hidden_not_those_named_alike() {
    let session = session();
    let mine = start("hp-mine", || ());
    let report = session.report();
    assert_eq!(row_of(&report, mine.tid)["name"], "hp-mine");
    let is_strange = |row: &Value| row["name"].as_str().is_some_and(|name| name.starts_with("hp-"));
    assert_eq!(rows(&report).iter().filter(|row| is_strange(row)).count(), 1, "{:#}", report.0["threads"]);
    mine.end();
}

#[test]
fn short_threads_past_the_bound_share_a_row_and_none_is_lost() {
    const THREADS: u64 = 3000;
    let session = session();
    let before = rows(&session.report());
    let before: u64 = before.iter().map(|row| number(row, "threads")).sum();
    for _ in 0..THREADS / 10 {
        let threads: Vec<_> = (0..10).map(|_| thread::spawn(measured)).collect();
        threads.into_iter().for_each(|thread| thread.join().expect("no panic"));
    }
    let report = session.report();
    assert_eq!(report.row("measured").calls(), THREADS);
    let rows = rows(&report);
    assert!(rows.len() <= 1000 + 1 + before as usize + 20, "{} rows", rows.len());
    let other = rows.iter().find(|row| row["name"] == "<other>").expect("a shared row");
    assert!(number(other, "threads") >= THREADS - 1000 && number(other, "cpu_ns") > 0, "{other:#}");
    let told: u64 = rows.iter().map(|row| number(row, "threads")).sum();
    assert!(told >= THREADS + before, "{told} threads told");
    let notes = report.0["notes"].as_array().expect("a note");
    assert!(notes.iter().any(|note| note.as_str().is_some_and(|note| note.contains("<other>"))), "{notes:?}");
}

#[test]
fn a_reset_counts_from_here() {
    let session = session();
    let thread = start("ended before", measured);
    let tid = thread.tid;
    thread.end();
    spin(Duration::from_millis(10));
    let before = row_of(&session.report(), self::tid());
    drop(gone(&session, &[tid]));
    hotpath::reset();
    let report = session.report();
    assert!(rows(&report).iter().all(|row| row["os_tid"] != tid), "{:#}", report.0["threads"]);
    let after = row_of(&report, self::tid());
    assert!(number(&after, "cpu_ns") < number(&before, "cpu_ns"));
}

fn limits(more: impl FnOnce(HotpathGuardBuilder) -> HotpathGuardBuilder) -> (u64, bool) {
    let session = session_with(more);
    let threads: Vec<_> = (0..8).map(|_| start("waits", || ())).collect();
    let report = session.report();
    threads.into_iter().for_each(|thread| thread.end());
    let list = &report.0["threads"];
    let count = |key: &str| list[key].as_u64().expect("a number");
    (count("included_count"), count("total_count") >= 9)
}

#[test]
fn the_largest_are_shown_within_the_limit() {
    assert_eq!(limits(|builder| builder.limit(3)), (3, true));
    assert_eq!(limits(|builder| builder.limit(1).threads_limit(2)), (2, true));
    assert!(limits(|builder| builder.threads_limit(0).limit(1)).0 >= 9);
}

/// The names of all threads of the process.
fn system_names() -> Vec<String> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("it can be read");
    let name = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("comm")).ok();
    tasks.filter_map(Result::ok).filter_map(name).map(|name| name.trim().to_owned()).collect()
}

#[test]
fn threads_are_polled_only_if_the_section_is_selected() {
    let looks = || system_names().iter().any(|name| name == "hp-threads");
    let wanted = session();
    assert!(looks());
    drop(wanted);
    let unwanted = session_with(|builder| builder.sections_exclude(vec![Section::Threads]));
    let begun = Instant::now();
    while looks() {
        assert!(begun.elapsed() < Duration::from_secs(20), "somebody looks");
        thread::yield_now(); // that of an earlier session is on its way out
    }
    assert!(unwanted.report().0.get("threads").is_none());
}
