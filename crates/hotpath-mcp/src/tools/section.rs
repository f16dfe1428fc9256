//! A tool per section of a report: its rows, sorted, filtered and paged.
//!
//! Everything is derived from the declarations of the sections. The section `debug` has three tools, named after the macros.

use crate::call::{Call, section as section_of};
use crate::coverage;
use crate::find;
use crate::page::{self, cut_texts, page, size};
use crate::parameter::{Kind, Parameter};
use crate::problem::Problem;
use crate::sources::Sources;
use crate::tool::{self, Effect, Tool};
use hotpath_report::{
    Declaration, Heading, Part, Report, Row, SECTIONS, Table, Unit, Value, render, section_schema,
};
use serde_json::{Map, Value as Json, json};
use std::cmp::Ordering;

/// The default limit of rows.
const ROWS: u64 = 20;
/// The notes of a report in an answer.
const NOTES: usize = 5;
/// The bytes reserved for the fields around the rows.
const AROUND: usize = 400;
/// The rows of a list inside a section.
const INNER_ROWS: usize = 32;

/// The units of the numbers in an answer.
pub(crate) const UNITS: &str = "Times are integers in nanoseconds (`_ns`), sizes in bytes (`_bytes`), shares 0-100 (`percent`), each also \
    formatted as text; null is unknown.";

/// Subsets of rows with their own tool: tool, title, section, column and its value.
const PARTS: &[(&str, &str, &str, &str, &str)] = &[
    ("gauges", "Gauges", "debug", "entry_type", "gauge"),
    ("dbg_entries", "dbg! values", "debug", "entry_type", "dbg"),
    ("val_entries", "val! values", "debug", "entry_type", "val"),
];

/// The rows of a tool.
#[derive(Clone, Copy)]
struct Subject {
    section: &'static str,
    only: Only,
}

/// A column and its value; `None` for all rows.
type Only = Option<(&'static str, &'static str)>;

pub(super) fn tools(sources: &Sources) -> Vec<Tool> {
    let mut tools: Vec<Tool> = Vec::new();
    for declared in SECTIONS {
        for (name, title, only) in tools_of(declared.spec.name) {
            // A section with several readings has several declarations.
            if tools.iter().all(|tool| tool.name != name) {
                tools.push(of(
                    name,
                    &title,
                    declared,
                    Subject { section: declared.spec.name, only },
                    sources,
                ));
            }
        }
    }
    tools
}

/// Returns name, title and rows of the tools of a section.
fn tools_of(section: &'static str) -> Vec<(&'static str, String, Only)> {
    let of_section = PARTS.iter().filter(|part| part.2 == section);
    let parts: Vec<_> = of_section.map(|part| (part.0, part.1.to_owned(), Some((part.3, part.4)))).collect();
    if parts.is_empty() { vec![(section, section.replace('_', " "), None)] } else { parts }
}

fn of(name: &str, title: &str, declared: &Declaration, subject: Subject, sources: &Sources) -> Tool {
    let columns = columns(subject.section);
    let sortable: Vec<String> =
        columns.iter().filter(|(_, sorts)| *sorts).map(|(key, _)| key.clone()).collect();
    let keys: Vec<String> = columns.into_iter().map(|(key, _)| key).collect();
    let default = declared.spec.sort.first().map_or_else(String::new, |key| format!(" (default: `{key}`)"));
    let mut parameters = vec![
        tool::limit(ROWS, "rows"),
        tool::cursor(),
        Parameter::new("sort", Kind::OneOf(sortable), format!("Sort column{default}.")),
        Parameter::new(
            "order",
            Kind::Choice(vec!["desc".into(), "asc".into()]),
            "Descending or ascending order.",
        ),
        Parameter::new(
            "filter",
            Kind::Text,
            "Only rows with this text in a name, label, type or source location; case-insensitive.",
        ),
        Parameter::new(
            "columns",
            Kind::Several(keys),
            "Only these keys of the rows, such as `name`, `calls`; default: all.",
        ),
        tool::max_bytes(),
    ];
    parameters.extend(tool::since(sources));
    parameters.extend(tool::source(sources));
    Tool {
        name: name.to_owned(),
        title: capitalised(title),
        about: format!(
            "{} One row per {}. {UNITS}",
            declared.spec.description,
            declared.spec.title.to_lowercase()
        ),
        parameters,
        output: output(declared),
        effect: Effect::Nothing,
        only_live: false,
        run: Box::new(move |call| answer(call, subject)),
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Returns the keys of the rows, and whether they can be sorted by. Percentiles depend on the run, so common ones are included.
fn columns(section: &str) -> Vec<(String, bool)> {
    let mut keys: Vec<(String, bool)> = Vec::new();
    for declared in SECTIONS.iter().filter(|declared| declared.spec.name == section) {
        for heading in Heading::expand(&declared.columns(), &[50.0, 90.0, 95.0, 99.0, 99.9]) {
            let sorts = !matches!(heading.column.unit, Unit::Text | Unit::Name | Unit::Place | Unit::Flag);
            if heading.part == Part::Histogram {
                continue;
            }
            let own = heading.number_key().or_else(|| heading.formatted_key());
            if let Some(key) = own.filter(|key| keys.iter().all(|(other, _)| other != key)) {
                keys.push((key, sorts));
            }
        }
    }
    keys
}

fn answer(call: &Call<'_>, subject: Subject) -> Result<Json, Problem> {
    let report = call.report()?;
    let section = section_of(&report, subject.section)?;
    let filter = call.arguments.text("filter").map(str::to_lowercase);
    let is_subject =
        |row: &&Row| subject.only.is_none_or(|(key, value)| section.cell(row, key).as_text() == Some(value));
    let mut rows: Vec<&Row> = section.rows.iter().filter(is_subject).collect();
    let of_all = rows.len();
    if let Some(filter) = &filter {
        rows.retain(|row| mentions(row, filter));
    }
    if let Some(key) = call.arguments.text("sort") {
        sort(&mut rows, section, key, call.arguments.text("order") == Some("asc"))?;
    } else if call.arguments.text("order") == Some("asc") {
        rows.reverse();
    }
    let start = page::start(call.arguments.text("cursor"))?;
    let mut whole = around(&report, section);
    let matching = rows.len();
    let wanted = rows.into_iter().skip(start).take(call.limit());
    let items: Vec<Json> =
        wanted.map(|row| item(&report, section, row, call.arguments.texts("columns"))).collect();
    let room = call.room().saturating_sub(size(&whole) + AROUND);
    let mut page = page(items, 0, call.limit(), room);
    let end = start + page.items.len();
    page.next = (end < matching && !page.items.is_empty()).then(|| end.to_string());
    whole["total_count"] = json!(of_all);
    whole["matching_count"] = json!(matching);
    whole["included_count"] = json!(page.items.len());
    whole["omitted_count"] = json!(matching - page.items.len());
    whole["next_cursor"] = json!(page.next);
    whole[section.spec.envelope.rows_key()] = json!(page.items);
    Ok(whole)
}

/// Returns the section without its rows, with its lists.
fn around(report: &Report, section: &Table) -> Json {
    let mut alone = section.clone();
    alone.rows.clear();
    for list in &mut alone.lists {
        // The newest rows are last.
        let surplus = list.rows.len().saturating_sub(INNER_ROWS);
        list.rows.drain(..surplus);
    }
    let mut value = render::section_value(report, &alone);
    cut_texts(&mut value, 500);
    value["coverage"] = json!(coverage::of_section(report, section));
    if !report.notes.is_empty() {
        let mut notes = json!(report.notes[..report.notes.len().min(NOTES)]);
        cut_texts(&mut notes, 300);
        value["notes"] = notes;
    }
    value
}

/// Returns a row with its coverage, and without its histograms, which are in the resource `hotpath://report`.
pub(crate) fn item(report: &Report, section: &Table, row: &Row, columns: Option<&[String]>) -> Json {
    let mut alone = section.clone_without_rows();
    alone.rows.push(row.clone());
    let rows = render::section_value(report, &alone.without_histograms())
        .get_mut(section.spec.envelope.rows_key())
        .and_then(|rows| rows.get_mut(0).map(Json::take));
    let mut item = rows.unwrap_or_default();
    if let (Some(columns), Some(fields)) = (columns, item.as_object_mut()) {
        let name = find::name_key(section);
        fields.retain(|key, _| columns.iter().any(|column| column == key) || Some(key.as_str()) == name);
    }
    item["coverage"] = json!(coverage::of_row(report, section, row));
    item
}

fn mentions(row: &Row, lower: &str) -> bool {
    row.cells.iter().any(|cell| match cell {
        Value::Text(text) => text.to_lowercase().contains(lower),
        Value::Place(source) => format!("{}:{}", source.file, source.line).to_lowercase().contains(lower),
        _ => false,
    })
}

/// Sorts the rows. Those without a value in the column are last in either order.
fn sort(rows: &mut [&Row], section: &Table, key: &str, ascending: bool) -> Result<(), Problem> {
    let is_it = |heading: &Heading| {
        heading.number_key().as_deref() == Some(key) || heading.formatted_key().as_deref() == Some(key)
    };
    let index = section.headings.iter().position(is_it).ok_or_else(|| {
        let available = section.headings.iter().filter_map(Heading::number_key);
        Problem::unknown(&format!("`{}` column", section.spec.name), key, available)
    })?;
    rows.sort_by(|a, b| match (number(&a.cells[index]), number(&b.cells[index])) {
        (Some(a), Some(b)) if ascending => a.total_cmp(&b),
        (Some(a), Some(b)) => b.total_cmp(&a),
        (a, b) => match (a.is_none(), b.is_none()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => Ordering::Equal,
        },
    });
    Ok(())
}

pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::SignedBytes(n) => Some(*n as f64),
        Value::Percent(x) | Value::Rate(x) | Value::Float(x) => Some(*x),
        other => other.number().map(|n| n as f64),
    }
}

/// Returns the schema of the section with the fields of an answer. No key of a row is required, because a call may choose its
/// columns.
fn output(declared: &Declaration) -> Json {
    let mut schema = section_schema(declared.spec.name).unwrap_or_default();
    let rows = declared.spec.envelope.rows_key();
    if let Some(items) =
        schema.pointer_mut(&format!("/properties/{rows}/items")).and_then(Json::as_object_mut)
    {
        items.remove("required");
        drop_histograms(items);
        if let Some(properties) = items.get_mut("properties") {
            properties["coverage"] = text("Exact or sampled, with the number of values (n).");
        }
    }
    if let Some(definitions) = schema.get_mut("$defs").and_then(Json::as_object_mut) {
        definitions.remove("histogram");
    }
    let properties = &mut schema["properties"];
    properties["coverage"] = text("Whether counts and times are exact or estimates from a sample.");
    properties["matching_count"] = whole("Number of rows that match the filter.");
    properties["omitted_count"] = whole("Number of matching rows not in this answer.");
    properties["next_cursor"] = json!({ "type": ["string", "null"], "description": "`cursor` of the next page; null if there is none." });
    properties["notes"] =
        json!({ "type": "array", "items": { "type": "string" }, "description": "What was lost or omitted." });
    schema
}

fn drop_histograms(items: &mut Map<String, Json>) {
    for key in ["properties", "patternProperties"] {
        if let Some(keys) = items.get_mut(key).and_then(Json::as_object_mut) {
            keys.retain(|_, schema| !schema.to_string().contains("#/$defs/histogram"));
        }
    }
}

pub(crate) fn text(about: &str) -> Json {
    json!({ "type": "string", "description": about })
}

pub(crate) fn whole(about: &str) -> Json {
    json!({ "type": "integer", "description": about })
}
