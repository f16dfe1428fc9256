//! Pausing the tracking of the calling thread's allocations, while the profiler works for itself.

use std::{cell::Cell, marker::PhantomData, ptr::null};

#[cfg(not(loom))]
use super::block::{Block, with_own};
use super::tracked::IS_TRACKED;

thread_local! {
    /// The lane that counts this thread's allocations: null before the first one, while tracking is paused, and after the thread's
    /// end. Untyped, because lanes are built from parts that pause tracking. No destructor, so it is readable to the very end.
    static LANE: Cell<*const ()> = const { Cell::new(null()) };
    static IS_PAUSED: Cell<bool> = const { Cell::new(false) };
}

/// The lane passed to [`set_counting_lane`], unless tracking was paused or resumed since.
#[inline(always)]
pub(crate) fn counting_lane() -> *const () {
    LANE.get()
}

/// Sets the lane that counts this thread's allocations; null at the thread's end.
pub(crate) fn set_counting_lane(lane: *const ()) {
    LANE.set(lane);
    look_again();
}

/// The thread's next allocation looks which lane counts it, if any.
fn look_again() {
    #[cfg(not(loom))]
    if IS_TRACKED {
        with_own(Block::unready);
    }
}

/// Returns `true` while tracking is paused on this thread.
pub(crate) fn is_paused() -> bool {
    IS_PAUSED.get()
}

/// Restores the thread's tracking state when dropped.
#[must_use = "tracking is as before when this is dropped"]
pub struct TrackingGuard {
    lane: *const (),
    was_paused: bool,
    _here: PhantomData<*const ()>,
}

/// Stops counting this thread's allocations until the guard is dropped: they are the profiler's own.
pub fn pause_tracking() -> TrackingGuard {
    switch(true)
}

/// Counts this thread's allocations until the guard is dropped: the profiler runs code of the program.
pub fn resume_tracking() -> TrackingGuard {
    switch(false)
}

/// Forgets the lane either way: an allocation that counts finds it again.
fn switch(is_paused: bool) -> TrackingGuard {
    let (lane, was_paused) = match IS_TRACKED {
        true => (LANE.replace(null()), IS_PAUSED.replace(is_paused)),
        false => (null(), false),
    };
    look_again();
    TrackingGuard { lane, was_paused, _here: PhantomData }
}

impl TrackingGuard {
    /// The lane that counted before; null if none did.
    pub(crate) fn lane(&self) -> *const () {
        self.lane
    }
}

impl Drop for TrackingGuard {
    fn drop(&mut self) {
        if IS_TRACKED {
            IS_PAUSED.set(self.was_paused);
            LANE.set(self.lane);
            look_again();
        }
    }
}
