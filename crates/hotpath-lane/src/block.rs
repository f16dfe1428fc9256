//! Measured blocks that contain awaits.

use std::cell::Cell;

use crate::{async_call::AsyncCall, frame::TaggedFrame, primitive::Shared, site::Site};

/// A measured block that contains awaits. Its frame is off the stack while the future is not being polled.
///
/// `Send` and `Sync`, so that holding one does not change a future. One thread at a time uses it.
#[must_use = "the block is measured until this is dropped"]
pub struct Block {
    site: &'static Site,
    state: Shared<State>,
}

struct State {
    call: AsyncCall,
    /// The frame of the present poll; filled only while `is_polled`, and not even then if nothing is recorded.
    frame: TaggedFrame,
    is_polled: bool,
}

// SAFETY: the pointers in the frame lead to lanes, nodes and rows, which are never freed; `State::end_poll` writes through them only
// on the thread that pushed the frame.
unsafe impl Send for State {}

impl State {
    fn begin_poll(&mut self, site: &'static Site) {
        if !self.is_polled {
            self.is_polled = true;
            self.call.begin_poll(site, &mut self.frame);
        }
    }

    fn end_poll(&mut self, site: &'static Site, is_ready: bool) {
        // A frame of another thread must not be popped here: that thread may be writing its lane now.
        if !self.frame.is_mine() {
            self.frame.clear();
        }
        self.call.end_poll(site, &self.frame, is_ready);
        self.frame.clear();
        self.is_polled = false;
    }
}

impl Block {
    /// Begins the block.
    pub fn new(site: &'static Site) -> Self {
        let state = State { call: AsyncCall::new(), frame: TaggedFrame::new(), is_polled: false };
        let mut block = Self { site, state: Shared::new(state) };
        block.state.get_mut().begin_poll(site);
        block
    }

    /// Begins a poll of something the block awaits: the block is measured again until the result is dropped.
    pub fn resume(&self) -> Resumed<'_> {
        self.state.claim(|state| state.begin_poll(self.site));
        Resumed { block: self, is_kept: Cell::new(false) }
    }

    fn pause(&self) {
        self.state.claim(|state| {
            if state.is_polled {
                state.end_poll(self.site, false);
            }
        });
    }
}

impl Drop for Block {
    /// Ends the call: completed if the block was running, else cancelled.
    fn drop(&mut self) {
        let (site, state) = (self.site, self.state.get_mut());
        if state.is_polled {
            state.end_poll(site, true);
        } else {
            state.call.dropped(site);
        }
    }
}

/// A block that is being polled. Dropping it ends the poll, and the block is not measured until the next.
#[must_use = "the block is measured until this is dropped"]
pub struct Resumed<'a> {
    block: &'a Block,
    is_kept: Cell<bool>,
}

impl Resumed<'_> {
    /// Lets the block go on running: the awaited value is there.
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
