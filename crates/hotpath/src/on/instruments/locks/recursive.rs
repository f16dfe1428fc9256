//! Reading again while one reads: parking_lot 0.12 has it at every lock, 0.13 at locks of their own.

use super::{
    super::{LockMode, Timed, TimedGuard},
    library::lock_api::{self, RawRwLockRecursive, RawRwLockRecursiveTimed},
};

type RwTimed<R, T> = Timed<lock_api::RwLock<R, T>>;
type Read<'a, R, T> = TimedGuard<lock_api::RwLockReadGuard<'a, R, T>, &'a RwTimed<R, T>>;

impl<R: RawRwLockRecursive, T: ?Sized> RwTimed<R, T> {
    pub fn read_recursive(&self) -> Read<'_, R, T> {
        let raw = self.got(LockMode::Shared, self.raw.try_read_recursive(), || self.raw.read_recursive());
        TimedGuard::new(raw, self, LockMode::Shared)
    }

    pub fn try_read_recursive(&self) -> Option<Read<'_, R, T>> {
        Some(TimedGuard::new(self.raw.try_read_recursive()?, self, LockMode::Shared))
    }
}

impl<R: RawRwLockRecursiveTimed, T: ?Sized> RwTimed<R, T> {
    pub fn try_read_recursive_for(&self, timeout: R::Duration) -> Option<Read<'_, R, T>> {
        let wait = || self.raw.try_read_recursive_for(timeout);
        let raw = self.got_in_time(LockMode::Shared, self.raw.try_read_recursive(), wait)?;
        Some(TimedGuard::new(raw, self, LockMode::Shared))
    }

    pub fn try_read_recursive_until(&self, timeout: R::Instant) -> Option<Read<'_, R, T>> {
        let wait = || self.raw.try_read_recursive_until(timeout);
        let raw = self.got_in_time(LockMode::Shared, self.raw.try_read_recursive(), wait)?;
        Some(TimedGuard::new(raw, self, LockMode::Shared))
    }
}
