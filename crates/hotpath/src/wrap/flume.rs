//! `flume`.
//!
//! [`Selector`] takes instrumented endpoints and the library's own.

pub use ::flume::*;

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::imp::instruments::channels::flume::Selector;
#[cfg(all(feature = "hotpath", not(any(feature = "hotpath-off", feature = "proxy"))))]
pub use crate::imp::instruments::channels::flume::{
    Drain, IntoIter, Iter, Receiver, Sender, TryIter, WeakSender,
};

/// `flume::async`.
#[cfg(all(feature = "hotpath", not(any(feature = "hotpath-off", feature = "proxy"))))]
pub mod r#async {
    pub use crate::imp::instruments::channels::flume_async::{RecvFut, RecvStream, SendFut, SendSink};
}
