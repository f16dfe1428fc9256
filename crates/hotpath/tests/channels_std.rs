//! std's channels: the report has the counts of the test.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::{sync::mpsc, thread};

use common::{Report, session};
use hotpath::channel;
use serde_json::Value;

fn row(report: &Report, label: &str) -> Value {
    let rows = report.0["channels"]["data"].as_array().expect("the report has channels");
    rows.iter().find(|row| row["label"] == label).unwrap_or_else(|| panic!("no {label} in {rows:#?}")).clone()
}

#[test]
fn messages_are_counted_once_each_way_and_the_rest_is_the_queue() {
    let session = session();
    let (tx, rx) = channel!(mpsc::channel::<u64>(), label = "std counts");
    for n in 0..100 {
        tx.send(n).unwrap();
    }
    for n in 0..40 {
        assert_eq!(rx.recv(), Ok(n));
    }
    let row = row(&session.report(), "std counts");
    assert_eq!((&row["sent_count"], &row["received_count"]), (&100.into(), &40.into()));
    assert_eq!((&row["queue_len"], &row["queue_max"]), (&60.into(), &100.into()));
    assert_eq!((&row["state"], &row["channel_type"]), (&"active".into(), &"unbounded".into()));
    assert_eq!(
        (&row["instances"], &row["type_name"], &row["type_size"]),
        (&1.into(), &"u64".into(), &8.into())
    );
    assert_eq!((&row["delay_sampled_count"], &row["capacity"]), (&40.into(), &Value::Null));
}

#[test]
fn without_a_label_the_last_two_parts_of_the_path_and_the_line_are_the_name() {
    let session = session();
    let line = line!() + 1;
    let (tx, rx) = channel!(mpsc::channel::<u64>());
    tx.send(1).unwrap();
    assert_eq!(rx.recv(), Ok(1));
    let row = row(&session.report(), &format!("tests/channels_std.rs:{line}"));
    assert_eq!(row["has_custom_label"], false);
    assert_eq!(row["source"], format!("{}:{line}", file!()));
}

#[test]
fn messages_that_a_receiver_leaves_behind_are_in_no_queue() {
    let session = session();
    let (tx, rx) = channel!(mpsc::channel::<String>(), label = "std left");
    let other = tx.clone();
    tx.send("a".to_owned()).unwrap();
    other.send("b".to_owned()).unwrap();
    drop(rx);
    assert_eq!(tx.send("c".to_owned()), Err(mpsc::SendError("c".to_owned())));
    let row = row(&session.report(), "std left");
    assert_eq!(
        (&row["sent_count"], &row["received_count"], &row["queue_len"]),
        (&2.into(), &0.into(), &0.into())
    );
    assert_eq!((&row["state"], &row["closed_instances"]), (&"closed".into(), &1.into()));
}

#[test]
fn a_bounded_channel_keeps_its_capacity_and_times_waiting_senders() {
    let session = session();
    let (tx, rx) = channel!(mpsc::sync_channel::<u8>(2), capacity = 2, label = "std bounded");
    assert_eq!((tx.try_send(1), tx.try_send(2)), (Ok(()), Ok(())));
    assert_eq!(tx.try_send(3), Err(mpsc::TrySendError::Full(3)));
    let sender = thread::spawn(move || tx.send(3));
    // The third message may be in a moment after the first is out, never before.
    assert_eq!(rx.iter().take(3).collect::<Vec<_>>(), [1, 2, 3]);
    sender.join().unwrap().unwrap();
    let row = row(&session.report(), "std bounded");
    assert_eq!((&row["sent_count"], &row["received_count"]), (&3.into(), &3.into()));
    assert_eq!((&row["queue_max"], &row["channel_type"]), (&2.into(), &"bounded[2]".into()));
    assert_eq!(row["capacity"], 2);
}

#[test]
fn a_thousand_channels_of_one_call_site_are_one_row() {
    let session = session();
    for n in 0..1000_u32 {
        let (tx, rx) = channel!(mpsc::channel(), label = "std many");
        tx.send(n).unwrap();
        assert_eq!(rx.into_iter().next(), Some(n));
    }
    let row = row(&session.report(), "std many");
    assert_eq!((&row["instances"], &row["closed_instances"]), (&1000.into(), &1000.into()));
    assert_eq!(
        (&row["sent_count"], &row["received_count"], &row["queue_max"]),
        (&1000.into(), &1000.into(), &1.into())
    );
}

#[test]
fn messages_sent_while_nothing_was_recorded_are_received_but_not_timed() {
    let session = session();
    hotpath::pause();
    let (tx, rx) = channel!(mpsc::channel::<u8>(), label = "std before");
    tx.send(1).unwrap();
    tx.send(2).unwrap();
    hotpath::resume();
    rx.recv().unwrap();
    let row = row(&session.report(), "std before");
    assert_eq!((&row["sent_count"], &row["received_count"]), (&0.into(), &1.into()));
    assert_eq!(
        (&row["delay_sampled_count"], &row["queue_len"], &row["instances"]),
        (&0.into(), &1.into(), &1.into())
    );
}
