//! `lock-convoy`: a lock for which threads or tasks queue up, and the function that holds it meanwhile.
//!
//! Weight: time spent waiting for the lock, of all waiters together, as a share of the time of all threads. Tasks can wait by the
//! thousand on a few threads; such a lock has all of the 100.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::{Run, is_sampled, share};
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;
use crate::units::format_duration;

pub(super) const RULE: Rule =
    Rule { id: "lock-convoy", about: "Threads or tasks spend much time waiting for one lock.", find };

/// Less waiting than this is lost among what else a run does.
const MIN_SHARE: f64 = 5.0;
/// Below it, a scheduler that stops the holder once explains it.
const MIN_WAIT_NS: u64 = 10_000_000;
/// One or two waits are an accident. Many are not needed: a lock that is not fair makes few wait, and those very long.
const MIN_CONTENDED: u64 = 3;
/// With fewer waits than this the next run may look different.
const MANY_CONTENDED: u64 = 20;
/// The holder is blamed by name when this part of the waiting was for it.
const MIN_BLAME: f64 = 50.0;

/// A way of taking a lock: its section, the prefix of its columns, the words for it.
struct Way {
    section: &'static str,
    prefix: &'static str,
    noun: &'static str,
    doing: &'static str,
}

const WAYS: [Way; 3] = [
    Way { section: "mutexes", prefix: "", noun: "mutex", doing: "lock" },
    Way { section: "rw_locks", prefix: "read_", noun: "rw_lock", doing: "read" },
    Way { section: "rw_locks", prefix: "write_", noun: "rw_lock", doing: "write" },
];

fn find(report: &Report) -> Vec<Finding> {
    let Some(run) = Run::of(report) else { return Vec::new() };
    let of_way = |way: &Way| {
        let Some(rows) = Rows::of(report, way.section) else { return Vec::new() };
        let confidence = if is_sampled(report, way.section) { Confidence::Medium } else { Confidence::High };
        let found = rows.measured().filter_map(|lock| judge(&run, way, &lock));
        found.map(|finding| finding.at_most(confidence)).collect()
    };
    WAYS.iter().flat_map(of_way).collect()
}

fn judge(run: &Run, way: &Way, lock: &Item<'_>) -> Option<Finding> {
    let key = |name: &str| format!("{}{name}", way.prefix);
    let number = |name: &str| lock.number(&key(name));
    let label = lock.text("label")?;
    let contended = number("contended").filter(|&count| count >= MIN_CONTENDED)?;
    let waited = number("wait_total_ns").filter(|&nanos| nanos >= MIN_WAIT_NS)?;
    let weight = run.share(waited);
    if weight < MIN_SHARE {
        return None;
    }
    let count = number("count");
    let holder = lock.text(&key("blocked_by"));
    let blame = number("blocked_by_ns").and_then(|nanos| share(nanos, waited)).map(|blame| blame.min(100.0));
    let culprit = holder.filter(|_| blame.is_some_and(|blame| blame >= MIN_BLAME));
    let finding = Finding::new(&RULE, lock, label, weight)
        .titled(title(way, label, waited, culprit))
        .because([
            Some(Evidence::nanos("waited", waited)),
            Some(Evidence::count("contended", contended)),
            count.map(|count| Evidence::count("acquisitions", count)),
            number("wait.max").map(|nanos| Evidence::nanos("longest wait", nanos)),
            number("hold.avg").map(|nanos| Evidence::nanos("mean hold", nanos)),
            holder.map(|holder| Evidence::text("held by", holder)),
            blame.map(|blame| Evidence::percent("share of the waiting for it", blame)),
        ])
        .next(next(culprit))
        .at_most(run.confidence());
    Some(if contended < MANY_CONTENDED { finding.at_most(Confidence::Medium) } else { finding })
}

fn title(way: &Way, label: &str, waited: u64, culprit: Option<&str>) -> String {
    let (noun, doing, waited) = (way.noun, way.doing, format_duration(waited));
    let holder = culprit.map_or_else(String::new, |name| format!(", mostly while {name} held it"));
    format!("{noun} {label}: {waited} of waiting to {doing} it{holder}")
}

fn next(culprit: Option<&str>) -> String {
    match culprit {
        Some(name) => {
            format!("What does {name} do while it holds the lock that could be done before or after?")
        }
        None => "Who holds it, and for how long? Look at its holds, and measure the functions that take it."
            .to_owned(),
    }
}
