//! CPU samples: a sampler reads the current node of a thread, and adds one there.
//!
//! On most systems the sampler is a signal handler, which runs on the thread itself and may interrupt it between any two
//! instructions. So [`Target::hit`] takes no lock, allocates nothing, touches no thread-local (in a library that was loaded late,
//! the first touch may allocate) and uses only atomics.
//!
//! Invariants, wherever the handler interrupts:
//! - **The position.** `Lane::current` is one word: null, or a node of the lane, and nodes are never freed. It changes in one
//!   instruction: a sample counts at the node before or after it.
//! - **Counting.** A sample is one `fetch_add`. The owner of the lane never adds to the count. It only stores 0, when it clears the lane
//!   for another epoch. It never stores a value that it loaded before the handler ran, so no sample is undone.
//! - **Epochs.** `Lane::turn_to` stores "none", clears, and then stores the new epoch. A handler before that sees the old epoch, and one
//!   in the middle sees none. Neither is the gate's epoch, so the sample goes to the lane's `UnattributedSamples` of the gate's
//!   epoch. A handler after it sees the new epoch and cleared nodes. So a node holds samples of one epoch only, and a thread
//!   that calls nothing for a long time still has its samples counted.
//! - **The end of a thread.** The thread removes the lane from its target ([`Target::leave`]) before it gives the lane back. A
//!   later handler on that thread finds no lane.
//! - **A sampling thread** (on systems without such signals) does all of this from outside. It may read the epoch before the lane is
//!   cleared and add after it: then one sample of the old epoch counts in the new one, at the moment of its beginning.
//!
//! A paused session counts nothing, because positions are not updated meanwhile.

use std::{
    ptr::null_mut,
    sync::atomic::{AtomicPtr, Ordering},
};

use crate::{
    gate,
    lane::Lane,
    node::Node,
    site::{self, Site},
    thread,
    unattributed::UnattributedSamples,
};

/// The sampler's path to the lane of a thread. Must not be freed while a handler may run.
#[derive(Debug)]
pub struct Target {
    /// Null while the thread has no lane.
    lane: AtomicPtr<Lane>,
    /// Samples of a thread without a lane.
    unattributed: UnattributedSamples,
}

/// The position of a thread at a sample: a node in the call tree of this epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position(*const Node);

impl Target {
    /// A target for a thread without a lane.
    #[must_use]
    pub fn new() -> Self {
        Self { lane: AtomicPtr::new(null_mut()), unattributed: UnattributedSamples::new() }
    }

    /// By the thread. Samples go to its lane from now on, if it has one.
    pub fn join(&self) {
        if let Some(lane) = thread::known_lane() {
            self.lane.store(std::ptr::from_ref(lane).cast_mut(), Ordering::Release); // pairs with `hit`
        }
    }

    /// By the thread before it gives its lane back, or after the thread's end. Samples go to no lane any more.
    pub fn leave(&self) {
        self.lane.store(null_mut(), Ordering::Release); // pairs with `hit`
    }

    /// Returns `true` if samples go to a lane.
    #[must_use]
    pub fn has_lane(&self) -> bool {
        !self.lane.load(Ordering::Relaxed).is_null()
    }

    /// Adds `weight` samples at the thread's position, if anything is recorded, and returns that position. Async-signal-safe.
    pub fn hit(&self, weight: u64) -> Hit {
        let epoch = gate::epoch();
        if epoch == 0 {
            return Hit::Nothing;
        }
        // SAFETY: null or a leaked lane. Acquire pairs with the Release in `join`.
        let Some(lane) = (unsafe { self.lane.load(Ordering::Acquire).as_ref() }) else {
            self.unattributed.add(epoch, weight);
            return Hit::Outside(epoch);
        };
        if lane.epoch.get() != epoch {
            lane.unattributed.add(epoch, weight);
            return Hit::Outside(epoch);
        }
        let current = lane.current.load(Ordering::Acquire); // pairs with the Release in `set_current`
        // SAFETY: null or a node, never freed.
        match unsafe { current.as_ref() } {
            Some(node) => node.hit(weight),
            None => lane.unattributed.add(epoch, weight),
        }
        let is_measured = !current.is_null() && !std::ptr::eq(current, &raw const lane.tree.root);
        if is_measured { Hit::At(epoch, Position(current)) } else { Hit::Outside(epoch) }
    }

    /// Discards the samples without a lane, which the caller keeps elsewhere. Only while nobody samples the target.
    pub fn forget(&self) {
        self.unattributed.forget();
    }

    /// Returns the samples of this epoch while the thread had no lane.
    #[must_use]
    pub fn unattributed(&self, epoch: u32) -> u64 {
        self.unattributed.read(epoch)
    }
}

impl Default for Target {
    fn default() -> Self {
        Self::new()
    }
}

/// The outcome of a sample, with its epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// Nothing is recorded.
    Nothing,
    /// The thread was outside of measured code.
    Outside(u32),
    /// The thread was at this position.
    At(u32, Position),
}

impl Position {
    /// Converts the position to a number other than 0.
    #[must_use]
    pub fn to_word(self) -> usize {
        self.0.expose_provenance()
    }

    /// Converts a number from [`Position::to_word`] back; `None` for 0.
    ///
    /// # Safety
    ///
    /// The number must be 0 or come from `to_word`.
    #[must_use]
    pub unsafe fn from_word(word: usize) -> Option<Self> {
        (word != 0).then(|| Self(std::ptr::with_exposed_provenance(word)))
    }

    /// Returns the sites on the path to this position, outermost first. Valid while the lane counts the epoch of the sample; later the
    /// node may be reused for another path.
    #[must_use]
    pub fn path(self) -> Vec<&'static Site> {
        let sites = site::sites();
        // SAFETY: a position is of a node, and nodes are never freed.
        let mut at = Some(unsafe { &*self.0 });
        let mut path = Vec::new();
        while let Some(node) = at {
            path.extend((node.site() as usize).checked_sub(1).and_then(|at| sites.get(at).copied()));
            at = node.parent();
        }
        path.reverse();
        path
    }
}
