//! Functions.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::location::JsonLocation;
use crate::ProfilingMode;

/// Functions, by time or allocations.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFunctionsList {
    /// Which measure it is.
    #[serde(with = "mode")]
    pub profiling_mode: ProfilingMode,
    /// Time from the start of profiling, as text.
    pub time_elapsed: String,
    /// Nanoseconds from the start of profiling.
    pub total_elapsed_ns: u64,
    /// The allocations of the process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_allocated: Option<String>,
    /// Instructions executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_icount: Option<u64>,
    /// The description of the rows.
    pub description: String,
    /// The function that holds the guard.
    pub caller_name: String,
    /// The percentiles that rows have.
    pub percentiles: Vec<f64>,
    /// The rows.
    pub data: Vec<JsonFunctionEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
    /// The source of the samples.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
}

/// One function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFunctionEntry {
    /// Number of the row.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Calls.
    pub calls: u64,
    /// Calls whose time was taken.
    pub sampled_calls: u64,
    /// The average.
    pub avg: String,
    /// The percentiles, by key: `p95`.
    #[serde(flatten)]
    pub percentiles: HashMap<String, String>,
    /// The total.
    pub total: String,
    /// Share of the whole.
    pub percent_total: String,
    /// Its place in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<JsonLocation>,
}

/// The last calls of a function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFunctionTimingLogsList {
    /// The function.
    pub function_name: String,
    /// Its place in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<JsonLocation>,
    /// Its calls.
    pub total_invocations: usize,
    /// The last events.
    pub logs: Vec<JsonFunctionTimingLog>,
}

/// One call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFunctionTimingLog {
    /// Which call it was, from 1.
    pub invocation: u64,
    /// The duration.
    pub duration: String,
    /// The moment, from the start of profiling.
    pub timestamp: String,
    /// The time since then.
    pub ago: String,
    /// Number of the thread.
    pub thread_id: Option<u64>,
    /// The value, with `log = true`.
    pub result: Option<String>,
}

/// The allocations of the last calls of a function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFunctionAllocLogsList {
    /// The function.
    pub function_name: String,
    /// Its place in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<JsonLocation>,
    /// Its calls.
    pub total_invocations: usize,
    /// The last events.
    pub logs: Vec<JsonFunctionAllocLog>,
}

/// The allocations of one call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFunctionAllocLog {
    /// Which call it was, from 1.
    pub invocation: u64,
    /// Bytes allocated.
    pub bytes: String,
    /// Allocations.
    pub alloc_count: Option<u64>,
    /// The moment, from the start of profiling.
    pub timestamp: String,
    /// The time since then.
    pub ago: String,
    /// Number of the thread.
    pub thread_id: Option<u64>,
    /// The value, with `log = true`.
    pub result: Option<String>,
}

/// CPU samples of functions.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFunctionsCpuList {
    /// Time from the start of profiling, as text.
    pub time_elapsed: String,
    /// Nanoseconds from the start of profiling.
    pub total_elapsed_ns: u64,
    /// Samples of all threads.
    pub total_samples: u64,
    /// Those in measured functions.
    pub attributed_samples: u64,
    /// The description of the rows.
    pub description: String,
    /// The function that holds the guard.
    pub caller_name: String,
    /// The rows.
    pub data: Vec<JsonFunctionCpuEntry>,
    /// File of an external profiler.
    pub profile_path: String,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// CPU samples of one function.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFunctionCpuEntry {
    /// Number of the row.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// Samples in it.
    pub samples: u64,
    /// Its share of all samples.
    pub percent: String,
}

/// The answer of `/functions_cpu`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonFunctionsCpuEnvelope {
    /// The state of the capture.
    pub status: CpuSnapshotStatus,
    /// The moment, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub captured_at_ms: Option<u64>,
    /// The duration, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capture_duration_ms: Option<u64>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The section.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<JsonFunctionsCpuList>,
    /// Which session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_session_id: Option<String>,
    /// The path of its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_session_path: Option<String>,
}

/// The section `functions_cpu` of a report.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum JsonFunctionsCpu {
    /// The samples.
    Ok(JsonFunctionsCpuList),
    /// There are none.
    Error {
        /// Why.
        message: String,
    },
}

/// The state of a capture of samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CpuSnapshotStatus {
    /// None was asked for.
    Idle,
    /// It is being made.
    Capturing,
    /// It is there.
    Ready,
    /// It failed.
    Error,
}

/// A mode by its name in reports.
mod mode {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use crate::ProfilingMode;

    pub(super) fn serialize<S: Serializer>(mode: &ProfilingMode, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(mode)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ProfilingMode, D::Error> {
        let name = String::deserialize(from)?;
        let known = [ProfilingMode::Timing, ProfilingMode::AllocBytes, ProfilingMode::AllocCount];
        known
            .into_iter()
            .find(|mode| mode.to_string() == name)
            .ok_or_else(|| D::Error::unknown_variant(&name, &["timing", "alloc-bytes", "alloc-count"]))
    }
}
