//! `alloc-in-hot-function`: a function that takes much of the time allocates in call after call.
//!
//! Weight: what its allocations may cost, as a share of the time of all threads, and never more than its self time. The cost is an
//! estimate: a cost per allocation with its free, and per byte.

use super::rows::{ByFunction, Item, Rows};
use super::rule::Rule;
use super::run::{Run, share};
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;
use crate::units::{format_bytes, format_count};

pub(super) const RULE: Rule = Rule {
    id: "alloc-in-hot-function",
    about: "A function that takes much of the time allocates in its own code, call after call.",
    find,
};

/// Allocations matter where the time goes.
const MIN_HOT_SHARE: f64 = 10.0;
/// Fewer cost less than a millisecond.
const MIN_COUNT: u64 = 10_000;
/// Allocating and freeing, by the usual allocators when blocks are small and in a cache: 20 to 100 ns.
const PAIR_NS: u64 = 50;
/// Fresh memory has to be written: about 10 GB/s, so 100 ns for 1,000 bytes.
const NS_PER_1000_BYTES: u64 = 100;
/// Less is not worth the change.
const MIN_SHARE: f64 = 2.0;

fn find(report: &Report) -> Vec<Finding> {
    let (Some(run), Some(timing), Some(alloc)) =
        (Run::of(report), Rows::of(report, "functions_timing"), Rows::of(report, "functions_alloc"))
    else {
        return Vec::new();
    };
    let own_time = timing.by_function("self_ns");
    alloc.measured().filter_map(|function| evaluate(&run, &function, &own_time)).collect()
}

fn evaluate(run: &Run, function: &Item<'_>, own_time: &ByFunction<'_>) -> Option<Finding> {
    let name = function.text("name")?;
    let self_ns = *own_time.get(&(name, function.source()))?;
    let calls = function.number("calls")?;
    let count = function.number("self_count").filter(|&count| count >= MIN_COUNT.max(calls))?;
    let bytes = function.number("self_bytes")?;
    let cost = cost(count, bytes).min(self_ns);
    let weight = run.share(cost);
    if run.share(self_ns) < MIN_HOT_SHARE || weight < MIN_SHARE {
        return None;
    }
    let per_call = count.checked_div(calls)?;
    let finding = Finding::new(&RULE, function, name, weight)
        .titled(format!(
            "{name} allocates {} times ({}) and takes {:.1} % of the time itself",
            format_count(count),
            format_bytes(bytes),
            run.share(self_ns),
        ))
        .because([
            Some(Evidence::count("self allocations", count)),
            Some(Evidence::count("per call", per_call)),
            Some(Evidence::bytes("self bytes", bytes)),
            Some(Evidence::nanos("self", self_ns)),
            share(cost, self_ns).map(|part| Evidence::percent("estimated share of the self time", part)),
        ])
        .next("What does it allocate per call? Reserve once, reuse a buffer, or borrow instead of cloning.")
        .at_most(run.own_confidence())
        // What an allocation costs is an estimate.
        .at_most(Confidence::Medium);
    Some(finding)
}

fn cost(count: u64, bytes: u64) -> u64 {
    count.saturating_mul(PAIR_NS).saturating_add(bytes / 1_000 * NS_PER_1000_BYTES)
}
