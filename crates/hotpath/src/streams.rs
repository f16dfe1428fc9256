//! Streams that are watched with [`stream!`](crate::stream!).

pub use crate::{
    channels::ChannelState,
    compat::section_guards::{StreamsGuard, StreamsGuardBuilder},
    instrument::{InstrumentStream, InstrumentStreamLog},
};

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::imp::instruments::streams::InstrumentedStream;

/// A stream whose items are counted; without profiling the stream itself.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
pub type InstrumentedStream<S> = S;

/// The statistics of streams, as [`get_streams_json`] returns them. `serde::Serialize` with the feature `json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct StreamsJson {
    /// Nanoseconds since the session began.
    pub current_elapsed_ns: u64,
    /// A row for each place in the source, label and type.
    pub streams: Vec<SerializableStreamStats>,
}

/// One row of [`StreamsJson`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct SerializableStreamStats {
    /// Number of the row.
    pub id: u64,
    /// `file:line`.
    pub source: String,
    /// The label, or else the source.
    pub label: String,
    /// True if the program chose the label.
    pub has_custom_label: bool,
    /// `Active` while one of the row's streams has not ended, then `Closed`.
    pub state: ChannelState,
    /// Items.
    pub items_yielded: u64,
    /// Type of the items.
    pub type_name: String,
    /// Size of an item in bytes.
    pub type_size: usize,
    /// Which stream of the place it is, with `iter = true`; 0 where the row is all of them.
    pub iter: u32,
}

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
