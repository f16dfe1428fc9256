//! Rows past the limit are left out of the shown ones, not of the count.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use common::{session_with, spin_us};
use hotpath::HotpathGuardBuilder;

#[hotpath::measure_all]
mod functions {
    use crate::common::spin_us;

    pub fn long() {
        spin_us(900);
    }

    pub fn middling() {
        spin_us(300);
    }

    pub fn short() {
        spin_us(10);
    }
}

fn shown(more: impl FnOnce(HotpathGuardBuilder) -> HotpathGuardBuilder) -> (Vec<String>, u64, u64) {
    let session = session_with(more);
    functions::short();
    functions::long();
    functions::middling();
    spin_us(1);
    let report = session.report();
    let count = |key: &str| report.0["functions_timing"][key].as_u64().expect("a number");
    let names = report.names().iter().map(|name| name.replace("limits::functions::", "")).collect();
    (names, count("included_count"), count("total_count"))
}

#[test]
fn the_largest_totals_are_shown() {
    assert_eq!(
        shown(|builder| builder.limit(3)),
        (["main", "long", "middling"].map(String::from).to_vec(), 3, 4)
    );
}

#[test]
fn the_sections_own_limit_wins() {
    assert_eq!(shown(|builder| builder.limit(1).functions_limit(2)).0, ["main", "long"]);
    assert_eq!(shown(|builder| builder.functions_limit(0).limit(1)).1, 4);
}

#[test]
fn zero_is_all() {
    assert_eq!(shown(|builder| builder.limit(0)).0, ["main", "long", "middling", "short"]);
}
