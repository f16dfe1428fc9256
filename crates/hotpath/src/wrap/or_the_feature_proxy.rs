//! The two ends of the channels of [`wrap`](super). You are here because the compiler found one of these types where the program
//! names the library's own: "expected `std::sync::mpsc::SyncSender`, found `hotpath::wrap::or_the_feature_proxy::Sender`".
//!
//! There are two ways out:
//!
//! - Name the type of [`wrap`](super) there: `hotpath::wrap::std::sync::mpsc::SyncSender<T>`, and so for each library: `hotpath::wrap::`
//!   and the path of the original, which it is when profiling is off.
//! - Keep the library's own types: `channel!(.., proxy = true)` at that place, or hotpath's cargo feature `proxy` for all places.
//!   A proxy between the ends counts the messages then, which costs microseconds for each; see [`channel!`](crate::channel).

pub use crate::imp::instruments::channels::{Rx as Receiver, Tx as Sender};
