//! The flame graph: one HTML page that contains its style, script and data. It loads nothing, which its content security policy
//! enforces.
//!
//! Invariant: names of the program are data. They are embedded as JSON that cannot end its element, and the script renders them
//! as text only.

use hotpath_report::units::shorten_function_name;
use serde_json::{Value, json};

use super::profile::{Node, Profile, Run, Side};
use super::weight::{Choice, Index, Unit, WEIGHTS};

const PAGE: &str = include_str!("flamegraph/page.html");
const STYLE: &str = include_str!("flamegraph/page.css");
const SCRIPT: &str = include_str!("flamegraph/page.js");

pub(crate) fn write(profile: &Profile, choice: Choice) -> serde_json::Result<Vec<u8>> {
    // In JSON, `<` occurs only in strings, so that the data cannot start or end an element.
    let data = serde_json::to_string(&data(profile, choice))?.replace('<', "\\u003c");
    let title = escaped(&profile.title);
    let parts = [("title", &*title), ("style", STYLE), ("script", SCRIPT), ("data", &*data)];
    Ok(filled(PAGE, &parts).into_bytes())
}

/// Replaces each `{{name}}` of the template, in one pass, so that a replacement is never expanded itself.
fn filled(template: &str, parts: &[(&str, &str)]) -> String {
    let mut page = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        page.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        page.extend(parts.iter().filter(|(part, _)| *part == name).map(|(_, text)| *text));
        rest = after;
    }
    page.push_str(rest);
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn data(profile: &Profile, choice: Choice) -> Value {
    let known = profile.known();
    let column = |side: Side| {
        let values = |&weight: &Index| -> Vec<Option<u64>> {
            profile.nodes.iter().map(|node| node.self_weight(side, weight)).collect()
        };
        known.iter().map(values).collect::<Vec<_>>()
    };
    json!({
        "title": profile.title,
        "exporter": concat!("hotpath ", env!("CARGO_PKG_VERSION")),
        "head": run(&profile.head),
        "base": profile.base.as_ref().map(run),
        "weights": known.iter().map(|&weight| weight_of(weight)).collect::<Vec<_>>(),
        "chosen": known.iter().position(|&weight| weight == choice.index()),
        "callers": choice == Choice::SelfTime,
        "frames": profile.frames.iter().map(frame).collect::<Vec<_>>(),
        "parents": profile.nodes.iter().map(|node| node.parent).collect::<Vec<_>>(),
        "frameOf": profile.nodes.iter().map(|node| node.frame).collect::<Vec<_>>(),
        "sides": profile.nodes.iter().map(sides).collect::<Vec<_>>(),
        "own": column(Side::Head),
        "ownBase": profile.base.as_ref().map(|_| column(Side::Base)),
    })
}

fn run(run: &Run) -> Value {
    json!({
        "from": run.from,
        "durationNs": run.duration_ns,
        "createdAt": run.created_at,
        "commit": run.git_sha,
        "notes": run.notes,
    })
}

fn weight_of(weight: Index) -> Value {
    let weight = &WEIGHTS[weight];
    let unit = match weight.unit {
        Unit::Nanos => "ns",
        Unit::Bytes => "bytes",
        Unit::Count => "count",
    };
    json!({ "name": weight.name, "title": weight.title, "unit": unit })
}

/// Returns the full name, the short name and the source location.
fn frame(frame: &super::profile::Frame) -> Value {
    let location = frame.source.as_ref().map(|source| format!("{}:{}", source.file, source.line));
    json!([frame.name, shorten_function_name(&frame.name, 2), location])
}

/// Returns the sides that have the path: 1 for the head, plus 2 for the base.
fn sides(node: &Node) -> u8 {
    u8::from(node.head.is_some()) + 2 * u8::from(node.base.is_some())
}
