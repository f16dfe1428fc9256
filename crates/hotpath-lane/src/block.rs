//! Measured blocks that contain awaits.

use std::{
    cell::Cell,
    ptr::null,
    sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering},
};

use crate::{
    async_stats::Outcome,
    clock,
    frame::{Frame, InPlace, Tag, on_row, recorded},
    future::AsyncCall,
    lane::Lane,
    memory::{Outside, SharedCallMemory},
    node::Node,
    site::Site,
    thread,
};

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
    memory: SharedCallMemory,
}

impl Cellular {
    fn put(&self, call: &AsyncCall) {
        self.start.store(call.start, Ordering::Relaxed);
        self.epoch.store(call.epoch, Ordering::Relaxed);
        self.nested.store(call.nested, Ordering::Relaxed);
        self.memory.put(call.memory);
    }

    fn get(&self) -> AsyncCall {
        AsyncCall {
            start: self.start.load(Ordering::Relaxed),
            epoch: self.epoch.load(Ordering::Relaxed),
            nested: self.nested.load(Ordering::Relaxed),
            memory: self.memory.get(),
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
    outside: AtomicU64,
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
            outside: AtomicU64::new(0),
            tag: AtomicU32::new(0),
        }
    }

    fn put(&self, frame: &Frame, tag: Tag) {
        self.lane.store(frame.lane.cast_mut(), Ordering::Relaxed);
        self.node.store(frame.node.cast_mut(), Ordering::Relaxed);
        self.parent.store(frame.parent.cast_mut(), Ordering::Relaxed);
        self.start.store(frame.start, Ordering::Relaxed);
        self.callees.store(frame.callees, Ordering::Relaxed);
        self.outside.store(frame.outside.to_word(), Ordering::Relaxed);
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
            outside: Outside::from_word(self.outside.load(Ordering::Relaxed)),
        };
        Some((frame, Tag(self.tag.load(Ordering::Relaxed))))
    }
}

impl Block {
    /// Begins the block.
    pub fn new(site: &'static Site) -> Self {
        let call = Cellular {
            start: AtomicU64::new(0),
            epoch: AtomicU32::new(0),
            nested: AtomicBool::new(false),
            memory: SharedCallMemory::new(),
        };
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
        let mut call = self.call.get();
        call.polled(&visit, false);
        self.call.put(&call);
        Some(visit.end)
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        let was_running = self.frame.is_on.load(Ordering::Relaxed);
        let end = self.pause();
        if self.call.epoch.load(Ordering::Relaxed) == 0 {
            return;
        }
        let end = end.unwrap_or_else(clock::now);
        let outcome = if was_running { Outcome::Completed } else { Outcome::Cancelled };
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
