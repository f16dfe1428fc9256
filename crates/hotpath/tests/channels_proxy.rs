//! Channels that keep the library's own types: messages arrive in order and are counted, each side learns that the other is gone,
//! and neither threads nor slots grow without bound.
#![cfg(all(
    feature = "hotpath",
    not(feature = "hotpath-off"),
    feature = "tokio",
    feature = "futures",
    feature = "crossbeam",
    feature = "flume",
    feature = "async-channel"
))]

mod common;

use std::{
    fmt,
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use common::{Session, session};
use futures_util::{SinkExt, StreamExt};
use hotpath::channel;
use serde_json::Value;
use smol::block_on;

#[track_caller]
fn row(session: &Session, label: &str) -> Value {
    let report = session.report();
    let rows = report.0["channels"]["data"].as_array().expect("the report has channels");
    rows.iter().find(|row| row["label"] == label).unwrap_or_else(|| panic!("no {label} in {rows:#?}")).clone()
}

/// Whether it is so within a while. Nothing depends on how long it takes.
#[track_caller]
fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so() {
        assert!(Instant::now() < deadline, "{what}");
        thread::yield_now();
    }
}

/// What the report says of a channel through which so many messages went and whose end was seen. No need to wait for it.
#[track_caller]
fn assert_reported(session: &Session, label: &str, kind: &str, messages: u64) {
    let row = row(session, label);
    let told = (&row["channel_type"], &row["sent_count"], &row["received_count"], &row["state"]);
    // A oneshot whose message was sent stays so.
    let state = if kind == "oneshot" && messages > 0 { "notified" } else { "closed" };
    assert_eq!(told, (&kind.into(), &messages.into(), &messages.into(), &state.into()), "{label}");
    // What waits before it is taken nobody sees, nor for how long.
    let unknown = [&row["queue_len"], &row["queue_max"], &row["delay_avg_ns"]];
    assert_eq!(unknown, [&Value::Null; 3], "{label}: {row:#}");
}

const MESSAGES: u32 = 300;

/// Sends on another thread, receives here, and expects the same in the same order, then the end.
macro_rules! through {
    ($tx:ident => $send:expr, $receive:expr) => {{
        let sender = thread::spawn(move || {
            let (mut tx, send) = ($tx, $send);
            (0..MESSAGES).for_each(|n| send(&mut tx, n));
        });
        let received: Vec<u32> = std::iter::from_fn($receive).collect();
        sender.join().unwrap();
        assert_eq!(received, (0..MESSAGES).collect::<Vec<_>>());
    }};
}

#[test]
fn std_messages_are_counted() {
    let session = session();
    let (tx, rx): (mpsc::Sender<u32>, mpsc::Receiver<u32>) =
        channel!(mpsc::channel(), label = "std", proxy = true);
    through!(tx => |tx: &mut mpsc::Sender<u32>, n| tx.send(n).unwrap(), || rx.recv().ok());
    assert_reported(&session, "std", "unbounded", MESSAGES.into());
    let (tx, rx): (mpsc::SyncSender<u32>, mpsc::Receiver<u32>) =
        channel!(mpsc::sync_channel(3), label = "std sync", proxy = true, capacity = 3);
    through!(tx => |tx: &mut mpsc::SyncSender<u32>, n| tx.send(n).unwrap(), || rx.recv().ok());
    assert_reported(&session, "std sync", "bounded[3]", MESSAGES.into());
    let (tx, rx): (mpsc::SyncSender<u32>, _) =
        channel!(mpsc::sync_channel(0), label = "std rendezvous", proxy = true, log = true);
    through!(tx => |tx: &mut mpsc::SyncSender<u32>, n| tx.send(n).unwrap(), || rx.iter().next());
    assert_reported(&session, "std rendezvous", "bounded", MESSAGES.into());
}

#[test]
fn tokio_messages_are_counted() {
    use tokio::sync::{mpsc, oneshot};
    let session = session();
    let (tx, mut rx): (mpsc::Sender<u32>, mpsc::Receiver<u32>) =
        channel!(mpsc::channel(3), label = "tokio", proxy = true);
    through!(tx => |tx: &mut mpsc::Sender<u32>, n| tx.blocking_send(n).unwrap(), || rx.blocking_recv());
    assert_reported(&session, "tokio", "bounded[3]", MESSAGES.into());
    let (tx, mut rx): (mpsc::UnboundedSender<u32>, mpsc::UnboundedReceiver<u32>) =
        channel!(mpsc::unbounded_channel(), label = "tokio unbounded", proxy = true);
    through!(tx => |tx: &mut mpsc::UnboundedSender<u32>, n| tx.send(n).unwrap(), || rx.blocking_recv());
    assert_reported(&session, "tokio unbounded", "unbounded", MESSAGES.into());
    let (tx, rx): (oneshot::Sender<u8>, oneshot::Receiver<u8>) =
        channel!(oneshot::channel(), label = "tokio oneshot", proxy = true, log = true);
    tx.send(7).unwrap();
    assert_eq!(rx.blocking_recv(), Ok(7));
    assert_reported(&session, "tokio oneshot", "oneshot", 1);
    let (tx, rx) = channel!(oneshot::channel::<u8>(), proxy = true, label = "tokio oneshot, not sent");
    drop(tx);
    assert!(rx.blocking_recv().is_err());
    assert_reported(&session, "tokio oneshot, not sent", "oneshot", 0);
}

#[test]
fn futures_messages_are_counted() {
    use futures_channel::{mpsc, oneshot};
    let session = session();
    let (tx, mut rx): (mpsc::Sender<u32>, mpsc::Receiver<u32>) =
        channel!(mpsc::channel(3), label = "futures", proxy = true, capacity = 3);
    through!(
        tx => |tx: &mut mpsc::Sender<u32>, n| block_on(tx.send(n)).unwrap(),
        || block_on(rx.next())
    );
    assert_reported(&session, "futures", "bounded[3]", MESSAGES.into());
    let (tx, mut rx): (mpsc::UnboundedSender<u32>, mpsc::UnboundedReceiver<u32>) =
        channel!(mpsc::unbounded(), label = "futures unbounded", proxy = true);
    through!(
        tx => |tx: &mut mpsc::UnboundedSender<u32>, n| tx.unbounded_send(n).unwrap(),
        || block_on(rx.next())
    );
    assert_reported(&session, "futures unbounded", "unbounded", MESSAGES.into());
    let (tx, rx): (oneshot::Sender<u8>, oneshot::Receiver<u8>) =
        channel!(oneshot::channel(), label = "futures oneshot", proxy = true);
    tx.send(7).unwrap();
    assert_eq!(block_on(rx), Ok(7));
    assert_reported(&session, "futures oneshot", "oneshot", 1);
}

/// Channels whose ends both sides may clone.
macro_rules! clonable {
    ($test:ident, $library:ident, $kinds:expr) => {
        #[test]
        fn $test() {
            use $library::{Receiver, Sender, bounded, unbounded};
            let session = session();
            for (pair, kind) in [(bounded(3), "bounded[3]"), (unbounded(), "unbounded")] {
                let label = format!("{} {kind}", stringify!($library));
                let (tx, rx): (Sender<u32>, Receiver<u32>) = channel!(pair, label = label, proxy = true);
                through!(
                    tx => |tx: &mut Sender<u32>, n| { while tx.try_send(n).is_err() { thread::yield_now() } },
                    || loop {
                        match rx.try_recv() {
                            Ok(n) => break Some(n),
                            Err(error) if error == $kinds => thread::yield_now(),
                            Err(_) => break None,
                        }
                    }
                );
                assert_reported(&session, &label, kind, MESSAGES.into());
            }
        }
    };
}

clonable!(crossbeam_counts_what_went_through, crossbeam_channel, crossbeam_channel::TryRecvError::Empty);
clonable!(flume_counts_what_went_through, flume, flume::TryRecvError::Empty);
clonable!(async_channel_counts_what_went_through, async_channel, async_channel::TryRecvError::Empty);

#[test]
fn channels_without_room_hand_messages_over() {
    let session = session();
    let (tx, rx) = channel!(crossbeam_channel::bounded(0), label = "crossbeam rendezvous", proxy = true);
    through!(tx => |tx: &mut crossbeam_channel::Sender<u32>, n| tx.send(n).unwrap(), || rx.recv().ok());
    assert_reported(&session, "crossbeam rendezvous", "bounded[0]", MESSAGES.into());
    let (tx, rx) = channel!(flume::bounded(0), label = "flume rendezvous", proxy = true);
    through!(tx => |tx: &mut flume::Sender<u32>, n| tx.send(n).unwrap(), || rx.recv().ok());
    assert_reported(&session, "flume rendezvous", "bounded[0]", MESSAGES.into());
}

/// Sends until the channel is full for good: how many messages it took.
macro_rules! room {
    ($try_send:expr, $expected:expr) => {{
        let mut taken = 0;
        eventually("the proxy takes its message", || {
            while $try_send {
                taken += 1;
            }
            taken >= $expected
        });
        for _ in 0..1000 {
            taken += u32::from($try_send);
            thread::yield_now();
        }
        assert_eq!(taken, $expected);
    }};
}

#[test]
fn a_proxy_takes_one_message_more_and_flumes_and_async_channels_two() {
    let _session = session();
    let (tx, _rx) = channel!(mpsc::sync_channel(5), label = "room std", proxy = true);
    room!(tx.try_send(0).is_ok(), 6);
    let (tx, rx) = channel!(tokio::sync::mpsc::channel(5), label = "room tokio", proxy = true);
    room!(tx.try_send(0).is_ok(), 6);
    assert_eq!((tx.max_capacity(), tx.capacity(), rx.len()), (5, 0, 1));
    let (mut tx, _rx) = channel!(futures_channel::mpsc::channel(5), label = "room futures", proxy = true);
    room!(tx.try_send(0).is_ok(), 7); // five, the sender's own place, and one
    let (tx, rx) = channel!(crossbeam_channel::bounded(5), label = "room crossbeam", proxy = true);
    room!(tx.try_send(0).is_ok(), 6);
    assert_eq!((tx.capacity(), tx.len(), rx.len()), (Some(5), 5, 1));
    let (tx, rx) = channel!(flume::bounded(5), label = "room flume", proxy = true);
    room!(tx.try_send(0).is_ok(), 7);
    assert_eq!((tx.capacity(), tx.len(), rx.len()), (Some(5), 5, 1));
    let (tx, rx) = channel!(async_channel::bounded(5), label = "room async", proxy = true);
    room!(tx.try_send(0).is_ok(), 7);
    assert_eq!((tx.capacity(), tx.len(), rx.len()), (Some(5), 5, 1));
}

#[test]
fn senders_learn_at_once_that_the_receiver_is_gone_where_the_library_says_so() {
    let session = session();
    let (bounded, rx) = channel!(tokio::sync::mpsc::channel::<u8>(3), label = "end", proxy = true);
    let (unbounded, more) = channel!(tokio::sync::mpsc::unbounded_channel::<u8>(), proxy = true);
    let (mut once, value) = channel!(tokio::sync::oneshot::channel::<u8>(), proxy = true);
    let (other, last) = channel!(async_channel::bounded::<u8>(3), proxy = true);
    let (mut canceled, never) = channel!(futures_channel::oneshot::channel::<u8>(), proxy = true);
    bounded.try_send(1).unwrap();
    drop((rx, more, value, last, never));
    block_on(async {
        bounded.closed().await;
        unbounded.closed().await;
        once.closed().await;
        other.closed().await;
        canceled.cancellation().await;
    });
    assert!(bounded.try_send(2).is_err() && unbounded.send(2).is_err() && once.send(2) == Err(2));
    eventually("the row is closed", || row(&session, "end")["state"] == "closed");
    assert_eq!(row(&session, "end")["sent_count"], 1);
}

#[test]
fn elsewhere_senders_learn_that_the_receiver_is_gone_with_the_next_message() {
    let session = session();
    let (tx, rx) = channel!(mpsc::channel(), label = "late std", proxy = true);
    let (crossbeam, crossbeam_rx) =
        channel!(crossbeam_channel::bounded(2), label = "late crossbeam", proxy = true);
    let (flume, flume_rx) = channel!(flume::bounded(2), label = "late flume", proxy = true);
    let (free, free_rx) = channel!(futures_channel::mpsc::unbounded(), label = "late futures", proxy = true);
    drop((rx, crossbeam_rx, flume_rx, free_rx));
    eventually("std", || tx.send(3) == Err(mpsc::SendError(3)));
    eventually("crossbeam", || crossbeam.send(3) == Err(crossbeam_channel::SendError(3)));
    eventually("flume", || flume.send(3) == Err(flume::SendError(3)));
    eventually("futures", || free.unbounded_send(3).is_err_and(|error| error.into_inner() == 3));
    for label in ["late std", "late crossbeam", "late flume", "late futures"] {
        eventually("the row is closed", || row(&session, label)["state"] == "closed");
    }
}

#[test]
fn a_waiting_sender_gets_its_message_back_when_the_receiver_is_gone() {
    let _session = session();
    let (tx, rx) = channel!(mpsc::sync_channel(1), label = "waits std", proxy = true);
    let sender = thread::spawn(move || (0..10).find_map(|n| tx.send(n).err()));
    assert_eq!(rx.recv(), Ok(0));
    drop(rx);
    assert!(sender.join().unwrap().is_some());
    let (tx, mut rx) = channel!(tokio::sync::mpsc::channel(1), label = "waits tokio", proxy = true);
    let sender = thread::spawn(move || (0..10).find_map(|n| tx.blocking_send(n).err()));
    assert_eq!(rx.blocking_recv(), Some(0));
    drop(rx);
    assert!(sender.join().unwrap().is_some());
}

#[test]
fn a_tokio_receiver_that_closes_gets_earlier_messages() {
    let session = session();
    for capacity in [1, 4, 100] {
        let (tx, mut rx) = channel!(tokio::sync::mpsc::channel(capacity), label = "closes", proxy = true);
        let sent = (0..).take_while(|n| tx.try_send(*n).is_ok()).count();
        rx.close();
        let received: Vec<usize> = std::iter::from_fn(|| rx.blocking_recv()).collect();
        assert_eq!(received, (0..sent).collect::<Vec<_>>());
        assert!(sent >= capacity && tx.try_send(0).is_err());
    }
    eventually("all are closed", || row(&session, "closes")["closed_instances"] == 3);
}

#[test]
fn options_mean_what_they_mean_without_a_proxy() {
    let session = session();
    let ends: Vec<_> = (1..=2_usize)
        .map(|capacity| {
            let pair = mpsc::sync_channel::<u8>(capacity);
            channel!(pair, iter = true, proxy = true, capacity = capacity, label = "each")
        })
        .collect();
    for (tx, rx) in &ends {
        tx.send(1).unwrap();
        assert_eq!(rx.recv(), Ok(1));
    }
    let rows = [row(&session, "each"), row(&session, "each-2")];
    let told = rows.map(|row| (row["iter"].clone(), row["capacity"].clone(), row["sent_count"].clone()));
    assert_eq!(told, [(1.into(), 1.into(), 1.into()), (2.into(), 2.into(), 1.into())]);
}

struct Unspeakable;

impl fmt::Debug for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        std::panic::resume_unwind(Box::new("no text"))
    }
}

#[test]
fn a_message_whose_debug_panics_arrives() {
    let session = session();
    let (tx, rx) = channel!(mpsc::channel(), label = "panics std", proxy = true, log = true);
    let (other, mut last) =
        channel!(tokio::sync::mpsc::channel(2), label = "panics tokio", proxy = true, log = true);
    for _ in 0..2 {
        tx.send(Unspeakable).unwrap();
        other.blocking_send(Unspeakable).unwrap();
        assert!(rx.recv().is_ok() && last.blocking_recv().is_some());
    }
    assert_eq!(row(&session, "panics tokio")["sent_count"], 2);
}

/// Waits for a message of its own when it is dropped.
struct Patient(tokio::sync::mpsc::Receiver<u8>);

impl Drop for Patient {
    fn drop(&mut self) {
        assert_eq!(self.0.blocking_recv(), Some(7));
    }
}

#[test]
fn a_message_whose_drop_waits_for_another_channel_blocks_no_other() {
    let session = session();
    let (tx, rx) = channel!(flume::unbounded(), label = "patient", proxy = true);
    let (release, message) = channel!(tokio::sync::mpsc::channel(1), label = "release", proxy = true);
    drop(rx);
    eventually("it goes", || tx.receiver_count() == 0 || tx.send(None).is_err() || tx.is_empty());
    let _given_back = tx.send(Some(Patient(message)));
    let (other, mut last) = channel!(tokio::sync::mpsc::channel(1), label = "meanwhile", proxy = true);
    other.blocking_send(1).unwrap();
    assert_eq!(last.blocking_recv(), Some(1));
    release.blocking_send(7).unwrap();
    eventually("the first is closed", || row(&session, "patient")["state"] == "closed");
}

/// How many threads of this process have a name.
#[cfg(target_os = "linux")]
fn threads_named(name: &str) -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("the system lists threads");
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|found| found.trim_end() == name).count()
}

#[test]
#[cfg(target_os = "linux")]
fn thousands_of_channels_share_a_few_threads() {
    let session = session();
    let mut ends: Vec<_> = (0..3_000)
        .map(|_| channel!(tokio::sync::mpsc::channel(1), label = "thousands", proxy = true))
        .collect();
    for (n, (tx, rx)) in ends.iter_mut().enumerate() {
        tx.blocking_send(n).unwrap();
        assert_eq!(rx.blocking_recv(), Some(n));
    }
    let threads = threads_named("hp-channels");
    assert!((1..=4).contains(&threads), "{threads} threads");
    let row_now = row(&session, "thousands");
    assert_eq!((&row_now["sent_count"], &row_now["instances"]), (&3_000.into(), &3_000.into()));
    drop(ends);
    eventually("all are closed", || row(&session, "thousands")["closed_instances"] == 3_000);
    eventually("the threads end", || threads_named("hp-channels") == 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_thread_ends_with_its_channel_and_there_are_256_at_most() {
    let session = session();
    eventually("those of other tests end", || threads_named("hp-channel") == 0);
    let ends: Vec<_> =
        (0..300).map(|_| channel!(mpsc::channel(), label = "a thread each", proxy = true)).collect();
    for (n, (tx, rx)) in ends.iter().enumerate() {
        tx.send(n).unwrap();
        assert_eq!(rx.recv(), Ok(n), "also where no proxy is");
    }
    assert_eq!(threads_named("hp-channel"), 256);
    let row_now = row(&session, "a thread each");
    assert_eq!((&row_now["sent_count"], &row_now["instances"]), (&256.into(), &256.into()));
    drop(ends);
    eventually("the threads end", || threads_named("hp-channel") == 0);
    let (tx, rx) = channel!(mpsc::channel(), label = "again", proxy = true);
    tx.send(1).unwrap();
    assert_eq!((rx.recv(), &row(&session, "again")["sent_count"]), (Ok(1), &1.into()));
}

/// With the feature nothing has to be said.
#[cfg(feature = "proxy")]
mod feature {
    use std::rc::Rc;

    use super::*;
    use hotpath::wrap;

    struct Old {
        jobs: tokio::sync::mpsc::Sender<u8>,
        results: futures_channel::mpsc::UnboundedReceiver<u8>,
        numbers: crossbeam_channel::Receiver<u8>,
    }

    #[test]
    fn every_channel_has_the_types_of_its_library() {
        let session = session();
        let (jobs, mut taken) = channel!(tokio::sync::mpsc::channel::<u8>(2), label = "jobs");
        let (done, results) =
            channel!(futures_channel::mpsc::unbounded::<u8>(), label = "results", log = true);
        let (number, numbers) = channel!(crossbeam_channel::unbounded::<u8>(), label = "numbers");
        let mut old = Old { jobs, results, numbers };
        old.jobs.blocking_send(1).unwrap();
        done.unbounded_send(taken.blocking_recv().unwrap()).unwrap();
        number.send(2).unwrap();
        assert_eq!((block_on(old.results.next()), old.numbers.recv()), (Some(1), Ok(2)));
        for label in ["jobs", "results", "numbers"] {
            let row = row(&session, label);
            assert_eq!((&row["sent_count"], &row["received_count"]), (&1.into(), &1.into()), "{label}");
        }
    }

    #[test]
    fn the_names_in_wrap_are_those_types() {
        let _session = session();
        let std: (wrap::std::sync::mpsc::Sender<u8>, wrap::std::sync::mpsc::Receiver<u8>) =
            channel!(mpsc::channel());
        let _: (mpsc::Sender<u8>, mpsc::Receiver<u8>) = std;
        let tokio: (wrap::tokio::sync::oneshot::Sender<u8>, wrap::tokio::sync::oneshot::Receiver<u8>) =
            channel!(tokio::sync::oneshot::channel());
        let _: (tokio::sync::oneshot::Sender<u8>, tokio::sync::oneshot::Receiver<u8>) = tokio;
        let futures: (wrap::futures::channel::mpsc::Sender<u8>, wrap::futures_channel::mpsc::Receiver<u8>) =
            channel!(futures_channel::mpsc::channel(1));
        let _: (futures_channel::mpsc::Sender<u8>, _) = futures;
        let crossbeam: (wrap::crossbeam::channel::Sender<u8>, wrap::crossbeam_channel::Receiver<u8>) =
            channel!(crossbeam_channel::bounded(1));
        let _: (crossbeam_channel::Sender<u8>, _) = crossbeam;
        let flume: (wrap::flume::Sender<u8>, wrap::flume::Receiver<u8>) = channel!(flume::bounded(1));
        let _: flume::r#async::RecvStream<'_, u8> = flume.1.stream();
        let asynchronous: (wrap::async_channel::Sender<u8>, wrap::async_channel::Receiver<u8>) =
            channel!(async_channel::bounded(1));
        let _: (async_channel::Sender<u8>, _) = asynchronous;
    }

    #[test]
    fn a_place_can_say_otherwise_and_is_watched_as_ever() {
        let session = session();
        let (tx, rx) = channel!(mpsc::channel(), label = "here", proxy = false);
        tx.send(Rc::new(1)).unwrap();
        let row_now = row(&session, "here");
        assert_eq!((&row_now["sent_count"], &row_now["queue_len"]), (&1.into(), &1.into()));
        assert_eq!(rx.recv(), Ok(Rc::new(1)));
        let (tx, rx) = channel!(mpsc::channel(), label = "wrapped", wrap = true);
        tx.send(Rc::new(1)).unwrap();
        assert_eq!((rx.recv(), &row(&session, "wrapped")["queue_max"]), (Ok(Rc::new(1)), &1.into()));
    }

    #[test]
    fn what_the_old_interface_did_not_take_is_watched_as_without_the_feature() {
        let session = session();
        let (tx, mut rx): (
            wrap::tokio::sync::broadcast::Sender<u8>,
            wrap::tokio::sync::broadcast::Receiver<u8>,
        ) = channel!(tokio::sync::broadcast::channel(2), label = "broadcast", capacity = 2);
        tx.send(1).unwrap();
        assert_eq!(rx.try_recv(), Ok(1));
        let (tx, rx): (wrap::tokio::sync::watch::Sender<u8>, wrap::tokio::sync::watch::Receiver<u8>) =
            channel!(tokio::sync::watch::channel(0), label = "watch", log = true);
        tx.send(1).unwrap();
        assert_eq!(*rx.borrow(), 1);
        for label in ["broadcast", "watch"] {
            assert_eq!(row(&session, label)["sent_count"], 1, "{label}");
        }
    }
}
