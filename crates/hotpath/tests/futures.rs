//! Futures: the report has what the test did, call by call.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll, Waker},
    time::Duration,
};

use common::{Row, Session, Yields, assert_between, session, session_with, spin, spin_us, timed};
use futures::executor::block_on;
use hotpath::futures::{FutureCall, FutureState, recent_calls};
use proptest::prelude::*;

#[track_caller]
fn row(session: &Session, label: &str) -> Row {
    let report = session.report();
    let data = report.0["futures"]["data"].as_array().cloned().unwrap_or_default();
    let is_it = |row: &Row| row.text("label") == label || row.text("label").ends_with(&format!("::{label}"));
    let mut found: Vec<Row> = data.into_iter().map(Row).filter(is_it).collect();
    assert_eq!(found.len(), 1, "rows named {label}: {found:#?}");
    found.remove(0)
}

fn calls(label: &str) -> Vec<FutureCall> {
    let is_it = |call: &FutureCall| call.label == label || call.label.ends_with(&format!("::{label}"));
    recent_calls().into_iter().filter(is_it).collect()
}

fn states(label: &str) -> Vec<FutureState> {
    calls(label).iter().map(|call| call.state).collect()
}

fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_call_goes_through_its_states() {
    let session = session();
    let inside = async {
        assert_eq!(states("stages"), [FutureState::Running]);
        Yields(2).await;
        7
    };
    let future = hotpath::future!(inside, label = "stages", log = true);
    assert_eq!(states("stages"), [FutureState::Pending]);
    {
        let mut future = pin!(future);
        assert!(poll(future.as_mut()).is_pending());
        assert_eq!(states("stages"), [FutureState::Suspended]);
        assert!(poll(future.as_mut()).is_pending());
        assert_eq!(poll(future.as_mut()), Poll::Ready(7));
        assert_eq!(states("stages"), [FutureState::Ready]);
    }
    let call = calls("stages").remove(0);
    assert_eq!((call.state, call.poll_count, call.result.as_deref()), (FutureState::Ready, 3, Some("7")));
    assert_eq!(call.total_poll_alloc_bytes, None); // this program has no counting allocator
    let row = row(&session, "stages");
    assert_eq!((row.number("call_count"), row.number("total_polls"), row.number("completed")), (1, 3, 1));
    assert_eq!(row.number("total_poll_duration_ns"), call.total_poll_duration_ns);
    assert_eq!(u64::from(call.future_id), row.number("id"));
}

#[test]
fn a_dropped_call_is_cancelled() {
    let session = session();
    let make = || hotpath::future!(Yields(5), label = "given up");
    drop(make()); // never polled: cancelled at once
    {
        let mut future = pin!(make());
        assert!(poll(future.as_mut()).is_pending());
    }
    block_on(make());
    assert_eq!(states("given up"), [FutureState::Cancelled, FutureState::Cancelled, FutureState::Ready]);
    assert_eq!(calls("given up").iter().map(|call| call.poll_count).collect::<Vec<_>>(), [0, 1, 6]);
    let row = row(&session, "given up");
    assert_eq!((row.number("call_count"), row.number("completed"), row.number("cancelled")), (3, 1, 2));
    assert_eq!(row.number("total_polls"), 7);
}

#[test]
fn a_future_that_is_never_polled_is_a_call_and_a_function_is_not() {
    #[hotpath::measure(future = true)]
    async fn unpolled_function() {}

    let session = session();
    drop(hotpath::future!(async { 4 }, label = "unpolled"));
    drop(unpolled_function());
    let row = row(&session, "unpolled");
    let numbers = ["call_count", "total_polls", "completed", "cancelled", "total_poll_duration_ns"];
    assert_eq!(numbers.map(|key| row.number(key)), [1, 0, 0, 1, 0]);
    let rows = session.report().0["futures"]["data"].to_string();
    assert!(!rows.contains("unpolled_function"), "{rows}");
}

#[test]
fn polls_are_timed_one_by_one() {
    let session = session();
    let mut lengths = vec![100, 600, 200].into_iter();
    let mut clocks = Vec::new();
    let steps = poll_fn(|_| {
        let Some(length) = lengths.next() else { return Poll::Ready(()) };
        clocks.push(timed(|| spin_us(length)).0);
        Poll::Pending
    });
    let outside = {
        let mut future = pin!(hotpath::future!(steps, label = "timed"));
        timed(|| while poll(future.as_mut()).is_pending() {}).0
    };
    let inside: u64 = clocks.iter().sum();
    let (row, call) = (row(&session, "timed"), calls("timed").remove(0));
    assert_between(inside, row.number("total_poll_duration_ns"), outside);
    assert_between(inside, call.total_poll_duration_ns, outside);
    assert!(
        call.max_poll_duration_ns >= clocks[1] - 1_000
            && row.number("poll_max_ns") == call.max_poll_duration_ns
    );
    assert!(call.last_poll_duration_ns < call.max_poll_duration_ns);
    assert_eq!(row.number("poll_avg_ns"), row.number("total_poll_duration_ns") / 4);
    assert!(row.number("wait_ns") <= outside);
}

#[test]
fn a_poll_that_takes_too_long_counts_as_blocking() {
    let session = session();
    let work = || {
        hotpath::future!(
            async {
                spin(Duration::from_millis(12));
                Yields(1).await;
                spin_us(100);
            },
            label = "blocks"
        )
    };
    block_on(work());
    block_on(work());
    block_on(hotpath::future!(Yields(50), label = "quick"));
    let report = session.report();
    assert_eq!(report.0["futures"]["blocking_threshold_ns"], 10_000_000);
    assert_eq!(row(&session, "blocks").number("blocking_polls"), 2);
    assert_eq!(row(&session, "quick").number("blocking_polls"), 0);
}

#[hotpath::future_fn(log = true)]
async fn page(n: u32) -> u32 {
    Yields(n).await;
    n
}

#[hotpath::measure(future = true)]
async fn both(n: u32) -> u32 {
    page(n).await
}

struct Block;

#[hotpath::measure_all(log = true, future = true)]
impl Block {
    async fn later(n: u32) -> u32 {
        page(n).await
    }

    fn at_once(n: u32) -> u32 {
        n
    }
}

/// Options of a block hold for each of its functions that can have them.
#[test]
fn the_async_functions_of_an_impl_are_instrumented() {
    let session = session();
    assert_eq!(block_on(Block::later(2)) + Block::at_once(2), 4);
    assert_eq!(row(&session, "later").number("total_polls"), 3);
    assert_eq!(calls("later")[0].result.as_deref(), Some("2"));
    let report = session.report();
    assert_eq!((report.row("later").number("calls"), report.row("at_once").number("calls")), (1, 1));
}

#[test]
fn attributes_instrument_futures_too() {
    let session = session();
    assert_eq!(block_on(both(2)), 2);
    assert_eq!(
        (row(&session, "page").number("total_polls"), row(&session, "both").number("total_polls")),
        (3, 3)
    );
    assert_eq!(calls("page")[0].result.as_deref(), Some("2"));
    assert_eq!(calls("both")[0].result, None);
    assert_eq!(session.report().row("both").number("polls"), 3);
    assert!(session.report().named("page").is_empty());
}

#[test]
fn calls_that_move_between_threads_are_one() {
    let session = session();
    let mut future = Box::pin(hotpath::future!(Yields(4), label = "travels"));
    let pending = |mut future: Pin<Box<_>>| {
        std::thread::spawn(move || {
            assert!(poll(Pin::as_mut(&mut future)).is_pending());
            future
        })
        .join()
        .expect("it ends")
    };
    for _ in 0..4 {
        future = pending(future);
        assert_eq!(states("travels"), [FutureState::Suspended]);
    }
    std::thread::spawn(move || block_on(future)).join().expect("it ends");
    let calls = calls("travels");
    assert_eq!((calls.len(), calls[0].state, calls[0].poll_count), (1, FutureState::Ready, 5));
    assert_eq!(row(&session, "travels").number("total_polls"), 5);
}

#[test]
fn recent_calls_are_bounded_and_the_newest() {
    let session = session();
    let make = || Box::pin(hotpath::future!(Yields(1), label = "many"));
    let mut alive: Vec<_> = (0..100).map(|_| make()).collect();
    for future in &mut alive {
        assert!(poll(future.as_mut()).is_pending());
    }
    let on_their_way = calls("many");
    assert!((1..=50).contains(&on_their_way.len()));
    assert!(on_their_way.iter().all(|call| call.state == FutureState::Suspended && call.poll_count == 1));
    for future in alive {
        block_on(future);
    }
    for n in 0..1_000_u32 {
        block_on(hotpath::future!(async move { n }, label = "many again", log = true));
    }
    assert_eq!(states("many"), [FutureState::Ready; 50]);
    let results: Vec<_> =
        calls("many again").into_iter().map(|call| call.result.expect("it is logged")).collect();
    assert_eq!(results, (950..1_000).map(|n| n.to_string()).collect::<Vec<_>>());
    assert_eq!(row(&session, "many").number("completed"), 100);
    // What ended gave its place free.
    let again = make();
    assert_eq!(states("many")[0], FutureState::Pending);
    drop(again);
}

#[test]
fn a_call_is_counted_in_each_session_that_sees_it() {
    let first = session();
    let mut long = Box::pin(hotpath::future!(Yields(5), label = "long"));
    assert!(poll(long.as_mut()).is_pending());
    assert!(poll(long.as_mut()).is_pending());
    let second = first.followed_by_another(|| assert!(recent_calls().is_empty()));
    assert!(states("long").is_empty());
    assert!(poll(long.as_mut()).is_pending());
    assert_eq!(
        calls("long").iter().map(|call| (call.state, call.poll_count)).collect::<Vec<_>>(),
        [(FutureState::Suspended, 1)]
    );
    drop(long);
    assert_eq!(
        (row(&second, "long").number("cancelled"), row(&second, "long").number("total_polls")),
        (1, 1)
    );
    assert_eq!(states("long"), [FutureState::Cancelled]);
}

#[test]
fn sampled_polls_are_counted_all_and_timed_some() {
    let session = session_with(|builder| builder.futures_time_sampling_rate(0.25));
    for _ in 0..100 {
        block_on(hotpath::future!(Yields(99), label = "sampled"));
    }
    let row = row(&session, "sampled");
    assert_eq!(
        (row.number("total_polls"), row.number("call_count"), row.number("completed")),
        (10_000, 100, 100)
    );
    assert!((1_500..4_000).contains(&row.number("sampled_polls")), "{row:?}");
    assert!(row.number("total_poll_duration_ns") > 0 && row.is_unknown("wait_ns"));
    assert!(calls("sampled").iter().all(|call| call.poll_count == 100 && call.state == FutureState::Ready));
    drop(session);
    let session = session_with(|builder| builder.futures_time_sampling_rate(0.0));
    block_on(hotpath::future!(Yields(9), label = "counted", log = true));
    let row = self::row(&session, "counted");
    assert_eq!((row.number("total_polls"), row.number("sampled_polls")), (10, 0));
    assert!(row.is_unknown("total_poll_duration_ns") && row.is_unknown("blocking_polls"));
    assert_eq!(calls("counted")[0].result.as_deref(), Some("()"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_watched_future_says_what_the_future_inside_says(pending in 0_u32..20, polls in 0_u32..25, records in any::<bool>()) {
        let session = records.then(session);
        let said = |future: Pin<Box<dyn Future<Output = ()>>>| {
            let mut future = future;
            let mut said = Vec::new();
            while said.len() < polls as usize && !matches!(said.last(), Some(Poll::Ready(()))) {
                said.push(poll(future.as_mut()));
            }
            said
        };
        let plain = said(Box::pin(Yields(pending)));
        prop_assert_eq!(&plain, &said(Box::pin(hotpath::future!(Yields(pending), label = "model"))));
        if let Some(session) = session && polls > 0 {
            let row = row(&session, "model");
            let (is_complete, is_cancelled) = (polls > pending, polls <= pending);
            prop_assert_eq!(row.number("total_polls"), plain.len() as u64);
            prop_assert_eq!(row.number("completed"), u64::from(is_complete));
            prop_assert_eq!(row.number("cancelled"), u64::from(is_cancelled));
        }
    }
}

#[test]
fn the_methods_of_the_future_inside_are_there() {
    let _session = session();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let endless = tokio::spawn(std::future::pending::<()>());
        let task = hotpath::future!(endless, label = "own methods", log = true);
        assert!(!task.is_finished());
        task.abort();
        assert!(task.await.is_err_and(|error| error.is_cancelled()));
        let mut limited = hotpath::future!(tokio::time::timeout(Duration::from_secs(600), async { 7 }));
        let _read: &_ = limited.get_ref();
        let _written: &mut _ = limited.get_mut();
        assert_eq!(hotpath::futures::into_inner(limited).into_inner().await, 7);
        let mut sleep = pin!(hotpath::future!(tokio::time::sleep(Duration::from_secs(600))));
        hotpath::futures::inner_pin_mut(sleep.as_mut()).reset(tokio::time::Instant::now());
        sleep.await;
    });
}

#[test]
fn a_fused_future_stays_fused() {
    use futures::future::{FusedFuture, FutureExt};
    let session = session();
    let answer = block_on(async {
        let mut first = pin!(hotpath::future!(async { 7 }.fuse(), label = "fused"));
        let mut other = pin!(hotpath::future!(std::future::pending::<u8>().fuse(), log = true));
        assert!(!first.is_terminated() && !other.is_terminated());
        let answer = futures::select! {
            answer = first => answer,
            answer = other => answer,
        };
        assert!(first.is_terminated());
        answer
    });
    assert_eq!((answer, row(&session, "fused").number("completed")), (7, 1));
}

#[test]
fn a_clone_is_another_call_and_into_inner_ends_one() {
    use futures::future::FutureExt;
    let session = session();
    let shared = hotpath::future!(async { 7 }.shared(), label = "cloned");
    assert_eq!(block_on(async { shared.clone().await + shared.await }), 14);
    let cloned = row(&session, "cloned");
    assert_eq!((cloned.number("call_count"), cloned.number("completed")), (2, 2));
    let mut taken = Box::pin(hotpath::future!(Box::pin(Yields(1)), label = "taken"));
    assert!(poll(taken.as_mut()).is_pending());
    let mut inside = hotpath::futures::into_inner(*Pin::into_inner(taken));
    assert!(poll(inside.as_mut()).is_ready());
    let taken = row(&session, "taken");
    assert_eq!(
        (taken.number("total_polls"), taken.number("completed"), taken.number("cancelled")),
        (1, 0, 1)
    );
}

#[test]
fn the_values_of_a_dropped_future_are_dropped_after_its_call_has_ended() {
    struct Asks;
    impl Drop for Asks {
        fn drop(&mut self) {
            assert_eq!(states("asks"), [FutureState::Cancelled]);
        }
    }
    let _session = session();
    let asks = Asks;
    let waits = async move {
        Yields(1).await;
        drop(asks);
    };
    let mut future = Box::pin(hotpath::future!(waits, label = "asks"));
    assert!(poll(future.as_mut()).is_pending());
    drop(future);
    assert_eq!(states("asks"), [FutureState::Cancelled]);
}
