//! Locks: the report has the counts and times of the test.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]

mod common;

use std::{
    sync::{
        Arc, Barrier, LazyLock, PoisonError,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use common::{Report, Row, Session, assert_between, session, session_with, spin, spin_us, timed};
use hotpath::wrap::std::sync::{Condvar, Mutex, RwLock};

fn rows(report: &Report, section: &str, label: &str) -> Vec<Row> {
    let data = report.0[section]["data"].as_array().cloned().unwrap_or_default();
    data.into_iter().filter(|row| row["label"] == label).map(Row).collect()
}

fn row(session: &Session, section: &str, label: &str) -> Row {
    let report = session.report();
    let mut found = rows(&report, section, label);
    assert_eq!(found.len(), 1, "{:#}", report.0[section]);
    found.remove(0)
}

fn in_histogram(row: &Row, key: &str) -> u64 {
    let buckets = row.0[key].as_array().expect("a histogram");
    buckets.iter().map(|bucket| bucket[1].as_u64().expect("a count")).sum()
}

#[test]
fn every_acquisition_is_counted_and_every_hold_is_timed() {
    const THREADS: u64 = 4;
    const CYCLES: u64 = 2000;
    let session = session();
    let counter = Arc::new(hotpath::mutex!(Mutex::new(0_u64), label = "counter"));
    let barrier = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                barrier.wait();
                for cycle in 0..CYCLES {
                    if cycle % 2 == 0 {
                        *counter.lock().unwrap() += 1;
                    } else {
                        *lock_by_trying(&counter) += 1;
                    }
                }
            });
        }
    });
    assert_eq!(*counter.lock().unwrap(), THREADS * CYCLES);
    let row = row(&session, "mutexes", "counter");
    let all = THREADS * CYCLES + 1;
    assert_eq!(
        (row.number("count"), row.number("acquisitions"), row.number("sampled_count")),
        (all, all, all)
    );
    assert_eq!((in_histogram(&row, "hold_histogram"), in_histogram(&row, "wait_histogram")), (all, all));
    assert!(row.number("contended") <= THREADS * CYCLES / 2, "those who tried did not wait: {row:#?}");
    assert_eq!(row.text("type_name"), "u64");
}

fn lock_by_trying(counter: &Mutex<u64>) -> hotpath::wrap::std::sync::MutexGuard<'_, u64> {
    loop {
        if let Ok(guard) = counter.try_lock() {
            return guard;
        }
        thread::yield_now();
    }
}

#[test]
fn hold_times_are_as_long_as_the_holds() {
    let session = session();
    let lock = hotpath::mutex!(std::sync::Mutex::new(()), label = "timed hold");
    let (mut inside, mut outside) = (0, 0);
    for _ in 0..20 {
        let (whole, held) = timed(|| {
            let guard = lock.lock().unwrap();
            let (held, ()) = timed(|| spin_us(50));
            drop(guard);
            held
        });
        (inside, outside) = (inside + held, outside + whole);
    }
    let row = row(&session, "mutexes", "timed hold");
    assert_between(inside, row.number("hold_sum_ns"), outside);
    assert_eq!((row.number("contended"), row.number("wait_sum_ns"), row.number("wait_p95_ns")), (0, 0, 0));
    assert!(row.is_unknown("blocked_by") && row.is_unknown("blocked_by_ns"));
}

/// A guard may live as long as the program, so a long wait does not have to wait for the end of the hold that came after it.
#[test]
fn a_long_wait_is_in_the_report_while_the_lock_is_held() {
    let session = session();
    let lock = hotpath::mutex!(std::sync::Mutex::new(()), label = "held on");
    // A thread may be interrupted between saying that it will lock and locking. So this goes on until it had to wait.
    let waited = loop {
        let (ready, acquired, read) = (Barrier::new(2), Barrier::new(2), Barrier::new(2));
        let waited = thread::scope(|scope| {
            let held = lock.lock().unwrap();
            let other = scope.spawn(|| {
                ready.wait();
                let (waited, guard) = timed(|| lock.lock().unwrap());
                acquired.wait();
                read.wait();
                drop(guard);
                waited
            });
            ready.wait();
            spin(LONG);
            drop(held);
            acquired.wait();
            let row = row(&session, "mutexes", "held on");
            let reported = (row.number("contended"), row.number("wait_sum_ns"));
            read.wait();
            (other.join().expect("it ends"), reported)
        });
        if waited.0 > LONG.as_nanos() as u64 / 2 {
            break waited;
        }
    };
    let (waited, (contended, wait_sum)) = waited;
    assert!(contended >= 1, "{waited} ns are not in the report");
    assert!(wait_sum > LONG.as_nanos() as u64 / 2, "{wait_sum} of {waited} ns");
}

static JOBS: LazyLock<Mutex<u32>> = LazyLock::new(|| hotpath::mutex!(Mutex::new(0), label = "jobs"));
const LONG: Duration = Duration::from_millis(20);

#[hotpath::measure]
fn hold_long(ready: &AtomicU32) {
    let guard = JOBS.lock().unwrap();
    ready.fetch_add(1, Ordering::SeqCst);
    while ready.load(Ordering::SeqCst) < 4 {
        thread::yield_now();
    }
    spin(LONG);
    drop(guard);
}

#[hotpath::measure]
fn want(ready: &AtomicU32) -> u64 {
    while ready.load(Ordering::SeqCst) == 0 {
        thread::yield_now();
    }
    ready.fetch_add(1, Ordering::SeqCst);
    timed(|| *JOBS.lock().unwrap() += 1).0
}

/// A thread may be interrupted between saying that it will lock and locking. So the scene is played until it went as written.
#[test]
fn waits_are_attributed_to_the_function_that_holds_the_lock() {
    for _ in 0..100 {
        let session = session();
        let (ready, waited) = (AtomicU32::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            scope.spawn(|| hold_long(&ready));
            for _ in 0..3 {
                scope.spawn(|| waited.fetch_add(want(&ready), Ordering::SeqCst));
            }
        });
        let row = row(&session, "mutexes", "jobs");
        assert_eq!(row.number("count"), 4);
        let (total, long) = (row.number("wait_total_ns"), LONG.as_nanos() as u64);
        assert!(total <= waited.into_inner() + common::slack(total), "{row:#?}");
        if row.number("contended") < 3 || total < 3 * long {
            continue;
        }
        assert!(row.text("blocked_by").ends_with("::hold_long"), "{row:#?}");
        assert!(row.number("blocked_by_ns") <= total && row.number("blocked_by_ns") >= long);
        assert!(row.number("wait_max_ns") >= long && row.number("hold_max_ns") >= long);
        assert_eq!(in_histogram(&row, "wait_histogram"), 4);
        let percent = row.0["contended_percent"].as_f64().expect("a share");
        assert!((percent - 75.0).abs() < 0.01);
        return;
    }
    panic!("three threads never waited for a lock that was held for {LONG:?}");
}

#[test]
fn reads_and_writes_are_reported_separately() {
    let session = session();
    let lock = hotpath::rw_lock!(RwLock::new(1_u8), label = "both ways");
    let (first, second) = (lock.read().unwrap(), lock.try_read().unwrap());
    assert!(lock.try_write().is_err());
    assert_eq!(*first + *second, 2);
    drop((first, second));
    *lock.write().unwrap() += 1;
    assert_eq!(*lock.try_write().unwrap(), 2);
    drop(lock.read());
    let row = row(&session, "rw_locks", "both ways");
    assert_eq!((row.number("read_count"), row.number("write_count")), (3, 2));
    assert_eq!((row.number("read_contended"), row.number("write_contended")), (0, 0));
    assert_eq!(
        (in_histogram(&row, "read_hold_histogram"), in_histogram(&row, "write_hold_histogram")),
        (3, 2)
    );
}

/// Who came last is not for whom a writer waits.
#[test]
fn of_several_readers_the_oldest_is_named() {
    #[hotpath::measure]
    fn read_first<R>(lock: &RwLock<()>, meanwhile: impl FnOnce() -> R) -> R {
        let _guard = lock.read().unwrap();
        let result = meanwhile();
        spin_us(2000);
        result
    }

    #[hotpath::measure]
    fn read_last(lock: &RwLock<()>, is_in: &AtomicU32) {
        let _guard = lock.read().unwrap();
        is_in.store(1, Ordering::SeqCst);
        while is_in.load(Ordering::SeqCst) == 1 {
            thread::yield_now();
        }
    }

    for _ in 0..100 {
        let session = session();
        let (lock, is_in) = (hotpath::rw_lock!(RwLock::new(()), label = "two readers"), AtomicU32::new(0));
        thread::scope(|scope| {
            let (lock, is_in) = (&lock, &is_in);
            read_first(lock, || {
                scope.spawn(move || read_last(lock, is_in));
                while is_in.load(Ordering::SeqCst) == 0 {
                    thread::yield_now();
                }
                scope.spawn(move || {
                    is_in.store(2, Ordering::SeqCst);
                    drop(lock.write());
                });
                while is_in.load(Ordering::SeqCst) == 1 {
                    thread::yield_now();
                }
            });
        });
        let row = row(&session, "rw_locks", "two readers");
        if row.number("write_contended") == 1 {
            assert!(row.text("write_blocked_by").ends_with("::read_first"), "{row:#?}");
            return;
        }
    }
    panic!("the writer never had to wait");
}

#[test]
fn a_writer_names_the_reader_it_waited_for() {
    #[hotpath::measure]
    fn read_long(lock: &RwLock<()>, wanted: &AtomicU32) {
        let guard = lock.read().unwrap();
        wanted.store(1, Ordering::SeqCst);
        while wanted.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        spin_us(5000);
        drop(guard);
    }

    for _ in 0..100 {
        let session = session();
        let (lock, wanted) = (hotpath::rw_lock!(RwLock::new(()), label = "read long"), AtomicU32::new(0));
        thread::scope(|scope| {
            scope.spawn(|| read_long(&lock, &wanted));
            while wanted.load(Ordering::SeqCst) == 0 {
                thread::yield_now();
            }
            wanted.store(2, Ordering::SeqCst);
            drop(lock.write());
        });
        let row = row(&session, "rw_locks", "read long");
        if row.number("write_contended") == 1 {
            assert!(row.text("write_blocked_by").ends_with("::read_long"), "{row:#?}");
            assert!(row.is_unknown("read_blocked_by"));
            assert_eq!(row.number("write_blocked_by_ns"), row.number("write_wait_sum_ns"));
            return;
        }
    }
    panic!("the writer never had to wait");
}

#[test]
fn holds_across_the_ends_of_sessions_have_no_length_and_are_counted() {
    let lock = hotpath::mutex!(Mutex::new(()), label = "across");
    let before = lock.lock().unwrap();
    spin_us(20_000);
    let first = session();
    assert_eq!(row(&first, "mutexes", "across").number("count"), 1); // held now
    drop(before);
    let counted = row(&first, "mutexes", "across");
    assert_eq!((counted.number("count"), counted.number("sampled_count")), (1, 0));
    assert!(counted.is_unknown("hold_avg_ns") && counted.is_unknown("hold_max_ns"));
    let across = lock.lock().unwrap();
    drop(first);
    let start = Instant::now();
    let second = session();
    drop(across);
    drop(lock.lock());
    let longest = row(&second, "mutexes", "across").number("hold_max_ns");
    assert!(u128::from(longest) <= start.elapsed().as_nanos());
    assert_eq!(row(&second, "mutexes", "across").number("count"), 2);
}

#[test]
fn acquisitions_that_are_not_sampled_are_counted() {
    let session = session_with(|builder| builder.mutexes_time_sampling_rate(0.0));
    let lock = hotpath::mutex!(Mutex::new(0), label = "not timed");
    (0..100).for_each(|_| *lock.lock().unwrap() += 1);
    let row = row(&session, "mutexes", "not timed");
    assert_eq!((row.number("count"), row.number("sampled_count"), row.number("contended")), (100, 0, 0));
    assert!(row.is_unknown("hold_avg_ns") && row.is_unknown("hold_p95_ns"));
    assert_eq!(row.number("wait_max_ns"), 0); // nobody had to wait: that is known without a clock
}

#[test]
fn a_wait_for_a_condition_ends_a_hold_and_begins_another() {
    let session = session();
    let (lock, changed) = (hotpath::mutex!(Mutex::new(false), label = "condition"), Condvar::new());
    thread::scope(|scope| {
        scope.spawn(|| {
            let guard = changed.wait_while(lock.lock().unwrap(), |is_set| !*is_set).unwrap();
            assert!(*guard);
        });
        *lock.lock().unwrap() = true;
        changed.notify_all();
    });
    let holds = row(&session, "mutexes", "condition");
    // One each, and one more for each time that the waiter went to sleep.
    assert!(holds.number("count") == 2 || holds.number("count") == 3, "{holds:#?}");
    let (guard, result) = changed.wait_timeout(lock.lock().unwrap(), Duration::from_millis(1)).unwrap();
    assert!(result.timed_out() && *guard);
    drop(guard);
    assert_eq!(row(&session, "mutexes", "condition").number("count"), holds.number("count") + 2);
}

#[test]
fn a_call_site_is_a_row_and_a_label_another() {
    let session = session();
    let make = |label: &str| hotpath::mutex!(Mutex::new(0_u8), label = label);
    let locks = [make("left"), make("right"), make("left")];
    locks.iter().for_each(|lock| drop(lock.lock()));
    let (line, plain) = (line!(), Mutex::new(1_u16));
    let (twin, defaulted, from) = (&plain, Mutex::<u16>::default(), RwLock::from(3_u16));
    drop((twin.lock(), defaulted.lock(), from.read()));
    let report = session.report();
    let count = |label| rows(&report, "mutexes", label)[0].number("count");
    assert_eq!((count("left"), count("right")), (2, 1));
    let place = format!("tests/locks.rs:{line}");
    assert_eq!(count(&place), 1);
    let next = format!("tests/locks.rs:{}", line + 1);
    assert_eq!((count(&next), rows(&report, "rw_locks", &next)[0].number("read_count")), (1, 1));
    assert_eq!(rows(&report, "mutexes", &place)[0].0["location"]["line"], line);
}

#[test]
fn forgotten_guards_are_held_for_ever() {
    let session = session();
    let lock = hotpath::mutex!(Mutex::new(0_u8), label = "forgotten");
    std::mem::forget(lock.lock());
    let row = row(&session, "mutexes", "forgotten");
    assert_eq!((row.number("count"), row.number("sampled_count")), (1, 0));
    assert!(lock.try_lock().is_err());
}

#[test]
fn a_lock_of_something_unsized_in_a_shared_pointer_a_field_and_a_static() {
    static SHARED: Mutex<[u8; 2]> = Mutex::new([1, 2]);
    let session = session();
    let lock: Arc<Mutex<dyn Fn() -> u8 + Send>> =
        Arc::new(hotpath::mutex!(Mutex::new(|| 7), label = "unsized"));
    assert_eq!((lock.lock().unwrap())(), 7);
    let slice: &Mutex<[u8]> = &SHARED;
    slice.lock().unwrap()[0] = 3;
    assert_eq!(*SHARED.lock().unwrap(), [3, 2]);
    assert_eq!(row(&session, "mutexes", "unsized").number("count"), 1);
}

#[test]
fn a_poisoned_lock_is_counted_like_any() {
    let session = session();
    let lock = hotpath::mutex!(Mutex::new(1), label = "poisoned");
    let panicked = thread::scope(|scope| {
        let hold = || {
            let _guard = lock.lock().unwrap();
            std::panic::resume_unwind(Box::new("while it is held"));
        };
        scope.spawn(hold).join().is_err()
    });
    assert!(panicked && lock.is_poisoned());
    assert_eq!(*lock.lock().unwrap_or_else(PoisonError::into_inner), 1);
    assert_eq!(row(&session, "mutexes", "poisoned").number("count"), 2);
}
