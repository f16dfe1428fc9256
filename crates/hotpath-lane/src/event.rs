//! Events and gauges: occurrences at a site that are not calls, such as a received message, a released lock, or an item of a stream.
//!
//! An event has a moment and a duration, and no node in the call tree. It begins where a [`stamp`] is taken, on any thread, and is
//! recorded on the thread where it ends. A site has one kind of event; an instrument with several kinds has several sites.
//!
//! A site also has a gauge: a number that any thread adds to, and that outlives sessions, such as the length of a queue. Each lane
//! keeps its own part, and the gauge is their sum.

use crate::{
    clock,
    frame::on_row,
    gate, inside,
    lane::Lane,
    node::Node,
    primitive::Ordering,
    row::Row,
    site::Site,
    thread::{self, LANES},
};

/// The stamp of an event that is counted and not timed.
pub const UNTIMED: u64 = 0;

/// Returns the present moment in ticks, or [`UNTIMED`] if an event of `site` that begins now is not timed or not recorded.
#[inline]
#[must_use]
pub fn stamp(site: &'static Site) -> u64 {
    if gate::epoch() == 0 {
        return UNTIMED;
    }
    let state = site.state();
    if state.is_recorded() && !state.is_sampled() { clock::now() } else { stamp_slow(site) }
}

/// First hits, sites that are not recorded, sampled sites.
#[cold]
#[inline(never)]
fn stamp_slow(site: &'static Site) -> u64 {
    let state = site.settled_state();
    let is_timed = state.is_recorded()
        && (!state.is_sampled() || thread::attach().is_some_and(|lane| site.is_drawn(lane.draw())));
    if is_timed { clock::now() } else { UNTIMED }
}

/// Records an event of `site` that began at `stamp` and ends now, and returns its duration in ticks. An [`UNTIMED`] event is only
/// counted.
#[inline]
pub fn record(site: &'static Site, stamp: u64) -> Option<u64> {
    if stamp == UNTIMED {
        count(site);
        return None;
    }
    let end = clock::now();
    let ticks = end.saturating_sub(stamp); // the counters of two cores may differ by a few ticks
    record_at(site, end, ticks);
    Some(ticks)
}

/// Records an event that took `ticks` and ended at `end` (see [`clock::now`]).
#[inline]
pub fn record_at(site: &'static Site, end: u64, ticks: u64) {
    on_event(site, |lane, row| row.event(end, ticks, &lane.arena));
}

/// Records an event of `site` that began at `stamp` and ends now, when the next one begins (the items of a stream), and sets `stamp` to
/// that of the next. Returns `false` if the event was only counted.
#[inline]
pub fn lap(site: &'static Site, stamp: &mut u64) -> bool {
    let state = site.state();
    if *stamp == UNTIMED || gate::epoch() == 0 || !state.is_recorded() || state.is_sampled() {
        return lap_slow(site, stamp);
    }
    let end = clock::now();
    record_at(site, end, end.saturating_sub(*stamp));
    *stamp = end;
    true
}

/// First laps, sampled laps, laps that are not recorded.
#[cold]
#[inline(never)]
fn lap_slow(site: &'static Site, from: &mut u64) -> bool {
    let is_timed = gate::epoch() != 0 && record(site, *from).is_some();
    *from = stamp(site);
    is_timed
}

/// Counts an event of unknown duration.
#[inline]
pub fn count(site: &'static Site) {
    on_event(site, |lane, row| row.count_untimed(&lane.arena));
}

/// Combines [`record`] and [`gauge_add`] of one site, which is cheaper than both calls.
#[inline]
pub fn record_and_gauge_add(site: &'static Site, stamp: u64, by: i64) {
    if stamp == UNTIMED {
        return count_and_gauge_add(site, by);
    }
    let end = clock::now();
    let ticks = end.saturating_sub(stamp); // as in `record`
    on_event_and_gauge_add(site, by, |lane, row| row.event(end, ticks, &lane.arena));
}

/// Combines [`count`] and [`gauge_add`] of one site.
#[inline]
pub fn count_and_gauge_add(site: &'static Site, by: i64) {
    on_event_and_gauge_add(site, by, |lane, row| row.count_untimed(&lane.arena));
}

/// Keeps the text that `write` writes as the value of the last event that this thread recorded at `site`. `write` does not run while
/// nothing is recorded, and at the end of a thread.
pub fn note(site: &'static Site, write: impl FnOnce(&mut String)) {
    if !thread::is_past_end() {
        on_event(site, |lane, row| row.note(write, &lane.arena)); // `write` is code of the program: it must not run under a lock
    }
}

/// The life of an object, such as a stream: counted once in each session that sees it, and once when it ends.
#[derive(Debug, Default)]
pub struct Life {
    /// The last epoch that saw it; 0 before the first, and after its end.
    epoch: u32,
}

impl Life {
    /// The life of an object that no session has seen.
    #[must_use]
    pub const fn new() -> Self {
        Self { epoch: 0 }
    }

    /// Counts the object at `site` if this session has not seen it yet, and returns whether that was so.
    #[inline]
    pub fn seen(&mut self, site: &'static Site) -> bool {
        let epoch = gate::epoch();
        if epoch == 0 || epoch == self.epoch {
            return false;
        }
        self.epoch = epoch;
        count(site);
        true
    }

    /// Counts the end of the object at `site`, if this session has seen it, even while recording pauses.
    pub fn ended(&mut self, site: &'static Site) {
        let epoch = std::mem::take(&mut self.epoch);
        if epoch != 0 && site.settled_state().is_recorded() {
            on_row(site, epoch, |lane, row| row.count_untimed(&lane.arena));
        }
    }
}

/// Adds `by` to the gauge of `site`, even while nothing is recorded.
#[inline]
pub fn gauge_add(site: &'static Site, by: i64) {
    // SAFETY: null or this thread's own lane, leaked.
    let row = unsafe { thread::fast_lane().as_ref() }.and_then(|lane| lane.known_row(site.id()));
    match row {
        Some(row) => row.gauge.add(by as u64),
        None => gauge_add_slow(site, by),
    }
}

#[cold]
#[inline(never)]
fn gauge_add_slow(site: &'static Site, by: i64) {
    let state = site.settled_state();
    if state.id() == 0 {
        return site.add_laneless_gauge(by); // the first hit of a thread that is inside
    }
    let add = |lane: &Lane| {
        let inside = inside::enter();
        let known = lane.known_row(state.id());
        match known.or_else(|| inside.is_some().then(|| lane.row(state)).flatten()) {
            Some(row) => row.gauge.add(by as u64),
            None => site.add_laneless_gauge(by),
        }
    };
    if let Some(lane) = thread::attach() {
        add(lane);
    } else if let Some(lane) = thread::shared() {
        add(&lane);
    } else {
        site.add_laneless_gauge(by);
    }
}

/// Returns the gauge of `site`. Lanes are read one after the other, so changes during the call may be missing.
#[must_use]
pub fn gauge(site: &Site) -> i64 {
    let parts = LANES.iter().filter_map(|entry| entry.value.known_row(site.id()));
    parts.fold(site.laneless_gauge(), |gauge, row| gauge.wrapping_add(row.gauge.get() as i64))
}

/// Returns the id of the innermost site that the calling thread is in; 0 outside of measured code.
#[inline]
#[must_use]
pub fn position() -> u32 {
    // SAFETY: null or this thread's own lane, leaked.
    match unsafe { thread::fast_lane().as_ref() } {
        Some(lane) => position_on(lane),
        None => position_slow(),
    }
}

/// Threads before their first recorded hit or past their end, and clocks without a counter.
#[cold]
#[inline(never)]
fn position_slow() -> u32 {
    thread::known_lane().map_or(0, position_on)
}

/// Owner only.
pub(crate) fn position_on(lane: &Lane) -> u32 {
    // SAFETY: null, or a node; nodes are never freed.
    unsafe { lane.current.load(Ordering::Relaxed).as_ref() }.map_or(0, Node::site)
}

/// Runs `record` on the row of `site` on this thread's lane, if the site is recorded.
#[inline(always)]
pub(crate) fn on_event(site: &'static Site, record: impl FnOnce(&Lane, &Row)) {
    let epoch = gate::epoch();
    if epoch == 0 {
        return;
    }
    match row_in(epoch, site) {
        Some((lane, row)) => record(lane, row),
        None => on_event_slow(site, record),
    }
}

/// Combines [`on_event`] and [`gauge_add`].
#[inline(always)]
fn on_event_and_gauge_add(site: &'static Site, by: i64, record: impl FnOnce(&Lane, &Row)) {
    let epoch = gate::epoch();
    match row_in(epoch, site) {
        Some((lane, row)) => {
            row.gauge.add(by as u64);
            record(lane, row);
        }
        None => {
            gauge_add(site, by);
            if epoch != 0 {
                on_event_slow(site, record);
            }
        }
    }
}

/// Returns the row of `site` on this thread's lane, if both exist in this epoch and the site is recorded.
#[inline(always)]
fn row_in(epoch: u32, site: &'static Site) -> Option<(&'static Lane, &'static Row)> {
    let state = site.state();
    // SAFETY: null or this thread's own lane, leaked.
    let lane: &'static Lane = unsafe { thread::fast_lane().as_ref() }?;
    let is_now = epoch != 0 && lane.epoch.get() == epoch && state.is_recorded();
    is_now.then(|| lane.known_row(state.id())).flatten().map(|row| (lane, row))
}

/// First hits, lanes of an older epoch, threads past their end, sites that are not recorded.
#[cold]
#[inline(never)]
fn on_event_slow(site: &'static Site, record: impl FnOnce(&Lane, &Row)) {
    if site.settled_state().is_recorded() {
        on_row(site, gate::epoch_acquire(), record);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::{Reading, RowReading, read};

    fn row(reading: &Reading, site: &Site) -> Option<RowReading> {
        reading.rows.iter().find(|row| std::ptr::eq(row.site, site)).cloned()
    }

    /// One test, because the gate is global to the process.
    #[test]
    fn events_are_counted_timed_and_summed_over_threads() {
        static SITE: Site = Site::new("queue", "e.rs", 1, 1, 9).logged();
        crate::set_memory_limit(usize::MAX); // other tests of this process may have used much
        static OTHER: Site = Site::new("other queue", "e.rs", 2, 1, 9);
        assert_eq!(stamp(&SITE), 0);
        gauge_add(&SITE, 2); // before any session
        record_at(&SITE, 10, 5);
        let epoch = crate::gate::open();
        assert!(stamp(&SITE) > 0);
        for _ in 0..3 {
            std::thread::spawn(|| {
                record_at(&SITE, 100, 40);
                note(&SITE, |text| text.push_str("forty"));
                count(&SITE);
                gauge_add(&SITE, -1);
            })
            .join()
            .expect("it ends");
        }
        assert!(record(&OTHER, stamp(&OTHER)).is_some());
        assert_eq!(record(&OTHER, 0), None);
        static LAPS: Site = Site::new("laps", "e.rs", 3, 1, 9);
        static SEEN: Site = Site::new("seen", "e.rs", 4, 1, 9);
        static ENDED: Site = Site::new("ended", "e.rs", 5, 1, 9);
        let (mut from, mut life) = (0, Life::new());
        assert!(!lap(&LAPS, &mut from) && from > 0); // nothing to time from: only counted
        assert!(lap(&LAPS, &mut from) && lap(&LAPS, &mut from));
        assert!(life.seen(&SEEN) && !life.seen(&SEEN));
        crate::gate::shut();
        assert!(!lap(&LAPS, &mut from) && from == 0);
        life.ended(&ENDED); // also while paused
        life.ended(&ENDED);
        crate::gate::reopen();
        count_and_gauge_add(&OTHER, 3);
        record_and_gauge_add(&OTHER, stamp(&OTHER), -1);
        assert_eq!(gauge(&OTHER), 2);
        let reading = read(epoch, None, 0);
        assert_eq!(row(&reading, &LAPS).map(|row| (row.calls, row.timed)), Some((3, 2)));
        assert_eq!(row(&reading, &SEEN).map(|row| row.calls), Some(1));
        assert_eq!(row(&reading, &ENDED).map(|row| row.calls), Some(1));
        let queue = row(&reading, &SITE).expect("it was hit");
        assert_eq!((queue.calls, queue.timed, queue.untimed, queue.sum), (6, 3, 3, 120));
        assert_eq!((queue.min, queue.max), (Some(40), Some(40)));
        assert_eq!(row(&reading, &OTHER).map(|row| (row.calls, row.timed)), Some((4, 2)));
        assert_eq!(gauge(&SITE), -1);
        let texts = crate::read::recent(&SITE, epoch, 10);
        assert_eq!(texts.iter().filter(|call| call.text.as_deref() == Some("forty")).count(), 3);
        assert_eq!(position(), 0);
        let next = crate::gate::open();
        assert_eq!(row(&read(next, None, 0), &SITE).map(|row| row.calls), None);
        assert_eq!(gauge(&SITE), -1);
        assert!(life.seen(&SEEN)); // a new session sees it again
        let next = crate::gate::open();
        life.ended(&ENDED); // which the next one has not
        assert_eq!(row(&read(next, None, 0), &ENDED).map(|row| row.calls), None);
        crate::gate::shut();
        count_and_gauge_add(&OTHER, 1);
        assert_eq!(gauge(&OTHER), 3); // also while nothing is recorded
        count(&SITE);
        assert_eq!(row(&read(next, None, 0), &SITE).map(|row| row.calls), None);
    }
}
