//! Selections, deadlines, sinks and weak ends of crossbeam-channel, flume and async-channel.
#![cfg(all(
    feature = "hotpath",
    not(feature = "hotpath-off"),
    feature = "crossbeam",
    feature = "flume",
    feature = "async-channel"
))]

mod common;

use std::{pin::pin, thread, time::Duration};

use common::{Session, session};
use futures_util::{SinkExt, StreamExt};
use hotpath::channel;
use serde_json::Value;
use smol::future::poll_once;

fn row(session: &Session, label: &str) -> Value {
    let report = session.report();
    let rows = report.0["channels"]["data"].as_array().expect("the report has channels");
    rows.iter().find(|row| row["label"] == label).unwrap_or_else(|| panic!("no {label} in {rows:#?}")).clone()
}

/// Sent, received, in the queue.
fn counts(session: &Session, label: &str) -> (u64, u64, u64) {
    let row = row(session, label);
    let number = |key: &str| row[key].as_u64().expect("a number");
    (number("sent_count"), number("received_count"), number("queue_len"))
}

#[test]
fn a_selection_counts_what_it_sends_and_receives() {
    use hotpath::wrap::crossbeam_channel::{Select, bounded, never, select};
    let session = session();
    let (tx, rx) = channel!(bounded::<u8>(1), label = "select");
    let mut evaluated = 0;
    let mut once = || {
        evaluated += 1;
        &rx
    };
    let sent = select! {
        recv(once()) -> message => message.map(|_| ()).map_err(|_| ()),
        send(tx, 7) -> result => {
            result.map_err(|_| ())
        }
        recv(never::<u8>()) -> _ => Err(()),
    };
    assert_eq!((sent, evaluated), (Ok(()), 1));
    let made = std::cell::Cell::new(0);
    select! {
        send(tx, made.replace(8)) -> _ => unreachable!(),
        default => assert_eq!(made.get(), 0, "a message that is not sent is not made"),
    }
    let received = select! {
        recv(rx) -> message => message,
        default(Duration::ZERO) => Ok(0),
    };
    assert_eq!(received, Ok(7));
    let mut selection = Select::new();
    let send = selection.send(&tx);
    let operation = selection.select();
    assert_eq!(operation.index(), send);
    assert_eq!(operation.send(&tx, 9), Ok(()));
    assert_eq!(counts(&session, "select"), (2, 1, 1));
    drop(tx);
    let last = |rx: &hotpath::wrap::crossbeam_channel::Receiver<u8>| {
        select! { recv(rx) -> message => message }
    };
    assert_eq!((last(&rx), last(&rx).ok()), (Ok(9), None));
    assert_eq!(counts(&session, "select"), (2, 2, 0));
}

#[test]
fn crossbeam_deadlines_and_earlier_messages_are_kept() {
    let session = session();
    let (tx, rx) = crossbeam_channel::bounded::<u8>(2);
    tx.send(1).unwrap();
    let (tx, rx) = channel!((tx, rx), label = "crossbeam pair");
    assert_eq!((tx.capacity(), rx.len(), tx.is_full()), (Some(2), 1, false));
    let now = std::time::Instant::now();
    assert_eq!(tx.send_deadline(2, now), Ok(()));
    assert_eq!(tx.send_deadline(3, now), Err(crossbeam_channel::SendTimeoutError::Timeout(3)));
    assert_eq!(tx.send_timeout(3, Duration::ZERO), Err(crossbeam_channel::SendTimeoutError::Timeout(3)));
    assert!(tx.same_channel(&tx.clone()) && rx.same_channel(&rx.clone()));
    assert_eq!(rx.try_iter().collect::<Vec<_>>(), [1, 2]);
    assert_eq!(rx.recv_deadline(now), Err(crossbeam_channel::RecvTimeoutError::Timeout));
    assert_eq!(counts(&session, "crossbeam pair"), (1, 2, 0));
    assert_eq!(format!("{tx:?} {rx:?}"), "Sender { .. } Receiver { .. }");
}

#[test]
fn a_sender_that_waits_is_timed_and_one_that_does_not_is_not() {
    let session = session();
    let (tx, rx) = channel!(crossbeam_channel::bounded::<u8>(0), label = "rendezvous");
    let sender = thread::spawn(move || (0..100).try_for_each(|n| tx.send(n)));
    assert_eq!(rx.iter().count(), 100);
    sender.join().unwrap().unwrap();
    let row = row(&session, "rendezvous");
    assert_eq!((&row["sent_count"], &row["delay_sampled_count"]), (&100.into(), &100.into()));
    assert_eq!((&row["queue_max"], &row["state"]), (&0.into(), &"closed".into()));
    assert!(row["waited_count"].as_u64() <= Some(100), "{row:#}");
}

#[test]
fn flume_sinks_streams_and_drains_are_counted() {
    let session = session();
    let (tx, rx) = channel!(flume::bounded::<u8>(4), label = "flume async");
    smol::block_on(async {
        let mut sink = tx.clone().into_sink();
        assert_eq!(tx.sender_count(), 2);
        sink.send(1).await.unwrap();
        sink.feed(2).await.unwrap();
        sink.close().await.unwrap();
        tx.send_async(3).await.unwrap();
        tx.clone().into_send_async(4).await.unwrap();
        assert!(poll_once(pin!(tx.send_async(5))).await.is_none(), "no room");
        assert_eq!(counts(&session, "flume async"), (4, 0, 4));
        let mut stream = rx.stream();
        assert_eq!((stream.next().await, rx.recv_async().await), (Some(1), Ok(2)));
        assert!(sink.sender().same_channel(&tx));
    });
    assert_eq!(rx.drain().collect::<Vec<_>>(), [3, 4]);
    assert_eq!(counts(&session, "flume async"), (4, 4, 0));
    let weak = tx.downgrade();
    assert!(weak.upgrade().is_some());
    drop(tx);
    assert!(weak.upgrade().is_none() && rx.is_disconnected());
    assert_eq!(row(&session, "flume async")["closed_instances"], 1);
}

#[test]
fn a_message_that_flume_took_from_a_waiting_sender_was_sent_even_if_the_sender_is_dropped() {
    let session = session();
    let (tx, rx) = channel!(flume::bounded::<u8>(1), label = "flume taken");
    smol::block_on(async {
        tx.send_async(1).await.unwrap();
        let mut taken = Box::pin(tx.send_async(2));
        assert!(poll_once(taken.as_mut()).await.is_none());
        assert_eq!(rx.try_recv(), Ok(1)); // and with that 2 is in
        drop(taken);
        let mut sink = tx.clone().into_sink();
        sink.start_send_unpin(3).unwrap();
        assert!(poll_once(sink.flush()).await.is_none());
        assert_eq!(rx.try_recv(), Ok(2));
        drop(sink);
        assert_eq!(counts(&session, "flume taken"), (3, 2, 1));
        let mut waiting = Box::pin(tx.send_async(4));
        assert!(poll_once(waiting.as_mut()).await.is_none());
        drop((waiting, tx.send_async(5), tx.sink().start_send_unpin(6)));
    });
    assert_eq!((rx.try_recv(), rx.try_recv()), (Ok(3), Err(flume::TryRecvError::Empty)));
    assert_eq!(counts(&session, "flume taken"), (3, 3, 0));
}

#[test]
fn a_flume_selector_takes_instrumented_and_original_ends() {
    use hotpath::wrap::flume::Selector;
    let session = session();
    let (tx, rx) = channel!(flume::bounded::<u8>(1), label = "flume select");
    let (_plain_tx, plain) = flume::unbounded::<u8>();
    let sent = Selector::new().send(&tx, 1, |sent| sent.is_ok()).recv(&plain, |_| false).wait();
    assert!(sent);
    let received = Selector::new().recv(&plain, |result| result).recv(&rx, |result| result).wait();
    assert_eq!(received, Ok(1));
    assert_eq!(counts(&session, "flume select"), (1, 1, 0));
}

#[test]
fn async_channel_streams_weak_ends_and_forced_messages_are_counted() {
    let session = session();
    let (tx, rx) = channel!(async_channel::bounded::<u8>(2), label = "async");
    smol::block_on(async {
        tx.send(1).await.unwrap();
        tx.send_blocking(2).unwrap();
        assert!(poll_once(pin!(tx.send(3))).await.is_none(), "no room");
        assert_eq!(tx.force_send(4), Ok(Some(1)));
        assert_eq!((tx.receiver_count(), tx.sender_count(), tx.len()), (1, 1, 2));
        assert_eq!(counts(&session, "async"), (3, 0, 2));
        let mut stream = pin!(rx.clone());
        assert_eq!((stream.next().await, rx.recv().await), (Some(2), Ok(4)));
    });
    assert_eq!(counts(&session, "async"), (3, 2, 0));
    let (weak_tx, weak_rx) = (tx.downgrade(), rx.downgrade());
    assert!(weak_tx.upgrade().is_some() && weak_rx.upgrade().is_some());
    assert!(tx.close() && !rx.close());
    assert_eq!(tx.try_send(5), Err(async_channel::TrySendError::Closed(5)));
    let row = row(&session, "async");
    assert_eq!(
        (&row["state"], &row["closed_instances"], &row["queue_max"]),
        (&"closed".into(), &1.into(), &2.into())
    );
}

#[test]
fn a_future_that_was_woken_counts_its_wait_and_one_that_was_dropped_counts_nothing() {
    let session = session();
    let (tx, rx) = channel!(async_channel::bounded::<u8>(1), label = "async wait");
    smol::block_on(async {
        tx.send(1).await.unwrap();
        {
            let mut dropped = pin!(tx.send(2));
            assert!(poll_once(dropped.as_mut()).await.is_none());
        }
        let mut sending = pin!(tx.send(3));
        assert!(poll_once(sending.as_mut()).await.is_none());
        assert_eq!(rx.recv().await, Ok(1));
        sending.await.unwrap();
        assert_eq!(rx.recv().await, Ok(3));
    });
    let row = row(&session, "async wait");
    assert_eq!((&row["sent_count"], &row["received_count"]), (&2.into(), &2.into()));
    assert_eq!(row["waited_count"], 1, "only one of the two found no room");
    assert!(row["send_wait_max_ns"].as_u64() > Some(0), "{row:#}");
}

#[test]
fn ends_are_send_and_sync_if_the_originals_are() {
    fn same<W: Send + Sync + Unpin + Clone, O: Send + Sync + Unpin + Clone>() {}
    same::<
        hotpath::wrap::crossbeam_channel::Sender<std::cell::Cell<u8>>,
        crossbeam_channel::Sender<std::cell::Cell<u8>>,
    >();
    same::<
        hotpath::wrap::crossbeam_channel::Receiver<std::cell::Cell<u8>>,
        crossbeam_channel::Receiver<std::cell::Cell<u8>>,
    >();
    same::<hotpath::wrap::flume::Sender<std::cell::Cell<u8>>, flume::Sender<std::cell::Cell<u8>>>();
    same::<hotpath::wrap::flume::Receiver<std::cell::Cell<u8>>, flume::Receiver<std::cell::Cell<u8>>>();
    fn is_send<T: Send>(_: &T) {}
    let (tx, rx) = channel!(flume::unbounded::<std::cell::Cell<u8>>(), label = "bounds");
    is_send(&tx.send_async(std::cell::Cell::new(1)));
    is_send(&rx.recv_async());
    let (tx, rx) = channel!(async_channel::unbounded::<std::cell::Cell<u8>>(), label = "bounds");
    is_send(&tx.send(std::cell::Cell::new(1)));
    is_send(&rx.recv());
}

/// A proxied channel of each library gives what it got, in order; `$watched` of its own types.
macro_rules! proxies {
    ($($name:ident: $new:expr, $send:ident, $recv:ident;)+) => {
        $(
            #[test]
            fn $name() {
                let session = session();
                let label = stringify!($name);
                let (mut tx, mut rx) = $new;
                (tx, rx) = channel!((tx, rx), proxy = true, log = true, label = label);
                let sender = thread::spawn(move || (0..100_u8).for_each(|n| tx.$send(n).unwrap()));
                assert_eq!((0..100).map(|_| rx.$recv().unwrap()).collect::<Vec<_>>(), (0..100).collect::<Vec<_>>());
                sender.join().unwrap();
                assert!(rx.$recv().is_err(), "its end arrives"); // and so the thread in between has counted everything
                let row = row(&session, label);
                assert_eq!((&row["sent_count"], &row["received_count"], &row["queue_len"]), (&100.into(), &100.into(), &Value::Null));
            }
        )+
    };
}

proxies! {
    a_proxied_channel_of_std: std::sync::mpsc::channel(), send, recv;
    a_proxied_bounded_channel_of_std: std::sync::mpsc::sync_channel(3), send, recv;
    a_proxied_channel_of_crossbeam: crossbeam_channel::bounded(3), send, recv;
    a_proxied_channel_of_flume: flume::unbounded(), send, recv;
    a_proxied_channel_of_async_channel: async_channel::bounded(3), send_blocking, recv_blocking;
}
