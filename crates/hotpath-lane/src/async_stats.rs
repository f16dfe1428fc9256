//! What is known only of calls that a thread leaves and comes back to: futures, and blocks that contain an await.

use crate::{cells::Cells, primitive::Cell64};

/// How such a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// With a value.
    Completed,
    /// Dropped before that.
    Cancelled,
}

/// Calls that are not inside another call of the same site: how many began, and the wrapping sum of their start ticks.
const BEGUN: usize = 0;
const STARTS: usize = 1;

const COMPLETED: usize = 0;
const CANCELLED: usize = 1;
/// Of the calls that ended, those that are not inside another one, and the wrapping sum of their end ticks.
const ENDED: usize = 2;
const ENDS: usize = 3;
/// Ticks inside polls, recursion counted once.
const BUSY: usize = 4;
const POLLS: usize = 5;
/// When the last poll in BUSY began.
const LAST: usize = 6;
const CELLS: usize = 7;

/// One poll, in ticks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Poll {
    pub(crate) start: u64,
    pub(crate) ticks: u64,
    /// Inside another poll of the same site.
    pub(crate) is_nested: bool,
    /// So long that it kept its thread from everything else.
    pub(crate) is_blocking: bool,
}

/// The counters of one row.
#[derive(Debug)]
pub(crate) struct AsyncStats {
    begun: Cells<2>,
    /// Calls begun inside another call of the same site.
    begun_nested: Cell64,
    polled: Cells<CELLS>,
    longest_poll: Cell64,
    blocking: Cell64,
    /// Polls that were only counted.
    untimed: Cell64,
}

/// The same as a plain value, over any number of rows.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SuspendedTotals {
    pub(crate) started: u64,
    pub(crate) completed: u64,
    pub(crate) cancelled: u64,
    pub(crate) busy: u64,
    pub(crate) polls: u64,
    pub(crate) longest_poll: u64,
    pub(crate) blocking: u64,
    pub(crate) untimed: u64,
    /// Outer calls that are on their way; a call that was seen to end but not to begin makes it negative.
    running: i64,
    /// Ends less starts of outer calls, wrapping.
    ends_less_starts: u64,
}

impl AsyncStats {
    pub(crate) fn new() -> Self {
        Self {
            begun: Cells::new(),
            begun_nested: Cell64::new(0),
            polled: Cells::new(),
            longest_poll: Cell64::new(0),
            blocking: Cell64::new(0),
            untimed: Cell64::new(0),
        }
    }

    /// Owner only. A call began at `start`.
    #[inline(always)]
    pub(crate) fn begin(&self, start: u64, is_nested: bool) {
        if is_nested {
            return self.begun_nested.add(1);
        }
        self.begun.update(|cells| {
            cells[BEGUN] += 1;
            cells[STARTS] = cells[STARTS].wrapping_add(start);
        });
    }

    /// Owner only. A poll, and the end of a call, if it was its last: when, and whether the call is nested.
    #[inline(always)]
    pub(crate) fn poll(&self, poll: Poll, ended: Option<(u64, bool)>) {
        if poll.ticks > self.longest_poll.own() {
            self.longest_poll.set(poll.ticks);
        }
        if poll.is_blocking {
            self.blocking.add(1);
        }
        self.polled.update(|cells| {
            if !poll.is_nested {
                cells[BUSY] += poll.ticks;
                cells[LAST] = poll.start;
            }
            cells[POLLS] += 1;
            if let Some((end, call_is_nested)) = ended {
                end_call(cells, COMPLETED, end, call_is_nested);
            }
        });
    }

    /// Owner only. A poll that was only counted.
    pub(crate) fn poll_untimed(&self) {
        self.untimed.add(1);
    }

    /// Owner only. A call ended outside a poll.
    pub(crate) fn end(&self, end: u64, is_nested: bool, outcome: Outcome) {
        let outcome = if outcome == Outcome::Completed { COMPLETED } else { CANCELLED };
        self.polled.update(|cells| end_call(cells, outcome, end, is_nested));
    }

    /// Any thread. Adds what is counted here to `into`. When the last poll in it began.
    pub(crate) fn read(&self, into: &mut SuspendedTotals) -> u64 {
        // Ends before starts: what is seen to end was seen to begin.
        let (_, polled) = self.polled.read();
        let (_, begun) = self.begun.read();
        into.started += begun[BEGUN] + self.begun_nested.get();
        into.completed += polled[COMPLETED];
        into.cancelled += polled[CANCELLED];
        into.busy += polled[BUSY];
        into.polls += polled[POLLS];
        into.longest_poll = into.longest_poll.max(self.longest_poll.get());
        into.blocking += self.blocking.get();
        into.untimed += self.untimed.get();
        into.running += begun[BEGUN].wrapping_sub(polled[ENDED]) as i64;
        into.ends_less_starts = into.ends_less_starts.wrapping_add(polled[ENDS]).wrapping_sub(begun[STARTS]);
        polled[LAST]
    }

    /// Owner only, while no reader trusts this lane.
    pub(crate) fn clear(&self) {
        self.begun.clear();
        self.polled.clear();
        self.begun_nested.set(0);
        self.longest_poll.set(0);
        self.blocking.set(0);
        self.untimed.set(0);
    }
}

#[inline(always)]
fn end_call(cells: &mut [u64; CELLS], outcome: usize, end: u64, is_nested: bool) {
    cells[outcome] += 1;
    if !is_nested {
        cells[ENDED] += 1;
        cells[ENDS] = cells[ENDS].wrapping_add(end);
    }
}

impl SuspendedTotals {
    pub(crate) fn merge(&mut self, other: &Self) {
        self.started += other.started;
        self.completed += other.completed;
        self.cancelled += other.cancelled;
        self.busy += other.busy;
        self.polls += other.polls;
        self.longest_poll = self.longest_poll.max(other.longest_poll);
        self.blocking += other.blocking;
        self.untimed += other.untimed;
        self.running += other.running;
        self.ends_less_starts = self.ends_less_starts.wrapping_add(other.ends_less_starts);
    }

    /// Time from the first poll to the end, or up to `now` for calls on their way.
    pub(crate) fn total(&self, now: u64) -> u64 {
        let total = self.ends_less_starts.wrapping_add((self.running as u64).wrapping_mul(now));
        // Lanes are read one after the other, so a call may be seen to end on one but not to begin on another.
        if total as i64 >= 0 { total } else { 0 }
    }
}
