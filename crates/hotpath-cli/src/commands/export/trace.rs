//! Chrome's trace events, which Perfetto reads too: a timeline that is **made**, not recorded. A report knows sums, so
//! each path is one slice as long as its total, callees one after the other from the start of their caller; what is left
//! at its end is the caller's own time. The file says so in the names of its process and thread, and in `otherData`.

use serde_json::{Value, json};

use super::profile::{Node, Profile, Side};
use super::weight::{Index, Unit, WEIGHTS};

/// The weight by which slices are laid out.
pub(crate) const LAYOUT: Index = 0;

const WHAT: &str = "aggregated call tree laid out by total time: lengths are sums over all calls and threads, \
                    order and position mean nothing";

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
        "what": WHAT,
        "paths without time, left out": without_time(profile, &totals),
        "notes": profile.notes().collect::<Vec<_>>(),
    });
    serde_json::to_vec(&json!({ "displayTimeUnit": "ns", "otherData": other, "traceEvents": events }))
}

/// Paths whose time is known to be none. Native frames have no time of their own kind, only samples.
fn without_time(profile: &Profile, totals: &[u64]) -> usize {
    let is_known = |node: &Node| node.own(Side::Head, LAYOUT).is_some();
    profile.nodes.iter().zip(totals).filter(|(node, total)| **total == 0 && is_known(node)).count()
}

/// A beginning and an end for every path that has a length. The end is told and not the length, since readers that add
/// lengths in floating point find slices that end after their callers.
fn slices(profile: &Profile, totals: &[u64], events: &mut Vec<Value>) {
    let mut open: Vec<usize> = Vec::new();
    let mut now = 0u64;
    // A path ends when its callees have ended and its own time has passed.
    let end = |node: usize, now: &mut u64, events: &mut Vec<Value>| {
        *now = now.saturating_add(profile.nodes[node].own(Side::Head, LAYOUT).unwrap_or(0));
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

/// What the node weighs itself, as far as it is known.
fn arguments(profile: &Profile, node: usize) -> Value {
    let node = &profile.nodes[node];
    let own = |weight: Index| {
        let key = match WEIGHTS[weight].name {
            "calls" => "calls".to_owned(),
            name if WEIGHTS[weight].unit == Unit::Nanos => format!("own {name} (ns)"),
            name => format!("own {name}"),
        };
        Some((key, json!(node.own(Side::Head, weight)?)))
    };
    let mut arguments: serde_json::Map<String, Value> = (0..WEIGHTS.len()).filter_map(own).collect();
    if let Some(source) = &profile.frames[node.frame].source {
        arguments.insert("source".to_owned(), json!(format!("{}:{}", source.file, source.line)));
    }
    Value::Object(arguments)
}

/// Trace events count in microseconds.
fn micros(ns: u64) -> f64 {
    ns as f64 / 1e3
}
