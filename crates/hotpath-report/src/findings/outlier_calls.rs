//! `outlier-calls`: most calls of a function are quick, and a few take many times as long.
//!
//! Weight: what the slow calls took beyond the median, as a share of the time of all threads, and never more than the function's self
//! time: slow calls of a callee are the callee's. The histogram shows it, whatever percentiles were asked for. The wait of an
//! async function is in no self time; there it is a share of the time that all its calls took.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::{Run, share};
use crate::dist::Dist;
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;
use crate::units::{format_count, format_duration};

pub(super) const RULE: Rule = Rule {
    id: "outlier-calls",
    about: "A few calls of a function take many times as long as most of them.",
    find,
};

/// Fewer calls have no usual duration.
const MIN_CALLS: u64 = 100;
/// A call of ten times the median is slow.
const SLOW: u64 = 10;
/// With more of them than this part of the calls there are simply large and small ones, percent.
const MAX_SLOW_PART: f64 = 10.0;
/// The slowest hundredth, or the slowest call, has to stand out further before anything is said.
const FAR_P99: u64 = 20;
const FAR_MAX: u64 = 100;
/// Shorter pauses are those of a scheduler.
const MIN_P99_NS: u64 = 1_000_000;
const MIN_MAX_NS: u64 = 10_000_000;
/// Less is not worth a line.
const MIN_SHARE: f64 = 1.0;
/// Calls inside calls are in the histogram twice and in the total once; such durations say nothing about outliers.
const RECURSION: f64 = 1.05;

fn find(report: &Report) -> Vec<Finding> {
    let (Some(run), Some(rows)) = (Run::of(report), Rows::of(report, "functions_timing")) else {
        return Vec::new();
    };
    rows.measured().filter_map(|function| evaluate(&run, &function)).collect()
}

fn evaluate(run: &Run, function: &Item<'_>) -> Option<Finding> {
    let name = function.text("name")?;
    let durations = function.dist("durations").filter(|durations| durations.count >= MIN_CALLS)?;
    let (median, p99, max) = (durations.percentile(50.0)?, durations.percentile(99.0)?, durations.max?);
    let total = function.number("total_ns")?;
    let is_far = p99 >= MIN_P99_NS.max(median.saturating_mul(FAR_P99))
        || max >= MIN_MAX_NS.max(median.saturating_mul(FAR_MAX));
    if !is_far || durations.sum as f64 > total as f64 * RECURSION {
        return None;
    }
    let slow = Slow::of(durations, median);
    if share(slow.calls, durations.count)? > MAX_SLOW_PART {
        return None;
    }
    let is_async = function.number("polls").is_some();
    let weight = if is_async {
        run.share(slow.excess_ns).min(slow.excess_ns as f64 / total as f64 * 100.0)
    } else {
        run.own_share(slow.excess_ns.min(function.number("self_ns")?))
    };
    if weight < MIN_SHARE {
        return None;
    }
    let finding = Finding::new(&RULE, function, name, weight)
        .titled(format!(
            "{name}: {} of {} calls take more than {SLOW} times the median of {}, up to {}",
            format_count(slow.calls),
            format_count(durations.count),
            format_duration(median),
            format_duration(max),
        ))
        .because([
            Some(Evidence::nanos("median", median)),
            Some(Evidence::nanos("p99", p99)),
            Some(Evidence::nanos("longest", max)),
            Some(Evidence::count("slow calls", slow.calls)),
            Some(Evidence::count("calls", durations.count)),
            Some(Evidence::nanos("slow calls beyond the median", slow.excess_ns)),
        ])
        .next("What is different about the slow calls? Log its arguments or result (log = true) and look at the recent calls.")
        .at_most(run.own_confidence())
        // Calls with more to do take longer.
        .at_most(Confidence::Medium);
    Some(if is_async { finding.at_most(Confidence::Low) } else { finding })
}

/// The calls that took far longer than the median.
struct Slow {
    calls: u64,
    excess_ns: u64,
}

impl Slow {
    fn of(durations: &Dist, median: u64) -> Self {
        let from = median.saturating_mul(SLOW);
        let slow = durations.buckets.iter().filter(|bucket| bucket.lower >= from);
        slow.fold(Self { calls: 0, excess_ns: 0 }, |sum, bucket| {
            let excess = (bucket.lower - median).saturating_mul(bucket.count);
            Self {
                calls: sum.calls.saturating_add(bucket.count),
                excess_ns: sum.excess_ns.saturating_add(excess),
            }
        })
    }
}
