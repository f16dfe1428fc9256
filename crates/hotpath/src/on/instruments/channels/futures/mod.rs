//! The channels of `futures_channel`, which are those of `futures::channel`.

pub(crate) mod bounded;
pub(crate) mod oneshot;
pub(crate) mod receiving;
pub(crate) mod unbounded;
