//! Channels, streams and futures.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::location::JsonLocation;

/// Channels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonChannelsList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// The percentiles that rows have.
    pub percentiles: Vec<f64>,
    /// The rows.
    pub data: Vec<JsonChannelEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// The channels of one place, or one of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonChannelEntry {
    /// Number of the row.
    pub id: u32,
    /// File and line.
    pub source: String,
    /// Label, or file and line.
    pub label: String,
    /// True if the user chose the label.
    pub has_custom_label: bool,
    /// `bounded[N]`, `unbounded` or `oneshot`.
    pub channel_type: String,
    /// The state, in one word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The number of instances at this location.
    pub instances: u64,
    /// Those of them that are closed.
    pub closed_instances: u64,
    /// Messages sent.
    pub sent_count: u64,
    /// Messages received.
    pub received_count: u64,
    /// Messages sent per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_per_sec: Option<f64>,
    /// Messages received per second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_per_sec: Option<f64>,
    /// Type of what goes through, or is inside.
    pub type_name: String,
    /// Size of that type in bytes.
    pub type_size: usize,
    /// Messages waiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue_size: Option<usize>,
    /// The most of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_queue_size: Option<usize>,
    /// Time on the way, on average.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_avg: Option<String>,
    /// Time on the way, by percentile.
    #[serde(default, skip_serializing_if = "HashMap::is_empty")]
    pub delay_percentiles: HashMap<String, String>,
    /// Messages whose time was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delay_sampled_count: Option<u64>,
    /// Its place in the source.
    pub location: JsonLocation,
    /// Which one of its place it is.
    pub iter: u32,
}

/// The last messages of a channel.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonChannelLogsList {
    /// Number of the row, as text.
    pub id: String,
    /// The last messages sent.
    pub sent_logs: Vec<JsonChannelSentLog>,
    /// The last messages received.
    pub received_logs: Vec<JsonDataFlowLog>,
}

/// One message sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonChannelSentLog {
    /// Which one it was, from 1.
    pub index: u64,
    /// The moment, from the start of profiling.
    pub timestamp: String,
    /// The time since then.
    pub ago: String,
    /// Time on the way.
    pub delay: Option<String>,
    /// The message, with `log = true`.
    pub message: Option<String>,
    /// Number of the thread.
    pub thread_id: Option<u64>,
}

/// One message received, or one item of a stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonDataFlowLog {
    /// Which one it was, from 1.
    pub index: u64,
    /// The moment, from the start of profiling.
    pub timestamp: String,
    /// The time since then.
    pub ago: String,
    /// The message, with `log = true`.
    pub message: Option<String>,
    /// Number of the thread.
    pub thread_id: Option<u64>,
}

/// Streams.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonStreamsList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// The rows.
    pub data: Vec<JsonStreamEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// The streams of one place, or one of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonStreamEntry {
    /// Number of the row.
    pub id: u32,
    /// File and line.
    pub source: String,
    /// Label, or file and line.
    pub label: String,
    /// True if the user chose the label.
    pub has_custom_label: bool,
    /// The state, in one word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The number of instances at this location.
    pub instances: u64,
    /// Those of them that are closed.
    pub closed_instances: u64,
    /// Items.
    pub items_yielded: u64,
    /// Type of what goes through, or is inside.
    pub type_name: String,
    /// Size of that type in bytes.
    pub type_size: usize,
    /// Its place in the source.
    pub location: JsonLocation,
    /// Which one of its place it is.
    pub iter: u32,
}

/// The last items of a stream.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonStreamLogsList {
    /// Number of the row.
    pub id: String,
    /// The last events.
    pub logs: Vec<JsonDataFlowLog>,
}

/// Futures.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFuturesList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// The rows.
    pub data: Vec<JsonFutureEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// The futures of one place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFutureEntry {
    /// Number of the row.
    pub id: u32,
    /// File and line.
    pub source: String,
    /// Label, or file and line.
    pub label: String,
    /// True if the user chose the label.
    pub has_custom_label: bool,
    /// Futures polled.
    pub call_count: u64,
    /// Polls.
    pub total_polls: u64,
    /// Polls whose time was taken.
    pub sampled_polls: u64,
    /// Nanoseconds inside polls.
    pub total_poll_duration_ns: u64,
    /// Bytes allocated inside polls.
    pub total_poll_alloc_bytes: Option<u64>,
    /// Allocations inside polls.
    pub total_poll_alloc_count: Option<u64>,
    /// Its place in the source.
    pub location: JsonLocation,
}

/// The last calls of a future.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFutureLogsList {
    /// Number of the row.
    pub id: String,
    /// Calls.
    pub call_count: u64,
    /// Polls.
    pub total_polls: u64,
    /// Nanoseconds inside polls.
    pub total_poll_duration_ns: u64,
    /// Bytes allocated inside polls.
    pub total_poll_alloc_bytes: Option<u64>,
    /// Allocations inside polls.
    pub total_poll_alloc_count: Option<u64>,
    /// The last calls.
    pub calls: Vec<JsonFutureLog>,
}

/// One call of a future.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFutureLog {
    /// Number of the call.
    pub id: u32,
    /// Number of the row.
    pub future_id: u32,
    /// The state, in one word.
    pub state: String,
    /// Polls.
    pub poll_count: u64,
    /// Polls whose time was taken.
    pub sampled_polls: u64,
    /// Nanoseconds inside polls.
    pub total_poll_duration_ns: u64,
    /// Nanoseconds of the longest poll.
    pub max_poll_duration_ns: u64,
    /// Nanoseconds of the last poll.
    pub last_poll_duration_ns: u64,
    /// Bytes allocated inside polls.
    pub total_poll_alloc_bytes: Option<u64>,
    /// Allocations inside polls.
    pub total_poll_alloc_count: Option<u64>,
    /// Most bytes allocated in a poll.
    pub max_poll_alloc_bytes: Option<u64>,
    /// Bytes allocated in the last poll.
    pub last_poll_alloc_bytes: Option<u64>,
    /// The value, with `log = true`.
    pub result: Option<String>,
}
