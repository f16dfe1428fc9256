//! What a sample finds of its thread: a slot, by number, since a number is all that a timer can carry.
//!
//! Slots are made once, never freed, and belong to one living thread at a time. What [`hit`] does is safe in a signal handler:
//! atomics, and a look at the thread's own stack.

use std::sync::{
    OnceLock,
    atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
};

use hotpath_lane::cpu::{Hit, Target};

use super::stacks::Stacks;
use crate::imp::os::cpu::{Bounds, MAX_THREADS, Registers};

static SLOTS: [OnceLock<Slot>; MAX_THREADS] = [const { OnceLock::new() }; MAX_THREADS];

/// The most samples that one look counted for.
static HEAVIEST: AtomicU64 = AtomicU64::new(0);

/// Of one thread at a time.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) target: Target,
    /// Number of the thread it belongs to; 0 for none. A signal that comes too late finds another number here, or none.
    thread: AtomicU32,
    /// How often the thread was looked at, and found in a recording session. Never cleared.
    looks: AtomicU64,
    /// Whether the thread has a lane, or had one.
    has_measured: AtomicBool,
    pub(super) stacks: Stacks,
}

impl Slot {
    pub(super) fn of(number: usize) -> &'static Self {
        SLOTS[number].get_or_init(|| Self {
            target: Target::new(),
            thread: AtomicU32::new(0),
            looks: AtomicU64::new(0),
            has_measured: AtomicBool::new(false),
            stacks: Stacks::new(),
        })
    }

    /// From here on it belongs to that thread.
    pub(super) fn give_to(&self, thread: u32) {
        self.has_measured.store(false, Ordering::Relaxed);
        self.thread.store(thread, Ordering::Release); // pairs with the Acquire in `hit`
    }

    /// It belongs to nobody: what comes too late is not counted.
    pub(super) fn take_back(&self) {
        self.thread.store(0, Ordering::Release); // pairs with the Acquire in `hit`
        self.target.leave();
        self.stacks.leave();
    }

    /// By the thread, which has a lane from here on.
    pub(super) fn join(&self, bounds: Option<Bounds>) {
        self.stacks.join(bounds);
        self.target.join();
        self.has_measured.store(true, Ordering::Relaxed); // read under the lock that this is written under
    }

    /// Whether the thread has a lane, or had one.
    pub(super) fn has_measured(&self) -> bool {
        self.has_measured.load(Ordering::Relaxed)
    }

    /// `weight` samples of the thread, which is at the registers, if those are known.
    pub(super) fn count(&self, weight: u64, registers: Option<Registers>) {
        let hit = self.target.hit(weight);
        if hit == Hit::Nothing {
            return;
        }
        self.looks.fetch_add(1, Ordering::Relaxed); // stands alone
        HEAVIEST.fetch_max(weight, Ordering::Relaxed); // stands alone
        if let Some(registers) = registers {
            self.stacks.add(hit, weight, registers);
        }
    }
}

/// All slots there are.
pub(super) fn all() -> impl Iterator<Item = &'static Slot> {
    SLOTS.iter().map_while(OnceLock::get)
}

/// How often threads were looked at in all.
pub(super) fn looks() -> u64 {
    all().map(|slot| slot.looks.load(Ordering::Relaxed)).sum()
}

/// The most samples that one look counted for, since the last call of [`forget_heaviest`].
pub(super) fn heaviest() -> u64 {
    HEAVIEST.load(Ordering::Relaxed)
}

pub(super) fn forget_heaviest() {
    HEAVIEST.store(0, Ordering::Relaxed);
}

/// By the signal handler, on the thread `me`: `weight` samples for the slot. Async-signal-safe.
pub(super) fn hit(number: usize, me: u32, weight: u64, registers: Option<Registers>) {
    if let Some(slot) = SLOTS.get(number).and_then(OnceLock::get)
        && slot.thread.load(Ordering::Acquire) == me
    {
        slot.count(weight, registers);
    }
}
