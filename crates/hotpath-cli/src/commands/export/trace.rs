//! Trace events for Perfetto and Chrome: an **artificial** timeline, not a recorded one. A report has sums, so each path is one
//! slice as long as its total time, with its callees one after the other from its start; the rest is its self time. The file says
//! so in the names of its process and thread, and in `otherData`.

use serde_json::{Value, json};

use super::profile::{Node, Profile, Side};
use super::weight::{Index, Unit, WEIGHTS};

/// The weight by which slices are laid out.
pub(crate) const LAYOUT: Index = 0;

const DESCRIPTION: &str = "aggregated call tree laid out by total time: lengths are sums over all calls and threads; \
                    order and position have no meaning";

pub(crate) fn write(profile: &Profile) -> serde_json::Result<Vec<u8>> {
    let named = |name: &str, text: String| json!({ "ph": "M", "pid": 1, "tid": 1, "ts": 0, "name": name, "args": { "name": text } });
    let mut events = vec![
        named("process_name", format!("{} (aggregated, not a timeline)", profile.title)),
        named("thread_name", "call tree by total time".to_owned()),
    ];
    let totals = profile.totals(LAYOUT);
    slices(profile, &totals, &mut events);
    let other = json!({
        "exporter": concat!("hotpath ", env!("CARGO_PKG_VERSION")),
        "what": DESCRIPTION,
        "omitted paths without time": without_time(profile, &totals),
        "notes": profile.notes().collect::<Vec<_>>(),
    });
    serde_json::to_vec(&json!({ "displayTimeUnit": "ns", "otherData": other, "traceEvents": events }))
}

/// Counts the paths whose time is 0. Native frames have no time, only samples.
fn without_time(profile: &Profile, totals: &[u64]) -> usize {
    let is_known = |node: &Node| node.self_weight(Side::Head, LAYOUT).is_some();
    profile.nodes.iter().zip(totals).filter(|(node, total)| **total == 0 && is_known(node)).count()
}

/// Adds a begin and an end event for every path with a length. It has no duration event, because readers that add durations in
/// floating point would find slices that end after their callers.
fn slices(profile: &Profile, totals: &[u64], events: &mut Vec<Value>) {
    let mut open: Vec<usize> = Vec::new();
    let mut now = 0u64;
    // A path ends after its callees and its self time.
    let end = |node: usize, now: &mut u64, events: &mut Vec<Value>| {
        *now = now.saturating_add(profile.nodes[node].self_weight(Side::Head, LAYOUT).unwrap_or(0));
        events.push(event("E", profile, node, *now));
    };
    for (i, node) in profile.nodes.iter().enumerate().filter(|&(i, _)| totals[i] > 0) {
        while let Some(last) = open.pop_if(|last| node.parent != Some(*last)) {
            end(last, &mut now, events);
        }
        let mut begin = event("B", profile, i, now);
        begin["args"] = arguments(profile, i);
        events.push(begin);
        open.push(i);
    }
    while let Some(last) = open.pop() {
        end(last, &mut now, events);
    }
}

fn event(phase: &str, profile: &Profile, node: usize, at: u64) -> Value {
    let name = &profile.frames[profile.nodes[node].frame].name;
    json!({ "ph": phase, "pid": 1, "tid": 1, "cat": "hotpath", "name": name, "ts": micros(at) })
}

/// Returns the known exclusive weights of a node.
fn arguments(profile: &Profile, node: usize) -> Value {
    let node = &profile.nodes[node];
    let entry = |weight: Index| {
        let key = match WEIGHTS[weight].name {
            "calls" => "calls".to_owned(),
            name if WEIGHTS[weight].unit == Unit::Nanos => format!("self {name} (ns)"),
            name => format!("self {name}"),
        };
        Some((key, json!(node.self_weight(Side::Head, weight)?)))
    };
    let mut arguments: serde_json::Map<String, Value> = (0..WEIGHTS.len()).filter_map(entry).collect();
    if let Some(source) = &profile.frames[node.frame].source {
        arguments.insert("source".to_owned(), json!(format!("{}:{}", source.file, source.line)));
    }
    Value::Object(arguments)
}

/// Converts to microseconds, the unit of trace events.
fn micros(ns: u64) -> f64 {
    ns as f64 / 1e3
}
