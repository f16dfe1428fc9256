//! Threads of every kind: workers, scoped ones, those that ended, and their last destructors.

use std::{
    cell::RefCell,
    sync::{Barrier, mpsc},
    thread,
};

use hotpath::CountingAllocator;
use memory::{bytes, churn, session};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

const THREADS: usize = 8;

#[test]
fn every_thread_counts_for_itself_and_the_row_for_all() {
    #[hotpath::measure]
    fn works(n: usize) {
        let _own = bytes(100 + n);
        below();
    }
    #[hotpath::measure]
    fn below() {
        churn(1000);
    }
    let session = session();
    let together = Barrier::new(THREADS);
    thread::scope(|scope| {
        for n in 0..THREADS {
            let together = &together;
            scope.spawn(move || {
                together.wait();
                (0..1000).for_each(|_| works(n));
            });
        }
    });
    let report = session.report();
    let own = 1000 * (0..THREADS as u64).map(|n| 100 + n).sum::<u64>();
    let row = report.row("works");
    assert_eq!(row.own(), [own, 8000, own, 8000]);
    assert_eq!(row.all(), [own + 8_000_000, 16_000, own + 8_000_000]);
    assert_eq!(row.numbers(["min_bytes", "max_bytes"]), [100, 107]);
    assert_eq!(row.peak(), [1107, 2], "of one call, not of all threads");
    assert_eq!(report.row("below").own(), [8_000_000, 8000, 8_000_000, 8000]);
}

#[test]
fn one_allocates_and_another_frees() {
    #[hotpath::measure]
    fn sends(to: &mpsc::Sender<Vec<u8>>) {
        to.send(bytes(5000)).expect("somebody receives");
    }
    #[hotpath::measure]
    fn receives(list: Vec<u8>) {
        drop(list);
    }
    let session = session();
    let (to, from) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || (0..100).for_each(|_| sends(&to)));
        scope.spawn(move || from.into_iter().for_each(receives));
    });
    let report = session.report();
    let (sends, receives) = (report.row("sends"), report.row("receives"));
    // The channel allocates too, in `sends`.
    assert!(sends.number("self_bytes") >= 500_000);
    assert!(sends.signed("kept_bytes") >= 500_000);
    assert_eq!(receives.own(), [0, 0, 500_000, 100]);
    assert_eq!((receives.signed("kept_bytes"), receives.peak()), (-500_000, [0, 0]));
}

#[test]
fn threads_that_ended_stay_counted_and_their_lanes_begin_anew() {
    #[hotpath::measure]
    fn on_a_short_thread() {
        let _own = bytes(64);
    }
    let session = session();
    for n in 1..=200 {
        thread::spawn(on_a_short_thread).join().expect("it ends");
        if n % 50 == 0 {
            let row = session.report().row("on_a_short_thread");
            assert_eq!((row.own(), row.peak()), ([64 * n, n, 64 * n, n], [64, 1]));
        }
    }
}

#[test]
fn the_same_work_on_a_new_thread_is_not_the_callees() {
    #[hotpath::measure]
    fn hands_over() {
        let _own = bytes(10);
        thread::scope(|scope| {
            scope.spawn(elsewhere);
        });
    }
    #[hotpath::measure]
    fn elsewhere() {
        churn(1 << 20);
    }
    let session = session();
    hands_over();
    let report = session.report();
    assert_eq!(report.row("elsewhere").own(), [1 << 20, 1, 1 << 20, 1]);
    let all = report.row("hands_over").number("total_bytes");
    assert!((10..1 << 19).contains(&all), "its own and what starting a thread takes: {all}");
}

#[test]
fn the_last_destructors_of_a_thread() {
    #[hotpath::measure]
    fn in_a_destructor(size: usize) {
        churn(size);
    }
    struct Last(Vec<u8>);
    impl Drop for Last {
        fn drop(&mut self) {
            in_a_destructor(1 << 20);
            churn(1 << 21);
            drop(std::mem::take(&mut self.0));
        }
    }
    thread_local! {
        static FIRST: RefCell<Option<Last>> = const { RefCell::new(None) };
        static SECOND: RefCell<Option<Last>> = const { RefCell::new(None) };
    }
    let session = session();
    let before = session.report();
    thread::spawn(|| {
        FIRST.set(Some(Last(bytes(1 << 22))));
        in_a_destructor(1);
        SECOND.set(Some(Last(bytes(1 << 23))));
    })
    .join()
    .expect("it ends");
    let after = session.report();
    let row = after.row("in_a_destructor");
    assert_eq!(row.number("calls"), 3);
    // Whether a destructor runs before or after the profiler's own on the thread is the system's choice. What comes after is
    // counted outside.
    let outside = |key| after.row("<outside>").number(key) - before.row("<outside>").number(key);
    let own = row.number("self_bytes");
    assert!([1, 1 + (1 << 20), 1 + (2 << 20)].contains(&own), "{own}");
    let all = (2 << 20) + (2 << 21) + (1 << 22) + (1 << 23) + 1;
    for (got, what) in [
        (own + outside("self_bytes"), "allocated"),
        (row.number("freed_bytes") + outside("freed_bytes"), "freed"),
    ] {
        assert!((all..all + 4096).contains(&got), "{what}: {got} instead of {all} and what a thread takes");
    }
}

#[test]
fn rows_hold_while_threads_go_on() {
    #[hotpath::measure]
    fn goes_on() {
        churn(32);
    }
    let session = session();
    let (stop, stopped) = mpsc::channel::<()>();
    let stopped = std::sync::Mutex::new(stopped);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while stopped.lock().is_ok_and(|stopped| stopped.try_recv() == Err(mpsc::TryRecvError::Empty))
                {
                    goes_on();
                }
            });
        }
        let mut last = 0;
        for _ in 0..100 {
            let report = session.report(); // balances, or it panics
            let rows = report.rows();
            if let Some(row) = rows.iter().find(|row| row.text("name").ends_with("goes_on")) {
                let [bytes, count] = row.numbers(["self_bytes", "self_count"]);
                assert!(bytes >= last, "{bytes} after {last}");
                assert!(bytes.abs_diff(32 * count) <= 3 * 32, "{bytes} bytes in {count}");
                last = bytes;
            }
        }
        drop(stop);
    });
    let row = session.report().row("goes_on");
    let calls = row.number("calls");
    assert_eq!(row.own(), [32 * calls, calls, 32 * calls, calls]);
}
