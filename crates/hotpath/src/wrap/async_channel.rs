//! `async_channel`.

pub use ::async_channel::*;

#[cfg(all(feature = "hotpath", not(any(feature = "hotpath-off", feature = "proxy"))))]
pub use crate::imp::instruments::channels::async_channel::{
    Closed, Receiver, Recv, Send, Sender, WeakReceiver, WeakSender,
};
