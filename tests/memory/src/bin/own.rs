//! The profiler's own allocations are nobody's, whatever it does. Nothing runs here beside `main` and the profiler, so the
//! process's sums are known to the byte.

use std::{collections::HashMap, fmt, thread, time::Duration};

use hotpath::{CountingAllocator, Format, HotpathGuard, HotpathGuardBuilder, alloc::measure};
use memory::{Accounts, Counted, Ledger, Report, bytes, churn};

#[global_allocator]
static ALLOCATOR: CountingAllocator<Ledger> = CountingAllocator::with(Ledger);

/// Bytes allocated and freed at once.
fn churned(sizes: &[u64]) -> Counted {
    let (bytes, count) = (sizes.iter().sum(), sizes.len() as u64);
    Counted { bytes, count, freed: bytes, frees: count }
}

/// Asserts that `work` is told as `expected`. Whether the profiler allocated something for itself meanwhile.
#[track_caller]
fn told(expected: &[u64], work: impl FnOnce()) -> bool {
    let accounts = Accounts::of(work);
    assert_eq!(accounts.told, churned(expected), "{accounts:?}");
    assert_eq!(accounts.live, 0, "{accounts:?}");
    accounts.ledger != accounts.told
}

fn main() {
    let guard = HotpathGuardBuilder::new("own").limit(0).format(Format::None).build();
    reports();
    recording();
    controls();
    threads();
    drop(guard);
    sessions();
    println!("nothing of its own");
}

/// Reports, of which the first measures on a thread of its own what a call costs.
fn reports() {
    assert!(!told(&[], || ()));
    for _ in 0..3 {
        let is_told = measure(|| hotpath::report_json().map(|text| text.len() as u64));
        let length = is_told.value.expect("a session is running");
        assert_eq!((is_told.bytes, is_told.count, is_told.freed), (length, 1, length), "a text, and no more");
        assert_eq!(is_told.peak, length);
    }
}

fn recording() {
    #[hotpath::measure]
    fn hit_first() {
        churn(100);
    }
    told(&[100], hit_first);
    assert!(!told(&[100; 1000], || (0..1000).for_each(|_| hit_first())));
    #[derive(Clone, Copy)]
    struct Value;
    impl fmt::Debug for Value {
        fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
            to.write_str(&"long ".repeat(100)) // made only because it is kept
        }
    }
    #[hotpath::measure(log = true)]
    fn logged() -> Value {
        churn(9);
        Value
    }
    #[hotpath::measure(log = true)]
    async fn logged_later() -> Value {
        churn(11);
        Value
    }
    assert!(told(&[9, 11], || {
        logged();
        smol_free_block_on(logged_later());
    }));
    assert!(told(&[9; 200], || (0..200).for_each(|_| _ = logged())));
    let labels: Vec<&'static str> = (0..100).map(|n| &*format!("label {n}").leak()).collect();
    let first_hits = || labels.iter().for_each(|label| hotpath::measure_block!(*label, churn(5)));
    assert!(told(&[5; 100], first_hits), "they need something, or this test sees nothing");
    assert!(!told(&[5; 100], first_hits));
}

/// The value of a future that is ready at once.
fn smol_free_block_on<T>(future: impl Future<Output = T>) -> T {
    let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

fn controls() {
    #[hotpath::measure]
    fn after_a_pause() {
        churn(3);
    }
    told(&[1, 3, 3], || {
        hotpath::pause();
        churn(1);
        after_a_pause();
        hotpath::resume();
        after_a_pause();
    });
    hotpath::reset();
    let report = Report::parse(&hotpath::report_json().expect("a session is running"));
    report.assert_balance();
    assert_eq!(report.whole("total_allocated_bytes"), 0, "{:#}", report.section());
}

fn threads() {
    #[hotpath::measure]
    fn on_a_thread() {
        churn(64);
    }
    let work = || thread::spawn(on_a_thread).join().expect("it ends");
    work();
    let accounts = Accounts::of(|| (0..20).for_each(|_| work()));
    assert_eq!(accounts.told, accounts.ledger, "what starting a thread takes is the program's");
    assert!(accounts.told.bytes >= 20 * 64);
}

/// A session with everything that can be asked for.
fn session(pairs: &HashMap<String, String>, folder: &std::path::Path) -> HotpathGuard {
    HotpathGuardBuilder::new("a session")
        .format(Format::JsonPretty)
        .output_path(folder.join("report.json"))
        .percentiles(&[50.0, 99.0])
        .report("all,-threads")
        .user_metadata(pairs.clone())
        .timeout(Duration::from_secs(3600))
        .before_shutdown(|| churn(1234))
        .build()
}

fn sessions() {
    let folder = std::env::temp_dir().join(format!("hotpath-own-{}", std::process::id()));
    let pairs = HashMap::from([("key".to_owned(), "value".to_owned())]);
    // What the setters are given is the program's; what they keep is not.
    let given = measure(|| drop((pairs.clone(), folder.join("report.json"))));
    for round in 0..3 {
        let told = measure(|| drop(session(&pairs, &folder)));
        assert_eq!(told.bytes, given.bytes + 1234, "round {round}");
        assert_eq!(told.count, given.count + 1);
        assert_eq!(told.freed, told.bytes);
    }
    std::fs::remove_dir_all(&folder).expect("the report was written");
    // From the last session of all to the end of another: as much is alive as was.
    let live = || {
        let text = hotpath::report_json().expect("a session is running");
        Report::parse(&text).signed("live_bytes") // as it was before there was the text
    };
    let silent = || HotpathGuardBuilder::new("silent").format(Format::None).build();
    let guard = silent();
    let before = live();
    let held = bytes(555);
    drop(guard);
    (0..10).for_each(|_| drop(silent()));
    let guard = silent();
    assert_eq!(live() - before, 555);
    drop((guard, held));
}
