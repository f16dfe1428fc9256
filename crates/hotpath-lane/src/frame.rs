//! Frames: one visit of a thread to a site each, which is a whole call of a function, or one poll of a future.
//!
//! Frames nest like the stack that they live on. No frame outlives the poll that pushed it.

use std::{mem::MaybeUninit, ptr::null};

use crate::{
    clock,
    estimates::EVERY,
    gate, inside,
    lane::Lane,
    memory::{AllocDelta, Depth},
    node::{Found, Node, Tree},
    primitive::Ordering,
    row::Row,
    site::{Site, State},
    thread,
};

/// One visit.
///
/// Filled in place by [`push`] and never moved: a copy right after the writes would stall the processor for longer than everything else
/// takes. The [`Tag`] that `push` returns says whether it is filled.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    /// Null if the thread is past its end: then the node is one of the shared lane.
    pub(crate) lane: *const Lane,
    pub(crate) node: *const Node,
    pub(crate) parent: *const Node,
    /// [`Frame::UNTIMED`] if the visit is only counted.
    pub(crate) start: u64,
    /// The visits that this one stands for, if its tag says that it has a weight.
    pub(crate) weight: u32,
    /// Finds the frame's mark, for its allocations.
    pub(crate) depth: Depth,
}

pub(crate) type FrameSlot = MaybeUninit<Frame>;

/// The epoch and the flags of a frame in one word (see [`gate::STEP`]).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag(pub(crate) u32);

impl Tag {
    /// The tag of an empty frame: nothing is recorded.
    pub(crate) const NOTHING: Self = Self(0);
    /// Flag: the visit is inside another one of its site on this thread.
    const NESTED: u32 = 1;
    /// Flag: the visit ends on the slow path. It is untimed, its clock is not the counter, or its thread is past its end.
    const SPECIAL: u32 = 2;
    /// Flag: the visit is a call that is only counted, which has happened already.
    const COUNTED: u32 = 4;
    /// Flag: the visit stands for more than itself, or its node is sampled (see [`Frame::weight`]).
    const WEIGHTED: u32 = 8;

    pub(crate) fn epoch(self) -> u32 {
        self.0 & !(gate::STEP - 1)
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_nested(self) -> bool {
        self.0 & Self::NESTED != 0
    }

    /// Returns `true` if the visit is not one whose clock is the counter.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_uncommon(self) -> bool {
        self.0 & (Self::SPECIAL | Self::COUNTED) != 0
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_counted(self) -> bool {
        self.0 & Self::COUNTED != 0
    }

    fn is_weighted(self) -> bool {
        self.0 & Self::WEIGHTED != 0
    }

    fn or(self, flag: u32) -> Self {
        Self(self.0 | flag)
    }
}

/// The lane, node and row in which a visit is recorded.
#[derive(Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) lane: &'a Lane,
    pub(crate) node: &'a Node,
    pub(crate) row: &'a Row,
}

/// Pushes the frame of a call of `site`. The gate is open. `lane` comes from [`thread::fast_lane`], which the caller runs: in the final
/// program that is one instruction, in this crate it is a call.
#[inline(never)] // inlined it would save a nanosecond, and double the code of a measured function and the time to compile it
pub(crate) fn push(lane: *const Lane, site: &'static Site, frame: &mut FrameSlot, epoch: u32) -> Tag {
    push_or::<CALL>(lane, site, frame, epoch)
}

/// Pushes the frame of a poll that is timed even if the site is sampled.
#[inline(never)]
pub(crate) fn push_timed_poll(
    lane: *const Lane,
    site: &'static Site,
    frame: &mut FrameSlot,
    epoch: u32,
) -> Tag {
    push_or::<TIMED_POLL>(lane, site, frame, epoch)
}

/// Pushes the frame of a poll; at sampled sites only some are timed.
#[inline(never)]
pub(crate) fn push_poll(lane: *const Lane, site: &'static Site, frame: &mut FrameSlot, epoch: u32) -> Tag {
    push_or::<POLL>(lane, site, frame, epoch)
}

/// The kinds of visits that are recorded differently on the slow path.
const CALL: u8 = 0;
const TIMED_POLL: u8 = 1;
const POLL: u8 = 2;

#[cfg_attr(not(debug_assertions), inline(always))]
fn push_or<const KIND: u8>(lane: *const Lane, site: &'static Site, frame: &mut FrameSlot, epoch: u32) -> Tag {
    // SAFETY: null or this thread's own lane, leaked.
    let Some(lane) = (unsafe { lane.as_ref() }) else { return push_slow::<KIND>(site, frame) };
    if lane.epoch.get() != epoch {
        return push_slow::<KIND>(site, frame);
    }
    // SAFETY: a lane in use has a current node; nodes are never freed.
    let parent = unsafe { &*lane.current.load(Ordering::Relaxed) };
    // SAFETY: never null in a lane in use; nodes are never freed.
    let node = unsafe { &*parent.callee.get() };
    let (found, state) = (node.found.get(), site.state());
    // Only recorded states are ever remembered, and none is left to be counted, so this one comparison covers every filter.
    if found != Found::timed(state.0) {
        if KIND == CALL && found.is_of(state.0) {
            return match found.count() {
                Some(next) => begin_counted(lane, node, parent, next, epoch, frame),
                None => push_timed(lane, site, frame, epoch),
            };
        }
        if state.is_ignored() {
            return Tag::NOTHING;
        }
        return push_recent::<KIND>(lane, site, frame, epoch);
    }
    // SAFETY: a node that is found is not the root, so it has a row; rows are never freed.
    let row = unsafe { node.row() };
    begin(Target { lane, node, row }, parent, epoch, clock::counter, frame)
}

#[cfg_attr(not(debug_assertions), inline(always))]
fn begin(
    target: Target<'_>,
    parent: &Node,
    epoch: u32,
    now: impl FnOnce() -> u64,
    frame: &mut FrameSlot,
) -> Tag {
    let Target { lane, node, row } = target;
    lane.set_current(node); // first: what a signal handler allocates in between is then the node's
    let depth = lane.memory.enter();
    let is_nested = row.since.own() != Row::IDLE;
    let start = now(); // last: the time before belongs to the caller
    frame.write(Frame { lane, node, parent, start, weight: 1, depth });
    if is_nested {
        lane.nested.set(lane.nested.get().wrapping_add(1));
        return Tag(epoch | Tag::NESTED);
    }
    row.since.set(start);
    Tag(epoch)
}

/// Pushes the frame of a call of a sampled site that is timed, at the node that was called last.
#[inline(never)]
fn push_timed(lane: &'static Lane, site: &'static Site, frame: &mut FrameSlot, epoch: u32) -> Tag {
    // SAFETY: a lane in use has a current node; nodes are never freed.
    let parent = unsafe { &*lane.current.load(Ordering::Relaxed) };
    // SAFETY: never null in a lane in use; nodes are never freed.
    let node = unsafe { &*parent.callee.get() };
    let state = site.state();
    if node.site() != state.id() {
        return push_slow::<CALL>(site, frame); // a signal handler has called something meanwhile
    }
    // SAFETY: a node of a site is not the root, so it has a row; rows are never freed.
    let row = unsafe { node.row() };
    begin_sampled(Target { lane, node, row }, parent, site, state, epoch, frame)
}

/// Pushes the frame of a call from a caller that called another function last, but this one not long ago. Everything else is slow.
#[inline(never)]
fn push_recent<const KIND: u8>(
    lane: &'static Lane,
    site: &'static Site,
    frame: &mut FrameSlot,
    epoch: u32,
) -> Tag {
    let state = site.state();
    // SAFETY: a lane in use has a current node; nodes are never freed.
    let parent = unsafe { &*lane.current.load(Ordering::Relaxed) };
    let Some(node) = lane.tree.recall(parent, state.id(), state.0) else {
        return push_slow::<KIND>(site, frame);
    };
    let found = node.found.get();
    if found == Found::timed(state.0) {
        parent.callee.set(node);
        // SAFETY: a node that is found is not the root, so it has a row; rows are never freed.
        let row = unsafe { node.row() };
        return begin(Target { lane, node, row }, parent, epoch, clock::counter, frame);
    }
    if KIND == CALL
        && let Some(next) = found.count()
    {
        parent.callee.set(node);
        return begin_counted(lane, node, parent, next, epoch, frame);
    }
    push_slow::<KIND>(site, frame)
}

/// Counts a call, and makes its node the current one without reading the clock.
#[inline(always)]
fn begin_counted(
    lane: &Lane,
    node: &Node,
    parent: &Node,
    next: Found,
    epoch: u32,
    frame: &mut FrameSlot,
) -> Tag {
    node.found.set(next);
    node.calls.add(1);
    lane.set_current(node);
    let depth = lane.memory.enter();
    frame.write(Frame { lane, node, parent, start: Frame::UNTIMED, weight: 0, depth });
    Tag(epoch).or(Tag::COUNTED)
}

/// First hits, new callers, filtered sites, sampled calls that are timed, threads past their end, clocks without a counter.
#[cold]
#[inline(never)]
fn push_slow<const KIND: u8>(site: &'static Site, frame: &mut FrameSlot) -> Tag {
    if inside::is() {
        count_only(site);
        return Tag::NOTHING;
    }
    let Some((state, epoch)) = recorded(site) else { return Tag::NOTHING };
    let Some(lane) = thread::attach() else { return push_late(state, epoch, frame) };
    let _inside = inside::enter();
    let Some(target) = locate(lane, state, epoch) else { return Tag::NOTHING };
    // SAFETY: a lane in use has a current node; nodes are never freed.
    let parent = unsafe { &*lane.current.load(Ordering::Relaxed) };
    if KIND == CALL && (!state.times_all() || lane.tree.known_estimates(target.node).is_some()) {
        return begin_sampled(target, parent, site, state, epoch, frame);
    }
    if KIND == POLL && state.is_sampled() && !site.is_drawn(lane.draw()) {
        lane.set_current(target.node);
        let depth = lane.memory.enter();
        frame.write(Frame { lane, node: target.node, parent, start: Frame::UNTIMED, weight: 0, depth });
        return Tag(epoch | Tag::SPECIAL);
    }
    if KIND != POLL || state.times_all() {
        target.node.found.set(Found::timed(state.0));
        parent.callee.set(target.node);
    }
    begin_timed(target, parent, epoch, frame)
}

fn begin_timed(target: Target<'_>, parent: &Node, epoch: u32, frame: &mut FrameSlot) -> Tag {
    let tag = begin(target, parent, epoch, clock::now, frame);
    if clock::counter_trusted() { tag } else { tag.or(Tag::SPECIAL) }
}

/// Begins a call at a node of which not every call is timed: counts it, or times it with a weight.
fn begin_sampled(
    target: Target<'_>,
    parent: &Node,
    site: &'static Site,
    state: State,
    epoch: u32,
    frame: &mut FrameSlot,
) -> Tag {
    let Target { lane, node, .. } = target;
    let Some(estimates) = lane.tree.estimates(node, &lane.arena) else {
        return begin_timed(target, parent, epoch, frame); // without memory, every call is timed
    };
    let mut found = node.found.get();
    if !found.is_of(state.0) {
        estimates.restart(match () {
            () if state.is_sampled() => Some(site.stride().unwrap_or(EVERY)),
            () if state.times_all() => Some(EVERY),
            () => None,
        });
        found = Found::sampled(state.0, 1);
    }
    parent.callee.set(node);
    if found.count().is_none() && state.is_sampled() && site.stride().is_none() {
        found = Found::sampled(state.0, u32::MAX); // no call is ever timed
    }
    if let Some(next) = found.count() {
        return begin_counted(lane, node, parent, next, epoch, frame);
    }
    let (weight, left) = estimates.begin(lane.draw());
    node.found.set(Found::sampled(state.0, left));
    let tag = begin_timed(target, parent, epoch, frame);
    // SAFETY: `begin` has filled the frame.
    unsafe { frame.assume_init_mut() }.weight = weight;
    tag.or(Tag::WEIGHTED)
}

/// Counts a call that found its thread inside, if that takes no lock and no memory.
fn count_only(site: &'static Site) {
    let (epoch, state) = (gate::epoch(), site.state());
    if epoch == 0 || (state.id() != 0 && !state.is_recorded()) {
        return;
    }
    let lane = thread::known_lane().filter(|lane| lane.epoch.get() == epoch);
    match lane.and_then(|lane| lane.known_row(state.id())) {
        Some(row) => row.count_interrupting(),
        None => site.add_laneless_call(epoch),
    }
}

/// Pushes the frame of a call in the last destructors of a thread, after it gave its lane back.
fn push_late(state: State, epoch: u32, frame: &mut FrameSlot) -> Tag {
    let Some(lane) = thread::shared() else { return Tag::NOTHING };
    let _inside = inside::enter();
    let Some(target) = locate(&lane, state, epoch) else { return Tag::NOTHING };
    frame.write(Frame {
        lane: null(),
        node: target.node,
        parent: null(),
        start: clock::now(),
        weight: 1,
        depth: Depth::OUTERMOST,
    });
    Tag(epoch | Tag::SPECIAL)
}

/// Returns the state of `site` and the epoch, if calls of the site are recorded now.
pub(crate) fn recorded(site: &'static Site) -> Option<(State, u32)> {
    let epoch = gate::epoch_acquire();
    let state = site.settled_state();
    (epoch != 0 && state.is_recorded()).then_some((state, epoch))
}

/// By the lane's owner. Returns the site's node below the current one, and its row; `None` only without memory.
fn locate(lane: &'static Lane, state: State, epoch: u32) -> Option<Target<'static>> {
    lane.turn_to(epoch);
    let row = lane.row(state)?;
    // SAFETY: a lane in use has a current node; nodes are never freed.
    let parent = unsafe { &*lane.current.load(Ordering::Relaxed) };
    Some(Target { lane, node: lane.tree.child(parent, state.id(), row, &lane.arena)?, row })
}

/// Runs `record` on the row of `site` on this thread's lane, or on the shared lane at the thread's end, if `epoch` is still the newest.
pub(crate) fn on_row(site: &'static Site, epoch: u32, record: impl FnOnce(&Lane, &Row)) {
    if epoch == 0 || gate::last() != epoch {
        return;
    }
    if inside::is() {
        return inside::miss();
    }
    let row_of = |lane: &'static Lane| {
        let _inside = inside::enter(); // not during `record`, which enters by itself
        lane.turn_to(epoch);
        lane.row(site.state())
    };
    if let Some(lane) = thread::attach() {
        let row = row_of(lane);
        if let Some(row) = row {
            record(lane, row);
        }
    } else if let Some(lane) = thread::shared() {
        let row = row_of(&lane);
        if let Some(row) = row {
            record(&lane, row);
        }
    }
}

/// The measurements of a popped frame, in ticks.
#[derive(Clone, Copy)]
pub(crate) struct Visit<'a> {
    pub(crate) target: Target<'a>,
    pub(crate) end: u64,
    pub(crate) ticks: u64,
    /// The visits that this one stands for; `None` if its node is not sampled.
    weight: Option<u32>,
    /// It was called from its own node, or from one below: recursion, whether or not the call around it was timed.
    is_recursive: bool,
    pub(crate) is_nested: bool,
    /// Its allocations, if there were any.
    pub(crate) alloc: Option<AllocDelta>,
}

impl Frame {
    /// The start of a visit that is only counted.
    const UNTIMED: u64 = 0;

    #[inline(always)]
    pub(crate) fn is_timed(&self) -> bool {
        self.start != Self::UNTIMED
    }

    /// Returns `true` if the frame was pushed after its thread gave its lane back.
    #[inline(always)]
    pub(crate) fn is_late(&self) -> bool {
        self.lane.is_null()
    }

    /// Pops the frame. Returns `None` if there is nothing to record on this lane: the frame was untimed, or began in an epoch that is
    /// over.
    pub(crate) fn pop(&self, tag: Tag, end: u64) -> Option<Visit<'_>> {
        // SAFETY: null, or the lane of this frame, which is popped on that lane's thread.
        let lane = unsafe { self.lane.as_ref() }?;
        let is_recorded = tag.epoch() == lane.epoch.get();
        // The counters of two cores may differ by a few ticks; time never goes backwards.
        let ticks = if self.is_timed() { end.saturating_sub(self.start) } else { 0 };
        let weight = tag.is_weighted().then_some(self.weight);
        if is_recorded {
            // Before the parent becomes the current node again: a signal handler then changes the node's own time, and not the parent's.
            // SAFETY: a frame with a lane has a parent, which is a node or the root; nodes are never freed.
            unsafe { &*self.parent }.charge(ticks, weight);
        }
        self.take_off(lane, tag);
        let alloc = lane.memory.leave(self.depth);
        if !is_recorded {
            return None;
        }
        // SAFETY: a frame with a lane has a node with a row; neither is ever freed.
        let node = unsafe { &*self.node };
        // SAFETY: as above.
        let row = unsafe { node.row() };
        if !self.is_timed() {
            if let Some(alloc) = alloc {
                row.record_alloc_untimed(&alloc, &lane.arena);
            }
            return None;
        }
        let target = Target { lane, node, row };
        let is_recursive = node.parent().is_some_and(|parent| !std::ptr::eq(parent, self.parent));
        Some(Visit { target, end, ticks, weight, is_recursive, is_nested: tag.is_nested(), alloc })
    }

    /// Removes the frame from the lane's stack.
    fn take_off(&self, lane: &Lane, tag: Tag) {
        lane.set_current(self.parent);
        if tag.is_nested() {
            lane.nested.set(lane.nested.get().saturating_sub(1));
        }
    }

    /// Pops the frame of an untimed poll, and returns its allocations. `None` if it began in an epoch that is over.
    pub(crate) fn pop_untimed(&self, tag: Tag) -> Option<(Target<'_>, Option<AllocDelta>)> {
        // SAFETY: as in `pop`.
        let lane = unsafe { self.lane.as_ref() }?;
        self.take_off(lane, tag);
        let alloc = lane.memory.leave(self.depth);
        if tag.epoch() != lane.epoch.get() {
            return None;
        }
        // SAFETY: as in `pop`.
        let node = unsafe { &*self.node };
        // SAFETY: as in `pop`.
        let row = unsafe { node.row() };
        Some((Target { lane, node, row }, alloc))
    }

    /// Records a call that began after the thread gave its lane back: on the shared lane, without callers and callees.
    pub(crate) fn record_late(&self, tag: Tag) {
        // SAFETY: null, or a node of the shared lane, never freed.
        let Some(node) = (unsafe { self.node.as_ref() }) else { return };
        let Some(lane) = thread::shared() else { return };
        if lane.epoch.get() == tag.epoch() {
            let end = clock::now();
            let ticks = end.saturating_sub(self.start);
            // SAFETY: such a node has a row; rows are never freed.
            let row = unsafe { node.row() };
            let target = Target { lane: &lane, node, row };
            Visit { target, end, ticks, weight: None, is_recursive: false, is_nested: false, alloc: None }
                .record_call();
        }
    }

    /// After the pop: keeps the text that `write` writes as the value of the call that just ended.
    pub(crate) fn note(&self, tag: Tag, write: impl FnOnce(&mut String)) {
        // SAFETY: null or this thread's lane, leaked.
        let Some(lane) = (unsafe { self.lane.as_ref() }) else { return };
        if lane.epoch.get() == tag.epoch() {
            // SAFETY: a frame with a lane has a node with a row; neither is ever freed.
            unsafe { (*self.node).row() }.note(write, &lane.arena);
        }
    }
}

impl Visit<'_> {
    /// Counts a call without its time: its thread went inside since it began, and the work there must not be disturbed.
    pub(crate) fn count_only(&self) {
        self.target.node.calls.add(1);
        self.add_time();
        self.target.row.count_interrupting();
        if !self.is_nested {
            self.target.row.since.set_last(Row::IDLE); // as `Row::end`
        }
    }

    /// Records a call. Inside only.
    pub(crate) fn record_call(&self) {
        let Target { lane, node, row } = self.target;
        if let Some(weight) = self.weight
            && let Some(estimates) = lane.tree.known_estimates(node)
        {
            if self.is_recursive && !self.is_nested {
                row.count_nested(&lane.arena);
            }
            estimates.end(self.ticks, weight); // before the call is counted: no reader finds it untimed
            lane.spending.steer(estimates, self.end, weight, node.calls.own());
        }
        node.calls.set_last(node.calls.own() + 1); // pairs with the Acquire in `LaneNode::read`
        self.add_time();
        if self.is_nested && self.interrupts() {
            row.count_interrupting();
            return;
        }
        if let Some(alloc) = &self.alloc {
            row.record_alloc(alloc, self.is_nested, &lane.arena);
        }
        row.end(self.end, self.ticks, self.is_nested, &lane.arena);
    }
}

impl Visit<'_> {
    /// Adds the time of the visit to its node. Its parent was charged with the same time.
    pub(crate) fn add_time(&self) {
        let weight = u64::from(self.weight.unwrap_or(1));
        self.target.node.own.add(self.ticks.wrapping_mul(weight));
    }

    /// Returns `true` if this nested call is one of a signal handler that interrupted the recording of another call of the site: by its
    /// row that call is still running, by the tree it has ended.
    ///
    /// The tree alone does not suffice: where two functions call each other, it returns to the first, and the second seems to have ended.
    /// But then a frame of the first is nested. Where that frame may be one that is only counted, it is not known.
    fn interrupts(&self) -> bool {
        if self.target.lane.nested.get() != 0 || self.target.lane.tree.has_estimates() {
            return false;
        }
        // SAFETY: the popped frame made its caller current, which is a node or the root; nodes are never freed.
        let parent = unsafe { &*self.target.lane.current.load(Ordering::Relaxed) };
        !Tree::is_inside(parent, self.target.node.site())
    }
}

/// A frame and its tag: filled exactly while the tag is not [`Tag::NOTHING`].
pub struct TaggedFrame {
    tag: Tag,
    frame: FrameSlot,
}

impl TaggedFrame {
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn new() -> Self {
        Self { tag: Tag::NOTHING, frame: MaybeUninit::uninit() }
    }

    /// Pushes the frame of a poll of `site`, which `may_be_untimed` if the site is sampled.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn push(&mut self, site: &'static Site, may_be_untimed: bool) {
        let epoch = gate::epoch();
        if epoch != 0 {
            let push = if may_be_untimed { push_poll } else { push_timed_poll };
            self.tag = push(thread::fast_lane(), site, &mut self.frame, epoch);
        }
    }

    /// Empties the slot.
    pub(crate) fn clear(&mut self) {
        self.tag = Tag::NOTHING;
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn is_filled(&self) -> bool {
        self.tag != Tag::NOTHING
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn filled(&self) -> Option<(&Frame, Tag)> {
        // SAFETY: `push` fills the frame whenever it returns another tag.
        self.is_filled().then(|| (unsafe { self.frame.assume_init_ref() }, self.tag))
    }

    /// Returns `true` if there is a frame, pushed on the lane of this thread.
    pub(crate) fn is_mine(&self) -> bool {
        self.filled().is_some_and(|(frame, _)| !frame.is_late() && thread::is_mine(frame.lane))
    }
}
