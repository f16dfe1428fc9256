//! The channels section, in tables and in JSON.

use crate::fixtures::*;
use hotpath_report::{ChannelStats, Channels, Table, Value, render, render::Options};
use insta::assert_snapshot;

#[test]
fn watched_channels() {
    assert_snapshot!(table(&report(vec![channels()]), &Options::default()));
}

#[test]
fn a_section_alone_as_0_7_showed_it() {
    let mut text = String::new();
    let (report, options) = (report(vec![channels()]), Options::default());
    render::statistics(&report.sections[0], &report, &options, &mut text).expect("a string takes everything");
    assert_snapshot!(text);
}

#[test]
fn watched_channels_for_machines() {
    assert_snapshot!(json_pretty(&report(vec![channels()])));
}

#[test]
fn labelled_rows_stand_first_and_the_rest_in_order_of_lines() {
    let section = channels();
    let labels: Vec<String> = section.rows.iter().map(|row| section.cell(row, "label").to_string()).collect();
    assert_eq!(labels, ["answers", "jobs", "src/queue.rs:9", "src/queue.rs:10"]);
}

#[test]
fn two_runs_add_up_and_the_longer_queue_stays() {
    let one = |sent, queue_max| {
        let row = ChannelStats { sent, queue_max: Some(queue_max), ..channel(1, "jobs", 30) };
        report(vec![Table::of::<Channels>(&[row], &(), &[95.0])])
    };
    let sum = hotpath_analysis::merge(&one(10, 4), &one(5, 9)).sections.remove(0);
    let cell = |key| sum.cell(&sum.rows[0], key).clone();
    assert_eq!((cell("sent_count"), cell("queue_max")), (Value::Count(15), Value::Count(9)));
    assert_eq!((cell("sent_per_s"), cell("delays.max")), (Value::Nothing, Value::Nanos(30_000)));
}

#[test]
fn what_is_written_is_read_again() {
    let text = json(&report(vec![channels()]));
    assert_eq!(json(&hotpath_analysis::read_report(&text).expect("a report")), text);
}
