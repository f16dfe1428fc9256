//! Known amounts in known places, compared to the byte.

use std::{
    hint::black_box,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use hotpath::{CountingAllocator, alloc::measure};
use memory::{bytes, churn, session, session_with};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

#[test]
fn every_way_to_allocate() {
    #[hotpath::measure]
    fn vec() {
        drop(black_box(Vec::<u8>::with_capacity(100)));
    }
    #[hotpath::measure]
    fn boxed() {
        drop(black_box(Box::new([0_u64; 4])));
    }
    #[hotpath::measure]
    fn grows() {
        let mut text = black_box(String::with_capacity(10));
        text.push_str("0123456789");
        text.reserve_exact(20); // 30 bytes, in the place of 10
        drop(black_box(text));
    }
    #[hotpath::measure]
    fn shrinks() {
        let mut list = black_box(Vec::<u8>::with_capacity(50));
        list.push(1);
        list.shrink_to_fit();
        drop(black_box(list));
    }
    #[hotpath::measure]
    fn zeroed() {
        drop(black_box(vec![0_u8; 64]));
    }
    #[repr(align(4096))]
    struct Page([u8; 4096]);
    #[hotpath::measure]
    fn over_aligned() {
        let page = black_box(Box::new(Page([1; 4096])));
        assert_eq!((page.0[0], (&raw const *page).addr() % 4096), (1, 0));
        drop(page);
    }
    #[hotpath::measure]
    fn nothing_at_all() {
        drop(black_box((Box::new(()), Vec::<u64>::new())));
    }
    let session = session();
    for _ in 0..3 {
        vec();
        boxed();
        grows();
        shrinks();
        zeroed();
        over_aligned();
        nothing_at_all();
    }
    let report = session.report();
    let is = |name: &str, own: [u64; 4], peak: u64| {
        let row = report.row(name);
        assert_eq!(row.own(), own.map(|of_one| 3 * of_one), "{name}");
        assert_eq!(row.all(), [own[0], own[1], own[2]].map(|of_one| 3 * of_one), "{name}");
        assert_eq!(row.peak(), [peak, 1], "{name}");
        assert_eq!(row.signed("kept_bytes"), 0, "{name}");
        assert_eq!(row.numbers(["avg_bytes", "min_bytes", "max_bytes", "p95_bytes"]), [own[0]; 4], "{name}");
        assert_eq!(row.numbers(["avg_count", "min_count", "max_count", "p95_count"]), [own[1]; 4], "{name}");
        assert_eq!(row.number("sum_bytes"), 3 * own[0], "{name}");
    };
    is("vec", [100, 1, 100, 1], 100);
    is("boxed", [32, 1, 32, 1], 32);
    is("grows", [40, 2, 40, 2], 30); // the two are never alive together
    is("shrinks", [51, 2, 51, 2], 50);
    is("zeroed", [64, 1, 64, 1], 64);
    is("over_aligned", [4096, 1, 4096, 1], 4096);
    let row = report.row("nothing_at_all");
    assert_eq!((row.own(), row.all(), row.number("calls")), ([0; 4], [0; 3], 3));
}

#[test]
fn own_and_total() {
    #[hotpath::measure]
    fn outer() {
        let _own = bytes(10);
        middle();
        churn(20);
        middle();
    }
    #[hotpath::measure]
    fn middle() {
        inner();
        churn(300);
        unmeasured();
    }
    fn unmeasured() {
        churn(4000);
    }
    #[hotpath::measure]
    fn inner() {
        churn(50_000);
    }
    let session = session();
    outer();
    inner();
    let report = session.report();
    assert_eq!(report.row("outer").own(), [30, 2, 30, 2]);
    assert_eq!(report.row("outer").all(), [30 + 2 * 54_300, 8, 30 + 2 * 54_300]);
    assert_eq!(report.row("outer").peak(), [50_010, 2]);
    assert_eq!(report.row("middle").own(), [8600, 4, 8600, 4]);
    assert_eq!(report.row("middle").all(), [2 * 54_300, 6, 2 * 54_300]);
    assert_eq!(report.row("middle").peak(), [50_000, 1]);
    assert_eq!(report.row("inner").own(), [150_000, 3, 150_000, 3]);
    assert_eq!(report.row("inner").all(), [150_000, 3, 150_000]);
}

#[test]
fn calls_that_allocate_nothing_are_calls_of_zero() {
    #[hotpath::measure]
    fn sometimes(n: usize) {
        if n >= 8 {
            churn(1000);
        }
    }
    let session = session_with(|builder| builder.percentiles(&[50.0, 75.0, 85.0, 100.0]));
    (0..10).for_each(sometimes);
    let row = session.report().row("sometimes");
    assert_eq!(row.numbers(["avg_bytes", "min_bytes", "max_bytes", "sum_bytes"]), [200, 0, 1000, 2000]);
    assert_eq!(row.numbers(["p50_bytes", "p75_bytes", "p85_bytes", "p100_bytes"]), [0, 0, 1000, 1000]);
    assert_eq!(row.numbers(["p50_count", "p75_count", "p85_count", "p100_count"]), [0, 0, 1, 1]);
    let buckets = row.0["histogram"].as_array().expect("a histogram");
    assert_eq!(buckets[0], serde_json::json!([0, 8]));
    assert_eq!((buckets.len(), &buckets[1][1]), (2, &serde_json::json!(2)));
}

#[test]
fn percentiles_lie_within_a_bucket_of_the_truth() {
    #[hotpath::measure]
    fn up_to_a_thousand(n: usize) {
        churn(n * 100);
    }
    let session = session_with(|builder| builder.percentiles(&[10.0, 50.0, 99.0]));
    (1..=1000).for_each(up_to_a_thousand);
    let row = session.report().row("up_to_a_thousand");
    assert_eq!(row.numbers(["min_bytes", "max_bytes", "sum_bytes"]), [100, 100_000, 50_050_000]);
    for (key, truth) in [("p10_bytes", 10_000), ("p50_bytes", 50_000), ("p99_bytes", 99_000)] {
        let off = row.number(key).abs_diff(truth);
        assert!(off * 50 <= truth, "{key}: {} instead of {truth}", row.number(key)); // 2 %
    }
}

#[test]
fn what_others_allocated_is_freed_here() {
    #[hotpath::measure]
    fn makes() -> Vec<u8> {
        bytes(700)
    }
    #[hotpath::measure]
    fn frees(list: Vec<u8>) {
        drop(list);
    }
    #[hotpath::measure]
    fn frees_first(list: Vec<u8>) {
        drop(list);
        churn(700);
    }
    let session = session();
    let [one, two, three] = [makes(), makes(), makes()];
    frees(one);
    frees_first(two);
    let report = session.report();
    let makes = report.row("makes");
    assert_eq!((makes.own(), makes.signed("kept_bytes"), makes.peak()), ([2100, 3, 0, 0], 2100, [700, 1]));
    let frees = report.row("frees");
    assert_eq!((frees.own(), frees.signed("kept_bytes"), frees.peak()), ([0, 0, 700, 1], -700, [0, 0]));
    let first = report.row("frees_first");
    assert_eq!((first.own(), first.signed("kept_bytes")), ([700, 1, 1400, 2], -700));
    assert_eq!(first.peak(), [0, 0], "never more alive than at entry");
    drop(three);
}

#[test]
fn the_peak_is_of_what_was_alive_at_once() {
    #[hotpath::measure]
    fn one_after_another() {
        churn(100);
        churn(60);
    }
    #[hotpath::measure]
    fn together() {
        let _a = bytes(100);
        let _b = bytes(60);
    }
    #[hotpath::measure]
    fn around_callees() {
        let _own = bytes(10);
        callee(100); // 110
        let _more = bytes(20);
        callee(50); // 80
    }
    #[hotpath::measure]
    fn callee(size: usize) {
        churn(size);
    }
    let session = session();
    let _before = bytes(1_000_000);
    one_after_another();
    together();
    around_callees();
    around_callees();
    let report = session.report();
    assert_eq!(report.row("one_after_another").peak(), [100, 1]);
    assert_eq!(report.row("together").peak(), [160, 2]);
    assert_eq!(report.row("around_callees").peak(), [110, 3]);
    assert_eq!(report.row("callee").peak(), [100, 1]);
    let [bytes, count] = report.caller().peak();
    assert!((1_000_160..1_001_000).contains(&bytes) && count >= 3, "{bytes} {count}");
}

#[test]
fn a_call_on_its_way_tells_what_it_allocated_so_far() {
    #[hotpath::measure]
    fn goes_on(look: impl FnOnce()) {
        let _own = bytes(123);
        below();
        look();
        churn(1);
    }
    #[hotpath::measure]
    fn below() {
        churn(1000);
    }
    let session = session();
    let mut found = None;
    goes_on(|| found = Some(session.report()));
    let row = found.expect("it looked").row("goes_on");
    assert_eq!(row.numbers(["self_bytes", "total_bytes", "running"]), [123, 1123, 1]);
    assert!(row.is_unknown("max_bytes") && row.is_unknown("avg_bytes") && row.is_unknown("peak_bytes"));
}

#[test]
fn a_panic_through_measured_functions() {
    #[hotpath::measure]
    fn catches() {
        let _own = bytes(11);
        let caught = catch_unwind(AssertUnwindSafe(panics));
        assert!(caught.is_err());
        churn(22);
    }
    #[hotpath::measure]
    fn panics() {
        let _freed_while_unwinding = bytes(333);
        resume_unwind(Box::new(()));
    }
    let session = session();
    let truth = measure(catches);
    let report = session.report();
    let (catches, panics) = (report.row("catches"), report.row("panics"));
    assert_eq!(catches.all(), [truth.bytes, truth.count, truth.freed]);
    assert_eq!(catches.number("peak_bytes"), truth.peak);
    assert_eq!(catches.number("self_bytes"), 33);
    assert_eq!(catches.number("self_bytes") + panics.number("self_bytes"), truth.bytes);
    assert!(panics.number("freed_bytes") >= 333);
    assert_eq!(catches.number("calls") + panics.number("calls"), 2);
}

#[test]
fn blocks_and_methods_are_functions_too() {
    struct Thing;
    #[hotpath::measure_all]
    impl Thing {
        fn method(&self) {
            churn(40);
            hotpath::measure_block!("a block of memory", churn(400));
            (0..2).for_each(|_| hotpath::measure_block!("a block of memory in a closure", churn(7)));
        }
    }
    let session = session();
    Thing.method();
    let report = session.report();
    assert_eq!(report.row("method").own(), [40, 1, 40, 1]);
    assert_eq!(report.row("method").all(), [454, 4, 454]);
    assert_eq!(report.row("a block of memory").own(), [400, 1, 400, 1]);
    assert_eq!(report.row("a block of memory in a closure").own(), [14, 2, 14, 2]);
}

#[test]
fn the_caller_is_a_function_too() {
    #[hotpath::measure]
    fn called() {
        churn(1 << 20);
    }
    let session = session();
    let before = session.report().caller();
    let held = measure(|| {
        churn(1 << 21);
        called();
        bytes(1 << 22)
    });
    let after = session.report().caller();
    // Beside what is known here, the caller has the reports' texts and what the test makes of them.
    let own = after.number("self_bytes") - before.number("self_bytes");
    let all = after.number("total_bytes") - before.number("total_bytes");
    assert_eq!(all - own, 1 << 20);
    assert!(own >= (1 << 21) + (1 << 22));
    assert_eq!((held.bytes, held.peak), ((1 << 20) + (1 << 21) + (1 << 22), 1 << 22));
    assert_eq!(after.numbers(["calls", "running"]), [1, 0]);
}

#[test]
fn the_call_tree_has_the_same() {
    #[hotpath::measure]
    fn trunk() {
        churn(5);
        leaf();
        branch();
    }
    #[hotpath::measure]
    fn branch() {
        churn(60);
        leaf();
    }
    #[hotpath::measure]
    fn leaf() {
        churn(700);
    }
    let session = session();
    trunk();
    let report = session.report();
    fn find<'a>(nodes: &'a serde_json::Value, name: &str) -> &'a serde_json::Value {
        let mut nodes = nodes.as_array().expect("nodes").iter();
        nodes.find(|node| node["name"].as_str().is_some_and(|own| own.ends_with(name))).expect("it is there")
    }
    let caller = find(&report.0["call_tree"], "caller");
    let trunk = find(&caller["children"], "::trunk");
    let branch = find(&trunk["children"], "::branch");
    for (node, bytes) in [
        (trunk, 5),
        (branch, 60),
        (find(&trunk["children"], "::leaf"), 700),
        (find(&branch["children"], "::leaf"), 700),
    ] {
        assert_eq!((&node["alloc_bytes"], &node["alloc_count"]), (&bytes.into(), &1.into()), "{node:#}");
    }
    assert_eq!(report.row("leaf").own(), [1400, 2, 1400, 2]);
    assert_eq!(caller["alloc_bytes"], report.caller().0["self_bytes"]);
}
