//! Of async-lock.

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[doc(inline)]
pub use crate::imp::instruments::locks::async_lock::{
    Mutex, MutexGuard, MutexGuardArc, RwLock, RwLockReadGuard, RwLockReadGuardArc, RwLockUpgradableReadGuard,
    RwLockUpgradableReadGuardArc, RwLockWriteGuard, RwLockWriteGuardArc,
};
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
#[doc(no_inline)]
pub use ::async_lock::{
    Mutex, MutexGuard, MutexGuardArc, RwLock, RwLockReadGuard, RwLockReadGuardArc, RwLockUpgradableReadGuard,
    RwLockUpgradableReadGuardArc, RwLockWriteGuard, RwLockWriteGuardArc,
};

/// The futures of the borrowed guards.
pub mod futures {
    #[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
    #[doc(inline)]
    pub use crate::imp::instruments::locks::async_lock::futures::{Lock, Read, UpgradableRead, Write};
    #[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
    #[doc(no_inline)]
    pub use ::async_lock::futures::{Lock, Read, UpgradableRead, Write};
}
