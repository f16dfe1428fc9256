//! The locks of parking_lot, and all others made of lock_api.
//!
//! Trying first changes nothing: the slow ways begin with the very attempt that the `try_` forms are. A lock that is handed over
//! (`unlock_fair`, or after half a millisecond) stays taken while it is, so an attempt cannot jump in.
//!
//! Guards that own a share of the lock need no feature `arc_lock`. `force_unlock`, `raw` and `make_guard_unchecked` are left out: a
//! lock that is unlocked without its guard has no hold to end.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::{
    super::{
        LockMode, LockProbe, Timed, TimedGuard,
        guard::Hold,
        owned::{Inside, borrow},
        timed::{acquire, common_impls},
    },
    library::{
        self,
        lock_api::{
            RawMutex as IsMutex, RawMutexFair, RawMutexTimed, RawRwLock as IsRwLock, RawRwLockDowngrade,
            RawRwLockFair, RawRwLockTimed, RawRwLockUpgrade, RawRwLockUpgradeDowngrade, RawRwLockUpgradeFair,
            RawRwLockUpgradeTimed,
        },
    },
};

pub use library::{RawMutex, RawRwLock, WaitTimeoutResult, lock_api};

/// A `parking_lot::Mutex` that is instrumented.
pub type Mutex<T> = Timed<library::Mutex<T>>;
/// Its guard.
pub type MutexGuard<'a, T> = TimedGuard<library::MutexGuard<'a, T>, &'a Mutex<T>>;
/// A guard of a part of its value.
pub type MappedMutexGuard<'a, T> = TimedGuard<library::MappedMutexGuard<'a, T>, &'a LockProbe>;
/// A guard that owns a share of the lock.
pub type ArcMutexGuard<R, T> =
    TimedGuard<Inside<lock_api::MutexGuard<'static, R, T>>, Arc<Timed<lock_api::Mutex<R, T>>>>;
/// A `parking_lot::RwLock` that is instrumented.
pub type RwLock<T> = Timed<library::RwLock<T>>;
/// Its guard for reading.
pub type RwLockReadGuard<'a, T> = TimedGuard<library::RwLockReadGuard<'a, T>, &'a RwLock<T>>;
/// Its guard for writing.
pub type RwLockWriteGuard<'a, T> = TimedGuard<library::RwLockWriteGuard<'a, T>, &'a RwLock<T>>;
/// Its guard for reading that may come to write.
pub type RwLockUpgradableReadGuard<'a, T> =
    TimedGuard<library::RwLockUpgradableReadGuard<'a, T>, &'a RwLock<T>>;
/// A guard for reading a part of its value.
pub type MappedRwLockReadGuard<'a, T> = TimedGuard<library::MappedRwLockReadGuard<'a, T>, &'a LockProbe>;
/// A guard for writing a part of its value.
pub type MappedRwLockWriteGuard<'a, T> = TimedGuard<library::MappedRwLockWriteGuard<'a, T>, &'a LockProbe>;
/// A guard for reading that owns a share of the lock.
pub type ArcRwLockReadGuard<R, T> =
    TimedGuard<Inside<lock_api::RwLockReadGuard<'static, R, T>>, Arc<Timed<lock_api::RwLock<R, T>>>>;
/// A guard for writing that owns a share of the lock.
pub type ArcRwLockWriteGuard<R, T> =
    TimedGuard<Inside<lock_api::RwLockWriteGuard<'static, R, T>>, Arc<Timed<lock_api::RwLock<R, T>>>>;

type Lock<R, T> = Timed<lock_api::Mutex<R, T>>;
type Guard<'a, R, T> = TimedGuard<lock_api::MutexGuard<'a, R, T>, &'a Lock<R, T>>;
type Mapped<'a, R, T> = TimedGuard<lock_api::MappedMutexGuard<'a, R, T>, &'a LockProbe>;
type RwTimed<R, T> = Timed<lock_api::RwLock<R, T>>;
type Read<'a, R, T> = TimedGuard<lock_api::RwLockReadGuard<'a, R, T>, &'a RwTimed<R, T>>;
type Write<'a, R, T> = TimedGuard<lock_api::RwLockWriteGuard<'a, R, T>, &'a RwTimed<R, T>>;
type Upgradable<'a, R, T> = TimedGuard<lock_api::RwLockUpgradableReadGuard<'a, R, T>, &'a RwTimed<R, T>>;
type MappedRead<'a, R, T> = TimedGuard<lock_api::MappedRwLockReadGuard<'a, R, T>, &'a LockProbe>;
type MappedWrite<'a, R, T> = TimedGuard<lock_api::MappedRwLockWriteGuard<'a, R, T>, &'a LockProbe>;

common_impls!(IntoMutex, lock_api::Mutex<R, T>, [R: IsMutex]);
common_impls!(IntoRwLock, lock_api::RwLock<R, T>, [R: IsRwLock]);

impl<R: IsMutex, T> Lock<R, T> {
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self { probe: LockProbe::of_mutex::<T>(), raw: lock_api::Mutex::new(value) }
    }

    pub fn into_inner(self) -> T {
        self.raw.into_inner()
    }
}

impl<R: IsMutex, T: ?Sized> Lock<R, T> {
    pub fn get_mut(&mut self) -> &mut T {
        self.raw.get_mut()
    }

    pub fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }

    pub fn data_ptr(&self) -> *mut T {
        self.raw.data_ptr()
    }
}

acquire!(Lock, Exclusive -> Guard, IsMutex lock try_lock, RawMutexTimed try_lock_for try_lock_until);
acquire!(RwTimed, Shared -> Read, IsRwLock read try_read, RawRwLockTimed try_read_for try_read_until);
acquire!(RwTimed, Exclusive -> Write, IsRwLock write try_write, RawRwLockTimed try_write_for try_write_until);
// Counts as reading.
acquire!(RwTimed, Shared -> Upgradable, RawRwLockUpgrade upgradable_read try_upgradable_read,
    RawRwLockUpgradeTimed try_upgradable_read_for try_upgradable_read_until);
acquire!(arc Lock, Exclusive -> ArcMutexGuard, IsMutex lock try_lock lock_arc try_lock_arc,
    RawMutexTimed try_lock_for try_lock_until try_lock_arc_for try_lock_arc_until);
acquire!(arc RwTimed, Shared -> ArcRwLockReadGuard, IsRwLock read try_read read_arc try_read_arc,
    RawRwLockTimed try_read_for try_read_until try_read_arc_for try_read_arc_until);
acquire!(arc RwTimed, Exclusive -> ArcRwLockWriteGuard, IsRwLock write try_write write_arc try_write_arc,
    RawRwLockTimed try_write_for try_write_until try_write_arc_for try_write_arc_until);

/// The methods that guards have in common: of a value that can be changed, or only read.
macro_rules! guards {
    (map: $own:ident, $raw:ident, $mapped:ident, $bound:ident, [$($mut:tt)?], $to_probe:expr) => {
        impl<'a, R: $bound + 'a, T: ?Sized + 'a> $own<'a, R, T> {
            pub fn map<U: ?Sized, F>(this: Self, f: F) -> $mapped<'a, R, U>
            where
                F: FnOnce(&$($mut)? T) -> &$($mut)? U,
            {
                this.map_raw(|raw| lock_api::$raw::map(raw, f), $to_probe)
            }

            pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<$mapped<'a, R, U>, Self>
            where
                F: FnOnce(&$($mut)? T) -> Option<&$($mut)? U>,
            {
                this.try_map_raw(|raw| lock_api::$raw::try_map(raw, f), $to_probe)
            }
        }
    };
    (unlock: $own:ident, $raw:ident, $bound:ident, $fair:ident, $name:ident -> $lock:ident) => {
        impl<'a, R: $bound + 'a, T: ?Sized + 'a> $own<'a, R, T> {
            /// The lock.
            pub fn $name(this: &Self) -> &'a $lock<R, T> {
                this.lock
            }

            /// Ends the hold and begins another.
            pub fn unlocked<F, U>(this: &mut Self, f: F) -> U
            where
                F: FnOnce() -> U,
            {
                this.unlocked_while(|raw, _| lock_api::$raw::unlocked(raw, f))
            }
        }

        impl<'a, R: $fair + 'a, T: ?Sized + 'a> $own<'a, R, T> {
            /// Ends the hold and begins another.
            pub fn unlocked_fair<F, U>(this: &mut Self, f: F) -> U
            where
                F: FnOnce() -> U,
            {
                this.unlocked_while(|raw, _| lock_api::$raw::unlocked_fair(raw, f))
            }

            /// Ends the hold and begins another.
            pub fn bump(this: &mut Self) {
                this.unlocked_while(|raw, _| lock_api::$raw::bump(raw));
            }
        }

        guards!(fair: $own, $raw, $fair);
    };
    (fair: $own:ident, $raw:ident, $fair:ident) => {
        impl<'a, R: $fair + 'a, T: ?Sized + 'a> $own<'a, R, T> {
            pub fn unlock_fair(this: Self) {
                let TimedGuard { raw, hold, .. } = this;
                lock_api::$raw::unlock_fair(raw);
                drop(hold);
            }
        }
    };
}

guards!(map: Guard, MutexGuard, Mapped, IsMutex, [mut], |lock| &lock.probe);
guards!(map: Mapped, MappedMutexGuard, Mapped, IsMutex, [mut], |probe| probe);
guards!(map: Read, RwLockReadGuard, MappedRead, IsRwLock, [], |lock| &lock.probe);
guards!(map: MappedRead, MappedRwLockReadGuard, MappedRead, IsRwLock, [], |probe| probe);
guards!(map: Write, RwLockWriteGuard, MappedWrite, IsRwLock, [mut], |lock| &lock.probe);
guards!(map: MappedWrite, MappedRwLockWriteGuard, MappedWrite, IsRwLock, [mut], |probe| probe);

guards!(unlock: Guard, MutexGuard, IsMutex, RawMutexFair, mutex -> Lock);
guards!(unlock: Read, RwLockReadGuard, IsRwLock, RawRwLockFair, rwlock -> RwTimed);
guards!(unlock: Write, RwLockWriteGuard, IsRwLock, RawRwLockFair, rwlock -> RwTimed);
guards!(unlock: Upgradable, RwLockUpgradableReadGuard, RawRwLockUpgrade, RawRwLockUpgradeFair, rwlock -> RwTimed);

guards!(fair: Mapped, MappedMutexGuard, RawMutexFair);
guards!(fair: MappedRead, MappedRwLockReadGuard, RawRwLockFair);
guards!(fair: MappedWrite, MappedRwLockWriteGuard, RawRwLockFair);

impl<'a, R: IsMutex + 'a, T: ?Sized + 'a> Guard<'a, R, T> {
    /// The lock is held from here on.
    pub fn leak(this: Self) -> &'a mut T {
        let TimedGuard { raw, hold, .. } = this;
        std::mem::forget(hold);
        lock_api::MutexGuard::leak(raw)
    }
}

impl<R: IsMutex, T: ?Sized> TimedGuard<Inside<lock_api::MutexGuard<'static, R, T>>, Arc<Lock<R, T>>> {
    /// The lock.
    pub fn mutex(this: &Self) -> &Arc<Lock<R, T>> {
        &this.lock
    }

    /// Releases the lock, and returns the share of it.
    pub fn into_arc(this: Self) -> Arc<Lock<R, T>> {
        let TimedGuard { raw, hold, lock } = this;
        drop(raw);
        drop(hold);
        lock
    }
}

/// A `parking_lot::Condvar` for instrumented mutexes. A wait ends the hold of the lock and, when it is over, begins another; the time
/// in between is not a wait for the lock.
#[derive(Debug, Default)]
pub struct Condvar(library::Condvar);

impl Condvar {
    #[must_use]
    pub const fn new() -> Self {
        Self(library::Condvar::new())
    }

    pub fn notify_one(&self) -> bool {
        self.0.notify_one()
    }

    pub fn notify_all(&self) -> usize {
        self.0.notify_all()
    }

    pub fn wait<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>) {
        guard.unlocked_while(|raw, _| self.0.wait(raw));
    }

    pub fn wait_until<T: ?Sized>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        timeout: Instant,
    ) -> WaitTimeoutResult {
        guard.unlocked_while(|raw, _| self.0.wait_until(raw, timeout))
    }

    pub fn wait_for<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>, timeout: Duration) -> WaitTimeoutResult {
        guard.unlocked_while(|raw, _| self.0.wait_for(raw, timeout))
    }

    pub fn wait_while<T: ?Sized, F>(&self, guard: &mut MutexGuard<'_, T>, condition: F)
    where
        F: FnMut(&mut T) -> bool,
    {
        guard.unlocked_while(|raw, _| self.0.wait_while(raw, condition));
    }

    pub fn wait_while_until<T: ?Sized, F>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        condition: F,
        timeout: Instant,
    ) -> WaitTimeoutResult
    where
        F: FnMut(&mut T) -> bool,
    {
        guard.unlocked_while(|raw, _| self.0.wait_while_until(raw, condition, timeout))
    }

    pub fn wait_while_for<T: ?Sized, F>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        condition: F,
        timeout: Duration,
    ) -> WaitTimeoutResult
    where
        F: FnMut(&mut T) -> bool,
    {
        guard.unlocked_while(|raw, _| self.0.wait_while_for(raw, condition, timeout))
    }
}

impl<R: IsRwLock, T> RwTimed<R, T> {
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self { probe: LockProbe::of_rw_lock::<T>(), raw: lock_api::RwLock::new(value) }
    }

    pub fn into_inner(self) -> T {
        self.raw.into_inner()
    }
}

impl<R: IsRwLock, T: ?Sized> RwTimed<R, T> {
    pub fn get_mut(&mut self) -> &mut T {
        self.raw.get_mut()
    }

    pub fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }

    pub fn is_locked_exclusive(&self) -> bool {
        self.raw.is_locked_exclusive()
    }

    pub fn data_ptr(&self) -> *mut T {
        self.raw.data_ptr()
    }
}

impl<'a, R: RawRwLockDowngrade + 'a, T: ?Sized + 'a> Write<'a, R, T> {
    /// Ends the hold for writing and begins one for reading.
    pub fn downgrade(this: Self) -> Read<'a, R, T> {
        this.turn(LockMode::Shared, lock_api::RwLockWriteGuard::downgrade)
    }
}

impl<'a, R: RawRwLockUpgradeDowngrade + 'a, T: ?Sized + 'a> Write<'a, R, T> {
    pub fn downgrade_to_upgradable(this: Self) -> Upgradable<'a, R, T> {
        this.turn(LockMode::Shared, lock_api::RwLockWriteGuard::downgrade_to_upgradable)
    }
}

impl<'a, R: RawRwLockUpgrade + 'a, T: ?Sized + 'a> Upgradable<'a, R, T> {
    /// Ends the hold for reading and begins one for writing, for which it may have to wait.
    pub fn upgrade(this: Self) -> Write<'a, R, T> {
        let lock = this.lock;
        this.turn(LockMode::Exclusive, |raw| match lock_api::RwLockUpgradableReadGuard::try_upgrade(raw) {
            Ok(raw) => raw,
            Err(raw) => lock.acquired_and_recorded(LockMode::Exclusive, None, || {
                lock_api::RwLockUpgradableReadGuard::upgrade(raw)
            }),
        })
    }

    pub fn try_upgrade(this: Self) -> Result<Write<'a, R, T>, Self> {
        this.try_turn(LockMode::Exclusive, lock_api::RwLockUpgradableReadGuard::try_upgrade)
    }
}

impl<'a, R: RawRwLockUpgradeDowngrade + 'a, T: ?Sized + 'a> Upgradable<'a, R, T> {
    /// Both count as reading: the hold goes on.
    pub fn downgrade(this: Self) -> Read<'a, R, T> {
        this.map_raw(lock_api::RwLockUpgradableReadGuard::downgrade, |lock| lock)
    }

    /// A hold for writing between two for reading.
    pub fn with_upgraded<Ret, F: FnOnce(&mut T) -> Ret>(&mut self, f: F) -> Ret {
        self.unlocked_while(|raw, probe| raw.with_upgraded(upgraded(probe, f)))
    }

    pub fn try_with_upgraded<Ret, F: FnOnce(&mut T) -> Ret>(&mut self, f: F) -> Option<Ret> {
        let probe = &self.lock.probe;
        self.raw.try_with_upgraded(upgraded(probe, f))
    }
}

impl<'a, R: RawRwLockUpgradeTimed + 'a, T: ?Sized + 'a> Upgradable<'a, R, T> {
    pub fn try_upgrade_for(this: Self, timeout: R::Duration) -> Result<Write<'a, R, T>, Self> {
        let probe = &this.lock.probe;
        let upgrade = |raw| lock_api::RwLockUpgradableReadGuard::try_upgrade_for(raw, timeout);
        this.try_turn(LockMode::Exclusive, |raw| probe.blocked_if_got(LockMode::Exclusive, || upgrade(raw)))
    }

    pub fn try_upgrade_until(this: Self, timeout: R::Instant) -> Result<Write<'a, R, T>, Self> {
        let probe = &this.lock.probe;
        let upgrade = |raw| lock_api::RwLockUpgradableReadGuard::try_upgrade_until(raw, timeout);
        this.try_turn(LockMode::Exclusive, |raw| probe.blocked_if_got(LockMode::Exclusive, || upgrade(raw)))
    }
}

impl<'a, R: RawRwLockUpgradeTimed + RawRwLockUpgradeDowngrade + 'a, T: ?Sized + 'a> Upgradable<'a, R, T> {
    pub fn try_with_upgraded_for<Ret, F: FnOnce(&mut T) -> Ret>(
        &mut self,
        timeout: R::Duration,
        f: F,
    ) -> Option<Ret> {
        let probe = &self.lock.probe;
        self.raw.try_with_upgraded_for(timeout, upgraded(probe, f))
    }

    pub fn try_with_upgraded_until<Ret, F: FnOnce(&mut T) -> Ret>(
        &mut self,
        timeout: R::Instant,
        f: F,
    ) -> Option<Ret> {
        let probe = &self.lock.probe;
        self.raw.try_with_upgraded_until(timeout, upgraded(probe, f))
    }
}

/// Makes `f` a hold for writing. The time between this call and that of the closure was a wait, if it was long.
fn upgraded<T: ?Sized, Ret>(probe: &LockProbe, f: impl FnOnce(&mut T) -> Ret) -> impl FnOnce(&mut T) -> Ret {
    let blocked = probe.maybe_blocked(LockMode::Exclusive);
    move |value| {
        blocked.over();
        let _hold = Hold::begin(None, probe, LockMode::Exclusive);
        f(value)
    }
}
