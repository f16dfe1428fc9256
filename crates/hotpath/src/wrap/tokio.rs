//! Of tokio.

/// Of `tokio::sync`.
pub mod sync {
    #[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
    #[doc(inline)]
    pub use crate::imp::instruments::locks::tokio::{
        MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
        OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
        RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
    };
    #[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
    #[doc(no_inline)]
    pub use ::tokio::sync::{
        MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
        OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
        RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
    };
}
