//! Calls that a thread leaves and comes back to: futures.
//!
//! Each poll is a frame of the polling thread; what lives longer (when the call began, how it ended) is an [`AsyncCall`].

use crate::{
    async_stats::{Outcome, Poll},
    blocking::is_blocking,
    clock,
    frame::{Frame, Tag, TaggedFrame, Visit, on_row},
    memory::CallMemory,
    site::Site,
};

/// The life of a measured future, from its first poll to its value or its end without one.
#[derive(Debug, Default)]
pub struct AsyncCall {
    pub(crate) start: u64,
    /// 0 before the first recorded poll, and after the end.
    pub(crate) epoch: u32,
    pub(crate) nested: bool,
    pub(crate) memory: CallMemory,
}

impl AsyncCall {
    /// A future that was not polled yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { start: 0, epoch: 0, nested: false, memory: CallMemory::new() }
    }

    /// A poll that is to begin with [`PollFrame::begin`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn poll<'a>(&'a mut self, site: &'static Site) -> PollFrame<'a> {
        PollFrame { visit: TaggedFrame::new(), site, call: self, is_ready: false }
    }

    /// After each push: the first one in this session begins the call. A call found in the middle of its life by a new session
    /// counts from this poll on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn pushed(&mut self, site: &'static Site, visit: &TaggedFrame) {
        if let Some((frame, tag)) = visit.filled()
            && self.epoch != tag.epoch()
        {
            self.begin(site, frame, tag);
        }
    }

    fn begin(&mut self, site: &'static Site, frame: &Frame, tag: Tag) {
        let memory = CallMemory::new();
        // A poll that is only counted did not read it.
        let start = if frame.start == 0 { clock::now() } else { frame.start };
        *self = Self { start, epoch: tag.epoch(), nested: tag.is_nested(), memory };
        // SAFETY: null, or the lane of this thread.
        let Some(lane) = (unsafe { frame.lane.as_ref() }) else {
            return on_row(site, self.epoch, |lane, row| row.begun(self.start, self.nested, &lane.arena));
        };
        // SAFETY: a frame with a lane has a node with a row; neither is ever freed.
        let node = unsafe { &*frame.node };
        node.calls.add(1);
        // SAFETY: as above.
        unsafe { node.row() }.begun(self.start, self.nested, &lane.arena);
    }

    /// The future was dropped; if it had not given its value, it is cancelled.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn dropped(&mut self, site: &'static Site) {
        if self.epoch != 0 {
            self.end(site, clock::now(), Outcome::Cancelled);
        }
    }

    /// The end of the call, outside any poll.
    #[cold]
    pub(crate) fn end(&mut self, site: &'static Site, end: u64, outcome: Outcome) {
        let Self { start, epoch, nested, memory } = std::mem::take(self);
        on_row(site, epoch, |lane, row| {
            if let Some(spent) = memory.delta() {
                row.record_alloc(&spent, nested, &lane.arena);
            }
            row.record(end, end.saturating_sub(start), nested, &lane.arena);
            row.ended(end, nested, outcome, &lane.arena);
        });
    }

    /// The end of one poll: with the value or without.
    pub(crate) fn polled(&mut self, visit: &Visit<'_>, is_ready: bool) {
        let Visit { target, end, ticks, own, is_nested, alloc } = *visit;
        self.memory.add(alloc);
        let arena = &target.lane.arena;
        target.node.own.add(own);
        let poll = Poll { start: end.wrapping_sub(ticks), ticks, is_nested, is_blocking: is_blocking(ticks) };
        // A value of a call that belongs to another epoch than this poll cannot be: `pushed` saw to that.
        if !is_ready || self.epoch == 0 {
            return target.row.polled(poll, None, arena);
        }
        let Self { start, nested, memory, .. } = std::mem::take(self);
        if let Some(spent) = memory.delta() {
            target.row.record_alloc(&spent, nested, arena);
        }
        target.row.record(end, end.saturating_sub(start), nested, arena);
        target.row.polled(poll, Some((end, nested)), arena);
    }
}

/// One poll; recorded when dropped.
#[must_use = "the poll is measured until this is dropped"]
pub struct PollFrame<'a> {
    visit: TaggedFrame,
    site: &'static Site,
    call: &'a mut AsyncCall,
    is_ready: bool,
}

impl PollFrame<'_> {
    /// Begins the poll, once.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn begin(&mut self) {
        self.visit.push(self.site);
        self.call.pushed(self.site, &self.visit);
    }

    /// This poll gave the value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn ready(&mut self) {
        self.is_ready = true;
    }

    /// Ends the last poll, then keeps what `write` writes as the call's value; not run when the call was not recorded.
    pub fn end_with_text(mut self, write: impl FnOnce(&mut String)) {
        self.is_ready = true;
        let filled = self.visit.filled().map(|(frame, tag)| (*frame, tag));
        drop(self);
        if let Some((frame, tag)) = filled {
            frame.note(tag, write);
        }
    }
}

impl Drop for PollFrame<'_> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if self.visit.tag != Tag::NOTHING || self.is_ready {
            leave(&self.visit, self.call, self.site, self.is_ready);
        }
    }
}

#[inline(never)]
pub(crate) fn leave(visit: &TaggedFrame, call: &mut AsyncCall, site: &'static Site, is_ready: bool) {
    match visit.pop() {
        Some(visit) => call.polled(&visit, is_ready),
        None if is_ready => call.end(site, clock::now(), Outcome::Completed),
        None => {}
    }
}
