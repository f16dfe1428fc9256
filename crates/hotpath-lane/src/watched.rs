//! A future whose calls are also remembered one by one.
//!
//! The same as [`AsyncCall`], and with it what each call did so far (see [`crate::watch`]). Its polls can be sampled: then some are
//! only counted.

use crate::{
    async_stats::Outcome,
    call_history::{Detail, Ended, Phase, Slot},
    clock,
    event::on_event,
    frame::{TaggedFrame, on_row},
    future::AsyncCall,
    memory::AllocDelta,
    row::Row,
    site::Site,
};

/// The life of a watched future, from where it is made to its value or its end without one.
#[derive(Debug)]
pub struct WatchedCall {
    call: AsyncCall,
    /// 0 while nobody knows of it, and after the end.
    id: u64,
    epoch: u32,
    detail: Detail,
    slot: Option<&'static Slot>,
}

impl WatchedCall {
    /// A future that is made here.
    #[must_use]
    pub fn new(site: &'static Site) -> Self {
        let mut call = Self { call: AsyncCall::new(), id: 0, epoch: 0, detail: Detail::NONE, slot: None };
        on_event(site, |lane, row| call.appear(row, lane.epoch.get(), &lane.arena));
        call
    }

    /// On the lane of `row`: the first time that it is seen in a session.
    fn appear(&mut self, row: &Row, epoch: u32, arena: &crate::arena::Arena) {
        self.detail = Detail::NONE;
        self.epoch = epoch;
        if let Some(slot) = self.slot {
            slot.put(&self.detail); // from a session before
        } else if let Some(watch) = row.watch(arena) {
            (self.id, self.slot) = watch.begin(epoch);
        }
    }

    /// A poll that is to begin with [`WatchedPoll::begin`].
    #[inline]
    pub fn poll<'a>(&'a mut self, site: &'static Site) -> WatchedPoll<'a> {
        WatchedPoll { visit: TaggedFrame::new(), site, watched: self, is_ready: false }
    }

    /// A poll has begun.
    #[inline]
    fn running(&mut self, site: &'static Site, epoch: u32) {
        if self.epoch != epoch {
            on_row(site, epoch, |lane, row| self.appear(row, epoch, &lane.arena));
        }
        if let Some(slot) = self.slot {
            slot.enter(epoch, Phase::Running);
        }
    }

    /// A poll has ended without the value.
    fn async_stats(&mut self) {
        if let Some(slot) = self.slot {
            slot.put(&self.detail);
            slot.enter(self.epoch, Phase::Suspended);
        }
    }

    /// The call has ended; on the lane where it was recorded, if it was.
    #[inline(never)]
    fn ended(&mut self, site: &'static Site, phase: Phase, end: u64) {
        let (id, detail) = (std::mem::take(&mut self.id), self.detail);
        on_row(site, self.epoch, |lane, row| {
            let number = if detail.polls > 0 { row.last_number() } else { u64::MAX };
            if let Some(watch) = row.watch(&lane.arena)
                && id != 0
            {
                watch.end(&Ended { number, id, phase, end, detail });
            }
        });
        if let Some(slot) = self.slot.take() {
            slot.release();
        }
    }

    /// The future was dropped before its first poll: a call that was cancelled at once, and has no duration. Not of functions, whose
    /// body did not begin.
    #[cold]
    fn never_polled(&self, site: &'static Site) {
        on_row(site, self.epoch, |lane, row| {
            let now = clock::now();
            row.begun(now, false, &lane.arena);
            row.ended(now, false, Outcome::Cancelled, &lane.arena);
        });
    }

    /// The future was dropped; if it had not given its value, it is cancelled.
    #[inline]
    pub fn dropped(&mut self, site: &'static Site) {
        if self.id != 0 && self.detail.polls == 0 && self.call.epoch == 0 && !site.is_future() {
            self.never_polled(site);
        }
        self.call.dropped(site);
        if self.id != 0 {
            self.ended(site, Phase::Cancelled, clock::now());
        }
    }
}

/// One poll; recorded when dropped.
#[must_use = "the poll is measured until this is dropped"]
pub struct WatchedPoll<'a> {
    visit: TaggedFrame,
    site: &'static Site,
    watched: &'a mut WatchedCall,
    is_ready: bool,
}

impl WatchedPoll<'_> {
    /// Begins the poll, once.
    #[inline]
    pub fn begin(&mut self) {
        self.visit.push_poll(self.site);
        self.watched.call.pushed(self.site, &self.visit);
        if let Some((_, tag)) = self.visit.filled() {
            self.watched.running(self.site, tag.epoch());
        }
    }

    /// This poll gave the value.
    #[inline]
    pub fn ready(&mut self) {
        self.is_ready = true;
    }

    /// Ends the last poll, then keeps what `write` writes as the call's value; not run when the call was not recorded.
    pub fn end_with_text(mut self, write: impl FnOnce(&mut String)) {
        self.is_ready = true;
        let (site, epoch) = (self.site, self.watched.epoch);
        // Not under the lock of the shared lane: `write` is the program's own code.
        let has_lane = self.visit.filled().is_some_and(|(frame, _)| !frame.lane.is_null());
        drop(self);
        if has_lane {
            on_row(site, epoch, |lane, row| row.note(write, &lane.arena));
        }
    }

    #[inline(never)]
    fn end(&mut self) {
        let Self { visit, site, watched, is_ready } = self;
        let part = match visit.filled() {
            Some((frame, tag)) if frame.start == 0 => frame.pop_untimed(tag).map(|(target, spent)| {
                watched.call.memory.add(spent);
                target.row.polled_untimed(&target.lane.arena);
                (None, spent)
            }),
            _ => visit.pop().map(|visit| {
                watched.call.polled(&visit, *is_ready);
                (Some(visit), visit.alloc)
            }),
        };
        let mut end = None;
        if let Some((timed, spent)) = part {
            let ticks = timed.map_or(0, |visit| visit.ticks);
            end = timed.map(|visit| visit.end);
            watched.detail.add(ticks, spent.as_ref().map_or((0, 0), AllocDelta::allocated));
        }
        if !*is_ready {
            return watched.async_stats();
        }
        let end = end.unwrap_or_else(clock::now);
        watched.call.end(site, end, Outcome::Completed); // nothing, unless the poll was not timed
        watched.ended(site, Phase::Ready, end);
    }
}

impl Drop for WatchedPoll<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.visit.filled().is_some() || self.is_ready {
            self.end();
        }
    }
}
