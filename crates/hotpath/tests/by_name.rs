//! What is measured under a name given while the program runs is in the report as it happened, whatever becomes of the guards.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::time::Duration;

use common::{Report, Row, Session, Yields, assert_between, session, spin_us, timed};
use futures::{StreamExt, executor::block_on, future::join};
use hotpath::{
    InstrumentFuture, InstrumentFutureLog, InstrumentMutex, InstrumentRwLock, InstrumentStream,
    InstrumentStreamLog, MeasurementGuard, MeasurementGuardAsync, MeasurementGuardSync, functions,
};

#[hotpath::measure]
fn inner() {
    spin_us(100);
}

#[test]
fn a_guard_measures_until_it_is_dropped() {
    let session = session();
    let (mut inside, mut outside) = (0, 0);
    for _ in 0..5 {
        let (all, work) = timed(|| {
            let _timed = MeasurementGuardSync::new("stage::one", false, false);
            timed(|| spin_us(1000)).0
        });
        (inside, outside) = (inside + work, outside + all);
    }
    let row = session.report().row("stage::one");
    assert_eq!((row.calls(), row.in_histogram(), row.text("kind")), (5, 5, "block"));
    assert!(row.number("total_ns") >= 5_000_000, "{row:#?}");
    assert_between(inside, row.number("total_ns"), outside);
    assert!(row.is_unknown("self_ns"), "{row:#?}");
    assert!(row.0["source"]["file"].as_str().is_some_and(|file| file.ends_with("by_name.rs")), "{row:#?}");
}

#[test]
fn a_guard_does_not_appear_in_the_call_tree() {
    let session = session();
    let guard = MeasurementGuard::build("around", false, false);
    inner();
    drop(guard);
    let report = session.report();
    assert_eq!(
        report.tree()[0].child("inner").calls,
        1,
        "not below the guard, which may outlive its function"
    );
    assert_eq!(report.row("around").calls(), 1);
    assert!(report.row("around").number("total_ns") >= report.row("inner").number("total_ns"));
}

#[test]
fn guards_may_end_in_any_order_and_on_any_thread() {
    let session = session();
    let first = MeasurementGuardSync::new("first", false, false);
    let second = MeasurementGuardSync::new("second", false, false);
    inner();
    drop(first);
    std::thread::spawn(move || {
        inner();
        drop(second);
    })
    .join()
    .expect("it ends");
    std::mem::forget(MeasurementGuardSync::new("leaked", false, false));
    drop(MeasurementGuardSync::new("skipped", false, true));
    inner();
    let report = session.report();
    assert_eq!(report.row("first").calls(), 1);
    assert!(report.row("second").number("total_ns") >= 200_000, "{:#?}", report.row("second"));
    assert_eq!(report.row("inner").calls(), 3);
    assert_eq!(report.tree().iter().map(|node| node.calls_below("inner")).sum::<u64>(), 3);
    assert_eq!((report.named("leaked").len(), report.named("skipped").len()), (0, 0));
}

#[test]
fn a_guard_is_of_the_session_that_it_began_in() {
    let first = session();
    let guard = MeasurementGuardSync::new("outlives", false, false);
    let second = first.followed_by_another(|| {
        drop(MeasurementGuardSync::new("between", false, false));
    });
    let later = MeasurementGuardSync::new("later", false, false);
    drop(guard);
    drop(later);
    let report = second.report();
    assert_eq!((report.named("outlives").len(), report.named("between").len()), (0, 0));
    assert_eq!(report.row("later").calls(), 1);
}

#[test]
fn a_guard_over_awaits_collects_nothing_of_other_tasks() {
    let session = session();
    let task = |name| async move {
        let _wall = MeasurementGuardAsync::new(name, false, false);
        for _ in 0..3 {
            Yields(1).await;
            inner();
        }
    };
    block_on(join(task("task one"), task("task two")));
    let report = session.report();
    assert_eq!((report.row("task one").calls(), report.row("task two").calls()), (1, 1));
    assert!(report.row("task one").number("total_ns") >= 300_000, "the waits are in it");
    assert_eq!(report.tree()[0].child("inner").calls, 6);
}

#[test]
fn a_future_under_a_name_is_an_async_function() {
    let session = session();
    let read = async {
        Yields(2).await;
        inner();
        3
    };
    assert_eq!(block_on(hotpath::measure_async("op.read", read)), 3);
    drop(hotpath::measure_async("op.unpolled", async {}));
    let report = session.report();
    let row = report.row("op.read");
    assert_eq!((row.calls(), row.number("polls"), row.number("completed")), (1, 3, 1));
    assert_eq!(row.text("kind"), "async_fn");
    assert_eq!(report.tree()[0].child("op.read").child("inner").calls, 1);
    assert_eq!(report.named("op.unpolled").len(), 0, "one that is never polled is not a call");
}

#[test]
fn values_are_kept_where_the_name_says_so() {
    let session = session();
    assert_eq!(hotpath::measure_sync_log("op.sync", || vec![4]), [4]);
    assert_eq!(block_on(hotpath::measure_async_log("op.log", async { "text" })), "text");
    assert_eq!(block_on(hotpath::measure_async_future("op.future", Yields(1))), ());
    assert_eq!(block_on(functions::measure_async_future_log("op.both", async { 5 })), 5);
    let report = session.report();
    assert_eq!((report.row("op.sync").calls(), report.row("op.sync").text("kind")), (1, "fn"));
    for name in ["op.log", "op.future", "op.both"] {
        assert_eq!(report.row(name).number("completed"), 1, "{name}");
    }
    let mut labels: Vec<String> =
        rows(&report, "futures").iter().map(|row| row.text("label").to_owned()).collect();
    labels.sort();
    assert_eq!(labels, ["op.both", "op.future"], "and nothing else");
    let calls = hotpath::futures::recent_calls();
    let both = calls.iter().find(|call| call.label == "op.both").expect("it is among them");
    assert_eq!(both.result.as_deref(), Some("5"));
    assert!(calls.iter().any(|call| call.label == "op.future" && call.poll_count == 2));
}

#[test]
fn a_panic_ends_the_measured_call() {
    let session = session();
    let caught = std::panic::catch_unwind(|| hotpath::measure_sync_log("op.panics", || panic!("on purpose")));
    assert!(caught.is_err_and(|_: Box<_>| true));
    let caught = std::panic::catch_unwind(|| {
        let _timed = MeasurementGuardSync::new("unwound", false, false);
        panic!("on purpose")
    });
    assert!(caught.is_err_and(|_: Box<_>| true));
    inner();
    let report = session.report();
    assert_eq!((report.row("op.panics").calls(), report.row("unwound").calls()), (1, 1));
    assert_eq!(report.tree()[0].child("inner").calls, 1);
}

#[test]
fn many_names_have_rows_of_their_own_and_no_call_is_lost() {
    let session = session();
    let names: Vec<&'static str> = (0..2000).map(|n| &*format!("made {n}").leak()).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for name in &names {
                    drop(MeasurementGuardSync::new(name, false, false));
                }
            });
        }
    });
    let report = session.report();
    let made: Vec<u64> = (report.functions().iter())
        .filter(|row| row.text("name").starts_with("made "))
        .map(Row::calls)
        .collect();
    assert_eq!((made.len(), made.iter().all(|calls| *calls == 4)), (2000, true));
}

fn rows(report: &Report, section: &str) -> Vec<Row> {
    let data = report.0[section]["data"].as_array().cloned().unwrap_or_default();
    data.into_iter().map(Row).collect()
}

#[track_caller]
fn labelled(session: &Session, section: &str, label: &str) -> Row {
    let mut found = rows(&session.report(), section);
    found.retain(|row| row.text("label") == label);
    assert_eq!(found.len(), 1, "rows of {section} named {label}");
    found.remove(0)
}

#[test]
fn the_macros_as_methods_make_the_same_rows() {
    let session = session();
    for _ in 0..2 {
        let jobs = std::sync::Mutex::new(1).instrument("src/a.rs:7", Some("by method".to_owned()));
        assert_eq!(*jobs.lock().expect("it is free"), 1);
        let names = std::sync::RwLock::new(2).instrument("src/a.rs:8", None);
        assert_eq!(*names.read().expect("it is free"), 2);
        assert_eq!(block_on(async { 3 }.instrument_future("src/a.rs:9", None)), 3);
        assert_eq!(block_on(async { 4 }.instrument_future_log("src/a.rs:9", Some("four".to_owned()))), 4);
        let items = futures::stream::iter(0..3);
        assert_eq!(block_on(items.clone().instrument_stream("src/a.rs:10", None).count()), 3);
        assert_eq!(block_on(items.instrument_stream_log("src/a.rs:11", Some("items".to_owned())).count()), 3);
    }
    let jobs = labelled(&session, "mutexes", "by method");
    assert_eq!((jobs.number("acquisitions"), jobs.text("source")), (2, "src/a.rs:7"));
    assert_eq!(labelled(&session, "rw_locks", "src/a.rs:8").number("read_acquisitions"), 2);
    assert_eq!(labelled(&session, "futures", "src/a.rs:9").number("call_count"), 2);
    assert_eq!(labelled(&session, "futures", "four").number("call_count"), 2);
    assert_eq!(labelled(&session, "streams", "src/a.rs:10").number("items_yielded"), 6);
    assert_eq!(labelled(&session, "streams", "items").number("items_yielded"), 6);
}

#[test]
fn channels_and_streams_as_values_say_what_the_report_says() {
    use hotpath::channels::{ChannelState, ChannelType, get_channels_json};

    let session = session();
    let (tx, rx) = hotpath::channel!(std::sync::mpsc::sync_channel::<u32>(2), capacity = 2, label = "told");
    tx.send(1).expect("there is room");
    tx.send(2).expect("there is room");
    let told = || {
        let channels = get_channels_json();
        assert!(channels.current_elapsed_ns > 0);
        channels.channels.into_iter().find(|row| row.label == "told").expect("it is among them")
    };
    let full = told();
    assert_eq!((full.sent_count, full.received_count, full.queued, full.queued_bytes), (2, 0, 2, 8));
    assert_eq!((full.channel_type, full.state), (ChannelType::Bounded(2), ChannelState::Full));
    assert!(full.has_custom_label && full.source.contains("by_name.rs:"), "{full:?}");
    assert_eq!(rx.recv(), Ok(1));
    assert_eq!((told().state, told().queued), (ChannelState::Active, 1));
    drop((tx, rx));
    assert_eq!(told().state, ChannelState::Closed);

    let mut numbers = hotpath::stream!(futures::stream::iter(0..2_u8), label = "told numbers");
    block_on(numbers.next());
    let told = || {
        let streams = hotpath::streams::get_streams_json().streams;
        streams.into_iter().find(|row| row.label == "told numbers").expect("it is among them")
    };
    assert_eq!((told().items_yielded, told().state), (1, ChannelState::Active));
    block_on(numbers.count());
    assert_eq!((told().items_yielded, told().state), (2, ChannelState::Closed));
    let next = session.followed_by_another(|| {
        assert_eq!(get_channels_json(), hotpath::channels::ChannelsJson::default(), "there is no session");
    });
    assert!(
        !get_channels_json().channels.iter().any(|row| row.label == "told"),
        "it was of the session before"
    );
    drop(next);
}

#[test]
fn a_macro_that_records_nothing_passes_its_argument_through_with_a_note() {
    let session = session();
    assert_eq!(hotpath::io_unwrap(hotpath::io!(String::from("bytes"), label = "io")), "bytes");
    let report = session.report();
    let notes = report.0["notes"].as_array().cloned().unwrap_or_default();
    assert!(
        notes
            .iter()
            .any(|note| note.as_str().is_some_and(|note| note.starts_with("nothing is recorded of io!"))),
        "{notes:?}"
    );
    assert!(Duration::from_nanos(report.duration_ns()) > Duration::ZERO);
}
