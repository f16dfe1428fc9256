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
        ChannelLogHead, ChannelLogs, DbgLogs, FunctionAllocLog, FunctionAllocLogs, FunctionLogHead,
        FunctionTimingLog, FunctionTimingLogs, FutureLog, FutureLogHead, FutureLogs, KeyLogs, MessageLog,
        Moment, StreamLogHead, StreamLogs, ValueLog, ValueLogHead,
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

/// An event, in nanoseconds.
struct Event {
    /// Its position among the events of its site, from 1.
    number: u64,
    moment: Moment,
    ns: u64,
    call: RecentCall,
}

/// Returns the last events of a site, newest first.
fn events(view: &View<'_>, site: &Site) -> Vec<Event> {
    let now = hotpath_lane::clock::now();
    let (ended, calls) = recent_of(site, view.epoch, view.settings.logs_limit);
    let event = |(newer, call): (usize, RecentCall)| Event {
        number: ended.saturating_sub(newer as u64),
        moment: moment(view, now, call.end, call.thread),
        ns: view.scale.nanos(call.ticks),
        call,
    };
    calls.into_iter().rev().enumerate().map(event).collect()
}

fn moment(view: &View<'_>, now: u64, at: u64, thread: Option<u64>) -> Moment {
    Moment {
        at_ns: view.scale.nanos(at.saturating_sub(view.start)),
        ago_ns: view.scale.nanos(now.saturating_sub(at)),
        thread_id: thread,
    }
}

fn text(call: RecentCall) -> Option<String> {
    call.text.map(String::from)
}

fn function_head(view: &View<'_>, site: &Site) -> FunctionLogHead {
    FunctionLogHead {
        function_name: view.names.of_site(site),
        total_invocations: view.count(site),
        source: source(site),
    }
}

fn function_timing(view: &View<'_>, site: &Site) -> Table {
    let log = |event: Event| FunctionTimingLog {
        invocation: event.number,
        duration_ns: event.ns,
        moment: event.moment,
        result: text(event.call),
    };
    let logs: Vec<FunctionTimingLog> = events(view, site).into_iter().map(log).collect();
    Table::of::<FunctionTimingLogs>(&logs, &function_head(view, site), &[])
}

fn function_alloc(view: &View<'_>, site: &Site) -> Table {
    let is_known = view.row(site).is_some_and(|row| row.memory.is_some());
    let known = |value| is_known.then_some(value);
    let log = |event: Event| FunctionAllocLog {
        invocation: event.number,
        bytes: known(event.call.allocated.0),
        alloc_count: known(event.call.allocated.1),
        moment: event.moment,
        result: text(event.call),
    };
    let logs: Vec<FunctionAllocLog> = events(view, site).into_iter().map(log).collect();
    Table::of::<FunctionAllocLogs>(&logs, &function_head(view, site), &[])
}

fn message(event: Event) -> MessageLog {
    MessageLog {
        index: event.number,
        delay_ns: Some(event.ns),
        moment: event.moment,
        message: text(event.call),
    }
}

/// Returns the log of a channel. A message that was received carries the moment it was sent. One that was not received yet is logged
/// only with `log = true`, since otherwise a send is only counted.
fn channel(view: &View<'_>, resource: &'static Resource) -> Table {
    let (sent_site, received_site) = (&resource.sites[SENT], &resource.sites[RECEIVED]);
    let now = hotpath_lane::clock::now();
    let received = events(view, received_site);
    let mut sent = events(view, sent_site);
    let logged = sent.len();
    // A moment identifies a message: it is written on it.
    let delays: HashMap<u64, u64> =
        received.iter().map(|event| (event.call.end.wrapping_sub(event.call.ticks), event.ns)).collect();
    let mut rows: Vec<MessageLog> = Vec::new();
    for event in sent.drain(..) {
        let delay_ns = delays.get(&event.call.end).copied();
        rows.push(MessageLog { delay_ns, ..message(event) });
    }
    if logged == 0 {
        rows = received
            .iter()
            .map(|event| MessageLog {
                index: event.number,
                delay_ns: Some(event.ns),
                moment: moment(view, now, event.call.end.wrapping_sub(event.call.ticks), None),
                message: None,
            })
            .collect();
    }
    let head = ChannelLogHead {
        id: sent_site.id(),
        label: view.labels.of(resource),
        source: source(sent_site),
        received: received.into_iter().map(message).collect(),
    };
    Table::of::<ChannelLogs>(&rows, &head, &[])
}

fn stream(view: &View<'_>, resource: &'static Resource) -> Table {
    let site = &resource.sites[ITEM];
    let logs: Vec<MessageLog> = events(view, site).into_iter().map(message).collect();
    let head = StreamLogHead { id: site.id(), label: view.labels.of(resource), source: source(site) };
    Table::of::<StreamLogs>(&logs, &head, &[])
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
    L: hotpath_report::SectionSchema<Stats = ValueLog, Totals = ValueLogHead>,
{
    let log = |event: Event| ValueLog { index: event.number, moment: event.moment, value: text(event.call) };
    let logs: Vec<ValueLog> = events(view, site).into_iter().map(log).collect();
    let head = ValueLogHead {
        id: site.id(),
        expression: site.name().to_owned(),
        total_logs: view.count(site),
        source: source(site),
    };
    Table::of::<L>(&logs, &head, &[])
}
