//! Sessions one after another, `reset`, `pause`, focus and sampling: what is told is of the session, and it balances.

use std::{
    sync::{Barrier, mpsc},
    thread,
};

use hotpath::CountingAllocator;
use memory::{Yields, bytes, churn, session, session_begun_elsewhere, session_with};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

#[test]
fn each_session_has_its_own() {
    #[hotpath::measure]
    fn in_some_sessions() {
        churn(250);
    }
    in_some_sessions(); // in none
    for calls in [3_u64, 1, 0, 2] {
        let session = session();
        (0..calls).for_each(|_| in_some_sessions());
        let report = session.report();
        if calls == 0 {
            assert!(report.rows().iter().all(|row| !row.text("name").ends_with("in_some_sessions")));
        } else {
            let row = report.row("in_some_sessions");
            assert_eq!((row.own(), row.peak()), ([250 * calls, calls, 250 * calls, calls], [250, 1]));
        }
    }
}

#[test]
fn memory_of_an_earlier_session_is_freed_in_a_later_one() {
    #[hotpath::measure]
    fn kept() -> Vec<u8> {
        bytes(10_000)
    }
    #[hotpath::measure]
    fn freed(list: Vec<u8>) {
        drop(list);
    }
    let list = {
        let session = session();
        let list = kept();
        assert_eq!(session.report().row("kept").signed("kept_bytes"), 10_000);
        list
    };
    let session = session();
    freed(list);
    let row = session.report().row("freed");
    assert_eq!((row.own(), row.signed("kept_bytes"), row.peak()), ([0, 0, 10_000, 1], -10_000, [0, 0]));
}

#[test]
fn reset_begins_anew() {
    #[hotpath::measure]
    fn before_and_after(look: impl FnOnce()) {
        churn(70);
        look();
        churn(1 << 20);
    }
    let session = session();
    before_and_after(|| ());
    hotpath::reset();
    let report = session.report();
    assert!(report.rows().iter().all(|row| !row.text("name").ends_with("before_and_after")));
    before_and_after(|| ());
    let row = session.report().row("before_and_after");
    assert_eq!(row.own(), [70 + (1 << 20), 2, 70 + (1 << 20), 2]);
    // A call on its way at a reset is not counted; what it allocates afterwards is in the whole, and outside.
    let outside = || session.report().row("<outside>").number("self_bytes");
    let mut at_reset = 0;
    before_and_after(|| {
        hotpath::reset();
        at_reset = outside();
    });
    let report = session.report();
    assert!(report.rows().iter().all(|row| !row.text("name").ends_with("before_and_after")));
    let elsewhere = report.row("<outside>").number("self_bytes") + report.caller().number("self_bytes");
    assert!(elsewhere >= at_reset + (1 << 20), "{elsewhere}");
    before_and_after(|| ());
    assert_eq!(session.report().row("before_and_after").number("self_bytes"), 70 + (1 << 20));
}

#[test]
fn while_paused_callees_are_part_of_whom_they_are_called_by() {
    #[hotpath::measure]
    fn pauses() {
        churn(10);
        paused_callee();
        hotpath::pause();
        paused_callee();
        hotpath::resume();
        paused_callee();
    }
    #[hotpath::measure]
    fn paused_callee() {
        churn(300);
    }
    let session = session();
    pauses();
    let report = session.report();
    assert_eq!(report.row("paused_callee").own(), [600, 2, 600, 2]);
    assert_eq!(report.row("pauses").own(), [310, 2, 310, 2]);
    assert_eq!(report.row("pauses").all(), [910, 4, 910]);
}

#[test]
fn a_call_that_outlives_its_session() {
    #[hotpath::measure]
    fn outlives(until: &mpsc::Receiver<()>, reached: &mpsc::Sender<()>) {
        churn(1000);
        reached.send(()).expect("somebody waits");
        until.recv().expect("somebody sends");
        churn(1 << 22);
        inside();
    }
    #[hotpath::measure]
    fn inside() {
        churn(7);
    }
    let (go, until) = mpsc::channel();
    let (reached, wait) = mpsc::channel();
    let first = session();
    let thread = thread::spawn(move || outlives(&until, &reached));
    wait.recv().expect("it gets there");
    assert!(first.report().row("outlives").number("self_bytes") >= 1000);
    drop(first);
    let second = session();
    go.send(()).expect("it waits");
    thread.join().expect("it ends");
    let report = second.report();
    assert_eq!(report.row("inside").own(), [7, 1, 7, 1]);
    assert!(report.row("<outside>").number("self_bytes") >= 1 << 22);
    assert!(report.rows().iter().all(|row| !row.text("name").ends_with("outlives")));
}

#[test]
fn a_future_that_outlives_its_session() {
    #[hotpath::measure]
    async fn goes_on_later() {
        churn(1000);
        Yields(1).await;
        churn(20);
        Yields(1).await;
        churn(3);
    }
    let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
    let mut future = Box::pin(goes_on_later());
    let first = session();
    assert!(future.as_mut().poll(context).is_pending());
    assert_eq!(first.report().row("goes_on_later").own(), [1000, 1, 1000, 1]);
    drop(first);
    let second = session();
    assert!(future.as_mut().poll(context).is_pending());
    assert!(future.as_mut().poll(context).is_ready());
    let row = second.report().row("goes_on_later");
    assert_eq!((row.own(), row.number("max_bytes"), row.number("calls")), ([23, 2, 23, 2], 23, 1));
}

#[test]
fn with_sampling_the_sums_stay_exact() {
    #[hotpath::measure]
    fn sampled(n: u64) {
        churn(10);
        if n > 0 {
            sampled_below();
        }
    }
    #[hotpath::measure]
    fn sampled_below() {
        churn(100);
    }
    let session = session_with(|builder| builder.functions_time_sampling_rate(0.3));
    (0..1000).for_each(sampled);
    let report = session.report();
    let (row, below) = (report.row("sampled"), report.row("sampled_below"));
    assert!(row.number("sampled_calls") < 1000, "not every call is timed");
    assert_eq!(row.own(), [10_000, 1000, 10_000, 1000]);
    assert_eq!(row.all(), [109_900, 1999, 109_900]);
    assert_eq!(
        (row.numbers(["min_bytes", "max_bytes", "sum_bytes"]), row.peak()),
        ([10, 10, 10_000], [100, 1])
    );
    assert_eq!(below.own(), [99_900, 999, 99_900, 999]);
}

/// The thread that began the session is gone, and one of many new ones has taken over its lane: that one is not the caller.
#[test]
fn a_caller_whose_thread_has_ended() {
    const THREADS: usize = 64;
    let session = session_begun_elsewhere();
    let together = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                together.wait(); // all are alive at once
                churn(1 << 20);
            });
        }
    });
    let report = session.report();
    assert!(report.caller().number("self_bytes") < 1 << 20, "{:#}", report.caller().0);
    assert!(report.row("<outside>").number("self_bytes") >= (THREADS as u64) << 20);
}

#[test]
fn a_call_that_a_reset_cuts_leaves_later_calls_right() {
    #[hotpath::measure]
    fn around(work: impl FnOnce()) {
        churn(1_000);
        work();
        churn(2_000);
    }
    #[hotpath::measure]
    fn within() {
        churn(30);
    }
    let session = session();
    around(|| {
        within();
        hotpath::reset();
        within();
    });
    around(within);
    let report = session.report();
    let within = report.row("within");
    assert_eq!((within.own(), within.peak()), ([60, 2, 60, 2], [30, 1]));
    let around = report.row("around");
    // Of the call that was cut, what came after is there; as a call it is not.
    assert_eq!((around.number("calls"), around.number("max_bytes"), around.peak()), (1, 3_000, [2_000, 1]));
    report.assert_balance();
    // And nothing is left of it on the thread's stack: outside of all calls the thread's own peak is known.
    drop(session);
    assert!(!session_with(|builder| builder).report().caller().is_unknown("peak_bytes"));
}

#[test]
fn a_reporter_is_told_what_functions_allocate() {
    use hotpath::{MetricType, MetricsProvider, ProfilingMode, Reporter};
    use std::error::Error;

    struct Tells(mpsc::Sender<(ProfilingMode, Vec<MetricType>)>);
    impl Reporter for Tells {
        fn report(&self, metrics: &dyn MetricsProvider<'_>) -> Result<(), Box<dyn Error>> {
            let mut rows = metrics.metric_data();
            let name = rows.keys().find(|name| name.ends_with("told")).cloned().ok_or("no row")?;
            self.0.send((metrics.profiling_mode(), rows.remove(&name).ok_or("no cells")?))?;
            Ok(())
        }
    }
    #[hotpath::measure]
    fn told(size: usize) {
        churn(size);
    }
    let (tell, hear) = mpsc::channel();
    let session = session_with(|builder| builder.percentiles(&[50.0]).reporter(Box::new(Tells(tell))));
    told(100);
    told(100);
    told(400);
    drop(session);
    let (mode, cells) = hear.recv().expect("the reporter ran");
    assert_eq!(mode, ProfilingMode::AllocBytes);
    let alloc = [MetricType::Alloc(200, 1), MetricType::Alloc(100, 1), MetricType::Alloc(600, 3)];
    assert_eq!(cells[..4], [&[MetricType::CallsCount(3)], alloc.as_slice()].concat());
    assert!(matches!(cells[4], MetricType::Percentage(share) if share > 0), "{cells:?}");
}
