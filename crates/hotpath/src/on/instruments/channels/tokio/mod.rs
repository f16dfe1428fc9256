//! The channels of `tokio::sync`.

pub(crate) mod mpsc;
pub(crate) mod oneshot;
pub(crate) mod permits;
mod receiver;
