//! The locks of tokio.
//!
//! They are first come, first served, and taking one spends the task's budget. So nothing is tried first: an acquisition had to
//! wait if its future was pending, unless it was so because the budget was spent. The blocking forms cannot be looked into; with
//! them an acquisition had to wait if it took long (see `Watch::blocked`).

use std::sync::Arc;

use ::tokio::{
    sync::{self as library, TryLockError},
    task::coop::has_budget_remaining,
};

use super::{
    Held, LockMode, Timed, Watch,
    owned::{Inside, borrow},
    timed::made_like,
    wait::Waited,
};

/// A `tokio::sync::Mutex` that is watched.
pub type Mutex<T> = Timed<library::Mutex<T>>;
/// Its guard.
pub type MutexGuard<'a, T> = Held<library::MutexGuard<'a, T>, &'a Mutex<T>>;
/// A guard of a part of its value.
pub type MappedMutexGuard<'a, T> = Held<library::MappedMutexGuard<'a, T>, &'a Watch>;
/// A guard that owns a share of the lock.
pub type OwnedMutexGuard<T> = Held<Inside<library::MutexGuard<'static, T>>, Arc<Mutex<T>>>;
/// A guard of a part of the value that owns a share of the lock.
pub type OwnedMappedMutexGuard<T, U = T> = Held<Inside<library::MappedMutexGuard<'static, U>>, Arc<Mutex<T>>>;
/// A `tokio::sync::RwLock` that is watched.
pub type RwLock<T> = Timed<library::RwLock<T>>;
/// Its guard for reading.
pub type RwLockReadGuard<'a, T> = Held<library::RwLockReadGuard<'a, T>, &'a Watch>;
/// Its guard for writing.
pub type RwLockWriteGuard<'a, T> = Held<library::RwLockWriteGuard<'a, T>, &'a Watch>;
/// A guard for writing a part of its value.
pub type RwLockMappedWriteGuard<'a, T> = Held<library::RwLockMappedWriteGuard<'a, T>, &'a Watch>;
/// A guard for reading that owns a share of the lock.
pub type OwnedRwLockReadGuard<T, U = T> = Held<Inside<library::RwLockReadGuard<'static, U>>, Arc<RwLock<T>>>;
/// A guard for writing that owns a share of the lock.
pub type OwnedRwLockWriteGuard<T> = Held<Inside<library::RwLockWriteGuard<'static, T>>, Arc<RwLock<T>>>;
/// A guard for writing a part of the value that owns a share of the lock.
pub type OwnedRwLockMappedWriteGuard<T, U = T> =
    Held<Inside<library::RwLockMappedWriteGuard<'static, U>>, Arc<RwLock<T>>>;

made_like!(IntoMutex, library::Mutex<T>);
made_like!(IntoRwLock, library::RwLock<T>);

impl<L: ?Sized> Timed<L> {
    fn waited<F>(&self, mode: LockMode, lock: F) -> Waited<'_, F> {
        Waited::new_if(&self.watch, mode, lock, has_budget_remaining)
    }
}

impl<T> Timed<library::Mutex<T>> {
    /// As `tokio::sync::Mutex::new`. The lock's place in the report is that of the call.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { watch: Watch::of_mutex::<T>(), raw: library::Mutex::new(value) }
    }

    /// As `tokio::sync::Mutex::const_new`. The lock's place in the report is that of the call.
    #[track_caller]
    pub const fn const_new(value: T) -> Self {
        Self { watch: Watch::of_mutex::<T>(), raw: library::Mutex::const_new(value) }
    }

    /// As `tokio::sync::Mutex::into_inner`.
    pub fn into_inner(self) -> T {
        self.raw.into_inner()
    }
}

impl<T: ?Sized> Timed<library::Mutex<T>> {
    /// As `tokio::sync::Mutex::lock`.
    pub async fn lock(&self) -> MutexGuard<'_, T> {
        Held::new(self.waited(LockMode::LOCK, self.raw.lock()).await, self, LockMode::LOCK)
    }

    /// As `tokio::sync::Mutex::blocking_lock`.
    #[track_caller]
    pub fn blocking_lock(&self) -> MutexGuard<'_, T> {
        Held::new(self.watch.blocked(LockMode::LOCK, || self.raw.blocking_lock()), self, LockMode::LOCK)
    }

    /// As `tokio::sync::Mutex::try_lock`.
    pub fn try_lock(&self) -> Result<MutexGuard<'_, T>, TryLockError> {
        Ok(Held::new(self.raw.try_lock()?, self, LockMode::LOCK))
    }

    /// As `tokio::sync::Mutex::get_mut`.
    pub fn get_mut(&mut self) -> &mut T {
        self.raw.get_mut()
    }
}

impl<T: ?Sized + 'static> Timed<library::Mutex<T>> {
    /// As `tokio::sync::Mutex::lock_owned`.
    pub async fn lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let raw = Inside::new(self.waited(LockMode::LOCK, borrow(&self).lock()).await);
        Held::new(raw, self, LockMode::LOCK)
    }

    /// As `tokio::sync::Mutex::blocking_lock_owned`.
    #[track_caller]
    pub fn blocking_lock_owned(self: Arc<Self>) -> OwnedMutexGuard<T> {
        let raw = Inside::new(self.watch.blocked(LockMode::LOCK, || borrow(&self).blocking_lock()));
        Held::new(raw, self, LockMode::LOCK)
    }

    /// As `tokio::sync::Mutex::try_lock_owned`.
    pub fn try_lock_owned(self: Arc<Self>) -> Result<OwnedMutexGuard<T>, TryLockError> {
        let raw = Inside::new(borrow(&self).try_lock()?);
        Ok(Held::new(raw, self, LockMode::LOCK))
    }
}

impl<'a, T: ?Sized> Held<library::MutexGuard<'a, T>, &'a Mutex<T>> {
    /// As `tokio::sync::MutexGuard::map`.
    pub fn map<U: ?Sized, F>(this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| library::MutexGuard::map(raw, f), |lock| &lock.watch)
    }

    /// As `tokio::sync::MutexGuard::try_map`.
    pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| library::MutexGuard::try_map(raw, f), |lock| &lock.watch)
    }

    /// As `tokio::sync::MutexGuard::mutex`.
    pub fn mutex(this: &Self) -> &'a Mutex<T> {
        this.lock
    }
}

impl<'a, T: ?Sized> Held<library::MappedMutexGuard<'a, T>, &'a Watch> {
    /// As `tokio::sync::MappedMutexGuard::map`.
    pub fn map<U, F>(this: Self, f: F) -> MappedMutexGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| library::MappedMutexGuard::map(raw, f), |watch| watch)
    }

    /// As `tokio::sync::MappedMutexGuard::try_map`.
    pub fn try_map<U, F>(this: Self, f: F) -> Result<MappedMutexGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| library::MappedMutexGuard::try_map(raw, f), |watch| watch)
    }
}

impl<T: ?Sized + 'static> Held<Inside<library::MutexGuard<'static, T>>, Arc<Mutex<T>>> {
    /// As `tokio::sync::OwnedMutexGuard::map`.
    pub fn map<U: ?Sized, F>(this: Self, f: F) -> OwnedMappedMutexGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| raw.map(|raw| library::MutexGuard::map(raw, f)), |lock| lock)
    }

    /// As `tokio::sync::OwnedMutexGuard::try_map`.
    pub fn try_map<U: ?Sized, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| raw.try_map(|raw| library::MutexGuard::try_map(raw, f)), |lock| lock)
    }

    /// As `tokio::sync::OwnedMutexGuard::mutex`.
    pub fn mutex(this: &Self) -> &Arc<Mutex<T>> {
        &this.lock
    }
}

impl<T: ?Sized, U: ?Sized + 'static> Held<Inside<library::MappedMutexGuard<'static, U>>, Arc<Mutex<T>>> {
    /// As `tokio::sync::OwnedMappedMutexGuard::map`.
    pub fn map<S, F>(this: Self, f: F) -> OwnedMappedMutexGuard<T, S>
    where
        F: FnOnce(&mut U) -> &mut S,
    {
        this.map_raw(|raw| raw.map(|raw| library::MappedMutexGuard::map(raw, f)), |lock| lock)
    }

    /// As `tokio::sync::OwnedMappedMutexGuard::try_map`.
    pub fn try_map<S, F>(this: Self, f: F) -> Result<OwnedMappedMutexGuard<T, S>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut S>,
    {
        this.try_map_raw(|raw| raw.try_map(|raw| library::MappedMutexGuard::try_map(raw, f)), |lock| lock)
    }
}

impl<T> Timed<library::RwLock<T>> {
    /// As `tokio::sync::RwLock::new`. The lock's place in the report is that of the call.
    #[track_caller]
    pub fn new(value: T) -> Self {
        Self { watch: Watch::of_rw_lock::<T>(), raw: library::RwLock::new(value) }
    }

    /// As `tokio::sync::RwLock::with_max_readers`.
    #[track_caller]
    pub fn with_max_readers(value: T, max_reads: u32) -> Self {
        let raw = library::RwLock::with_max_readers(value, max_reads);
        Self { watch: Watch::of_rw_lock::<T>(), raw }
    }

    /// As `tokio::sync::RwLock::const_new`.
    #[track_caller]
    pub const fn const_new(value: T) -> Self {
        Self { watch: Watch::of_rw_lock::<T>(), raw: library::RwLock::const_new(value) }
    }

    /// As `tokio::sync::RwLock::const_with_max_readers`.
    #[track_caller]
    pub const fn const_with_max_readers(value: T, max_reads: u32) -> Self {
        let raw = library::RwLock::const_with_max_readers(value, max_reads);
        Self { watch: Watch::of_rw_lock::<T>(), raw }
    }

    /// As `tokio::sync::RwLock::into_inner`.
    pub fn into_inner(self) -> T {
        self.raw.into_inner()
    }
}

impl<T: ?Sized> Timed<library::RwLock<T>> {
    /// As `tokio::sync::RwLock::read`.
    pub async fn read(&self) -> RwLockReadGuard<'_, T> {
        Held::new(self.waited(LockMode::READ, self.raw.read()).await, &self.watch, LockMode::READ)
    }

    /// As `tokio::sync::RwLock::blocking_read`.
    #[track_caller]
    pub fn blocking_read(&self) -> RwLockReadGuard<'_, T> {
        Held::new(
            self.watch.blocked(LockMode::READ, || self.raw.blocking_read()),
            &self.watch,
            LockMode::READ,
        )
    }

    /// As `tokio::sync::RwLock::try_read`.
    pub fn try_read(&self) -> Result<RwLockReadGuard<'_, T>, TryLockError> {
        Ok(Held::new(self.raw.try_read()?, &self.watch, LockMode::READ))
    }

    /// As `tokio::sync::RwLock::write`.
    pub async fn write(&self) -> RwLockWriteGuard<'_, T> {
        Held::new(self.waited(LockMode::WRITE, self.raw.write()).await, &self.watch, LockMode::WRITE)
    }

    /// As `tokio::sync::RwLock::blocking_write`.
    #[track_caller]
    pub fn blocking_write(&self) -> RwLockWriteGuard<'_, T> {
        Held::new(
            self.watch.blocked(LockMode::WRITE, || self.raw.blocking_write()),
            &self.watch,
            LockMode::WRITE,
        )
    }

    /// As `tokio::sync::RwLock::try_write`.
    pub fn try_write(&self) -> Result<RwLockWriteGuard<'_, T>, TryLockError> {
        Ok(Held::new(self.raw.try_write()?, &self.watch, LockMode::WRITE))
    }

    /// As `tokio::sync::RwLock::get_mut`.
    pub fn get_mut(&mut self) -> &mut T {
        self.raw.get_mut()
    }
}

impl<T: ?Sized + 'static> Timed<library::RwLock<T>> {
    /// As `tokio::sync::RwLock::read_owned`.
    pub async fn read_owned(self: Arc<Self>) -> OwnedRwLockReadGuard<T> {
        let raw = Inside::new(self.waited(LockMode::READ, borrow(&self).read()).await);
        Held::new(raw, self, LockMode::READ)
    }

    /// As `tokio::sync::RwLock::try_read_owned`.
    pub fn try_read_owned(self: Arc<Self>) -> Result<OwnedRwLockReadGuard<T>, TryLockError> {
        let raw = Inside::new(borrow(&self).try_read()?);
        Ok(Held::new(raw, self, LockMode::READ))
    }

    /// As `tokio::sync::RwLock::write_owned`.
    pub async fn write_owned(self: Arc<Self>) -> OwnedRwLockWriteGuard<T> {
        let raw = Inside::new(self.waited(LockMode::WRITE, borrow(&self).write()).await);
        Held::new(raw, self, LockMode::WRITE)
    }

    /// As `tokio::sync::RwLock::try_write_owned`.
    pub fn try_write_owned(self: Arc<Self>) -> Result<OwnedRwLockWriteGuard<T>, TryLockError> {
        let raw = Inside::new(borrow(&self).try_write()?);
        Ok(Held::new(raw, self, LockMode::WRITE))
    }
}

impl<'a, T: ?Sized> Held<library::RwLockReadGuard<'a, T>, &'a Watch> {
    /// As `tokio::sync::RwLockReadGuard::map`.
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        this.map_raw(|raw| library::RwLockReadGuard::map(raw, f), |watch| watch)
    }

    /// As `tokio::sync::RwLockReadGuard::try_map`.
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        this.try_map_raw(|raw| library::RwLockReadGuard::try_map(raw, f), |watch| watch)
    }
}

impl<'a, T: ?Sized> Held<library::RwLockWriteGuard<'a, T>, &'a Watch> {
    /// As `tokio::sync::RwLockWriteGuard::map`.
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| library::RwLockWriteGuard::map(raw, f), |watch| watch)
    }

    /// As `tokio::sync::RwLockWriteGuard::try_map`.
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| library::RwLockWriteGuard::try_map(raw, f), |watch| watch)
    }

    /// As `tokio::sync::RwLockWriteGuard::into_mapped`.
    pub fn into_mapped(this: Self) -> RwLockMappedWriteGuard<'a, T> {
        this.map_raw(library::RwLockWriteGuard::into_mapped, |watch| watch)
    }

    /// As `tokio::sync::RwLockWriteGuard::downgrade_map`.
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> RwLockReadGuard<'a, U>
    where
        F: FnOnce(&T) -> &U,
    {
        this.turn(LockMode::READ, |raw| library::RwLockWriteGuard::downgrade_map(raw, f))
    }

    /// As `tokio::sync::RwLockWriteGuard::try_downgrade_map`.
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockReadGuard<'a, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        this.try_turn(LockMode::READ, |raw| library::RwLockWriteGuard::try_downgrade_map(raw, f))
    }

    /// As `tokio::sync::RwLockWriteGuard::downgrade`.
    pub fn downgrade(self) -> RwLockReadGuard<'a, T> {
        self.turn(LockMode::READ, library::RwLockWriteGuard::downgrade)
    }
}

impl<'a, T: ?Sized> Held<library::RwLockMappedWriteGuard<'a, T>, &'a Watch> {
    /// As `tokio::sync::RwLockMappedWriteGuard::map`.
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> RwLockMappedWriteGuard<'a, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| library::RwLockMappedWriteGuard::map(raw, f), |watch| watch)
    }

    /// As `tokio::sync::RwLockMappedWriteGuard::try_map`.
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<RwLockMappedWriteGuard<'a, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| library::RwLockMappedWriteGuard::try_map(raw, f), |watch| watch)
    }
}

impl<T: ?Sized, U: ?Sized + 'static> Held<Inside<library::RwLockReadGuard<'static, U>>, Arc<RwLock<T>>> {
    /// As `tokio::sync::OwnedRwLockReadGuard::map`.
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, V>
    where
        F: FnOnce(&U) -> &V,
    {
        this.map_raw(|raw| raw.map(|raw| library::RwLockReadGuard::map(raw, f)), |lock| lock)
    }

    /// As `tokio::sync::OwnedRwLockReadGuard::try_map`.
    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, V>, Self>
    where
        F: FnOnce(&U) -> Option<&V>,
    {
        this.try_map_raw(|raw| raw.try_map(|raw| library::RwLockReadGuard::try_map(raw, f)), |lock| lock)
    }

    /// As `tokio::sync::OwnedRwLockReadGuard::rwlock`.
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}

impl<T: ?Sized + 'static> Held<Inside<library::RwLockWriteGuard<'static, T>>, Arc<RwLock<T>>> {
    /// As `tokio::sync::OwnedRwLockWriteGuard::map`.
    pub fn map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, U>
    where
        F: FnOnce(&mut T) -> &mut U,
    {
        this.map_raw(|raw| raw.map(|raw| library::RwLockWriteGuard::map(raw, f)), |lock| lock)
    }

    /// As `tokio::sync::OwnedRwLockWriteGuard::try_map`.
    pub fn try_map<F, U: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockMappedWriteGuard<T, U>, Self>
    where
        F: FnOnce(&mut T) -> Option<&mut U>,
    {
        this.try_map_raw(|raw| raw.try_map(|raw| library::RwLockWriteGuard::try_map(raw, f)), |lock| lock)
    }

    /// As `tokio::sync::OwnedRwLockWriteGuard::into_mapped`.
    pub fn into_mapped(this: Self) -> OwnedRwLockMappedWriteGuard<T> {
        this.map_raw(|raw| raw.map(library::RwLockWriteGuard::into_mapped), |lock| lock)
    }

    /// As `tokio::sync::OwnedRwLockWriteGuard::downgrade_map`.
    pub fn downgrade_map<F, U: ?Sized>(this: Self, f: F) -> OwnedRwLockReadGuard<T, U>
    where
        F: FnOnce(&T) -> &U,
    {
        this.turn(LockMode::READ, |raw| raw.map(|raw| library::RwLockWriteGuard::downgrade_map(raw, f)))
    }

    /// As `tokio::sync::OwnedRwLockWriteGuard::try_downgrade_map`.
    pub fn try_downgrade_map<F, U: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockReadGuard<T, U>, Self>
    where
        F: FnOnce(&T) -> Option<&U>,
    {
        let turn = |raw| library::RwLockWriteGuard::try_downgrade_map(raw, f);
        this.try_turn(LockMode::READ, |raw: Inside<_>| raw.try_map(turn))
    }

    /// As `tokio::sync::OwnedRwLockWriteGuard::downgrade`.
    pub fn downgrade(self) -> OwnedRwLockReadGuard<T> {
        self.turn(LockMode::READ, |raw| raw.map(library::RwLockWriteGuard::downgrade))
    }

    /// As `tokio::sync::OwnedRwLockWriteGuard::rwlock`.
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}

impl<T: ?Sized, U: ?Sized + 'static>
    Held<Inside<library::RwLockMappedWriteGuard<'static, U>>, Arc<RwLock<T>>>
{
    /// As `tokio::sync::OwnedRwLockMappedWriteGuard::map`.
    pub fn map<F, V: ?Sized>(this: Self, f: F) -> OwnedRwLockMappedWriteGuard<T, V>
    where
        F: FnOnce(&mut U) -> &mut V,
    {
        this.map_raw(|raw| raw.map(|raw| library::RwLockMappedWriteGuard::map(raw, f)), |lock| lock)
    }

    /// As `tokio::sync::OwnedRwLockMappedWriteGuard::try_map`.
    pub fn try_map<F, V: ?Sized>(this: Self, f: F) -> Result<OwnedRwLockMappedWriteGuard<T, V>, Self>
    where
        F: FnOnce(&mut U) -> Option<&mut V>,
    {
        let map = |raw| library::RwLockMappedWriteGuard::try_map(raw, f);
        this.try_map_raw(|raw: Inside<_>| raw.try_map(map), |lock| lock)
    }

    /// As `tokio::sync::OwnedRwLockMappedWriteGuard::rwlock`.
    pub fn rwlock(this: &Self) -> &Arc<RwLock<T>> {
        &this.lock
    }
}
