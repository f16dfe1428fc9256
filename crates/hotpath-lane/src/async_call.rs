//! Async calls: the calls of futures, which a thread leaves and comes back to.
//!
//! Each poll is a frame of the polling thread. The state that outlives a poll (when the call began, what it allocated) is an
//! [`AsyncCall`], which lies in the future. Beginning and end of a call are counted in its row's
//! [`AsyncStats`](crate::async_stats::AsyncStats), duration and distribution where those of plain calls are.
//!
//! ```text
//!              begin()                 drop, still pending              begin()
//! AsyncCall ─────────────► PollFrame ─────────────────────► AsyncCall ─────────────► …
//!  not live    the first            │ drop after ready()       live
//!              one makes it live    └─────────────────────► not live: completed
//!                                     dropped() while live: cancelled
//! ```

use crate::{
    async_stats::{Outcome, Poll},
    blocking::{is_blocking, is_short},
    clock,
    frame::{Frame, Tag, TaggedFrame, Visit, on_row},
    memory::{AllocDelta, CallMemory},
    row::Row,
    site::Site,
};

/// A second record of async calls, beside rows and nodes: none (`()`), or [`HistoryEntry`](crate::history_entry::HistoryEntry).
///
/// All methods run on the thread that polls or drops the future.
pub trait Observer: Sized {
    /// `true` if polls of sampled sites may be counted without being timed.
    const SAMPLES_POLLS: bool;

    /// A poll began, in `epoch`.
    fn poll_begins(&mut self, site: &'static Site, epoch: u32);

    /// A poll was recorded. `ticks` is 0 if it was not timed; `allocated` are bytes and number of allocations.
    fn poll_ended(&mut self, ticks: u64, allocated: (u64, u64));

    /// The poll that ended did not return the value.
    fn suspended(&mut self);

    /// The call ended with its value, and is recorded.
    fn completed(&mut self, site: &'static Site, end: u64);

    /// The future was dropped. With `was_live`, that ended a call, which is recorded.
    fn dropped(&mut self, site: &'static Site, was_live: bool);

    /// Runs [`end_poll`]: compiled in this crate, once per observer, and not in every program.
    fn end_poll(call: &mut AsyncCall<Self>, site: &'static Site, frame: &TaggedFrame, is_ready: bool);
}

impl Observer for () {
    const SAMPLES_POLLS: bool = false;

    #[inline(always)]
    fn poll_begins(&mut self, _: &'static Site, _: u32) {}

    #[inline(always)]
    fn poll_ended(&mut self, _: u64, _: (u64, u64)) {}

    #[inline(always)]
    fn suspended(&mut self) {}

    #[inline(always)]
    fn completed(&mut self, _: &'static Site, _: u64) {}

    #[inline(always)]
    fn dropped(&mut self, _: &'static Site, _: bool) {}

    #[inline(never)]
    fn end_poll(call: &mut AsyncCall, site: &'static Site, frame: &TaggedFrame, is_ready: bool) {
        end_poll(call, site, frame, is_ready);
    }
}

/// Ends a poll, and with `is_ready` the call. Every rare case is a tail call, as in [`crate::call`].
#[inline(always)]
pub(crate) fn end_poll<O: Observer>(
    call: &mut AsyncCall<O>,
    site: &'static Site,
    frame: &TaggedFrame,
    is_ready: bool,
) {
    let Some((visit, tag)) = frame.filled().filter(|(_, tag)| !tag.is_uncommon()) else {
        return end_any(call, site, frame, is_ready, NOT_READ);
    };
    let end = clock::counter();
    if !call.progress.end_plain(visit, tag, end, is_ready) {
        return end_any(call, site, frame, is_ready, end);
    }
    call.observer.poll_ended(end - visit.start, (0, 0));
    if is_ready {
        call.observer.completed(site, end);
    } else {
        call.observer.suspended();
    }
}

/// The end of a poll before the clock is read.
const NOT_READ: u64 = 0;

/// Ends any poll.
#[inline(never)]
fn end_any<O: Observer>(
    call: &mut AsyncCall<O>,
    site: &'static Site,
    frame: &TaggedFrame,
    is_ready: bool,
    end: u64,
) {
    let AsyncCall { progress, observer } = call;
    let end = match frame.filled() {
        Some((frame, tag)) if O::SAMPLES_POLLS && !frame.is_timed() => {
            if let Some((target, alloc)) = frame.pop_untimed(tag) {
                progress.memory.add(alloc);
                target.row.count_poll(&target.lane.arena);
                observer.poll_ended(0, AllocDelta::sizes(alloc.as_ref()));
            }
            None
        }
        Some((frame, tag)) => {
            let end = if end == NOT_READ { clock::now() } else { end };
            frame.pop(tag, end).map(|visit| {
                progress.record_poll(&visit, is_ready);
                observer.poll_ended(visit.ticks, AllocDelta::sizes(visit.alloc.as_ref()));
                visit.end
            })
        }
        None => None,
    };
    if !is_ready {
        return observer.suspended();
    }
    let end = end.unwrap_or_else(|| {
        let now = clock::now();
        progress.end(site, now, Outcome::Completed);
        now
    });
    observer.completed(site, end);
}

/// One call of a measured future, from its first poll to its value or its cancellation.
#[derive(Debug, Default)]
pub struct AsyncCall<O = ()> {
    progress: Progress,
    pub(crate) observer: O,
}

/// The progress of a call. Default: not live.
#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    start: u64,
    /// The epoch of a live call; [`NOT_LIVE`] before its first recorded poll and after its end.
    epoch: u32,
    is_nested: bool,
    memory: CallMemory,
}

const NOT_LIVE: u32 = 0;

impl AsyncCall {
    /// A call of a future that has not been polled.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl<O: Observer> AsyncCall<O> {
    pub(crate) fn observed_by(observer: O) -> Self {
        Self { progress: Progress::default(), observer }
    }

    /// Prepares a poll, which begins with [`PollFrame::begin`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn poll<'a>(&'a mut self, site: &'static Site) -> PollFrame<'a, O> {
        PollFrame { frame: TaggedFrame::new(), site, call: self, is_ready: false }
    }

    /// Begins a poll: pushes its frame, unless nothing is recorded.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn begin_poll(&mut self, site: &'static Site, frame: &mut TaggedFrame) {
        frame.push(site, O::SAMPLES_POLLS);
        if let Some((frame, tag)) = frame.filled() {
            self.progress.poll_begins(site, frame, tag);
            self.observer.poll_begins(site, tag.epoch());
        }
    }

    /// Ends a poll, and with `is_ready` the call.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn end_poll(&mut self, site: &'static Site, frame: &TaggedFrame, is_ready: bool) {
        if frame.is_filled() || is_ready {
            O::end_poll(self, site, frame, is_ready);
        }
    }

    /// Ends the call as cancelled, if it is live: the future was dropped.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn dropped(&mut self, site: &'static Site) {
        let was_live = self.progress.is_live();
        if was_live {
            self.progress.end(site, clock::now(), Outcome::Cancelled);
        }
        self.observer.dropped(site, was_live);
    }
}

impl Progress {
    fn is_live(&self) -> bool {
        self.epoch != NOT_LIVE
    }

    /// The first recorded poll of a session begins the call. A call that a new session finds on its way counts from this poll on.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn poll_begins(&mut self, site: &'static Site, frame: &Frame, tag: Tag) {
        if self.epoch != tag.epoch() {
            self.begin(site, frame, tag.epoch(), tag.is_nested());
        }
    }

    fn begin(&mut self, site: &'static Site, frame: &Frame, epoch: u32, is_nested: bool) {
        let start = if frame.is_timed() { frame.start } else { clock::now() };
        *self = Self { start, epoch, is_nested, memory: CallMemory::new() };
        // SAFETY: null, or the lane of this thread.
        let Some(lane) = (unsafe { frame.lane.as_ref() }) else {
            return on_row(site, epoch, |lane, row| row.begin_async(start, is_nested, &lane.arena));
        };
        // SAFETY: a frame with a lane has a node with a row; neither is ever freed.
        let node = unsafe { &*frame.node };
        node.calls.add(1);
        // SAFETY: as above.
        unsafe { node.row() }.begin_async(start, is_nested, &lane.arena);
    }

    /// Ends the call outside a timed poll.
    #[cold]
    fn end(&mut self, site: &'static Site, end: u64, outcome: Outcome) {
        let Self { start, epoch, is_nested, memory } = std::mem::take(self);
        on_row(site, epoch, |lane, row| {
            if let Some(alloc) = memory.delta() {
                row.record_alloc(&alloc, is_nested, &lane.arena);
            }
            row.record(end, end.saturating_sub(start), is_nested, &lane.arena);
            row.end_async(end, is_nested, outcome, &lane.arena);
        });
    }

    /// Ends a common poll: not nested, short, without allocations, of a live call. Returns `false`, with nothing recorded, in a rare case.
    /// Calls nothing, so that no register is saved for it.
    #[inline(always)]
    fn end_plain(&mut self, frame: &Frame, tag: Tag, end: u64, is_ready: bool) -> bool {
        // SAFETY: a common frame has a lane, which is this thread's, a node with a row, and a parent; none is ever freed.
        let (lane, node, parent) = unsafe { (&*frame.lane, &*frame.node, &*frame.parent) };
        // SAFETY: as above.
        let row = unsafe { node.row() };
        let Some(async_stats) = row.known_async_stats() else { return false };
        let ticks = end.wrapping_sub(frame.start);
        let is_plain = tag.0 == lane.epoch.get() // not nested, without a weight
            && is_short(ticks) // nor did the counter go backwards
            && self.epoch == tag.0
            && !(is_ready && (self.is_nested || self.memory.delta().is_some()));
        if !is_plain || !lane.memory.leave_plain(frame.depth) {
            return false;
        }
        if is_ready {
            if !row.record_plain(end, end.saturating_sub(self.start)) {
                return false;
            }
            self.epoch = NOT_LIVE;
        }
        parent.charge(ticks, None); // first, as in `Frame::pop`
        lane.set_current(parent);
        node.own.add(ticks);
        let poll = Poll { start: frame.start, ticks, is_nested: false, is_blocking: false };
        async_stats.poll(poll, is_ready.then_some((end, false)));
        row.since.set_last(Row::IDLE);
        true
    }

    /// Records a timed poll, and with `is_ready` the end of the call.
    fn record_poll(&mut self, visit: &Visit<'_>, is_ready: bool) {
        let Visit { target, end, ticks, is_nested, alloc, .. } = *visit;
        self.memory.add(alloc);
        let arena = &target.lane.arena;
        visit.add_time();
        let poll = Poll { start: end.wrapping_sub(ticks), ticks, is_nested, is_blocking: is_blocking(ticks) };
        // `poll_begins` made the call one of the poll's epoch.
        if !is_ready || !self.is_live() {
            return target.row.record_poll(poll, None, arena);
        }
        let Self { start, is_nested, memory, .. } = std::mem::take(self);
        if let Some(alloc) = memory.delta() {
            target.row.record_alloc(&alloc, is_nested, arena);
        }
        target.row.record(end, end.saturating_sub(start), is_nested, arena);
        target.row.record_poll(poll, Some((end, is_nested)), arena);
    }
}

/// One poll; recorded when dropped. Stays on its thread.
#[must_use = "the poll is measured until this is dropped"]
pub struct PollFrame<'a, O: Observer = ()> {
    frame: TaggedFrame,
    site: &'static Site,
    call: &'a mut AsyncCall<O>,
    is_ready: bool,
}

impl<O: Observer> PollFrame<'_, O> {
    /// Begins the poll, once.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn begin(&mut self) {
        self.call.begin_poll(self.site, &mut self.frame);
    }

    /// Marks the poll as the last: it returned the value.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub fn ready(&mut self) {
        self.is_ready = true;
    }

    /// Ends the last poll, then keeps the text that `write` writes as the call's value. `write` does not run if the call was not
    /// recorded.
    pub fn end_with_text(mut self, write: impl FnOnce(&mut String)) {
        self.is_ready = true;
        let filled = self.frame.filled().map(|(frame, tag)| (*frame, tag));
        drop(self);
        if let Some((frame, tag)) = filled {
            frame.note(tag, write);
        }
    }
}

impl<O: Observer> Drop for PollFrame<'_, O> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        self.call.end_poll(self.site, &self.frame, self.is_ready);
    }
}
