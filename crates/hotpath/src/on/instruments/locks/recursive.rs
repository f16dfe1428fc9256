//! Reading again while one reads: parking_lot 0.12 has it at every lock, 0.13 at locks of their own.

use super::{
    super::{LockMode, Timed, TimedGuard, timed::acquire},
    library::lock_api::{self, RawRwLockRecursive, RawRwLockRecursiveTimed},
};

type RwTimed<R, T> = Timed<lock_api::RwLock<R, T>>;
type Read<'a, R, T> = TimedGuard<lock_api::RwLockReadGuard<'a, R, T>, &'a RwTimed<R, T>>;

acquire!(RwTimed, Shared -> Read, RawRwLockRecursive read_recursive try_read_recursive,
    RawRwLockRecursiveTimed try_read_recursive_for try_read_recursive_until);
