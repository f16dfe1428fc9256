//! The gate, which is open while calls are recorded, and the epochs that it counts.
//!
//! Every session, and every reset within one, begins an epoch. Lanes are not cleared from outside: a lane of an older epoch clears
//! itself at its owner's next hit, and readers skip it until then.

use std::sync::atomic::{AtomicU32, Ordering};

/// The current epoch while recording, else 0. Read by every measured call; written a few times in a program's life.
static GATE: AtomicU32 = AtomicU32::new(0);
/// The distance between two epochs, which leaves room for four flags in the word of a frame's epoch.
pub(crate) const STEP: u32 = 16;

/// The newest epoch, even while the gate is shut.
static LAST: AtomicU32 = AtomicU32::new(0);

/// Begins and returns a new epoch: everything counts from zero.
pub fn open() -> u32 {
    let epoch = LAST.fetch_add(STEP, Ordering::AcqRel).wrapping_add(STEP);
    // Pairs with the Acquire in `epoch_acquire`: the slow path sees the clock and the filter that a session sets before.
    GATE.store(epoch, Ordering::Release);
    epoch
}

/// Stops recording. The numbers stay readable.
pub fn shut() {
    GATE.store(0, Ordering::Release);
}

/// Resumes recording in the newest epoch.
pub fn reopen() {
    GATE.store(LAST.load(Ordering::Acquire), Ordering::Release);
}

/// The newest epoch; 0 before the first.
#[must_use]
pub fn last() -> u32 {
    LAST.load(Ordering::Acquire)
}

/// Returns `true` while calls are recorded.
#[must_use]
pub fn is_open() -> bool {
    GATE.load(Ordering::Relaxed) != 0
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn epoch() -> u32 {
    GATE.load(Ordering::Relaxed) // no partner: a call that sees the gate late is recorded late
}

/// The epoch for the slow path, which then reads the settings that were made before the gate opened.
pub(crate) fn epoch_acquire() -> u32 {
    GATE.load(Ordering::Acquire) // pairs with the Release in `open`
}
