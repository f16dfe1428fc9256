//! Slots: what a sample finds of its thread, by number, since a number is all that a timer can carry.
//!
//! Slots are made once, never freed, and belong to one living thread at a time. [`hit`] is safe in a signal handler: it uses atomics
//! and reads the thread's own stack.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
};

use hotpath_lane::cpu::{Hit, Target};

use super::stacks::Stacks;
use crate::imp::os::cpu::{Bounds, MAX_THREADS, Registers};

static SLOTS: [OnceLock<Slot>; MAX_THREADS] = [const { OnceLock::new() }; MAX_THREADS];

/// The most samples that were taken at once.
static HEAVIEST: AtomicU64 = AtomicU64::new(0);

/// The samples of one thread at a time.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) target: Target,
    /// The thread that it belongs to; 0 for none. A signal that comes too late finds another thread here, or none.
    thread: AtomicU32,
    /// The number of times that samples were taken of the thread in a recording session. Never cleared.
    taken: AtomicU64,
    /// True if the thread has a lane, or had one.
    has_measured: AtomicBool,
    pub(super) stacks: Stacks,
}

impl Slot {
    pub(super) fn of(number: usize) -> &'static Self {
        SLOTS[number].get_or_init(|| Self {
            target: Target::new(),
            thread: AtomicU32::new(0),
            taken: AtomicU64::new(0),
            has_measured: AtomicBool::new(false),
            stacks: Stacks::new(),
        })
    }

    /// Assigns the slot to a thread.
    pub(super) fn give_to(&self, thread: u32) {
        self.has_measured.store(false, Ordering::Relaxed);
        self.thread.store(thread, Ordering::Release); // pairs with the Acquire in `hit`
    }

    /// Takes the slot from its thread: samples that come too late are not counted.
    pub(super) fn take_back(&self) {
        self.thread.store(0, Ordering::Release); // pairs with the Acquire in `hit`
        self.target.leave();
        self.stacks.leave();
    }

    /// Runs on the thread, which has a lane from here on.
    pub(super) fn join(&self, bounds: Option<Bounds>) {
        self.stacks.join(bounds);
        self.target.join();
        self.has_measured.store(true, Ordering::Relaxed); // read under the lock that this is written under
    }

    /// Returns true if the thread has a lane, or had one.
    pub(super) fn has_measured(&self) -> bool {
        self.has_measured.load(Ordering::Relaxed)
    }

    /// Counts `weight` samples of the thread, with its registers if they are known.
    pub(super) fn count(&self, weight: u64, registers: Option<Registers>) {
        let hit = self.target.hit(weight);
        if hit == Hit::Nothing {
            return;
        }
        self.taken.fetch_add(1, Ordering::Relaxed); // stands alone
        HEAVIEST.fetch_max(weight, Ordering::Relaxed); // stands alone
        if let Some(registers) = registers {
            self.stacks.add(hit, weight, registers);
        }
    }
}

/// Returns all slots made so far.
pub(super) fn all() -> impl Iterator<Item = &'static Slot> {
    SLOTS.iter().map_while(OnceLock::get)
}

/// Returns the number of times that samples were taken.
pub(super) fn snapshots() -> u64 {
    all().map(|slot| slot.taken.load(Ordering::Relaxed)).sum()
}

/// Returns the most samples that were taken at once, since the last call of [`forget_heaviest`].
pub(super) fn heaviest() -> u64 {
    HEAVIEST.load(Ordering::Relaxed)
}

pub(super) fn forget_heaviest() {
    HEAVIEST.store(0, Ordering::Relaxed);
}

/// Counts `weight` samples for a slot. Called by the signal handler on the thread `me`. Async-signal-safe.
pub(super) fn hit(number: usize, me: u32, weight: u64, registers: Option<Registers>) {
    if let Some(slot) = SLOTS.get(number).and_then(OnceLock::get)
        && slot.thread.load(Ordering::Acquire) == me
    {
        slot.count(weight, registers);
    }
}
