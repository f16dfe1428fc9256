//! Entering and leaving measured places: what every measured call runs.
//!
//! A [`Frame`] is one visit of this thread to a site: a whole call of a plain function, or one poll of a future. Frames nest
//! like the stack they live on. No frame outlives the poll that pushed it; what does live longer (a future's start, its
//! outcome) is an [`AsyncCall`].

use std::{
    cell::Cell,
    marker::PhantomData,
    mem::MaybeUninit,
    ptr::null,
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering},
};

use crate::{
    clock, gate,
    lane::Lane,
    node::Node,
    row::{Row, suspended as cell},
    site::{self, Site, State},
    thread,
};

/// One visit.
///
/// Filled in place by [`push`], never moved: copying it right after it was written would stall the processor for longer than
/// all the rest takes. Whether it is filled at all, and what it is, says the [`Tag`] that `push` returns.
#[derive(Clone, Copy)]
struct Frame {
    /// Null when the thread is past its end; then the node is one of the shared lane.
    lane: *const Lane,
    node: *const Node,
    parent: *const Node,
    /// 0: only counted.
    start: u64,
    /// The lane's sum of callees' time when this frame began.
    callees: u64,
}

type FramePlace = MaybeUninit<Frame>;

/// A frame's epoch and flags in one word (epochs are [`gate::STEP`] apart).
#[derive(Clone, Copy, PartialEq, Eq)]
struct Tag(u32);

impl Tag {
    /// Nothing is recorded, and the frame is not filled.
    const NOTHING: Self = Self(0);
    /// The site is active further out on this thread.
    const NESTED: u32 = 1;
    /// Not for the fast way out: only counted, a clock that is not the counter, or a thread past its end.
    const SPECIAL: u32 = 2;

    fn epoch(self) -> u32 {
        self.0 & !(gate::STEP - 1)
    }

    #[inline(always)]
    fn is_nested(self) -> bool {
        self.0 & Self::NESTED != 0
    }

    #[inline(always)]
    fn is_special(self) -> bool {
        self.0 & Self::SPECIAL != 0
    }
}

/// Where a call of a site from the current node belongs.
#[derive(Clone, Copy)]
struct Place<'a> {
    lane: &'a Lane,
    node: &'a Node,
    row: &'a Row,
}

/// Pushes a frame for `site`, the gate being open. `lane` is what [`thread::fast_lane`] gave: the caller reads it, because
/// within the final program that is one instruction and within this crate it is a call.
#[inline(never)]
fn push(lane: *const Lane, site: &'static Site, frame: &mut FramePlace, epoch: u32) -> Tag {
    push_or(lane, site, frame, epoch, push_slowly::<true>)
}

/// The same for a part of a longer call: timed always, also at sites that are sampled.
#[inline(never)]
fn push_part(lane: *const Lane, site: &'static Site, frame: &mut FramePlace, epoch: u32) -> Tag {
    push_or(lane, site, frame, epoch, push_slowly::<false>)
}

#[inline(always)]
fn push_or(
    lane: *const Lane,
    site: &'static Site,
    frame: &mut FramePlace,
    epoch: u32,
    push_slowly: fn(&'static Site, &mut FramePlace) -> Tag,
) -> Tag {
    // SAFETY: null or this thread's own lane, leaked.
    let Some(lane) = (unsafe { lane.as_ref() }) else { return push_slowly(site, frame) };
    if lane.epoch.get() != epoch {
        return push_slowly(site, frame);
    }
    // SAFETY: a lane in use has a current node; nodes are never freed.
    let parent = unsafe { &*lane.current.load(Ordering::Relaxed) };
    // Only recorded, unsampled states are ever remembered, so this one comparison covers every filter.
    if parent.called.get() != site.state().0 {
        return push_slowly(site, frame);
    }
    // SAFETY: set together with `called`; nodes are never freed.
    let node = unsafe { &*parent.callee.get() };
    // SAFETY: a remembered node has a row; rows are never freed.
    let row = unsafe { &*node.row };
    begin(Place { lane, node, row }, parent, epoch, clock::counter, frame)
}

#[inline(always)]
fn begin(
    place: Place<'_>,
    parent: &Node,
    epoch: u32,
    now: impl FnOnce() -> u64,
    frame: &mut FramePlace,
) -> Tag {
    let Place { lane, node, row } = place;
    let callees = lane.callees.get();
    lane.set_current(node);
    let is_nested = row.since.get() != 0;
    let start = now(); // last: the work above belongs to the caller
    frame.write(Frame { lane, node, parent, start, callees });
    if is_nested {
        return Tag(epoch | Tag::NESTED);
    }
    row.since.set(start);
    Tag(epoch)
}

/// First hits, calls from a new place, filtered and sampled sites, threads past their end, no trusted counter.
#[cold]
#[inline(never)]
fn push_slowly<const MAY_SAMPLE: bool>(site: &'static Site, frame: &mut FramePlace) -> Tag {
    let Some((state, epoch)) = recorded(site) else { return Tag::NOTHING };
    let Some(lane) = thread::attach() else { return push_late(state, epoch, frame) };
    let Some(place) = locate(lane, state, epoch) else { return Tag::NOTHING };
    // SAFETY: a lane in use has a current node; nodes are never freed.
    let parent = unsafe { &*lane.current.load(Ordering::Relaxed) };
    if MAY_SAMPLE && state.is_sampled() && !site::is_drawn(lane.draw()) {
        place.row.untimed.add(1);
        place.node.calls.add(1);
        lane.set_current(place.node);
        frame.write(Frame { lane, node: place.node, parent, start: 0, callees: 0 });
        return Tag(epoch | Tag::SPECIAL);
    }
    if !state.is_sampled() {
        parent.callee.set(place.node);
        parent.called.set(state.0);
    }
    let tag = begin(place, parent, epoch, clock::now, frame);
    if clock::counter_trusted() { tag } else { Tag(tag.0 | Tag::SPECIAL) }
}

/// A thread that gave its lane back is running its last destructors.
fn push_late(state: State, epoch: u32, frame: &mut FramePlace) -> Tag {
    let Some(lane) = thread::shared() else { return Tag::NOTHING };
    let Some(place) = locate(&lane, state, epoch) else { return Tag::NOTHING };
    frame.write(Frame { lane: null(), node: place.node, parent: null(), start: clock::now(), callees: 0 });
    Tag(epoch | Tag::SPECIAL)
}

/// The state of a site that is to be recorded, and the epoch.
fn recorded(site: &'static Site) -> Option<(State, u32)> {
    let epoch = gate::epoch_acquire();
    let mut state = site.state();
    if state.0 == 0 {
        state = site.settled();
    }
    (epoch != 0 && state.is_recorded()).then_some((state, epoch))
}

/// By the lane's owner. The site's node below the current one, and its row. `None` only without memory.
fn locate(lane: &'static Lane, state: State, epoch: u32) -> Option<Place<'static>> {
    if lane.epoch.get() != epoch {
        lane.turn_to(epoch);
    }
    let row = lane.row(state)?;
    // SAFETY: a lane in use has a current node; nodes are never freed.
    let parent = unsafe { &*lane.current.load(Ordering::Relaxed) };
    Some(Place { lane, node: lane.tree.child(parent, state.id(), row, &lane.arena)?, row })
}

/// Runs `record` on this thread's lane, or on the shared one at the thread's end, if `epoch` is still the newest.
fn on_row(site: &'static Site, epoch: u32, record: impl FnOnce(&Lane, &Row)) {
    if epoch == 0 || gate::last() != epoch {
        return;
    }
    let write = |lane: &'static Lane| {
        if lane.epoch.get() != epoch {
            lane.turn_to(epoch);
        }
        if let Some(row) = lane.row(site.state()) {
            record(lane, row);
        }
    };
    if let Some(lane) = thread::attach() {
        write(lane);
    } else if let Some(lane) = thread::shared() {
        write(&lane);
    }
}

/// What a popped frame measured, in ticks.
#[derive(Clone, Copy)]
struct Visit<'a> {
    place: Place<'a>,
    end: u64,
    ticks: u64,
    own: u64,
    is_nested: bool,
}

impl Frame {
    /// Pops the frame. `None` when there is nothing to record on this lane: the frame was only there to be counted, or was
    /// begun before a reset, and the lane counts something else now.
    fn pop(&self, tag: Tag, end: u64) -> Option<Visit<'_>> {
        // SAFETY: null, or the lane this frame was pushed on; whoever pops a frame is on that lane's thread.
        let lane = unsafe { self.lane.as_ref() }?;
        lane.set_current(self.parent);
        if self.start == 0 || tag.epoch() != lane.epoch.get() {
            return None;
        }
        // Between two cores a counter may seem to go backwards by a few ticks; time does not.
        let ticks = end.saturating_sub(self.start);
        let own = ticks.saturating_sub(lane.callees.get().wrapping_sub(self.callees));
        lane.callees.set(self.callees.wrapping_add(ticks));
        // SAFETY: a frame with a lane has a node with a row; neither is ever freed.
        let node = unsafe { &*self.node };
        // SAFETY: as above.
        let row = unsafe { &*node.row };
        if !tag.is_nested() {
            row.since.set(0);
        }
        Some(Visit { place: Place { lane, node, row }, end, ticks, own, is_nested: tag.is_nested() })
    }

    /// Records a call made after the thread gave its lane back: on the shared lane, without callers and callees.
    fn record_late(&self, tag: Tag) {
        // SAFETY: null, or a node of the shared lane, never freed.
        let Some(node) = (unsafe { self.node.as_ref() }) else { return };
        let Some(lane) = thread::shared() else { return };
        if lane.epoch.get() == tag.epoch() {
            let end = clock::now();
            let ticks = end.saturating_sub(self.start);
            // SAFETY: such a node has a row; rows are never freed.
            let row = unsafe { &*node.row };
            let place = Place { lane: &lane, node, row };
            Visit { place, end, ticks, own: ticks, is_nested: false }.record_call();
        }
    }

    fn note(&self, tag: Tag, text: impl FnOnce() -> Box<str>) {
        // SAFETY: null or this thread's lane, leaked.
        let Some(lane) = (unsafe { self.lane.as_ref() }) else { return };
        if self.start != 0 && lane.epoch.get() == tag.epoch() {
            // SAFETY: a timed frame with a lane has a node with a row; neither is ever freed.
            unsafe { &*(*self.node).row }.note(text(), &lane.arena);
        }
    }
}

impl Visit<'_> {
    fn record_call(&self) {
        let Place { lane, node, row } = self.place;
        node.calls.add(1);
        node.own.add(self.own);
        row.record(self.end, self.ticks, self.is_nested, &lane.arena);
    }

    /// A part of a longer call.
    fn record_part(&self) {
        let Place { lane, node, row } = self.place;
        node.own.add(self.own);
        row.suspend(&lane.arena, |cells| {
            if !self.is_nested {
                cells[cell::BUSY] += self.ticks;
            }
            cells[cell::POLLS] += 1;
            cells[cell::LONGEST] = cells[cell::LONGEST].max(self.ticks);
        });
    }
}

/// Where a [`Call`] keeps what it must remember: a place on the caller's stack, empty until then.
pub struct CallPlace(FramePlace);

impl CallPlace {
    /// An empty place.
    #[inline(always)]
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only ever written by macros")]
    pub fn new() -> Self {
        Self(MaybeUninit::uninit())
    }
}

/// A measured call; recorded when dropped. Stays on its thread.
#[must_use = "the call is measured until this is dropped"]
pub struct Call<'a> {
    /// Filled unless the tag says that nothing is recorded.
    frame: &'a FramePlace,
    tag: Tag,
    _here: PhantomData<*const ()>,
}

/// Begins a call of `site`. Costs next to nothing while no session is open.
///
/// ```
/// static SITE: hotpath_lane::Site = hotpath_lane::Site::new("app::load", file!(), line!(), column!(), 0);
/// let mut place = hotpath_lane::CallPlace::new();
/// let call = hotpath_lane::enter(&SITE, &mut place);
/// drop(call);
/// ```
#[inline(always)]
pub fn enter<'a>(site: &'static Site, place: &'a mut CallPlace) -> Call<'a> {
    let epoch = gate::epoch();
    let tag = if epoch == 0 { Tag::NOTHING } else { push(thread::fast_lane(), site, &mut place.0, epoch) };
    Call { frame: &place.0, tag, _here: PhantomData }
}

impl Call<'_> {
    /// Keeps the text of the call's value beside its duration; `text` is not run when the call is not recorded.
    pub fn note(&self, text: impl FnOnce() -> Box<str>) {
        if self.tag != Tag::NOTHING {
            // SAFETY: filled, by the meaning of the tag.
            unsafe { self.frame.assume_init_ref() }.note(self.tag, text);
        }
    }
}

impl Drop for Call<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.tag != Tag::NOTHING {
            // SAFETY: filled, by the meaning of the tag.
            leave(unsafe { self.frame.assume_init_ref() }, self.tag);
        }
    }
}

/// A frame and its tag: filled exactly while the tag is not [`Tag::NOTHING`].
struct InPlace {
    tag: Tag,
    frame: FramePlace,
}

impl InPlace {
    #[inline(always)]
    fn new() -> Self {
        Self { tag: Tag::NOTHING, frame: MaybeUninit::uninit() }
    }

    #[inline(always)]
    fn push(&mut self, site: &'static Site) {
        let epoch = gate::epoch();
        if epoch != 0 {
            self.tag = push_part(thread::fast_lane(), site, &mut self.frame, epoch);
        }
    }

    #[inline(always)]
    fn filled(&self) -> Option<(&Frame, Tag)> {
        // SAFETY: `push` fills the frame whenever it returns another tag.
        (self.tag != Tag::NOTHING).then(|| (unsafe { self.frame.assume_init_ref() }, self.tag))
    }

    /// Pops the frame if there is one on this lane.
    fn pop(&self) -> Option<Visit<'_>> {
        let (frame, tag) = self.filled()?;
        frame.pop(tag, clock::now())
    }
}

/// Ends a call. Everything rare is a tail call and undoes nothing, so that the common way saves no registers.
#[inline(never)]
fn leave(frame: &Frame, tag: Tag) {
    if tag.is_special() {
        return leave_slowly(frame, tag, 0);
    }
    let end = clock::counter(); // first: the work below belongs to the caller
    // SAFETY: a frame that is not special has a lane, which is this thread's, and a node with a row; none is ever freed.
    let (lane, node) = unsafe { (&*frame.lane, &*frame.node) };
    // SAFETY: as above.
    let row = unsafe { &*node.row };
    let ticks = end.wrapping_sub(frame.start);
    let own = ticks.wrapping_sub(lane.callees.get().wrapping_sub(frame.callees));
    // Nested, or of another epoch; or the counter went backwards.
    if tag.0 != lane.epoch.get() || own > ticks {
        return leave_slowly(frame, tag, end);
    }
    lane.set_current(frame.parent);
    lane.callees.set(frame.callees.wrapping_add(ticks));
    row.since.set(0);
    node.calls.add(1);
    node.own.add(own);
    row.record_plain(end, ticks, &lane.arena);
}

/// `end`: 0 when it was not read yet.
#[cold]
#[inline(never)]
fn leave_slowly(frame: &Frame, tag: Tag, end: u64) {
    let end = if end == 0 { clock::now() } else { end };
    if let Some(visit) = frame.pop(tag, end) {
        visit.record_call();
    } else if frame.lane.is_null() {
        frame.record_late(tag);
    }
}

/// The life of a measured future, from its first poll to its value or its end without one.
#[derive(Debug, Default)]
pub struct AsyncCall {
    start: u64,
    /// 0 before the first recorded poll, and after the end.
    epoch: u32,
    nested: bool,
}

impl AsyncCall {
    /// A future that was not polled yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { start: 0, epoch: 0, nested: false }
    }

    /// Begins a poll; `frame` is where it stands until it is dropped. A call found in the middle of its life by a new session
    /// counts from this poll on.
    #[inline]
    pub fn poll<'a>(&'a mut self, site: &'static Site) -> PollFrame<'a> {
        PollFrame { visit: InPlace::new(), site, call: self, is_ready: false }
    }

    /// After each push: the first one in this session begins the call.
    #[inline(always)]
    fn pushed(&mut self, site: &'static Site, visit: &InPlace) {
        if let Some((frame, tag)) = visit.filled()
            && frame.start != 0
            && self.epoch != tag.epoch()
        {
            self.begin(site, frame, tag);
        }
    }

    #[cold]
    fn begin(&mut self, site: &'static Site, frame: &Frame, tag: Tag) {
        *self = Self { start: frame.start, epoch: tag.epoch(), nested: tag.is_nested() };
        let started = |cells: &mut crate::row::SuspendedCells| {
            cells[cell::STARTED] += 1;
            if !self.nested {
                cells[cell::OUTER_STARTED] += 1;
                cells[cell::OUTER_STARTS] = cells[cell::OUTER_STARTS].wrapping_add(self.start);
            }
        };
        on_row(site, self.epoch, |lane, row| row.suspend(&lane.arena, started));
        if !frame.lane.is_null() {
            // SAFETY: a filled frame has a node; nodes are never freed, and this one is of this thread's lane.
            unsafe { &*frame.node }.calls.add(1);
        }
    }

    /// The future was dropped without a value.
    pub fn cancel(&mut self, site: &'static Site) {
        self.end(site, clock::now(), cell::CANCELLED);
    }

    fn end(&mut self, site: &'static Site, end: u64, outcome: usize) {
        let Self { start, epoch, nested } = std::mem::take(self);
        on_row(site, epoch, |lane, row| {
            row.record(end, end.saturating_sub(start), nested, &lane.arena);
            row.suspend(&lane.arena, |cells| {
                cells[outcome] += 1;
                if !nested {
                    cells[cell::OUTER_ENDED] += 1;
                    cells[cell::OUTER_ENDS] = cells[cell::OUTER_ENDS].wrapping_add(end);
                }
            });
        });
    }
}

/// One poll; recorded when dropped.
#[must_use = "the poll is measured until this is dropped"]
pub struct PollFrame<'a> {
    visit: InPlace,
    site: &'static Site,
    call: &'a mut AsyncCall,
    is_ready: bool,
}

impl PollFrame<'_> {
    /// Begins the poll, once.
    #[inline(always)]
    pub fn begin(&mut self) {
        self.visit.push(self.site);
        self.call.pushed(self.site, &self.visit);
    }

    /// This poll gave the value.
    #[inline(always)]
    pub fn ready(&mut self) {
        self.is_ready = true;
    }

    /// Keeps the text of the value; not run when the call is not recorded.
    pub fn note(&self, text: impl FnOnce() -> Box<str>) {
        if let Some((frame, tag)) = self.visit.filled() {
            frame.note(tag, text);
        }
    }
}

impl Drop for PollFrame<'_> {
    fn drop(&mut self) {
        let visit = self.visit.pop();
        if let Some(visit) = &visit {
            visit.record_part();
        }
        if self.is_ready {
            let end = visit.map_or_else(clock::now, |visit| visit.end);
            self.call.end(self.site, end, cell::COMPLETED);
        }
    }
}

/// A measured block that contains awaits: its frame is taken off while the future is not being polled.
///
/// `Send` and `Sync`, so that a future that holds one stays what it was. The fields are atomics because of that alone; they are
/// used by one thread at a time.
#[must_use = "the block is measured until this is dropped"]
pub struct Block {
    site: &'static Site,
    call: Cellular,
    frame: SharedFrame,
}

/// An [`AsyncCall`] in atomics.
struct Cellular {
    start: AtomicU64,
    epoch: AtomicU32,
    nested: AtomicBool,
}

impl Cellular {
    fn put(&self, call: &AsyncCall) {
        self.start.store(call.start, Ordering::Relaxed);
        self.epoch.store(call.epoch, Ordering::Relaxed);
        self.nested.store(call.nested, Ordering::Relaxed);
    }

    fn get(&self) -> AsyncCall {
        AsyncCall {
            start: self.start.load(Ordering::Relaxed),
            epoch: self.epoch.load(Ordering::Relaxed),
            nested: self.nested.load(Ordering::Relaxed),
        }
    }
}

/// A [`Frame`] in atomics. On the stack of its thread exactly while `is_on` is set.
struct SharedFrame {
    is_on: AtomicBool,
    lane: AtomicPtr<Lane>,
    node: AtomicPtr<Node>,
    parent: AtomicPtr<Node>,
    start: AtomicU64,
    callees: AtomicU64,
    tag: AtomicU32,
}

impl SharedFrame {
    fn new() -> Self {
        Self {
            is_on: AtomicBool::new(false),
            lane: AtomicPtr::new(null::<Lane>().cast_mut()),
            node: AtomicPtr::new(null::<Node>().cast_mut()),
            parent: AtomicPtr::new(null::<Node>().cast_mut()),
            start: AtomicU64::new(0),
            callees: AtomicU64::new(0),
            tag: AtomicU32::new(0),
        }
    }

    fn put(&self, frame: &Frame, tag: Tag) {
        self.lane.store(frame.lane.cast_mut(), Ordering::Relaxed);
        self.node.store(frame.node.cast_mut(), Ordering::Relaxed);
        self.parent.store(frame.parent.cast_mut(), Ordering::Relaxed);
        self.start.store(frame.start, Ordering::Relaxed);
        self.callees.store(frame.callees, Ordering::Relaxed);
        self.tag.store(tag.0, Ordering::Relaxed);
        self.is_on.store(true, Ordering::Relaxed);
    }

    /// Nothing is recorded, but the block runs.
    fn put_nothing(&self) {
        self.lane.store(null::<Lane>().cast_mut(), Ordering::Relaxed);
        self.is_on.store(true, Ordering::Relaxed);
    }

    /// The frame, if it is on this thread's stack; it is not any more afterwards.
    fn take(&self) -> Option<(Frame, Tag)> {
        if !self.is_on.swap(false, Ordering::Relaxed) {
            return None;
        }
        let lane = self.lane.load(Ordering::Relaxed).cast_const();
        // Another thread's frame must not be popped here: that thread may be writing its lane now.
        if lane.is_null() || !thread::is_mine(lane) {
            return None;
        }
        let frame = Frame {
            lane,
            node: self.node.load(Ordering::Relaxed),
            parent: self.parent.load(Ordering::Relaxed),
            start: self.start.load(Ordering::Relaxed),
            callees: self.callees.load(Ordering::Relaxed),
        };
        Some((frame, Tag(self.tag.load(Ordering::Relaxed))))
    }
}

impl Block {
    /// Begins the block.
    pub fn new(site: &'static Site) -> Self {
        let call =
            Cellular { start: AtomicU64::new(0), epoch: AtomicU32::new(0), nested: AtomicBool::new(false) };
        let block = Self { site, call, frame: SharedFrame::new() };
        block.go_on();
        block
    }

    /// Begins a poll of something the block awaits: the block is measured again until the result is dropped.
    pub fn resume(&self) -> Resumed<'_> {
        self.go_on();
        Resumed { block: self, is_kept: Cell::new(false) }
    }

    fn go_on(&self) {
        if self.frame.is_on.load(Ordering::Relaxed) {
            return;
        }
        let mut visit = InPlace::new();
        visit.push(self.site);
        let mut call = self.call.get();
        call.pushed(self.site, &visit);
        self.call.put(&call);
        match visit.filled() {
            Some((frame, tag)) => self.frame.put(frame, tag),
            None => self.frame.put_nothing(),
        }
    }

    /// Takes the frame off the stack; the end of this part, if it was recorded.
    fn pause(&self) -> Option<u64> {
        let (frame, tag) = self.frame.take()?;
        let visit = frame.pop(tag, clock::now())?;
        visit.record_part();
        Some(visit.end)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let was_running = self.frame.is_on.load(Ordering::Relaxed);
        let end = self.pause().unwrap_or_else(clock::now);
        let outcome = if was_running { cell::COMPLETED } else { cell::CANCELLED };
        self.call.get().end(self.site, end, outcome);
    }
}

/// A block that is being polled. Dropped: the poll is over and the block not measured until the next.
#[must_use = "the block is measured until this is dropped"]
pub struct Resumed<'a> {
    block: &'a Block,
    is_kept: Cell<bool>,
}

impl Resumed<'_> {
    /// What was awaited is there: the block goes on running.
    pub fn keep(self) {
        self.is_kept.set(true);
    }
}

impl Drop for Resumed<'_> {
    fn drop(&mut self) {
        if !self.is_kept.get() {
            self.block.pause();
        }
    }
}

/// A measured block whose awaits cannot be seen: only its wall time is recorded, apart from the call tree.
#[must_use = "the block is measured until this is dropped"]
#[derive(Debug)]
pub struct Apart {
    site: &'static Site,
    start: u64,
    epoch: u32,
}

impl Apart {
    /// Begins the block.
    pub fn new(site: &'static Site) -> Self {
        let epoch = recorded(site).map_or(0, |(_, epoch)| epoch);
        Self { site, start: if epoch == 0 { 0 } else { clock::now() }, epoch }
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        if self.epoch == 0 {
            return;
        }
        let end = clock::now();
        on_row(self.site, self.epoch, |lane, row| {
            row.apart.add(1);
            row.record(end, end.saturating_sub(self.start), false, &lane.arena);
        });
    }
}
