//! Threads, and runtimes of tokio.

use serde::{Deserialize, Serialize};

/// Threads.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonThreadsList {
    /// Nanoseconds from the start of profiling.
    pub current_elapsed_ns: u64,
    /// Milliseconds between two polls.
    pub sample_interval_ms: u64,
    /// Threads alive.
    pub thread_count: usize,
    /// Memory that the process holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_bytes: Option<String>,
    /// The most that it held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rss_bytes_max: Option<String>,
    /// Bytes allocated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_alloc_bytes: Option<String>,
    /// Bytes freed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_dealloc_bytes: Option<String>,
    /// The difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alloc_dealloc_diff: Option<String>,
    /// The rows.
    pub data: Vec<JsonThreadEntry>,
    /// Rows there are.
    pub total_count: usize,
    /// Rows in this list.
    pub included_count: usize,
}

/// One thread.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonThreadEntry {
    /// Number of the thread at the system.
    pub os_tid: u64,
    /// Its name.
    pub name: String,
    /// Its state.
    pub status: String,
    /// The letter for the status.
    pub status_code: String,
    /// Share of one core, lately.
    pub cpu_percent: Option<String>,
    /// The largest share.
    pub cpu_percent_max: Option<String>,
    /// The share on average.
    pub cpu_percent_avg: Option<String>,
    /// Bytes allocated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alloc_bytes: Option<String>,
    /// Bytes freed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dealloc_bytes: Option<String>,
    /// The difference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mem_diff: Option<String>,
}

/// A tokio runtime.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonRuntimeSnapshot {
    /// Worker threads.
    pub num_workers: usize,
    /// Tasks alive.
    pub num_alive_tasks: usize,
    /// Tasks in the queue of all workers.
    pub global_queue_depth: usize,
    /// The workers.
    pub workers: Vec<JsonRuntimeWorker>,
    /// Threads for blocking work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_blocking_threads: Option<usize>,
    /// Those that have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub num_idle_blocking_threads: Option<usize>,
    /// Blocking work that waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocking_queue_depth: Option<usize>,
    /// Tasks spawned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spawned_tasks_count: Option<u64>,
    /// Tasks woken from outside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_schedule_count: Option<u64>,
    /// File descriptors taken on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub io_driver_fd_registered_count: Option<u64>,
    /// File descriptors given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub io_driver_fd_deregistered_count: Option<u64>,
    /// Events of the I/O driver.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub io_driver_ready_count: Option<u64>,
}

/// One worker of a runtime.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JsonRuntimeWorker {
    /// Which one it was, from 1.
    pub index: usize,
    /// The number of times it parked.
    pub park_count: u64,
    /// Milliseconds that it was busy.
    pub busy_duration_ms: u64,
    /// Polls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll_count: Option<u64>,
    /// Tasks taken from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steal_count: Option<u64>,
    /// The number of steal operations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steal_operations: Option<u64>,
    /// The number of times its queue was full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overflow_count: Option<u64>,
    /// Tasks in its queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local_queue_depth: Option<usize>,
    /// Microseconds of a poll on average.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_poll_time_us: Option<u64>,
}
