//! What is recorded once the memory limit is reached. A process of its own, because the limit is one for all.

use std::{
    sync::{Mutex, PoisonError},
    thread,
};

use hotpath_lane::{
    CallSlot, Labels, Site, enter, gate, is_memory_limit_reached, memory_used, read,
    read::{Reading, recent},
    set_memory_limit,
};

fn measured(site: &'static Site, body: impl FnOnce()) {
    let mut slot = CallSlot::new();
    let _call = enter(site, &mut slot);
    body();
}

/// Calls each inner site from each outer one, several times, on a thread of its own.
fn call_all(outer: &'static [&'static Site], inner: &'static [&'static Site], times: usize) {
    let run = move || {
        for _ in 0..times {
            for outer in outer {
                measured(outer, || inner.iter().for_each(|inner| measured(inner, || ())));
            }
        }
    };
    thread::spawn(run).join().expect("it ends");
}

fn calls(reading: &Reading) -> (u64, u64, u64) {
    let in_tree: u64 = reading.tree.iter().map(|node| node.calls).sum();
    let other: u64 = reading.tree.iter().filter(|node| node.site.is_none()).map(|node| node.calls).sum();
    (reading.rows.iter().map(|row| row.calls).sum(), in_tree, other)
}

fn sites(labels: &'static Labels, name: &str, count: usize) -> &'static [&'static Site] {
    let site = |number| labels.site(format!("{name} {number}").leak());
    (0..count).map(site).collect::<Vec<_>>().leak()
}

/// One test at a time: there is one limit, and one gate.
static ONE: Mutex<()> = Mutex::new(());

#[test]
fn what_is_remembered_of_few_calls_is_right_while_memory_is_scarce() {
    static SITE: Site = Site::new("scarce", "t.rs", 4, 1, 3);
    static LOGGED: Site = Site::new("logged", "t.rs", 5, 1, 3);
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let epoch = gate::open();
    thread::spawn(|| measured(&SITE, || ())).join().expect("it ends");
    set_memory_limit(2 * memory_used());
    for epoch in [epoch, 0] {
        let epoch = if epoch == 0 { gate::open() } else { epoch };
        let mut expected = usize::from(epoch != gate::last());
        for calls in [1, 1, 48, 200, 5, 1, 44, 100] {
            thread::spawn(move || (0..calls).for_each(|_| measured(&SITE, || ()))).join().expect("it ends");
            expected += calls;
            let recent = recent(&SITE, epoch, 1000);
            let numbers: Vec<u64> = recent.iter().map(|call| call.number).collect();
            let first = numbers.first().copied().expect("a call");
            assert!(numbers.iter().copied().eq(first..first + numbers.len() as u64), "{numbers:?}");
            assert!(
                recent.iter().all(|call| call.ticks > 0 && call.end > 0)
                    && recent.is_sorted_by_key(|call| call.end)
            );
            assert!(numbers.len() >= 2.min(expected), "{numbers:?} of {expected}");
        }
        assert!(recent(&SITE, epoch, 1000).len() >= 50);
    }
    let log = || {
        for number in 0..100 {
            let mut slot = CallSlot::new();
            enter(&LOGGED, &mut slot).end_with_text(|text| text.push_str(&number.to_string()));
        }
    };
    thread::spawn(log).join().expect("it ends");
    let texts =
        recent(&LOGGED, gate::last(), 50).into_iter().map(|call| call.text.expect("a text").to_string());
    assert!(texts.eq((50..100).map(|number| number.to_string())));
    set_memory_limit(usize::MAX);
    gate::shut();
}

#[test]
fn counts_stay_exact_past_the_limit() {
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    static OUTER: Labels = Labels::new("t.rs", 1, 1, 0);
    static INNER: Labels = Labels::new("t.rs", 2, 1, 1);
    static LATE: Labels = Labels::new("t.rs", 3, 1, 2);
    let (outer, inner, late) =
        (sites(&OUTER, "outer", 50), sites(&INNER, "inner", 60), sites(&LATE, "late", 70));
    let epoch = gate::open();
    call_all(outer, inner, 1);
    let reading = read(epoch, None, 0);
    assert_eq!(calls(&reading), (50 * 61, 50 * 61, 0));
    assert!(!is_memory_limit_reached());

    // What has its place goes on, new places have none, and nothing is lost.
    let used = memory_used();
    set_memory_limit(used);
    call_all(outer, inner, 40);
    call_all(late, inner, 40);
    call_all(inner, outer, 1);
    assert!(is_memory_limit_reached());
    let reading = read(epoch, None, 0);
    let all = 41 * 50 * 61 + 40 * 70 * 61 + 60 * 51;
    let other = calls(&reading).2;
    assert_eq!(calls(&reading), (all, all, other));
    // The late sites have their first places, at the top; whoever is called from there has one elsewhere.
    assert_eq!(other, 40 * 70 * 60 + 60 * 51);
    // Rows and nodes for 70 sites, nodes outside the tree for 110: in blocks of 16 kB, and a chunk of 512 nodes.
    assert!(memory_used() - used <= 9 * 16 * 1024, "{} more", memory_used() - used);
    for row in &reading.rows {
        assert_eq!(row.timed, row.calls);
        assert!(row.buckets.total() <= row.timed && row.sum >= row.timed);
        let calls = recent(row.site, epoch, 10);
        assert!(calls.len() >= 2 && calls.is_sorted_by_key(|call| call.end), "{}", row.site.name());
    }
    assert!(reading.rows.iter().any(|row| row.buckets.total() < row.timed));

    // A new epoch begins with what there is.
    let epoch = gate::open();
    call_all(late, inner, 2);
    let reading = read(epoch, None, 0);
    assert_eq!((calls(&reading).0, calls(&reading).1), (2 * 70 * 61, 2 * 70 * 61));
    set_memory_limit(usize::MAX);
    call_all(inner, late, 1);
    assert!(!is_memory_limit_reached());
    let reading = read(epoch, None, 0);
    assert_eq!(calls(&reading).0, 2 * 70 * 61 + 60 * 71);
    gate::shut();
}
