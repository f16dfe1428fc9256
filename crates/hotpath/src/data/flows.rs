//! The statistics of channels and streams, in the form of 0.7.

use std::fmt;

/// The statistics of channels, as [`get_channels_json`](crate::channels::get_channels_json) returns them. `serde::Serialize` with the feature `json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct ChannelsJson {
    /// Nanoseconds since the session began.
    pub current_elapsed_ns: u64,
    /// A row for each place in the source, label and type.
    pub channels: Vec<SerializableChannelStats>,
}

/// One row of [`ChannelsJson`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
pub struct SerializableChannelStats {
    /// Number of the row.
    pub id: u64,
    /// `file:line`.
    pub source: String,
    /// The label, or else the source.
    pub label: String,
    /// True if the program chose the label.
    pub has_custom_label: bool,
    /// The kind of the channel.
    pub channel_type: ChannelType,
    /// The state of the channel.
    pub state: ChannelState,
    /// Messages sent.
    pub sent_count: u64,
    /// Messages received.
    pub received_count: u64,
    /// Messages in the channel now.
    pub queued: u64,
    /// Type of the messages.
    pub type_name: String,
    /// Size of a message in bytes; 0 where channels of several types are one row.
    pub type_size: usize,
    /// Size of the messages in the channel now, in bytes, without what they point to.
    pub queued_bytes: u64,
    /// Which channel of the place it is, with `iter = true`; 0 where the row is all of them.
    pub iter: u32,
}

/// The kind of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelType {
    /// Holds at most this many messages.
    Bounded(usize),
    /// Any number of messages.
    Unbounded,
    /// One message.
    Oneshot,
    /// Channels of several kinds are one row.
    Mixed,
}

/// The form of reports: `bounded[10]`, `unbounded`, `oneshot`, `mixed`.
impl fmt::Display for ChannelType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bounded(capacity) => write!(f, "bounded[{capacity}]"),
            Self::Unbounded => f.write_str("unbounded"),
            Self::Oneshot => f.write_str("oneshot"),
            Self::Mixed => f.write_str("mixed"),
        }
    }
}

/// The state of a channel or stream.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ChannelState {
    /// It is in use.
    #[default]
    Active,
    /// It is closed, or one of its sides is gone; a stream has ended.
    Closed,
    /// It has no room for another message.
    Full,
    /// The message of a oneshot was sent and not yet received.
    Notified,
}

impl ChannelState {
    /// The word for it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Full => "full",
            Self::Notified => "notified",
        }
    }
}

impl fmt::Display for ChannelState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The displayed form.
#[cfg(feature = "json")]
impl serde::Serialize for ChannelType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The displayed form.
#[cfg(feature = "json")]
impl serde::Serialize for ChannelState {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The statistics of streams, as [`get_streams_json`](crate::streams::get_streams_json) returns them. `serde::Serialize` with the feature `json`.
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
