//! `tokio`.

pub use ::tokio::*;

/// `tokio::sync`.
pub mod sync {
    pub use ::tokio::sync::*;

    #[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
    pub use crate::imp::instruments::locks::tokio::{
        MappedMutexGuard, Mutex, MutexGuard, OwnedMappedMutexGuard, OwnedMutexGuard,
        OwnedRwLockMappedWriteGuard, OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock,
        RwLockMappedWriteGuard, RwLockReadGuard, RwLockWriteGuard,
    };

    /// `tokio::sync::broadcast`.
    pub mod broadcast {
        pub use ::tokio::sync::broadcast::*;

        #[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
        pub use crate::imp::instruments::channels::tokio::broadcast::{Receiver, Sender, WeakSender};
    }

    /// `tokio::sync::watch`.
    pub mod watch {
        pub use ::tokio::sync::watch::*;

        #[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
        pub use crate::imp::instruments::channels::tokio::watch::{Receiver, Sender};
    }

    /// `tokio::sync::mpsc`.
    pub mod mpsc {
        pub use ::tokio::sync::mpsc::*;

        #[cfg(all(feature = "hotpath", not(any(feature = "hotpath-off", feature = "proxy"))))]
        pub use crate::imp::instruments::channels::tokio::{
            mpsc::{Receiver, Sender, UnboundedReceiver, UnboundedSender, WeakSender, WeakUnboundedSender},
            permits::{OwnedPermit, Permit, PermitIterator},
        };
    }

    /// `tokio::sync::oneshot`.
    pub mod oneshot {
        pub use ::tokio::sync::oneshot::*;

        #[cfg(all(feature = "hotpath", not(any(feature = "hotpath-off", feature = "proxy"))))]
        pub use crate::imp::instruments::channels::tokio::oneshot::{Receiver, Sender};
    }
}
