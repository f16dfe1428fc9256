//! From samples to rows: per function, and for samples outside of functions.
//!
//! What must stay true: every sample is in one row, and the section's total is the sum of its rows.

use hotpath_lane::read::{Reading as Lanes, RowReading};
use hotpath_report::stacks::CpuStacks;
use hotpath_report::{CpuStats, CpuTotals, FunctionKind, FunctionStats, Table, TreeNode, functions_cpu};

use super::{cpu::Reading, running::Running};

/// The samples of a session.
pub(crate) struct Sampled {
    reading: Reading,
    /// The samples of the caller itself, and with all that its thread called.
    caller: CpuStats,
    /// The samples outside of the caller and of everything measured.
    outside: u64,
    /// The number of all samples.
    total: u64,
    has_caller_row: bool,
}

/// An id that no site has: there are fewer.
const OUTSIDE_ID: u32 = 0x1_0000;
const UNMEASURED_ID: u32 = OUTSIDE_ID + 1;

/// The fewest samples of a function whose time off the CPU is reported: a shorter one is too uncertain.
const MIN_SAMPLES: u64 = 10;

impl Sampled {
    pub(crate) fn new(lanes: &Lanes, reading: Reading, running: &Running) -> Self {
        let of_caller = |lane: usize| Some(lane) == running.caller_lane();
        let sum = |is_caller: bool| -> u64 {
            let lanes = lanes.outside_samples.iter().filter(|(lane, _)| of_caller(*lane) == is_caller);
            lanes.map(|(_, samples)| samples).sum()
        };
        let own = sum(true);
        let called: u64 = lanes.tree.iter().filter(|node| node.of_caller).map(|node| node.samples).sum();
        let functions: u64 = lanes.rows.iter().map(|row| row.own_samples).sum();
        let outside = sum(false) + lanes.unrecorded_samples + reading.outside;
        let caller = CpuStats {
            self_samples: own,
            total_samples: Some(own + called),
            period_ns: Some(reading.period_ns),
        };
        let has_caller_row = !running.settings.exclude_wrapper;
        let total = own + functions + outside + reading.unmeasured;
        Self { reading, caller, outside, total, has_caller_row }
    }

    /// Returns the samples of a measured function.
    pub(crate) fn of_row(&self, row: &RowReading) -> CpuStats {
        CpuStats {
            self_samples: row.own_samples,
            total_samples: Some(row.total_samples),
            period_ns: Some(self.reading.period_ns),
        }
    }

    /// Returns the samples of the function that holds the guard.
    pub(crate) fn of_caller(&self) -> CpuStats {
        self.caller
    }

    /// Returns notes on what is missing, if anything is.
    pub(crate) fn notes(&self) -> &[String] {
        &self.reading.notes
    }

    /// Returns the native stacks, if they were kept.
    pub(crate) fn stacks(&self) -> Option<CpuStacks> {
        self.reading.stacks.clone()
    }

    /// Returns the part of the `busy_ns` spent in a function in which threads were not running. Unknown if the function was too
    /// short, or if not all threads were sampled.
    pub(crate) fn off_cpu_ns(&self, busy_ns: u64, cpu: CpuStats) -> Option<u64> {
        let sampled_ns = self.total.checked_mul(self.reading.period_ns)?;
        let step = sampled_ns.checked_div(self.reading.taken)?.max(self.reading.period_ns);
        let is_known = self.reading.is_complete && busy_ns >= step.saturating_mul(MIN_SAMPLES);
        is_known.then_some(busy_ns.saturating_sub(cpu.total_ns()?))
    }

    /// Makes the section: these functions, and the samples outside of functions.
    pub(crate) fn section(&self, functions: &[FunctionStats], running: &Running) -> Table {
        let own = |samples| CpuStats::own(samples, self.reading.period_ns);
        let outside =
            if self.has_caller_row { self.outside } else { self.outside + self.caller.self_samples };
        let others = [
            FunctionStats::not_measured(OUTSIDE_ID, FunctionStats::OUTSIDE, own(outside)),
            FunctionStats::not_measured(
                UNMEASURED_ID,
                FunctionStats::UNMEASURED_THREADS,
                own(self.reading.unmeasured),
            ),
        ];
        let others = others.into_iter().filter(|row| row.cpu.is_some_and(|cpu| cpu.self_samples > 0));
        let rows: Vec<FunctionStats> =
            functions.iter().filter(|row| row.kind != FunctionKind::Outside).cloned().chain(others).collect();
        let totals = CpuTotals {
            total_samples: self.total,
            attributed_samples: self.total - outside - self.reading.unmeasured,
            period_ns: Some(self.reading.period_ns),
            polls: Some(self.reading.taken),
            longest_step_ns: self.reading.heaviest.checked_mul(self.reading.period_ns),
            process_cpu_ns: self.reading.process_cpu_ns,
        };
        functions_cpu(&rows, &totals, running.settings.cpu_scope())
    }

    /// Sets the samples of a node of the call tree.
    pub(crate) fn at_node(&self, samples: u64, node: &mut TreeNode) {
        node.cpu_samples = Some(samples);
    }

    /// Sets the samples of the caller's node.
    pub(crate) fn at_caller(&self, node: &mut TreeNode) {
        self.at_node(self.caller.self_samples, node);
    }
}
