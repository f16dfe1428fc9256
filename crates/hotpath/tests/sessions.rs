//! Sessions one after another in one process: each is complete, and none knows of another.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    pin::Pin,
    sync::{
        Arc, Barrier, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Waker},
    thread,
    time::Duration,
};

use common::{Report, Yields};
use hotpath::{Format, HotpathGuard, HotpathGuardBuilder};

static TURN: Mutex<()> = Mutex::new(());

fn turn() -> impl Drop {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("sessions").join(name)
}

/// A session whose report goes into a file of that name.
fn session(name: &'static str) -> HotpathGuard {
    HotpathGuardBuilder::new(name).format(Format::Json).output_path(file(name)).build()
}

/// The one report in that file.
fn report(name: &str) -> Report {
    let text = std::fs::read_to_string(file(name)).expect("the report was written");
    Report(serde_json::from_str(&text).expect("it is one JSON document"))
}

#[hotpath::measure]
fn work() {}

#[hotpath::measure]
fn other() {}

#[hotpath::measure]
async fn later(polls: u32) {
    Yields(polls).await;
}

#[test]
fn each_counts_its_own_calls_only() {
    let _turn = turn();
    let names = ["first", "second", "third"];
    for (n, name) in (1..).zip(names) {
        work(); // outside: not counted
        let guard = session(name);
        (0..n * 10).for_each(|_| work());
        if n == 2 {
            other();
        }
        smol::block_on(later(n));
        drop(guard);
        work();
    }
    for (n, name) in (1..).zip(names) {
        let report = report(name);
        assert_eq!(report.row("work").calls(), n * 10);
        assert_eq!(report.named("other").len(), usize::from(n == 2));
        assert_eq!((report.row("later").calls(), report.row("later").number("polls")), (1, n + 1));
        let main = report.row(name);
        assert_eq!((main.text("kind"), main.number("total_raw_ns")), ("main", report.duration_ns()));
        assert_eq!(report.tree()[0].child("work").calls, n * 10);
    }
}

#[test]
fn threads_live_on_from_one_to_the_next() {
    let _turn = turn();
    const THREADS: usize = 4;
    let (begin, end) = (Arc::new(Barrier::new(THREADS + 1)), Arc::new(Barrier::new(THREADS + 1)));
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (begin, end) = (Arc::clone(&begin), Arc::clone(&end));
            thread::spawn(move || {
                for round in 1..=3 {
                    begin.wait();
                    (0..round * 100).for_each(|_| work());
                    end.wait();
                }
            })
        })
        .collect();
    let names = ["round one", "round two", "round three"];
    for name in names {
        let guard = session(name);
        begin.wait();
        end.wait();
        drop(guard);
    }
    threads.into_iter().for_each(|thread| thread.join().expect("it does not panic"));
    for (round, name) in (1..).zip(names) {
        assert_eq!(report(name).row("work").calls(), 4 * round * 100, "{name}");
    }
}

#[test]
fn a_call_that_spans_two_sessions_is_counted_from_its_next_poll() {
    let _turn = turn();
    let first = session("before");
    let mut call: Pin<Box<dyn Future<Output = ()>>> = Box::pin(later(3));
    let mut context = Context::from_waker(Waker::noop());
    assert!(call.as_mut().poll(&mut context).is_pending());
    drop(first);
    assert!(call.as_mut().poll(&mut context).is_pending());
    let second = session("after");
    while call.as_mut().poll(&mut context).is_pending() {}
    drop(second);
    let (before, after) = (report("before").row("later"), report("after").row("later"));
    assert_eq!((before.calls(), before.number("running"), before.number("polls")), (1, 1, 1));
    assert_eq!((after.calls(), after.number("completed"), after.number("polls")), (1, 1, 2));
}

#[test]
fn a_call_running_when_a_session_ends_hurts_nothing() {
    let _turn = turn();
    #[hotpath::measure]
    fn outlives(guard: HotpathGuard) {
        drop(guard);
        work();
    }
    outlives(session("inside"));
    let guard = session("outside");
    work();
    drop(guard);
    let row = report("inside");
    assert!(row.named("work").is_empty(), "{:?}", row.names());
    let report = report("outside");
    assert_eq!(report.row("work").calls(), 1);
    assert_eq!(report.tree()[0].child("work").calls, 1);
}

#[test]
fn two_guards_alive_panic_and_the_first_still_reports() {
    let _turn = turn();
    let guard = session("only");
    work();
    let second = catch_unwind(AssertUnwindSafe(|| session("refused")));
    let message = second.err().expect("the second is refused");
    let text = message.downcast_ref::<&str>().copied().unwrap_or_default();
    assert_eq!(text, "More than one _hotpath guard cannot be alive at the same time.");
    work();
    drop(guard);
    assert_eq!(report("only").row("work").calls(), 2);
    assert!(!file("refused").exists());
    let guard = session("again");
    work();
    drop(guard);
    assert_eq!(report("again").row("work").calls(), 1);
}

#[test]
fn the_guard_may_be_dropped_on_another_thread() {
    fn is_send_and_sync<T: Send + Sync>(value: T) -> T {
        value
    }
    let _turn = turn();
    let guard = is_send_and_sync(session("elsewhere"));
    work();
    thread::spawn(move || {
        work();
        drop(guard);
    })
    .join()
    .expect("it does not panic");
    work();
    let report = report("elsewhere");
    assert_eq!(report.row("work").calls(), 2);
    assert!(report.row("elsewhere").number("self_ns") <= report.duration_ns());
}

#[test]
fn the_cleanup_runs_before_the_report_and_is_in_it() {
    let _turn = turn();
    let has_run = Arc::new(AtomicBool::new(false));
    let cleanup = {
        let has_run = Arc::clone(&has_run);
        move || {
            other();
            has_run.store(true, Ordering::Relaxed);
        }
    };
    let builder = HotpathGuardBuilder::new("cleaned").format(Format::Json).output_path(file("cleaned"));
    let guard = builder.before_shutdown(cleanup).build();
    assert!(!has_run.load(Ordering::Relaxed));
    drop(guard);
    assert!(has_run.load(Ordering::Relaxed));
    assert_eq!(report("cleaned").row("other").calls(), 1);
}

#[test]
fn a_cleanup_that_panics_costs_no_report() {
    let _turn = turn();
    let builder = HotpathGuardBuilder::new("failing").format(Format::Json).output_path(file("failing"));
    let guard = builder.before_shutdown(|| panic!("on purpose")).build();
    work();
    drop(guard);
    assert_eq!(report("failing").row("work").calls(), 1);
}

#[test]
fn a_session_that_ends_before_its_deadline_ends_nothing_else() {
    let _turn = turn();
    let builder = HotpathGuardBuilder::new("in time").format(Format::Json).output_path(file("in time"));
    let guard = builder.timeout(Duration::from_secs(3600)).build();
    work();
    drop(guard);
    assert_eq!(report("in time").row("work").calls(), 1);
}

#[test]
fn there_is_a_report_only_during_a_session() {
    let _turn = turn();
    assert_eq!(hotpath::report_json(), None);
    let guard = session("asked");
    assert!(hotpath::is_recording() && hotpath::report_json().is_some());
    drop(guard);
    assert!(!hotpath::is_recording() && hotpath::report_json().is_none());
}

#[test]
fn a_reporter_replaces_the_report() {
    struct Collects(Arc<Mutex<Vec<String>>>);
    impl hotpath::Reporter for Collects {
        fn report(
            &self,
            metrics: &dyn hotpath::MetricsProvider<'_>,
        ) -> Result<(), Box<dyn std::error::Error>> {
            let data = metrics.metric_data();
            let (_, cells) = data.iter().find(|(name, _)| name.ends_with("work")).expect("it was called");
            assert_eq!(cells[0], hotpath::MetricType::CallsCount(2));
            assert_eq!(metrics.headers().len(), cells.len() + 1);
            assert_eq!((metrics.caller_name(), metrics.percentiles()), ("reporting", vec![50, 95]));
            self.0.lock().expect("not poisoned").extend(metrics.headers());
            Err("an error is no end".into())
        }
    }
    let _turn = turn();
    let headers = Arc::new(Mutex::new(Vec::new()));
    let builder = hotpath::GuardBuilder::new("reporting").percentiles(&[50, 95]);
    let guard = builder.reporter(Box::new(Collects(Arc::clone(&headers)))).build();
    work();
    work();
    drop(guard);
    let headers = headers.lock().expect("not poisoned");
    assert_eq!(*headers, ["Function", "Calls", "Avg", "P50", "P95", "Total", "% Total"]);
}
