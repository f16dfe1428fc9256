//! `hot-self-time`: a function that has a large part of the run for itself.
//!
//! Weight: its self time as a share of the run. Where threads waited for locks or channels, the average share of waiting is taken
//! off, since it is not known in which function they waited.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::Run;
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;

pub(super) const RULE: Rule = Rule {
    id: "hot-self-time",
    about: "A function spends a large part of the run in its own code, exclusive of measured callees.",
    find,
};

/// At most five functions can have this much; less than that is no place to begin.
const MIN_SHARE: f64 = 20.0;
/// Below it, starting up and the first page faults are as large.
const MIN_SELF_NS: u64 = 10_000_000;

fn find(report: &Report) -> Vec<Finding> {
    let (Some(run), Some(rows)) = (Run::of(report), Rows::of(report, "functions_timing")) else {
        return Vec::new();
    };
    rows.measured().filter_map(|function| evaluate(&run, &function)).collect()
}

fn evaluate(run: &Run, function: &Item<'_>) -> Option<Finding> {
    let name = function.text("name")?;
    let self_ns = function.number("self_ns").filter(|&nanos| nanos >= MIN_SELF_NS)?;
    let share = run.share(self_ns);
    if share < MIN_SHARE {
        return None;
    }
    let waiting = if run.has_waiting() { ", waiting for locks and channels included" } else { "" };
    let calls = function.number("calls");
    let finding = Finding::new(&RULE, function, name, run.own_share(self_ns))
        .titled(format!("{name} takes {share:.1} % of the time itself{waiting}"))
        .because([
            Some(Evidence::nanos("self", self_ns)),
            Some(Evidence::percent("share", share)),
            calls.map(|calls| Evidence::count("calls", calls)),
            calls.and_then(|calls| self_ns.checked_div(calls)).map(|ns| Evidence::nanos("self per call", ns)),
        ])
        .next(next(run))
        .at_most(run.own_confidence())
        .at_most(function.self_confidence());
    let is_running = function.number("running").is_some_and(|running| running > 0);
    Some(if is_running { finding.at_most(Confidence::Medium) } else { finding })
}

fn next(run: &Run) -> &'static str {
    if run.has_waiting() {
        "How much of it is waiting? See the findings about locks and channels first."
    } else {
        "Which part of it? Measure its callees, or put measure_block! around its loops."
    }
}
