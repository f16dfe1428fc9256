//! Native stacks: where a thread's stack is, what samples found on it, and which files the addresses belong to.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use hotpath_lane::{Trace, Traces, cpu::Hit};
use hotpath_report::stacks::{self, CpuStacks, Frame, Stack};

use super::slots;
use crate::imp::{
    os::cpu::{Bounds, Module, Registers, modules, walk},
    site_names::Names,
};

/// Addresses that are kept of one stack: the innermost.
const MAX_FRAMES: usize = 128;

/// Of one slot.
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

    /// From now on stacks are wanted.
    pub(super) fn begin(&self) {
        self.traces.get_or_init(Traces::new);
    }

    /// By the thread: from now on its stack may be walked. Without bounds only the place itself is told.
    pub(super) fn join(&self, bounds: Option<Bounds>) {
        let (low, high) = bounds.map_or((0, 0), Bounds::to_words);
        // Read by a handler on this same thread, so program order is enough; empty until both are there.
        self.high.store(0, Ordering::Relaxed);
        self.low.store(low, Ordering::Relaxed);
        self.high.store(high, Ordering::Release); // after `low`, for the compiler: a handler may come in between
    }

    /// The slot belongs to no thread.
    pub(super) fn leave(&self) {
        self.high.store(0, Ordering::Relaxed);
    }

    /// Async-signal-safe.
    pub(super) fn add(&self, hit: Hit, weight: u64, registers: Registers) {
        let Some(traces) = self.traces.get() else { return };
        let mut frames = [0; MAX_FRAMES];
        let (high, low) = (self.high.load(Ordering::Acquire), self.low.load(Ordering::Relaxed));
        let count = walk(registers, Bounds::from_words(low, high), &mut frames);
        traces.add(hit, weight, &frames[..count]);
    }

    fn read(&self, epoch: u32) -> (Vec<Trace>, u64) {
        self.traces.get().map(|traces| traces.read(epoch)).unwrap_or_default()
    }
}

/// What was found on all threads in this epoch.
pub(super) fn read(epoch: u32, period_ns: u64, names: &Names) -> CpuStacks {
    let modules = modules();
    let mut all = CpuStacks { period_ns: Some(period_ns), ..CpuStacks::default() };
    for slot in slots::all() {
        let (traces, lost) = slot.stacks.read(epoch);
        if !traces.is_empty() || lost > 0 {
            all.add(&told(&traces, lost, period_ns, &modules, names));
        }
    }
    all
}

/// Of one thread.
fn told(traces: &[Trace], lost: u64, period_ns: u64, modules: &[Module], names: &Names) -> CpuStacks {
    let mut frames = Vec::new();
    let stacks = traces.iter().map(|trace| {
        let path = trace.position.map_or_else(Vec::new, |position| position.path());
        let first = frames.len();
        frames
            .extend(trace.frames.iter().enumerate().map(|(depth, address)| place(*address, depth, modules)));
        Stack {
            samples: trace.samples,
            path: path.into_iter().map(|site| names.of_site(site)).collect(),
            frames: (first..frames.len()).map(|index| index as u32).collect(),
        }
    });
    let stacks = stacks.collect();
    let module =
        |module: &Module| stacks::Module { path: module.path.clone(), build_id: module.build_id.clone() };
    CpuStacks {
        period_ns: Some(period_ns),
        lost_samples: lost,
        modules: modules.iter().map(module).collect(),
        frames,
        stacks,
    }
}

/// The innermost address is that of an instruction, all others are those after a call: one less lies inside it.
fn place(address: usize, depth: usize, modules: &[Module]) -> Frame {
    let address = if depth == 0 { address } else { address.saturating_sub(1) };
    let module = modules.iter().position(|module| module.code.iter().any(|code| code.contains(&address)));
    let bias = module.map_or(0, |index| modules[index].bias);
    Frame {
        module: module.and_then(|index| u32::try_from(index).ok()),
        address: address.wrapping_sub(bias) as u64,
        names: Vec::new(),
    }
}
