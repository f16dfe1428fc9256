//! `called-often`: a small function whose time comes from the number of its calls.
//!
//! Weight: half of its self time as a share of the run, since calls can seldom all be saved.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::Run;
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;
use crate::tree::TreeNode;
use crate::units::{format_count, format_duration};

pub(super) const RULE: Rule = Rule {
    id: "called-often",
    about: "A small function takes much of the time because it is called very often.",
    find,
};

/// Fewer calls are not often.
const MIN_CALLS: u64 = 100_000;
/// In a longer call there is something to make faster.
const TINY_NS: u64 = 1_000;
/// A smaller part of the run is not much.
const MIN_SHARE: f64 = 10.0;
/// The caller is reported when it makes at least this part of the calls.
const MOST: f64 = 0.5;

fn find(report: &Report) -> Vec<Finding> {
    let (Some(run), Some(rows)) = (Run::of(report), Rows::of(report, "functions_timing")) else {
        return Vec::new();
    };
    rows.measured().filter_map(|function| evaluate(report, &run, &function)).collect()
}

fn evaluate(report: &Report, run: &Run, function: &Item<'_>) -> Option<Finding> {
    let name = function.text("name")?;
    let calls = function.number("calls").filter(|&calls| calls >= MIN_CALLS)?;
    let self_ns = function.number("self_ns")?;
    let own = Some(self_ns / calls).filter(|&own| own <= TINY_NS)?;
    // What is mostly the cost of measuring is not the function's. Where there is a raw time, it was taken out already.
    let is_net = function.number("self_raw_ns").is_some();
    let cost = function.number("overhead_ns").filter(|_| !is_net).unwrap_or(0);
    let share = run.share(self_ns.saturating_sub(cost));
    if share < MIN_SHARE {
        return None;
    }
    let caller = main_caller(&report.call_tree, name, calls);
    let per_call = caller.and_then(|caller| calls.checked_div(caller.calls));
    let finding = Finding::new(&RULE, function, name, share / 2.0)
        .titled(format!("{name} is called {} times for {} each", format_count(calls), format_duration(own)))
        .because([
            Some(Evidence::count("calls", calls)),
            Some(Evidence::nanos("self per call", own)),
            Some(Evidence::nanos("self", self_ns)),
            caller.map(|caller| Evidence::text("called by", caller.name.as_str())),
            per_call.map(|calls| Evidence::count("calls per call of that", calls)),
        ])
        .next(caller.map_or_else(
            || "Who calls it so often? Look at the call tree.".to_owned(),
            |caller| format!("Can {} call it less often, or do several at once?", caller.name),
        ))
        .at_most(run.own_confidence())
        .at_most(Confidence::Medium);
    Some(finding)
}

/// The place in the call tree from which most of the calls come.
fn main_caller<'a>(roots: &'a [TreeNode], name: &str, calls: u64) -> Option<&'a TreeNode> {
    let mut found = None;
    let mut open: Vec<&TreeNode> = roots.iter().collect();
    while let Some(node) = open.pop() {
        let here = node.children.iter().find(|child| child.name == name).map_or(0, |child| child.calls);
        if here as f64 > calls as f64 * MOST {
            found = Some(node);
        }
        open.extend(&node.children);
    }
    found
}
