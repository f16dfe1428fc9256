//! Of parking_lot 0.13.

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[doc(inline)]
pub use crate::imp::instruments::locks::parking_lot_0_13::{
    ArcMutexGuard, ArcRwLockReadGuard, ArcRwLockWriteGuard,
};
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[doc(inline)]
pub use crate::imp::instruments::locks::parking_lot_0_13::{
    Condvar, MappedMutexGuard, MappedRwLockReadGuard, MappedRwLockWriteGuard, Mutex, MutexGuard, RawMutex,
    RawRwLock, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard, WaitTimeoutResult,
    lock_api,
};
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[doc(no_inline)]
pub use ::parking_lot_0_13::{
    Condvar, MappedMutexGuard, MappedRwLockReadGuard, MappedRwLockWriteGuard, Mutex, MutexGuard, RawMutex,
    RawRwLock, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard, WaitTimeoutResult,
    lock_api,
};
