//! The epoch of a lane's numbers, by which a reader notices that they are being cleared for another epoch.

use crate::primitive::{AtomicU32, Ordering, fence};

/// No epoch: the numbers are being cleared.
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

    /// Owner only. Runs `clear` while no reader trusts the lane, then begins `epoch`.
    pub(crate) fn turn_to(&self, epoch: u32, clear: impl FnOnce()) {
        self.0.store(NONE, Ordering::Relaxed);
        // Pairs with the Acquire fence in `read`: a reader that sees a cleared number also sees that the epoch is over.
        fence(Ordering::Release);
        clear();
        self.0.store(epoch, Ordering::Release); // pairs with the Acquire in `read`
    }

    /// Any thread. Returns the result of `part`, if the lane counted `epoch` before and after it.
    pub(crate) fn read<T>(&self, epoch: u32, part: impl FnOnce() -> T) -> Option<T> {
        // Pairs with the Release in `turn_to`: the numbers are of this epoch.
        if self.0.load(Ordering::Acquire) != epoch {
            return None;
        }
        let result = part();
        fence(Ordering::Acquire); // pairs with the Release fence in `turn_to`
        (self.0.load(Ordering::Relaxed) == epoch).then_some(result)
    }
}
