//! Statements, requests, readers and writers: what this version does not record.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::location::JsonLocation;

/// Statements.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonSqlList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// Nanoseconds in all.
    pub total_ns: u64,
    /// Calls in all.
    pub total_calls: u64,
    /// The percentiles that rows have.
    pub percentiles: Vec<f64>,
    /// The rows.
    pub data: Vec<JsonSqlEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// One statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonSqlEntry {
    /// Number of the row.
    pub id: u32,
    /// The statement.
    pub query: String,
    /// File and line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The route it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The count.
    pub count: u64,
    /// The average.
    pub avg: String,
    /// The total.
    pub total: String,
    /// Share of the whole.
    pub percent_total: String,
    /// The percentiles.
    pub percentiles: HashMap<String, String>,
    /// Its place in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<JsonLocation>,
}

/// The last runs of a statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonSqlLogsList {
    /// Number of the row.
    pub id: String,
    /// The last events.
    pub logs: Vec<JsonSqlLog>,
}

/// One run of a statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonSqlLog {
    /// Which one it was, from 1.
    pub index: u64,
    /// The moment, from the start of profiling.
    pub timestamp: String,
    /// The time since then.
    pub ago: String,
    /// The duration.
    pub duration: String,
    /// The statement.
    pub query: String,
}

/// Requests made.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonHttpList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// Nanoseconds in all.
    pub total_ns: u64,
    /// Calls in all.
    pub total_calls: u64,
    /// The percentiles that rows have.
    pub percentiles: Vec<f64>,
    /// The rows.
    pub data: Vec<JsonHttpEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// Requests to one endpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonHttpEntry {
    /// Number of the row.
    pub id: u32,
    /// Method and address.
    pub endpoint: String,
    /// File and line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The route it was made for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The count.
    pub count: u64,
    /// Those that failed.
    pub errors: u64,
    /// The average.
    pub avg: String,
    /// The total.
    pub total: String,
    /// Share of the whole.
    pub percent_total: String,
    /// The percentiles.
    pub percentiles: HashMap<String, String>,
    /// Its place in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<JsonLocation>,
}

/// The last requests to an endpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonHttpLogsList {
    /// Number of the row.
    pub id: String,
    /// The last events.
    pub logs: Vec<JsonHttpLog>,
}

/// One request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonHttpLog {
    /// Which one it was, from 1.
    pub index: u64,
    /// The moment, from the start of profiling.
    pub timestamp: String,
    /// The time since then.
    pub ago: String,
    /// The duration.
    pub duration: String,
    /// The status.
    pub status: String,
}

/// Requests answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonServerList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// Nanoseconds in all.
    pub total_ns: u64,
    /// Calls in all.
    pub total_calls: u64,
    /// Bytes allocated in all.
    #[serde(default)]
    pub total_alloc_bytes: u64,
    /// The percentiles that rows have.
    pub percentiles: Vec<f64>,
    /// The rows.
    pub data: Vec<JsonServerEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// Requests of one route.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonServerEntry {
    /// Number of the row.
    pub id: u32,
    /// The route it was made for.
    pub route: String,
    /// Requests.
    pub count: u64,
    /// Answers with a client error.
    pub status_4xx: u64,
    /// Answers with a server error.
    pub status_5xx: u64,
    /// Statements per request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql_per_request: Option<f64>,
    /// Requests made per request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_per_request: Option<f64>,
    /// The average.
    pub avg: String,
    /// The total.
    pub total: String,
    /// Share of the whole.
    pub percent_total: String,
    /// The percentiles.
    pub percentiles: HashMap<String, String>,
    /// The allocations of a request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alloc: Option<JsonServerAlloc>,
}

/// The allocations of the requests of a route.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonServerAlloc {
    /// Bytes per request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_per_request: Option<f64>,
    /// Allocations per request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocs_per_request: Option<f64>,
    /// Bytes in all.
    pub total_bytes: u64,
    /// The average.
    pub avg: String,
    /// The total.
    pub total: String,
    /// Share of the whole.
    pub percent_total: String,
    /// The percentiles.
    pub percentiles: HashMap<String, String>,
}

/// Readers and writers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonIoList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// The percentiles that rows have.
    pub percentiles: Vec<f64>,
    /// The rows.
    pub data: Vec<JsonIoEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// The readers and writers of one place.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonIoEntry {
    /// Number of the row.
    pub id: u32,
    /// File and line.
    pub source: String,
    /// Label, or file and line.
    pub label: String,
    /// True if the user chose the label.
    pub has_custom_label: bool,
    /// Type of what goes through, or is inside.
    pub type_name: String,
    /// Reads.
    pub read: JsonIoOpStats,
    /// Writes.
    pub write: JsonIoOpStats,
    /// Flushes.
    pub flush: JsonIoOpStats,
    /// Shutdowns.
    pub shutdown: JsonIoOpStats,
    /// The number of instances at this location.
    pub instances: u32,
    /// Its place in the source.
    pub location: JsonLocation,
    /// Which one of its place it is.
    pub iter: u32,
}

/// One kind of operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonIoOpStats {
    /// The count.
    pub count: u64,
    /// Those whose time was taken.
    pub sampled_count: u64,
    /// Bytes.
    pub bytes: u64,
    /// Bytes of those.
    pub sampled_bytes: u64,
    /// Those that failed.
    pub errors: u64,
    /// The average.
    pub avg: String,
    /// Bytes per second.
    #[serde(default)]
    pub bytes_per_sec: Option<String>,
    /// Nanoseconds in all.
    pub total_ns: u64,
    /// The percentiles.
    pub percentiles: HashMap<String, String>,
}
