//! `slow-consumer`: a bounded channel that is full while its senders wait for room.
//!
//! Weight: time that senders waited for room, all of them together, as a share of the time of all threads.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::{Run, is_sampled, share};
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;
use crate::units::format_duration;

pub(super) const RULE: Rule = Rule {
    id: "slow-consumer",
    about: "Senders wait for room in a bounded channel: its receivers do not keep up.",
    find,
};

/// Less waiting than this is lost among what else a run does.
const MIN_SHARE: f64 = 5.0;
/// Below it, a scheduler that stops the receiver once explains it.
const MIN_WAIT_NS: u64 = 10_000_000;
/// Fewer senders that found no room are an accident.
const MIN_WAITED: u64 = 20;

fn find(report: &Report) -> Vec<Finding> {
    let (Some(run), Some(rows)) = (Run::of(report), Rows::of(report, "channels")) else {
        return Vec::new();
    };
    let found = rows.measured().filter_map(|channel| evaluate(&run, &channel));
    // With sampling only some of the waits are known: there were at least that many.
    let confidence = if is_sampled(report, "channels") { Confidence::Medium } else { Confidence::High };
    found.map(|finding| finding.at_most(confidence)).collect()
}

fn evaluate(run: &Run, channel: &Item<'_>) -> Option<Finding> {
    let label = channel.text("label")?;
    let waited = channel.number("send_wait_ns").filter(|&nanos| nanos >= MIN_WAIT_NS)?;
    let count = channel.number("waited_count").filter(|&count| count >= MIN_WAITED)?;
    let sent = channel.number("sent_count")?;
    let weight = run.share(waited);
    if weight < MIN_SHARE {
        return None;
    }
    let part = share(count, sent).map(|part| part.min(100.0));
    let finding = Finding::new(&RULE, channel, label, weight)
        .titled(format!(
            "channel {label}: senders waited {} for room, its receivers do not keep up",
            format_duration(waited)
        ))
        .because([
            Some(Evidence::nanos("waited for room", waited)),
            Some(Evidence::count("messages that waited", count)),
            part.map(|part| Evidence::percent("share of all messages", part)),
            Some(Evidence::count("sent", sent)),
            channel.number("queue_max").map(|most| Evidence::count("most in the queue", most)),
            channel.number("capacity").map(|capacity| Evidence::count("capacity", capacity)),
            channel.number("delays.avg").map(|nanos| Evidence::nanos("mean delay of a message", nanos)),
        ])
        .next(
            "What does the receiving side do per message? Make that faster, or let more receivers share it.",
        )
        .at_most(run.confidence());
    Some(finding)
}
