//! The locks of async-lock.
//!
//! The futures are wrapped: an acquisition had to wait if its future was pending. The blocking forms are these futures, and begin
//! with the very attempt that the `try_` forms are, so trying first changes nothing; except for writing, where an attempt that fails
//! would be in the way of others for a moment. There it was a wait if it took long (see `LockProbe::blocked`).

use std::{future::Future, sync::Arc};

use ::async_lock as library;

use super::{
    LockMode, LockProbe, Timed, TimedGuard,
    acquire::Acquire,
    owned::{Inside, borrow},
    timed::common_impls,
    wait::Waited,
};

/// An `async_lock::Mutex` that is instrumented.
pub type Mutex<T> = Timed<library::Mutex<T>>;
/// Its guard.
pub type MutexGuard<'a, T> = TimedGuard<library::MutexGuard<'a, T>, &'a Mutex<T>>;
/// A guard that owns a share of the lock.
pub type MutexGuardArc<T> = TimedGuard<Inside<library::MutexGuard<'static, T>>, Arc<Mutex<T>>>;
/// An `async_lock::RwLock` that is instrumented.
pub type RwLock<T> = Timed<library::RwLock<T>>;
/// Its guard for reading.
pub type RwLockReadGuard<'a, T> = TimedGuard<library::RwLockReadGuard<'a, T>, &'a LockProbe>;
/// Its guard for reading that may come to write.
pub type RwLockUpgradableReadGuard<'a, T> =
    TimedGuard<library::RwLockUpgradableReadGuard<'a, T>, &'a LockProbe>;
/// Its guard for writing.
pub type RwLockWriteGuard<'a, T> = TimedGuard<library::RwLockWriteGuard<'a, T>, &'a LockProbe>;
/// A guard for reading that owns a share of the lock.
pub type RwLockReadGuardArc<T> = TimedGuard<Inside<library::RwLockReadGuard<'static, T>>, Arc<RwLock<T>>>;
/// A guard for reading that may come to write and owns a share of the lock.
pub type RwLockUpgradableReadGuardArc<T> =
    TimedGuard<Inside<library::RwLockUpgradableReadGuard<'static, T>>, Arc<RwLock<T>>>;
/// A guard for writing that owns a share of the lock.
pub type RwLockWriteGuardArc<T> = TimedGuard<Inside<library::RwLockWriteGuard<'static, T>>, Arc<RwLock<T>>>;

/// The futures of the borrowed guards.
pub mod futures {
    use super::{super::acquire::Acquire, LockProbe, Mutex, library::futures as library};

    /// Gets a mutex.
    pub type Lock<'a, T> = Acquire<'a, library::Lock<'a, T>, &'a Mutex<T>>;
    /// Gets a lock for reading.
    pub type Read<'a, T> = Acquire<'a, library::Read<'a, T>, &'a LockProbe>;
    /// Gets a lock for reading and maybe writing.
    pub type UpgradableRead<'a, T> = Acquire<'a, library::UpgradableRead<'a, T>, &'a LockProbe>;
    /// Gets a lock for writing.
    pub type Write<'a, T> = Acquire<'a, library::Write<'a, T>, &'a LockProbe>;
}

common_impls!(IntoMutex, library::Mutex<T>);
common_impls!(IntoRwLock, library::RwLock<T>);

impl<T> Timed<library::Mutex<T>> {
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self { probe: LockProbe::of_mutex::<T>(), raw: library::Mutex::new(value) }
    }

    pub fn into_inner(self) -> T {
        self.raw.into_inner()
    }
}

impl<T: ?Sized> Timed<library::Mutex<T>> {
    pub fn lock(&self) -> futures::Lock<'_, T> {
        Acquire::new(Waited::new(&self.probe, LockMode::Exclusive, self.raw.lock()), self)
    }

    #[cfg(not(target_family = "wasm"))]
    pub fn lock_blocking(&self) -> MutexGuard<'_, T> {
        let raw =
            self.acquired_and_recorded(LockMode::Exclusive, self.raw.try_lock(), || self.raw.lock_blocking());
        TimedGuard::new(raw, self, LockMode::Exclusive)
    }

    pub fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        Some(TimedGuard::new(self.raw.try_lock()?, self, LockMode::Exclusive))
    }

    pub fn get_mut(&mut self) -> &mut T {
        self.raw.get_mut()
    }
}

impl<T: ?Sized + 'static> Timed<library::Mutex<T>> {
    pub fn lock_arc(self: &Arc<Self>) -> impl Future<Output = MutexGuardArc<T>> + use<T> {
        let lock = Arc::clone(self);
        async move {
            let raw = Inside::new(Waited::new(&lock.probe, LockMode::Exclusive, borrow(&lock).lock()).await);
            TimedGuard::new(raw, lock, LockMode::Exclusive)
        }
    }

    #[cfg(not(target_family = "wasm"))]
    pub fn lock_arc_blocking(self: &Arc<Self>) -> MutexGuardArc<T> {
        let raw = borrow(self);
        let raw = self.acquired_and_recorded(LockMode::Exclusive, raw.try_lock(), || raw.lock_blocking());
        TimedGuard::new(Inside::new(raw), Arc::clone(self), LockMode::Exclusive)
    }

    pub fn try_lock_arc(self: &Arc<Self>) -> Option<MutexGuardArc<T>> {
        Some(TimedGuard::new(Inside::new(borrow(self).try_lock()?), Arc::clone(self), LockMode::Exclusive))
    }
}

impl<'a, T: ?Sized> TimedGuard<library::MutexGuard<'a, T>, &'a Mutex<T>> {
    pub fn source(this: &Self) -> &'a Mutex<T> {
        this.lock
    }
}

impl<T: ?Sized> TimedGuard<Inside<library::MutexGuard<'static, T>>, Arc<Mutex<T>>> {
    pub fn source(this: &Self) -> &Arc<Mutex<T>> {
        &this.lock
    }
}

impl<T> Timed<library::RwLock<T>> {
    #[track_caller]
    pub const fn new(value: T) -> Self {
        Self { probe: LockProbe::of_rw_lock::<T>(), raw: library::RwLock::new(value) }
    }

    pub fn into_inner(self) -> T {
        self.raw.into_inner()
    }
}

impl<T: ?Sized> Timed<library::RwLock<T>> {
    pub fn get_mut(&mut self) -> &mut T {
        self.raw.get_mut()
    }
}

/// The forms of taking a reader-writer lock in one mode.
macro_rules! acquire {
    ($($mode:ident $future:ident $guard:ident $arc:ident
        $lock:ident $blocking:ident $tried:ident $lock_arc:ident $arc_blocking:ident $tried_arc:ident;)+) => {
        impl<T: ?Sized> Timed<library::RwLock<T>> {
            $(
                pub fn $lock(&self) -> futures::$future<'_, T> {
                    Acquire::new(Waited::new(&self.probe, LockMode::$mode, self.raw.$lock()), &self.probe)
                }

                #[cfg(not(target_family = "wasm"))]
                pub fn $blocking(&self) -> $guard<'_, T> {
                    let raw = match LockMode::$mode {
                        LockMode::Exclusive => self.probe.blocked(LockMode::Exclusive, || self.raw.$blocking()),
                        mode => self.acquired_and_recorded(mode, self.raw.$tried(), || self.raw.$blocking()),
                    };
                    TimedGuard::new(raw, &self.probe, LockMode::$mode)
                }

                pub fn $tried(&self) -> Option<$guard<'_, T>> {
                    Some(TimedGuard::new(self.raw.$tried()?, &self.probe, LockMode::$mode))
                }
            )+
        }

        impl<T: ?Sized + 'static> Timed<library::RwLock<T>> {
            $(
                pub fn $lock_arc(self: &Arc<Self>) -> impl Future<Output = $arc<T>> + use<T> {
                    let lock = Arc::clone(self);
                    async move {
                        let raw = Waited::new(&lock.probe, LockMode::$mode, borrow(&lock).$lock()).await;
                        TimedGuard::new(Inside::new(raw), lock, LockMode::$mode)
                    }
                }

                #[cfg(not(target_family = "wasm"))]
                pub fn $arc_blocking(self: &Arc<Self>) -> $arc<T> {
                    let raw = borrow(self);
                    let raw = match LockMode::$mode {
                        LockMode::Exclusive => self.probe.blocked(LockMode::Exclusive, || raw.$blocking()),
                        mode => self.acquired_and_recorded(mode, raw.$tried(), || raw.$blocking()),
                    };
                    TimedGuard::new(Inside::new(raw), Arc::clone(self), LockMode::$mode)
                }

                pub fn $tried_arc(self: &Arc<Self>) -> Option<$arc<T>> {
                    Some(TimedGuard::new(Inside::new(borrow(self).$tried()?), Arc::clone(self), LockMode::$mode))
                }
            )+
        }
    };
}

acquire! {
    Shared Read RwLockReadGuard RwLockReadGuardArc
        read read_blocking try_read read_arc read_arc_blocking try_read_arc;
    Shared UpgradableRead RwLockUpgradableReadGuard RwLockUpgradableReadGuardArc
        upgradable_read upgradable_read_blocking try_upgradable_read
        upgradable_read_arc upgradable_read_arc_blocking try_upgradable_read_arc;
    Exclusive Write RwLockWriteGuard RwLockWriteGuardArc
        write write_blocking try_write write_arc write_arc_blocking try_write_arc;
}

impl<'a, T: ?Sized> TimedGuard<library::RwLockUpgradableReadGuard<'a, T>, &'a LockProbe> {
    /// Both count as reading: the hold goes on.
    pub fn downgrade(this: Self) -> RwLockReadGuard<'a, T> {
        this.map_raw(library::RwLockUpgradableReadGuard::downgrade, |probe| probe)
    }

    pub fn try_upgrade(this: Self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        this.try_turn(LockMode::Exclusive, library::RwLockUpgradableReadGuard::try_upgrade)
    }

    /// Ends the hold for reading and begins one for writing, for which it may have to wait.
    pub fn upgrade(this: Self) -> impl Future<Output = RwLockWriteGuard<'a, T>> {
        let TimedGuard { raw, hold, lock: probe } = this;
        let upgrade = library::RwLockUpgradableReadGuard::upgrade(raw);
        drop(hold);
        Acquire::new(Waited::new(probe, LockMode::Exclusive, upgrade), probe)
    }

    #[cfg(not(target_family = "wasm"))]
    pub fn upgrade_blocking(this: Self) -> RwLockWriteGuard<'a, T> {
        let probe = this.lock;
        this.turn(LockMode::Exclusive, |raw| probe.upgraded_blocking(raw))
    }
}

impl<T: ?Sized + 'static> TimedGuard<Inside<library::RwLockUpgradableReadGuard<'static, T>>, Arc<RwLock<T>>> {
    /// Both count as reading: the hold goes on.
    pub fn downgrade(this: Self) -> RwLockReadGuardArc<T> {
        this.map_raw(|raw| raw.map(library::RwLockUpgradableReadGuard::downgrade), |lock| lock)
    }

    pub fn try_upgrade(this: Self) -> Result<RwLockWriteGuardArc<T>, Self> {
        let upgrade = library::RwLockUpgradableReadGuard::try_upgrade;
        this.try_turn(LockMode::Exclusive, |raw: Inside<_>| raw.try_map(upgrade))
    }

    /// Ends the hold for reading and begins one for writing, for which it may have to wait.
    pub fn upgrade(this: Self) -> impl Future<Output = RwLockWriteGuardArc<T>> + use<T> {
        let TimedGuard { raw, hold, lock } = this;
        let upgrade = raw.map(library::RwLockUpgradableReadGuard::upgrade);
        drop(hold);
        async move {
            let lock = lock; // declared before, and so dropped after, what borrows from it
            let upgrade = upgrade.into_inner();
            let raw = Inside::new(Waited::new(&lock.probe, LockMode::Exclusive, upgrade).await);
            TimedGuard::new(raw, lock, LockMode::Exclusive)
        }
    }

    #[cfg(not(target_family = "wasm"))]
    pub fn upgrade_blocking(this: Self) -> RwLockWriteGuardArc<T> {
        let lock = Arc::clone(&this.lock);
        this.turn(LockMode::Exclusive, |raw| raw.map(|raw| lock.probe.upgraded_blocking(raw)))
    }
}

impl LockProbe {
    #[cfg(not(target_family = "wasm"))]
    fn upgraded_blocking<'a, T: ?Sized>(
        &self,
        raw: library::RwLockUpgradableReadGuard<'a, T>,
    ) -> library::RwLockWriteGuard<'a, T> {
        match library::RwLockUpgradableReadGuard::try_upgrade(raw) {
            Ok(raw) => raw,
            Err(raw) => {
                let waiting = self.wait(LockMode::Exclusive);
                let raw = library::RwLockUpgradableReadGuard::upgrade_blocking(raw);
                waiting.over();
                raw
            }
        }
    }
}

impl<'a, T: ?Sized> TimedGuard<library::RwLockWriteGuard<'a, T>, &'a LockProbe> {
    /// Ends the hold for writing and begins one for reading.
    pub fn downgrade(this: Self) -> RwLockReadGuard<'a, T> {
        this.turn(LockMode::Shared, library::RwLockWriteGuard::downgrade)
    }

    /// Ends the hold for writing and begins one for reading.
    pub fn downgrade_to_upgradable(this: Self) -> RwLockUpgradableReadGuard<'a, T> {
        this.turn(LockMode::Shared, library::RwLockWriteGuard::downgrade_to_upgradable)
    }
}

impl<T: ?Sized + 'static> TimedGuard<Inside<library::RwLockWriteGuard<'static, T>>, Arc<RwLock<T>>> {
    /// Ends the hold for writing and begins one for reading.
    pub fn downgrade(this: Self) -> RwLockReadGuardArc<T> {
        this.turn(LockMode::Shared, |raw| raw.map(library::RwLockWriteGuard::downgrade))
    }

    /// Ends the hold for writing and begins one for reading.
    pub fn downgrade_to_upgradable(this: Self) -> RwLockUpgradableReadGuardArc<T> {
        this.turn(LockMode::Shared, |raw| raw.map(library::RwLockWriteGuard::downgrade_to_upgradable))
    }
}
