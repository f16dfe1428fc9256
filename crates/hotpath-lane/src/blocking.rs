//! Which polls are so long that they kept everything else on their thread waiting.
//!
//! The limit is a time, and what ticks are worth is not known when a session begins. So it begins as a number of ticks that the time
//! has at the very least; the first poll that takes so many took long enough to find out.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    clock::{self, Anchor, Scale},
    inside,
    primitive::{AtomicU64, Ordering},
};

/// Polls of fewer ticks block nobody.
static LIMIT: AtomicU64 = AtomicU64::new(u64::MAX);
static PENDING_LIMIT: Mutex<Option<PendingLimit>> = Mutex::new(None);

/// A limit that is not known in ticks yet.
struct PendingLimit {
    from: Anchor,
    time: Duration,
}

/// The slowest counters there are, in ticks per microsecond.
const SLOWEST: u128 = if cfg!(target_arch = "x86_64") { 200 } else { 1 };

/// From now on polls that take `time` are counted as blocking; none are without one. `from` is a moment in the past.
pub fn set_blocking(from: Anchor, time: Option<Duration>) {
    let _inside = inside::enter();
    let mut pending = PENDING_LIMIT.lock().unwrap_or_else(PoisonError::into_inner);
    let ticks =
        time.map_or(u64::MAX, |time| if clock::counter_trusted() { at_least(time) } else { nanos(time) });
    *pending = time.filter(|_| clock::counter_trusted()).map(|time| PendingLimit { from, time });
    LIMIT.store(ticks, Ordering::Relaxed); // no partner: a poll may go by the limit before
}

fn at_least(time: Duration) -> u64 {
    u64::try_from(time.as_micros() * SLOWEST).unwrap_or(u64::MAX).max(1)
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Whether a poll of so many ticks is one of them.
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
    fn the_limit_is_found_by_the_first_poll_that_may_reach_it() {
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
