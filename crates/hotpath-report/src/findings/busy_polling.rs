//! `busy-polling`: a future that is polled again and again with hardly anything to do.
//!
//! Weight: time inside its polls, and what an executor needs per poll, as a share of the time of all threads.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::{Run, is_sampled};
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;
use crate::units::{format_count, format_duration};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "busy-polling",
    about: "A future is polled far too often: many short polls per call, one right after the other.",
    find,
};

/// Fewer polls cost nothing that can be seen.
const MIN_POLLS: u64 = 10_000;
/// A future that awaits a few things, each in two or three polls, stays far below.
const MIN_POLLS_PER_CALL: u64 = 100;
/// A poll that does something takes longer.
const TINY_POLL_NS: u64 = 1_000;
/// So soon after a poll, nothing can have come from outside: it was woken by itself or by its neighbours.
const SOON_NS: u64 = 10_000;
/// Waking and scheduling a task, on any of the usual executors.
const EXECUTOR_NS: u64 = 100;
/// Less is not worth the change.
const MIN_SHARE: f64 = 1.0;

/// A section with polls: names of the columns of label, calls, polls, time inside and between.
struct Polled {
    section: &'static str,
    resource: &'static str,
    label: &'static str,
    calls: &'static str,
    polls: &'static str,
    busy: &'static str,
}

const POLLED: [Polled; 2] = [
    Polled {
        section: "futures",
        resource: "futures",
        label: "label",
        calls: "call_count",
        polls: "total_polls",
        busy: "total_poll_duration_ns",
    },
    Polled {
        section: "functions_timing",
        resource: "functions",
        label: "name",
        calls: "calls",
        polls: "polls",
        busy: "busy_ns",
    },
];

fn find(report: &Report) -> Vec<Finding> {
    let Some(run) = Run::of(report) else { return Vec::new() };
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    for polled in &POLLED {
        let Some(rows) = Rows::of(report, polled.section) else { continue };
        let here = rows.measured().filter_map(|future| evaluate(&run, polled, &future));
        let sampled = is_sampled(report, polled.resource);
        // A watched async function stands in both sections.
        found.extend(
            here.filter(|finding| known.insert(finding.subject.clone()))
                .map(|finding| if sampled { finding.at_most(Confidence::Low) } else { finding }),
        );
    }
    found
}

fn evaluate(run: &Run, polled: &Polled, future: &Item<'_>) -> Option<Finding> {
    let label = future.text(polled.label)?;
    let calls = future.number(polled.calls)?;
    let polls = future.number(polled.polls).filter(|&polls| polls >= MIN_POLLS)?;
    let per_call = polls.checked_div(calls).filter(|&polls| polls >= MIN_POLLS_PER_CALL)?;
    let (busy, wait) = (future.number(polled.busy)?, future.number("wait_ns")?);
    let (mean, gap) = (busy / polls, wait / polls);
    let weight = run.share(busy.saturating_add(polls.saturating_mul(EXECUTOR_NS)));
    if mean > TINY_POLL_NS || gap > SOON_NS || weight < MIN_SHARE {
        return None;
    }
    let finding = Finding::new(&RULE, future, label, weight)
        .titled(format!(
            "{label} is polled {} times per call, each for {}",
            format_count(per_call),
            format_duration(mean)
        ))
        .because([
            Some(Evidence::count("polls", polls)),
            Some(Evidence::count("polls per call", per_call)),
            Some(Evidence::nanos("mean poll", mean)),
            Some(Evidence::nanos("mean time between polls", gap)),
            Some(Evidence::nanos("time in polls", busy)),
        ])
        .next("Who wakes it: it itself, or a select! or join! around it for the others' sake? Only a poll that gets on is of use.")
        .at_most(run.confidence())
        // Each poll may bring a message: then it is busy, not idle.
        .at_most(Confidence::Medium);
    Some(finding)
}
