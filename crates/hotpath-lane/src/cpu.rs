//! CPU samples: somebody looks where a thread is, and adds one there.
//!
//! On most systems that is a signal handler, which runs on the thread itself and may interrupt it between any two of its
//! instructions. So [`Target::hit`] takes no lock, allocates nothing, touches no thread-local (the first touch of one may
//! allocate in a library that was loaded late) and calls nothing but atomics.
//!
//! What must stay true, wherever the handler comes in:
//! - **The position.** `Lane::current` is one word, null or a node of the lane, and nodes are never freed. It is the new place
//!   from one instruction on: a sample is of the place before or after, and never of none.
//! - **Counting.** A sample is one `fetch_add`. The owner of the lane never adds to it; it only stores 0, when it clears for
//!   another epoch. Nothing that the owner had loaded before is stored after the handler returns, so no sample is undone.
//! - **Epochs.** `Lane::turn_to` stores "none" first, clears, and stores the new epoch last. A handler that comes before sees
//!   the old epoch, one in the middle sees none; both are not the gate's, and the sample goes to the lane's `UnattributedSamples`, which
//!   counts for the gate's epoch. One that comes after sees the new epoch and cleared nodes. So a node holds samples of one
//!   epoch only. A thread that calls nothing for a long time leaves its lane as it is and still has its samples counted.
//! - **The end of a thread.** The thread takes the lane out of its target ([`Target::leave`]) before it gives the lane back. A
//!   handler that comes later on that thread finds no lane.
//! - **Another thread that looks** (systems without such signals) does the same from outside. It may see the epoch before a
//!   clearing and add after it: one sample of the old epoch in the new one, at a moment when both begin anyway.
//!
//! A paused session counts nothing: positions are not kept up to date then.

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

/// The way from a sample to the lane of a thread. Not freed while a handler may come.
#[derive(Debug)]
pub struct Target {
    /// Null while the thread has no lane.
    lane: AtomicPtr<Lane>,
    /// Samples of a thread without a lane.
    unattributed: UnattributedSamples,
}

/// Where a sample met its thread: a place in the call tree of this epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Position(*const Node);

impl Target {
    /// A target of a thread without a lane.
    #[must_use]
    pub fn new() -> Self {
        Self { lane: AtomicPtr::new(null_mut()), unattributed: UnattributedSamples::new() }
    }

    /// By the thread: samples go to its lane from now on, if it has one.
    pub fn join(&self) {
        if let Some(lane) = thread::known_lane() {
            self.lane.store(std::ptr::from_ref(lane).cast_mut(), Ordering::Release); // pairs with `hit`
        }
    }

    /// By the thread, before it gives its lane back, or when the thread has ended: there is no lane any more.
    pub fn leave(&self) {
        self.lane.store(null_mut(), Ordering::Release); // pairs with `hit`
    }

    /// Whether samples go to a lane.
    #[must_use]
    pub fn has_lane(&self) -> bool {
        !self.lane.load(Ordering::Relaxed).is_null()
    }

    /// Adds `weight` samples where the thread is, if anything is recorded, and tells where that was. Async-signal-safe.
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

    /// What was counted without a lane is forgotten, because it is kept elsewhere. While nobody samples the target.
    pub fn forget(&self) {
        self.unattributed.forget();
    }

    /// Samples of this epoch while the thread had no lane.
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

/// What became of a sample, and in which epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// Nothing is recorded.
    Nothing,
    /// It met the thread outside of everything measured.
    Outside(u32),
    /// It met the thread here.
    At(u32, Position),
}

impl Position {
    /// The position as a number that is not 0.
    #[must_use]
    pub fn to_word(self) -> usize {
        self.0.expose_provenance()
    }

    /// The position of a number that [`Position::to_word`] gave; `None` for 0.
    ///
    /// # Safety
    ///
    /// The number must be 0 or come from `to_word`.
    #[must_use]
    pub unsafe fn from_word(word: usize) -> Option<Self> {
        (word != 0).then(|| Self(std::ptr::with_exposed_provenance(word)))
    }

    /// The sites on the way to this place, outermost first. Right while the lane still counts the epoch in which the position
    /// was found; later it may be the way to another place.
    #[must_use]
    pub fn path(self) -> Vec<&'static Site> {
        let sites = site::sites();
        // SAFETY: a position is of a node, and nodes are never freed.
        let mut at = Some(unsafe { &*self.0 });
        let mut path = Vec::new();
        while let Some(node) = at {
            path.extend((node.site() as usize).checked_sub(1).and_then(|place| sites.get(place).copied()));
            at = node.parent();
        }
        path.reverse();
        path
    }
}
