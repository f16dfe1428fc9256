//! Whether anything is recorded, and since when: the epoch.
//!
//! Every session, and every reset within one, is an epoch. Nobody goes through the lanes to clear them: a lane whose
//! epoch is an old one clears itself at its owner's next hit, and until then readers pass it over.

use std::sync::atomic::{AtomicU32, Ordering};

/// The current epoch while recording, else 0. Read by every measured call; written a few times in a program's life.
static GATE: AtomicU32 = AtomicU32::new(0);
/// Epochs are this far detached, so that a frame can keep its epoch and two flags in one word.
pub(crate) const STEP: u32 = 4;

/// The newest epoch, also while the gate is shut.
static LAST: AtomicU32 = AtomicU32::new(0);

/// Begins a new epoch: from here on everything counts from zero.
pub fn open() -> u32 {
    let epoch = LAST.fetch_add(STEP, Ordering::AcqRel).wrapping_add(STEP);
    // Pairs with the Acquire in `epoch_acquire`: what was set up before a session (clock, filter) is seen by the slow path.
    GATE.store(epoch, Ordering::Release);
    epoch
}

/// Stops recording. What was counted stays readable.
pub fn shut() {
    GATE.store(0, Ordering::Release);
}

/// Goes on recording in the newest epoch.
pub fn reopen() {
    GATE.store(LAST.load(Ordering::Acquire), Ordering::Release);
}

/// The newest epoch; 0 before the first.
#[must_use]
pub fn last() -> u32 {
    LAST.load(Ordering::Acquire)
}

/// Whether calls are being recorded.
#[must_use]
pub fn is_open() -> bool {
    GATE.load(Ordering::Relaxed) != 0
}

#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn epoch() -> u32 {
    GATE.load(Ordering::Relaxed) // no partner: a call that sees the gate a little late is recorded a little late
}

/// The epoch for the slow path, which goes on to read what was prepared before the gate was opened.
pub(crate) fn epoch_acquire() -> u32 {
    GATE.load(Ordering::Acquire) // pairs with the Release in `open`
}
