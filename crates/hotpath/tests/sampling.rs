//! Sampling takes the time of some calls and counts all of them, at rates of the session, of single functions, or within a budget.
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
        // Own times are estimates as well, and both have their standard errors.
        assert!(row.number("self_ns") <= row.number("total_ns"), "{row:#?}");
        assert!(row.number("total_se_ns") > 0 && row.number("self_se_ns") > 0, "{row:#?}");
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

#[hotpath::measure(sample = 0.0)]
fn never() {
    std::hint::black_box(());
}

#[hotpath::measure(sample = 1)]
fn always() {
    std::hint::black_box(());
}

struct Fourth;

#[hotpath::measure_all(sample = 0.25)]
impl Fourth {
    fn fourth() {
        std::hint::black_box(());
    }
}

fn with_own_rates(rate: Option<f64>) -> Report {
    let session = session_with(|builder| match rate {
        Some(rate) => builder.functions_time_sampling_rate(rate),
        None => builder,
    });
    for _ in 0..CALLS {
        never();
        always();
        Fourth::fourth();
    }
    session.report()
}

#[test]
fn a_rate_of_a_function_wins_over_the_settings() {
    for rate in [None, Some(0.0), Some(0.5), Some(1.0)] {
        let report = with_own_rates(rate);
        let timed = |name| {
            let row = report.row(name);
            assert_eq!((row.calls(), row.in_histogram()), (CALLS, row.number("sampled_calls")), "{name}");
            row.number("sampled_calls")
        };
        assert_eq!((timed("never"), timed("always")), (0, CALLS), "{rate:?}");
        // Ten standard deviations, were each call drawn by itself.
        assert!(timed("fourth").abs_diff(CALLS / 4) < 274, "{rate:?}: {}", timed("fourth"));
    }
}

#[hotpath::measure]
fn tiny() {
    std::hint::black_box(());
}

#[test]
fn a_budget_counts_all_calls_and_times_those_that_it_can_pay_for() {
    const MANY: u64 = 300_000;
    let session = session_with(|builder| builder.budget(0.1));
    for _ in 0..MANY {
        tiny();
        always();
    }
    let report = session.report();
    let (tiny, always) = (report.row("tiny"), report.row("always"));
    assert_eq!((tiny.calls(), always.calls()), (MANY, MANY));
    assert_eq!(always.number("sampled_calls"), MANY, "its own rate wins");
    let timed = tiny.number("sampled_calls");
    assert!(timed > 0 && timed < MANY / 2, "{timed} of {MANY}");
    assert!(tiny.number("total_se_ns") > 0 && tiny.number("total_ns") > 0, "{tiny:#?}");
    let budget = &report.0["budget"];
    assert_eq!((budget["percent"].as_f64(), budget["functions"].as_u64()), (Some(0.1), Some(2)));
    assert_eq!(budget["estimated_functions"].as_u64(), Some(1), "{budget}");
}
