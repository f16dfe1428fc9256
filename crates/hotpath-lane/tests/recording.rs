//! Readings equal what happened: calls of known shape on known threads, compared with a plain model.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    hint::black_box,
    sync::{
        Barrier, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use hotpath_lane::budget::{self, Budget};
use hotpath_lane::read::{self as reading, NodeReading, Reading, RowReading};
use hotpath_lane::{
    AsyncCall, Block, CallSlot, Interest, Labels, OTHER_NAME, Site, WallTimeBlock, clock, enter, gate,
    set_filter, set_memory_limit, set_sampling, thread,
};
use proptest::prelude::*;

/// One test at a time, because the gate and the registry are global to the process.
fn session() -> (MutexGuard<'static, ()>, u32) {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    clock::trust_counter(cfg!(target_arch = "x86_64") || cfg!(target_arch = "aarch64"));
    set_filter(|_| Interest::Record);
    set_sampling(0, 1.0);
    set_memory_limit(usize::MAX); // whatever other tests have used
    (guard, gate::open())
}

fn measured<T>(site: &'static Site, body: impl FnOnce() -> T) -> T {
    let mut slot = CallSlot::new();
    let _call = enter(site, &mut slot);
    body()
}

fn read(epoch: u32) -> Reading {
    hotpath_lane::read(epoch, None, u64::MAX)
}

fn row(reading: &Reading, name: &str) -> RowReading {
    reading.rows.iter().find(|row| row.site.name() == name).unwrap_or_else(|| panic!("no row {name}")).clone()
}

/// The names from the top to this node.
fn path(reading: &Reading, at: usize) -> Vec<&'static str> {
    let node = &reading.tree[at];
    let mut path = node.parent.map_or_else(Vec::new, |parent| path(reading, parent));
    path.push(node.site.map_or(OTHER_NAME, Site::name));
    path
}

fn tree_calls(reading: &Reading) -> BTreeMap<Vec<&'static str>, u64> {
    (0..reading.tree.len())
        .map(|at| (path(reading, at), reading.tree[at].calls))
        .filter(|(_, calls)| *calls > 0)
        .collect()
}

macro_rules! site {
    ($name:literal) => {{
        static SITE: Site = Site::new($name, file!(), line!(), column!(), 0);
        &SITE
    }};
}

/// A call and its callees.
#[derive(Clone, Debug)]
struct Shape {
    site: usize,
    callees: Vec<Shape>,
}

const NAMES: [&str; 5] = ["model a", "model b", "model c", "model d", "model e"];

fn model_site(number: usize) -> &'static Site {
    [site!("model a"), site!("model b"), site!("model c"), site!("model d"), site!("model e")][number]
}

fn shapes() -> impl Strategy<Value = Vec<Shape>> {
    let leaf = (0..NAMES.len()).prop_map(|site| Shape { site, callees: Vec::new() });
    let shape = leaf.prop_recursive(6, 60, 5, |inner| {
        (0..NAMES.len(), prop::collection::vec(inner, 0..5))
            .prop_map(|(site, callees)| Shape { site, callees })
    });
    prop::collection::vec(shape, 0..8)
}

fn run(shape: &Shape) {
    measured(model_site(shape.site), || shape.callees.iter().for_each(run));
}

/// Sums the calls of all paths by their last name.
fn calls_by_site(expected: &BTreeMap<Vec<&'static str>, u64>) -> HashMap<&'static str, u64> {
    let mut by_site = HashMap::new();
    for (path, calls) in expected {
        *by_site.entry(path[path.len() - 1]).or_default() += calls;
    }
    by_site
}

/// Counts calls by path; a site that is already on the path is the same node.
fn count(shape: &Shape, path: &[&'static str], into: &mut BTreeMap<Vec<&'static str>, u64>) {
    let name = NAMES[shape.site];
    let mut here = path.to_vec();
    match path.iter().position(|on_path| *on_path == name) {
        Some(at) => here.truncate(at + 1),
        None => here.push(name),
    }
    *into.entry(here.clone()).or_default() += 1;
    shape.callees.iter().for_each(|callee| count(callee, &here, into));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn readings_equal_the_model(threads in prop::collection::vec(shapes(), 1..5)) {
        let (_one, epoch) = session();
        let mut expected = BTreeMap::new();
        threads.iter().flatten().for_each(|shape| count(shape, &[], &mut expected));
        std::thread::scope(|scope| {
            for shapes in &threads {
                scope.spawn(move || shapes.iter().for_each(run));
            }
        });
        let reading = read(epoch);
        prop_assert_eq!(tree_calls(&reading), expected.clone());
        let by_site = calls_by_site(&expected);
        prop_assert_eq!(reading.rows.len(), by_site.len());
        for row in &reading.rows {
            prop_assert_eq!(row.calls, by_site[row.site.name()]);
            prop_assert_eq!(row.buckets.total(), row.calls);
            prop_assert_eq!(row.running, 0);
            let (min, max) = (row.min.expect("a minimum"), row.max.expect("a maximum"));
            prop_assert!(min * row.calls <= row.sum && row.sum <= max * row.calls);
            prop_assert!(row.own.expect("self time") <= row.total && row.total as u64 <= row.sum);
        }
        // Time is spent in exactly one call: self times add up to the time of the outermost calls.
        let own: i64 = reading.tree.iter().map(|node| node.own).sum();
        let outermost: i64 = reading.tree.iter().filter(|node| node.parent.is_none()).map(|node| node.total).sum();
        prop_assert_eq!(own, outermost);
        prop_assert_eq!(own, reading.rows.iter().filter_map(|row| row.own).sum::<i64>());
        let measured: u64 = reading.lanes.iter().filter_map(|lane| lane.measured).sum();
        prop_assert_eq!(own as u64, measured);
    }
}

/// The ways in which not every call is timed.
#[derive(Clone, Copy, Debug)]
enum Partly {
    Rate(f64),
    Budget,
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sampled_run_counts_as_a_full_run(
        threads in prop::collection::vec(shapes(), 1..4),
        how in prop_oneof![
            Just(Partly::Rate(0.0)), Just(Partly::Rate(0.03)), Just(Partly::Rate(0.4)), Just(Partly::Budget)
        ],
        repeat in 1..40_u64,
    ) {
        let (_one, epoch) = session();
        match how {
            Partly::Rate(rate) => {
                set_sampling(0, rate);
                set_filter(|_| Interest::Sample);
            }
            Partly::Budget => {
                budget::set(Budget { share: 0.01, timed: 80.0, counted: 8.0 });
                set_filter(|_| Interest::Budget);
            }
        }
        let mut expected = BTreeMap::new();
        threads.iter().flatten().for_each(|shape| count(shape, &[], &mut expected));
        expected.values_mut().for_each(|calls| *calls *= repeat);
        std::thread::scope(|scope| {
            for shapes in &threads {
                scope.spawn(move || (0..repeat).for_each(|_| shapes.iter().for_each(run)));
            }
        });
        let reading = read(epoch);
        prop_assert_eq!(tree_calls(&reading), expected.clone());
        let by_site = calls_by_site(&expected);
        prop_assert_eq!(reading.rows.len(), by_site.len());
        for row in &reading.rows {
            prop_assert_eq!((row.calls, row.timed + row.untimed), (by_site[row.site.name()], row.calls));
            prop_assert_eq!((row.running, row.buckets.total()), (0, row.timed));
            prop_assert_eq!(row.total_error.is_some(), row.untimed > 0);
            match how {
                Partly::Rate(0.0) => prop_assert_eq!((row.timed, row.is_total_known, row.own), (0, false, None)),
                _ => prop_assert!(row.timed > 0 && row.is_total_known && row.own.is_some()),
            }
        }
        let nodes = |of: fn(&NodeReading) -> u64| reading.tree.iter().map(of).sum::<u64>();
        let untimed: u64 = reading.rows.iter().map(|row| row.untimed).sum();
        prop_assert_eq!(nodes(|node| node.counted), untimed);
        let inner = reading.tree.iter().filter(|node| node.parent.is_some()).map(|node| node.calls).sum::<u64>();
        prop_assert_eq!(nodes(|node| node.callee_calls), inner);
    }
}

/// The estimates of callees and the caller's own time add up to what the caller was measured with.
#[test]
fn estimates_of_callees_are_taken_off_the_caller() {
    let (_one, epoch) = session();
    set_sampling(0, 0.1);
    set_filter(|site| if site.name() == "estimated callee" { Interest::Sample } else { Interest::Record });
    let mut work = 0_u64;
    measured(site!("timed caller"), || {
        for i in 0..20_000 {
            measured(site!("estimated callee"), || (0..50).for_each(|n| work = black_box(work ^ (n * i))));
        }
    });
    let reading = read(epoch);
    let (caller, callee) = (row(&reading, "timed caller"), row(&reading, "estimated callee"));
    assert_eq!((callee.calls, callee.timed + callee.untimed), (20_000, 20_000));
    assert!((1_900..2_100).contains(&callee.timed), "{}", callee.timed);
    assert_eq!((caller.total, caller.total_error), (caller.sum as i64, None));
    assert_eq!(caller.own.expect("an estimate"), caller.total - callee.total);
    assert_eq!((callee.total_error, callee.own_error), (caller.own_error, callee.total_error));
    assert!(callee.total_error.expect("an estimate") > 0.0);
    assert!(callee.total as u64 > callee.sum * 9 && (callee.total as u64) < callee.sum * 11);
}

#[test]
fn a_site_has_a_rate_of_its_own() {
    static OWN_RATE: Site = Site::new("rate of its own", file!(), line!(), column!(), 0).sampled(0.25);
    let (_one, epoch) = session();
    set_sampling(0, 0.0);
    set_filter(|_| Interest::Sample);
    (0..4001).for_each(|_| measured(&OWN_RATE, || ()));
    let reading = read(epoch);
    assert_eq!(row(&reading, "rate of its own").timed, 1001); // the first, and one in each four
}

#[test]
fn a_first_hit_below_another_first_hit_is_recorded() {
    let (_one, epoch) = session();
    measured(site!("outer of a first hit"), || measured(site!("inner first hit"), || ()));
    assert_eq!(row(&read(epoch), "inner first hit").calls, 1);
}

#[test]
fn lanes_of_ended_threads_are_reused_and_keep_their_counts() {
    let (_one, epoch) = session();
    let before = thread::lanes();
    for _ in 0..40 {
        std::thread::spawn(|| (0..25).for_each(|_| measured(site!("short-lived"), || ())))
            .join()
            .expect("it ends");
    }
    assert_eq!(row(&read(epoch), "short-lived").calls, 40 * 25);
    assert!(thread::lanes() <= before + 1, "one thread at a time needs one lane");
}

#[test]
fn calls_in_a_threads_last_destructors_are_recorded() {
    fn in_a_destructor() -> &'static Site {
        site!("in a destructor")
    }
    struct Last;
    impl Drop for Last {
        fn drop(&mut self) {
            (0..3).for_each(|_| measured(in_a_destructor(), || ()));
        }
    }
    thread_local! {
        static LAST: RefCell<Option<Last>> = const { RefCell::new(None) };
    }
    let (_one, epoch) = session();
    for first_measures in [false, true] {
        let thread = move || {
            // Registered before or after the lane's own destructor, so it runs once before and once after it.
            if first_measures {
                measured(in_a_destructor(), || ());
            }
            LAST.with(|last| *last.borrow_mut() = Some(Last));
            measured(in_a_destructor(), || ());
        };
        std::thread::spawn(thread).join().expect("it ends");
    }
    assert_eq!(row(&read(epoch), "in a destructor").calls, 3 + 1 + 3 + 2);
}

struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_reading_never_tears_and_never_goes_backwards() {
    let (_one, epoch) = session();
    let done = AtomicBool::new(false);
    let started = Barrier::new(5);
    let calls: u64 = std::thread::scope(|scope| {
        let worker = || {
            started.wait();
            let mut calls = 0;
            while !done.load(Ordering::Relaxed) {
                measured(site!("hot outer"), || measured(site!("hot inner"), || black_box(calls)));
                calls += 1;
            }
            calls
        };
        let stop = Stop(&done); // also when an assertion fails
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(worker)).collect();
        let mut last: HashMap<&str, (u64, u64)> = HashMap::new();
        started.wait();
        let mut readings = 0;
        while readings < 300 || last.get("hot outer").is_none_or(|(calls, _)| *calls < 10_000) {
            readings += 1;
            for row in &read(epoch).rows {
                assert_eq!(row.buckets.total(), row.timed);
                assert!(row.own.expect("self time") <= row.total);
                if let Some(mean) = row.sum.checked_div(row.timed) {
                    let (min, max) = (row.min.expect("a minimum"), row.max.expect("a maximum"));
                    assert!(min <= mean && mean <= max, "{row:?}");
                }
                let before = last.insert(row.site.name(), (row.calls, row.total as u64)).unwrap_or_default();
                assert!(before.0 <= row.calls && before.1 <= row.total as u64, "{before:?} {row:?}");
            }
        }
        drop(stop);
        workers.into_iter().map(|worker| worker.join().expect("it ends")).sum()
    });
    let reading = read(epoch);
    assert_eq!((row(&reading, "hot outer").calls, row(&reading, "hot inner").calls), (calls, calls));
}

#[test]
fn a_new_epoch_counts_from_zero_and_without_running_calls() {
    let (_one, first) = session();
    let (across, within) = (site!("across"), site!("within"));
    measured(across, || {
        measured(within, || ());
        gate::open();
        measured(within, || ());
    });
    let reading = read(gate::last());
    assert_eq!((reading.rows.len(), row(&reading, "within").calls), (1, 1));
    assert!(read(first).rows.is_empty(), "an older epoch is gone");
    measured(across, || ());
    assert_eq!(row(&read(gate::last()), "across").calls, 1);
}

#[test]
fn no_call_is_recorded_while_the_gate_is_shut() {
    let (_one, epoch) = session();
    let site = site!("gated");
    measured(site, || ());
    gate::shut();
    measured(site, || ());
    gate::reopen();
    measured(site, || ());
    assert_eq!(row(&read(epoch), "gated").calls, 2);
}

#[test]
fn a_large_tree_has_a_node_for_every_place() {
    static OUTER: Labels = Labels::new("t.rs", 1, 1, 0);
    static INNER: Labels = Labels::new("t.rs", 2, 1, 0);
    let (_one, epoch) = session();
    let names: Vec<&'static str> = (0..80).map(|i| &*format!("full {i}").leak()).collect();
    let thread = std::thread::spawn(move || {
        for outer in &names {
            for inner in &names {
                measured(OUTER.site(outer), || measured(INNER.site(inner), || ()));
            }
        }
    });
    thread.join().expect("it ends");
    let reading = read(epoch);
    // Equal labels of one kind share a row, so each name was called equally often as outer and as inner.
    let calls: u64 =
        reading.rows.iter().filter(|row| row.site.name().starts_with("full")).map(|row| row.calls).sum();
    assert_eq!(calls, 2 * 80 * 80);
    let in_tree: u64 = reading.tree.iter().map(|node| node.calls).sum();
    assert_eq!(in_tree, calls);
    assert!(reading.tree.iter().all(|node| node.site.is_some()));
    // Recursion folds.
    assert_eq!(reading.tree.iter().filter(|node| node.parent.is_some()).count(), 80 * 79);
}

#[test]
fn running_calls_are_counted_with_their_time_so_far() {
    let (_one, epoch) = session();
    measured(site!("still running"), || {
        let first = row(&hotpath_lane::read(epoch, None, 0), "still running");
        let second = row(&hotpath_lane::read(epoch, None, 0), "still running");
        assert_eq!(row(&read(epoch), "still running").total, 0, "too short to be reported");
        assert_eq!((first.calls, first.running, first.timed), (1, 1, 0));
        assert!(second.total >= first.total && first.total > 0);
    });
    let ended = row(&read(epoch), "still running");
    assert_eq!((ended.calls, ended.running, ended.timed), (1, 0, 1));
}

#[test]
fn recent_calls_are_the_last_ones_with_thread_and_text() {
    let (_one, epoch) = session();
    let site = site!("remembered");
    for number in 0..200 {
        let mut slot = CallSlot::new();
        enter(site, &mut slot).end_with_text(|text| text.push_str(&number.to_string()));
    }
    let recent = reading::recent(site, epoch, 10);
    let texts: Vec<_> = recent.iter().map(|call| call.text.as_deref().expect("a text").to_owned()).collect();
    assert_eq!(texts, (190..200).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(
        recent.is_sorted_by_key(|call| call.end)
            && recent.iter().all(|call| call.ticks > 0 && call.thread.is_some())
    );
    assert!(reading::recent(site, epoch, 1000).len() >= 50);
}

#[cfg(feature = "alloc")]
#[test]
fn recent_calls_have_their_allocations() {
    use hotpath_lane::allocations::{allocated, freed};
    let token = || 1;
    let (_one, epoch) = session();
    let (outer, inner) = (site!("allocates below"), site!("allocates now and then"));
    for number in 0..200 {
        measured(outer, || {
            measured(inner, || {
                if number % 3 == 0 {
                    allocated(number, token);
                    freed(number, token);
                }
            });
            allocated(1000, token);
        });
    }
    let took = |site| -> Vec<(u64, u64)> {
        reading::recent(site, epoch, 50).iter().map(|call| call.allocated).collect()
    };
    let wanted = |number: u64| if number.is_multiple_of(3) { (number, 1) } else { (0, 0) };
    assert_eq!(took(inner), (150..200).map(wanted).collect::<Vec<_>>());
    let below = |(bytes, count)| (bytes + 1000, count + 1);
    assert_eq!(took(outer), (150..200).map(|number| below(wanted(number))).collect::<Vec<_>>());
    // Earlier sessions do not count.
    let epoch = gate::open();
    (0..20).for_each(|_| measured(inner, || ()));
    assert!(reading::recent(inner, epoch, 50).iter().all(|call| call.allocated == (0, 0)));
}

#[test]
fn sampling_counts_every_call_and_times_some() {
    for (rate, timed) in [(0.0, 0..=0), (0.5, 200..=800), (1.0, 1000..=1000)] {
        let (_one, epoch) = session();
        set_sampling(0, rate);
        set_filter(|_| Interest::Sample);
        (0..1000).for_each(|_| measured(site!("sampled"), || measured(site!("below sampled"), || ())));
        let reading = read(epoch);
        let row = row(&reading, "sampled");
        assert_eq!((row.calls, row.timed + row.untimed), (1000, 1000));
        assert!(timed.contains(&row.timed), "{rate}: {}", row.timed);
        assert_eq!(tree_calls(&reading)[&vec!["sampled", "below sampled"]], 1000);
    }
}

#[test]
fn ignored_sites_are_left_out_and_their_callees_move_up() {
    let (_one, epoch) = session();
    set_filter(|site| if site.name() == "ignored" { Interest::Ignore } else { Interest::Record });
    measured(site!("above ignored"), || {
        measured(site!("ignored"), || measured(site!("below ignored"), || ()))
    });
    let expected = BTreeMap::from([(vec!["above ignored"], 1), (vec!["above ignored", "below ignored"], 1)]);
    assert_eq!(tree_calls(&read(epoch)), expected);
}

/// Polls without a future: only the frames matter here.
fn poll(call: &mut AsyncCall, site: &'static Site, is_ready: bool, body: impl FnOnce()) {
    let mut frame = call.poll(site);
    frame.begin();
    body();
    if is_ready {
        frame.ready();
    }
}

#[test]
fn a_future_is_one_call_on_any_number_of_threads() {
    let (_one, epoch) = session();
    let site = site!("polled");
    let mut call = AsyncCall::new();
    poll(&mut call, site, false, || measured(site!("below polled"), || ()));
    let half = row(&read(epoch), "polled");
    assert_eq!((half.calls, half.running), (1, 1));
    let mut call = std::thread::spawn(move || {
        poll(&mut call, site, false, || ());
        call
    });
    let mut call = std::mem::replace(&mut call, std::thread::spawn(AsyncCall::new)).join().expect("it ends");
    poll(&mut call, site, true, || ());
    call.dropped(site);
    let mut dropped = AsyncCall::new();
    poll(&mut dropped, site, false, || ());
    dropped.dropped(site);
    AsyncCall::new().dropped(site); // never polled: not a call
    let row = row(&read(epoch), "polled");
    let part = row.async_stats.expect("polls");
    assert_eq!((row.calls, row.running, row.timed), (2, 0, 2));
    assert_eq!((part.completed, part.cancelled, part.polls), (1, 1, 4));
    assert_eq!(row.total as u64, row.sum);
    assert!(
        part.busy <= row.total as u64
            && row.own.expect("self time") as u64 <= part.busy
            && part.longest_poll <= part.busy
    );
}

#[test]
fn time_of_recursive_futures_is_counted_once() {
    let (_one, epoch) = session();
    let site = site!("recursive future");
    let (mut outer, mut inner) = (AsyncCall::new(), AsyncCall::new());
    poll(&mut outer, site, false, || poll(&mut inner, site, true, || ()));
    poll(&mut outer, site, true, || ());
    let row = row(&read(epoch), "recursive future");
    let part = row.async_stats.expect("polls");
    assert_eq!((row.calls, part.completed, part.polls), (2, 2, 3));
    assert!((row.total as u64) < row.sum && part.busy <= row.total as u64);
}

#[test]
fn a_future_from_before_a_session_counts_from_its_next_poll() {
    let (_one, _) = session();
    let site = site!("from before");
    let mut call = AsyncCall::new();
    poll(&mut call, site, false, || ());
    let epoch = gate::open();
    poll(&mut call, site, true, || ());
    let row = row(&read(epoch), "from before");
    assert_eq!((row.calls, row.async_stats.expect("polls").polls), (1, 1));
}

#[test]
fn a_waiting_block_is_off_the_stack() {
    let (_one, epoch) = session();
    let block = Block::new(site!("waiting block"));
    drop(block.resume()); // a poll that is pending
    measured(site!("other task"), || ());
    block.resume().keep(); // a poll that is ready
    measured(site!("in the block"), || ());
    drop(block);
    let reading = read(epoch);
    let expected = BTreeMap::from([
        (vec!["other task"], 1),
        (vec!["waiting block"], 1),
        (vec!["waiting block", "in the block"], 1),
    ]);
    assert_eq!(tree_calls(&reading), expected);
    let part = row(&reading, "waiting block").async_stats.expect("parts");
    assert_eq!((part.completed, part.cancelled, part.polls), (1, 0, 2));
}

#[test]
fn a_block_may_end_on_another_thread_or_be_cancelled() {
    let (_one, epoch) = session();
    let moved = Block::new(site!("moved block"));
    drop(moved.resume());
    std::thread::spawn(move || {
        moved.resume().keep();
        drop(moved);
    })
    .join()
    .expect("it ends");
    let dropped = Block::new(site!("dropped block"));
    drop(dropped.resume());
    drop(dropped);
    // Its frame is still on this thread's stack, which the other thread must not touch.
    let carried = Block::new(site!("carried block"));
    std::thread::spawn(move || drop(carried)).join().expect("it ends");
    let reading = read(epoch);
    let outcome = |name| row(&reading, name).async_stats.map(|part| (part.completed, part.cancelled));
    assert_eq!(outcome("moved block"), Some((1, 0)));
    assert_eq!(outcome("dropped block"), Some((0, 1)));
    assert_eq!(outcome("carried block"), Some((1, 0)));
}

#[test]
fn a_wall_time_block_has_a_time_but_no_self_time() {
    let (_one, epoch) = session();
    let block = WallTimeBlock::new(site!("wall time"));
    measured(site!("beside wall time"), || ());
    drop(block);
    let reading = read(epoch);
    let row = row(&reading, "wall time");
    assert_eq!((row.calls, row.own), (1, None));
    assert_eq!(tree_calls(&reading), BTreeMap::from([(vec!["beside wall time"], 1)]));
}
