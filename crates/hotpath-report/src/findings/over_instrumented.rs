//! `over-instrumented`: a function so small that measuring it costs about as much as it does.
//!
//! Weight: what measuring it cost, as a share of the time of all threads.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::{Run, share};
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;
use crate::units::{format_duration, format_percent};

pub(super) const RULE: Rule = Rule {
    id: "over-instrumented",
    about: "Measuring a function costs a large part of what the function itself takes.",
    find,
};

/// Fewer calls cost a few milliseconds at most.
const MIN_CALLS: u64 = 100_000;
/// From a quarter of the self time on, the number says as much about the profiler as about the function.
const MIN_PART: f64 = 25.0;
/// Less does not change the run.
const MIN_SHARE: f64 = 1.0;

fn find(report: &Report) -> Vec<Finding> {
    let (Some(run), Some(rows)) = (Run::of(report), Rows::of(report, "functions_timing")) else {
        return Vec::new();
    };
    let all = report.overhead.as_ref().map(|overhead| overhead.total_ns);
    rows.measured().filter_map(|function| evaluate(&run, &function, all)).collect()
}

fn evaluate(run: &Run, function: &Item<'_>, all: Option<u64>) -> Option<Finding> {
    let name = function.text("name")?;
    let cost = function.number("overhead_ns")?;
    let calls = function.number("calls").filter(|&calls| calls >= MIN_CALLS)?;
    let self_ns = function.number("self_ns").filter(|&nanos| nanos > 0)?;
    let part = share(cost, self_ns).filter(|&part| part >= MIN_PART)?;
    let weight = run.share(cost);
    if weight < MIN_SHARE {
        return None;
    }
    let own = self_ns / calls;
    let finding = Finding::new(&RULE, function, name, weight)
        .titled(format!(
            "{name} is too small to measure: {} of self time per call, and measuring costs {} more",
            format_duration(own),
            format_percent(part).replace('%', " %"),
        ))
        .because([
            Some(Evidence::nanos("cost of measuring it", cost)),
            Some(Evidence::nanos("self", self_ns)),
            Some(Evidence::nanos("self per call", own)),
            Some(Evidence::count("calls", calls)),
            all.and_then(|all| share(cost, all)).map(|part| Evidence::percent("share of the profiler's cost", part.min(100.0))),
        ])
        .next("Does its row tell you anything? Take the attribute off (#[hotpath::skip] inside measure_all), or measure its caller.")
        .at_most(run.confidence())
        // The cost per call is measured, but on an idle thread of its own.
        .at_most(Confidence::Medium);
    Some(finding)
}
