//! Async calls that are also remembered one by one.

use crate::{
    arena::Arena,
    async_call::{AsyncCall, Observer, end_poll},
    async_stats::Outcome,
    call_history::{Detail, Ended, Phase, Slot},
    clock,
    event::on_event,
    frame::{TaggedFrame, on_row},
    row::Row,
    site::Site,
};

/// The entry of one call in the history of its site (see [`crate::read::call_history`]).
#[derive(Debug)]
pub struct HistoryEntry {
    /// [`UNKNOWN`] until a session sees the call, and after its end.
    id: u64,
    epoch: u32,
    detail: Detail,
    slot: Option<&'static Slot>,
}

const UNKNOWN: u64 = 0;

impl AsyncCall<HistoryEntry> {
    /// A call of a future that is created here, and remembered from now on.
    #[must_use]
    pub fn with_history(site: &'static Site) -> Self {
        let mut entry = HistoryEntry { id: UNKNOWN, epoch: 0, detail: Detail::NONE, slot: None };
        on_event(site, |lane, row| entry.appear(row, lane.epoch.get(), &lane.arena));
        Self::observed_by(entry)
    }
}

impl HistoryEntry {
    fn is_known(&self) -> bool {
        self.id != UNKNOWN
    }

    /// On the lane of `row`: the call is seen for the first time in a session.
    fn appear(&mut self, row: &Row, epoch: u32, arena: &Arena) {
        self.detail = Detail::NONE;
        self.epoch = epoch;
        if let Some(slot) = self.slot {
            slot.put(&self.detail); // from an earlier session
        } else if let Some(history) = row.history(arena) {
            (self.id, self.slot) = history.begin(epoch);
        }
    }

    /// The call ended. Runs on the lane where it was recorded, if it was.
    #[inline(never)]
    fn ended(&mut self, site: &'static Site, phase: Phase, end: u64) {
        let (id, detail) = (std::mem::replace(&mut self.id, UNKNOWN), self.detail);
        on_row(site, self.epoch, |lane, row| {
            let number = if detail.polls > 0 { row.last_number() } else { Ended::NEVER_POLLED };
            if let Some(history) = row.history(&lane.arena)
                && id != UNKNOWN
            {
                history.end(&Ended { number, id, phase, end, detail });
            }
        });
        if let Some(slot) = self.slot.take() {
            slot.release();
        }
    }

    /// Records a call that was cancelled before its first poll, and so has no duration.
    #[cold]
    fn never_polled(&self, site: &'static Site) {
        on_row(site, self.epoch, |lane, row| {
            let now = clock::now();
            row.begin_async(now, false, &lane.arena);
            row.end_async(now, false, Outcome::Cancelled, &lane.arena);
        });
    }
}

impl Observer for HistoryEntry {
    const SAMPLES_POLLS: bool = true;

    #[inline]
    fn poll_begins(&mut self, site: &'static Site, epoch: u32) {
        if self.epoch != epoch {
            on_row(site, epoch, |lane, row| self.appear(row, epoch, &lane.arena));
        }
        if let Some(slot) = self.slot {
            slot.enter(epoch, Phase::Running);
        }
    }

    #[inline]
    fn poll_ended(&mut self, ticks: u64, allocated: (u64, u64)) {
        self.detail.add(ticks, allocated);
    }

    #[inline]
    fn suspended(&mut self) {
        if let Some(slot) = self.slot {
            slot.put(&self.detail);
            slot.enter(self.epoch, Phase::Suspended);
        }
    }

    fn completed(&mut self, site: &'static Site, end: u64) {
        self.ended(site, Phase::Ready, end);
    }

    #[inline]
    fn dropped(&mut self, site: &'static Site, was_live: bool) {
        if !self.is_known() {
            return;
        }
        // The body of an async function begins at its first poll: without one there was no call of it.
        if self.detail.polls == 0 && !was_live && !site.is_future() {
            self.never_polled(site);
        }
        self.ended(site, Phase::Cancelled, clock::now());
    }

    #[inline(never)]
    fn end_poll(call: &mut AsyncCall<Self>, site: &'static Site, frame: &TaggedFrame, is_ready: bool) {
        end_poll(call, site, frame, is_ready);
    }
}
