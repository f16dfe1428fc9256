//! What the threads section tells of allocations: per thread, alive or ended, and together.

use std::{sync::Barrier, thread};

use hotpath::CountingAllocator;
use memory::{bytes, churn, session};
use serde_json::Value;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

fn named<'a>(report: &'a Value, name: &str) -> &'a Value {
    let rows = report["threads"]["data"].as_array().expect("threads");
    rows.iter()
        .find(|row| row["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {:#}", report["threads"]))
}

fn numbers(row: &Value, keys: [&str; 3]) -> [i64; 3] {
    keys.map(|key| row[key].as_i64().unwrap_or_else(|| panic!("{key} is unknown in {row:#}")))
}

const OF_A_THREAD: [&str; 3] = ["allocated_bytes", "freed_bytes", "diff_bytes"];

#[test]
fn threads_have_what_they_allocated_since_the_session_began() {
    #[hotpath::measure]
    fn measured(size: usize) -> Vec<u8> {
        churn(1000);
        bytes(size)
    }
    let before = bytes(1 << 20); // the session knows nothing of it
    let session = session();
    let (ready, done) = (Barrier::new(3), Barrier::new(3));
    let spawn = |name: &str| thread::Builder::new().name(name.to_owned());
    let told = thread::scope(|scope| {
        let measures = spawn("measures").spawn_scoped(scope, || {
            let kept = measured(1 << 22);
            ready.wait();
            done.wait();
            drop(kept);
        })?;
        let measures_not = spawn("measures not").spawn_scoped(scope, || {
            let kept = bytes(1 << 21);
            ready.wait();
            done.wait();
            drop(kept);
        })?;
        ready.wait();
        let told = session.report();
        done.wait();
        // The scope waits for their closures only; joined, they have ended.
        measures.join().expect("it does not panic");
        measures_not.join().expect("it does not panic");
        Ok::<_, std::io::Error>(told)
    });
    drop(before);
    let told: Value = told.expect("threads begin").0;
    // The standard library allocates a little to begin a thread.
    for (name, allocated, freed) in [("measures", (1 << 22) + 1000, 1000), ("measures not", 1 << 21, 0)] {
        let [a, f, diff] = numbers(named(&told, name), OF_A_THREAD);
        assert!((allocated..allocated + 2000).contains(&a) && (freed..freed + 2000).contains(&f), "{a} {f}");
        assert_eq!(diff, a - f);
    }
    let ended = session.report().0;
    let [allocated, freed, _] = numbers(named(&ended, "measures"), OF_A_THREAD);
    assert!(allocated >= (1 << 22) + 1000 && freed >= (1 << 22) + 1000, "{allocated} {freed}");
    assert_eq!(named(&ended, "measures")["status"], "Ended");
    let together = ["total_allocated_bytes", "total_freed_bytes", "total_diff_bytes"];
    let [allocated, freed, diff] = numbers(&ended["threads"], together);
    assert_eq!(diff, allocated - freed);
    assert_eq!(Some(allocated), ended["functions_alloc"]["total_allocated_bytes"].as_i64());
    assert!(freed >= (1 << 20) + (1 << 21) + (1 << 22), "{freed}");
}
