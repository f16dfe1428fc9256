//! Streams that are watched with [`stream!`](crate::stream!).

use crate::section_guards::section_guard;

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::imp::instruments::streams::InstrumentedStream;

/// A stream whose items are counted; without profiling the stream itself.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
pub type InstrumentedStream<S> = S;

section_guard! {
    /// Prints what streams yielded when it is dropped, as 0.7 did; beside a [`HotpathGuard`](crate::HotpathGuard) or without one.
    ///
    /// ```
    /// let _guard = hotpath::StreamsGuard::new();
    /// ```
    StreamsGuard,
    /// Prepares a [`StreamsGuard`].
    ///
    /// ```
    /// let _guard = hotpath::StreamsGuardBuilder::new().format(hotpath::Format::JsonPretty).build();
    /// ```
    StreamsGuardBuilder,
    Streams
}
