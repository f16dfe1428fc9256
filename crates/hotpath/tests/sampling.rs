//! Sampling takes the time of some calls and counts all of them.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use common::{Report, session_with, spin_us};

const CALLS: u64 = 4000;

#[hotpath::measure]
fn parent() {
    child();
}

#[hotpath::measure]
fn child() {
    spin_us(1);
}

fn sampled(rate: f64) -> Report {
    let session = session_with(|builder| builder.functions_time_sampling_rate(rate));
    (0..CALLS).for_each(|_| parent());
    session.report()
}

#[test]
fn none() {
    let report = sampled(0.0);
    for name in ["parent", "child"] {
        let row = report.row(name);
        assert_eq!((row.calls(), row.number("sampled_calls"), row.in_histogram()), (CALLS, 0, 0));
        for key in ["total_ns", "self_ns", "avg_ns", "min_ns", "max_ns", "p95_ns", "total", "avg", "p95"] {
            assert!(row.is_unknown(key), "{key} in {row:#?}");
        }
    }
    assert_eq!(report.0["time_sampling"]["functions"].as_f64(), Some(0.0));
}

#[test]
fn half() {
    let report = sampled(0.5);
    for name in ["parent", "child"] {
        let row = report.row(name);
        let timed = row.number("sampled_calls");
        assert_eq!((row.calls(), row.in_histogram()), (CALLS, timed));
        // Ten standard deviations of a fair coin.
        assert!(timed.abs_diff(CALLS / 2) < 316, "{timed} of {CALLS}");
        // The total is the estimate that the timed calls give.
        assert!(row.number("total_ns").abs_diff(row.number("avg_ns") * CALLS) <= CALLS, "{row:#?}");
        assert!(row.is_unknown("self_ns"), "{row:#?}");
    }
}

#[test]
fn all() {
    let report = sampled(1.0);
    for name in ["parent", "child"] {
        let row = report.row(name);
        assert_eq!((row.calls(), row.number("sampled_calls"), row.in_histogram()), (CALLS, CALLS, CALLS));
        assert!(row.number("self_ns") <= row.number("total_ns"));
    }
}

#[test]
fn the_call_tree_counts_untimed_calls() {
    let report = sampled(0.5);
    let node = report.tree();
    let parent = node[0].child("parent");
    assert_eq!((parent.calls, parent.child("child").calls), (CALLS, CALLS));
}
