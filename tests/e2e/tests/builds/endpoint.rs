//! The endpoint of a program that tracks allocations.

use serde_json::Value;

use crate::{
    common::served::Served,
    package::{MANIFEST_0_16_1, Package, bins, target},
};

#[test]
fn the_log_of_allocations_says_what_each_call_took() {
    let programs = bins(&[("alloc_log", include_str!("../../documents/alloc_log.rs"))]);
    let package = Package::new("alloc_log", MANIFEST_0_16_1, &programs);
    package.succeeds(&["build", "--quiet", "--features=hotpath,hotpath-alloc"]);
    let program = target().join("debug/alloc_log");
    let served = Served::of(program.to_str().expect("it is text"), &[("HOTPATH_METRICS_PORT", "0")]);
    let took = |name| -> Vec<(u64, u64, u64)> {
        let log = served.log("functions_alloc", "name", name);
        let number = |call: &Value, key: &str| call[key].as_u64().unwrap_or_else(|| panic!("{key}: {log:#}"));
        let calls = log["logs"].as_array().unwrap_or_else(|| panic!("{log:#}"));
        let of =
            |call| (number(call, "invocation"), number(call, "alloc_bytes"), number(call, "alloc_count"));
        calls.iter().map(of).collect()
    };
    let newest = |calls: Vec<(u64, u64, u64)>| calls.into_iter().take(50).collect::<Vec<_>>();
    assert_eq!(newest(took("::take")), (51..=100).rev().map(|n| (n, n, 1)).collect::<Vec<_>>());
    assert_eq!(took("::take_all"), [(1, 5050, 100)]);
    assert_eq!(newest(took("::take_nothing")), (51..=100).rev().map(|n| (n, 0, 0)).collect::<Vec<_>>());
}
