//! The locks of std.
//!
//! Trying first changes nothing: `lock`, `read` and `write` begin with the very attempt that `try_lock`, `try_read` and
//! `try_write` are, and none of these locks keeps a queue that an attempt could jump.

use std::{
    sync::{self as library, LockResult, PoisonError, TryLockError, TryLockResult, WaitTimeoutResult},
    time::Duration,
};

use super::{LockMode, LockProbe, Timed, TimedGuard, timed::common_impls};

/// A `std::sync::Mutex` that is instrumented.
pub type Mutex<T> = Timed<library::Mutex<T>>;
/// Its guard.
pub type MutexGuard<'a, T> = TimedGuard<library::MutexGuard<'a, T>, &'a Mutex<T>>;
/// A `std::sync::RwLock` that is instrumented.
pub type RwLock<T> = Timed<library::RwLock<T>>;
/// Its guard for reading.
pub type RwLockReadGuard<'a, T> = TimedGuard<library::RwLockReadGuard<'a, T>, &'a RwLock<T>>;
/// Its guard for writing.
pub type RwLockWriteGuard<'a, T> = TimedGuard<library::RwLockWriteGuard<'a, T>, &'a RwLock<T>>;

common_impls!(IntoMutex, library::Mutex<T>);
common_impls!(IntoRwLock, library::RwLock<T>);

/// Both sides of a result that may be poisoned.
#[inline(always)] // guards are large enough for a move to cost more than this
fn both<G, H>(result: LockResult<G>, make: impl FnOnce(G) -> H) -> LockResult<H> {
    match result {
        Ok(raw) => Ok(make(raw)),
        Err(poisoned) => Err(PoisonError::new(make(poisoned.into_inner()))),
    }
}

/// Both sides of the result of an attempt.
fn tried<G, H>(result: TryLockResult<G>, make: impl FnOnce(G) -> H) -> TryLockResult<H> {
    match result {
        Ok(raw) => Ok(make(raw)),
        Err(TryLockError::Poisoned(poisoned)) => {
            Err(TryLockError::Poisoned(PoisonError::new(make(poisoned.into_inner()))))
        }
        Err(TryLockError::WouldBlock) => Err(TryLockError::WouldBlock),
    }
}

/// The guard that an attempt acquired, poisoned or not.
fn at_once<G>(result: TryLockResult<G>) -> Option<LockResult<G>> {
    match result {
        Ok(raw) => Some(Ok(raw)),
        Err(TryLockError::Poisoned(poisoned)) => Some(Err(poisoned)),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// The methods of both types of lock, and the ways to take each.
macro_rules! locks {
    ($($lock:ident, $probe:ident { $($mode:ident -> $guard:ident, $take:ident $try:ident;)+ })+) => {
        $(
            impl<T> $lock<T> {
                #[track_caller]
                pub const fn new(value: T) -> Self {
                    Self { probe: LockProbe::$probe::<T>(), raw: library::$lock::new(value) }
                }

                pub fn into_inner(self) -> LockResult<T> {
                    self.raw.into_inner()
                }
            }

            impl<T: ?Sized> $lock<T> {
                $(
                    #[inline]
                    pub fn $take(&self) -> LockResult<$guard<'_, T>> {
                        let (raw, wait) =
                            self.acquired(LockMode::$mode, at_once(self.raw.$try()), || self.raw.$take());
                        both(raw, |raw| TimedGuard::after(wait, raw, self, LockMode::$mode))
                    }

                    #[inline]
                    pub fn $try(&self) -> TryLockResult<$guard<'_, T>> {
                        tried(self.raw.$try(), |raw| TimedGuard::new(raw, self, LockMode::$mode))
                    }
                )+

                pub fn is_poisoned(&self) -> bool {
                    self.raw.is_poisoned()
                }

                pub fn clear_poison(&self) {
                    self.raw.clear_poison();
                }

                pub fn get_mut(&mut self) -> LockResult<&mut T> {
                    self.raw.get_mut()
                }
            }
        )+
    };
}

locks! {
    Mutex, of_mutex {
        Exclusive -> MutexGuard, lock try_lock;
    }
    RwLock, of_rw_lock {
        Shared -> RwLockReadGuard, read try_read;
        Exclusive -> RwLockWriteGuard, write try_write;
    }
}

/// A `std::sync::Condvar` for instrumented mutexes. A wait ends the hold of the lock and, when it is over, begins another; the time
/// in between is not a wait for the lock. The hold does not go on between the wake-ups of `wait_timeout_while` either.
#[derive(Debug, Default)]
pub struct Condvar(library::Condvar);

impl Condvar {
    #[must_use]
    pub const fn new() -> Self {
        Self(library::Condvar::new())
    }

    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
        let TimedGuard { raw, hold, lock } = guard;
        drop(hold);
        both(self.0.wait(raw), |raw| TimedGuard::new(raw, lock, LockMode::Exclusive))
    }

    pub fn wait_while<'a, T, F>(
        &self,
        mut guard: MutexGuard<'a, T>,
        mut condition: F,
    ) -> LockResult<MutexGuard<'a, T>>
    where
        F: FnMut(&mut T) -> bool,
    {
        while condition(&mut *guard) {
            guard = self.wait(guard)?;
        }
        Ok(guard)
    }

    pub fn wait_timeout<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
        let TimedGuard { raw, hold, lock } = guard;
        drop(hold);
        both(self.0.wait_timeout(raw, timeout), |(raw, result)| {
            (TimedGuard::new(raw, lock, LockMode::Exclusive), result)
        })
    }

    pub fn wait_timeout_while<'a, T, F>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
        condition: F,
    ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)>
    where
        F: FnMut(&mut T) -> bool,
    {
        let TimedGuard { raw, hold, lock } = guard;
        drop(hold);
        let result = self.0.wait_timeout_while(raw, timeout, condition);
        both(result, |(raw, result)| (TimedGuard::new(raw, lock, LockMode::Exclusive), result))
    }

    pub fn notify_one(&self) {
        self.0.notify_one();
    }

    pub fn notify_all(&self) {
        self.0.notify_all();
    }
}
