//! Streams that are watched with [`stream!`](crate::stream!).

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::imp::instruments::streams::InstrumentedStream;

/// A stream whose items are counted; without profiling the stream itself.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
pub type InstrumentedStream<S> = S;
