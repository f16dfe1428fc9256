//! Async calls: from the first poll to the value, on every runtime.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::{
    cell::Cell,
    future::{Future, pending, poll_fn},
    pin::{Pin, pin},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
};

use common::{Report, Yields, assert_between, session, slack, spin_us, timed};

/// The smallest executor there is.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        thread::park();
    }
}

fn poll_once<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

static BUSY_INSIDE: AtomicU64 = AtomicU64::new(0);

/// Three polls, 100 µs of work in each.
#[hotpath::measure]
async fn works_and_waits() {
    for _ in 0..2 {
        BUSY_INSIDE.fetch_add(timed(|| spin_us(100)).0, Ordering::Relaxed);
        Yields(1).await;
    }
    BUSY_INSIDE.fetch_add(timed(|| spin_us(100)).0, Ordering::Relaxed);
}

const TASKS: u64 = 50;

/// What every runtime must show after [`TASKS`] calls that took `outside` nanoseconds altogether.
fn assert_complete(report: &Report, outside: u64) {
    let row = report.row("works_and_waits");
    let number = |key: &str| row.number(key);
    assert_eq!(row.text("kind"), "async_fn");
    assert_eq!(
        (row.calls(), number("completed"), number("cancelled"), number("running")),
        (TASKS, TASKS, 0, 0)
    );
    assert_eq!((number("polls"), row.in_histogram()), (3 * TASKS, TASKS));
    assert_eq!(number("busy_ns") + number("wait_ns"), number("total_ns"));
    let inside = BUSY_INSIDE.swap(0, Ordering::Relaxed);
    assert!(number("busy_ns") + slack(inside) >= inside, "{} busy, {inside} inside", number("busy_ns"));
    assert!(
        number("total_ns") <= outside + slack(outside),
        "{} total, {outside} outside",
        number("total_ns")
    );
    // Nothing measured is called inside, so all of its busy time is its own.
    assert!(number("self_ns").abs_diff(number("busy_ns")) <= 2, "{row:#?}");
}

async fn timed_call() -> u64 {
    let start = std::time::Instant::now();
    works_and_waits().await;
    start.elapsed().as_nanos() as u64
}

fn on_tokio(runtime: &tokio::runtime::Runtime) {
    let session = session();
    let outside = runtime.block_on(async {
        let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(timed_call())).collect();
        let mut outside = 0;
        for task in tasks {
            outside += task.await.expect("it does not panic");
        }
        outside
    });
    assert_complete(&session.report(), outside);
}

#[test]
fn on_tokios_threads() {
    on_tokio(&tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().expect("a runtime"));
}

#[test]
fn on_tokios_one_thread() {
    on_tokio(&tokio::runtime::Builder::new_current_thread().build().expect("a runtime"));
}

#[test]
fn on_smol() {
    let session = session();
    let outside = smol::block_on(async {
        let tasks: Vec<_> = (0..TASKS).map(|_| smol::spawn(timed_call())).collect();
        let mut outside = 0;
        for task in tasks {
            outside += task.await;
        }
        outside
    });
    assert_complete(&session.report(), outside);
}

#[test]
fn on_an_executor_of_our_own() {
    let session = session();
    let outside = (0..TASKS).map(|_| block_on(timed_call())).sum();
    assert_complete(&session.report(), outside);
}

#[test]
fn a_call_that_changes_its_thread_at_every_poll() {
    let session = session();
    let call: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(works_and_waits());
    let (outside, polls) = timed(|| {
        let (mut call, mut polls) = (call, 1);
        loop {
            let mut moved = call;
            let poll = move || {
                let done = poll_once(moved.as_mut()).is_ready();
                (moved, done)
            };
            let (back, done) = thread::spawn(poll).join().expect("it does not panic");
            if done {
                return polls;
            }
            (call, polls) = (back, polls + 1);
        }
    });
    BUSY_INSIDE.store(0, Ordering::Relaxed);
    let row = session.report().row("works_and_waits");
    assert_eq!((row.calls(), row.number("polls"), row.number("completed"), polls), (1, 3, 1, 3));
    assert_between(300_000, row.number("total_ns"), outside);
    assert!(row.number("busy_ns") >= 299_000 && row.number("busy_ns") <= row.number("total_ns"));
}

#[hotpath::measure]
async fn never_ready() {
    pending().await
}

#[test]
fn dropped_calls_are_cancelled_and_unpolled_ones_are_none() {
    let session = session();
    drop(never_ready());
    assert!(session.report().named("never_ready").is_empty());
    for polls in [1, 3] {
        let mut call = Box::pin(never_ready());
        (0..polls).for_each(|_| assert!(poll_once(call.as_mut()).is_pending()));
        let row = session.report().row("never_ready");
        assert_eq!(row.number("running"), 1);
    }
    let row = session.report().row("never_ready");
    assert_eq!((row.calls(), row.number("cancelled"), row.number("completed")), (2, 2, 0));
    assert_eq!((row.number("polls"), row.number("running")), (4, 0));
}

#[test]
fn a_panicking_poll_ends_its_call_once() {
    #[hotpath::measure]
    async fn panics_later() {
        Yields(1).await;
        panic!("on purpose");
    }
    let session = session();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    assert!(runtime.block_on(async { tokio::spawn(panics_later()).await }).is_err());
    let row = session.report().row("panics_later");
    assert_eq!(
        (row.calls(), row.number("completed") + row.number("cancelled"), row.number("running")),
        (1, 1, 0)
    );
}

#[hotpath::measure]
async fn caller() {
    spin_us(100);
    callee().await;
    Yields(1).await;
    plain_callee();
}

#[hotpath::measure]
async fn callee() {
    spin_us(200);
    Yields(2).await;
    spin_us(200);
}

#[hotpath::measure]
fn plain_callee() {
    spin_us(300);
}

#[test]
fn self_time_is_busy_time_minus_callees() {
    let session = session();
    let (outside, ()) = timed(|| {
        block_on(async {
            for _ in 0..5 {
                caller().await
            }
        })
    });
    let report = session.report();
    let (caller, callee, plain) = (report.row("caller"), report.row("callee"), report.row("plain_callee"));
    let wanted = caller.number("busy_ns") - callee.number("busy_ns") - plain.number("total_ns");
    assert!(caller.number("self_ns").abs_diff(wanted) <= 5, "{wanted} wanted: {caller:#?}");
    assert_between(5 * 800_000, caller.number("busy_ns"), outside);
    let own: u64 = report.rows().iter().map(|row| row.number("self_ns")).sum();
    assert!(own <= report.duration_ns() + 10);
    let node = &report.tree()[0];
    assert_eq!(node.child("caller").child("callee").calls, 5);
    assert_eq!(node.child("caller").child("plain_callee").calls, 5);
}

#[hotpath::measure]
async fn recurses(depth: u32) {
    spin_us(50);
    Yields(1).await;
    if depth > 1 {
        Box::pin(recurses(depth - 1)).await;
    }
}

#[test]
fn recursion_counts_its_time_once() {
    let session = session();
    let (outside, ()) = timed(|| block_on(recurses(10)));
    let row = session.report().row("recurses");
    assert_eq!((row.calls(), row.number("completed")), (10, 10));
    assert_between(500_000, row.number("total_ns"), outside);
    assert!(row.number("busy_ns") <= row.number("total_ns"));
    assert!(row.number("self_ns") <= row.number("busy_ns") + 1);
}

#[hotpath::measure]
fn of_another_task() {
    spin_us(2000);
}

async fn waits_until(is_done: &AtomicBool) {
    poll_fn(|context| {
        if is_done.load(Ordering::Acquire) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[test]
fn a_block_that_awaits_does_not_include_other_tasks() {
    let session = session();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let is_done = Arc::new(AtomicBool::new(false));
        let waits = Arc::clone(&is_done);
        let waiting = tokio::spawn(async move {
            hotpath::measure_block!("waiting", {
                spin_us(100);
                waits_until(&waits).await;
                spin_us(100);
            });
        });
        let working = tokio::spawn(async move {
            tokio::task::yield_now().await;
            of_another_task();
            is_done.store(true, Ordering::Release);
        });
        waiting.await.expect("it does not panic");
        working.await.expect("it does not panic");
    });
    let report = session.report();
    let (block, other) = (report.row("waiting"), report.row("of_another_task"));
    assert_eq!((block.calls(), other.calls()), (1, 1));
    assert_between(2_200_000, block.number("total_ns"), report.duration_ns());
    let own = block.number("self_ns");
    assert!(own + 1000 >= 200_000, "{own}");
    assert!(own + other.number("total_ns") <= report.duration_ns(), "{own} ns collected");
    assert!(own + other.number("total_ns") <= block.number("total_ns") + 10, "{own} ns collected");
    let is_inside = report.tree().iter().any(|root| {
        let mut found = false;
        root.visit(&mut |node| found |= node.name == "waiting" && node.calls_below("of_another_task") > 0);
        found
    });
    assert!(!is_inside);
}

#[test]
fn blocks_of_many_tasks_keep_their_frames_apart() {
    #[hotpath::measure]
    fn after() {}
    async fn inner(n: u32) {
        hotpath::measure_block!("inner block", Yields(n % 7).await);
    }
    let session = session();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().expect("a runtime");
    runtime.block_on(async {
        let task = |n: u32| async move {
            hotpath::measure_block!("outer block", {
                Yields(n % 5).await;
                inner(n).await;
                Yields(n % 3).await;
            });
            after();
        };
        let tasks: Vec<_> = (0..200).map(|n| tokio::spawn(task(n))).collect();
        for task in tasks {
            task.await.expect("it does not panic");
        }
    });
    let report = session.report();
    for name in ["outer block", "inner block", "after"] {
        let row = report.row(name);
        assert_eq!((row.calls(), row.number("running")), (200, 0), "{name}");
        let in_tree: u64 = report.tree().iter().map(|root| root.calls_below(name)).sum();
        assert_eq!(in_tree, 200, "{name} in {:#?}", report.tree());
    }
    // `after` runs when the blocks are over: it is below no block.
    report.tree().iter().for_each(|root| {
        root.visit(&mut |node| {
            assert!(node.name != "outer block" || node.calls_below("after") == 0, "{root:#?}")
        });
    });
}

#[test]
fn a_block_that_waits_inside_another_one() {
    let session = session();
    block_on(async {
        for n in 0..10 {
            hotpath::measure_block!("around", {
                hotpath::measure_block!("within", Yields(n % 3).await);
            });
            works_and_waits().await;
        }
    });
    BUSY_INSIDE.store(0, Ordering::Relaxed);
    let report = session.report();
    let (around, within) = (report.row("around"), report.row("within"));
    assert_eq!((around.calls(), within.calls(), report.row("works_and_waits").calls()), (10, 10, 10));
    assert!(around.number("total_ns") >= within.number("total_ns"));
    assert!(around.number("total_ns") < report.row("works_and_waits").number("total_ns"));
}

#[test]
fn futures_with_a_block_or_a_measured_call_stay_send() {
    fn is_send<T: Send>(future: T) -> T {
        future
    }
    let session = session();
    block_on(is_send(async {
        let value = hotpath::measure_block!("sum", {
            Yields(1).await;
            1 + 2
        });
        assert_eq!(value, 3);
        works_and_waits().await;
    }));
    BUSY_INSIDE.store(0, Ordering::Relaxed);
    assert_eq!(session.report().row("sum").calls(), 1);
}

#[test]
fn a_future_that_is_not_send_can_be_measured_too() {
    #[hotpath::measure]
    async fn local(count: Rc<Cell<u32>>) -> u32 {
        Yields(1).await;
        count.set(count.get() + 1);
        count.get()
    }
    let session = session();
    assert_eq!(block_on(local(Rc::new(Cell::new(4)))), 5);
    assert_eq!(session.report().row("local").number("completed"), 1);
}
