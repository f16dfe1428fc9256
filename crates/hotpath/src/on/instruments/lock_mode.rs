//! The two ways to hold a lock.

use hotpath_lane::Site;

/// A way to hold a lock. A mutex has only the exclusive one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockMode {
    /// By one holder alone: a mutex, or a writer.
    Exclusive,
    /// By several at once: readers.
    Shared,
}

impl LockMode {
    /// Sites of a resource per mode: those of its holds and of its waits.
    pub(crate) const EVENT_KINDS: u8 = 2;

    /// The site that records how long the lock is held.
    #[inline]
    pub(crate) fn holds(self, sites: &'static [Site]) -> &'static Site {
        &sites[self.first()]
    }

    /// The site that records how long is waited for the lock.
    #[inline]
    pub(crate) fn waits(self, sites: &'static [Site]) -> &'static Site {
        &sites[self.first() + 1]
    }

    const fn first(self) -> usize {
        self as usize * Self::EVENT_KINDS as usize
    }
}
