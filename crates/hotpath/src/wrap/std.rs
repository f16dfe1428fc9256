//! The standard library.

/// `std::sync`.
pub mod sync {
    /// `std::sync::mpsc`.
    pub mod mpsc {
        pub use ::std::sync::mpsc::*;

        #[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
        pub use crate::imp::instruments::channels::std_mpsc::{
            IntoIter, Iter, Receiver, Sender, SyncSender, TryIter,
        };
    }
}
