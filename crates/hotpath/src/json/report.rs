//! The report, and what is known of where it comes from.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::{
    JsonChannelsList, JsonDebugList, JsonFunctionsCpu, JsonFunctionsList, JsonFuturesList, JsonHttpList,
    JsonIoList, JsonMutexesList, JsonRwLocksList, JsonServerList, JsonSqlList, JsonStreamsList,
    JsonThreadsList,
};

/// A report.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonReport {
    /// `hotpath_report`.
    pub r#type: String,
    /// Version of the profiler.
    pub version: String,
    /// The circumstances of the run.
    pub meta: JsonMeta,
    /// A name for this run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The metadata that the user set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_metadata: Option<BTreeMap<String, String>>,
    /// Share of what is timed, by resource.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_sampling: Option<HashMap<String, f64>>,
    /// The timing of functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions_timing: Option<JsonFunctionsList>,
    /// The allocations of functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions_alloc: Option<JsonFunctionsList>,
    /// CPU samples of functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions_cpu: Option<JsonFunctionsCpu>,
    /// Instructions of functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functions_icount: Option<JsonFunctionsList>,
    /// Channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<JsonChannelsList>,
    /// Streams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub streams: Option<JsonStreamsList>,
    /// Futures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub futures: Option<JsonFuturesList>,
    /// Reader-writer locks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rw_locks: Option<JsonRwLocksList>,
    /// Mutexes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutexes: Option<JsonMutexesList>,
    /// Statements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql: Option<JsonSqlList>,
    /// Requests made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<JsonHttpList>,
    /// Requests answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<JsonServerList>,
    /// Readers and writers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub io: Option<JsonIoList>,
    /// Threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threads: Option<JsonThreadsList>,
    /// Values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debug: Option<JsonDebugList>,
}

impl JsonReport {
    /// A report without sections.
    #[must_use]
    pub fn new(meta: JsonMeta) -> Self {
        Self {
            r#type: "hotpath_report".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            meta,
            label: None,
            user_metadata: None,
            time_sampling: None,
            functions_timing: None,
            functions_alloc: None,
            functions_cpu: None,
            functions_icount: None,
            channels: None,
            streams: None,
            futures: None,
            rw_locks: None,
            mutexes: None,
            sql: None,
            http: None,
            server: None,
            io: None,
            threads: None,
            debug: None,
        }
    }
}

/// The circumstances of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonMeta {
    /// The compiler.
    pub rustc: String,
    /// The operating system.
    pub os: String,
    /// The time of its creation, in RFC 3339.
    pub created_at: String,
    /// Folder that places in the source are relative to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_root: Option<String>,
    /// The commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<JsonGitInfo>,
    /// The job that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci: Option<JsonCiInfo>,
    /// Which benchmark it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<String>,
    /// The policy that it is judged by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<JsonPolicy>,
    /// The mode of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<JsonRun>,
}

/// A commit.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonGitInfo {
    /// The commit.
    pub sha: String,
    /// The branch or tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#ref: Option<String>,
    /// The commit it is compared with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_sha: Option<String>,
    /// The repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository: Option<String>,
}

/// A job that made a report.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct JsonCiInfo {
    /// Whose job it is.
    pub provider: String,
    /// The event that started it.
    pub event: String,
    /// The pull request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pull_request: Option<JsonPullRequest>,
    /// Number of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_id: Option<String>,
    /// Which attempt it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_attempt: Option<String>,
    /// The workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// The user that started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// Number of the repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repository_id: Option<String>,
}

/// A pull request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonPullRequest {
    /// Its number.
    pub number: u64,
    /// The branch it goes to.
    pub base_ref: String,
    /// The branch it comes from.
    pub head_ref: String,
    /// The last commit of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_sha: Option<String>,
}

/// A policy that reports are judged by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JsonPolicy {
    /// Its text.
    pub source: String,
    /// Its path.
    pub path: String,
}

/// The process, as `/profiler_status` has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonProfilerStatus {
    /// The uptime of the process.
    pub uptime: String,
    /// Number of the process.
    pub pid: u32,
}

/// The mode of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonRun {
    /// Without a tool around it.
    Native,
    /// Under Callgrind.
    Callgrind,
    /// Both, merged.
    Merged,
}
