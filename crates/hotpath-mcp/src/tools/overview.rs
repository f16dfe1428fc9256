//! `overview`: what dominates a run, ranked, in one answer.

use crate::call::Call;
use crate::coverage;
use crate::find;
use crate::page::{self, cut_texts, page, size};
use crate::problem::Problem;
use crate::sources::Sources;
use crate::tool::{self, Effect, Tool};
use hotpath_report::units::{format_duration, format_percent};
use hotpath_report::{Finding, Report, Row, Table, Value, finding_schema, findings, render, section_schema};
use serde_json::{Value as Json, json};

use super::section::{UNITS, number, text, whole};

/// Findings of an answer unless the call says otherwise.
const FINDINGS: u64 = 10;
/// Functions that are listed by their own time.
const FUNCTIONS: usize = 8;
/// Notes of a report that an answer repeats.
const NOTES: usize = 10;

pub(super) fn tool(sources: &Sources) -> Tool {
    let mut parameters = vec![tool::limit(FINDINGS, "findings"), tool::cursor(), tool::max_bytes()];
    parameters.extend(tool::since(sources));
    parameters.extend(tool::source(sources));
    Tool {
        name: "overview".to_owned(),
        title: "What dominates the run".to_owned(),
        about: format!(
            "Start here. Ranked findings, the largest share of the run first: hot functions, lock convoys, queues that grow, \
             polls that block the executor, allocations in hot code; each with evidence, source place, confidence and what to \
             ask next. Also the functions with the most time of their own, what is recorded, and what profiling cost. {UNITS}"
        ),
        parameters,
        output: output(),
        effect: Effect::Nothing,
        only_live: false,
        run: Box::new(|call| of_report(&call.report()?, call)),
    }
}

/// The overview of a report, within the bounds of a call.
pub(super) fn of_report(report: &Report, call: &Call<'_>) -> Result<Json, Problem> {
    let found = findings(report);
    let mut whole = around(report, &found);
    let start = page::start(call.arguments.text("cursor"))?;
    let room = call.room().saturating_sub(size(&whole) + 200);
    let items = found.iter().map(render::finding_value).collect();
    let page = page(items, start, call.limit(), room);
    whole["findings"] = json!(page.items);
    whole["omitted_count"] = json!(page.omitted);
    whole["next_cursor"] = json!(page.next);
    Ok(whole)
}

fn around(report: &Report, found: &[Finding]) -> Json {
    let functions = hottest(report);
    let sections: Vec<Json> =
        report.sections.iter().map(|s| json!({ "name": s.spec.name, "rows": s.rows.len() })).collect();
    let timing = report.section("functions_timing");
    let mut whole = json!({
        "summary": summary(report, found),
        "program": { "command": known(&report.meta.command), "caller": known(&report.caller_name), "label": report.label,
            "created_at": known(&report.meta.created_at), "git_sha": report.meta.git_sha },
        "duration_ns": report.duration_ns,
        "duration": format_duration(report.duration_ns),
        "hot_functions": functions,
        "sections": sections,
        "overhead": report.overhead.map(|o| json!({ "per_call_ns": o.per_call_ns, "total_ns": o.total_ns, "percent": o.percent })),
        "coverage": timing.map(|timing| coverage::of_section(report, timing)),
        "notes": report.all_notes().iter().take(NOTES).collect::<Vec<_>>(),
    });
    cut_texts(&mut whole, 400);
    whole
}

fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// The first finding in a line, or that there is none.
fn summary(report: &Report, found: &[Finding]) -> String {
    if let Some(first) = found.first() {
        let share = format_percent(first.weight);
        return format!("{} (about {share} of the run at stake). Next: {}", first.title, first.next);
    }
    let functions = report.section("functions_timing").map_or(0, |timing| timing.rows.len());
    if report.has_measurements() {
        format!("Nothing stands out in {functions} functions over {}.", format_duration(report.duration_ns))
    } else {
        "Nothing was measured yet: put #[hotpath::measure] on functions of interest, or let the program do some work.".to_owned()
    }
}

/// The functions with the most time of their own, the caller's row aside.
fn hottest(report: &Report) -> Vec<Json> {
    let Some(timing) = report.section("functions_timing") else { return Vec::new() };
    let mut rows: Vec<(&Row, f64)> = timing
        .rows
        .iter()
        .filter(|row| !timing.is_pinned(row))
        .filter_map(|row| Some((row, number(timing.cell(row, "self_ns"))?)))
        .collect();
    rows.sort_by(|a, b| b.1.total_cmp(&a.1));
    rows.into_iter().take(FUNCTIONS).map(|(row, _)| function(timing, row)).collect()
}

/// A function in short.
pub(super) fn function(timing: &Table, row: &Row) -> Json {
    let mut function = json!({ "name": find::name(timing, row) });
    for key in ["id", "calls", "self_ns", "total_ns", "percent_self"] {
        function[key] = serde_json::to_value(timing.cell(row, key)).unwrap_or_default();
    }
    function["self"] = json!(timing.cell(row, "self_ns").to_string());
    function["avg_ns"] = serde_json::to_value(timing.cell(row, "durations.avg")).unwrap_or_default();
    function["source"] = place(timing.cell(row, "source"));
    function
}

/// File and line.
pub(super) fn place(value: &Value) -> Json {
    match value {
        Value::Place(place) => json!(format!("{}:{}", place.file, place.line)),
        _ => Json::Null,
    }
}

pub(super) fn output() -> Json {
    let mut schema = json!({
        "type": "object",
        "properties": {
            "summary": text("The most important thing, and what to ask next."),
            "program": { "type": "object", "description": "Command line, function that holds the guard, label, time, commit." },
            "duration_ns": whole("Length of what is looked at, in nanoseconds."),
            "duration": text("The same as text."),
            "findings": { "type": "array", "items": finding_schema(), "description": "The largest share of the run first." },
            "omitted_count": whole("Findings that are not in this answer."),
            "next_cursor": { "type": ["string", "null"], "description": "`cursor` of the next page, if there is one." },
            "hot_functions": { "type": "array", "items": { "type": "object" }, "description": "Functions with the most time of their own." },
            "sections": { "type": "array", "items": { "type": "object" }, "description": "What is recorded; each has a tool of its name." },
            "overhead": { "type": ["object", "null"], "description": "What profiling cost." },
            "coverage": { "type": ["string", "null"], "description": "Whether the times of functions are exact or of a sample." },
            "notes": { "type": "array", "items": { "type": "string" }, "description": "What was lost or left out." },
        },
        "required": ["summary", "duration_ns", "findings", "omitted_count", "next_cursor", "hot_functions", "sections"],
    });
    let definitions = section_schema("functions_timing").unwrap_or_default();
    schema["$defs"] = json!({ "location": definitions["$defs"]["location"] });
    schema
}
