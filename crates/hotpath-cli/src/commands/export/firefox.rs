//! The processed profile of the Firefox Profiler (profiler.firefox.com), in version 55 of its format; newer viewers upgrade it.
//!
//! It has a thread per known weight, with the chosen one selected, and a sample per path with the exclusive weight of the path.
//! The times of samples are artificial, so that the timeline shows them one after the other. They have no CPU usage, because the
//! viewer would draw an unknown one as none.
//!
//! It is written by hand: `fxprof-processed-profile`, with which the tests compare it, has neither source lines nor notes, and
//! its weights are 32-bit integers, which hold neither fractions of milliseconds nor more than 2 GB.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::profile::{Profile, Side};
use super::weight::{Index, Unit, WEIGHTS};
use crate::time::unix_seconds;

const FORMAT: u32 = 55;

pub(crate) fn write(profile: &Profile, weight: Index) -> serde_json::Result<Vec<u8>> {
    let known = profile.known();
    let chosen = known.iter().position(|&known| known == weight).unwrap_or(0);
    let threads: Vec<Value> =
        known.iter().enumerate().map(|(number, &weight)| thread(profile, weight, number)).collect();
    serde_json::to_vec(&json!({
        "meta": meta(profile, chosen, threads.len()),
        "libs": [],
        "pages": [],
        "profilerOverhead": [],
        "counters": [],
        "threads": threads,
    }))
}

fn meta(profile: &Profile, chosen: usize, threads: usize) -> Value {
    json!({
        "version": 24,
        "preprocessedProfileVersion": FORMAT,
        "product": format!("{} (aggregated)", profile.title),
        "oscpu": profile.head.os,
        "importedFrom": concat!("hotpath ", env!("CARGO_PKG_VERSION")),
        // Milliseconds.
        "startTime": unix_seconds(&profile.head.created_at).map_or(0, |s| s.saturating_mul(1_000)),
        "interval": 1,
        "processType": 0,
        "debug": false,
        "symbolicated": true,
        "usesOnlyOneStackType": true,
        "doesNotUseFrameImplementation": true,
        "sourceCodeIsNotOnSearchfox": true,
        "categories": [
            { "name": "Other", "color": "grey", "subcategories": ["Other"] },
            { "name": "Measured", "color": "blue", "subcategories": ["Other"] },
        ],
        "markerSchema": [],
        "pausedRanges": [],
        "sampleUnits": { "time": "ms", "eventDelay": "ms", "threadCPUDelta": "ns" },
        "extensions": { "length": 0, "baseURL": [], "id": [], "name": [] },
        "initialVisibleThreads": (0..threads).collect::<Vec<_>>(),
        "initialSelectedThreads": [chosen],
        "extra": extra(profile),
    })
}

/// Returns additional entries of the panel about the profile.
fn extra(profile: &Profile) -> Value {
    let entry = |text: &str| json!({ "label": "Note", "format": "string", "value": text });
    let what = "An aggregated call tree: the order of samples on the timeline has no meaning.";
    let entries: Vec<Value> = std::iter::once(what).chain(profile.notes()).map(entry).collect();
    json!([{ "label": "About this profile", "entries": entries }])
}

fn thread(profile: &Profile, weight: Index, number: usize) -> Value {
    let frames = profile.frames.len();
    let mut strings: Vec<&str> = profile.frames.iter().map(|frame| &*frame.name).collect();
    let files = profile.frames.iter().map(|frame| Some(&*frame.source.as_ref()?.file));
    let file_name: Vec<Option<usize>> = positions(files, &mut strings);
    let line: Vec<Option<u32>> = profile.frames.iter().map(|f| f.source.as_ref().map(|s| s.line)).collect();
    let nothing = vec![Value::Null; frames];
    json!({
        "name": WEIGHTS[weight].title,
        "isMainThread": number == 0,
        "processType": "default",
        "processName": profile.title,
        "processStartupTime": 0,
        "processShutdownTime": null,
        "registerTime": 0,
        "unregisterTime": null,
        "pausedRanges": [],
        "showMarkersInTimeline": false,
        "pid": "1",
        "tid": number + 1,
        "samples": samples(profile, weight),
        "stackTable": {
            "length": profile.nodes.len(),
            "prefix": profile.nodes.iter().map(|node| node.parent).collect::<Vec<_>>(),
            "frame": profile.nodes.iter().map(|node| node.frame).collect::<Vec<_>>(),
        },
        "frameTable": {
            "length": frames,
            "address": vec![-1; frames],
            "inlineDepth": vec![0; frames],
            "category": vec![1; frames],
            "subcategory": vec![0; frames],
            "func": (0..frames).collect::<Vec<_>>(),
            "nativeSymbol": nothing,
            "innerWindowID": vec![0; frames],
            "line": line,
            "column": nothing,
        },
        "funcTable": {
            "length": frames,
            "name": (0..frames).collect::<Vec<_>>(),
            "isJS": vec![false; frames],
            "relevantForJS": vec![false; frames],
            "resource": vec![-1; frames],
            "fileName": file_name,
            "lineNumber": line,
            "columnNumber": nothing,
        },
        "resourceTable": { "length": 0, "lib": [], "name": [], "host": [], "type": [] },
        "nativeSymbols": { "length": 0, "address": [], "functionSize": [], "libIndex": [], "name": [] },
        "markers": {
            "length": 0, "category": [], "data": [], "endTime": [], "name": [], "phase": [], "startTime": [],
        },
        "stringArray": strings,
    })
}

/// Adds texts to the string table, each once, and returns their indexes.
fn positions<'a>(
    texts: impl Iterator<Item = Option<&'a str>>,
    strings: &mut Vec<&'a str>,
) -> Vec<Option<usize>> {
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut position = |text: &'a str| {
        *known.entry(text).or_insert_with(|| {
            strings.push(text);
            strings.len() - 1
        })
    };
    texts.map(|text| text.map(&mut position)).collect()
}

fn samples(profile: &Profile, weight: Index) -> Value {
    let unit = WEIGHTS[weight].unit;
    let (mut stacks, mut weights, mut deltas) = (Vec::new(), Vec::new(), Vec::new());
    let mut last = 0.0;
    for (i, node) in profile.nodes.iter().enumerate() {
        let own = node.self_weight(Side::Head, weight).unwrap_or(0);
        if own == 0 {
            continue;
        }
        stacks.push(i);
        // Each sample starts where the previous one ends.
        deltas.push(last);
        last = if unit == Unit::Nanos { millis(own) } else { 1.0 };
        weights.push(if unit == Unit::Nanos { json!(millis(own)) } else { json!(own) });
    }
    json!({
        "length": stacks.len(),
        "weightType": match unit {
            Unit::Nanos => "tracing-ms",
            Unit::Bytes => "bytes",
            Unit::Count => "samples",
        },
        "stack": stacks,
        "timeDeltas": deltas,
        "weight": weights,
    })
}

fn millis(ns: u64) -> f64 {
    ns as f64 / 1e6
}
