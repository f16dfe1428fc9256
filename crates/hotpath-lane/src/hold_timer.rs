//! Lock hold times: an event that is also counted in its site's gauge while it lasts.
//!
//! The events of the site are the finished holds, its gauge the present ones. Beginning and end each look up the thread's row once.
//! [`begin`] also returns the position of the holder in the program, so that a waiting thread can name the holder.

use crate::{
    clock, event, gate,
    lane::Lane,
    readers::{self, ReaderSlot},
    site::Site,
    thread,
};

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
    // SAFETY: null or this thread's own lane, leaked.
    let lane = unsafe { thread::fast_lane().as_ref() };
    match lane.and_then(|lane| begin_on(lane, site)) {
        Some(begun) => begun,
        None => begin_slow(site),
    }
}

/// Begins a hold of `site` by one of several readers of the lock at the address `lock`, as [`begin`] does, and registers it, as
/// [`readers::register`] does.
#[inline]
#[must_use]
pub fn begin_shared(site: &'static Site, lock: usize) -> (HoldTimer, Option<ReaderSlot>) {
    // SAFETY: null or this thread's own lane, leaked.
    let lane = unsafe { thread::fast_lane().as_ref() };
    if let Some(lane) = lane
        && let Some((timer, position)) = begin_on(lane, site)
    {
        return (timer, readers::register_on(lane, lock, timer.since(), position));
    }
    let (timer, position) = begin_slow(site);
    (timer, readers::register(lock, timer.since(), position))
}

/// Owner only. `None` if the thread has no row for the site yet.
#[inline(always)]
fn begin_on(lane: &'static Lane, site: &'static Site) -> Option<(HoldTimer, u32)> {
    let (epoch, state) = (gate::epoch(), site.state());
    let row = lane.known_row(state.id())?;
    row.gauge.add(1);
    let position = event::position_on(lane);
    if epoch == 0 {
        return Some((HoldTimer { stamp: event::UNTIMED, epoch }, position));
    }
    if state.is_recorded() && !state.is_sampled() {
        return Some((HoldTimer { stamp: clock::now(), epoch }, position));
    }
    Some((HoldTimer { stamp: event::stamp(site), epoch }, position))
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
