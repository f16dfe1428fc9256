//! `blocking-poll`: polls that occupy their executor thread long enough to make other tasks wait.
//!
//! Weight: time inside such polls as a share of the time of all threads. The histogram of polls shows it; of a measured async
//! function only the mean poll is known, and it counts when even that is too long.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::{Run, is_sampled, share};
use crate::dist::Dist;
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;
use crate::units::format_duration;
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "blocking-poll",
    about: "Long polls of a future make other tasks of the executor wait.",
    find,
};

/// The threshold if the report has none; also the default of the setting.
const USUAL_THRESHOLD_NS: u64 = 10_000_000;
/// Less is no trouble in a run of that length, unless one poll is really long.
const MIN_SHARE: f64 = 1.0;
/// A pause that people notice.
const REALLY_LONG_NS: u64 = 100_000_000;
/// From here on it is a habit.
const HABIT: u64 = 3;

fn find(report: &Report) -> Vec<Finding> {
    let Some(run) = Run::of(report) else { return Vec::new() };
    let mut found = of_futures(report, &run);
    let known: BTreeSet<String> = found.iter().map(|finding| finding.subject.clone()).collect();
    // A watched async function stands in both sections; its polls one by one say more.
    found.extend(of_functions(report, &run).into_iter().filter(|finding| !known.contains(&finding.subject)));
    found
}

fn of_futures(report: &Report, run: &Run) -> Vec<Finding> {
    let Some(rows) = Rows::of(report, "futures") else { return Vec::new() };
    let Some(threshold) = rows.field("blocking_threshold_ns") else { return Vec::new() };
    let sampled = is_sampled(report, "futures");
    rows.measured().filter_map(|future| judge_future(run, &future, threshold, sampled)).collect()
}

fn judge_future(run: &Run, future: &Item<'_>, threshold: u64, sampled: bool) -> Option<Finding> {
    let label = future.text("label")?;
    let blocking = future.number("blocking_polls").filter(|&polls| polls > 0)?;
    let longest = future.number("polls.max")?;
    // Without the shape, each of them took at least the threshold.
    let least = blocking.saturating_mul(threshold);
    let time = future.dist("polls").map_or(least, |polls| time_from(polls, threshold).max(least));
    let weight = run.share(time);
    if weight < MIN_SHARE && longest < REALLY_LONG_NS {
        return None;
    }
    let polls = future.number("total_polls");
    let finding = Finding::new(&RULE, future, label, weight)
        .titled(format!(
            "{label} blocks its executor thread: the longest poll takes {}",
            format_duration(longest)
        ))
        .because([
            Some(Evidence::nanos("longest poll", longest)),
            Some(Evidence::count("blocking polls", blocking)),
            Some(Evidence::nanos("blocking from", threshold)),
            Some(Evidence::nanos("time in them", time)),
            polls.map(|polls| Evidence::count("polls", polls)),
        ])
        .next(NEXT)
        .at_most(run.confidence());
    Some(if sampled || blocking < HABIT { finding.at_most(Confidence::Medium) } else { finding })
}

const NEXT: &str = "Does it compute or block in there? Move that to spawn_blocking, or await in between.";

/// Time of the values that are surely not below `from`.
fn time_from(polls: &Dist, from: u64) -> u64 {
    let long = polls.buckets.iter().filter(|bucket| bucket.lower >= from);
    long.fold(0, |sum, bucket| bucket.lower.saturating_mul(bucket.count).saturating_add(sum))
}

fn of_functions(report: &Report, run: &Run) -> Vec<Finding> {
    let Some(rows) = Rows::of(report, "functions_timing") else { return Vec::new() };
    rows.measured().filter_map(|function| judge_function(run, &function)).collect()
}

fn judge_function(run: &Run, function: &Item<'_>) -> Option<Finding> {
    let name = function.text("name")?;
    let (busy, polls) = (function.number("busy_ns")?, function.number("polls")?);
    let mean = busy.checked_div(polls).filter(|&mean| mean >= USUAL_THRESHOLD_NS)?;
    // What it does itself: a caller's polls are as long as those of what it awaits.
    let own = function.number("self_ns")?.min(busy);
    let weight = run.share(own);
    if weight < MIN_SHARE || share(own, busy)? < 50.0 {
        return None;
    }
    let finding = Finding::new(&RULE, function, name, weight)
        .titled(format!(
            "{name} blocks its executor thread: a poll takes {} on average",
            format_duration(mean)
        ))
        .because([
            Some(Evidence::nanos("mean poll", mean)),
            Some(Evidence::count("polls", polls)),
            Some(Evidence::nanos("busy", busy)),
            Some(Evidence::nanos("self", own)),
        ])
        .next(NEXT)
        .at_most(run.confidence());
    Some(if polls < HABIT { finding.at_most(Confidence::Medium) } else { finding })
}
