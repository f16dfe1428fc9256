//! `channels`: messages sent and received, their delay, and the length of queues.

use crate::column::{Column, DistKeys, Formatted, Merge, MetricFamily, Show};
use crate::dist::Dist;
use crate::interface::{Compat, Interface};
use crate::logs::ChannelLogs;
use crate::section::{Envelope, LogDeclaration, SectionSchema, Spec};
use crate::value::{Source, Unit};

/// The state of a channel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChannelState {
    /// At least one channel of the row has both ends and was not closed.
    #[default]
    Active,
    /// All are closed, or one of their sides is gone.
    Closed,
    /// A oneshot whose message was sent.
    Notified,
}

impl ChannelState {
    /// The state in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
            Self::Notified => "notified",
        }
    }
}

/// The statistics of the channels made at one place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelStats {
    /// Number of the row, stable within a run.
    pub id: u32,
    /// Label, or file and line.
    pub label: String,
    /// True if the user chose the label.
    pub has_custom_label: bool,
    /// Its place in the source.
    pub source: Option<Source>,
    /// `bounded[N]`, `unbounded`, `oneshot`; unknown if channels of several kinds were made there.
    pub channel_type: Option<String>,
    /// Most messages that one channel can hold; unknown if it has no bound.
    pub capacity: Option<u64>,
    /// Its state.
    pub state: ChannelState,
    /// Channels made there that were open in this session.
    pub instances: u64,
    /// Those of them that were closed in it.
    pub closed_instances: u64,
    /// Messages sent.
    pub sent: u64,
    /// Messages received.
    pub received: u64,
    /// Messages in the channels now; unknown if somebody in between carries them (`proxy`).
    pub queue_len: Option<u64>,
    /// Most messages that were in one channel at once.
    pub queue_max: Option<u64>,
    /// Messages sent per second of the session.
    pub sent_per_s: Option<f64>,
    /// Messages received per second of the session.
    pub received_per_s: Option<f64>,
    /// Nanoseconds from sending to receiving a message.
    pub delay: Dist,
    /// Nanoseconds that senders waited for room, of those that found none.
    pub send_wait: Dist,
    /// Type of the messages.
    pub type_name: String,
    /// Size of a message in bytes.
    pub type_size: Option<u64>,
    /// The number of the channel among those of its place, from 1; 0 if the row is all of them.
    pub instance: u64,
}

type Col = Column<ChannelStats>;

/// Channels.
pub struct Channels;

impl SectionSchema for Channels {
    type Stats = ChannelStats;
    type Totals = ();

    const SPEC: &'static Spec = &Spec {
        name: "channels",
        short: "channels",
        scope: None,
        title: "Channel",
        description: "Channel throughput statistics.",
        stem: "channels",
        default_limit: 0,
        envelope: Envelope::Elapsed,
        sort: &["has_custom_label"],
        base: "",
        pinned: None,
        outside: None,
        compat: Some(Interface::V0_16),
        ambient: false,
    };

    const COLUMNS: &'static [Column<ChannelStats>] = &[
        Col::count("id", "", |c| Some(c.id.into()))
            .compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Renumber)
            .about("Number of the row in this report."),
        Col::text("source", "", |c| c.source.as_ref().map(|s| format!("{}:{}", s.file, s.line)))
            .compat(Compat::V0_16)
            .json_only()
            .about("File and line of the channel."),
        Col::text("label", "Channel", |c| Some(c.label.clone()))
            .compat(Compat::V0_16)
            .merged(Merge::Key)
            .about("Label of the channel, or file and line."),
        Col::flag("has_custom_label", "", |c| c.has_custom_label)
            .compat(Compat::V0_16)
            .json_only()
            .about("True if the user chose the label."),
        Col::text("channel_type", "Type", |c| c.channel_type.clone()).compat(Compat::V0_16).about(
            "Kind: bounded[N], unbounded or oneshot; unknown if the row has channels of several kinds.",
        ),
        Col::text("state", "State", |c| Some(c.state.as_str().to_owned())).compat(Compat::V0_16).about(
            "State: active; closed when all channels are; notified when the message of a oneshot was sent.",
        ),
        Col::count("sent_count", "Sent", |c| Some(c.sent))
            .compat(Compat::V0_16)
            .judged(MetricFamily::Flow)
            .about("Messages sent."),
        Col::count("received_count", "Received", |c| Some(c.received))
            .compat(Compat::V0_16)
            .judged(MetricFamily::Flow)
            .about("Messages received."),
        Col::count("queue_len", "Queue", |c| c.queue_len)
            .compat(Compat::V0_30.named("queue_size"))
            .gauge()
            .compared(MetricFamily::Skip)
            .about("Messages in the channels now; unknown of channels with `proxy`."),
        Col::count("queue_max", "Max queue", |c| c.queue_max)
            .compat(Compat::V0_30.named("max_queue_size").or_left_out())
            .merged(Merge::Max)
            .about("Largest number of messages in one channel at once."),
        Col::dist("{} delay", Unit::Nanos, DELAY, |c| Some(&c.delay))
            .compat(Compat::V0_30.named("delay_percentiles").or_left_out())
            .judged(MetricFamily::Time)
            .about("Time from sending to receiving a message, the wait for room included."),
        Col::count("delay_sampled_count", "", |c| Some(c.delay.count))
            .compat(Compat::V0_30)
            .json_only()
            .compared(MetricFamily::Skip)
            .about("Messages whose time was measured."),
        Col::dist("{} send wait", Unit::Nanos, SEND_WAIT, |c| Some(&c.send_wait))
            .judged(MetricFamily::Time)
            .shown(Show::Average)
            .about("Time that a sender waited for room, of those that found none."),
        Col::count("waited_count", "", |c| Some(c.send_wait.count))
            .json_only()
            .about("Messages whose senders found no room and were timed while they waited."),
        Col::count("instances", "Inst", |c| Some(c.instances))
            .compat(Compat::V0_30)
            .gauge()
            .about("Channels made there that were open while this was recorded."),
        Col::count("closed_instances", "", |c| Some(c.closed_instances))
            .compat(Compat::V0_30)
            .json_only()
            .about("Number of these channels that were closed meanwhile."),
        Col::count("capacity", "", |c| c.capacity)
            .gauge()
            .json_only()
            .compared(MetricFamily::Flow)
            .merged(Merge::Max)
            .about("Largest number of messages that one channel can hold; unknown if it has no bound."),
        Col::rate("sent_per_s", "", |c| c.sent_per_s)
            .compat(Compat::V0_30.named("sent_per_sec").or_left_out())
            .json_only()
            .about("Messages sent per second."),
        Col::rate("received_per_s", "", |c| c.received_per_s)
            .compat(Compat::V0_30.named("received_per_sec").or_left_out())
            .json_only()
            .about("Messages received per second."),
        Col::nanos("send_wait_ns", "", |c| (c.send_wait.count > 0).then_some(c.send_wait.sum))
            .judged(MetricFamily::Time)
            .json_only()
            .about("Time that all senders together waited for room."),
        Col::text("type_name", "", |c| Some(c.type_name.clone()))
            .compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Key)
            .about("Type of the messages."),
        Col::bytes("type_size", "", |c| c.type_size)
            .compat(Compat::V0_16)
            .gauge()
            .json_only()
            .compared(MetricFamily::Flow)
            .merged(Merge::Max)
            .about("Size of a message in bytes."),
        Col::count("iter", "", |c| Some(c.instance))
            .compat(Compat::V0_16)
            .json_only()
            .merged(Merge::Key)
            .about("Number of the channel among those of its place, from 1; 0 if the row is all of them."),
        Col::place("location", true, |c| c.source.clone())
            .compat(Compat::V0_30)
            .merged(Merge::Key)
            .about("File, line and column of the channel."),
    ];

    const LOGS: &'static [LogDeclaration] = &[LogDeclaration::of::<ChannelLogs>(&["logs"])];

    const FIELDS: &'static [Column<()>] = &[];
}

const DELAY: DistKeys = DistKeys {
    identity: "delays",
    prefix: "delay_",
    suffix: "_ns",
    count: "delay_sampled_count",
    plain: ("", ""),
    histogram: "delay_histogram",
    formatted: Formatted::Flat,
};

const SEND_WAIT: DistKeys = DistKeys {
    identity: "send_waits",
    prefix: "send_wait_",
    suffix: "_ns",
    count: "waited_count",
    plain: ("", ""),
    histogram: "send_wait_histogram",
    formatted: Formatted::No,
};
