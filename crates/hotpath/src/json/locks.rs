//! Locks.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::location::JsonLocation;

/// Mutexes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonMutexesList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// The percentiles that rows have.
    pub percentiles: Vec<f64>,
    /// The rows.
    pub data: Vec<JsonMutexEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// One mutex.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonMutexEntry {
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
    /// Times it was got.
    pub count: u64,
    /// Those whose time was taken.
    pub sampled_count: u64,
    /// Wait, on average.
    pub wait_avg: String,
    /// The average hold time.
    pub acquire_avg: String,
    /// Wait, by percentile.
    pub wait_percentiles: HashMap<String, String>,
    /// The percentiles of the hold time.
    pub acquire_percentiles: HashMap<String, String>,
    /// Its place in the source.
    pub location: JsonLocation,
    /// Which one of its place it is.
    pub iter: u32,
}

/// Reader-writer locks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonRwLocksList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// The percentiles that rows have.
    pub percentiles: Vec<f64>,
    /// The rows.
    pub data: Vec<JsonRwLockEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// One reader-writer lock.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonRwLockEntry {
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
    /// Times it was got for reading.
    pub read_count: u64,
    /// Times it was got for writing.
    pub write_count: u64,
    /// Reads whose time was taken.
    pub read_sampled_count: u64,
    /// Writes whose time was taken.
    pub write_sampled_count: u64,
    /// Wait for reading, on average.
    pub read_wait_avg: String,
    /// Wait for writing, on average.
    pub write_wait_avg: String,
    /// The average hold time of readers.
    pub read_acquire_avg: String,
    /// The average hold time of writers.
    pub write_acquire_avg: String,
    /// Wait for reading, by percentile.
    pub read_wait_percentiles: HashMap<String, String>,
    /// Wait for writing, by percentile.
    pub write_wait_percentiles: HashMap<String, String>,
    /// The percentiles of the hold time of readers.
    pub read_acquire_percentiles: HashMap<String, String>,
    /// The percentiles of the hold time of writers.
    pub write_acquire_percentiles: HashMap<String, String>,
    /// Its place in the source.
    pub location: JsonLocation,
    /// Which one of its place it is.
    pub iter: u32,
}
