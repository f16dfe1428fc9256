//! What is recorded once the memory limit is reached. A process of its own, because the limit is one for all.

use std::thread;

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

#[test]
fn counts_stay_exact_past_the_limit() {
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
    // Rows for 70 sites, nodes outside the tree for 180: in blocks of 16 kB.
    assert!(memory_used() - used <= 4 * 16 * 1024, "{} more", memory_used() - used);
    assert!((40 * 70 * 61..=40 * 70 * 61 + 60 * 51).contains(&other), "{other}");
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
