//! The types that programs decode reports with: those of interface 0.30.3, by the same names.
//!
//! They are there with the feature `json` alone, without the profiler. They decode what is written as `json-compat`, and what the
//! published crate writes; nothing else here uses them. The moment of a report is text (RFC 3339), so that no library for dates is needed.
//!
//! ```
//! use hotpath::json::JsonReport;
//!
//! # fn main() -> Result<(), serde_json::Error> {
//! let text = r#"{"type": "hotpath_report", "version": "0.16.1",
//!     "meta": {"rustc": "rustc 1.88.0", "os": "linux", "created_at": "2026-11-21T00:00:00Z"}}"#;
//! let report: JsonReport = serde_json::from_str(text)?;
//! assert!(report.functions_timing.is_none());
//! # Ok(())
//! # }
//! ```

mod flows;
mod functions;
mod location;
mod locks;
mod report;
mod requests;
mod route;
mod threads;
mod values;

pub use flows::{
    JsonChannelEntry, JsonChannelLogsList, JsonChannelSentLog, JsonChannelsList, JsonDataFlowLog,
    JsonFutureEntry, JsonFutureLog, JsonFutureLogsList, JsonFuturesList, JsonStreamEntry, JsonStreamLogsList,
    JsonStreamsList,
};
pub use functions::{
    CpuSnapshotStatus, JsonFunctionAllocLog, JsonFunctionAllocLogsList, JsonFunctionCpuEntry,
    JsonFunctionEntry, JsonFunctionTimingLog, JsonFunctionTimingLogsList, JsonFunctionsCpu,
    JsonFunctionsCpuEnvelope, JsonFunctionsCpuList, JsonFunctionsList,
};
pub use location::JsonLocation;
pub use locks::{JsonMutexEntry, JsonMutexesList, JsonRwLockEntry, JsonRwLocksList};
pub use report::{
    JsonCiInfo, JsonGitInfo, JsonMeta, JsonPolicy, JsonProfilerStatus, JsonPullRequest, JsonReport, JsonRun,
};
pub use requests::{
    JsonHttpEntry, JsonHttpList, JsonHttpLog, JsonHttpLogsList, JsonIoEntry, JsonIoList, JsonIoOpStats,
    JsonServerAlloc, JsonServerEntry, JsonServerList, JsonSqlEntry, JsonSqlList, JsonSqlLog, JsonSqlLogsList,
};
pub use route::Route;
pub use threads::{JsonRuntimeSnapshot, JsonRuntimeWorker, JsonThreadEntry, JsonThreadsList};
pub use values::{
    DebugEntryType, JsonDebugDbgLogs, JsonDebugEntry, JsonDebugGaugeLogs, JsonDebugList, JsonDebugLog,
    JsonDebugValLogs,
};
