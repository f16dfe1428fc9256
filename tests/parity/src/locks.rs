//! Locks that are watched, in every way that they are made and used.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use hotpath::wrap::std::sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

static LAZY: LazyLock<Mutex<u64>> = LazyLock::new(|| hotpath::mutex!(Mutex::new(1), label = "lazy"));
static PLAIN: RwLock<u64> = RwLock::new(2);

#[derive(Debug, Default)]
struct Cache {
    entries: Mutex<Vec<u64>>,
    names: RwLock<String>,
}

/// Uses them all.
pub fn all() -> u64 {
    let label = String::from("cache");
    let cache = Cache {
        entries: hotpath::mutex!(std::sync::Mutex::new(vec![1]), label = label),
        names: hotpath::rw_lock!(std::sync::RwLock::new("a".into())),
    };
    push(cache.entries.lock());
    let shared: Arc<Mutex<dyn Fn(u64) -> u64 + Send>> = Arc::new(hotpath::mutex!(Mutex::new(|n: u64| n + 1)));
    let unlabelled = (Mutex::from(3_u64), RwLock::from(4_u64), Cache::default(), Condvar::new());
    let (guard, waited) = match unlabelled.3.wait_timeout(got(unlabelled.0.lock()), Duration::from_millis(1))
    {
        Ok(result) => result,
        Err(poisoned) => poisoned.into_inner(),
    };
    let called = got(shared.lock())(*guard);
    let names: RwLockReadGuard<'_, String> = got(cache.names.read());
    let mut written: RwLockWriteGuard<'_, u64> = got(unlabelled.1.write());
    *written += u64::from(waited.timed_out());
    let sum = got(LAZY.lock()).wrapping_add(*got(PLAIN.read())) + called + *written + names.len() as u64;
    sum + got(cache.entries.into_inner()).len() as u64 + format!("{:?}", unlabelled.2).len() as u64
}

fn got<T>(result: Result<T, std::sync::PoisonError<T>>) -> T {
    result.unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn push(entries: std::sync::LockResult<MutexGuard<'_, Vec<u64>>>) {
    got(entries).push(2);
}
