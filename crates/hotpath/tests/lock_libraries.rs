//! Locks of other libraries are counted and timed, and their holders named, also where waiting is a pending future.
#![cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#![cfg(all(
    feature = "tokio",
    feature = "parking_lot",
    feature = "parking_lot-0_13",
    feature = "async-lock"
))]

mod common;

use std::{
    panic::{RefUnwindSafe, UnwindSafe},
    sync::Arc,
};

use common::{Row, Session, Yields, session};
use hotpath::wrap;

fn row(session: &Session, section: &str, label: &str) -> Row {
    let report = session.report().0;
    let data = report[section]["data"].as_array().cloned().unwrap_or_default();
    let mut found: Vec<_> = data.into_iter().filter(|row| row["label"] == label).collect();
    assert_eq!(found.len(), 1, "{label} in {:#}", report[section]);
    Row(found.remove(0))
}

/// Two tasks on one thread: the first holds what the second wants.
fn one_after_the_other(first: impl Future<Output = ()>, second: impl Future<Output = ()>) {
    let runtime = ::tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async { ::tokio::join!(biased; first, second) });
}

#[test]
fn a_pending_lock_of_tokio_is_contended_and_names_its_holder() {
    #[hotpath::measure]
    async fn hold(lock: &wrap::tokio::sync::Mutex<u8>) {
        let mut guard = lock.lock().await;
        Yields(3).await;
        *guard += 1;
    }

    let session = session();
    let lock = hotpath::mutex!(::tokio::sync::Mutex::new(0), label = "tokio mutex");
    one_after_the_other(hold(&lock), async { *lock.lock().await += 1 });
    assert_eq!(*lock.try_lock().expect("free"), 2);
    let row = row(&session, "mutexes", "tokio mutex");
    assert_eq!((row.number("count"), row.number("contended")), (3, 1));
    assert!(row.text("blocked_by").ends_with("hold"), "{row:#?}");
    assert_eq!(row.number("blocked_by_ns"), row.number("wait_max_ns"));
    assert!(row.number("wait_max_ns") > 0, "{row:#?}");
}

#[test]
fn a_spent_task_budget_is_not_a_wait_for_the_lock() {
    let session = session();
    let lock = hotpath::mutex!(::tokio::sync::Mutex::new(0), label = "budget");
    let runtime = ::tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        for _ in 0..1000 {
            *lock.lock().await += 1;
        }
    });
    let row = row(&session, "mutexes", "budget");
    assert_eq!((row.number("count"), row.number("contended"), row.number("wait_max_ns")), (1000, 0, 0));
}

#[test]
fn an_abandoned_acquisition_is_not_counted() {
    let session = session();
    let lock = Arc::new(hotpath::rw_lock!(::tokio::sync::RwLock::new(0), label = "given up"));
    let held = Arc::clone(&lock).try_read_owned().expect("free");
    {
        let mut write = std::pin::pin!(lock.write());
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(write.as_mut().poll(&mut context).is_pending());
    }
    assert_eq!((*held, Arc::strong_count(&lock)), (0, 2));
    drop(lock);
    let part = wrap::tokio::sync::OwnedRwLockReadGuard::map(held, |value| value);
    drop(part); // the last share
    let row = row(&session, "rw_locks", "given up");
    assert_eq!(
        (row.number("read_count"), row.number("write_count"), row.number("write_contended")),
        (1, 0, 0)
    );
}

#[test]
fn tokio_locks_are_counted_from_threads() {
    let session = session();
    let lock = Arc::new(hotpath::mutex!(::tokio::sync::Mutex::new(0), label = "blocking"));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..100).for_each(|_| *lock.blocking_lock() += 1));
        }
    });
    *Arc::clone(&lock).blocking_lock_owned() += 1;
    assert_eq!(*lock.blocking_lock(), 401);
    assert_eq!(row(&session, "mutexes", "blocking").number("count"), 402);
}

#[test]
fn async_locks_are_contended_when_pending() {
    #[hotpath::measure]
    async fn read(lock: &wrap::async_lock::RwLock<u8>) {
        let guard = lock.read().await;
        Yields(2).await;
        assert_eq!(*guard, 0);
    }

    let session = session();
    let lock = hotpath::rw_lock!(::async_lock::RwLock::new(0), label = "async rw");
    one_after_the_other(read(&lock), async { *lock.write().await += 1 });
    let rw = row(&session, "rw_locks", "async rw");
    assert_eq!((rw.number("read_count"), rw.number("read_contended")), (1, 0));
    assert_eq!((rw.number("write_count"), rw.number("write_contended")), (1, 1));
    assert!(rw.text("write_blocked_by").ends_with("read"), "{rw:#?}");

    let mutex = Arc::new(hotpath::mutex!(::async_lock::Mutex::new(0), label = "async mutex"));
    one_after_the_other(
        async {
            let mut guard = mutex.lock_arc().await;
            Yields(2).await;
            *guard += 1;
        },
        async { *mutex.lock().await += 1 },
    );
    assert_eq!(*mutex.lock_blocking(), 2);
    let row = row(&session, "mutexes", "async mutex");
    assert_eq!((row.number("count"), row.number("contended")), (3, 1));
    assert_eq!(row.text("blocked_by"), "<outside>");
}

macro_rules! parking_lot {
    ($name:ident, $path:ident) => {
        #[test]
        fn $name() {
            use wrap::$path::{
                Condvar, Mutex, MutexGuard, RwLock, RwLockUpgradableReadGuard, RwLockWriteGuard,
            };
            let session = session();
            let lock = Arc::new(hotpath::mutex!(Mutex::new(0), label = concat!(stringify!($path), " mutex")));
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| (0..100).for_each(|_| *lock.lock() += 1));
                }
            });
            let owned = lock.lock_arc();
            assert_eq!((*owned, lock.try_lock().is_none(), Arc::strong_count(&lock)), (400, true, 2));
            drop(owned);
            let mut guard = lock.lock();
            assert!(MutexGuard::unlocked(&mut guard, || lock.try_lock().is_some())); // 402, 403
            assert!(Condvar::new().wait_for(&mut guard, std::time::Duration::from_millis(1)).timed_out());
            MutexGuard::unlock_fair(guard);
            let mutex = row(&session, "mutexes", concat!(stringify!($path), " mutex"));
            // 400, the owned one, one that was interrupted twice and so is three, and the one inside.
            assert_eq!((mutex.number("count"), mutex.number("sampled_count")), (405, 405));

            let lock = hotpath::rw_lock!(RwLock::new(0), label = concat!(stringify!($path), " rw"));
            let mut guard = RwLockUpgradableReadGuard::upgrade(lock.upgradable_read());
            *guard += 1;
            let guard = RwLockWriteGuard::downgrade(guard);
            assert_eq!((*guard, lock.is_locked(), lock.is_locked_exclusive()), (1, true, false));
            drop(guard);
            let rw = row(&session, "rw_locks", concat!(stringify!($path), " rw"));
            assert_eq!((rw.number("read_count"), rw.number("write_count")), (2, 1));
            assert_eq!((rw.number("read_contended"), rw.number("write_contended")), (0, 0));

            let lock =
                Arc::new(hotpath::rw_lock!(RwLock::new(0), label = concat!(stringify!($path), " shared")));
            let now = std::time::Instant::now();
            let read = lock.try_read_arc_for(std::time::Duration::ZERO).expect("it is free");
            assert!(lock.try_write_arc_for(std::time::Duration::ZERO).is_none());
            assert!(lock.try_write_arc_until(now).is_none() && lock.try_read_arc_until(now).is_some());
            drop(read);
            *lock.try_write_arc_until(now).expect("it is free") += 1;
            let rw = row(&session, "rw_locks", concat!(stringify!($path), " shared"));
            assert_eq!((rw.number("read_count"), rw.number("write_count"), *lock.read()), (2, 1, 1));
        }
    };
}

parking_lot!(parking_lot_0_12, parking_lot);
parking_lot!(parking_lot_0_13, parking_lot_0_13);

/// What the originals are, the watched ones are.
#[test]
fn guards_are_send_if_the_originals_are() {
    fn is<T: Send + Sync>() {}
    fn safe<T: UnwindSafe + RefUnwindSafe>() {}
    fn sent<T: Send>(_: T) {}
    is::<wrap::std::sync::Mutex<std::cell::Cell<u8>>>();
    is::<wrap::std::sync::RwLock<u8>>();
    is::<wrap::tokio::sync::Mutex<std::cell::Cell<u8>>>();
    is::<wrap::tokio::sync::OwnedMutexGuard<u8>>();
    is::<wrap::async_lock::Mutex<std::cell::Cell<u8>>>();
    is::<wrap::parking_lot::Mutex<std::cell::Cell<u8>>>();
    safe::<wrap::std::sync::Mutex<std::cell::Cell<u8>>>();
    safe::<wrap::std::sync::RwLock<std::cell::Cell<u8>>>();
    let lock = Arc::new(wrap::tokio::sync::Mutex::new(0));
    sent(lock.lock());
    sent(Arc::clone(&lock).lock_owned());
    sent(async {
        let _guard = lock.lock().await;
        Yields(1).await;
    });
}
