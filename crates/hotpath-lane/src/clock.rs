//! The clock of all measurements. Ticks are cheap; nanoseconds are for reports.
//!
//! If the processor has a constant, synchronised counter that the kernel trusts ([`trust_counter`]), a tick is one step of that
//! counter. Otherwise a tick is a nanosecond of [`Instant`]. The length of a tick follows from two [`Anchor`]s, taken when a
//! report is made: there is no calibration at start-up, and no drift.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime},
};

static COUNTER: AtomicBool = AtomicBool::new(false);

/// `true` on processors with a counter that [`trust_counter`] can turn on.
pub const HAS_COUNTER: bool = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));

/// Makes the processor's counter the clock, or with `false` [`Instant`]. To be called once, before anything is recorded.
pub fn trust_counter(yes: bool) {
    COUNTER.store(yes && HAS_COUNTER, Ordering::Relaxed); // no partner: readers see it through the gate they pass first
}

/// Returns `true` if ticks are steps of the processor's counter.
#[inline(always)]
#[must_use]
pub fn counter_trusted() -> bool {
    COUNTER.load(Ordering::Relaxed)
}

/// Returns the ticks since a fixed moment in the past; never 0.
#[inline(always)]
#[must_use]
pub fn now() -> u64 {
    if COUNTER.load(Ordering::Relaxed) { counter() } else { instant() }
}

#[cfg(target_arch = "x86_64")]
/// Returns the ticks of the processor's counter.
#[inline(always)]
pub(crate) fn counter() -> u64 {
    // SAFETY: every x86-64 processor has RDTSC.
    unsafe { core::arch::x86_64::_rdtsc() }
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
pub(crate) fn counter() -> u64 {
    let ticks: u64;
    // SAFETY: reads a counter that user space may read on every supported system; no memory, no stack, no flags.
    unsafe {
        core::arch::asm!("mrs {}, cntvct_el0", out(reg) ticks, options(nomem, nostack, preserves_flags))
    };
    ticks
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(crate) fn counter() -> u64 {
    instant()
}

/// Returns the ticks of [`Instant`].
#[cold]
#[inline(never)]
pub(crate) fn instant() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64 + 1
}

/// One moment on three clocks.
#[derive(Clone, Copy, Debug)]
pub struct Anchor {
    /// The moment in ticks.
    pub ticks: u64,
    /// The moment on the monotonic clock.
    pub instant: Instant,
    /// The moment on the wall clock.
    pub wall: SystemTime,
}

impl Anchor {
    /// Returns the present moment: the most precise of a few tries.
    #[must_use]
    pub fn now() -> Self {
        let mut best: Option<(u64, Self)> = None;
        for _ in 0..20 {
            let before = now();
            let instant = Instant::now();
            let after = now();
            let took = after.saturating_sub(before);
            if best.is_none_or(|(least, _)| took < least) {
                let ticks = before + took / 2;
                best = Some((took, Self { ticks, instant, wall: SystemTime::now() }));
            }
        }
        best.map_or_else(
            || Self { ticks: now(), instant: Instant::now(), wall: SystemTime::now() },
            |(_, anchor)| anchor,
        )
    }

    /// Returns the present moment, once it is far enough from `earlier` for a precise scale between the two.
    #[must_use]
    pub fn after(earlier: &Self) -> Self {
        const ENOUGH: Duration = Duration::from_millis(4);
        while earlier.instant.elapsed() < ENOUGH {
            std::hint::spin_loop();
        }
        Self::now()
    }
}

/// The ratio of ticks to nanoseconds.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    from: Anchor,
    ticks: u64,
    nanos: u64,
}

impl Scale {
    /// Computes the scale from two moments, the earlier one first.
    #[must_use]
    pub fn between(from: Anchor, to: Anchor) -> Self {
        if !counter_trusted() {
            return Self { from, ticks: 1, nanos: 1 };
        }
        let ticks = to.ticks.saturating_sub(from.ticks).max(1);
        let nanos =
            u64::try_from(to.instant.duration_since(from.instant).as_nanos()).unwrap_or(u64::MAX).max(1);
        Self { from, ticks, nanos }
    }

    /// Converts ticks to nanoseconds, rounded; exact to the resolution of the two anchors.
    #[must_use]
    pub fn nanos(&self, ticks: u64) -> u64 {
        let nanos = (u128::from(ticks) * u128::from(self.nanos) + u128::from(self.ticks / 2))
            / u128::from(self.ticks);
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }

    /// Converts a time to ticks, rounded down.
    #[must_use]
    pub fn ticks(&self, time: Duration) -> u64 {
        let ticks = time.as_nanos() * u128::from(self.ticks) / u128::from(self.nanos);
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }

    /// Converts a moment in ticks to wall-clock time.
    #[must_use]
    pub fn wall(&self, ticks: u64) -> SystemTime {
        if ticks >= self.from.ticks {
            self.from.wall + Duration::from_nanos(self.nanos(ticks - self.from.ticks))
        } else {
            self.from.wall - Duration::from_nanos(self.nanos(self.from.ticks - ticks))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_monotonic_on_one_thread() {
        let mut last = now();
        for _ in 0..10_000 {
            let next = now();
            assert!(next >= last);
            last = next;
        }
    }

    #[test]
    fn a_scale_maps_its_anchors_onto_each_other() {
        let from = Anchor::now();
        let to = Anchor::after(&from);
        let scale = Scale::between(from, to);
        let wanted = to.instant.duration_since(from.instant).as_nanos() as u64;
        // Without a trusted counter, ticks are nanoseconds of a reading of their own, which is slightly off.
        assert!(
            scale.nanos(to.ticks - from.ticks).abs_diff(wanted)
                <= if counter_trusted() { 1 } else { 100_000 }
        );
        assert_eq!(scale.nanos(0), 0);
    }
}
