//! `futures`, as far as it is `futures_channel`.

pub use super::futures_channel as channel;
