//! `lock-convoy`: a lock for which threads or tasks queue up, and the function that holds it meanwhile.
//!
//! Weight: time spent waiting for the lock, of all waiters together, as a share of the time of all threads. Tasks can wait by the
//! thousand on a few threads; such a lock has the full weight of 100.

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
/// The holder is named when at least this part of the waiting was for it.
const MIN_HOLDER_SHARE: f64 = 50.0;

/// A lock mode: its section, the prefix of its columns, and its words.
struct LockMode {
    section: &'static str,
    prefix: &'static str,
    noun: &'static str,
    doing: &'static str,
}

const WAYS: [LockMode; 3] = [
    LockMode { section: "mutexes", prefix: "", noun: "mutex", doing: "lock" },
    LockMode { section: "rw_locks", prefix: "read_", noun: "rw_lock", doing: "read" },
    LockMode { section: "rw_locks", prefix: "write_", noun: "rw_lock", doing: "write" },
];

fn find(report: &Report) -> Vec<Finding> {
    let Some(run) = Run::of(report) else { return Vec::new() };
    let of_way = |mode: &LockMode| {
        let Some(rows) = Rows::of(report, mode.section) else { return Vec::new() };
        let confidence = if is_sampled(report, mode.section) { Confidence::Medium } else { Confidence::High };
        let found = rows.measured().filter_map(|lock| evaluate(&run, mode, &lock));
        found.map(|finding| finding.at_most(confidence)).collect()
    };
    WAYS.iter().flat_map(of_way).collect()
}

fn evaluate(run: &Run, mode: &LockMode, lock: &Item<'_>) -> Option<Finding> {
    let key = |name: &str| format!("{}{name}", mode.prefix);
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
    let share_of_wait = number("blocked_by_ns")
        .and_then(|nanos| share(nanos, waited))
        .map(|share_of_wait| share_of_wait.min(100.0));
    let named =
        holder.filter(|_| share_of_wait.is_some_and(|share_of_wait| share_of_wait >= MIN_HOLDER_SHARE));
    let finding = Finding::new(&RULE, lock, label, weight)
        .titled(title(mode, label, waited, named))
        .because([
            Some(Evidence::nanos("waited", waited)),
            Some(Evidence::count("contended", contended)),
            count.map(|count| Evidence::count("acquisitions", count)),
            number("wait.max").map(|nanos| Evidence::nanos("longest wait", nanos)),
            number("hold.avg").map(|nanos| Evidence::nanos("mean hold", nanos)),
            holder.map(|holder| Evidence::text("held by", holder)),
            share_of_wait
                .map(|share_of_wait| Evidence::percent("share of the waiting for it", share_of_wait)),
        ])
        .next(next(named))
        .at_most(run.confidence());
    Some(if contended < MANY_CONTENDED { finding.at_most(Confidence::Medium) } else { finding })
}

fn title(mode: &LockMode, label: &str, waited: u64, named: Option<&str>) -> String {
    let (noun, doing, waited) = (mode.noun, mode.doing, format_duration(waited));
    let holder = named.map_or_else(String::new, |name| format!(", mostly while {name} held it"));
    format!("{noun} {label}: {waited} of waiting to {doing} it{holder}")
}

fn next(named: Option<&str>) -> String {
    match named {
        Some(name) => {
            format!("What does {name} do while it holds the lock that could be done before or after?")
        }
        None => "Who holds it, and for how long? Look at its holds, and measure the functions that take it."
            .to_owned(),
    }
}
