//! A watched runtime within one session: what it did since the beginning, as differences of looks.

use std::time::{Duration, Instant};

use hotpath_report::{RuntimeSample, RuntimeStats, WorkerStats};

use super::look::{Look, More, Worker};

/// The most samples that are kept of a runtime. When there are more, neighbours are joined: the newest half is always fine,
/// what is older the coarser the older it is.
pub(super) const MAX_SAMPLES: usize = 300;

/// A runtime since the beginning of the session, or since it is watched.
#[derive(Debug)]
pub(super) struct Watched {
    flavor: &'static str,
    first: Look,
    /// Where the next sample begins.
    newest: Look,
    max_alive_tasks: u64,
    max_global_queue: u64,
    history: Vec<RuntimeSample>,
}

/// Everything a report tells of one runtime.
pub(super) struct Told {
    pub(super) runtime: RuntimeStats,
    pub(super) workers: Vec<WorkerStats>,
    pub(super) history: Vec<RuntimeSample>,
}

impl Watched {
    pub(super) fn new(first: Look, flavor: &'static str) -> Self {
        Self {
            flavor,
            max_alive_tasks: first.alive_tasks,
            max_global_queue: first.global_queue,
            newest: first.clone(),
            first,
            history: Vec::new(),
        }
    }

    /// Enters a look into the history of a session that began at `start`.
    pub(super) fn enter(&mut self, look: Look, start: Instant) {
        self.saw(&look);
        let sample = self.sample_to(&look, start);
        self.history.push(sample);
        if self.history.len() > MAX_SAMPLES {
            self.history =
                self.history.chunks(2).filter_map(|pair| pair.iter().copied().reduce(joined)).collect();
        }
        self.newest = look;
    }

    /// What there is to tell at this look, which is not kept.
    pub(super) fn tell(&mut self, number: u64, look: &Look, start: Instant) -> Told {
        self.saw(look);
        let samples = self.history.iter().copied().chain([self.sample_to(look, start)]);
        let watched_ns = nanos(look.at.saturating_duration_since(self.first.at));
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
        let (now, then): (&More, &More) = (&look.more, &self.first.more);
        let runtime = RuntimeStats {
            runtime: number,
            flavor: self.flavor.to_owned(),
            workers: look.workers.len() as u64,
            alive_tasks: look.alive_tasks,
            max_alive_tasks: self.max_alive_tasks,
            global_queue: look.global_queue,
            max_global_queue: self.max_global_queue,
            parks: of_all(look, &self.first, |worker| worker.parks),
            busy_ns: of_all(look, &self.first, |worker| worker.busy_ns),
            watched_ns: watched_ns.saturating_mul(look.workers.len() as u64),
            blocking_threads: now.blocking_threads,
            idle_blocking_threads: now.idle_blocking_threads,
            blocking_queue: now.blocking_queue,
            spawned_tasks: since(now.spawned_tasks, then.spawned_tasks),
            remote_schedules: since(now.remote_schedules, then.remote_schedules),
            io_registered: since(now.io_registered, then.io_registered),
            io_deregistered: since(now.io_deregistered, then.io_deregistered),
            io_ready: since(now.io_ready, then.io_ready),
        };
        Told {
            runtime,
            workers: look.workers.iter().zip(&self.first.workers).enumerate().map(worker).collect(),
            history: samples.map(|sample| RuntimeSample { runtime: number, ..sample }).collect(),
        }
    }

    /// Whether it showed any sign of life.
    pub(super) fn is_active(&self, look: &Look) -> bool {
        let moved = |of| of_all(look, &self.first, of).is_none_or(|moved| moved > 0);
        self.max_alive_tasks.max(look.alive_tasks) > 0
            || moved(|worker| worker.parks)
            || moved(|worker| worker.busy_ns)
    }

    fn saw(&mut self, look: &Look) {
        self.max_alive_tasks = self.max_alive_tasks.max(look.alive_tasks);
        self.max_global_queue = self.max_global_queue.max(look.global_queue);
    }

    fn sample_to(&self, look: &Look, start: Instant) -> RuntimeSample {
        let watched = nanos(look.at.saturating_duration_since(self.newest.at));
        RuntimeSample {
            runtime: 0, // filled in when it is told
            at_ns: nanos(look.at.saturating_duration_since(start)),
            alive_tasks: look.alive_tasks,
            global_queue: look.global_queue,
            parks: of_all(look, &self.newest, |worker| worker.parks),
            busy_ns: of_all(look, &self.newest, |worker| worker.busy_ns),
            watched_ns: watched.saturating_mul(look.workers.len() as u64),
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

/// What a counter counted between two looks, all workers together.
fn of_all(now: &Look, then: &Look, counter: fn(&Worker) -> Option<u64>) -> Option<u64> {
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

    /// A look after so many milliseconds at a runtime with two workers.
    fn look(start: Instant, millis: u64, alive_tasks: u64, parks: u64, busy_ms: [u64; 2]) -> Look {
        let worker = |busy_ms: u64| Worker {
            parks: Some(parks),
            busy_ns: Some(busy_ms * 1_000_000),
            ..Worker::default()
        };
        Look {
            at: start + Duration::from_millis(millis),
            alive_tasks,
            global_queue: alive_tasks * 2,
            workers: busy_ms.map(worker).to_vec(),
            more: More::default(),
        }
    }

    #[test]
    fn counters_count_from_the_first_look_and_levels_are_of_the_last() {
        let start = Instant::now();
        let mut watched = Watched::new(look(start, 100, 4, 10, [50, 60]), "multi_thread");
        watched.enter(look(start, 200, 9, 11, [90, 60]), start);
        let told = watched.tell(3, &look(start, 300, 1, 15, [190, 70]), start);
        let runtime = &told.runtime;
        assert_eq!((runtime.runtime, runtime.workers, runtime.flavor.as_str()), (3, 2, "multi_thread"));
        assert_eq!((runtime.alive_tasks, runtime.max_alive_tasks, runtime.max_global_queue), (1, 9, 18));
        assert_eq!((runtime.parks, runtime.busy_ns), (Some(10), Some(150_000_000)));
        assert_eq!((runtime.watched_ns, runtime.spawned_tasks), (400_000_000, None));
        let busy: Vec<_> = told.workers.iter().map(|w| (w.index, w.busy_ns, w.parks, w.watched_ns)).collect();
        let watched_ns = 200_000_000;
        assert_eq!(
            busy,
            [(0, Some(140_000_000), Some(5), watched_ns), (1, Some(10_000_000), Some(5), watched_ns)]
        );
        let samples: Vec<_> = told.history.iter().map(|s| (s.at_ns, s.busy_ns, s.alive_tasks)).collect();
        assert_eq!(samples, [(200_000_000, Some(40_000_000), 9), (300_000_000, Some(110_000_000), 1)]);
        // Telling keeps nothing but the highest levels.
        let again = watched.tell(3, &look(start, 400, 1, 15, [190, 70]), start);
        assert_eq!(again.history.len(), 2);
        assert_eq!(again.history[1].watched_ns, 400_000_000);
    }

    #[test]
    fn what_one_worker_does_not_tell_is_unknown_for_all() {
        let start = Instant::now();
        let mut watched = Watched::new(look(start, 0, 0, 0, [0, 0]), "multi_thread");
        let mut silent = look(start, 10, 0, 7, [1, 1]);
        silent.workers[1] = Worker::default();
        let told = watched.tell(1, &silent, start);
        assert_eq!((told.runtime.parks, told.runtime.busy_ns), (None, None));
        assert_eq!((told.workers[0].parks, told.workers[1].parks), (Some(7), None));
    }

    #[test]
    fn the_history_is_bounded_loses_no_time_and_is_finest_at_its_end() {
        let start = Instant::now();
        let mut watched = Watched::new(look(start, 0, 0, 0, [0, 0]), "multi_thread");
        let polls = 10_000;
        for n in 1..=polls {
            let alive = if n == 17 { 99 } else { 1 };
            watched.enter(look(start, n, alive, n, [n, 0]), start);
            assert!(watched.history.len() <= MAX_SAMPLES);
        }
        let history = &watched.history;
        assert!(history.len() > MAX_SAMPLES / 3);
        assert_eq!(history.iter().map(|sample| sample.polls).sum::<u64>(), polls);
        assert_eq!(history.iter().map(|sample| sample.watched_ns).sum::<u64>(), polls * 2_000_000);
        assert_eq!(history.iter().filter_map(|sample| sample.busy_ns).sum::<u64>(), polls * 1_000_000);
        assert_eq!(history[0].alive_tasks, 99);
        assert!(history.is_sorted_by(|a, b| a.at_ns < b.at_ns && a.polls >= b.polls));
        assert_eq!(history.last().map(|sample| (sample.polls, sample.at_ns)), Some((1, polls * 1_000_000)));
    }

    #[test]
    fn a_runtime_without_a_sign_of_life_is_not_active() {
        let start = Instant::now();
        let mut watched = Watched::new(look(start, 0, 0, 5, [3, 3]), "multi_thread");
        assert!(!watched.is_active(&look(start, 10, 0, 5, [3, 3])));
        assert!(watched.is_active(&look(start, 10, 1, 5, [3, 3])));
        assert!(watched.is_active(&look(start, 10, 0, 6, [3, 3])));
        assert!(watched.is_active(&look(start, 10, 0, 5, [3, 4])));
        watched.enter(look(start, 10, 1, 5, [3, 3]), start);
        assert!(watched.is_active(&look(start, 20, 0, 5, [3, 3])));
    }
}
