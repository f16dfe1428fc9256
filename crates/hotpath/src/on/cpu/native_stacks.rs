//! Native stacks for the report: the files that addresses belong to, and the measured functions that the thread was in.

use hotpath_lane::Trace;
use hotpath_report::stacks::{self, CpuStacks, Frame, Stack};

use super::slots;
use crate::imp::{
    os::cpu::{Module, modules},
    site_names::Names,
};

/// Reads the stacks of all threads in this epoch.
pub(super) fn read(epoch: u32, period_ns: u64, names: &Names) -> CpuStacks {
    let modules = modules();
    let mut all = CpuStacks { period_ns: Some(period_ns), ..CpuStacks::default() };
    for slot in slots::all() {
        let (traces, lost) = slot.stacks.read(epoch);
        if !traces.is_empty() || lost > 0 {
            all.add(&of_thread(&traces, lost, period_ns, &modules, names));
        }
    }
    all
}

/// Converts the stacks of one thread.
fn of_thread(traces: &[Trace], lost: u64, period_ns: u64, modules: &[Module], names: &Names) -> CpuStacks {
    let mut frames = Vec::new();
    let stacks = traces.iter().map(|trace| {
        let path = trace.position.map_or_else(Vec::new, |position| position.path());
        let first = frames.len();
        frames
            .extend(trace.frames.iter().enumerate().map(|(depth, address)| frame(*address, depth, modules)));
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

/// Resolves an address. The innermost is that of an instruction, all others are those after a call: one less lies inside it.
fn frame(address: usize, depth: usize, modules: &[Module]) -> Frame {
    let address = if depth == 0 { address } else { address.saturating_sub(1) };
    let module = modules.iter().position(|module| module.code.iter().any(|code| code.contains(&address)));
    let bias = module.map_or(0, |index| modules[index].bias);
    Frame {
        module: module.and_then(|index| u32::try_from(index).ok()),
        address: address.wrapping_sub(bias) as u64,
        names: Vec::new(),
    }
}
