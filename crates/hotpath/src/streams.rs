//! Streams that are watched with [`stream!`](crate::stream!).

use crate::section_guards::section_guard;

pub use crate::Format;

section_guard! {
    /// Prints what streams yielded when it is dropped.
    ///
    /// It works beside a [`HotpathGuard`](crate::HotpathGuard) and without one, as
    /// [`ChannelsGuard`](crate::ChannelsGuard) does.
    ///
    /// ```
    /// let _guard = hotpath::StreamsGuard::new();
    /// let numbers = hotpath::stream!(futures::stream::iter(1..=3), label = "numbers");
    /// # drop(numbers);
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

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::imp::instruments::streams::InstrumentedStream;

/// A stream whose items are counted; without profiling the stream itself.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
pub type InstrumentedStream<S> = S;
