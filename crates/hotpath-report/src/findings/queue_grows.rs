//! `queue-grows`: an unbounded channel in which messages pile up.
//!
//! Weight: the largest backlog as a share of all that was sent. By so much of its work the receiving side was behind at the worst
//! moment; it is what the run goes on for after the senders are done.

use super::rows::{Item, Rows};
use super::rule::Rule;
use super::run::{Run, share};
use crate::finding::{Confidence, Evidence, Finding};
use crate::report::Report;
use crate::units::format_count;

pub(super) const RULE: Rule = Rule {
    id: "queue-grows",
    about: "Messages pile up in a channel without a bound: it takes memory as long as that goes on.",
    find,
};

/// A queue that once held half of everything ever sent is not a buffer for peaks.
const MIN_BACKLOG: f64 = 50.0;
/// Fewer messages than this are a list of work that was handed over at once.
const MIN_QUEUE: u64 = 1_000;

fn find(report: &Report) -> Vec<Finding> {
    let (Some(run), Some(rows)) = (Run::of(report), Rows::of(report, "channels")) else {
        return Vec::new();
    };
    rows.measured().filter_map(|channel| evaluate(&run, &channel)).collect()
}

fn evaluate(run: &Run, channel: &Item<'_>) -> Option<Finding> {
    let label = channel.text("label")?;
    channel.text("channel_type").filter(|kind| *kind == "unbounded")?;
    let most = channel.number("queue_max").filter(|&most| most >= MIN_QUEUE)?;
    let (sent, left) = (channel.number("sent_count")?, channel.number("queue_len")?);
    let backlog = share(most, sent).map(|part| part.min(100.0)).filter(|&part| part >= MIN_BACKLOG)?;
    let is_open = left >= MIN_QUEUE && channel.text("state") == Some("active");
    let finding = Finding::new(&RULE, channel, label, backlog)
        .titled(title(label, most, sent, is_open.then_some(left)))
        .because([
            Some(Evidence::count("most in the queue", most)),
            Some(Evidence::percent("share of all sent", backlog)),
            Some(Evidence::count("in the queue now", left)),
            Some(Evidence::count("sent", sent)),
            channel.number("received_count").map(|received| Evidence::count("received", received)),
            channel.number("delays.avg").map(|nanos| Evidence::nanos("mean delay of a message", nanos)),
            memory(channel, most),
        ])
        .next("Is it filled at once on purpose? Else give it a bound, or receive faster: what is done per message?")
        .at_most(run.confidence());
    // A queue that was emptied again may have been filled first on purpose.
    Some(if is_open { finding } else { finding.at_most(Confidence::Medium) })
}

fn title(label: &str, most: u64, sent: u64, left: Option<u64>) -> String {
    let (most, sent) = (format_count(most), format_count(sent));
    match left {
        Some(left) => format!(
            "channel {label}: {} of {sent} messages wait in it, and it has no bound",
            format_count(left)
        ),
        None => format!("channel {label}: up to {most} of {sent} messages waited in it, and it has no bound"),
    }
}

/// The size of the messages themselves; what they point to is not known.
fn memory(channel: &Item<'_>, most: u64) -> Option<Evidence> {
    let size = channel.number("type_size").filter(|&size| size > 0)?;
    Some(Evidence::bytes("memory of the queue, at least", most.saturating_mul(size)))
}
