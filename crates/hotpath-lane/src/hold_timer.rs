//! What lasts, is no call, and may be held across anything: a lock.
//!
//! A hold is an event ([`crate::event`]) that is also in its site's level while it lasts: holds so far are the events, and those
//! under way the level. Beginning and end are each one way to the thread's row. Where the holder is in the program is told at
//! the beginning, so that who waits can say for whom.

use crate::{clock, event, gate, site::Site, thread};

/// A hold that has begun.
#[derive(Clone, Copy, Debug)]
pub struct HoldTimer {
    /// When, if it is timed; else 0.
    stamp: u64,
    /// In which epoch: one that began in another is counted, but it is not this epoch's time.
    epoch: u32,
}

impl HoldTimer {
    /// When it began, in ticks; 0 if that was not taken.
    #[must_use]
    pub fn since(&self) -> u64 {
        self.stamp
    }
}

/// A hold of `site` begins. Also tells where the thread is (see [`event::position`]). While nothing is recorded only the level
/// moves.
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
            return (HoldTimer { stamp: 0, epoch }, position);
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

/// The hold ends now, on whatever thread.
#[inline]
pub fn end(site: &'static Site, held: HoldTimer) {
    let (epoch, state) = (gate::epoch(), site.state());
    // SAFETY: null or this thread's own lane, leaked.
    if let Some(lane) = unsafe { thread::fast_lane().as_ref() }
        && lane.epoch.get() == epoch
        && held.epoch == epoch
        && held.stamp != 0
        && state.is_recorded()
        && let Some(row) = lane.known_row(state.id())
    {
        let end = clock::now();
        row.event(end, end.saturating_sub(held.stamp), &lane.arena); // counters of two cores may be a few ticks apart
        row.gauge.add(u64::MAX); // wraps: one less
        return;
    }
    end_slow(site, held);
}

/// Holds that are only counted, or not recorded; lanes of an older epoch; threads past their end.
#[inline(never)]
fn end_slow(site: &'static Site, held: HoldTimer) {
    let is_timed = held.stamp != 0 && held.epoch == gate::epoch();
    event::record(site, if is_timed { held.stamp } else { 0 });
    event::gauge_add(site, -1);
}
