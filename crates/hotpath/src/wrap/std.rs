//! Of the standard library.

/// Of `std::sync`.
pub mod sync {
    #[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
    #[doc(inline)]
    pub use crate::imp::instruments::locks::std::{
        Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
    };
    #[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
    #[doc(no_inline)]
    pub use ::std::sync::{Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};
}
