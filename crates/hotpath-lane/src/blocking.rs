//! Blocking polls: those so long that they delay every other task on their thread.
//!
//! The threshold is a time, and the length of a tick is not known when a session begins. So the threshold starts as the smallest
//! number of ticks that the time can have. The first poll that reaches it took long enough to measure the real number.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    clock::{self, Anchor, Scale},
    inside,
    primitive::{AtomicU64, Ordering},
};

/// The threshold in ticks.
static LIMIT: AtomicU64 = AtomicU64::new(u64::MAX);
static PENDING_LIMIT: Mutex<Option<PendingLimit>> = Mutex::new(None);

/// A threshold that is not known in ticks yet.
struct PendingLimit {
    from: Anchor,
    time: Duration,
}

/// The slowest counters in use, in ticks per microsecond.
const SLOWEST: u128 = if cfg!(target_arch = "x86_64") { 200 } else { 1 };

/// Sets the threshold from which polls count as blocking; without one, none do. `from` is a moment in the past.
pub fn set_blocking(from: Anchor, time: Option<Duration>) {
    let _inside = inside::enter();
    let mut pending = PENDING_LIMIT.lock().unwrap_or_else(PoisonError::into_inner);
    let ticks =
        time.map_or(u64::MAX, |time| if clock::counter_trusted() { at_least(time) } else { nanos(time) });
    *pending = time.filter(|_| clock::counter_trusted()).map(|time| PendingLimit { from, time });
    LIMIT.store(ticks, Ordering::Relaxed); // no partner: a poll may use the threshold before
}

fn at_least(time: Duration) -> u64 {
    u64::try_from(time.as_micros() * SLOWEST).unwrap_or(u64::MAX).max(1)
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Returns `true` if a poll of this length is far from blocking, and its length is one.
#[inline(always)]
pub(crate) fn is_short(ticks: u64) -> bool {
    ticks < LIMIT.load(Ordering::Relaxed).min(u64::MAX / 2)
}

/// Returns `true` if a poll of this length is blocking.
#[inline(always)]
pub(crate) fn is_blocking(ticks: u64) -> bool {
    ticks >= LIMIT.load(Ordering::Relaxed) && is_blocking_slow(ticks)
}

#[cold]
#[inline(never)]
fn is_blocking_slow(ticks: u64) -> bool {
    let Some(_inside) = inside::enter() else { return false };
    let mut pending = PENDING_LIMIT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(PendingLimit { from, time }) = pending.take() {
        LIMIT.store(Scale::between(from, Anchor::now()).ticks(time), Ordering::Relaxed);
    }
    ticks >= LIMIT.load(Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_long_poll_measures_the_threshold() {
        clock::trust_counter(true);
        let from = Anchor::now();
        let time = Duration::from_millis(2);
        set_blocking(from, Some(time));
        let scale = Scale::between(from, Anchor::after(&from));
        let (short, long) = (scale.ticks(time / 2), scale.ticks(time * 2));
        assert_eq!([is_blocking(short), is_blocking(long), is_blocking(short)], [false, true, false]);
        set_blocking(from, None);
        assert!(!is_blocking(long));
    }
}
