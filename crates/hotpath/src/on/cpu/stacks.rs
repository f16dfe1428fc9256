//! Native stacks of one thread: the bounds of its stack, and what samples found on it.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use hotpath_lane::{Trace, Traces, cpu::Hit};

use crate::imp::os::cpu::{Bounds, Registers, walk};

/// The most addresses that are kept of one stack: the innermost.
const MAX_FRAMES: usize = 128;

/// The stacks of one slot.
#[derive(Debug)]
pub(super) struct Stacks {
    /// Made when stacks are first wanted.
    traces: OnceLock<Traces>,
    low: AtomicUsize,
    high: AtomicUsize,
}

impl Stacks {
    pub(super) fn new() -> Self {
        Self { traces: OnceLock::new(), low: AtomicUsize::new(0), high: AtomicUsize::new(0) }
    }

    /// Starts to keep stacks.
    pub(super) fn begin(&self) {
        self.traces.get_or_init(Traces::new);
    }

    /// Allows the stack of the calling thread to be walked. Without bounds a sample has the current instruction only.
    pub(super) fn join(&self, bounds: Option<Bounds>) {
        let (low, high) = bounds.map_or((0, 0), Bounds::to_words);
        // Read by a handler on this same thread, so program order is enough; empty until both are there.
        self.high.store(0, Ordering::Relaxed);
        self.low.store(low, Ordering::Relaxed);
        self.high.store(high, Ordering::Release); // after `low`, for the compiler: a handler may come in between
    }

    /// Ends the walking: the slot belongs to no thread.
    pub(super) fn leave(&self) {
        self.high.store(0, Ordering::Relaxed);
    }

    /// Adds the stack of a sample. Async-signal-safe.
    pub(super) fn add(&self, hit: Hit, weight: u64, registers: Registers) {
        let Some(traces) = self.traces.get() else { return };
        let mut frames = [0; MAX_FRAMES];
        let (high, low) = (self.high.load(Ordering::Acquire), self.low.load(Ordering::Relaxed));
        let count = walk(registers, Bounds::from_words(low, high), &mut frames);
        traces.add(hit, weight, &frames[..count]);
    }

    pub(super) fn read(&self, epoch: u32) -> (Vec<Trace>, u64) {
        self.traces.get().map(|traces| traces.read(epoch)).unwrap_or_default()
    }
}
