//! Permits, oneshots, watches and broadcasts of tokio and futures: the report has the counts of the test.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off"), feature = "tokio", feature = "futures"))]

mod common;

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use common::{Session, assert_between, session, spin, timed};
use futures_util::{SinkExt as _, StreamExt as _};
use hotpath::channel;
use proptest::prelude::*;
use serde_json::Value;
use tokio::sync::{broadcast, mpsc, oneshot, watch};

fn row(session: &Session, label: &str) -> Value {
    let report = session.report();
    let rows = report.0["channels"]["data"].as_array().expect("the report has channels");
    rows.iter().find(|row| row["label"] == label).unwrap_or_else(|| panic!("no {label} in {rows:#?}")).clone()
}

fn number(row: &Value, key: &str) -> u64 {
    row[key].as_u64().unwrap_or_else(|| panic!("{key} is unknown in {row:#}"))
}

/// Sent, received, in the queue.
fn counts(session: &Session, label: &str) -> (u64, u64, u64) {
    let row = row(session, label);
    (number(&row, "sent_count"), number(&row, "received_count"), number(&row, "queue_len"))
}

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// What a future gives at once; `None` within if it is an error.
fn ready<T, E>(future: impl Future<Output = Result<T, E>>) -> Option<Option<T>> {
    match poll(future) {
        Poll::Ready(result) => Some(result.ok()),
        Poll::Pending => None,
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.expect("a runtime").block_on(future)
}

#[test]
fn the_delay_of_messages_and_the_wait_for_room_are_measured() {
    let session = session();
    let (tx, mut rx) = channel!(mpsc::channel::<u8>(1), label = "tokio times");
    let (outside, inside) = timed(|| {
        tx.try_send(1).unwrap();
        let mut waits = pin!(tx.send(2));
        let mut context = Context::from_waker(Waker::noop());
        assert!(waits.as_mut().poll(&mut context).is_pending());
        let (inside, ()) = timed(|| spin(Duration::from_millis(2)));
        assert_eq!(rx.try_recv(), Ok(1));
        assert!(waits.as_mut().poll(&mut context).is_ready());
        assert_eq!(rx.try_recv(), Ok(2));
        inside
    });
    let row = row(&session, "tokio times");
    // Both messages were there while the other spun; one waited for room meanwhile.
    assert_between(2 * inside, number(&row, "delay_avg_ns") * 2 + 1, 2 * outside);
    assert_between(inside, number(&row, "send_wait_max_ns"), outside);
    assert_eq!((number(&row, "queue_max"), number(&row, "capacity")), (1, 1));
}

#[test]
fn a_message_sent_with_a_permit_is_counted_when_it_is_sent() {
    let session = session();
    let (tx, mut rx) = channel!(mpsc::channel::<u8>(3), label = "tokio permits");
    block_on(async {
        let permit = tx.reserve().await.unwrap();
        assert_eq!((counts(&session, "tokio permits"), tx.capacity()), ((0, 0, 0), 2));
        permit.send(1);
        drop(tx.reserve().await.unwrap());
        for (value, permit) in (2..).zip(tx.reserve_many(2).await.unwrap()) {
            permit.send(value);
        }
        assert_eq!(counts(&session, "tokio permits"), (3, 0, 3));
        let full = tx.try_reserve_owned().unwrap_err().into_inner();
        assert_eq!(rx.recv().await, Some(1));
        let tx = full.reserve_owned().await.unwrap().send(4);
        assert!(!tx.is_closed());
        drop(tx);
        let mut buffer = Vec::new();
        assert_eq!(rx.recv_many(&mut buffer, 10).await, 3);
        assert_eq!((buffer, rx.recv().await), (vec![2, 3, 4], None));
    });
    assert_eq!(counts(&session, "tokio permits"), (4, 4, 0));
    assert_eq!(row(&session, "tokio permits")["state"], "closed");
}

#[test]
fn select_and_timeouts_lose_what_the_original_loses() {
    let session = session();
    block_on(async {
        let (tx, mut rx) = channel!(mpsc::channel::<String>(1), label = "tokio select");
        let (quick, mut ready) = channel!(mpsc::unbounded_channel::<u8>(), label = "tokio quick");
        quick.send(1).unwrap();
        let got = tokio::select! {
            biased;
            _ = rx.recv() => 0,
            Some(value) = ready.recv() => value,
        };
        assert_eq!(got, 1);
        tx.send("first".to_owned()).await.unwrap();
        tokio::select! {
            biased;
            _ = tx.send("lost".to_owned()) => unreachable!(),
            () = std::future::ready(()) => {}
        }
        let timeout = tx.send_timeout("late".to_owned(), Duration::ZERO).await;
        assert_eq!(timeout, Err(mpsc::error::SendTimeoutError::Timeout("late".to_owned())));
        let full = tx.try_send("full".to_owned());
        assert_eq!(full, Err(mpsc::error::TrySendError::Full("full".to_owned())));
        assert_eq!(rx.recv().await.as_deref(), Some("first"));
        assert_eq!(poll(rx.recv()), Poll::Pending);
        drop(rx);
        assert_eq!(tx.send("closed".to_owned()).await, Err(mpsc::error::SendError("closed".to_owned())));
    });
    assert_eq!(counts(&session, "tokio select"), (1, 1, 0));
}

#[test]
fn blocking_calls_count_too() {
    let session = session();
    let (tx, mut rx) = channel!(mpsc::channel::<u8>(2), label = "tokio blocking");
    let sender = std::thread::spawn(move || (0..20).try_for_each(|value| tx.blocking_send(value)));
    assert_eq!(rx.blocking_recv(), Some(0));
    let mut rest = Vec::new();
    while rx.blocking_recv_many(&mut rest, 3) > 0 {}
    sender.join().unwrap().unwrap();
    assert_eq!(rest, (1..20).collect::<Vec<_>>());
    assert_eq!(counts(&session, "tokio blocking"), (20, 20, 0));
    assert!(number(&row(&session, "tokio blocking"), "queue_max") <= 2);
}

#[test]
fn a_oneshot_is_a_future_of_its_message() {
    let session = session();
    for n in 0..10_u32 {
        let (tx, mut rx) = channel!(oneshot::channel(), label = "tokio oneshot");
        assert!(rx.try_recv().is_err() && rx.is_empty() && !rx.is_terminated());
        assert_eq!(tx.send(n), Ok(()));
        assert_eq!(poll(&mut rx), Poll::Ready(Ok(n)));
        assert!(rx.is_terminated());
    }
    let (tx, rx) = channel!(oneshot::channel::<u32>(), label = "tokio oneshot lost");
    drop(rx);
    assert!(tx.is_closed());
    assert_eq!(tx.send(3), Err(3));
    let (mut tx, rx) = channel!(oneshot::channel::<u32>(), label = "tokio oneshot unsent");
    assert_eq!(poll(tx.closed()), Poll::Pending);
    drop(tx);
    assert!(rx.blocking_recv().is_err());
    let row = row(&session, "tokio oneshot");
    assert_eq!((number(&row, "instances"), &row["channel_type"]), (10, &"oneshot".into()));
    assert_eq!(counts(&session, "tokio oneshot"), (10, 10, 0));
    assert_eq!(counts(&session, "tokio oneshot lost"), (0, 0, 0));
    let state = |label: &str| self::row(&session, label)["state"].clone();
    assert_eq!((state("tokio oneshot"), state("tokio oneshot lost")), ("notified".into(), "closed".into()));
    let (tx, rx) = channel!(oneshot::channel::<u32>(), label = "tokio oneshot waits");
    assert_eq!(state("tokio oneshot waits"), "active");
    assert_eq!(tx.send(3), Ok(()));
    assert_eq!(state("tokio oneshot waits"), "notified");
    drop(rx);
    let (tx, rx) = channel!(futures_channel::oneshot::channel::<u8>(), label = "futures oneshot");
    assert!(tx.is_connected_to(&rx) && !tx.is_canceled());
    assert_eq!((tx.send(1), poll(rx)), (Ok(()), Poll::Ready(Ok(1))));
    let (tx, mut rx) = channel!(futures_channel::oneshot::channel::<u8>(), label = "futures oneshot");
    rx.close();
    assert_eq!((tx.is_canceled(), tx.send(2)), (true, Err(2)));
    assert_eq!(counts(&session, "futures oneshot"), (1, 1, 0));
}

#[test]
fn a_value_of_a_watch_is_sent_once_and_received_by_whoever_sees_it() {
    let session = session();
    let (tx, mut rx) = channel!(watch::channel(0), label = "tokio watch");
    let mut other = rx.clone();
    assert!(!rx.has_changed().unwrap());
    tx.send(1).unwrap();
    tx.send_modify(|value| *value += 1);
    assert!(!tx.send_if_modified(|_| false));
    assert_eq!(ready(rx.changed()), Some(Some(())));
    assert_eq!(*rx.borrow_and_update(), 2); // seen already
    assert_eq!(*rx.borrow(), 2);
    assert_eq!(*other.borrow_and_update(), 2);
    assert_eq!((tx.send_replace(3), tx.receiver_count()), (2, 2));
    assert_eq!(ready(rx.wait_for(|value| *value == 3)).map(|value| value.map(|value| *value)), Some(Some(3)));
    rx.mark_changed();
    drop(tx);
    assert_eq!((ready(rx.changed()), ready(rx.changed())), (Some(Some(())), Some(None)));
    assert_eq!(counts(&session, "tokio watch"), (3, 4, 0));
    let row = row(&session, "tokio watch");
    assert_eq!((&row["channel_type"], &row["state"]), (&"watch".into(), &"closed".into()));
    assert!(row["queue_max"].is_null());
}

#[test]
fn the_messages_of_a_used_channel_come_along() {
    let session = session();
    let (tx, rx) = mpsc::channel(4);
    tx.try_send(1).unwrap();
    let (tx, mut rx) = channel!((tx, rx), label = "tokio used");
    tx.try_send(2).unwrap();
    assert_eq!((rx.try_recv(), rx.try_recv(), tx.max_capacity()), (Ok(1), Ok(2), 4));
    assert_eq!(counts(&session, "tokio used"), (1, 2, 0));
    let (tx, rx) = broadcast::channel(2);
    (1..=3).for_each(|value| drop(tx.send(value)));
    let (tx, mut rx) = channel!((tx, rx), label = "broadcast used", capacity = 2);
    assert_eq!((rx.try_recv(), rx.len(), tx.len()), (Ok(2), 1, 1));
    assert_eq!(counts(&session, "broadcast used"), (0, 1, 1));
}

#[test]
fn proxies_keep_the_types_and_count() {
    let session = session();
    let (tx, mut rx): (mpsc::Sender<u8>, mpsc::Receiver<u8>) =
        channel!(mpsc::channel(4), label = "proxy tokio", proxy = true);
    let (unbounded, mut rest): (mpsc::UnboundedSender<u8>, mpsc::UnboundedReceiver<u8>) =
        channel!(mpsc::unbounded_channel(), label = "proxy tokio unbounded", proxy = true);
    let (once, value): (oneshot::Sender<u8>, oneshot::Receiver<u8>) =
        channel!(oneshot::channel(), label = "proxy tokio oneshot", proxy = true, log = true);
    block_on(async {
        for value in 0..50 {
            unbounded.send(value).unwrap();
        }
        let sending = async {
            for value in 0..50 {
                tx.send(value).await.unwrap();
            }
            drop(tx);
        };
        let receiving = async {
            for value in 0..50 {
                assert_eq!((rx.recv().await, rest.recv().await), (Some(value), Some(value)));
            }
            assert_eq!(rx.recv().await, None);
        };
        tokio::join!(sending, receiving);
        once.send(9).unwrap();
        assert_eq!(value.await, Ok(9));
    });
    let (mut tx, mut rx): (futures_channel::mpsc::Sender<u8>, futures_channel::mpsc::Receiver<u8>) =
        channel!(futures_channel::mpsc::channel(3), label = "proxy futures", proxy = true);
    let (once, value) =
        channel!(futures_channel::oneshot::channel::<u8>(), label = "proxy futures oneshot", proxy = true);
    let (free, mut rest) =
        channel!(futures_channel::mpsc::unbounded::<u8>(), label = "proxy futures unbounded", proxy = true);
    block_on(async {
        let sending = async {
            for value in 0..50 {
                tx.send(value).await.unwrap();
                free.unbounded_send(value).unwrap();
            }
            drop((tx, free));
        };
        let receiving = async {
            for value in 0..50 {
                assert_eq!((rx.next().await, rest.next().await), (Some(value), Some(value)));
            }
            assert_eq!((rx.next().await, rest.next().await), (None, None));
        };
        tokio::join!(sending, receiving);
        once.send(9).unwrap();
        assert_eq!(value.await, Ok(9));
    });
    let sent = |label| row(&session, label)["sent_count"].as_u64();
    for label in ["proxy tokio", "proxy tokio unbounded", "proxy futures", "proxy futures unbounded"] {
        assert_eq!(sent(label), Some(50), "{label}");
    }
    assert_eq!((sent("proxy tokio oneshot"), sent("proxy futures oneshot")), (Some(1), Some(1)));
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Send(u8),
    Receive(usize),
    Subscribe,
    Resubscribe,
    DropReceiver,
    CloneSender,
    DropSender,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => any::<u8>().prop_map(Step::Send),
        6 => (0..4_usize).prop_map(Step::Receive),
        1 => Just(Step::Subscribe),
        1 => Just(Step::Resubscribe),
        1 => Just(Step::DropReceiver),
        1 => Just(Step::CloneSender),
        1 => Just(Step::DropSender),
    ];
    prop::collection::vec(step, 0..60)
}

macro_rules! broadcast {
    ($steps:expr, $ends:expr) => {{
        let (tx, rx) = $ends;
        let (mut senders, mut receivers, mut lines) = (vec![tx], vec![rx], Vec::new());
        let (mut sent, mut received, mut queue) = (0, 0, 0);
        for step in $steps {
            match *step {
                Step::Send(value) => {
                    let Some(tx) = senders.last() else { continue };
                    let result = tx.send(value);
                    sent += u64::from(result.is_ok());
                    lines.push(format!("{result:?}"));
                }
                Step::Receive(at) => {
                    let Some(rx) = receivers.get_mut(at) else { continue };
                    let result = rx.try_recv();
                    received += u64::from(result.is_ok());
                    lines.push(format!("{result:?} {} {}", rx.len(), rx.is_closed()));
                }
                Step::Subscribe => receivers.extend(senders.last().map(|tx| tx.subscribe())),
                Step::Resubscribe => receivers.extend(receivers.last().map(|rx| rx.resubscribe())),
                Step::DropReceiver => drop(receivers.pop()),
                Step::CloneSender => senders.extend(senders.last().cloned()),
                Step::DropSender => drop(senders.pop()),
            }
            if let Some(tx) = senders.last() {
                queue = tx.len() as u64;
                lines.push(format!("{queue} {} {}", tx.receiver_count(), tx.strong_count()));
            }
        }
        let queue = senders.last().map(|_| queue);
        (lines, sent, received, queue, (senders, receivers))
    }};
}

#[test]
fn a_broadcast_does_what_the_original_does_and_its_queue_is_exact() {
    proptest!(ProptestConfig::with_cases(96), |(capacity in 1..6_usize, steps in steps())| {
        let session = session();
        let (original, _, _, _, _ends) = broadcast!(&steps, broadcast::channel::<u8>(capacity));
        let watched = channel!(broadcast::channel::<u8>(capacity), label = "broadcast model", capacity = capacity);
        let (watched, sent, received, queue, ends) = broadcast!(&steps, watched);
        prop_assert_eq!(&watched, &original);
        let (told_sent, told_received, told_queue) = counts(&session, "broadcast model");
        prop_assert_eq!((told_sent, told_received), (sent, received));
        // Without a sender nobody tells the length, until all have gone.
        prop_assert_eq!(told_queue, queue.unwrap_or(told_queue));
        drop(ends);
        prop_assert_eq!(counts(&session, "broadcast model"), (sent, received, 0));
    });
}
