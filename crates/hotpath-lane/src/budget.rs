//! The budget: the share of the program's time that recording may take.
//!
//! Sites of [`Interest::Budget`](crate::Interest::Budget) time every call that is long enough to pay for it, or rare enough not to
//! matter. Of the others they time one in each stratum, whose length follows from three numbers: the cost of
//! a timed call, the recent mean duration of the node's calls, and the lane's *pressure*. The pressure rises while the lane spends more
//! than its budget, and falls while it spends less.

use std::cell::Cell;

use crate::{
    estimates::{EVERY, Estimates},
    primitive::{AtomicU64, Ordering},
};

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

/// The fields of [`Budget`], as bits.
static SHARE: AtomicU64 = AtomicU64::new(0);
static TIMED: AtomicU64 = AtomicU64::new(0);
static COUNTED: AtomicU64 = AtomicU64::new(0);

/// Sets the budget. Sessions do so before they open the gate.
///
/// ```
/// hotpath_lane::budget::set(hotpath_lane::budget::Budget { share: 0.02, timed: 70.0, counted: 7.0 });
/// ```
pub fn set(budget: Budget) {
    // No order: a thread that sees the old budget for a moment times a few calls more or less.
    SHARE.store(budget.share.clamp(0.0, 1.0).to_bits(), Ordering::Relaxed);
    TIMED.store(budget.timed.to_bits(), Ordering::Relaxed);
    COUNTED.store(budget.counted.to_bits(), Ordering::Relaxed);
}

impl Budget {
    fn present() -> Self {
        let load = |bits: &AtomicU64| f64::from_bits(bits.load(Ordering::Relaxed)); // as in `set`
        Self { share: load(&SHARE), timed: load(&TIMED), counted: load(&COUNTED) }
    }
}

/// Timed calls of a node before its mean duration says anything.
const TRIAL: u64 = 8;
/// A node whose calls would cost less than this part of the budget, were all of them timed, is timed at every call.
const RARE: f64 = 1.0 / 64.0;
/// The longest stratum. Longer ones would save nothing, since counting costs more than one timed call among 128, and the budget
/// would be slow to notice that calls have become long.
const LONGEST: f64 = 128.0;
/// Timed calls after which the pressure is adjusted.
const WINDOW: u32 = 64;
const PRESSURES: (f64, f64) = (1.0 / 4096.0, 64.0);

/// The spending of one lane, in ticks. Owner only.
#[derive(Debug)]
pub(crate) struct Spending {
    /// The first call that was timed for the budget; 0 before.
    began: Cell<u64>,
    /// The beginning of the present window, and what was spent in it.
    from: Cell<u64>,
    timed: Cell<f64>,
    counted: Cell<f64>,
    calls: Cell<u32>,
    pressure: Cell<f64>,
}

impl Spending {
    pub(crate) fn new() -> Self {
        Self {
            began: Cell::new(0),
            from: Cell::new(0),
            timed: Cell::new(0.0),
            counted: Cell::new(0.0),
            calls: Cell::new(0),
            pressure: Cell::new(PRESSURES.0),
        }
    }

    /// A new epoch begins.
    pub(crate) fn restart(&self) {
        self.began.set(0);
        self.calls.set(0);
        self.pressure.set(PRESSURES.0);
    }

    /// A timed call ended at `end`, with this weight, at a node with this many calls. Chooses the node's next stratum.
    pub(crate) fn steer(&self, estimates: &Estimates, end: u64, weight: u32, calls: u64) {
        if estimates.is_budgeted() {
            let budget = Budget::present();
            self.spend(budget, end, weight);
            estimates.set_stride(self.stride(budget, estimates, end, calls));
        }
    }

    fn spend(&self, budget: Budget, end: u64, weight: u32) {
        if self.began.get() == 0 {
            self.began.set(end);
        }
        if self.calls.get() == 0 {
            self.timed.set(0.0);
            self.counted.set(0.0);
            self.from.set(end);
        }
        self.timed.set(self.timed.get() + budget.timed);
        self.counted.set(self.counted.get() + budget.counted * f64::from(weight - 1));
        self.calls.set(self.calls.get() + 1);
        if self.calls.get() == WINDOW {
            self.calls.set(0);
            let all = budget.share * end.saturating_sub(self.from.get()).max(1) as f64;
            // Half of the budget is for timing, even where counting alone takes more than all of it.
            let left = (all - self.counted.get()).max(all / 2.0);
            let ratio = (self.timed.get() / left).clamp(0.25, 16.0);
            self.pressure.set((self.pressure.get() * ratio).clamp(PRESSURES.0, PRESSURES.1));
        }
    }

    fn stride(&self, budget: Budget, estimates: &Estimates, end: u64, calls: u64) -> u32 {
        let elapsed = end.saturating_sub(self.began.get()) as f64;
        let is_rare = calls as f64 * budget.timed <= RARE * budget.share * elapsed;
        if estimates.timed() < TRIAL || is_rare {
            return EVERY;
        }
        let affordable = budget.timed / budget.share.max(1e-6);
        let length = self.pressure.get() * affordable / estimates.mean().max(1) as f64;
        (length.clamp(1.0, LONGEST) * f64::from(EVERY)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs calls of this duration, in ticks, back to back, and returns the share of time that was spent, and of calls that were timed.
    fn run(
        spending: &Spending,
        estimates: &Estimates,
        now: &mut u64,
        duration: u64,
        calls: u64,
    ) -> (f64, f64) {
        let (mut spent, mut timed, mut left, mut random) = (0.0, 0, 1, 1_u32);
        let (budget, from) = (Budget::present(), *now);
        let mut weight = 1;
        for call in 0..calls {
            *now += duration;
            left -= 1;
            if left > 0 {
                *now += budget.counted as u64;
                spent += budget.counted;
                continue;
            }
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (weight, left) = estimates.begin(random);
            estimates.end(duration, weight);
            spending.steer(estimates, *now, weight, call);
            *now += budget.timed as u64;
            spent += budget.timed;
            timed += 1;
        }
        assert!(weight > 0);
        (spent / (*now - from) as f64, timed as f64 / calls as f64)
    }

    #[test]
    fn calls_are_timed_as_far_as_the_budget_goes() {
        set(Budget { share: 0.05, timed: 100.0, counted: 4.0 });
        let (spending, estimates, mut now) = (Spending::new(), Estimates::budgeted(), 1);
        let (spent, timed) = run(&spending, &estimates, &mut now, 200, 100_000);
        assert!((0.03..0.07).contains(&spent) && timed < 0.15, "{spent} {timed}"); // 2 % for counting, 3 % for timing
        let (spent, timed) = run(&spending, &estimates, &mut now, 100_000, 10_000);
        assert!(spent < 0.05 && timed > 0.9, "{spent} {timed}"); // it comes back when calls become long
        let (spent, timed) = run(&spending, &estimates, &mut now, 2_000, 100_000);
        assert!((0.02..0.06).contains(&spent) && timed > 0.3, "{spent} {timed}");
        let (spent, timed) = run(&spending, &estimates, &mut now, 10, 1_000_000);
        assert!(spent < 0.4 && timed < 0.02, "{spent} {timed}"); // counting alone costs 28 %
    }
}
