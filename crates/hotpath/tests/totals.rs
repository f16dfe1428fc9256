//! Totals and own times, against a stopwatch inside and one outside of each call.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::thread;

use common::{Node, Report, assert_between, session, spin_us, timed};

#[hotpath::measure]
fn spins(micros: u64) -> u64 {
    timed(|| spin_us(micros)).0
}

#[test]
fn a_total_lies_between_the_stopwatches() {
    let session = session();
    let (outside, inside) =
        (1..=20).map(|n| timed(|| spins(n * 10))).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    let row = session.report().row("spins");
    assert_between(inside, row.number("total_ns"), outside);
    assert!(row.number("avg_ns").abs_diff(row.number("total_ns") / 20) <= 1);
    // A function without measured callees: everything is its own.
    assert!(row.number("self_ns").abs_diff(row.number("total_ns")) <= 1);
}

#[test]
fn totals_of_threads_add_up() {
    let session = session();
    let sums: Vec<(u64, u64)> = thread::scope(|scope| {
        let body = || (0..10).map(|_| timed(|| spins(50))).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(body)).collect();
        threads.into_iter().map(|thread| thread.join().expect("it does not panic")).collect()
    });
    let row = session.report().row("spins");
    assert_eq!(row.calls(), 40);
    assert_between(sums.iter().map(|s| s.1).sum(), row.number("total_ns"), sums.iter().map(|s| s.0).sum());
}

#[hotpath::measure]
fn outer(rounds: u64) -> u64 {
    let own = timed(|| spin_us(200)).0;
    (0..rounds).for_each(|_| {
        inner();
    });
    own
}

#[hotpath::measure]
fn inner() {
    spin_us(20);
    innermost();
}

#[hotpath::measure]
fn innermost() {
    spin_us(10);
}

#[test]
fn self_time_is_total_minus_callees() {
    let session = session();
    let own: u64 = (0..5).map(|_| outer(10)).sum();
    let report = session.report();
    let number = |name: &str, key: &str| report.row(name).number(key);
    let callers = [("outer", "inner"), ("inner", "innermost")];
    for (caller, callee) in callers {
        let wanted = number(caller, "total_ns") - number(callee, "total_ns");
        assert!(
            number(caller, "self_ns").abs_diff(wanted) <= 3,
            "{caller}: {wanted} wanted, {report:#?}",
            report = report.0
        );
    }
    assert!(number("outer", "self_ns") + common::slack(own) >= own);
    let main = report.row("main");
    let caller = &report.tree()[0];
    assert!(caller.name == "main" && caller.self_ns.abs_diff(main.number("self_ns")) <= 10, "{caller:#?}");
    assert_eq!(caller.child("outer").child("inner").child("innermost").calls, 50);
    assert_sums_hold(&report);
}

/// In the tree totals are own time and children, and no more time was spent than passed.
fn assert_sums_hold(report: &Report) {
    let check = &mut |node: &Node| {
        let below: u64 = node.children.iter().map(|child| child.total_ns).sum();
        let is_caller = node.name == "main";
        assert!(node.total_ns.abs_diff(node.self_ns + below) <= if is_caller { 10 } else { 0 }, "{node:#?}");
    };
    report.tree().iter().for_each(|node| node.visit(check));
    let own: u64 = report.rows().iter().map(|row| row.number("self_ns")).sum();
    assert!(own <= report.duration_ns() + 10, "{own} ns of own time in {} ns", report.duration_ns());
    let rows = report.rows();
    assert!(rows.iter().all(|row| row.number("self_ns") <= row.number("total_ns")));
}

#[hotpath::measure]
fn recursive(depth: u64) {
    spin_us(30);
    if depth > 1 {
        recursive(depth - 1);
    }
}

#[test]
fn direct_recursion_counts_its_time_once() {
    let session = session();
    let (outside, ()) = timed(|| recursive(20));
    let report = session.report();
    let row = report.row("recursive");
    assert_eq!((row.calls(), row.in_histogram()), (20, 20));
    assert_between(20 * 30_000, row.number("total_ns"), outside);
    assert!(row.number("self_ns").abs_diff(row.number("total_ns")) <= 20);
    // Each call's own duration is in the distribution: the longest is the outermost.
    assert!(row.number("max_ns").abs_diff(row.number("total_ns")) <= 1, "{row:#?}");
    assert!(row.number("min_ns") >= 29_000);
    assert_sums_hold(&report);
}

#[hotpath::measure]
fn ping(depth: u64) {
    spin_us(20);
    if depth > 0 {
        pong(depth - 1);
    }
}

#[hotpath::measure]
fn pong(depth: u64) {
    spin_us(40);
    if depth > 0 {
        ping(depth - 1);
    }
}

#[test]
fn mutual_recursion_counts_its_time_once() {
    let session = session();
    let (outside, ()) = timed(|| ping(19));
    let report = session.report();
    let (ping, pong) = (report.row("ping"), report.row("pong"));
    assert_eq!((ping.calls(), pong.calls()), (10, 10));
    let inside = 10 * 60_000;
    assert_between(inside, ping.number("total_ns"), outside);
    assert!(pong.number("total_ns") <= ping.number("total_ns"));
    assert_between(inside, ping.number("self_ns") + pong.number("self_ns"), outside);
    assert!(ping.number("self_ns") >= 199_000 && pong.number("self_ns") >= 399_000);
    assert_sums_hold(&report);
}

#[hotpath::measure]
fn grows(wide: bool, depth: u64) {
    spin_us(1);
    if depth > 0 {
        grows(wide, depth - 1);
        if wide {
            leaf();
        }
    }
}

#[hotpath::measure]
fn leaf() {
    spin_us(1);
}

/// The calls of `grows` and `leaf`: in the rows, and in the tree.
fn grown(report: &Report) -> [(u64, u64); 2] {
    let in_tree = |name: &str| report.tree().iter().map(|node| node.calls_below(name)).sum::<u64>();
    ["grows", "leaf"].map(|name| (report.row(name).calls(), in_tree(name)))
}

#[test]
fn deep_recursion_loses_no_call() {
    let session = session();
    grows(true, 300);
    let report = session.report();
    assert_eq!(grown(&report), [(301, 301), (300, 300)]);
    assert_sums_hold(&report);
}

#[test]
fn recursion_past_every_bound_loses_no_call() {
    let session = session();
    let deep = thread::Builder::new().stack_size(64 << 20).spawn(|| grows(true, 10_000)).expect("a thread");
    deep.join().expect("it does not panic");
    let report = session.report();
    assert_eq!(["grows", "leaf"].map(|name| report.row(name).calls()), [10_001, 10_000]);
    let mut in_tree = 0;
    report.tree().iter().for_each(|root| root.visit(&mut |node| in_tree += node.calls));
    assert_eq!(in_tree, 20_001 + 1, "with the caller's own");
}

#[test]
fn the_callers_row_is_the_session() {
    let session = session();
    spins(100);
    let report = session.report();
    let main = report.row("main");
    assert_eq!((main.calls(), main.number("total_raw_ns")), (1, report.duration_ns()));
    assert!(main.number("self_ns") + report.row("spins").number("total_ns") <= report.duration_ns() + 2);
    assert_eq!(main.text("percent_total"), "100.00%");
}
