//! The metrics of a runtime within one session: differences between snapshots.

use std::time::{Duration, Instant};

use hotpath_report::{RuntimeSample, RuntimeStats, WorkerStats};

use super::snapshot::{Snapshot, UnstableMetrics, Worker};

/// The most samples that are kept of a runtime. When there are more, neighbours are joined: the newest half is always fine, and
/// samples get coarser with age.
pub(super) const MAX_SAMPLES: usize = 300;

/// A runtime since the beginning of the session, or since its `tokio_runtime!`.
#[derive(Debug)]
pub(super) struct History {
    flavor: &'static str,
    first: Snapshot,
    /// The beginning of the next sample.
    newest: Snapshot,
    max_alive_tasks: u64,
    max_global_queue: u64,
    samples: Vec<RuntimeSample>,
}

/// The rows of one runtime in a report.
pub(super) struct RuntimeReport {
    pub(super) runtime: RuntimeStats,
    pub(super) workers: Vec<WorkerStats>,
    pub(super) history: Vec<RuntimeSample>,
}

impl History {
    pub(super) fn new(first: Snapshot, flavor: &'static str) -> Self {
        Self {
            flavor,
            max_alive_tasks: first.alive_tasks,
            max_global_queue: first.global_queue,
            newest: first.clone(),
            first,
            samples: Vec::new(),
        }
    }

    /// Records a snapshot in the history of a session that began at `start`.
    pub(super) fn record(&mut self, snapshot: Snapshot, start: Instant) {
        self.raise_maxima(&snapshot);
        let sample = self.sample_to(&snapshot, start);
        self.samples.push(sample);
        if self.samples.len() > MAX_SAMPLES {
            self.samples =
                self.samples.chunks(2).filter_map(|pair| pair.iter().copied().reduce(joined)).collect();
        }
        self.newest = snapshot;
    }

    /// Makes the rows as of this snapshot, which is not recorded.
    pub(super) fn report(&mut self, number: u64, snapshot: &Snapshot, start: Instant) -> RuntimeReport {
        self.raise_maxima(snapshot);
        let samples = self.samples.iter().copied().chain([self.sample_to(snapshot, start)]);
        let watched_ns = nanos(snapshot.at.saturating_duration_since(self.first.at));
        let worker = |(index, (now, then)): (usize, (&Worker, &Worker))| WorkerStats {
            runtime: number,
            index: index as u64,
            parks: since(now.parks, then.parks),
            busy_ns: since(now.busy_ns, then.busy_ns),
            watched_ns,
            polls: since(now.polls, then.polls),
            steals: since(now.steals, then.steals),
            steal_operations: since(now.steal_operations, then.steal_operations),
            overflows: since(now.overflows, then.overflows),
            local_queue: now.local_queue,
            mean_poll_ns: now.mean_poll_ns,
        };
        let (now, then): (&UnstableMetrics, &UnstableMetrics) = (&snapshot.more, &self.first.more);
        let runtime = RuntimeStats {
            runtime: number,
            flavor: self.flavor.to_owned(),
            workers: snapshot.workers.len() as u64,
            alive_tasks: snapshot.alive_tasks,
            max_alive_tasks: self.max_alive_tasks,
            global_queue: snapshot.global_queue,
            max_global_queue: self.max_global_queue,
            parks: of_all(snapshot, &self.first, |worker| worker.parks),
            busy_ns: of_all(snapshot, &self.first, |worker| worker.busy_ns),
            watched_ns: watched_ns.saturating_mul(snapshot.workers.len() as u64),
            blocking_threads: now.blocking_threads,
            idle_blocking_threads: now.idle_blocking_threads,
            blocking_queue: now.blocking_queue,
            spawned_tasks: since(now.spawned_tasks, then.spawned_tasks),
            remote_schedules: since(now.remote_schedules, then.remote_schedules),
            io_registered: since(now.io_registered, then.io_registered),
            io_deregistered: since(now.io_deregistered, then.io_deregistered),
            io_ready: since(now.io_ready, then.io_ready),
        };
        RuntimeReport {
            runtime,
            workers: snapshot.workers.iter().zip(&self.first.workers).enumerate().map(worker).collect(),
            history: samples.map(|sample| RuntimeSample { runtime: number, ..sample }).collect(),
        }
    }

    /// Returns true if the runtime had tasks or a worker ran.
    pub(super) fn is_active(&self, snapshot: &Snapshot) -> bool {
        let moved = |of| of_all(snapshot, &self.first, of).is_none_or(|moved| moved > 0);
        self.max_alive_tasks.max(snapshot.alive_tasks) > 0
            || moved(|worker| worker.parks)
            || moved(|worker| worker.busy_ns)
    }

    fn raise_maxima(&mut self, snapshot: &Snapshot) {
        self.max_alive_tasks = self.max_alive_tasks.max(snapshot.alive_tasks);
        self.max_global_queue = self.max_global_queue.max(snapshot.global_queue);
    }

    fn sample_to(&self, snapshot: &Snapshot, start: Instant) -> RuntimeSample {
        let watched = nanos(snapshot.at.saturating_duration_since(self.newest.at));
        RuntimeSample {
            runtime: 0, // filled in by `report`
            at_ns: nanos(snapshot.at.saturating_duration_since(start)),
            alive_tasks: snapshot.alive_tasks,
            global_queue: snapshot.global_queue,
            parks: of_all(snapshot, &self.newest, |worker| worker.parks),
            busy_ns: of_all(snapshot, &self.newest, |worker| worker.busy_ns),
            watched_ns: watched.saturating_mul(snapshot.workers.len() as u64),
            polls: 1,
        }
    }
}

/// Two neighbours as one sample.
fn joined(a: RuntimeSample, b: RuntimeSample) -> RuntimeSample {
    let add = |a: Option<u64>, b: Option<u64>| Some(a?.saturating_add(b?));
    RuntimeSample {
        runtime: b.runtime,
        at_ns: b.at_ns,
        alive_tasks: a.alive_tasks.max(b.alive_tasks),
        global_queue: a.global_queue.max(b.global_queue),
        parks: add(a.parks, b.parks),
        busy_ns: add(a.busy_ns, b.busy_ns),
        watched_ns: a.watched_ns.saturating_add(b.watched_ns),
        polls: a.polls + b.polls,
    }
}

/// The increase of a counter between two snapshots, over all workers.
fn of_all(now: &Snapshot, then: &Snapshot, counter: fn(&Worker) -> Option<u64>) -> Option<u64> {
    let workers = now.workers.iter().zip(&then.workers);
    workers.map(|(now, then)| since(counter(now), counter(then))).sum()
}

fn since(now: Option<u64>, then: Option<u64>) -> Option<u64> {
    Some(now?.saturating_sub(then?))
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A snapshot of a runtime with two workers, `millis` after `start`.
    fn snapshot(start: Instant, millis: u64, alive_tasks: u64, parks: u64, busy_ms: [u64; 2]) -> Snapshot {
        let worker = |busy_ms: u64| Worker {
            parks: Some(parks),
            busy_ns: Some(busy_ms * 1_000_000),
            ..Worker::default()
        };
        Snapshot {
            at: start + Duration::from_millis(millis),
            alive_tasks,
            global_queue: alive_tasks * 2,
            workers: busy_ms.map(worker).to_vec(),
            more: UnstableMetrics::default(),
        }
    }

    #[test]
    fn counters_count_from_the_first_snapshot_and_gauges_are_of_the_last() {
        let start = Instant::now();
        let mut runtime = History::new(snapshot(start, 100, 4, 10, [50, 60]), "multi_thread");
        runtime.record(snapshot(start, 200, 9, 11, [90, 60]), start);
        let report = runtime.report(3, &snapshot(start, 300, 1, 15, [190, 70]), start);
        let row = &report.runtime;
        assert_eq!((row.runtime, row.workers, row.flavor.as_str()), (3, 2, "multi_thread"));
        assert_eq!((row.alive_tasks, row.max_alive_tasks, row.max_global_queue), (1, 9, 18));
        assert_eq!((row.parks, row.busy_ns), (Some(10), Some(150_000_000)));
        assert_eq!((row.watched_ns, row.spawned_tasks), (400_000_000, None));
        let busy: Vec<_> =
            report.workers.iter().map(|w| (w.index, w.busy_ns, w.parks, w.watched_ns)).collect();
        let watched_ns = 200_000_000;
        assert_eq!(
            busy,
            [(0, Some(140_000_000), Some(5), watched_ns), (1, Some(10_000_000), Some(5), watched_ns)]
        );
        let samples: Vec<_> = report.history.iter().map(|s| (s.at_ns, s.busy_ns, s.alive_tasks)).collect();
        assert_eq!(samples, [(200_000_000, Some(40_000_000), 9), (300_000_000, Some(110_000_000), 1)]);
        // A report records nothing but the maxima.
        let again = runtime.report(3, &snapshot(start, 400, 1, 15, [190, 70]), start);
        assert_eq!(again.history.len(), 2);
        assert_eq!(again.history[1].watched_ns, 400_000_000);
    }

    #[test]
    fn a_metric_that_one_worker_lacks_is_unknown_for_all() {
        let start = Instant::now();
        let mut runtime = History::new(snapshot(start, 0, 0, 0, [0, 0]), "multi_thread");
        let mut incomplete = snapshot(start, 10, 0, 7, [1, 1]);
        incomplete.workers[1] = Worker::default();
        let report = runtime.report(1, &incomplete, start);
        assert_eq!((report.runtime.parks, report.runtime.busy_ns), (None, None));
        assert_eq!((report.workers[0].parks, report.workers[1].parks), (Some(7), None));
    }

    #[test]
    fn the_history_is_bounded_loses_no_time_and_is_finest_at_its_end() {
        let start = Instant::now();
        let mut runtime = History::new(snapshot(start, 0, 0, 0, [0, 0]), "multi_thread");
        let snapshots = 10_000;
        for n in 1..=snapshots {
            let alive = if n == 17 { 99 } else { 1 };
            runtime.record(snapshot(start, n, alive, n, [n, 0]), start);
            assert!(runtime.samples.len() <= MAX_SAMPLES);
        }
        let history = &runtime.samples;
        assert!(history.len() > MAX_SAMPLES / 3);
        assert_eq!(history.iter().map(|sample| sample.polls).sum::<u64>(), snapshots);
        assert_eq!(history.iter().map(|sample| sample.watched_ns).sum::<u64>(), snapshots * 2_000_000);
        assert_eq!(history.iter().filter_map(|sample| sample.busy_ns).sum::<u64>(), snapshots * 1_000_000);
        assert_eq!(history[0].alive_tasks, 99);
        assert!(history.is_sorted_by(|a, b| a.at_ns < b.at_ns && a.polls >= b.polls));
        assert_eq!(
            history.last().map(|sample| (sample.polls, sample.at_ns)),
            Some((1, snapshots * 1_000_000))
        );
    }

    #[test]
    fn a_runtime_is_active_once_it_has_tasks_or_a_worker_runs() {
        let start = Instant::now();
        let mut runtime = History::new(snapshot(start, 0, 0, 5, [3, 3]), "multi_thread");
        assert!(!runtime.is_active(&snapshot(start, 10, 0, 5, [3, 3])));
        assert!(runtime.is_active(&snapshot(start, 10, 1, 5, [3, 3])));
        assert!(runtime.is_active(&snapshot(start, 10, 0, 6, [3, 3])));
        assert!(runtime.is_active(&snapshot(start, 10, 0, 5, [3, 4])));
        runtime.record(snapshot(start, 10, 1, 5, [3, 3]), start);
        assert!(runtime.is_active(&snapshot(start, 20, 0, 5, [3, 3])));
    }
}
