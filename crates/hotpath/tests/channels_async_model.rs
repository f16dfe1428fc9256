//! An instrumented channel of tokio or futures does what the original does: the same operations in the same order give the same
//! results, the same lengths and the same wake-ups, also where futures are dropped in the middle; and the report counts them.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off"), feature = "tokio", feature = "futures"))]

mod common;

use std::{
    collections::VecDeque,
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use common::{Report, Session, session};
use futures_core::FusedStream as _;
use futures_util::{SinkExt as _, Stream as _, StreamExt as _};
use hotpath::channel;
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Step {
    TrySend(u16),
    /// Begins to send, and polls once.
    Send(u16),
    /// Polls all sends that wait.
    PollSends,
    CancelSend,
    Reserve,
    ReserveMany(usize),
    ReserveOwned,
    UsePermit(u16),
    DropPermit,
    TryReceive,
    /// Polls a receive once, and drops it.
    Receive,
    ReceiveMany(usize),
    CloneSender,
    DropSender,
    DropSenders,
    Upgrade,
    Close,
    DropReceiver,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => any::<u16>().prop_map(Step::TrySend),
        8 => any::<u16>().prop_map(Step::Send),
        4 => Just(Step::PollSends),
        2 => Just(Step::CancelSend),
        2 => Just(Step::Reserve),
        2 => (0..4_usize).prop_map(Step::ReserveMany),
        2 => Just(Step::ReserveOwned),
        3 => any::<u16>().prop_map(Step::UsePermit),
        1 => Just(Step::DropPermit),
        5 => Just(Step::TryReceive),
        5 => Just(Step::Receive),
        3 => (0..5_usize).prop_map(Step::ReceiveMany),
        1 => Just(Step::CloneSender),
        1 => Just(Step::DropSender),
        1 => Just(Step::DropSenders),
        1 => Just(Step::Upgrade),
        1 => Just(Step::Close),
        1 => Just(Step::DropReceiver),
    ];
    prop::collection::vec(step, 0..60)
}

/// Counts how often it is woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// What happened, as text, and what a report should say of it.
#[derive(Default)]
struct Log {
    lines: Vec<String>,
    sent: u64,
    received: u64,
    wakes: Arc<Wakes>,
}

impl Log {
    fn poll<F: Future>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        let waker = Waker::from(self.wakes.clone());
        future.poll(&mut Context::from_waker(&waker))
    }

    fn note(&mut self, step: Step, happened: impl std::fmt::Debug) {
        let wakes = self.wakes.0.load(Ordering::Relaxed);
        self.lines.push(format!("{step:?}: {happened:?}, {wakes} wakes"));
    }

    fn sent<E>(&mut self, result: &Result<(), E>) {
        self.sent += u64::from(result.is_ok());
    }
}

/// Sent, received, in the queue, open.
fn reported(session: &Session, label: &str) -> (u64, u64, u64, bool) {
    let Report(report) = session.report();
    let rows = report["channels"]["data"].as_array().cloned().unwrap_or_default();
    let Some(row) = rows.into_iter().find(|row| row["label"] == label) else { return (0, 0, 0, false) };
    let number = |key: &str| row[key].as_u64().unwrap_or_else(|| panic!("{key} in {row:#}"));
    (number("sent_count"), number("received_count"), number("queue_len"), row["state"] == "active")
}

/// The steps on a bounded channel of tokio, whichever types it has.
macro_rules! tokio_bounded {
    ($steps:expr, $ends:expr) => {{
        let (tx, rx) = $ends;
        let weak = tx.downgrade();
        let (mut senders, mut receiver) = (vec![tx], Some(rx));
        let (mut sends, mut permits, mut log) = (VecDeque::new(), VecDeque::new(), Log::default());
        for step in $steps {
            let step = *step;
            match step {
                Step::TrySend(value) => {
                    let Some(tx) = senders.last() else { continue };
                    let result = tx.try_send(value);
                    log.sent(&result);
                    log.note(step, result);
                }
                Step::Send(value) => {
                    let Some(tx) = senders.last().cloned() else { continue };
                    let mut send = Box::pin(async move { tx.send(value).await });
                    let poll = log.poll(send.as_mut());
                    log.note(step, &poll);
                    match poll {
                        Poll::Ready(result) => log.sent(&result),
                        Poll::Pending => sends.push_back(send),
                    }
                }
                Step::PollSends => {
                    for mut send in std::mem::take(&mut sends) {
                        let poll = log.poll(send.as_mut());
                        log.note(step, &poll);
                        match poll {
                            Poll::Ready(result) => log.sent(&result),
                            Poll::Pending => sends.push_back(send),
                        }
                    }
                }
                Step::CancelSend => drop(sends.pop_front()),
                Step::Reserve => {
                    let Some(tx) = senders.last() else { continue };
                    let reserved = log.poll(pin!(tx.reserve())).map(|permit| permit.map(drop));
                    let tried = tx.try_reserve().map(drop);
                    log.note(step, (reserved, tried));
                }
                Step::ReserveMany(count) => {
                    let Some(tx) = senders.last() else { continue };
                    let reserved = log
                        .poll(pin!(tx.reserve_many(count)))
                        .map(|permits| permits.map(|permits| permits.len()));
                    let tried = tx.try_reserve_many(count).map(|permits| {
                        permits.enumerate().for_each(|(n, permit)| {
                            if n < 2 {
                                permit.send(n as u16);
                                log.sent += 1;
                            }
                        });
                    });
                    log.note(step, (reserved, tried));
                }
                Step::ReserveOwned => {
                    let Some(tx) = senders.last().cloned() else { continue };
                    match tx.try_reserve_owned() {
                        Ok(permit) => {
                            log.note(step, "reserved");
                            permits.push_back(permit);
                        }
                        Err(error) => log.note(step, (error.to_string(), error.into_inner().capacity())),
                    }
                }
                Step::UsePermit(value) => {
                    let Some(permit) = permits.pop_front() else { continue };
                    let tx = permit.send(value);
                    log.sent += 1;
                    log.note(step, tx.capacity());
                }
                Step::DropPermit => {
                    let Some(permit) = permits.pop_front() else { continue };
                    log.note(step, permit.release().is_closed());
                }
                Step::TryReceive => {
                    let Some(rx) = &mut receiver else { continue };
                    let result = rx.try_recv();
                    log.received += u64::from(result.is_ok());
                    log.note(step, result);
                }
                Step::Receive => {
                    let Some(rx) = &mut receiver else { continue };
                    let poll = log.poll(pin!(rx.recv()));
                    log.received += u64::from(matches!(poll, Poll::Ready(Some(_))));
                    log.note(step, poll);
                }
                Step::ReceiveMany(limit) => {
                    let Some(rx) = &mut receiver else { continue };
                    let mut buffer = vec![7];
                    let poll = log.poll(pin!(rx.recv_many(&mut buffer, limit)));
                    log.received += buffer.len() as u64 - 1;
                    log.note(step, (poll, buffer));
                }
                Step::CloneSender => senders.extend(senders.last().cloned()),
                Step::DropSender => drop(senders.pop()),
                Step::DropSenders => senders.clear(),
                Step::Upgrade => {
                    let upgraded = weak.upgrade();
                    log.note(step, upgraded.is_some());
                    senders.extend(upgraded);
                }
                Step::Close => receiver.iter_mut().for_each(|rx| rx.close()),
                Step::DropReceiver => drop(receiver.take()),
            }
            let of_rx = receiver.as_ref().map(|rx| (rx.len(), rx.is_empty(), rx.is_closed(), rx.capacity()));
            let of_tx = senders.last().map(|tx| (tx.capacity(), tx.max_capacity(), tx.is_closed()));
            log.note(step, (of_rx, of_tx, weak.strong_count(), weak.weak_count()));
        }
        let queue = receiver.as_ref().map_or(0, |rx| rx.len() as u64);
        (log, queue, (senders, receiver, sends, permits))
    }};
}

/// The steps on an unbounded channel of tokio.
macro_rules! tokio_unbounded {
    ($steps:expr, $ends:expr) => {{
        let (tx, rx) = $ends;
        let weak = tx.downgrade();
        let (mut senders, mut receiver, mut log) = (vec![tx], Some(rx), Log::default());
        for step in $steps {
            let step = *step;
            match step {
                Step::TrySend(value) | Step::Send(value) => {
                    let Some(tx) = senders.last() else { continue };
                    let result = tx.send(value);
                    log.sent(&result);
                    log.note(step, result);
                }
                Step::TryReceive => {
                    let Some(rx) = &mut receiver else { continue };
                    let result = rx.try_recv();
                    log.received += u64::from(result.is_ok());
                    log.note(step, result);
                }
                Step::Receive => {
                    let Some(rx) = &mut receiver else { continue };
                    let poll = log.poll(pin!(rx.recv()));
                    log.received += u64::from(matches!(poll, Poll::Ready(Some(_))));
                    log.note(step, poll);
                }
                Step::ReceiveMany(limit) => {
                    let Some(rx) = &mut receiver else { continue };
                    let mut buffer = Vec::new();
                    let poll = log.poll(pin!(rx.recv_many(&mut buffer, limit)));
                    log.received += buffer.len() as u64;
                    log.note(step, (poll, buffer));
                }
                Step::CloneSender => senders.extend(senders.last().cloned()),
                Step::DropSender => drop(senders.pop()),
                Step::DropSenders => senders.clear(),
                Step::Upgrade => senders.extend(weak.upgrade()),
                Step::Close => receiver.iter_mut().for_each(|rx| rx.close()),
                Step::DropReceiver => drop(receiver.take()),
                _ => {}
            }
            let of_rx = receiver.as_ref().map(|rx| (rx.len(), rx.is_empty(), rx.is_closed()));
            let of_tx = senders.last().map(|tx| (tx.is_closed(), tx.strong_count(), tx.weak_count()));
            log.note(step, (of_rx, of_tx));
        }
        let queue = receiver.as_ref().map_or(0, |rx| rx.len() as u64);
        (log, queue, (senders, receiver))
    }};
}

/// The steps on a channel of futures, bounded or not: both have these methods.
macro_rules! futures_mpsc {
    ($steps:expr, $ends:expr, |$tx:ident, $value:ident| $try_send:expr) => {{
        let (tx, rx) = $ends;
        let (mut senders, mut receiver) = (vec![tx], Some(rx));
        let (mut sends, mut log, mut queue) = (VecDeque::new(), Log::default(), 0_u64);
        for step in $steps {
            let step = *step;
            match step {
                Step::TrySend($value) | Step::UsePermit($value) => {
                    let Some($tx) = senders.last_mut() else { continue };
                    let result = $try_send;
                    queue += u64::from(result.is_ok());
                    log.sent(&result);
                    log.note(step, (result.as_ref().map_err(ToString::to_string), result.as_ref().err()));
                    if let Err(error) = result {
                        log.note(step, (error.is_full(), error.is_disconnected(), error.into_inner()));
                    }
                }
                Step::Send(value) => {
                    // `feed` is told from `flush`: it is in when the sink took it, whatever becomes of the future.
                    let Some(mut tx) = senders.last().cloned() else { continue };
                    let mut feed = Box::pin(async move { tx.feed(value).await.map(|()| tx) });
                    match log.poll(feed.as_mut()) {
                        Poll::Ready(result) => {
                            log.sent(&result.as_ref().map(|_| ()));
                            queue += u64::from(result.is_ok());
                            log.note(step, result.as_ref().map(|_| ()));
                            senders.extend(result);
                        }
                        Poll::Pending => sends.push_back(feed),
                    }
                }
                Step::PollSends => {
                    for mut feed in std::mem::take(&mut sends) {
                        match log.poll(feed.as_mut()) {
                            Poll::Ready(result) => {
                                log.sent(&result.as_ref().map(|_| ()));
                                queue += u64::from(result.is_ok());
                                log.note(step, result.map(drop));
                            }
                            Poll::Pending => sends.push_back(feed),
                        }
                    }
                }
                Step::CancelSend => drop(sends.pop_front()),
                Step::TryReceive => {
                    let Some(rx) = &mut receiver else { continue };
                    let result = rx.try_recv();
                    log.received += u64::from(result.is_ok());
                    queue -= u64::from(result.is_ok());
                    log.note(step, result);
                }
                Step::Receive | Step::ReceiveMany(_) => {
                    let Some(rx) = &mut receiver else { continue };
                    let poll = log.poll(pin!(rx.next()));
                    let is_in = matches!(poll, Poll::Ready(Some(_)));
                    log.received += u64::from(is_in);
                    queue -= u64::from(is_in);
                    log.note(step, poll);
                }
                Step::Reserve => {
                    let Some(rx) = &mut receiver else { continue };
                    let poll = log.poll(pin!(rx.recv()));
                    let is_in = matches!(poll, Poll::Ready(Ok(_)));
                    log.received += u64::from(is_in);
                    queue -= u64::from(is_in);
                    log.note(step, poll);
                }
                Step::CloneSender => senders.extend(senders.last().cloned()),
                Step::DropSender => drop(senders.pop()),
                Step::DropSenders => senders.clear(),
                Step::DropPermit => senders.last_mut().into_iter().for_each(|tx| tx.disconnect()),
                Step::Upgrade => senders.last_mut().into_iter().for_each(|tx| tx.close_channel()),
                Step::Close => receiver.iter_mut().for_each(|rx| rx.close()),
                Step::DropReceiver => {
                    drop(receiver.take());
                    queue = 0;
                }
                _ => {}
            }
            let of_rx = receiver.as_ref().map(|rx| (rx.size_hint(), rx.is_terminated()));
            let of_tx = senders.last().map(|tx| tx.is_closed());
            let joined = senders.last().zip(receiver.as_ref()).map(|(tx, rx)| tx.is_connected_to(rx));
            log.note(step, (of_rx, of_tx, joined));
        }
        (log, queue, (senders, receiver, sends))
    }};
}

/// The same on both; then the counts, while the ends are there and when they have gone.
macro_rules! models {
    ($($name:ident: $drive:ident($original:expr, $watched:expr $(, $($more:tt)*)?);)+) => {
        $(
            #[test]
            fn $name() {
                proptest!(ProptestConfig::with_cases(96), |(capacity in 0..4_usize, steps in steps())| {
                    let label = concat!("async model ", stringify!($name));
                    let session = session();
                    let (original, _, _ends) = $drive!(&steps, ($original)(capacity) $(, $($more)*)?);
                    let (watched, queue, ends) = $drive!(&steps, ($watched)(capacity, label) $(, $($more)*)?);
                    prop_assert_eq!(&watched.lines, &original.lines);
                    prop_assert_eq!((watched.sent, watched.received), (original.sent, original.received));
                    let (sent, received, queued, _) = reported(&session, label);
                    prop_assert_eq!((sent, received, queued), (watched.sent, watched.received, queue));
                    drop(ends);
                    let (sent, _, queued, is_open) = reported(&session, label);
                    prop_assert_eq!((sent, queued, is_open), (watched.sent, 0, false));
                });
            }
        )+
    };
}

models! {
    tokio_with_room: tokio_bounded(
        |n| tokio::sync::mpsc::channel::<u16>(n + 1),
        |n, label| channel!(tokio::sync::mpsc::channel::<u16>(n + 1), label = label)
    );
    tokio_without_bound: tokio_unbounded(
        |_| tokio::sync::mpsc::unbounded_channel::<u16>(),
        |_, label| channel!(tokio::sync::mpsc::unbounded_channel::<u16>(), label = label)
    );
    futures_with_room: futures_mpsc(
        futures_channel::mpsc::channel::<u16>,
        |n, label| channel!(futures_channel::mpsc::channel::<u16>(n), label = label, capacity = n),
        |tx, value| tx.try_send(value)
    );
    futures_without_bound: futures_mpsc(
        |_| futures_channel::mpsc::unbounded::<u16>(),
        |_, label| channel!(futures_channel::mpsc::unbounded::<u16>(), label = label),
        |tx, value| tx.unbounded_send(value)
    );
}
