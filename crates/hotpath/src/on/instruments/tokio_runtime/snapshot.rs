//! The metrics of a runtime at one moment.

use std::time::Instant;

use tokio::runtime::{Handle, RuntimeFlavor, RuntimeMetrics};

#[cfg_attr(tokio_unstable, path = "unstable.rs")]
#[cfg_attr(not(tokio_unstable), path = "stable.rs")]
mod more;

/// The metrics of a runtime. Counters count from the runtime's beginning.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) at: Instant,
    pub(super) alive_tasks: u64,
    pub(super) global_queue: u64,
    pub(super) workers: Vec<Worker>,
    pub(super) more: UnstableMetrics,
}

/// The metrics of a worker; `None` if tokio does not have them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Worker {
    pub(super) parks: Option<u64>,
    pub(super) busy_ns: Option<u64>,
    pub(super) polls: Option<u64>,
    pub(super) steals: Option<u64>,
    pub(super) steal_operations: Option<u64>,
    pub(super) overflows: Option<u64>,
    pub(super) local_queue: Option<u64>,
    pub(super) mean_poll_ns: Option<u64>,
}

/// The metrics of a runtime as a whole that need `tokio_unstable`.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct UnstableMetrics {
    pub(super) blocking_threads: Option<u64>,
    pub(super) idle_blocking_threads: Option<u64>,
    pub(super) blocking_queue: Option<u64>,
    pub(super) spawned_tasks: Option<u64>,
    pub(super) remote_schedules: Option<u64>,
    pub(super) io_registered: Option<u64>,
    pub(super) io_deregistered: Option<u64>,
    pub(super) io_ready: Option<u64>,
}

impl Snapshot {
    pub(super) fn at(runtime: &Handle) -> Self {
        let metrics = runtime.metrics();
        let worker = |index| {
            let mut worker = stable(&metrics, index);
            more::add_to_worker(&mut worker, &metrics, index);
            worker
        };
        Self {
            workers: (0..metrics.num_workers()).map(worker).collect(),
            alive_tasks: metrics.num_alive_tasks() as u64,
            global_queue: metrics.global_queue_depth() as u64,
            more: more::of_runtime(&metrics),
            at: Instant::now(),
        }
    }
}

#[cfg(target_has_atomic = "64")]
fn stable(metrics: &RuntimeMetrics, index: usize) -> Worker {
    let busy = metrics.worker_total_busy_duration(index);
    Worker {
        parks: Some(metrics.worker_park_count(index)),
        busy_ns: Some(u64::try_from(busy.as_nanos()).unwrap_or(u64::MAX)),
        ..Worker::default()
    }
}

#[cfg(not(target_has_atomic = "64"))]
fn stable(_: &RuntimeMetrics, _: usize) -> Worker {
    Worker::default()
}

/// Returns the name of a runtime's flavor in the report.
pub(super) fn flavor(runtime: &Handle) -> &'static str {
    match runtime.runtime_flavor() {
        RuntimeFlavor::CurrentThread => "current_thread",
        RuntimeFlavor::MultiThread => "multi_thread",
        _ => "other",
    }
}
