//! `overview`: the ranked findings of a run, in one answer.

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

/// The default limit of findings.
const FINDINGS: u64 = 10;
/// The hottest functions in an answer.
const FUNCTIONS: usize = 8;
/// The notes of a report in an answer.
const NOTES: usize = 10;

pub(super) fn tool(sources: &Sources) -> Tool {
    let mut parameters = vec![tool::limit(FINDINGS, "findings"), tool::cursor(), tool::max_bytes()];
    parameters.extend(tool::since(sources));
    parameters.extend(tool::source(sources));
    Tool {
        name: "overview".to_owned(),
        title: "Overview of the run".to_owned(),
        about: format!(
            "Start here. Findings ranked by their share of the run: hot functions, lock convoys, growing queues, polls that block \
             the executor, allocations in hot code; each with evidence, source location, confidence and the next question. Also the \
             functions with the most self time, the recorded sections, and the overhead of profiling. {UNITS}"
        ),
        parameters,
        output: output(),
        effect: Effect::Nothing,
        only_live: false,
        run: Box::new(|call| of_report(&call.report()?, call)),
    }
}

/// Returns the overview of a report, within the limits of a call.
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
        "overhead": report.overhead.as_ref().map(|o| json!({ "per_call_ns": o.per_call_ns, "total_ns": o.total_ns, "percent": o.percent })),
        "budget": report.budget.map(|b| json!({ "percent": b.percent, "spent_percent": b.spent_percent, "estimated_functions": b.estimates, "functions": b.functions })),
        "coverage": timing.map(|timing| coverage::of_section(report, timing)),
        "notes": report.all_notes().iter().take(NOTES).collect::<Vec<_>>(),
    });
    cut_texts(&mut whole, 400);
    whole
}

fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

/// Returns the first finding in a line, or that there is none.
fn summary(report: &Report, found: &[Finding]) -> String {
    if let Some(first) = found.first() {
        let share = format_percent(first.weight);
        return format!("{} (concerns about {share} of the run). Next: {}", first.title, first.next);
    }
    let functions = report.section("functions_timing").map_or(0, |timing| timing.rows.len());
    if report.has_measurements() {
        format!("No findings in {functions} functions over {}.", format_duration(report.duration_ns))
    } else {
        "Nothing was measured yet: put #[hotpath::measure] on functions of interest, or give the program some work.".to_owned()
    }
}

/// Returns the functions with the most self time, without the row of the caller.
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

/// Returns a function in short form.
pub(super) fn function(timing: &Table, row: &Row) -> Json {
    let mut function = json!({ "name": find::name(timing, row) });
    for key in ["id", "calls", "self_ns", "total_ns", "percent_self"] {
        function[key] = serde_json::to_value(timing.cell(row, key)).unwrap_or_default();
    }
    function["self"] = json!(timing.cell_text(row, "self_ns"));
    function["avg_ns"] = serde_json::to_value(timing.cell(row, "durations.avg")).unwrap_or_default();
    function["source"] = location(timing.cell(row, "source"));
    function
}

/// Returns file and line.
pub(super) fn location(value: &Value) -> Json {
    match value {
        Value::Place(source) => json!(format!("{}:{}", source.file, source.line)),
        _ => Json::Null,
    }
}

pub(super) fn output() -> Json {
    let mut schema = json!({
        "type": "object",
        "properties": {
            "summary": text("The most important finding, and the next question."),
            "program": { "type": "object", "description": "Command line, function with the guard, label, time, commit." },
            "duration_ns": whole("Duration of the report or period, in nanoseconds."),
            "duration": text("Formatted."),
            "findings": { "type": "array", "items": finding_schema(), "description": "Largest share of the run first." },
            "omitted_count": whole("Number of findings not in this answer."),
            "next_cursor": { "type": ["string", "null"], "description": "`cursor` of the next page; null if there is none." },
            "hot_functions": { "type": "array", "items": { "type": "object" }, "description": "Functions with the most self time." },
            "sections": { "type": "array", "items": { "type": "object" }, "description": "Recorded sections; each has a tool of the same name." },
            "overhead": { "type": ["object", "null"], "description": "Overhead of profiling." },
            "budget": { "type": ["object", "null"], "description": "Share of CPU time that profiling may take, and what it took." },
            "coverage": { "type": ["string", "null"], "description": "Whether the times of functions are exact or estimates from a sample." },
            "notes": { "type": "array", "items": { "type": "string" }, "description": "What was lost or omitted." },
        },
        "required": ["summary", "duration_ns", "findings", "omitted_count", "next_cursor", "hot_functions", "sections"],
    });
    let definitions = section_schema("functions_timing").unwrap_or_default();
    schema["$defs"] = json!({ "location": definitions["$defs"]["location"] });
    schema
}
