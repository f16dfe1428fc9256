//! The measurements of a custom [`Reporter`](crate::Reporter): times, or allocations if they are tracked.

use std::collections::HashMap;

use hotpath_report::{AllocMetric, AllocScope, AllocStats, Dist, FunctionStats, SectionSchema as _, sort_by};

use super::{
    assemble::{Snapshot, functions, hooks},
    cost::Costs,
    running::Running,
    site_names::Names,
};
use crate::{MetricType, MetricsProvider, ProfilingMode};

/// The measured functions of a session.
pub(crate) struct Provider<'a> {
    functions: Vec<FunctionStats>,
    shown: usize,
    snapshot: &'a Snapshot,
    running: &'a Running,
}

impl<'a> Provider<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, running: &'a Running, costs: Option<&Costs>) -> Self {
        let names = Names::of(&snapshot.reading);
        let mut functions = functions(snapshot, running, &names, &hooks(snapshot, running, costs));
        let size = |row: &FunctionStats| match mode(snapshot, running) {
            ProfilingMode::Timing => row.total_ns,
            mode => row.alloc.as_ref().and_then(|alloc| Allocated::of(alloc, running).main(mode)),
        };
        sort_by(&mut functions, |a, b| size(b).cmp(&size(a)).then_with(|| a.name.cmp(&b.name)));
        let limit = running.settings.limit(hotpath_report::Timing::SPEC);
        let shown = if limit == 0 { functions.len() } else { functions.len().min(limit) };
        Self { functions, shown, snapshot, running }
    }

    fn mode(&self) -> ProfilingMode {
        mode(self.snapshot, self.running)
    }

    fn cells(&self, row: &FunctionStats) -> Vec<MetricType> {
        let mut cells = vec![MetricType::CallsCount(row.calls)];
        match self.mode() {
            ProfilingMode::Timing => self.times(row, &mut cells),
            mode => self.allocations(row.alloc.as_ref(), mode, &mut cells),
        }
        cells
    }

    fn times(&self, row: &FunctionStats, cells: &mut Vec<MetricType>) {
        let nanos = |value: Option<u64>| value.map_or(MetricType::Unsupported, MetricType::DurationNs);
        let total = row.total_ns;
        cells.push(nanos(row.durations.mean()));
        cells.extend(self.running.settings.percentiles.iter().map(|p| nanos(row.durations.percentile(*p))));
        cells.push(nanos(total));
        cells.push(total.map_or(MetricType::Unsupported, |total| self.share(total)));
    }

    fn allocations(&self, row: Option<&AllocStats>, mode: ProfilingMode, cells: &mut Vec<MetricType>) {
        let Some(row) = row.map(|row| Allocated::of(row, self.running)) else {
            let unknown = self.running.settings.percentiles.len() + 3;
            return cells.extend(std::iter::repeat_n(MetricType::Unsupported, unknown));
        };
        let cell = |value: &dyn Fn(&Dist) -> Option<u64>| {
            let both = value(row.bytes).zip(value(row.counts));
            both.map_or(MetricType::Unsupported, |(bytes, count)| MetricType::Alloc(bytes, count))
        };
        cells.push(cell(&Dist::mean));
        cells.extend(self.running.settings.percentiles.iter().map(|p| cell(&|dist| dist.percentile(*p))));
        cells.push(
            row.total.map_or(MetricType::Unsupported, |(bytes, count)| MetricType::Alloc(bytes, count)),
        );
        let totals = self.snapshot.memory.totals(true);
        let all = if mode == ProfilingMode::AllocBytes { totals.total_bytes } else { totals.total_count };
        let share = row.main(mode).zip(all).map(|(part, all)| share(part, all));
        cells.push(share.unwrap_or(MetricType::Unsupported));
    }

    /// Of the session, or of all functions if the caller's row is left out.
    fn share(&self, total: u64) -> MetricType {
        let base = if self.running.settings.exclude_wrapper {
            self.functions.iter().filter_map(|row| row.total_ns).sum()
        } else {
            self.snapshot.duration_ns
        };
        share(total, base)
    }
}

/// Hundredths of a percent.
fn share(part: u64, all: u64) -> MetricType {
    let share = (u128::from(part) * 10_000).checked_div(u128::from(all));
    let share = share.and_then(|share| u64::try_from(share).ok());
    share.map_or(MetricType::Unsupported, MetricType::Percentage)
}

/// Returns the main metric of a session: allocations, if they are tracked.
fn mode(snapshot: &Snapshot, running: &Running) -> ProfilingMode {
    match running.settings.alloc_metric {
        _ if !snapshot.memory.is_known() => ProfilingMode::Timing,
        AllocMetric::Bytes => ProfilingMode::AllocBytes,
        AllocMetric::Count => ProfilingMode::AllocCount,
    }
}

/// The allocations of a row in the scope that was asked for.
struct Allocated<'a> {
    /// Bytes and number.
    total: Option<(u64, u64)>,
    bytes: &'a Dist,
    counts: &'a Dist,
}

impl<'a> Allocated<'a> {
    fn of(row: &'a AllocStats, running: &Running) -> Self {
        let (total, bytes, counts) = match running.settings.alloc_scope {
            AllocScope::Exclusive => {
                (Some((row.self_bytes, row.self_count)), &row.self_bytes_dist, &row.self_counts)
            }
            AllocScope::Cumulative => (Some((row.total_bytes, row.total_count)), &row.bytes, &row.counts),
            AllocScope::Peak => (row.peak_bytes.zip(row.peak_count), &row.peaks, &row.peak_counts),
        };
        Self { total, bytes, counts }
    }

    fn main(&self, mode: ProfilingMode) -> Option<u64> {
        let (bytes, count) = self.total?;
        Some(if mode == ProfilingMode::AllocCount { count } else { bytes })
    }
}

impl<'a> MetricsProvider<'a> for Provider<'a> {
    fn description(&self) -> String {
        match self.mode() {
            ProfilingMode::Timing => "Execution duration of functions.",
            ProfilingMode::AllocBytes => "Bytes allocated by functions.",
            ProfilingMode::AllocCount => "Allocations by functions.",
        }
        .to_owned()
    }

    fn profiling_mode(&self) -> ProfilingMode {
        self.mode()
    }

    fn headers(&self) -> Vec<String> {
        let percentiles = self.running.settings.percentiles.iter();
        let percentiles = percentiles.map(|p| hotpath_report::units::format_percentile_header(*p));
        let fixed = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        fixed(&["Function", "Calls", "Avg"])
            .into_iter()
            .chain(percentiles)
            .chain(fixed(&["Total", "% Total"]))
            .collect()
    }

    fn percentiles(&self) -> Vec<u8> {
        self.running.settings.percentiles.iter().map(|p| p.round() as u8).collect()
    }

    fn metric_data(&self) -> HashMap<String, Vec<MetricType>> {
        self.functions[..self.shown].iter().map(|row| (row.name.clone(), self.cells(row))).collect()
    }

    fn entry_counts(&self) -> (usize, usize) {
        (self.shown, self.functions.len())
    }

    fn total_elapsed(&self) -> u64 {
        self.snapshot.duration_ns
    }

    fn caller_name(&self) -> &str {
        self.running.caller_name
    }
}
