//! The budget: the share of the program's time that recording may take.
//!
//! Sites of [`Interest::Budget`](crate::Interest::Budget) time every call that is long enough to pay for it. Of shorter calls they time
//! every k-th, so that on average each call pays for its share.

use crate::primitive::{AtomicU64, Ordering};

/// The budget, and what recording costs on this machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Budget {
    /// The share of a thread's time that recording may take, 0.0 to 1.0.
    pub share: f64,
    /// Ticks that a timed call costs, all in all.
    pub timed: f64,
    /// Ticks that a counted call costs.
    pub counted: f64,
}

/// 1/256 ticks that a timed call costs, and a counted one.
static TIMED: AtomicU64 = AtomicU64::new(0);
static COUNTED: AtomicU64 = AtomicU64::new(0);
/// Ticks that a call must take for a timed call to be affordable.
static AFFORDABLE: AtomicU64 = AtomicU64::new(0);

/// Sets the budget, before a session opens the gate.
pub fn set(budget: Budget) {
    let share = budget.share.clamp(1e-6, 1.0);
    // No order: whoever sees the old budget for a moment times a few calls more or less.
    TIMED.store((budget.timed * 256.0) as u64, Ordering::Relaxed);
    COUNTED.store((budget.counted * 256.0) as u64, Ordering::Relaxed);
    AFFORDABLE.store((budget.timed / share) as u64, Ordering::Relaxed);
}
