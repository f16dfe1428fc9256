//! The channels of `tokio::sync`.

pub(crate) mod broadcast;
pub(crate) mod mpsc;
pub(crate) mod oneshot;
pub(crate) mod permits;
mod proxy;
mod receiver;
pub(crate) mod watch;
