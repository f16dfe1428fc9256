//! Lock hold times: an event that is also counted in its site's gauge while it lasts.
//!
//! The events of the site are the finished holds, its gauge the present ones. Beginning and end each look up the thread's row once.
//! [`begin`] also returns the position of the holder in the program, so that a waiting thread can name the holder.

use crate::{clock, event, gate, site::Site, thread};

/// A running hold.
#[derive(Clone, Copy, Debug)]
pub struct HoldTimer {
    /// The beginning in ticks, or [`event::UNTIMED`].
    stamp: u64,
    /// The epoch of the beginning: a hold across epochs is counted, and its time belongs to neither.
    epoch: u32,
}

impl HoldTimer {
    /// The beginning in ticks; 0 if the hold is not timed.
    #[must_use]
    pub fn since(&self) -> u64 {
        self.stamp
    }

    fn is_timed(&self) -> bool {
        self.stamp != event::UNTIMED
    }
}

/// Begins a hold of `site`, and returns it with the thread's [`event::position`]. While nothing is recorded, only the gauge
/// changes.
#[inline]
#[must_use]
pub fn begin(site: &'static Site) -> (HoldTimer, u32) {
    let (epoch, state) = (gate::epoch(), site.state());
    // SAFETY: null or this thread's own lane, leaked.
    if let Some(lane) = unsafe { thread::fast_lane().as_ref() }
        && let Some(row) = lane.known_row(state.id())
    {
        row.gauge.add(1);
        let position = event::position_on(lane);
        if epoch == 0 {
            return (HoldTimer { stamp: event::UNTIMED, epoch }, position);
        }
        if state.is_recorded() && !state.is_sampled() {
            return (HoldTimer { stamp: clock::now(), epoch }, position);
        }
        return (HoldTimer { stamp: event::stamp(site), epoch }, position);
    }
    begin_slow(site)
}

#[cold]
#[inline(never)]
fn begin_slow(site: &'static Site) -> (HoldTimer, u32) {
    event::gauge_add(site, 1);
    (HoldTimer { epoch: gate::epoch(), stamp: event::stamp(site) }, event::position())
}

/// Ends a hold, on any thread.
#[inline]
pub fn end(site: &'static Site, hold: HoldTimer) {
    let (epoch, state) = (gate::epoch(), site.state());
    // SAFETY: null or this thread's own lane, leaked.
    if let Some(lane) = unsafe { thread::fast_lane().as_ref() }
        && lane.epoch.get() == epoch
        && hold.epoch == epoch
        && hold.is_timed()
        && state.is_recorded()
        && let Some(row) = lane.known_row(state.id())
    {
        let end = clock::now();
        row.event(end, end.saturating_sub(hold.stamp), &lane.arena); // the counters of two cores may differ by a few ticks
        row.gauge.add(u64::MAX); // wraps: one less
        return;
    }
    end_slow(site, hold);
}

/// Holds that are not timed or not recorded, lanes of an older epoch, threads past their end.
#[inline(never)]
fn end_slow(site: &'static Site, hold: HoldTimer) {
    let is_timed = hold.is_timed() && hold.epoch == gate::epoch();
    event::record(site, if is_timed { hold.stamp } else { event::UNTIMED });
    event::gauge_add(site, -1);
}
