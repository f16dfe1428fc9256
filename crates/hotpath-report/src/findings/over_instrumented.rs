//! `over-instrumented`: a function so small that measuring it costs about as much as it does.
//!
//! With a budget that was not kept, it is the functions to leave out so that it is, as one finding.
//!
//! Weight: what measuring them cost, as a share of the time of all threads.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::{Run, share};
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::{Budget, Report};
use crate::units::{format_count, format_duration, format_percent};

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
/// The stated cost is that accurate.
const TOLERANCE: f64 = 1.2;
/// Functions that a finding names; further ones would hardly change the cost.
const MAX_NAMES: usize = 8;

fn find(report: &Report) -> Vec<Finding> {
    let (Some(run), Some(rows)) = (Run::of(report), Rows::of(report, "functions_timing")) else {
        return Vec::new();
    };
    if let Some(budget) = report.budget.as_ref().filter(|budget| is_exceeded(budget)) {
        return over_budget(&run, &rows, budget).into_iter().collect();
    }
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
    let leave_out = exclusion([name]).map(|exclusion| format!(", leave it out with {exclusion}"));
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
        .next(format!(
            "Does its row tell you anything? Take the attribute off (#[hotpath::skip] inside measure_all){}, or measure its caller.",
            leave_out.unwrap_or_default(),
        ))
        .at_most(run.confidence())
        .at_most(function.self_confidence())
        // The cost per call is measured, but on an idle thread of its own.
        .at_most(Confidence::Medium);
    Some(finding)
}

fn is_exceeded(budget: &Budget) -> bool {
    budget.spent_percent > budget.percent * TOLERANCE
}

/// The dearest functions, as many as must be left out for the rest to be within the budget.
fn over_budget(run: &Run, rows: &Rows<'_>, budget: &Budget) -> Option<Finding> {
    let mut costs: Vec<_> =
        rows.measured().filter_map(with_cost).filter(|(_, name, _)| can_be_pasted(name)).collect();
    costs.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let all = costs.iter().fold(0u64, |sum, (cost, ..)| sum.saturating_add(*cost));
    let allowed = (all as f64 * budget.percent / budget.spent_percent) as u64;
    let (mut left, mut names) = (all, Vec::new());
    for (cost, name, _) in costs.iter().take(MAX_NAMES).filter(|(cost, ..)| *cost > 0) {
        if left <= allowed {
            break;
        }
        left -= cost;
        names.push(*name);
    }
    let (dearest, name, function) = costs.first()?;
    let weight = run.share(all - left);
    let count = names.len();
    let finding = Finding::new(&RULE, function, name, weight)
        .titled(format!(
            "{name} costs most: measuring took {:.1} % of the run, and the budget is {} %",
            budget.spent_percent, budget.percent,
        ))
        .because([
            Some(Evidence::percent("spent", budget.spent_percent)),
            Some(Evidence::percent("budget", budget.percent)),
            Some(Evidence::nanos("cost of measuring it", *dearest)),
            function.number("calls").map(|calls| Evidence::count("calls", calls)),
        ])
        .next(format!(
            "Leave {} out, at this run ({}) or for good (#[hotpath::skip], or no attribute).",
            if count == 1 { "it".to_owned() } else { format!("these {}", format_count(count as u64)) },
            exclusion(names)?,
        ))
        .at_most(run.confidence())
        .at_most(Confidence::Medium); // the cost per call is measured, but on an idle thread of its own
    Some(finding)
}

/// A function with its cost and name.
fn with_cost<'a>(function: Item<'a>) -> Option<(u64, &'a str, Item<'a>)> {
    Some((function.number("overhead_ns")?, function.text("name")?, function))
}

/// The setting that leaves functions out, for a shell; `None` if it cannot say so.
fn exclusion<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.into_iter().collect();
    let is_possible = !names.is_empty() && names.iter().all(|name| can_be_pasted(name));
    is_possible.then(|| format!("HOTPATH_EXCLUDE='{}'", names.join(",")))
}

fn can_be_pasted(name: &str) -> bool {
    !name.contains([',', '\'']) && name.trim() == name && !name.is_empty()
}
