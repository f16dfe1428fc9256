//! The rows of the channels section.

use hotpath_lane::event;
use hotpath_report::{ChannelState, ChannelStats, Channels, Table};

use super::{
    super::{
        Instrument,
        resource::{Resource, resources},
        view::{View, source},
    },
    instance::{CLOSED, RECEIVED, SENT, WAITED},
    shape::ONESHOT,
};
use crate::{Section, imp::kind::CHANNEL};

pub(crate) const INSTRUMENT: Instrument = Instrument { section: Section::Channels, table };

fn table(view: &View<'_>) -> Table {
    Table::of::<Channels>(&stats(view), &(), &view.settings.percentiles)
}

/// A row for each resource with a channel that was open in this session.
pub(crate) fn stats(view: &View<'_>) -> Vec<ChannelStats> {
    resources(CHANNEL).into_iter().filter_map(|resource| channel(view, resource)).collect()
}

/// The row of a resource; `None` if none of its channels was open in this session.
fn channel(view: &View<'_>, resource: &'static Resource) -> Option<ChannelStats> {
    let count = |event_kind: usize| view.count(&resource.sites[event_kind]);
    let (sent, received, closed) = (count(SENT), count(RECEIVED), count(CLOSED));
    let level = |event_kind: usize| event::gauge(&resource.sites[event_kind]);
    let (open, queued) = (unsigned(level(CLOSED)), unsigned(level(SENT) + level(RECEIVED)));
    if sent + received + closed + open == 0 {
        return None;
    }
    let info = resource.info();
    let instances = open + closed;
    let is_queue_known = !resource.is_proxied();
    let queue_max = resource.peak.get().or((sent == 0).then_some(0)).filter(|_| is_queue_known);
    Some(ChannelStats {
        id: resource.sites[SENT].id(),
        label: view.labels.of(resource),
        has_custom_label: resource.is_labelled,
        source: source(&resource.sites[SENT]),
        channel_type: info.map(|info| info.description.clone()),
        capacity: info.and_then(|info| info.capacity),
        state: match info {
            _ if open > 0 => ChannelState::Active,
            Some(info) if info.description == ONESHOT && sent + queued > 0 => ChannelState::Notified,
            _ => ChannelState::Closed,
        },
        instances,
        closed_instances: closed,
        sent,
        received,
        // The peak of a queue that gets no messages in this session is at least its length now.
        queue_max: queue_max.map(|max| if instances == 1 { max.max(queued) } else { max }),
        queue_len: is_queue_known.then_some(queued),
        sent_per_s: view.per_second(sent),
        received_per_s: view.per_second(received),
        delay: view.durations(&resource.sites[RECEIVED]),
        send_wait: view.durations(&resource.sites[WAITED]),
        type_name: resource.type_name.to_owned(),
        type_size: info.map(|info| info.type_size as u64),
        instance: resource.instance,
    })
}

/// A gauge that several threads change may be below zero for a moment.
fn unsigned(level: i64) -> u64 {
    u64::try_from(level).unwrap_or(0)
}
