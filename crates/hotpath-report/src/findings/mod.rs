//! Findings of a report, each with evidence, a place in the source, and the next question to ask.
//!
//! A rule reads the evaluated sections only, so it treats a report of a running program, one from a file and a merged one
//! alike. What must stay true:
//!
//! - A finding says what the numbers say. What is sampled, shared with something else or cut off lowers its confidence;
//!   what is unknown makes none.
//! - Each rule asks for a minimum of time and calls before it speaks: a short program has no findings.
//! - Weights are finite, 0 to 100; the largest stands first, and equal ones in the order of [`RULES`].

mod alloc_in_hot_function;
mod blocking_poll;
mod busy_polling;
mod called_often;
mod hot_self_time;
mod lock_convoy;
mod off_cpu;
mod outlier_calls;
mod over_instrumented;
mod queue_grows;
mod rows;
mod rule;
mod run;
mod slow_consumer;

pub use rule::Rule;

use crate::finding::Finding;
use crate::report::Report;
use crate::sorting::sort_by;

/// All rules. Of equal weights the earlier rule stands first, so waiting stands before the function in which it happened.
pub const RULES: &[Rule] = &[
    lock_convoy::RULE,
    slow_consumer::RULE,
    queue_grows::RULE,
    blocking_poll::RULE,
    busy_polling::RULE,
    off_cpu::RULE,
    hot_self_time::RULE,
    alloc_in_hot_function::RULE,
    outlier_calls::RULE,
    over_instrumented::RULE,
    called_often::RULE,
];

/// The most findings of one rule; the smaller ones beyond it say nothing that the larger ones do not.
pub const MAX_PER_RULE: usize = 10;

/// Returns the findings of a report, the largest weight first.
///
/// ```
/// use hotpath_report::{FunctionStats, Report, Table, Timing, findings};
///
/// let parse = FunctionStats {
///     name: "app::parse".into(),
///     calls: 40,
///     total_ns: Some(610_000_000),
///     self_ns: Some(610_000_000),
///     ..FunctionStats::default()
/// };
/// let sections = vec![Table::of::<Timing>(&[parse], &(), &[95.0])];
/// let report = Report { duration_ns: 1_000_000_000, sections, ..Report::default() };
/// let found = findings(&report);
/// assert_eq!((found[0].id.as_ref(), found[0].subject.as_str()), ("hot-self-time", "app::parse"));
/// assert_eq!(found[0].weight, 61.0);
/// ```
pub fn findings(report: &Report) -> Vec<Finding> {
    let mut all: Vec<Finding> = RULES.iter().flat_map(|rule| of_rule(rule, report)).collect();
    sort(&mut all);
    all
}

fn of_rule(rule: &Rule, report: &Report) -> Vec<Finding> {
    let mut found = (rule.find)(report);
    sort(&mut found);
    found.truncate(MAX_PER_RULE);
    found
}

fn sort(findings: &mut [Finding]) {
    sort_by(findings, |a, b| b.weight.total_cmp(&a.weight));
}

impl Report {
    /// Returns this report with its findings computed anew.
    pub fn with_findings(mut self) -> Self {
        self.findings = findings(&self);
        self
    }
}
