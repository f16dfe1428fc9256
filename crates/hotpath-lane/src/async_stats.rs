//! The counters of a site's async calls, beside those that all calls have.

use crate::{
    cells::Cells,
    counters::{AsyncCounterTotals, AsyncCounters},
};

/// The way an async call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With a value.
    Completed,
    /// Dropped before that.
    Cancelled,
}

/// Outer calls (those that are not inside another call of the site) that began, and the wrapping sum of their starts.
const BEGUN: usize = 0;
const STARTS: usize = 1;

/// Ticks inside polls, recursion counted once.
const BUSY: usize = 0;
const POLLS: usize = 1;
/// The start of the last poll in `BUSY`.
const LAST: usize = 2;
const POLLED: usize = 3;

const COMPLETED: usize = 0;
const CANCELLED: usize = 1;
/// Outer calls that ended, and the wrapping sum of their ends.
const ENDED: usize = 2;
const ENDS: usize = 3;
const OVER: usize = 4;

/// One timed poll, in ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Poll {
    pub(crate) start: u64,
    pub(crate) ticks: u64,
    /// Inside another poll of the same site.
    pub(crate) is_nested: bool,
    /// At least as long as [`crate::set_blocking`] says.
    pub(crate) is_blocking: bool,
}

/// The async counters of one row.
#[derive(Debug)]
pub(crate) struct AsyncStats {
    begun: Cells<2>,
    polled: Cells<POLLED>,
    over: Cells<OVER>,
    counters: AsyncCounters,
}

/// The values of [`AsyncStats`], summed over any number of rows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct AsyncTotals {
    outer: u64,
    pub(crate) completed: u64,
    pub(crate) cancelled: u64,
    pub(crate) busy: u64,
    pub(crate) polls: u64,
    pub(crate) counters: AsyncCounterTotals,
    /// Live outer calls. Negative for a call whose end was read and whose beginning was not.
    running: i64,
    /// Ends less starts of outer calls, wrapping.
    ends_less_starts: u64,
}

impl AsyncStats {
    pub(crate) fn new() -> Self {
        Self { begun: Cells::new(), polled: Cells::new(), over: Cells::new(), counters: AsyncCounters::new() }
    }

    /// Owner only. Records the beginning of a call, at `start`.
    #[inline(always)]
    pub(crate) fn begin(&self, start: u64, is_nested: bool) {
        if is_nested {
            return self.counters.nested.add(1);
        }
        self.begun.update(|cells| {
            cells[BEGUN] += 1;
            cells[STARTS] = cells[STARTS].wrapping_add(start);
        });
    }

    /// Owner only. Records a poll. `ended` is the end of the call and whether the call is nested, if the poll was its last.
    #[inline(always)]
    pub(crate) fn poll(&self, poll: Poll, ended: Option<(u64, bool)>) {
        if poll.ticks > self.counters.longest_poll.own() {
            self.counters.longest_poll.set(poll.ticks);
        }
        if poll.is_blocking {
            self.counters.blocking.add(1);
        }
        self.polled.update(|cells| {
            if !poll.is_nested {
                cells[BUSY] += poll.ticks;
                cells[LAST] = poll.start;
            }
            cells[POLLS] += 1;
        });
        // Afterwards: a call that a reader finds completed has all of its polls.
        if let Some((end, call_is_nested)) = ended {
            self.end(end, call_is_nested, Outcome::Completed);
        }
    }

    /// Owner only. Counts a poll that was not timed.
    pub(crate) fn count_poll(&self) {
        self.counters.untimed.add(1);
    }

    /// Owner only. Records the end of a call.
    #[inline(always)]
    pub(crate) fn end(&self, end: u64, is_nested: bool, outcome: Outcome) {
        let outcome = if outcome == Outcome::Completed { COMPLETED } else { CANCELLED };
        self.over.update(|cells| {
            cells[outcome] += 1;
            if !is_nested {
                cells[ENDED] += 1;
                cells[ENDS] = cells[ENDS].wrapping_add(end);
            }
        });
    }

    /// Any thread. Returns the values, and the start of the last poll that is in them.
    pub(crate) fn read(&self) -> (AsyncTotals, u64) {
        // Ends before polls and beginnings: a call whose end is read has its polls and its beginning read too.
        let (_, over) = self.over.read();
        let (_, polled) = self.polled.read();
        let (_, begun) = self.begun.read();
        let totals = AsyncTotals {
            outer: begun[BEGUN],
            completed: over[COMPLETED],
            cancelled: over[CANCELLED],
            busy: polled[BUSY],
            polls: polled[POLLS],
            counters: self.counters.read(),
            running: begun[BEGUN].wrapping_sub(over[ENDED]) as i64,
            ends_less_starts: over[ENDS].wrapping_sub(begun[STARTS]),
        };
        (totals, polled[LAST])
    }

    /// Owner only, while no reader trusts this lane.
    pub(crate) fn clear(&self) {
        self.begun.clear();
        self.polled.clear();
        self.over.clear();
        self.counters.clear();
    }
}

impl AsyncTotals {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.outer += other.outer;
        self.completed += other.completed;
        self.cancelled += other.cancelled;
        self.busy += other.busy;
        self.polls += other.polls;
        self.counters.merge(other.counters);
        self.running += other.running;
        self.ends_less_starts = self.ends_less_starts.wrapping_add(other.ends_less_starts);
    }

    /// Calls that began.
    pub(crate) fn started(&self) -> u64 {
        self.outer + self.counters.nested
    }

    /// Time from the first poll to the end of each call, or to `now` for live ones.
    pub(crate) fn total(&self, now: u64) -> u64 {
        let total = self.ends_less_starts.wrapping_add((self.running as u64).wrapping_mul(now));
        // Lanes are read one after the other, so the end of a call may be read on one and its beginning not on another.
        if total as i64 >= 0 { total } else { 0 }
    }
}
