//! The locks of tokio.
//!
//! They are first come, first served, and taking one spends the task's budget. So nothing is tried first: an acquisition had to
//! wait if its future was pending, unless it was so because the budget was spent. The blocking forms cannot be observed; with
//! them an acquisition had to wait if it took long (see `LockProbe::blocked`).

use std::sync::Arc;

use ::tokio::{
    sync::{self as library, TryLockError},
    task::coop::has_budget_remaining,
};

use super::{
    LockMode, LockProbe, Timed, TimedGuard,
    owned::{Inside, borrow},
    timed::common_impls,
    wait::Waited,
};

/// A `tokio::sync::Mutex` that is instrumented.
pub type Mutex<T> = Timed<library::Mutex<T>>;
/// Its guard.
pub type MutexGuard<'a, T> = TimedGuard<library::MutexGuard<'a, T>, &'a Mutex<T>>;
/// A guard of a part of its value.
pub type MappedMutexGuard<'a, T> = TimedGuard<library::MappedMutexGuard<'a, T>, &'a LockProbe>;
/// A guard that owns a share of the lock.
pub type OwnedMutexGuard<T> = TimedGuard<Inside<library::MutexGuard<'static, T>>, Arc<Mutex<T>>>;
/// A guard of a part of the value that owns a share of the lock.
pub type OwnedMappedMutexGuard<T, U = T> =
    TimedGuard<Inside<library::MappedMutexGuard<'static, U>>, Arc<Mutex<T>>>;
/// A `tokio::sync::RwLock` that is instrumented.
pub type RwLock<T> = Timed<library::RwLock<T>>;
/// Its guard for reading.
pub type RwLockReadGuard<'a, T> = TimedGuard<library::RwLockReadGuard<'a, T>, &'a LockProbe>;
/// Its guard for writing.
pub type RwLockWriteGuard<'a, T> = TimedGuard<library::RwLockWriteGuard<'a, T>, &'a LockProbe>;
/// A guard for writing a part of its value.
pub type RwLockMappedWriteGuard<'a, T> = TimedGuard<library::RwLockMappedWriteGuard<'a, T>, &'a LockProbe>;
/// A guard for reading that owns a share of the lock.
pub type OwnedRwLockReadGuard<T, U = T> =
    TimedGuard<Inside<library::RwLockReadGuard<'static, U>>, Arc<RwLock<T>>>;
/// A guard for writing that owns a share of the lock.
pub type OwnedRwLockWriteGuard<T> = TimedGuard<Inside<library::RwLockWriteGuard<'static, T>>, Arc<RwLock<T>>>;
/// A guard for writing a part of the value that owns a share of the lock.
pub type OwnedRwLockMappedWriteGuard<T, U = T> =
    TimedGuard<Inside<library::RwLockMappedWriteGuard<'static, U>>, Arc<RwLock<T>>>;

common_impls!(IntoMutex, library::Mutex<T>);
common_impls!(IntoRwLock, library::RwLock<T>);

impl<L: ?Sized> Timed<L> {
    fn waited<F>(&self, mode: LockMode, lock: F) -> Waited<'_, F> {
        Waited::new_if(&self.probe, mode, lock, has_budget_remaining)
    }
}

impl<T> Timed<library::Mutex<T>> {
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { probe: LockProbe::of_mutex::<T>(), raw: library::Mutex::new(value) }
    }

    #[track_caller]
    pub const fn const_new(value: T) -> Self {
        Self { probe: LockProbe::of_mutex::<T>(), raw: library::Mutex::const_new(value) }
    }

    pub fn into_inner(self) -> T {
        self.raw.into_inner()
    }
}

impl<T> Timed<library::RwLock<T>> {
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { probe: LockProbe::of_rw_lock::<T>(), raw: library::RwLock::new(value) }
    }

    #[track_caller]
    pub fn with_max_readers(value: T, max_reads: u32) -> Self {
        let raw = library::RwLock::with_max_readers(value, max_reads);
        Self { probe: LockProbe::of_rw_lock::<T>(), raw }
    }

    #[track_caller]
    pub const fn const_new(value: T) -> Self {
        Self { probe: LockProbe::of_rw_lock::<T>(), raw: library::RwLock::const_new(value) }
    }

    #[track_caller]
    pub const fn const_with_max_readers(value: T, max_reads: u32) -> Self {
        let raw = library::RwLock::const_with_max_readers(value, max_reads);
        Self { probe: LockProbe::of_rw_lock::<T>(), raw }
    }

    pub fn into_inner(self) -> T {
        self.raw.into_inner()
    }
}

/// The forms of taking a lock in one mode; `$to` makes what its borrowed guard keeps of the lock.
macro_rules! acquire {
    ($lock:ident, $mode:ident -> $guard:ident, $owned:ident: $to:expr,
        $take:ident $blocking:ident $try:ident $take_owned:ident $try_owned:ident) => {
        impl<T: ?Sized> $lock<T> {
            pub async fn $take(&self) -> $guard<'_, T> {
                TimedGuard::new(
                    self.waited(LockMode::$mode, self.raw.$take()).await,
                    $to(self),
                    LockMode::$mode,
                )
            }

            #[track_caller]
            pub fn $blocking(&self) -> $guard<'_, T> {
                let raw = self.probe.blocked(LockMode::$mode, || self.raw.$blocking());
                TimedGuard::new(raw, $to(self), LockMode::$mode)
            }

            pub fn $try(&self) -> Result<$guard<'_, T>, TryLockError> {
                Ok(TimedGuard::new(self.raw.$try()?, $to(self), LockMode::$mode))
            }
        }

        impl<T: ?Sized + 'static> $lock<T> {
            pub async fn $take_owned(self: Arc<Self>) -> $owned<T> {
                let raw = Inside::new(self.waited(LockMode::$mode, borrow(&self).$take()).await);
                TimedGuard::new(raw, self, LockMode::$mode)
            }

            pub fn $try_owned(self: Arc<Self>) -> Result<$owned<T>, TryLockError> {
                let raw = Inside::new(borrow(&self).$try()?);
                Ok(TimedGuard::new(raw, self, LockMode::$mode))
            }
        }
    };
}

acquire!(Mutex, Exclusive -> MutexGuard, OwnedMutexGuard: std::convert::identity,
    lock blocking_lock try_lock lock_owned try_lock_owned);
acquire!(RwLock, Shared -> RwLockReadGuard, OwnedRwLockReadGuard: Timed::probe,
    read blocking_read try_read read_owned try_read_owned);
acquire!(RwLock, Exclusive -> RwLockWriteGuard, OwnedRwLockWriteGuard: Timed::probe,
    write blocking_write try_write write_owned try_write_owned);

impl<T: ?Sized + 'static> Mutex<T> {
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let raw = Inside::new(self.probe.blocked(LockMode::Exclusive, || borrow(&self).blocking_lock()));
        TimedGuard::new(raw, self, LockMode::Exclusive)
    }
}

impl<T: ?Sized> Mutex<T> {
    pub fn get_mut(&mut self) -> &mut T {
        self.raw.get_mut()
    }
}

impl<T: ?Sized> RwLock<T> {
    pub fn get_mut(&mut self) -> &mut T {
        self.raw.get_mut()
    }
}

/// `map` and `try_map`: guards of a part of the value. The hold goes on.
macro_rules! parts {
    ($guard:ident -> $part:ident, [$($generics:tt)*] [$($mut:tt)?], $to_probe:expr) => {
        impl<'a, T: ?Sized> $guard<'a, T> {
            pub fn map<$($generics)*>(this: Self, f: F) -> $part<'a, U>
            where
                F: FnOnce(&$($mut)? T) -> &$($mut)? U,
            {
                this.map_raw(|raw| library::$guard::map(raw, f), $to_probe)
            }

            pub fn try_map<$($generics)*>(this: Self, f: F) -> Result<$part<'a, U>, Self>
            where
                F: FnOnce(&$($mut)? T) -> Option<&$($mut)? U>,
            {
                this.try_map_raw(|raw| library::$guard::try_map(raw, f), $to_probe)
            }
        }
    };
    (owned [$($impl:tt)*] $guard:ty, $raw:ident, $of:ident -> $part:ident,
        [$($generics:tt)*] [$($mut:tt)?] $(, $name:ident $lock:ident)?) => {
        impl<$($impl)*> $guard {
            pub fn map<$($generics)*>(this: Self, f: F) -> $part<T, V>
            where
                F: FnOnce(&$($mut)? $of) -> &$($mut)? V,
            {
                this.map_raw(|raw| raw.map(|raw| library::$raw::map(raw, f)), |lock| lock)
            }

            pub fn try_map<$($generics)*>(this: Self, f: F) -> Result<$part<T, V>, Self>
            where
                F: FnOnce(&$($mut)? $of) -> Option<&$($mut)? V>,
            {
                let map = |raw| library::$raw::try_map(raw, f);
                this.try_map_raw(|raw: Inside<_>| raw.try_map(map), |lock| lock)
            }

            $(pub fn $name(this: &Self) -> &Arc<$lock<T>> {
                &this.lock
            })?
        }
    };
}

parts!(MutexGuard -> MappedMutexGuard, [U: ?Sized, F] [mut], |lock| &lock.probe);
parts!(MappedMutexGuard -> MappedMutexGuard, [U, F] [mut], |probe| probe);
parts!(RwLockReadGuard -> RwLockReadGuard, [F, U: ?Sized] [], |probe| probe);
parts!(RwLockWriteGuard -> RwLockMappedWriteGuard, [F, U: ?Sized] [mut], |probe| probe);
parts!(RwLockMappedWriteGuard -> RwLockMappedWriteGuard, [F, U: ?Sized] [mut], |probe| probe);
parts!(owned [T: ?Sized + 'static] OwnedMutexGuard<T>, MutexGuard, T -> OwnedMappedMutexGuard,
    [V: ?Sized, F] [mut], mutex Mutex);
parts!(owned [T: ?Sized, U: ?Sized + 'static] OwnedMappedMutexGuard<T, U>, MappedMutexGuard, U -> OwnedMappedMutexGuard,
    [V, F] [mut]);
parts!(owned [T: ?Sized, U: ?Sized + 'static] OwnedRwLockReadGuard<T, U>, RwLockReadGuard, U -> OwnedRwLockReadGuard,
    [F, V: ?Sized] [], rwlock RwLock);
parts!(owned [T: ?Sized + 'static] OwnedRwLockWriteGuard<T>, RwLockWriteGuard, T -> OwnedRwLockMappedWriteGuard,
    [F, V: ?Sized] [mut], rwlock RwLock);
parts!(owned [T: ?Sized, U: ?Sized + 'static] OwnedRwLockMappedWriteGuard<T, U>,
    RwLockMappedWriteGuard, U -> OwnedRwLockMappedWriteGuard, [F, V: ?Sized] [mut], rwlock RwLock);

impl<'a, T: ?Sized> TimedGuard<library::MutexGuard<'a, T>, &'a Mutex<T>> {
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.lock
    }
}

impl<'a, T: ?Sized> TimedGuard<library::RwLockWriteGuard<'a, T>, &'a LockProbe> {
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        this.map_raw(library::RwLockWriteGuard::into_mapped, |probe| probe)
    }

    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        this.turn(LockMode::Shared, |raw| library::RwLockWriteGuard::downgrade_map(raw, f))
    }

    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        this.try_turn(LockMode::Shared, |raw| library::RwLockWriteGuard::try_downgrade_map(raw, f))
    }

    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        self.turn(LockMode::Shared, library::RwLockWriteGuard::downgrade)
    }
}

impl<T: ?Sized + 'static> TimedGuard<Inside<library::RwLockWriteGuard<'static, T>>, Arc<RwLock<T>>> {
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        this.map_raw(|raw| raw.map(library::RwLockWriteGuard::into_mapped), |lock| lock)
    }

    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U>
    where
        F: FnOnce(&T) -> &U,
    {
        this.turn(LockMode::Shared, |raw| raw.map(|raw| library::RwLockWriteGuard::downgrade_map(raw, f)))
    }

    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let turn = |raw| library::RwLockWriteGuard::try_downgrade_map(raw, f);
        this.try_turn(LockMode::Shared, |raw: Inside<_>| raw.try_map(turn))
    }

    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        self.turn(LockMode::Shared, |raw| raw.map(library::RwLockWriteGuard::downgrade))
    }
}
