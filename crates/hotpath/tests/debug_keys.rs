//! However many keys a program makes, there is a bound to them. Alone in its process: it uses them up.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use common::{Row, session};

#[test]
fn keys_are_bounded_and_every_update_is_counted() {
    let session = session();
    for n in 0..1_500 {
        hotpath::gauge!(format!("key {n}")).set(n);
    }
    let report = session.report();
    let entries = report.0["debug"]["entries"].as_array().expect("there are some").clone();
    let rows: Vec<Row> = entries.into_iter().map(Row).collect();
    assert_eq!(rows.len(), 1_001);
    assert_eq!(rows.iter().map(|row| row.number("log_count")).sum::<u64>(), 1_500);
    let other: Vec<&Row> = rows.iter().filter(|row| row.text("expression") == "<other>").collect();
    assert_eq!(other.len(), 1);
    assert_eq!(other[0].number("log_count"), 500);
}
