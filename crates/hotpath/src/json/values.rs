//! Values of `dbg!`, `val!` and `gauge!`.

use serde::{Deserialize, Serialize};

use super::location::JsonLocation;

/// Values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonDebugList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// The rows.
    pub entries: Vec<JsonDebugEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// An expression, or a key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonDebugEntry {
    /// Number of the row.
    pub id: u32,
    /// The macro.
    pub entry_type: DebugEntryType,
    /// File and line.
    pub source: String,
    /// The source in short.
    pub source_display: String,
    /// The expression, or the key.
    pub expression: String,
    /// The number of times it was set.
    pub log_count: u64,
    /// The last value.
    pub last_value: Option<String>,
    /// Its place in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<JsonLocation>,
}

/// The last values of an expression.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonDebugDbgLogs {
    /// File and line.
    pub source: String,
    /// The expression, or the key.
    pub expression: String,
    /// The number of times it was set.
    pub total_logs: u64,
    /// The last events.
    pub logs: Vec<JsonDebugLog>,
}

/// The last values of a key of `val!`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonDebugValLogs {
    /// The key.
    pub key: String,
    /// The number of times it was set.
    pub total_logs: u64,
    /// The last events.
    pub logs: Vec<JsonDebugLog>,
}

/// The last values of a key of `gauge!`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonDebugGaugeLogs {
    /// The key.
    pub key: String,
    /// The number of times it was set.
    pub total_logs: u64,
    /// The last events.
    pub logs: Vec<JsonDebugLog>,
}

/// One value.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonDebugLog {
    /// Which one it was, from 1.
    pub index: u64,
    /// The moment, from the start of profiling.
    pub timestamp: String,
    /// The time since then.
    pub ago: String,
    /// The value.
    pub value: String,
    /// Number of the thread.
    pub thread_id: Option<u64>,
    /// File and line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The macro of a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DebugEntryType {
    /// `dbg!`.
    #[default]
    Dbg,
    /// `val!`.
    Val,
    /// `gauge!`.
    Gauge,
}

impl DebugEntryType {
    /// The word for it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Dbg => "dbg",
            Self::Val => "val",
            Self::Gauge => "gauge",
        }
    }
}
