//! `off-cpu`: a function whose self time passes mostly off the CPU.
//!
//! Weight: that time as a share of the time of all threads. Where threads waited for locks or channels, the average share of such
//! waiting is taken off, since other findings report it. Needs the section `functions_cpu`.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::{Run, share};
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;

pub(super) const RULE: Rule = Rule {
    id: "off-cpu",
    about: "A function spends its self time mostly off the CPU: it sleeps, blocks, or waits for a core.",
    find,
};

/// Less than that is no place to begin.
const MIN_SHARE: f64 = 20.0;
/// Below it, one wait for the disk at the start explains it.
const MIN_OFF_NS: u64 = 10_000_000;
/// A function that mostly computes is reported as hot instead.
const MIN_OFF_PART: f64 = 50.0;
/// Samples of a function are wrong by a few; more than this many periods or steps have to remain.
const STEPS: u64 = 10;

fn find(report: &Report) -> Vec<Finding> {
    let (Some(run), Some(timing), Some(cpu)) =
        (Run::of(report), Rows::of(report, "functions_timing"), Rows::of(report, "functions_cpu"))
    else {
        return Vec::new();
    };
    let Some(period) = cpu.field("period_ns") else { return Vec::new() };
    let blind = cpu.field("longest_step_ns").unwrap_or(0).max(period).saturating_mul(STEPS);
    let worked = cpu.by_function("self_cpu_ns");
    let found = |function: Item<'_>| {
        let on_cpu = *worked.get(&(function.text("name")?, function.source()))?;
        evaluate(&run, &function, on_cpu, blind)
    };
    timing.measured().filter_map(found).collect()
}

fn evaluate(run: &Run, function: &Item<'_>, on_cpu: u64, blind: u64) -> Option<Finding> {
    let name = function.text("name")?;
    let self_ns = function.number("self_ns")?;
    let off = self_ns.saturating_sub(on_cpu);
    let part = share(off, self_ns)?;
    if off < MIN_OFF_NS.max(blind) || run.share(off) < MIN_SHARE || part < MIN_OFF_PART {
        return None;
    }
    let finding = Finding::new(&RULE, function, name, run.own_share(off))
        .titled(format!("{name} is off the CPU for {part:.1} % of its self time"))
        .because([
            Some(Evidence::nanos("off the CPU", off)),
            Some(Evidence::nanos("on the CPU, estimated", on_cpu)),
            Some(Evidence::nanos("self", self_ns)),
            Some(Evidence::percent("share of the run", run.share(off))),
            function.number("calls").map(|calls| Evidence::count("calls", calls)),
        ])
        .next("What does it wait for: a file, the network, a sleep, a lock? Or did the machine have other work to do?")
        .at_most(run.own_confidence())
        // CPU time is estimated from samples, and a busy machine makes everything wait.
        .at_most(Confidence::Medium);
    Some(finding)
}
