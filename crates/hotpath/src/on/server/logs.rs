//! The logs of rows: the last events that the lanes still have, newest first.
//!
//! An event of a lane (a moment, some ticks, a text) becomes an event of its instrument here.

use std::collections::HashMap;

use hotpath_lane::{
    Site,
    read::{RecentCall, recent_of},
    sites,
};
use hotpath_report::{
    LogDeclaration, Table,
    logs::{
        ChannelLogs, DbgLogs, Event, FunctionAllocLogs, FunctionTimingLogs, FutureLog, FutureLogHead,
        FutureLogs, KeyLogs, LogHead, StreamLogs,
    },
};

use crate::compat::base64;
use crate::imp::{
    instruments::{
        channels::{RECEIVED, SENT},
        futures,
        resource::{Resource, resources},
        streams::ITEM,
        view::{View, source},
    },
    kind::{self, CHANNEL, DBG, GAUGE, STREAM, VAL},
};

/// Returns the log of the row `id` of a section. Functions can be named, too, in base64.
pub(super) fn find(view: &View<'_>, section: &str, log: &LogDeclaration, id: &str) -> Option<Table> {
    let kind = log.of.map(|(_, text)| text);
    match (section, kind) {
        ("functions_timing", _) => function(view, id).map(|site| function_timing(view, site)),
        ("functions_alloc", _) => function(view, id).map(|site| function_alloc(view, site)),
        ("channels", _) => resource(CHANNEL, SENT, id).map(|resource| channel(view, resource)),
        ("streams", _) => resource(STREAM, ITEM, id).map(|resource| stream(view, resource)),
        ("futures", _) => numbered(id).filter(|site| futures::is_future(site)).map(|site| future(view, site)),
        ("debug", Some("dbg")) => of_kind(DBG, id).map(|site| value::<DbgLogs>(view, site)),
        ("debug", Some("val")) => of_kind(VAL, id).map(|site| value::<KeyLogs>(view, site)),
        ("debug", Some("gauge")) => of_kind(GAUGE, id).map(|site| value::<KeyLogs>(view, site)),
        _ => None,
    }
}

fn numbered(id: &str) -> Option<&'static Site> {
    let id: u32 = id.parse().ok()?;
    sites().into_iter().find(|site| site.id() == id)
}

fn of_kind(kind: u8, id: &str) -> Option<&'static Site> {
    numbered(id).filter(|site| site.kind() == kind)
}

fn resource(kind: u8, event_kind: usize, id: &str) -> Option<&'static Resource> {
    let id: u32 = id.parse().ok()?;
    resources(kind).into_iter().find(|resource| resource.sites[event_kind].id() == id)
}

fn function(view: &View<'_>, id: &str) -> Option<&'static Site> {
    let is_function = |site: &&'static Site| kind::is_function(site.kind());
    numbered(id).filter(is_function).or_else(|| {
        let name = base64::decode(id)?;
        sites().into_iter().filter(is_function).find(|site| view.names.of_site(site) == name)
    })
}

/// An event, and the call in the lane that it is made of.
struct Recent {
    event: Event,
    /// Clock ticks of its end, and of its duration.
    end: u64,
    ticks: u64,
    allocated: (u64, u64),
}

/// The last events of a site, newest first.
fn recent(view: &View<'_>, site: &Site) -> Vec<Recent> {
    let now = hotpath_lane::clock::now();
    let (ended, calls) = recent_of(site, view.epoch, view.settings.logs_limit);
    let recent = |(newer, call): (usize, RecentCall)| Recent {
        end: call.end,
        ticks: call.ticks,
        allocated: call.allocated,
        event: Event {
            index: ended.saturating_sub(newer as u64),
            duration_ns: Some(view.scale.nanos(call.ticks)),
            thread_id: call.thread,
            value: call.text.map(String::from),
            ..event_at(view, now, call.end)
        },
    };
    calls.into_iter().rev().enumerate().map(recent).collect()
}

fn events(view: &View<'_>, site: &Site) -> Vec<Event> {
    recent(view, site).into_iter().map(|recent| recent.event).collect()
}

fn event_at(view: &View<'_>, now: u64, at: u64) -> Event {
    let at_ns = view.scale.nanos(at.saturating_sub(view.start));
    Event { at_ns, ago_ns: view.scale.nanos(now.saturating_sub(at)), ..Event::default() }
}

fn head(view: &View<'_>, site: &Site, name: String) -> LogHead {
    LogHead { id: site.id(), name, count: view.count(site), source: source(site), received: Vec::new() }
}

fn function_head(view: &View<'_>, site: &Site) -> LogHead {
    head(view, site, view.names.of_site(site))
}

fn function_timing(view: &View<'_>, site: &Site) -> Table {
    Table::of::<FunctionTimingLogs>(&events(view, site), &function_head(view, site), &[])
}

fn function_alloc(view: &View<'_>, site: &Site) -> Table {
    let is_known = view.row(site).is_some_and(|row| row.memory.is_some());
    let known = |value| is_known.then_some(value);
    let event = |Recent { event, allocated: (bytes, count), .. }| Event {
        alloc_bytes: known(bytes),
        alloc_count: known(count),
        ..event
    };
    let logs: Vec<Event> = recent(view, site).into_iter().map(event).collect();
    Table::of::<FunctionAllocLogs>(&logs, &function_head(view, site), &[])
}

/// A message that was received carries the time at which it was sent. A message that was sent and not received yet is seen only with
/// `log = true`: without it a send is counted and nothing more.
fn channel(view: &View<'_>, resource: &'static Resource) -> Table {
    let (sent_site, received_site) = (&resource.sites[SENT], &resource.sites[RECEIVED]);
    let now = hotpath_lane::clock::now();
    let received = recent(view, received_site);
    let sent_at = |received: &Recent| received.end.wrapping_sub(received.ticks);
    // The time of sending identifies a message.
    let delays: HashMap<u64, Option<u64>> =
        received.iter().map(|received| (sent_at(received), received.event.duration_ns)).collect();
    let with_delay =
        |sent: Recent| Event { duration_ns: delays.get(&sent.end).copied().flatten(), ..sent.event };
    let mut sent: Vec<Event> = recent(view, sent_site).into_iter().map(with_delay).collect();
    if sent.is_empty() {
        let event = |received: &Recent| Event {
            index: received.event.index,
            duration_ns: received.event.duration_ns,
            ..event_at(view, now, sent_at(received))
        };
        sent = received.iter().map(event).collect();
    }
    let received = received.into_iter().map(|received| received.event).collect();
    let head = LogHead { received, ..head(view, sent_site, view.labels.of(resource)) };
    Table::of::<ChannelLogs>(&sent, &head, &[])
}

fn stream(view: &View<'_>, resource: &'static Resource) -> Table {
    let site = &resource.sites[ITEM];
    Table::of::<StreamLogs>(&events(view, site), &head(view, site, view.labels.of(resource)), &[])
}

fn future(view: &View<'_>, site: &'static Site) -> Table {
    let part = view.row(site).and_then(|row| row.async_stats).unwrap_or_default();
    let alloc = view.row(site).and_then(|row| view.memory.of_future(row));
    let head = FutureLogHead {
        id: site.id(),
        label: view.name_of_future(site),
        call_count: view.count(site),
        total_polls: part.polls,
        total_poll_ns: futures::total_poll_ns(&view.scale, &part),
        total_bytes: alloc.map(|alloc| alloc.bytes),
        total_count: alloc.map(|alloc| alloc.count),
        source: source(site),
    };
    let is_sampled = part.timed_polls < part.polls;
    let log = |call: crate::data::FutureCall| FutureLog {
        id: call.id,
        future_id: call.future_id,
        state: call.state.to_string(),
        poll_count: call.poll_count,
        sampled_polls: (!is_sampled).then_some(call.poll_count),
        total_poll_ns: call.total_poll_duration_ns,
        max_poll_ns: call.max_poll_duration_ns,
        last_poll_ns: call.last_poll_duration_ns,
        total_bytes: call.total_poll_alloc_bytes,
        total_count: call.total_poll_alloc_count,
        max_bytes: call.max_poll_alloc_bytes,
        last_bytes: call.last_poll_alloc_bytes,
        thread_id: call.thread_id,
        result: call.result,
    };
    let calls: Vec<FutureLog> = futures::calls_of(view, site).rev().map(log).collect();
    Table::of::<FutureLogs>(&calls, &head, &[])
}

fn value<L>(view: &View<'_>, site: &Site) -> Table
where
    L: hotpath_report::SectionSchema<Stats = Event, Totals = LogHead>,
{
    Table::of::<L>(&events(view, site), &head(view, site, site.name().to_owned()), &[])
}
