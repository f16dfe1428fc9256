//! The channels of `futures_channel`, which are those of `futures::channel`.

pub(crate) mod bounded;
pub(crate) mod oneshot;
mod proxy;
pub(crate) mod receiving;
pub(crate) mod unbounded;
