//! What a custom [`Reporter`](crate::Reporter) is given.

use std::collections::HashMap;

use hotpath_report::{FunctionStats, Instrument as _};

use super::{
    assemble::{Names, Taken, functions},
    running::Running,
};
use crate::{MetricType, MetricsProvider, ProfilingMode};

/// The measured functions of a session.
pub(crate) struct Provider<'a> {
    functions: Vec<FunctionStats>,
    shown: usize,
    taken: &'a Taken,
    running: &'a Running,
}

impl<'a> Provider<'a> {
    pub(crate) fn new(taken: &'a Taken, running: &'a Running) -> Self {
        let mut functions = functions(taken, running, &Names::of_taken(taken), None);
        functions.sort_by(|a, b| b.total_ns.cmp(&a.total_ns).then_with(|| a.name.cmp(&b.name)));
        let limit = running.settings.limit(hotpath_report::Timing::SPEC);
        let shown = if limit == 0 { functions.len() } else { functions.len().min(limit) };
        Self { functions, shown, taken, running }
    }

    fn cells(&self, row: &FunctionStats) -> Vec<MetricType> {
        let nanos = |value: Option<u64>| value.map_or(MetricType::Unsupported, MetricType::DurationNs);
        let total = row.total_ns;
        let mut cells = vec![MetricType::CallsCount(row.calls), nanos(row.durations.mean())];
        cells.extend(self.running.settings.percentiles.iter().map(|p| nanos(row.durations.percentile(*p))));
        cells.push(nanos(total));
        cells.push(total.map_or(MetricType::Unsupported, |total| self.share(total)));
        cells
    }

    /// Of the session, or of all functions if the caller's row is left out.
    fn share(&self, total: u64) -> MetricType {
        let base = if self.running.settings.exclude_wrapper {
            self.functions.iter().filter_map(|row| row.total_ns).sum()
        } else {
            self.taken.duration_ns
        };
        let share = (u128::from(total) * 10_000).checked_div(u128::from(base));
        share
            .and_then(|share| u64::try_from(share).ok())
            .map_or(MetricType::Unsupported, MetricType::Percentage)
    }
}

impl<'a> MetricsProvider<'a> for Provider<'a> {
    fn description(&self) -> String {
        "Execution duration of functions.".to_owned()
    }

    fn profiling_mode(&self) -> ProfilingMode {
        ProfilingMode::Timing
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
        self.taken.duration_ns
    }

    fn caller_name(&self) -> &str {
        self.running.caller_name
    }
}
