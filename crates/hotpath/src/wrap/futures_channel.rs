//! `futures_channel`.

/// `futures_channel::mpsc`.
pub mod mpsc {
    pub use ::futures_channel::mpsc::*;

    #[cfg(all(feature = "hotpath", not(any(feature = "hotpath-off", feature = "proxy"))))]
    pub use crate::imp::instruments::channels::futures::{
        bounded::{Receiver, Sender},
        receiving::Recv,
        unbounded::{UnboundedReceiver, UnboundedSender},
    };
}

/// `futures_channel::oneshot`.
pub mod oneshot {
    pub use ::futures_channel::oneshot::*;

    #[cfg(all(feature = "hotpath", not(any(feature = "hotpath-off", feature = "proxy"))))]
    pub use crate::imp::instruments::channels::futures::oneshot::{Cancellation, Receiver, Sender};
}
