//! The number behind a key of `gauge!`.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU32, AtomicU64, Ordering},
};

use hotpath_lane::gate;

/// The value of a gauge, which any thread changes, and its extremes in the newest session. The value outlives sessions, as what it
/// counts does.
///
/// The orders are relaxed: each word stands alone. A thread that changes the value at the turn of a session may put it among the
/// extremes of either.
#[derive(Debug)]
pub(super) struct GaugeState {
    /// The bits of an `f64`.
    value: AtomicU64,
    epoch: AtomicU32,
    /// In the form of [`ordered`].
    lowest: AtomicU64,
    highest: AtomicU64,
    turning: Mutex<()>,
}

impl GaugeState {
    pub(super) const fn new() -> Self {
        Self {
            value: AtomicU64::new(0),
            epoch: AtomicU32::new(0),
            lowest: AtomicU64::new(u64::MAX),
            highest: AtomicU64::new(0),
            turning: Mutex::new(()),
        }
    }

    pub(super) fn get(&self) -> f64 {
        f64::from_bits(self.value.load(Ordering::Relaxed))
    }

    pub(super) fn set(&self, value: f64) {
        self.value.store(value.to_bits(), Ordering::Relaxed);
    }

    /// Adds, and returns the sum.
    pub(super) fn add(&self, by: f64) -> f64 {
        let mut bits = self.value.load(Ordering::Relaxed);
        loop {
            let sum = f64::from_bits(bits) + by;
            match self.value.compare_exchange_weak(bits, sum.to_bits(), Ordering::Relaxed, Ordering::Relaxed)
            {
                Ok(_) => return sum,
                Err(newer) => bits = newer,
            }
        }
    }

    /// Puts a value among the extremes, unless it is NaN.
    pub(super) fn extend_extremes(&self, value: f64) {
        let epoch = gate::last();
        if self.epoch.load(Ordering::Acquire) != epoch {
            self.turn_to(epoch);
        }
        let value = if value.is_nan() { return } else { ordered(value) };
        if value < self.lowest.load(Ordering::Relaxed) {
            self.lowest.fetch_min(value, Ordering::Relaxed);
        }
        if value > self.highest.load(Ordering::Relaxed) {
            self.highest.fetch_max(value, Ordering::Relaxed);
        }
    }

    #[cold]
    fn turn_to(&self, epoch: u32) {
        let _one_at_a_time = self.turning.lock().unwrap_or_else(PoisonError::into_inner);
        if self.epoch.load(Ordering::Relaxed) != epoch {
            self.lowest.store(u64::MAX, Ordering::Relaxed);
            self.highest.store(0, Ordering::Relaxed);
            self.epoch.store(epoch, Ordering::Release); // pairs with the Acquire in `extend_extremes`
        }
    }

    /// The lowest and the highest value of the newest session.
    pub(super) fn extremes(&self) -> Option<(f64, f64)> {
        let (lowest, highest) = (self.lowest.load(Ordering::Relaxed), self.highest.load(Ordering::Relaxed));
        (lowest <= highest).then(|| (unordered(lowest), unordered(highest)))
    }
}

const SIGN: u64 = 1 << 63;

/// Returns an integer that is greater for a greater `f64`.
fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & SIGN == 0 { bits | SIGN } else { !bits }
}

fn unordered(ordered: u64) -> f64 {
    f64::from_bits(if ordered & SIGN == 0 { !ordered } else { ordered & !SIGN })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordered_numbers_keep_the_order_of_floats() {
        let floats = [f64::NEG_INFINITY, -1e300, -1.0, -0.0, 0.0, 1e-300, 2.5, f64::INFINITY];
        for pair in floats.windows(2) {
            assert!(ordered(pair[0]) < ordered(pair[1]), "{pair:?}");
        }
        for float in floats {
            assert_eq!(unordered(ordered(float)).to_bits(), float.to_bits());
        }
    }

    #[test]
    fn no_change_of_a_gauge_is_lost() {
        static GAUGE: GaugeState = GaugeState::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    (0..10_000).for_each(|_| {
                        GAUGE.add(3.0);
                        GAUGE.add(-1.0);
                    });
                });
            }
        });
        assert_eq!(GAUGE.get().to_bits(), 80_000_f64.to_bits());
    }
}
