//! The JSON format of speedscope: one file with a profile per known weight; the chosen one is active.

use serde_json::{Value, json};

use super::profile::{Profile, Side};
use super::weight::{Index, Unit, WEIGHTS};

pub(crate) fn write(profile: &Profile, weight: Index) -> serde_json::Result<Vec<u8>> {
    let known = profile.known();
    let profiles: Vec<Value> = known.iter().map(|&weight| sampled(profile, weight)).collect();
    let file = json!({
        "$schema": "https://www.speedscope.app/file-format-schema.json",
        "exporter": concat!("hotpath@", env!("CARGO_PKG_VERSION")),
        "name": profile.title,
        "activeProfileIndex": known.iter().position(|&known| known == weight),
        "shared": { "frames": profile.frames.iter().map(frame).collect::<Vec<_>>() },
        "profiles": profiles,
    });
    serde_json::to_vec(&file)
}

fn frame(frame: &super::profile::Frame) -> Value {
    match &frame.source {
        Some(source) => json!({ "name": frame.name, "file": source.file, "line": source.line }),
        None => json!({ "name": frame.name }),
    }
}

fn sampled(profile: &Profile, weight: Index) -> Value {
    let (mut samples, mut weights, mut end) = (Vec::new(), Vec::new(), 0u64);
    for (i, node) in profile.nodes.iter().enumerate() {
        let own = node.self_weight(Side::Head, weight).unwrap_or(0);
        if own > 0 {
            let stack: Vec<usize> =
                profile.path(i).into_iter().map(|node| profile.nodes[node].frame).collect();
            samples.push(stack);
            weights.push(own);
            end = end.saturating_add(own);
        }
    }
    json!({
        "type": "sampled",
        "name": format!("{}: {}", WEIGHTS[weight].title, profile.title),
        "unit": unit(WEIGHTS[weight].unit),
        "startValue": 0,
        "endValue": end,
        "samples": samples,
        "weights": weights,
    })
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Nanos => "nanoseconds",
        Unit::Bytes => "bytes",
        Unit::Count => "none",
    }
}
