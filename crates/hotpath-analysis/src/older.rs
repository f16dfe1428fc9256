//! Older reports: the JSON of 0.7 and 0.9, converted to the form of 0.16.1, which `read.rs` reads.
//!
//! There it was one list of functions: `hotpath_profiling_mode`, and the rows under `output` by their name (0.7) or as a list under
//! `data` (0.9), with plain numbers or formatted ones. What must stay true: nothing is rejected here; what is unknown passes unchanged,
//! so that the reader reports it.

use crate::lazy_json::Json;
use std::borrow::Cow;

/// The key that only these reports have.
const MODE: &str = "hotpath_profiling_mode";

pub(crate) fn is_older(report: &Json<'_>) -> bool {
    report.get(MODE).is_some_and(|mode| mode.as_str().is_some())
}

/// Converts a report to the form of 0.16.1; `rounded` only if its numbers are formatted.
pub(crate) fn converted(report: Json<'_>) -> Json<'_> {
    let Json::Object(fields) = report else { return report };
    let (mut section, mut list) = ("functions_timing", Vec::new());
    let mut rounded = false;
    for (key, value) in fields.into_fields() {
        match &key[..] {
            MODE => {
                let mode = mode(value.as_str().unwrap_or_default());
                section = if mode == "timing" { section } else { "functions_alloc" };
                list.push(("profiling_mode".into(), text(mode.to_owned())));
            }
            "total_elapsed" => list.push(("total_elapsed_ns".into(), nanos(value))),
            "output" | "data" => {
                let rows = rows(value);
                rounded = rows.iter().any(has_texts);
                list.push(("data".into(), Json::Array(rows)));
            }
            _ => list.push((key, value)),
        }
    }
    // Allocations counted with those of the functions called, unless the report says otherwise.
    if section == "functions_alloc" && !list.iter().any(|(key, _)| key == "description") {
        list.push(("scope".into(), text("cumulative".to_owned())));
    }
    let report = [
        ("type".into(), text("hotpath_report".to_owned())),
        ("rounded".into(), Json::Bool(rounded)),
        (section.into(), Json::Object(list.into())),
    ];
    Json::Object(Vec::from(report).into())
}

/// 0.2 and 0.7 said with the mode whether sums were meant.
fn mode(said: &str) -> &str {
    match said {
        "alloc" | "alloc-bytes-total" => "alloc-bytes",
        "alloc-count-total" => "alloc-count",
        mode => mode,
    }
}

/// Rows with their name among their fields.
fn rows(rows: Json<'_>) -> Vec<Json<'_>> {
    let mut rows: Vec<Json<'_>> = match rows {
        Json::Array(rows) => rows,
        Json::Object(rows) => rows.into_fields().map(|(name, row)| named(name, row)).collect(),
        other => vec![other],
    };
    // Plain shares are hundredths of a percent: that of the whole run is 10,000.
    let shares = || rows.iter().filter_map(|row| row.get("percent_total")?.as_u64());
    let are_hundredths = shares().max().is_some_and(|most| most > 100);
    rows = rows
        .into_iter()
        .map(|row| with_fields(row, |key, value| field(key, value, are_hundredths)))
        .collect();
    rows
}

fn named<'a>(name: Cow<'a, str>, row: Json<'a>) -> Json<'a> {
    let Json::Object(fields) = row else { return row };
    let name = std::iter::once(("name".into(), Json::Text(name)));
    Json::Object(name.chain(fields.into_fields()).collect::<Vec<_>>().into())
}

fn with_fields<'a>(row: Json<'a>, change: impl Fn(&str, Json<'a>) -> Json<'a>) -> Json<'a> {
    let Json::Object(fields) = row else { return row };
    let fields = fields.into_fields().map(|(key, value)| {
        let value = change(&key, value);
        (key, value)
    });
    Json::Object(fields.collect::<Vec<_>>().into())
}

fn field<'a>(key: &str, value: Json<'a>, are_hundredths: bool) -> Json<'a> {
    match (key, &value) {
        // A count was text too.
        ("calls", Json::Text(calls)) => calls.parse().map_or(value, Json::Whole),
        ("percent_total", Json::Whole(n)) if are_hundredths => text(format!("{}.{:02}%", n / 100, n % 100)),
        ("percent_total", Json::Whole(n)) => text(format!("{n}%")),
        ("percent_total", Json::Float(percent)) => text(format!("{percent}%")),
        _ => value,
    }
}

fn nanos(value: Json<'_>) -> Json<'_> {
    let parsed = value.as_str().and_then(hotpath_report::units::parse_duration);
    parsed.map_or(value, Json::Whole)
}

/// Returns true if the numbers are formatted.
fn has_texts(row: &Json<'_>) -> bool {
    ["avg", "total"].iter().any(|key| row.get(key).is_some_and(|value| value.as_str().is_some()))
}

fn text<'a>(text: String) -> Json<'a> {
    Json::Text(Cow::Owned(text))
}
