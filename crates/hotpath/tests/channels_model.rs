//! An instrumented channel does what the original does: the same operations, the same results, and the report counts them.
#![cfg(all(
    feature = "hotpath",
    not(feature = "hotpath-off"),
    feature = "crossbeam",
    feature = "flume",
    feature = "async-channel"
))]

mod common;

use common::{Report, Session, session};
use hotpath::channel;
use proptest::prelude::*;
use serde_json::Value;

#[derive(Clone, Copy, Debug)]
enum Step {
    Send(u16),
    Receive,
    CloneSender,
    DropSender,
    CloneReceiver,
    DropReceiver,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        12 => any::<u16>().prop_map(Step::Send),
        9 => Just(Step::Receive),
        1 => Just(Step::CloneSender),
        1 => Just(Step::DropSender),
        1 => Just(Step::CloneReceiver),
        1 => Just(Step::DropReceiver),
    ];
    prop::collection::vec(step, 0..80)
}

/// What the test counted.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    sent: u64,
    received: u64,
    queue: u64,
    highest: u64,
    open: bool,
}

fn reported(session: &Session, label: &str) -> Option<Counts> {
    let Report(report) = session.report();
    let rows = report["channels"]["data"].as_array()?.clone();
    let row = rows.into_iter().find(|row| row["label"] == label)?;
    let number = |key: &str| row[key].as_u64().unwrap_or_else(|| panic!("{key} in {row:#}"));
    Some(Counts {
        sent: number("sent_count"),
        received: number("received_count"),
        queue: number("queue_len"),
        highest: if row["queue_max"] == Value::Null { 0 } else { number("queue_max") },
        open: row["state"] == "active",
    })
}

/// Every step on both, every result the same; then the counts. `$clone` gives more receivers, where there can be several.
macro_rules! models {
    ($($name:ident: $new:expr, $watched:expr, $clone:expr;)+) => {
        $(
            #[test]
            fn $name() {
                proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) }, |(capacity in 0..6_usize, steps in steps())| {
                    let label = concat!("model ", stringify!($name));
                    let session = session();
                    let (original, watched) = ($new(capacity), $watched(capacity, label));
                    let (mut senders, mut receivers) = (vec![original.0], vec![original.1]);
                    let (mut watched_senders, mut watched_receivers) = (vec![watched.0], vec![watched.1]);
                    let mut counts = Counts { open: true, ..Counts::default() };
                    for step in steps {
                        match step {
                            Step::Send(value) => {
                                let (Some(tx), Some(watched)) = (senders.last(), watched_senders.last()) else { continue };
                                let result = tx.try_send(value);
                                prop_assert_eq!(watched.try_send(value), result);
                                if result.is_ok() {
                                    counts.sent += 1;
                                    counts.queue += 1;
                                    counts.highest = counts.highest.max(counts.queue);
                                }
                            }
                            Step::Receive => {
                                let (Some(rx), Some(watched)) = (receivers.last(), watched_receivers.last()) else { continue };
                                let result = rx.try_recv();
                                prop_assert_eq!(watched.try_recv(), result);
                                if result.is_ok() {
                                    counts.received += 1;
                                    counts.queue -= 1;
                                }
                            }
                            Step::CloneSender => {
                                senders.extend(senders.last().cloned());
                                watched_senders.extend(watched_senders.last().cloned());
                            }
                            Step::DropSender => {
                                drop((senders.pop(), watched_senders.pop()));
                            }
                            Step::CloneReceiver => {
                                $clone(&mut receivers, &mut watched_receivers);
                            }
                            Step::DropReceiver => {
                                drop((receivers.pop(), watched_receivers.pop()));
                                if receivers.is_empty() {
                                    counts.queue = 0;
                                }
                            }
                        }
                        counts.open &= !senders.is_empty() && !receivers.is_empty();
                    }
                    prop_assert_eq!(reported(&session, label), Some(counts));
                    drop((watched_senders, watched_receivers));
                    let (queue, open) = reported(&session, label).map_or((0, false), |counts| (counts.queue, counts.open));
                    prop_assert_eq!((queue, open), (0, false));
                });
            }
        )+
    };
}

/// Clones the last of both.
macro_rules! both {
    () => {
        |plain: &mut Vec<_>, watched: &mut Vec<_>| {
            plain.extend(plain.last().cloned());
            watched.extend(watched.last().cloned());
        }
    };
}

models! {
    std_bounded: std::sync::mpsc::sync_channel,
        |capacity, label| channel!(std::sync::mpsc::sync_channel(capacity), capacity = capacity, label = label),
        |_: &mut Vec<_>, _: &mut Vec<_>| ();
    crossbeam_bounded: crossbeam_channel::bounded,
        |capacity, label| channel!(crossbeam_channel::bounded(capacity), label = label), both!();
    crossbeam_unbounded: |_| crossbeam_channel::unbounded(),
        |_, label| channel!(crossbeam_channel::unbounded(), label = label), both!();
    flume_bounded: flume::bounded,
        |capacity, label| channel!(flume::bounded(capacity), label = label), both!();
    flume_unbounded: |_| flume::unbounded(),
        |_, label| channel!(flume::unbounded(), label = label), both!();
    async_bounded: |capacity| async_channel::bounded(capacity + 1),
        |capacity, label| channel!(async_channel::bounded(capacity + 1), label = label), both!();
    async_unbounded: |_| async_channel::unbounded(),
        |_, label| channel!(async_channel::unbounded(), label = label), both!();
}
