//! Recursion of any depth.

use hotpath::CountingAllocator;
use memory::{Report, bytes, churn, session};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

const DEEP: u64 = 100_000;

/// With room for deep recursion.
fn on_a_large_stack(work: impl FnOnce() + Send) -> Report {
    let session = session();
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(1 << 30);
        let thread = builder.spawn_scoped(scope, work).expect("a thread");
        thread.join().expect("it does not panic");
    });
    session.report()
}

#[test]
fn a_hundred_thousand_deep() {
    #[hotpath::measure]
    fn deep(left: u64) {
        let _before = bytes(10);
        if left > 1 {
            deep(left - 1);
        }
        churn(3);
    }
    let report = on_a_large_stack(|| deep(DEEP));
    let row = report.row("deep");
    assert_eq!(row.number("calls"), DEEP);
    assert_eq!(row.own(), [13 * DEEP, 2 * DEEP, 13 * DEEP, 2 * DEEP]);
    assert_eq!(row.all(), [13 * DEEP, 2 * DEEP, 13 * DEEP], "counted once");
    assert_eq!(row.peak(), [10 * DEEP + 3, DEEP + 1]);
    assert_eq!(row.numbers(["max_bytes", "min_bytes", "avg_bytes"]), [13; 3]);
}

#[test]
fn only_the_deepest_allocates() {
    #[hotpath::measure]
    fn silent(left: u64) {
        if left == 1 { churn(77) } else { silent(left - 1) }
    }
    let row = on_a_large_stack(|| silent(DEEP)).row("silent");
    assert_eq!((row.number("calls"), row.own(), row.all()), (DEEP, [77, 1, 77, 1], [77, 1, 77]));
    assert_eq!(row.numbers(["min_bytes", "max_bytes", "sum_bytes"]), [0, 77, 77]);
    assert_eq!(row.peak(), [77, 1]);
}

#[test]
fn one_another() {
    #[hotpath::measure]
    fn even(left: u64) {
        let _own = bytes(2);
        if left > 0 {
            odd(left - 1);
        }
    }
    #[hotpath::measure]
    fn odd(left: u64) {
        if left > 0 {
            even(left - 1);
        }
        churn(5);
    }
    let report = on_a_large_stack(|| {
        even(10_000);
        odd(9);
    });
    let (even, odd) = (report.row("even"), report.row("odd"));
    assert_eq!(even.own(), [2 * 5006, 5006, 2 * 5006, 5006]);
    assert_eq!(odd.own(), [5 * 5005, 5005, 5 * 5005, 5005]);
    // All of the first run, and of the second all but the outermost `odd`.
    assert_eq!(even.all()[0], (2 * 5001 + 5 * 5000) + (2 * 5 + 5 * 4));
    // All of the second, and of the first all but the outermost `even`.
    assert_eq!(odd.all()[0], (2 * 5 + 5 * 5) + (2 * 5000 + 5 * 5000));
    assert_eq!(even.peak(), [2 * 5000 + 5, 5001], "the innermost `odd` has all but one `even` around it");
}

#[test]
fn it_returns_what_its_callees_allocated() {
    #[hotpath::measure]
    fn tree(depth: u32) -> Vec<Vec<u8>> {
        let mut mine = Vec::with_capacity(1 << depth);
        if depth == 0 {
            mine.push(bytes(1000));
        } else {
            mine.extend(tree(depth - 1));
            mine.extend(tree(depth - 1));
        }
        mine
    }
    let session = session();
    let leaves = tree(6);
    let row = session.report().row("tree");
    // 2^(6-d) calls of depth d, each with a list of 2^d times 24 bytes.
    assert_eq!(row.own(), [7 * 64 * 24 + 64 * 1000, 127 + 64, 6 * 64 * 24, 126]);
    assert_eq!(row.all(), [7 * 64 * 24 + 64 * 1000, 127 + 64, 6 * 64 * 24]);
    assert_eq!(row.signed("kept_bytes"), 64 * 1000 + 64 * 24);
    assert_eq!(leaves.len(), 64);
}

#[test]
fn async_recursion() {
    #[hotpath::measure]
    async fn descends(left: u64) {
        let _own = bytes(10);
        memory::Yields(1).await;
        if left > 1 {
            Box::pin(descends(left - 1)).await;
        }
        churn(4);
    }
    let size = size_of_val(&descends(0)) as u64;
    let session = session();
    smol::block_on(descends(50));
    let row = session.report().row("descends");
    let all = 50 * 14 + 49 * size;
    assert_eq!(row.own(), [all, 149, all, 149]);
    assert_eq!(row.all(), [all, 149, all]);
}
