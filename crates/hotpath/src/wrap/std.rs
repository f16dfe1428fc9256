//! The standard library.

/// `std::sync`.
pub mod sync {
    pub use ::std::sync::*;

    #[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
    pub use crate::imp::instruments::locks::std::{
        Condvar, Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard,
    };

    /// `std::sync::mpsc`.
    pub mod mpsc {
        pub use ::std::sync::mpsc::*;

        #[cfg(all(feature = "hotpath", not(any(feature = "hotpath-off", feature = "proxy"))))]
        pub use crate::imp::instruments::channels::std_mpsc::{
            IntoIter, Iter, Receiver, Sender, SyncSender, TryIter,
        };
    }
}
