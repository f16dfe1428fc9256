//! The metrics that need `tokio_unstable`.

use tokio::runtime::RuntimeMetrics;

use super::{UnstableMetrics, Worker};

pub(super) fn add_to_worker(worker: &mut Worker, metrics: &RuntimeMetrics, index: usize) {
    *worker = Worker { local_queue: Some(metrics.worker_local_queue_depth(index) as u64), ..*worker };
    #[cfg(target_has_atomic = "64")]
    {
        let mean_poll = metrics.worker_mean_poll_time(index);
        *worker = Worker {
            polls: Some(metrics.worker_poll_count(index)),
            steals: Some(metrics.worker_steal_count(index)),
            steal_operations: Some(metrics.worker_steal_operations(index)),
            overflows: Some(metrics.worker_overflow_count(index)),
            mean_poll_ns: Some(u64::try_from(mean_poll.as_nanos()).unwrap_or(u64::MAX)),
            ..*worker
        };
    }
}

pub(super) fn of_runtime(metrics: &RuntimeMetrics) -> UnstableMetrics {
    let more = UnstableMetrics {
        blocking_threads: Some(metrics.num_blocking_threads() as u64),
        idle_blocking_threads: Some(metrics.num_idle_blocking_threads() as u64),
        blocking_queue: Some(metrics.blocking_queue_depth() as u64),
        ..UnstableMetrics::default()
    };
    counters(more, metrics)
}

#[cfg(target_has_atomic = "64")]
fn counters(more: UnstableMetrics, metrics: &RuntimeMetrics) -> UnstableMetrics {
    UnstableMetrics {
        spawned_tasks: Some(metrics.spawned_tasks_count()),
        remote_schedules: Some(metrics.remote_schedule_count()),
        io_registered: Some(metrics.io_driver_fd_registered_count()),
        io_deregistered: Some(metrics.io_driver_fd_deregistered_count()),
        io_ready: Some(metrics.io_driver_ready_count()),
        ..more
    }
}

#[cfg(not(target_has_atomic = "64"))]
fn counters(more: UnstableMetrics, _: &RuntimeMetrics) -> UnstableMetrics {
    more
}
