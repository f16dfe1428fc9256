//! Chrome's trace events, which Perfetto reads too: a timeline that is **made**, not recorded. A report knows sums, so
//! each path is one slice as long as its total, callees one after the other from the start of their caller; what is left
//! at its end is the caller's own time. The file says so in the names of its process and thread, and in `otherData`.

use serde_json::{Value, json};

use super::profile::{Profile, Side};
use super::weight::{Index, Unit, WEIGHTS};

/// The weight by which slices are laid out.
pub(crate) const LAYOUT: Index = 0;

const WHAT: &str = "aggregated call tree laid out by total time: lengths are sums over all calls and threads, \
                    order and position mean nothing";

pub(crate) fn write(profile: &Profile) -> serde_json::Result<Vec<u8>> {
    let totals = profile.totals(LAYOUT);
    let named = |name: &str, text: String| json!({ "ph": "M", "pid": 1, "tid": 1, "ts": 0, "name": name, "args": { "name": text } });
    let mut events = vec![
        named("process_name", format!("{} (aggregated, not a timeline)", profile.title)),
        named("thread_name", "call tree by total time".to_owned()),
    ];
    // Where the next callee of each node begins, and the next root.
    let mut next: Vec<u64> = Vec::with_capacity(totals.len());
    let mut next_root = 0u64;
    for (i, node) in profile.nodes.iter().enumerate() {
        let free = node.parent.map_or(&mut next_root, |parent| &mut next[parent]);
        let start = *free;
        *free = start.saturating_add(totals[i]);
        next.push(start);
        events.push(json!({
            "ph": "X",
            "pid": 1,
            "tid": 1,
            "cat": "hotpath",
            "name": profile.frames[node.frame].name,
            "ts": micros(start),
            "dur": micros(totals[i]),
            "args": arguments(profile, i),
        }));
    }
    let other = json!({
        "exporter": concat!("hotpath ", env!("CARGO_PKG_VERSION")),
        "what": WHAT,
        "notes": profile.notes().collect::<Vec<_>>(),
    });
    serde_json::to_vec(&json!({ "displayTimeUnit": "ns", "otherData": other, "traceEvents": events }))
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
