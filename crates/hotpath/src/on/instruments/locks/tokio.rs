//! The locks of tokio.
//!
//! They are first come, first served, and taking one spends the task's budget. So nothing is tried first: an acquisition had to
//! wait if its future was pending, unless it was so because the budget was spent. The blocking forms cannot be looked into; with
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

/// A `tokio::sync::Mutex` that is watched.
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
/// A `tokio::sync::RwLock` that is watched.
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
    /// The lock's place in the report is that of the call.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { probe: LockProbe::of_mutex::<T>(), raw: library::Mutex::new(value) }
    }

    /// The lock's place in the report is that of the call.
    #[track_caller]
    pub const fn const_new(value: T) -> Self {
        Self { probe: LockProbe::of_mutex::<T>(), raw: library::Mutex::const_new(value) }
    }

    pub fn into_inner(self) -> T {
        self.raw.into_inner()
    }
}

impl<T: ?Sized> Timed<library::Mutex<T>> {
    pub async fn lock(&self) -> MutexGuard<'_, T> {
        TimedGuard::new(self.waited(LockMode::Exclusive, self.raw.lock()).await, self, LockMode::Exclusive)
    }

    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        TimedGuard::new(
            self.probe.blocked(LockMode::Exclusive, || self.raw.blocking_lock()),
            self,
            LockMode::Exclusive,
        )
    }

    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        Ok(TimedGuard::new(self.raw.try_lock()?, self, LockMode::Exclusive))
    }

    pub fn get_mut(&mut self) -> &mut T {
        self.raw.get_mut()
    }
}

impl<T: ?Sized + 'static> Timed<library::Mutex<T>> {
    pub async fn lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let raw = Inside::new(self.waited(LockMode::Exclusive, borrow(&self).lock()).await);
        TimedGuard::new(raw, self, LockMode::Exclusive)
    }

    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let raw = Inside::new(self.probe.blocked(LockMode::Exclusive, || borrow(&self).blocking_lock()));
        TimedGuard::new(raw, self, LockMode::Exclusive)
    }

    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        let raw = Inside::new(borrow(&self).try_lock()?);
        Ok(TimedGuard::new(raw, self, LockMode::Exclusive))
    }
}

impl<'a, T: ?Sized> TimedGuard<library::MutexGuard<'a, T>, &'a Mutex<T>> {
    pub fn map<U: ?Sized, F>(this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| library::MutexGuard::map(raw, f), |lock| &lock.probe)
    }

    pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| library::MutexGuard::try_map(raw, f), |lock| &lock.probe)
    }

    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.lock
    }
}

impl<'a, T: ?Sized> TimedGuard<library::MappedMutexGuard<'a, T>, &'a LockProbe> {
    pub fn map<U, F>(this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| library::MappedMutexGuard::map(raw, f), |probe| probe)
    }

    pub fn try_map<U, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| library::MappedMutexGuard::try_map(raw, f), |probe| probe)
    }
}

impl<T: ?Sized + 'static> TimedGuard<Inside<library::MutexGuard<'static, T>>, Arc<Mutex<T>>> {
    pub fn map<U: ?Sized, F>(this: Self, f: F) -> OwnedMappedMutexGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| raw.map(|raw| library::MutexGuard::map(raw, f)), |lock| lock)
    }

    pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| raw.try_map(|raw| library::MutexGuard::try_map(raw, f)), |lock| lock)
    }

    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.lock
    }
}

impl<T: ?Sized, U: ?Sized + 'static>
    TimedGuard<Inside<library::MappedMutexGuard<'static, U>>, Arc<Mutex<T>>>
{
    pub fn map<S, F>(this: Self, f: F) -> OwnedMappedMutexGuard<T, S>
    where
        F: FnOnce(&mut U) -> &mut S,
    {
        this.map_raw(|raw| raw.map(|raw| library::MappedMutexGuard::map(raw, f)), |lock| lock)
    }

    pub fn try_map<S, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, S>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut S>,
    {
        this.try_map_raw(|raw| raw.try_map(|raw| library::MappedMutexGuard::try_map(raw, f)), |lock| lock)
    }
}

impl<T> Timed<library::RwLock<T>> {
    /// The lock's place in the report is that of the call.
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

impl<T: ?Sized> Timed<library::RwLock<T>> {
    pub async fn read(&self) -> RwLockReadGuard<'_, T> {
        TimedGuard::new(self.waited(LockMode::Shared, self.raw.read()).await, &self.probe, LockMode::Shared)
    }

    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        TimedGuard::new(
            self.probe.blocked(LockMode::Shared, || self.raw.blocking_read()),
            &self.probe,
            LockMode::Shared,
        )
    }

    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        Ok(TimedGuard::new(self.raw.try_read()?, &self.probe, LockMode::Shared))
    }

    pub async fn write(&self) -> RwLockWriteGuard<'_, T> {
        TimedGuard::new(
            self.waited(LockMode::Exclusive, self.raw.write()).await,
            &self.probe,
            LockMode::Exclusive,
        )
    }

    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        TimedGuard::new(
            self.probe.blocked(LockMode::Exclusive, || self.raw.blocking_write()),
            &self.probe,
            LockMode::Exclusive,
        )
    }

    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        Ok(TimedGuard::new(self.raw.try_write()?, &self.probe, LockMode::Exclusive))
    }

    pub fn get_mut(&mut self) -> &mut T {
        self.raw.get_mut()
    }
}

impl<T: ?Sized + 'static> Timed<library::RwLock<T>> {
    pub async fn read_owned(self: Arc<Self>) -> OwnedRwLockReadGuard<T> {
        let raw = Inside::new(self.waited(LockMode::Shared, borrow(&self).read()).await);
        TimedGuard::new(raw, self, LockMode::Shared)
    }

    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        let raw = Inside::new(borrow(&self).try_read()?);
        Ok(TimedGuard::new(raw, self, LockMode::Shared))
    }

    pub async fn write_owned(self: Arc<Self>) -> OwnedRwLockWriteGuard<T> {
        let raw = Inside::new(self.waited(LockMode::Exclusive, borrow(&self).write()).await);
        TimedGuard::new(raw, self, LockMode::Exclusive)
    }

    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        let raw = Inside::new(borrow(&self).try_write()?);
        Ok(TimedGuard::new(raw, self, LockMode::Exclusive))
    }
}

impl<'a, T: ?Sized> TimedGuard<library::RwLockReadGuard<'a, T>, &'a LockProbe> {
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        this.map_raw(|raw| library::RwLockReadGuard::map(raw, f), |probe| probe)
    }

    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        this.try_map_raw(|raw| library::RwLockReadGuard::try_map(raw, f), |probe| probe)
    }
}

impl<'a, T: ?Sized> TimedGuard<library::RwLockWriteGuard<'a, T>, &'a LockProbe> {
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| library::RwLockWriteGuard::map(raw, f), |probe| probe)
    }

    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| library::RwLockWriteGuard::try_map(raw, f), |probe| probe)
    }

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

impl<'a, T: ?Sized> TimedGuard<library::RwLockMappedWriteGuard<'a, T>, &'a LockProbe> {
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| library::RwLockMappedWriteGuard::map(raw, f), |probe| probe)
    }

    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| library::RwLockMappedWriteGuard::try_map(raw, f), |probe| probe)
    }
}

impl<T: ?Sized, U: ?Sized + 'static>
    TimedGuard<Inside<library::RwLockReadGuard<'static, U>>, Arc<RwLock<T>>>
{
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, V>
    where
        F: FnOnce(&U) -> &V,
    {
        this.map_raw(|raw| raw.map(|raw| library::RwLockReadGuard::map(raw, f)), |lock| lock)
    }

    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, V>, Self>
    where
        F: FnOnce(&U) -> Option<&V>,
    {
        this.try_map_raw(|raw| raw.try_map(|raw| library::RwLockReadGuard::try_map(raw, f)), |lock| lock)
    }

    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}

impl<T: ?Sized + 'static> TimedGuard<Inside<library::RwLockWriteGuard<'static, T>>, Arc<RwLock<T>>> {
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| raw.map(|raw| library::RwLockWriteGuard::map(raw, f)), |lock| lock)
    }

    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| raw.try_map(|raw| library::RwLockWriteGuard::try_map(raw, f)), |lock| lock)
    }

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

    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}

impl<T: ?Sized, U: ?Sized + 'static>
    TimedGuard<Inside<library::RwLockMappedWriteGuard<'static, U>>, Arc<RwLock<T>>>
{
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, V>
    where
        F: FnOnce(&mut U) -> &mut V,
    {
        this.map_raw(|raw| raw.map(|raw| library::RwLockMappedWriteGuard::map(raw, f)), |lock| lock)
    }

    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockMappedWriteGuard<T, V>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        let map = |raw| library::RwLockMappedWriteGuard::try_map(raw, f);
        this.try_map_raw(|raw: Inside<_>| raw.try_map(map), |lock| lock)
    }

    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}
