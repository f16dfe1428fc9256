//! CPU samples are counted at the position of the thread: known numbers of them, at known positions.

use std::{
    hint::black_box,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
};

use hotpath_lane::{
    AsyncCall, CallSlot, Interest, Site, clock,
    cpu::{Hit, Target},
    enter, gate,
    read::{Reading, RowReading},
    set_filter,
};

/// One test at a time, because the gate and the registry are global to the process.
fn session() -> (MutexGuard<'static, ()>, u32) {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    clock::trust_counter(cfg!(target_arch = "x86_64") || cfg!(target_arch = "aarch64"));
    set_filter(|_| Interest::Record);
    (guard, gate::open())
}

fn measured<T>(site: &'static Site, body: impl FnOnce() -> T) -> T {
    let mut slot = CallSlot::new();
    let _call = enter(site, &mut slot);
    body()
}

macro_rules! site {
    ($name:literal) => {{
        static SITE: Site = Site::new($name, file!(), line!(), column!(), 0);
        &SITE
    }};
}

fn read(epoch: u32) -> Reading {
    hotpath_lane::read(epoch, None, u64::MAX)
}

fn row<'a>(reading: &'a Reading, name: &str) -> Option<&'a RowReading> {
    reading.rows.iter().find(|row| row.site.name() == name)
}

/// Samples without and with measured callees.
fn samples(reading: &Reading, name: &str) -> (u64, u64) {
    row(reading, name).map_or((0, 0), |row| (row.own_samples, row.total_samples))
}

fn outside(reading: &Reading) -> u64 {
    reading.outside_samples.iter().map(|(_, samples)| samples).sum()
}

/// A target of this thread, which has a lane from now on.
fn joined() -> Target {
    measured(site!("takes a lane"), || ());
    let target = Target::new();
    target.join();
    assert!(target.has_lane());
    target
}

fn names(hit: Hit) -> Vec<&'static str> {
    match hit {
        Hit::At(_, position) => position.path().into_iter().map(Site::name).collect(),
        Hit::Outside(_) | Hit::Nothing => Vec::new(),
    }
}

#[test]
fn a_sample_counts_at_the_current_node_and_in_all_callers_totals() {
    let (_one, epoch) = session();
    let target = joined();
    let (outer, inner) = (site!("cpu outer"), site!("cpu inner"));
    assert_eq!(target.hit(5), Hit::Outside(epoch));
    measured(outer, || {
        target.hit(1);
        measured(inner, || assert_eq!(names(target.hit(10)), ["cpu outer", "cpu inner"]));
        target.hit(2);
    });
    measured(inner, || target.hit(100));
    let reading = read(epoch);
    assert_eq!(samples(&reading, "cpu outer"), (3, 13));
    assert_eq!(samples(&reading, "cpu inner"), (110, 110));
    assert_eq!((outside(&reading), reading.unrecorded_samples), (5, 0));
    let in_tree: u64 = reading.tree.iter().map(|node| node.samples).sum();
    assert_eq!(in_tree, 113);
}

#[test]
fn recursion_counts_a_sample_once() {
    let (_one, epoch) = session();
    let target = joined();
    let (a, b) = (site!("cpu recursive a"), site!("cpu recursive b"));
    measured(a, || measured(b, || measured(a, || target.hit(7))));
    let reading = read(epoch);
    assert_eq!(samples(&reading, "cpu recursive a"), (7, 7), "folded into the outer call");
    assert_eq!(samples(&reading, "cpu recursive b"), (0, 0));
}

#[test]
fn samples_count_for_a_future_inside_its_polls_only() {
    let (_one, epoch) = session();
    let target = joined();
    let site = site!("cpu future");
    let mut call = AsyncCall::new();
    for is_last in [false, true] {
        let mut poll = call.poll(site);
        poll.begin();
        target.hit(3);
        if is_last {
            poll.ready();
        }
        drop(poll);
        target.hit(1);
    }
    let reading = read(epoch);
    assert_eq!(samples(&reading, "cpu future"), (6, 6));
    assert_eq!(outside(&reading), 2);
}

#[test]
fn samples_of_a_thread_without_a_lane_are_unattributed() {
    let (_one, epoch) = session();
    std::thread::spawn(move || {
        let target = Target::new();
        target.join();
        assert!(!target.has_lane(), "it has not measured anything");
        assert_eq!(target.hit(4), Hit::Outside(epoch));
        measured(site!("cpu first"), || {
            target.join();
            target.hit(2);
        });
        target.leave();
        assert_eq!(target.hit(8), Hit::Outside(epoch));
        assert_eq!(target.unattributed(epoch), 12);
        assert_eq!(samples(&read(epoch), "cpu first"), (2, 2));
        let later = gate::open();
        assert_eq!(
            (target.unattributed(epoch), target.unattributed(later)),
            (12, 0),
            "no sample in the new epoch"
        );
        target.hit(1);
        assert_eq!((target.unattributed(epoch), target.unattributed(later)), (0, 1));
    })
    .join()
    .expect("no panic");
}

#[test]
fn a_new_epoch_counts_from_zero_on_an_idle_thread_too() {
    let (_one, epoch) = session();
    let target = joined();
    let site = site!("cpu epochs");
    measured(site, || target.hit(9));
    let second = gate::open();
    assert_eq!(target.hit(5), Hit::Outside(second), "the lane still counts the first epoch");
    assert_eq!((outside(&read(second)), samples(&read(epoch), "cpu epochs")), (5, (9, 9)));
    measured(site, || target.hit(1));
    let reading = read(second);
    assert_eq!((samples(&reading, "cpu epochs"), outside(&reading)), ((1, 1), 5));
}

#[test]
fn samples_in_a_call_from_before_the_epoch_are_unrecorded() {
    let (_one, _) = session();
    let target = joined();
    let (outer, inner) = (site!("cpu begun before"), site!("cpu begun after"));
    let epoch = measured(outer, || {
        let epoch = gate::open();
        measured(inner, || target.hit(3));
        target.hit(40);
        epoch
    });
    let reading = read(epoch);
    assert!(row(&reading, "cpu begun before").is_none());
    assert_eq!(samples(&reading, "cpu begun after"), (3, 3));
    assert_eq!(reading.unrecorded_samples, 40);
}

#[test]
fn no_sample_is_counted_while_the_gate_is_shut() {
    let (_one, epoch) = session();
    let target = joined();
    gate::shut();
    assert_eq!(target.hit(9), Hit::Nothing);
    gate::reopen();
    let reading = read(epoch);
    assert_eq!((outside(&reading), reading.unrecorded_samples), (0, 0));
}

#[test]
fn no_sample_is_lost_while_the_thread_records() {
    let (_one, epoch) = session();
    let (sender, receiver) = mpsc::channel();
    let stop = AtomicBool::new(false);
    const SAMPLES: u64 = 200_000;
    let total = std::thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let target: &'static Target = Box::leak(Box::new(joined()));
            sender.send(target).expect("it is received");
            while !stop.load(Ordering::Relaxed) {
                measured(site!("cpu busy outer"), || {
                    black_box(measured(site!("cpu busy inner"), || black_box(1)));
                });
            }
        });
        let target = receiver.recv().expect("it is sent");
        (0..SAMPLES).for_each(|_| assert_ne!(target.hit(1), Hit::Nothing));
        stop.store(true, Ordering::Relaxed);
        worker.join().expect("no panic");
        let reading = read(epoch);
        outside(&reading)
            + reading.unrecorded_samples
            + reading.rows.iter().map(|row| row.own_samples).sum::<u64>()
    });
    assert_eq!(total, SAMPLES);
}
