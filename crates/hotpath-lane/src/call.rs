//! Measured calls of functions and of blocks without awaits.
//!
//! [`enter`] is inlined, except in debug builds: unoptimised, it would take half a kilobyte of the caller's stack.

use std::{marker::PhantomData, mem::MaybeUninit};

use crate::{
    clock,
    frame::{Frame, FrameSlot, Tag, push},
    gate, inside,
    site::Site,
    thread,
};

/// The memory of a [`Call`], on the stack of the caller.
pub struct CallSlot(FrameSlot);

impl CallSlot {
    /// An empty slot.
    #[cfg_attr(not(debug_assertions), inline(always))]
    #[must_use]
    #[expect(clippy::new_without_default, reason = "only ever written by macros")]
    pub fn new() -> Self {
        Self(MaybeUninit::uninit())
    }
}

/// A measured call, recorded when dropped. Stays on its thread.
#[must_use = "the call is measured until this is dropped"]
pub struct Call<'a> {
    /// Filled unless the tag is [`Tag::NOTHING`].
    frame: &'a FrameSlot,
    tag: Tag,
    _here: PhantomData<*const ()>,
}

/// Begins a call of `site`. Costs next to nothing while the gate is shut.
///
/// ```
/// static SITE: hotpath_lane::Site = hotpath_lane::Site::new("app::load", file!(), line!(), column!(), 0);
/// let mut slot = hotpath_lane::CallSlot::new();
/// let call = hotpath_lane::enter(&SITE, &mut slot);
/// drop(call);
/// ```
#[cfg_attr(not(debug_assertions), inline(always))]
pub fn enter<'a>(site: &'static Site, slot: &'a mut CallSlot) -> Call<'a> {
    let epoch = gate::epoch();
    let tag = if epoch == 0 { Tag::NOTHING } else { push(thread::fast_lane(), site, &mut slot.0, epoch) };
    Call { frame: &slot.0, tag, _here: PhantomData }
}

impl Call<'_> {
    /// Ends the call, then keeps the text that `write` writes as its value. `write` does not run if the call was not recorded.
    pub fn end_with_text(self, write: impl FnOnce(&mut String)) {
        if self.tag == Tag::NOTHING {
            return;
        }
        // SAFETY: filled, by the meaning of the tag.
        let (frame, tag) = (unsafe { *self.frame.assume_init_ref() }, self.tag);
        drop(self);
        if frame.is_timed() {
            frame.note(tag, write);
        }
    }
}

impl Drop for Call<'_> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn drop(&mut self) {
        if self.tag != Tag::NOTHING {
            // SAFETY: filled, by the meaning of the tag.
            leave(unsafe { self.frame.assume_init_ref() }, self.tag);
        }
    }
}

/// Ends a call. Every rare case is a tail call before anything is changed, so that the common path saves no registers.
#[inline(never)]
fn leave(frame: &Frame, tag: Tag) {
    if tag.is_uncommon() {
        if tag.is_counted() {
            // SAFETY: a counted frame has a lane, which is this thread's; lanes are never freed.
            let lane = unsafe { &*frame.lane };
            if lane.memory.leave_plain(frame.depth) {
                return lane.set_current(frame.parent);
            }
        }
        return leave_slow(frame, tag, NOT_READ);
    }
    let end = clock::counter(); // first: the work below belongs to the caller
    // SAFETY: a common frame has a lane, which is this thread's, a node with a row, and a parent; none is ever freed.
    let (lane, node, parent) = unsafe { (&*frame.lane, &*frame.node, &*frame.parent) };
    // SAFETY: as above.
    let row = unsafe { node.row() };
    let ticks = end.wrapping_sub(frame.start);
    if tag.0 != lane.epoch.get() {
        return leave_slow(frame, tag, end); // nested, with a weight, or of another epoch
    }
    if ticks > u64::MAX / 2 {
        return leave_slow(frame, tag, end); // the counter went backwards
    }
    if !lane.memory.leave_plain(frame.depth) {
        return leave_with_alloc(frame, end, ticks);
    }
    parent.charge(ticks, None); // first, as in `Frame::pop`
    lane.set_current(parent);
    node.calls.add(1);
    node.own.add(ticks);
    row.end_plain(end, ticks, &lane.arena);
}

/// Ends a call that allocated or freed memory, and is ordinary otherwise.
#[inline(never)]
fn leave_with_alloc(frame: &Frame, end: u64, ticks: u64) {
    // SAFETY: as in `leave`, which calls this.
    let (lane, node, parent) = unsafe { (&*frame.lane, &*frame.node, &*frame.parent) };
    // SAFETY: as above.
    let row = unsafe { node.row() };
    let alloc = lane.memory.leave(frame.depth);
    parent.charge(ticks, None);
    lane.set_current(parent);
    node.calls.add(1);
    node.own.add(ticks);
    if let Some(alloc) = &alloc {
        row.record_alloc(alloc, false, &lane.arena);
    }
    row.end_plain(end, ticks, &lane.arena);
}

/// The end of a call before the clock is read.
const NOT_READ: u64 = 0;

/// Ends nested calls, untimed ones, those of other epochs or threads past their end, and calls on a clock without a counter.
#[cold]
#[inline(never)]
fn leave_slow(frame: &Frame, tag: Tag, end: u64) {
    let end = if end == NOT_READ && frame.is_timed() { clock::now() } else { end };
    let inside = inside::enter();
    if let Some(visit) = frame.pop(tag, end) {
        if inside.is_some() { visit.record_call() } else { visit.count_only() }
    } else if frame.is_late() {
        frame.record_late(tag);
    }
}
