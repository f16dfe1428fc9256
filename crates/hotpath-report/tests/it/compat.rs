//! The forms of older interfaces: what is in them, and that they are read back.
//!
//! That the types of the published crates decode them is seen in `tests/published`.

use crate::fixtures::*;
use hotpath_report::logs::{
    ChannelLogs, DbgLogs, Event, FunctionAllocLogs, FunctionTimingLogs, FutureLog, FutureLogHead, FutureLogs,
    KeyLogs, LogHead, StreamLogs,
};
use hotpath_report::{
    AllocMetric, AllocScope, CpuScope, CpuStats, CpuTotals, Form, FunctionStats, Interface, Report,
    SectionSchema, Table, Value, functions_cpu, render,
};
use insta::assert_snapshot;
use serde_json::Value as Json;

const V0_16: Form = Form::Compat(Interface::V0_16);
const V0_30: Form = Form::Compat(Interface::V0_30);

fn text(form: Form, report: &Report) -> String {
    let mut text = String::new();
    render::json_in(form, report, &mut text).expect("a string takes everything");
    text
}

fn value(form: Form, report: &Report) -> Json {
    serde_json::from_str(&text(form, report)).expect("JSON")
}

/// In both forms, for people.
fn both(report: &Report) -> String {
    format!("0.16: {:#}\n\n0.30: {:#}", value(V0_16, report), value(V0_30, report))
}

/// A section as its path has it, in both forms.
fn both_of(section: Table) -> String {
    let (name, report) = (section.spec.name, report(vec![section]));
    let of = |form| {
        let text = render::section_json(&report, name, form).expect("the section");
        serde_json::from_str::<Json>(&text).expect("JSON")
    };
    format!("0.16: {:#}\n\n0.30: {:#}", of(V0_16), of(V0_30))
}

fn cpu() -> Table {
    let samples = CpuStats::own(30, 1_000_000);
    let rows = [FunctionStats { cpu: Some(samples), ..function(3, "basic::hash", &[9_000], 9_000) }];
    let totals = CpuTotals { total_samples: 40, attributed_samples: 30, ..CpuTotals::default() };
    functions_cpu(&rows, &totals, CpuScope::Exclusive)
}

#[test]
fn everything() {
    assert_snapshot!(both(&full_report()));
}

#[test]
fn nothing() {
    assert_snapshot!(both(&Report::default()));
}

#[test]
fn allocations() {
    assert_snapshot!(both_of(alloc_section(AllocMetric::Count, AllocScope::Peak)));
}

#[test]
fn samples() {
    assert_snapshot!(both_of(cpu()));
}

#[test]
fn queues() {
    assert_snapshot!(both_of(channels()));
}

#[test]
fn locks() {
    assert_snapshot!(format!("{}\n\n{}", both_of(mutexes()), both_of(rw_locks())));
}

#[test]
fn runtimes_are_one_snapshot_of_the_first() {
    assert_snapshot!(both_of(tokio_runtimes()));
    assert_eq!(value(V0_30, &report(vec![tokio_runtimes()])).get("tokio_runtime"), None, "in no report");
}

#[test]
fn lists_without_rows_are_there() {
    let empty = Table::of::<hotpath_report::Streams>(&[], &(), &[95.0]);
    let value = value(V0_30, &report(vec![empty]));
    assert_eq!(value["streams"]["data"], Json::Array(Vec::new()));
}

#[test]
fn rows_of_functions_have_nothing_but_texts_beside_what_0_16_names() {
    let report = value(V0_16, &full_report());
    for section in ["functions_timing", "functions_alloc"] {
        for row in report[section]["data"].as_array().expect("rows") {
            let others = row
                .as_object()
                .expect("a row")
                .iter()
                .filter(|(key, _)| !["id", "calls"].contains(&key.as_str()));
            others.for_each(|(key, value)| assert!(value.is_string(), "{key}: {value} in {row}"));
        }
    }
}

fn log<L: SectionSchema>(rows: &[L::Stats], head: &L::Totals) -> String {
    let log = Table::of::<L>(rows, head, &[]);
    let of = |form| serde_json::from_str::<Json>(&render::log_json(&log, form)).expect("JSON");
    format!("0.16: {:#}\n\n0.30: {:#}", of(V0_16), of(V0_30))
}

#[test]
fn logs() {
    let event = |index| Event {
        index,
        at_ns: 1_500_000,
        ago_ns: 250,
        thread_id: Some(4711),
        duration_ns: Some(300),
        ..Event::default()
    };
    let head = |id, name: &str, count| LogHead {
        id,
        name: name.into(),
        count,
        source: source("src/main.rs", 7),
        ..LogHead::default()
    };
    let call = Event { duration_ns: Some(1_160_000), ..event(9) };
    assert_snapshot!("log_of_calls", log::<FunctionTimingLogs>(&[call], &head(0, "app::load", 9)));
    let call = Event { value: Some("1".into()), ..event(8) };
    assert_snapshot!("log_of_allocations", log::<FunctionAllocLogs>(&[call], &head(0, "app::load", 9)));
    let message = || Event { value: Some("7".into()), ..event(1) };
    let jobs = LogHead { received: vec![message()], ..head(3, "jobs", 0) };
    assert_snapshot!("log_of_messages", log::<ChannelLogs>(&[message()], &jobs));
    assert_snapshot!("log_of_items", log::<StreamLogs>(&[message()], &head(4, "ticks", 0)));
    let call =
        FutureLog { id: 12, future_id: 2, state: "ready".into(), poll_count: 3, ..FutureLog::default() };
    assert_snapshot!("log_of_polls", log::<FutureLogs>(&[call], &FutureLogHead::default()));
    let head = head(5, "a + b", 2);
    let value = || Event { value: Some("7".into()), ..event(2) };
    assert_snapshot!("log_of_expressions", log::<DbgLogs>(&[value()], &head));
    assert_snapshot!("log_of_keys", log::<KeyLogs>(&[value()], &head));
}

/// What our own commands make of it: the numbers, as far as they were written.
#[test]
fn both_are_read_back() {
    let mut written = full_report();
    written.sections.extend([channels(), mutexes(), rw_locks(), cpu()]);
    for form in [V0_16, V0_30] {
        let read = hotpath_analysis::read_report(&text(form, &written)).expect("a report");
        assert!(read.rounded);
        assert_eq!((read.duration_ns, &read.caller_name), (written.duration_ns, &written.caller_name));
        for section in read.sections.iter() {
            let before = written.section(section.spec.name).expect("it was written");
            assert_eq!(section.rows.len(), before.shown().len(), "{}", section.spec.name);
        }
        assert_eq!(
            value(form, &read),
            value(form, &hotpath_analysis::read_report(&text(form, &read)).expect("a report"))
        );
    }
    let read = hotpath_analysis::read_report(&text(V0_30, &written)).expect("a report");
    let queues = read.section("channels").expect("channels");
    let jobs = queues.rows.iter().find(|row| queues.cell(row, "label").as_text() == Some("jobs"));
    let cell = |key: &str| queues.cell(jobs.expect("the row"), key).clone();
    assert_eq!((cell("queue_len"), cell("queue_max")), (Value::Count(3), Value::Count(10)));
    assert_eq!((cell("sent_per_s"), cell("delays.p95")), (Value::Rate(308.6), Value::Nanos(30_000)));
}
