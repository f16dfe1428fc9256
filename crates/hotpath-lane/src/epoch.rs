//! Which epoch a lane's numbers belong to, and how a reader notices that they are being cleared for another.

use crate::primitive::{AtomicU32, Ordering, fence};

/// Between epochs.
const NONE: u32 = 0;

/// The epoch of one lane.
#[derive(Debug)]
pub(crate) struct Epoch(AtomicU32);

impl Epoch {
    pub(crate) fn new() -> Self {
        Self(AtomicU32::new(NONE))
    }

    /// Owner only.
    #[inline(always)]
    pub(crate) fn get(&self) -> u32 {
        self.0.load(Ordering::Relaxed) // own store
    }

    /// Owner only. Runs `clear` while no reader trusts the lane.
    pub(crate) fn turn_to(&self, epoch: u32, clear: impl FnOnce()) {
        self.0.store(NONE, Ordering::Relaxed);
        // Pairs with the Acquire fence in `read`: a reader that sees something cleared also sees the epoch gone.
        fence(Ordering::Release);
        clear();
        self.0.store(epoch, Ordering::Release); // pairs with the Acquire in `read`
    }

    /// Any thread. The result of `part`, if the lane counted `epoch` before and after.
    pub(crate) fn read<T>(&self, epoch: u32, part: impl FnOnce() -> T) -> Option<T> {
        // Pairs with the Release in `turn_to`: what is read is of this epoch.
        if self.0.load(Ordering::Acquire) != epoch {
            return None;
        }
        let result = part();
        fence(Ordering::Acquire); // pairs with the Release fence in `turn_to`
        (self.0.load(Ordering::Relaxed) == epoch).then_some(result)
    }
}
