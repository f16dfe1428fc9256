//! Streams: the report has the counts of the test, and an instrumented stream behaves like the one inside.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::{
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use common::{Row, Session, assert_between, session, session_with, spin_us, timed};
use futures::{
    StreamExt,
    executor::block_on,
    stream::{self, FusedStream, Stream},
};
use proptest::prelude::*;

fn rows(session: &Session) -> Vec<Row> {
    let report = session.report();
    let data = report.0["streams"]["data"].as_array().cloned().unwrap_or_default();
    data.into_iter().map(Row).collect()
}

#[track_caller]
fn row(session: &Session, label: &str) -> Row {
    let mut found: Vec<Row> = rows(session).into_iter().filter(|row| row.text("label") == label).collect();
    assert_eq!(found.len(), 1, "rows named {label}: {found:#?}");
    found.remove(0)
}

#[test]
fn items_and_the_end_are_counted() {
    let session = session();
    let numbers = hotpath::stream!(stream::iter(1..=100_u16), label = "numbers");
    assert_eq!(block_on(numbers.collect::<Vec<_>>()), (1..=100).collect::<Vec<_>>());
    let row = row(&session, "numbers");
    assert_eq!((row.number("items_yielded"), row.text("state")), (100, "closed"));
    assert_eq!((row.number("instances"), row.number("completed"), row.number("dropped")), (1, 1, 0));
    assert_eq!((row.text("type_name"), row.number("type_size")), ("u16", 2));
    assert!(row.text("source").contains("streams.rs:"));
    let gaps: u64 =
        row.0["gap_histogram"].as_array().expect("a histogram").iter().map(|b| b[1].as_u64().unwrap()).sum();
    assert_eq!(gaps, 100);
}

#[test]
fn a_gap_is_the_time_from_one_item_to_the_next() {
    let session = session();
    let mut slow = hotpath::stream!(stream::iter(0..5).map(|n| spin_us(n * 100)), label = "slow");
    let (outside, inside) = timed(|| {
        block_on(slow.next());
        timed(|| (0..4).for_each(|_| block_on(slow.next()).expect("there are more"))).0
    });
    let row = row(&session, "slow");
    assert_between(inside, row.number("gap_sum_ns"), outside);
    assert!(row.number("gap_max_ns") >= 400_000 - 1_000);
    assert_eq!(row.text("state"), "active");
}

#[test]
fn streams_of_a_call_site_are_one_row_or_one_each() {
    let session = session();
    let make = || hotpath::stream!(stream::iter(0..3), label = "shared");
    let single = || hotpath::stream!(stream::iter(0..3), label = "single", iter = true);
    let (mut dropped, mut kept) = (make(), make());
    block_on(dropped.next());
    block_on(kept.next());
    drop(make()); // never polled: no stream of this session
    assert_eq!(row(&session, "shared").text("state"), "active");
    drop(dropped);
    let mut rest = Vec::new();
    while let Some(n) = block_on(kept.next()) {
        rest.push(n);
    }
    assert_eq!(rest, [1, 2]);
    let shared = row(&session, "shared");
    assert_eq!((shared.number("instances"), shared.number("closed_instances")), (2, 2));
    assert_eq!(
        (shared.number("completed"), shared.number("dropped"), shared.text("state")),
        (1, 1, "closed")
    );
    assert_eq!(shared.number("items_yielded"), 4);
    for _ in 0..3 {
        assert_eq!(block_on(single().count()), 3);
    }
    let labels: Vec<String> = rows(&session)
        .iter()
        .map(|row| row.text("label").to_owned())
        .filter(|l| l.starts_with("single"))
        .collect();
    assert_eq!(labels.len(), 3, "{labels:?}");
    assert_eq!(row(&session, "single-3").number("items_yielded"), 3);
    // A clone is a stream of its own.
    let mut first = make();
    block_on(first.next());
    let second = first.clone();
    assert_eq!((block_on(first.count()), block_on(second.count())), (2, 2));
    assert_eq!(row(&session, "shared").number("instances"), 4);
}

#[test]
fn a_stream_is_counted_in_each_session_that_sees_it() {
    let first = session();
    let mut long = hotpath::stream!(stream::iter(0..10), label = "long");
    block_on(long.next());
    drop(first);
    block_on(long.next()); // nobody looks
    let second = session();
    block_on(long.next());
    hotpath::reset();
    assert!(rows(&second).iter().all(|row| row.text("label") != "long"));
    block_on(long.next());
    block_on(long.next());
    hotpath::pause();
    block_on(long.next());
    drop(long); // its end is known also while paused
    hotpath::resume();
    let row = row(&second, "long");
    assert_eq!((row.number("instances"), row.number("items_yielded")), (1, 2));
    assert_eq!((row.number("dropped"), row.text("state")), (1, "closed"));
}

#[test]
fn items_are_counted_on_all_threads_and_all_when_sampled() {
    let session = session_with(|builder| builder.futures_time_sampling_rate(0.25));
    let work = || block_on(hotpath::stream!(stream::iter(0..10_000), label = "spread", log = true).count());
    let threads: Vec<_> = (0..4).map(|_| std::thread::spawn(work)).collect();
    threads.into_iter().for_each(|thread| assert_eq!(thread.join().expect("it ends"), 10_000));
    let row = row(&session, "spread");
    assert_eq!((row.number("items_yielded"), row.number("completed")), (40_000, 4));
    let gaps: u64 =
        row.0["gap_histogram"].as_array().expect("a histogram").iter().map(|b| b[1].as_u64().unwrap()).sum();
    assert!((5_000..15_000).contains(&gaps), "{gaps} of 40,000 are timed");
}

/// Says what it was told to say, then `None`; remembers that it ended.
#[derive(Clone, Debug)]
struct Script {
    steps: std::vec::IntoIter<Poll<Option<u8>>>,
    ended: bool,
}

impl Stream for Script {
    type Item = u8;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<u8>> {
        let step = self.steps.next().unwrap_or(Poll::Ready(None));
        match step {
            Poll::Pending => context.waker().wake_by_ref(),
            Poll::Ready(item) => self.ended |= item.is_none(),
        }
        step
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (0, Some(self.steps.len()))
    }
}

impl FusedStream for Script {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What a stream says to so many polls, and how often it wakes.
fn said<S: FusedStream<Item = u8> + std::fmt::Debug>(stream: S, polls: usize) -> (Vec<String>, usize) {
    let wakes = Arc::new(Wakes::default());
    let waker = Waker::from(Arc::clone(&wakes));
    let mut context = Context::from_waker(&waker);
    let mut stream = pin!(stream);
    let mut said = Vec::new();
    for _ in 0..polls {
        let poll = stream.as_mut().poll_next(&mut context);
        said.push(format!("{poll:?} {:?} {} {stream:?}", stream.size_hint(), stream.is_terminated()));
    }
    (said, wakes.0.load(Ordering::Relaxed))
}

fn step() -> impl Strategy<Value = Poll<Option<u8>>> {
    prop_oneof![3 => any::<u8>().prop_map(|n| Poll::Ready(Some(n))), 2 => Just(Poll::Pending), 1 => Just(Poll::Ready(None))]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_watched_stream_says_what_the_stream_inside_says(
        steps in prop::collection::vec(step(), 0..40),
        more in 0_usize..5,
        records in any::<bool>(),
    ) {
        let session = records.then(session);
        let script = Script { steps: steps.clone().into_iter(), ended: false };
        let polls = steps.len() + more; // also after the end
        let plain = said(script.clone(), polls);
        prop_assert_eq!(&plain, &said(hotpath::stream!(script.clone(), label = "model"), polls));
        prop_assert_eq!(&plain, &said(hotpath::stream!(script, label = "model", log = true), polls));
        if let Some(session) = session && polls > 0 {
            let items = steps.iter().filter(|step| matches!(step, Poll::Ready(Some(_)))).count() as u64;
            let found: u64 = rows(&session)
                .iter()
                .filter(|row| row.text("label") == "model")
                .map(|row| row.number("items_yielded"))
                .sum();
            prop_assert_eq!(found, 2 * items);
        }
    }
}

#[test]
fn an_instrumented_stream_is_send_and_unpin_if_the_one_inside_is() {
    fn is_send_and_unpin<T: Send + Sync + Unpin>(_: &T) {}
    let mut watched = hotpath::stream!(stream::iter(vec![1, 2]));
    is_send_and_unpin(&watched);
    // What the stream inside can do, the watched one can.
    assert_eq!(watched.get_ref_len(), 2);
    assert_eq!(block_on(watched.next()), Some(1));
    let cell = std::rc::Rc::new(1);
    let not_send = hotpath::stream!(stream::iter([cell]));
    assert_eq!(block_on(not_send.count()), 1);
}

trait Len {
    fn get_ref_len(&mut self) -> usize;
}

impl Len for stream::Iter<std::vec::IntoIter<i32>> {
    fn get_ref_len(&mut self) -> usize {
        self.size_hint().0
    }
}
