//! Of parking_lot 0.12.

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[doc(inline)]
pub use crate::imp::instruments::locks::parking_lot::{
    ArcMutexGuard, ArcRwLockReadGuard, ArcRwLockWriteGuard,
};
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[doc(inline)]
pub use crate::imp::instruments::locks::parking_lot::{
    Condvar, MappedMutexGuard, MappedRwLockReadGuard, MappedRwLockWriteGuard, Mutex, MutexGuard, RawMutex,
    RawRwLock, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard, WaitTimeoutResult,
    const_mutex, const_rwlock, lock_api,
};
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[doc(no_inline)]
pub use ::parking_lot::{
    Condvar, MappedMutexGuard, MappedRwLockReadGuard, MappedRwLockWriteGuard, Mutex, MutexGuard, RawMutex,
    RawRwLock, RwLock, RwLockReadGuard, RwLockUpgradableReadGuard, RwLockWriteGuard, WaitTimeoutResult,
    const_mutex, const_rwlock, lock_api,
};
