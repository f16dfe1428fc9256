//! The run: the time of its threads, of which weights are shares.
//!
//! One thread that works all the time has the length of the run. Where measured functions of several threads add up to more than
//! that, their sum is the whole: with four busy threads a function that fills one of them has a quarter.

use super::rows::Rows;
use crate::finding::Confidence;
use crate::report::Report;

/// Shorter runs have no findings: their times are those of starting up.
const MIN_RUN_NS: u64 = 10_000_000;

/// Waits may have been on threads that are not measured, so a function keeps at least this part of its self time.
const LEAST_OWN_PART: f64 = 0.25;

/// The time of a run, and how much of it is known to be waiting.
#[derive(Clone, Copy, Debug)]
pub(super) struct Run {
    /// Nanoseconds of all threads.
    thread_ns: u64,
    /// Part of a function's self time that is not waiting for locks or channels, as an average over all functions: 0–1.
    own_part: f64,
    is_shortened: bool,
}

impl Run {
    /// `None` for a run that is too short to be judged.
    pub(super) fn of(report: &Report) -> Option<Self> {
        if report.duration_ns < MIN_RUN_NS {
            return None;
        }
        let functions = Functions::of(report);
        let waits = waits(report).saturating_sub(functions.async_wait_ns);
        let waiting = share(waits, functions.self_ns).unwrap_or(0.0) / 100.0;
        Some(Self {
            thread_ns: report.duration_ns.max(functions.self_ns),
            own_part: (1.0 - waiting).clamp(LEAST_OWN_PART, 1.0),
            is_shortened: functions.is_shortened,
        })
    }

    /// Percent of the run; above 100 for what many tasks wait for at once.
    pub(super) fn share(&self, nanos: u64) -> f64 {
        nanos as f64 / self.thread_ns as f64 * 100.0
    }

    /// Percent of the run that the self time of functions has without the waiting in it.
    pub(super) fn own_share(&self, self_ns: u64) -> f64 {
        self.share(self_ns) * self.own_part
    }

    /// Returns true if self times of functions may hold much waiting for locks and channels.
    pub(super) fn has_waiting(&self) -> bool {
        self.own_part < 0.9
    }

    /// The confidence of a share.
    pub(super) fn confidence(&self) -> Confidence {
        if self.is_shortened { Confidence::Medium } else { Confidence::High }
    }

    /// The confidence of the share of a function's self time.
    pub(super) fn own_confidence(&self) -> Confidence {
        match self.own_part {
            part if part < 0.5 => Confidence::Low,
            part if part < 0.9 => Confidence::Medium,
            _ => self.confidence(),
        }
    }
}

/// Percent that `part` is of `whole`; `None` of nothing.
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64 * 100.0)
}

/// Returns true if the times of this resource were sampled.
pub(super) fn is_sampled(report: &Report, resource: &str) -> bool {
    report.time_sampling.get(resource).is_some_and(|&rate| rate < 1.0)
}

#[derive(Default)]
struct Functions {
    /// Self time of all functions but the caller, which may do nothing but wait for the others.
    self_ns: u64,
    /// Nanoseconds that async functions waited between polls: no self time contains such waiting.
    async_wait_ns: u64,
    is_shortened: bool,
}

impl Functions {
    fn of(report: &Report) -> Self {
        let Some(rows) = Rows::of(report, "functions_timing") else { return Self::default() };
        let sum = |key| rows.measured().filter_map(|f| f.number(key)).fold(0, u64::saturating_add);
        Self { self_ns: sum("self_ns"), async_wait_ns: sum("wait_ns"), is_shortened: rows.is_shortened() }
    }
}

/// Time that threads or tasks spent waiting for locks, and for room in channels.
fn waits(report: &Report) -> u64 {
    let columns = [("mutexes", "wait_total_ns"), ("rw_locks", "wait_total_ns"), ("channels", "send_wait_ns")];
    let sum = |(section, key): (&str, &str)| {
        let rows = Rows::of(report, section);
        rows.map_or(0, |rows| rows.measured().filter_map(|row| row.number(key)).fold(0, u64::saturating_add))
    };
    columns.into_iter().map(sum).fold(0, u64::saturating_add)
}
