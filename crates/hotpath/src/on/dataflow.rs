//! Channels and streams of the running session as values in the form of 0.7.

use hotpath_report::{self as report, ChannelStats, Source, StreamStats};

use super::{
    instruments::{channels, streams},
    session,
};
use crate::data::flows::{
    ChannelState, ChannelType, ChannelsJson, SerializableChannelStats, SerializableStreamStats, StreamsJson,
};

pub(crate) fn channels() -> ChannelsJson {
    let json = session::with_view(|view| {
        let channels = channels::stats(view).into_iter().map(channel).collect();
        ChannelsJson { current_elapsed_ns: view.duration_ns, channels }
    });
    json.unwrap_or_default()
}

fn channel(row: ChannelStats) -> SerializableChannelStats {
    // The queue of a channel with a proxy is not known; that version counted what was not received yet.
    let queued = row.queue_len.unwrap_or_else(|| row.sent.saturating_sub(row.received));
    let is_full = row.capacity.is_some_and(|capacity| row.instances == 1 && queued >= capacity);
    let type_size = row.type_size.unwrap_or(0);
    SerializableChannelStats {
        id: row.id.into(),
        source: place(row.source),
        channel_type: match (row.channel_type.as_deref(), row.capacity) {
            (None, _) => ChannelType::Mixed,
            (Some("oneshot"), _) => ChannelType::Oneshot,
            (_, Some(capacity)) => ChannelType::Bounded(number(capacity)),
            (_, None) => ChannelType::Unbounded,
        },
        state: match row.state {
            report::ChannelState::Active if is_full => ChannelState::Full,
            report::ChannelState::Active => ChannelState::Active,
            report::ChannelState::Closed => ChannelState::Closed,
            report::ChannelState::Notified => ChannelState::Notified,
        },
        label: row.label,
        has_custom_label: row.has_custom_label,
        sent_count: row.sent,
        received_count: row.received,
        queued,
        type_name: row.type_name,
        type_size: number(type_size),
        queued_bytes: queued.saturating_mul(type_size),
        iter: row.instance.try_into().unwrap_or(u32::MAX),
    }
}

pub(crate) fn streams() -> StreamsJson {
    let json = session::with_view(|view| {
        let streams = streams::stats(view).into_iter().map(stream).collect();
        StreamsJson { current_elapsed_ns: view.duration_ns, streams }
    });
    json.unwrap_or_default()
}

fn stream(row: StreamStats) -> SerializableStreamStats {
    let is_active = row.completed + row.dropped < row.instances;
    SerializableStreamStats {
        id: row.id.into(),
        source: place(row.source),
        label: row.label,
        has_custom_label: row.has_custom_label,
        state: if is_active { ChannelState::Active } else { ChannelState::Closed },
        items_yielded: row.items,
        type_name: row.type_name,
        type_size: number(row.type_size),
        iter: row.instance.try_into().unwrap_or(u32::MAX),
    }
}

fn place(source: Option<Source>) -> String {
    source.map_or_else(String::new, |source| format!("{}:{}", source.file, source.line))
}

fn number(size: u64) -> usize {
    size.try_into().unwrap_or(usize::MAX)
}
