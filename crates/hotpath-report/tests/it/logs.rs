//! Logs: their shapes in JSON, that they read back, and where they are.

use hotpath_report::logs::{
    ChannelLogs, DbgLogs, Event, FunctionAllocLogs, FunctionTimingLogs, FutureLog, FutureLogHead, FutureLogs,
    KeyLogs, LogHead, StreamLogs,
};
use hotpath_report::{
    Debug, Form, LogDeclaration, Report, SECTIONS, SectionSchema, Source, Table, Timing, Value, ValueKind,
    ValueStats, render,
};
use serde_json::{Value as Json, json};

fn event(index: u64) -> Event {
    Event { index, at_ns: 1_500_000, ago_ns: 250, thread_id: Some(4711), ..Event::default() }
}

fn head(id: u32, name: &str, count: u64) -> LogHead {
    LogHead { id, name: name.to_owned(), count, source: source(), ..LogHead::default() }
}

fn source() -> Option<Source> {
    Some(Source { file: "src/main.rs".to_owned(), line: 7, column: 5 })
}

fn location() -> Json {
    json!({ "file": "src/main.rs", "line": 7, "column": 5 })
}

/// What is written, after checking that it reads back as it was.
fn written<L: SectionSchema>(rows: &[L::Stats], head: &L::Totals) -> Json {
    let log = Table::of::<L>(rows, head, &[]);
    let text = render::log_json(&log, Form::Whole);
    let back = hotpath_analysis::read_log(&LogDeclaration::of::<L>(&["logs"]), &text).expect("a log");
    assert_eq!(
        (render::log_json(&back, Form::Whole), &back.rows, &back.fields),
        (text.clone(), &log.rows, &log.fields)
    );
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn calls_of_functions() {
    let head = head(1, "app::load", 9);
    let call = Event { duration_ns: Some(1_160_000), ..event(9) };
    assert_eq!(
        written::<FunctionTimingLogs>(&[call], &head),
        json!({
            "function_name": "app::load", "total_invocations": 9, "location": location(),
            "logs": [{
                "invocation": 9, "duration": "1.16 ms", "duration_ns": 1_160_000, "timestamp": "1.50 ms",
                "timestamp_ns": 1_500_000, "ago": "250 ns", "ago_ns": 250, "thread_id": 4711, "result": null,
            }],
        })
    );
    let value = Some("Ok(3)".to_owned());
    let call = Event { alloc_bytes: Some(2048), alloc_count: Some(2), value, ..event(8) };
    assert_eq!(
        written::<FunctionAllocLogs>(&[call], &head)["logs"][0],
        json!({
            "invocation": 8, "bytes": "2.0 KB", "alloc_bytes": 2048, "alloc_count": 2, "timestamp": "1.50 ms",
            "timestamp_ns": 1_500_000, "ago": "250 ns", "ago_ns": 250, "thread_id": 4711, "result": "Ok(3)",
        })
    );
}

#[test]
fn messages_and_items() {
    let message = |index| Event { duration_ns: Some(300), value: Some("\"job\"".to_owned()), ..event(index) };
    let jobs = LogHead { received: vec![message(1)], ..head(3, "jobs", 0) };
    let channel = written::<ChannelLogs>(&[Event { duration_ns: None, ..message(2) }], &jobs);
    assert_eq!(channel["id"], "3");
    let both = |key: &str| (channel["sent_logs"][0][key].clone(), channel["received_logs"][0][key].clone());
    assert_eq!(both("index"), (json!(2), json!(1)));
    assert_eq!(both("delay"), (Json::Null, json!("300 ns")));
    assert_eq!(both("message"), (json!("\"job\""), json!("\"job\"")));
    let stream = written::<StreamLogs>(&[message(5)], &head(4, "ticks", 0));
    assert_eq!((&stream["id"], &stream["logs"][0]["gap_ns"]), (&json!("4"), &json!(300)));
}

#[test]
fn calls_of_futures_and_values() {
    let call =
        FutureLog { id: 12, future_id: 2, state: "ready".to_owned(), poll_count: 3, ..FutureLog::default() };
    let future =
        written::<FutureLogs>(&[call], &FutureLogHead { id: 2, call_count: 1, ..FutureLogHead::default() });
    assert_eq!((&future["id"], &future["call_count"]), (&json!("2"), &json!(1)));
    assert_eq!(future["calls"][0]["state"], "ready");
    assert_eq!(future["calls"][0]["total_poll_alloc_bytes"], Json::Null, "unknown is not 0");
    let head = head(5, "a + b", 2);
    let value = || Event { value: Some("7".to_owned()), ..event(2) };
    let dbg = written::<DbgLogs>(&[value()], &head);
    assert_eq!((&dbg["expression"], &dbg["source"]), (&json!("a + b"), &json!("src/main.rs:7")));
    let key = written::<KeyLogs>(&[value()], &head);
    assert_eq!(
        (&key["key"], &key["total_logs"], &key["logs"][0]["value"]),
        (&json!("a + b"), &json!(2), &json!("7"))
    );
}

#[test]
fn events_keep_the_order_they_are_given_in() {
    let call = |index| Event { index, ..Event::default() };
    let log = Table::of::<FunctionTimingLogs>(&[call(3), call(1), call(2)], &LogHead::default(), &[]);
    let order: Vec<&Value> = log.rows.iter().map(|row| log.cell(row, "invocation")).collect();
    assert_eq!(order, [&Value::Count(3), &Value::Count(1), &Value::Count(2)]);
}

#[test]
fn every_log_has_a_path_that_no_other_has() {
    let mut paths: Vec<String> = Vec::new();
    for section in
        SECTIONS.iter().filter(|section| section.spec.scope.is_none_or(|scope| scope == "exclusive"))
    {
        paths.extend(section.logs.iter().map(|log| log.path(section.spec.name, 1)));
    }
    paths.dedup(); // bytes and counts are two readings of one section
    assert_eq!(
        paths,
        [
            "/functions_timing/1/logs",
            "/functions_alloc/1/logs",
            "/channels/1/logs",
            "/streams/1/logs",
            "/futures/1/logs",
            "/debug/dbg/1/logs",
            "/debug/val/1/logs",
            "/debug/gauge/1/logs",
        ]
    );
}

#[test]
fn a_row_knows_where_its_log_is() {
    let value = |id, kind| ValueStats { id, kind, expression: "x".to_owned(), ..ValueStats::default() };
    let rows = [value(1, ValueKind::Dbg), value(2, ValueKind::Gauge)];
    let section = Table::of::<Debug>(&rows, &(), &[]);
    let mut paths: Vec<_> = section.rows.iter().map(|row| section.log_path(row)).collect();
    paths.sort();
    assert_eq!(paths, [Some("/debug/dbg/1/logs".to_owned()), Some("/debug/gauge/2/logs".to_owned())]);
}

#[test]
fn a_section_alone_has_all_rows_and_reads_back() {
    let row = |id| hotpath_report::FunctionStats { id, name: format!("f{id}"), ..Default::default() };
    let section = Table::of::<Timing>(&[row(1), row(2), row(3)], &(), &[95.0]).limited(1);
    let report = Report { sections: vec![section], duration_ns: 5, ..Report::default() };
    let text = render::section_json(&report, "functions_timing", Form::Whole).expect("the section");
    let json: Json = serde_json::from_str(&text).expect("JSON");
    assert_eq!((json["included_count"].as_u64(), json["data"].as_array().map(Vec::len)), (Some(3), Some(3)));
    let back = hotpath_analysis::read_section("functions_timing", &text).expect("a section");
    assert_eq!(back.rows, report.sections[0].rows);
    // Apart from the limit it is the object that the report has.
    let whole = Report { sections: vec![report.sections[0].clone().limited(0)], ..report.clone() };
    let mut all = String::new();
    render::json(&whole, &render::Options::default(), &mut all).expect("JSON");
    assert!(all.contains(&text));
}
