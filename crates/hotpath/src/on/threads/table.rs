//! The threads of one session: those alive, and those that have ended.
//!
//! No clock and no system here: samples go in, rows come out. What must stay true: a thread has one row however often it is seen
//! and however it ends, a share is reported only over a window long enough to mean something, and memory is bounded by the
//! threads alive, [`ENDED_ROWS`] and [`EXITING`].

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use hotpath_report::{ThreadAlloc, ThreadState, ThreadStats, sort_by};

use crate::imp::os::threads::{Key, ThreadInfo};

/// The most ended threads with a row of their own; of more, those that used least CPU time share the row [`OTHER`].
const ENDED_ROWS: usize = 1000;

/// The most threads that ran their exit hook and are not known to be gone; the oldest are forgotten first.
const EXITING: usize = 4096;

/// The shortest window of a CPU share: over a shorter one it is noise, and the one before it stays.
const SHORTEST_WINDOW: Duration = Duration::from_millis(5);

const OTHER: &str = "<other>";

/// A function that returns true for the profiler's own threads.
pub(super) type IsOwn<'a> = &'a dyn Fn(Key) -> bool;

/// The CPU time of a thread at a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CpuReading {
    pub(super) cpu_ns: u64,
    pub(super) at: Instant,
}

/// One thread at one moment.
pub(super) struct ThreadSample {
    pub(super) seen: ThreadInfo,
    /// Its name, where the system keeps only the beginning.
    pub(super) full_name: Option<Arc<str>>,
    /// The reading that it registered with, perhaps before this session.
    pub(super) first: Option<CpuReading>,
    pub(super) alloc: Option<ThreadAlloc>,
}

/// The threads of one session.
pub(super) struct Table {
    begun: Instant,
    /// The start of the latest poll that counts; `None` before the first.
    polled: Option<Instant>,
    show_own: bool,
    /// By key, sorted.
    living: Vec<(Key, Record)>,
    exiting: VecDeque<Key>,
    /// Rows of threads that ended, in no order.
    ended: Vec<Ended>,
    other: Option<ThreadStats>,
    ends: u64,
}

impl Table {
    pub(super) fn new(begun: Instant, show_own: bool) -> Self {
        Self {
            begun,
            polled: None,
            show_own,
            living: Vec::new(),
            exiting: VecDeque::new(),
            ended: Vec::new(),
            other: None,
            ends: 0,
        }
    }

    pub(super) fn shows_own(&self) -> bool {
        self.show_own
    }

    /// Adds a sample of every thread that was alive at some moment after `start`. A thread without one has ended.
    pub(super) fn poll(&mut self, start: Instant, samples: Vec<ThreadSample>, is_own: IsOwn<'_>) {
        if self.polled.is_some_and(|polled| start < polled) {
            return; // overtaken by a later poll
        }
        let mut seen: Vec<Key> = samples.iter().map(|sample| sample.seen.key).collect();
        sort_by(&mut seen, Key::cmp);
        let is_seen = |key: &Key| seen.binary_search(key).is_ok();
        self.exiting.retain(is_seen);
        for sample in samples {
            if !self.exiting.contains(&sample.seen.key) {
                self.add(sample, is_own);
            }
        }
        let keys = self.living.iter().map(|(key, _)| *key);
        let gone: Vec<Key> = keys.filter(|key| !is_seen(key)).collect();
        gone.into_iter().for_each(|key| self.end(key, is_own));
        self.polled = Some(start);
    }

    /// Adds the last sample of a thread that is about to end.
    pub(super) fn on_thread_exit(&mut self, sample: ThreadSample, is_own: IsOwn<'_>) {
        let key = sample.seen.key;
        self.add(sample, is_own);
        self.end(key, is_own);
        self.exiting.push_back(key);
        if self.exiting.len() > EXITING {
            self.exiting.pop_front();
        }
    }

    /// Returns a row for each thread, and one for those past the bound.
    pub(super) fn rows(&self) -> Vec<ThreadStats> {
        let living =
            self.shown().map(|(key, record)| record.stats(*key, record.state.map(ThreadState::Seen)));
        let ended = self.ended.iter().map(|ended| ended.row.clone());
        living.chain(ended).chain(self.other.clone()).collect()
    }

    /// Returns the number of threads alive, as far as they are shown.
    pub(super) fn living(&self) -> u64 {
        self.shown().count() as u64
    }

    /// Returns the allocations of all threads together.
    pub(super) fn allocations(&self) -> Option<ThreadAlloc> {
        self.rows().iter().map(|row| row.alloc).reduce(sum_alloc).flatten()
    }

    /// Returns a note on rows that stand for several threads.
    pub(super) fn note(&self) -> Option<String> {
        let threads = self.other.as_ref()?.threads;
        Some(format!(
            "{threads} ended threads are counted together under {OTHER}: {ENDED_ROWS} that used more CPU time have rows \
             of their own"
        ))
    }

    fn shown(&self) -> impl Iterator<Item = &(Key, Record)> {
        self.living.iter().filter(|(_, record)| self.show_own || !record.is_own)
    }

    fn add(&mut self, sample: ThreadSample, is_own: IsOwn<'_>) {
        let key = sample.seen.key;
        let (begun, was_there) = (self.begun, self.polled.is_none());
        let at = self.place(key).unwrap_or_else(|at| {
            self.living.insert(at, (key, Record::new(&sample, begun, was_there)));
            at
        });
        let record = &mut self.living[at].1;
        record.add(sample);
        // A thread may be seen before it is known as ours.
        record.is_own |= is_own(key);
    }

    /// Returns where the thread is among the living, or else where it would be.
    fn place(&self, key: Key) -> Result<usize, usize> {
        self.living.binary_search_by(|(other, _)| other.cmp(&key))
    }

    fn end(&mut self, key: Key, is_own: IsOwn<'_>) {
        let Ok(at) = self.place(key) else { return };
        let (_, mut record) = self.living.remove(at);
        record.is_own |= is_own(key);
        if record.is_own && !self.show_own {
            return;
        }
        record.now_permille = None;
        let row = record.stats(key, Some(ThreadState::Ended));
        self.ends += 1;
        self.ended.push(Ended { rank: (row.cpu_ns.unwrap_or(0), self.ends), row });
        if self.ended.len() > ENDED_ROWS
            && let Some((least, _)) = self.ended.iter().enumerate().min_by_key(|(_, ended)| ended.rank)
        {
            let least = self.ended.swap_remove(least).row;
            let least = ThreadStats { name: OTHER.to_owned(), os_tid: None, ..least };
            self.other = Some(match self.other.take() {
                Some(other) => sum(other, least),
                None => least,
            });
        }
    }
}

/// One thread that has ended.
struct Ended {
    /// CPU time, then the order in which the threads ended.
    rank: (u64, u64),
    row: ThreadStats,
}

/// One thread alive.
struct Record {
    name: String,
    state: Option<char>,
    is_own: bool,
    /// The CPU time that it had used when the session started.
    before_ns: u64,
    /// The start of the thread, or of the session if that was later.
    born: Instant,
    first: Option<CpuReading>,
    /// The start of the window of its next CPU share.
    window: Option<CpuReading>,
    last: Option<CpuReading>,
    last_seen: Instant,
    now_permille: Option<u64>,
    max_permille: Option<u64>,
    alloc: Option<ThreadAlloc>,
}

impl Record {
    /// Makes the record of a thread. `was_there` is true if it existed when the session started.
    fn new(sample: &ThreadSample, begun: Instant, was_there: bool) -> Self {
        let seen = &sample.seen;
        let first = sample.first.filter(|first| !was_there && first.at >= begun);
        let first_seen = first.map_or(seen.at, |first| first.at);
        let born = if was_there {
            seen.at
        } else {
            seen.began.unwrap_or(first_seen).clamp(begun, seen.at.max(begun))
        };
        Self {
            name: String::new(),
            state: None,
            is_own: false,
            before_ns: if was_there { seen.cpu_ns.unwrap_or(0) } else { 0 },
            born,
            first,
            window: first,
            last: first,
            last_seen: seen.at,
            now_permille: None,
            max_permille: None,
            alloc: None,
        }
    }

    fn add(&mut self, sample: ThreadSample) {
        let ThreadSample { seen, full_name, alloc, .. } = sample;
        self.name = name(&seen, full_name.as_deref());
        (self.state, self.alloc, self.last_seen) = (seen.state, alloc, seen.at);
        let Some(cpu_ns) = seen.cpu_ns else { return };
        let reading = CpuReading { cpu_ns, at: seen.at };
        self.last = Some(reading);
        let Some(window) = self.window else {
            (self.first, self.window) = (Some(reading), Some(reading));
            return;
        };
        if reading.at.saturating_duration_since(window.at) < SHORTEST_WINDOW {
            return;
        }
        let share = permille(window, reading);
        self.now_permille = Some(share);
        self.max_permille = self.max_permille.max(Some(share));
        self.window = Some(reading);
    }

    fn stats(&self, key: Key, state: Option<ThreadState>) -> ThreadStats {
        let observed = self.first.zip(self.last);
        ThreadStats {
            os_tid: Some(key.tid),
            name: self.name.clone(),
            state,
            cpu_now_permille: self.now_permille,
            cpu_max_permille: self.max_permille,
            observed_cpu_ns: observed.map(|(first, last)| last.cpu_ns.saturating_sub(first.cpu_ns)),
            observed_ns: observed.map(|(first, last)| nanos(first.at, last.at)),
            cpu_ns: self.last.map(|last| last.cpu_ns.saturating_sub(self.before_ns)),
            lifetime_ns: Some(nanos(self.born, self.last_seen)),
            alloc: self.alloc,
            threads: 1,
        }
    }
}

/// Returns the whole name if the system's is its beginning: a thread may have been renamed since it registered.
fn name(seen: &ThreadInfo, full: Option<&str>) -> String {
    let short = seen.name.as_deref().unwrap_or_default();
    // The last character may have been cut in two.
    let beginning = short.trim_end_matches('\u{fffd}');
    match full {
        Some(full) if full.starts_with(beginning) => full.to_owned(),
        _ if short.is_empty() => format!("thread_{}", seen.key.tid),
        _ => short.to_owned(),
    }
}

/// Returns the share of one core that a thread had; never more than all of it, though the two clocks are read one after the other.
fn permille(from: CpuReading, to: CpuReading) -> u64 {
    let time = u128::from(nanos(from.at, to.at)).max(1);
    let busy = u128::from(to.cpu_ns.saturating_sub(from.cpu_ns));
    ((busy * 1000 + time / 2) / time).min(1000) as u64
}

fn nanos(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_nanos()).unwrap_or(u64::MAX)
}

/// Adds two rows; what one does not know is unknown.
fn sum(a: ThreadStats, b: ThreadStats) -> ThreadStats {
    let add = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.saturating_add(b));
    ThreadStats {
        cpu_max_permille: a.cpu_max_permille.zip(b.cpu_max_permille).map(|(a, b)| a.max(b)),
        observed_cpu_ns: add(a.observed_cpu_ns, b.observed_cpu_ns),
        observed_ns: add(a.observed_ns, b.observed_ns),
        cpu_ns: add(a.cpu_ns, b.cpu_ns),
        lifetime_ns: add(a.lifetime_ns, b.lifetime_ns),
        alloc: sum_alloc(a.alloc, b.alloc),
        threads: a.threads + b.threads,
        ..a
    }
}

fn sum_alloc(a: Option<ThreadAlloc>, b: Option<ThreadAlloc>) -> Option<ThreadAlloc> {
    let (a, b) = a.zip(b)?;
    Some(ThreadAlloc {
        allocated: a.allocated.saturating_add(b.allocated),
        freed: a.freed.saturating_add(b.freed),
    })
}

#[cfg(test)]
mod tests;
