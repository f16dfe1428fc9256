//! Futures: a poll's allocations belong to the future that is polled, on whatever thread, beside whatever else.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker},
    thread,
};

use hotpath::CountingAllocator;
use memory::{Report, Row, Yields, bytes, churn, session};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator::new();

/// Polls once; the caller sees to it that it is polled again.
fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[hotpath::measure]
async fn job(inner: u32) {
    let first = bytes(100);
    Yields(2).await;
    let _second = bytes(50);
    drop(first);
    part(inner).await;
    churn(25);
}

#[hotpath::measure]
async fn part(yields: u32) {
    let _own = bytes(1000);
    Yields(yields).await;
    sync_part();
    Yields(1).await;
    churn(200);
}

#[hotpath::measure]
fn sync_part() {
    churn(30_000);
}

/// What must be told of `jobs` calls of `job`.
#[track_caller]
fn assert_jobs(report: &Report, jobs: u64) {
    let row = |name: &str| {
        let row = report.row(name);
        assert_eq!(row.number("calls"), jobs, "{name}");
        row
    };
    let times = |of_one: [u64; 4]| of_one.map(|n| n * jobs);
    let all = |[bytes, count, freed]: [u64; 3]| [bytes * jobs, count * jobs, freed * jobs];
    let job = row("job");
    assert_eq!(job.own(), times([175, 3, 175, 3]));
    assert_eq!(job.all(), all([31_375, 6, 31_375]));
    assert_eq!(job.numbers(["min_bytes", "max_bytes", "avg_bytes"]), [175; 3]);
    assert_eq!(job.peak(), [50 + 31_000, 3]);
    let part = row("part");
    assert_eq!((part.own(), part.all()), (times([1200, 2, 1200, 2]), all([31_200, 3, 31_200])));
    assert_eq!((part.number("max_bytes"), part.peak()), (1200, [31_000, 2]));
    let sync_part = row("sync_part");
    assert_eq!((sync_part.own(), sync_part.peak()), (times([30_000, 1, 30_000, 1]), [30_000, 1]));
}

#[test]
fn every_poll_on_another_thread() {
    let session = session();
    let mut future: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(job(3));
    let mut polls = 0;
    let mut is_ready = false;
    while !is_ready {
        (future, is_ready) = thread::spawn(move || {
            churn(7);
            let is_ready = poll(future.as_mut()).is_ready();
            (future, is_ready)
        })
        .join()
        .expect("it ends");
        polls += 1;
    }
    assert_eq!(polls, 7);
    assert_jobs(&session.report(), 1);
}

#[test]
fn many_futures_passed_around_by_threads() {
    type Job = Pin<Box<dyn Future<Output = ()> + Send>>;
    let session = session();
    let queue: Mutex<Vec<Job>> = Mutex::new((0..100).map(|n| Box::pin(job(n % 9)) as Job).collect());
    // Each thread takes any one, polls it once, and puts it back under all others.
    let work = || {
        loop {
            let Some(mut job) = queue.lock().expect("no panics").pop() else { return };
            if poll(job.as_mut()).is_pending() {
                queue.lock().expect("no panics").insert(0, job);
            }
        }
    };
    thread::scope(|scope| (0..5).for_each(|_| drop(scope.spawn(work))));
    work(); // those that came back when nobody was there any more
    assert_jobs(&session.report(), 100);
}

#[test]
fn tokio_with_several_threads() {
    let session = session();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().expect("a runtime");
    runtime.block_on(async {
        let tasks: Vec<_> = (0..500).map(|n| tokio::spawn(job(n % 20))).collect();
        for task in tasks {
            task.await.expect("it ends");
        }
    });
    drop(runtime);
    assert_jobs(&session.report(), 500);
}

#[test]
fn tokio_with_one_thread() {
    let session = session();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let tasks: Vec<_> = (0..100).map(|n| tokio::spawn(job(n % 20))).collect();
        for task in tasks {
            task.await.expect("it ends");
        }
    });
    assert_jobs(&session.report(), 100);
}

#[test]
fn smol_with_several_threads() {
    let session = session();
    let executor = Arc::new(smol::Executor::new());
    let (stop, stopped) = smol::channel::unbounded::<()>();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| smol::block_on(executor.run(stopped.recv())));
        }
        smol::block_on(async {
            let tasks: Vec<_> = (0..300).map(|n| executor.spawn(job(n % 20))).collect();
            for task in tasks {
                task.await;
            }
        });
        drop(stop);
    });
    assert_jobs(&session.report(), 300);
}

#[test]
fn joined_and_raced() {
    #[hotpath::measure]
    async fn joins() {
        let _own = bytes(3);
        tokio::join!(part(0), part(5));
    }
    #[hotpath::measure]
    async fn races() {
        let _own = bytes(4);
        tokio::select! {
            () = quick() => {}
            () = never() => unreachable!(),
        }
    }
    #[hotpath::measure]
    async fn quick() {
        Yields(3).await;
        churn(10);
    }
    #[hotpath::measure]
    async fn never() {
        let _own = bytes(500);
        Yields(1).await;
        let _more = bytes(60);
        std::future::pending::<()>().await;
    }
    let session = session();
    smol::block_on(joins());
    smol::block_on(races());
    let report = session.report();
    assert_eq!(report.row("joins").own(), [3, 1, 3, 1]);
    assert_eq!(report.row("joins").all(), [3 + 2 * 31_200, 7, 3 + 2 * 31_200]);
    assert_eq!(report.row("part").own(), [2400, 4, 2400, 4]);
    let never = report.row("never");
    assert_eq!((never.own(), never.signed("kept_bytes")), ([560, 2, 0, 0], 560));
    assert_eq!((never.peak(), never.number("calls")), ([560, 2], 1));
    assert_eq!(report.row("quick").own(), [10, 1, 10, 1]);
    // Whoever drops a future frees what it holds.
    assert_eq!(report.row("races").own(), [4, 1, 564, 3]);
    assert_eq!(report.row("races").all(), [4 + 560 + 10, 4, 574]);
}

#[test]
fn cancelled_before_it_began_and_in_the_middle() {
    #[hotpath::measure]
    async fn waits() {
        let _own = bytes(90);
        Yields(10).await;
        churn(1 << 20);
    }
    let session = session();
    drop(waits());
    let mut future = Box::pin(waits());
    assert!(poll(future.as_mut()).is_pending());
    assert!(poll(future.as_mut()).is_pending());
    thread::spawn(move || drop(future)).join().expect("it ends");
    let row = session.report().row("waits");
    assert_eq!((row.number("calls"), row.own(), row.peak()), (1, [90, 1, 0, 0], [90, 1]));
    assert_eq!(row.number("max_bytes"), 90);
}

/// The row of a block inside of whose waits others allocate.
fn block_beside_others(begins: impl FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>>, name: &str) -> Row {
    #[hotpath::measure]
    async fn beside() {
        loop {
            churn(1 << 20);
            Yields(1).await;
        }
    }
    let session = session();
    let mut other = pin!(beside());
    let mut waits = begins();
    while poll(waits.as_mut()).is_pending() {
        assert!(poll(other.as_mut()).is_pending());
        churn(1 << 21);
    }
    let report = session.report();
    let row = report.row("beside");
    assert_eq!(row.number("self_bytes"), row.number("self_count") << 20);
    report.row(name)
}

#[test]
fn a_block_around_awaits_has_only_its_own() {
    let begins = || -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async {
            hotpath::measure_block!("waits here", {
                let _own = bytes(11);
                Yields(3).await;
                part(2).await;
                churn(22);
                Yields(1).await;
            });
        })
    };
    let row = block_beside_others(begins, "waits here");
    assert_eq!((row.own(), row.all()), ([33, 2, 33, 2], [31_233, 5, 31_233]));
    assert_eq!((row.peak(), row.number("max_bytes"), row.number("calls")), ([31_011, 3], 33, 1));
}

#[test]
fn a_block_in_a_measured_future() {
    #[hotpath::measure]
    async fn holds_a_block() {
        churn(500);
        let value = hotpath::measure_block!("held block", {
            let _own = bytes(6);
            Yields(2).await;
            churn(7);
            8
        });
        Yields(1).await;
        churn(value);
    }
    let row = block_beside_others(|| Box::pin(holds_a_block()), "holds_a_block");
    assert_eq!((row.own(), row.all()), ([508, 2, 508, 2], [521, 4, 521]));
}

#[test]
fn a_block_whose_future_moves_between_threads() {
    let session = session();
    let mut future: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async {
        hotpath::measure_block!("moves", {
            let _own = bytes(11);
            Yields(3).await;
            churn(22);
            Yields(3).await;
            churn(33);
        });
    });
    let mut is_ready = false;
    while !is_ready {
        (future, is_ready) = thread::spawn(move || {
            let is_ready = poll(future.as_mut()).is_ready();
            churn(1 << 20);
            (future, is_ready)
        })
        .join()
        .expect("it ends");
    }
    let row = session.report().row("moves");
    assert_eq!((row.own(), row.all()), ([66, 3, 66, 3], [66, 3, 66]));
    assert_eq!((row.peak(), row.number("max_bytes")), ([44, 2], 66));
}

#[test]
fn a_future_on_its_way() {
    #[hotpath::measure]
    async fn unfinished() {
        let _own = bytes(70);
        part(2).await;
    }
    let session = session();
    let mut future = Box::pin(unfinished());
    assert!(poll(future.as_mut()).is_pending());
    let report = session.report();
    let row = report.row("unfinished");
    assert_eq!(row.numbers(["self_bytes", "total_bytes", "running"]), [70, 1070, 1]);
    assert!(row.is_unknown("max_bytes"));
}

#[test]
fn watched_futures_know_what_their_polls_allocate() {
    #[hotpath::future_fn]
    async fn watched() {
        let _own = bytes(10);
        Yields(2).await;
        sync_part();
    }
    #[hotpath::measure]
    async fn watches() {
        churn(1);
        watched().await;
    }
    let session = session();
    smol::block_on(watches());
    let report = session.report();
    // A watched future is no function: what it allocates is outside of measured functions, and not its caller's own.
    assert_eq!(report.row("watches").own(), [1, 1, 1, 1]);
    assert_eq!(report.row("sync_part").own(), [30_000, 1, 30_000, 1]);
    let futures = report.0["futures"]["data"].as_array().expect("futures");
    let row = futures.iter().find(|row| row["label"].as_str().is_some_and(|l| l.contains("watched")));
    let row = row.expect("it is watched");
    assert_eq!(row["total_poll_alloc_bytes"], 30_010, "{row:#}");
}

#[test]
fn a_block_whose_awaits_cannot_be_seen_knows_nothing_and_takes_nothing() {
    #[hotpath::measure]
    async fn hides_awaits() {
        hotpath::measure_block!("hidden awaits", {
            let _own = bytes(5);
            tokio::join!(part(1), part(3));
            churn(60);
        });
    }
    let session = session();
    let mut future = Box::pin(hides_awaits());
    while poll(future.as_mut()).is_pending() {
        churn(1 << 20);
    }
    let report = session.report();
    let row = report.row("hidden awaits");
    for key in ["self_bytes", "total_bytes", "freed_bytes", "peak_bytes", "avg_bytes", "kept_bytes"] {
        assert!(row.is_unknown(key), "{key} in {:#}", row.0);
    }
    assert_eq!(row.number("calls"), 1);
    assert_eq!(report.row("hides_awaits").own(), [65, 2, 65, 2]);
    assert_eq!(report.row("part").own(), [2400, 4, 2400, 4]);
}
