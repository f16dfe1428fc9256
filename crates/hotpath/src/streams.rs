//! Streams that are watched with [`stream!`](crate::stream!).

pub use crate::{
    compat::section_guards::{StreamsGuard, StreamsGuardBuilder},
    data::flows::{ChannelState, SerializableStreamStats, StreamsJson},
    instrument::{InstrumentStream, InstrumentStreamLog},
};

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::imp::instruments::streams::InstrumentedStream;

/// A stream whose items are counted; without profiling the stream itself.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
pub type InstrumentedStream<S> = S;

/// Returns the statistics of streams in the running session, in the form of 0.7. Empty without a session, and when off.
///
/// ```
/// for stream in hotpath::streams::get_streams_json().streams {
///     println!("{}: {} items", stream.label, stream.items_yielded);
/// }
/// ```
#[must_use]
pub fn get_streams_json() -> StreamsJson {
    crate::imp::dataflow::streams()
}
