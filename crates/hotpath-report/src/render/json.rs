//! The report as JSON: the fields of the established interface, with plain numbers beside them.
//!
//! Keys come in the order of declaration, so two reports can be compared as text. What must stay true: reading the
//! result with [`Report::from_json`] and writing it again gives the same bytes.

use crate::column::{Heading, Wire};
use crate::finding::{Evidence, Finding};
use crate::report::{Meta, Overhead, Report, SCHEMA_VERSION};
use crate::section::{Envelope, Row, Section};
use crate::sections::SECTIONS;
use crate::tree::{Level, MAX_DEPTH};
use crate::units::format_duration;
use crate::value::{Source, Value, round4};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt::{self, Write};

use super::Options;

/// Writes the report as JSON on one line, without a newline at the end.
pub fn json(report: &Report, _: &Options, out: &mut dyn Write) -> fmt::Result {
    out.write_str(&serde_json::to_string(&Document(report)).map_err(|_| fmt::Error)?)
}

/// Writes the report as indented JSON, without a newline at the end.
pub fn json_pretty(report: &Report, _: &Options, out: &mut dyn Write) -> fmt::Result {
    out.write_str(&serde_json::to_string_pretty(&Document(report)).map_err(|_| fmt::Error)?)
}

/// A finding as it stands in the JSON of the report, as a value.
pub fn finding_value(finding: &Finding) -> serde_json::Value {
    serde_json::to_value(FindingObject(finding)).unwrap_or_default()
}

/// One section as it stands in the JSON of the report, as a value: for answers that show a part of it.
///
/// `section` may have fewer rows or columns than the one of the report.
pub fn section_value(report: &Report, section: &Section) -> serde_json::Value {
    serde_json::to_value(SectionObject { section, report, rows: &section.rows }).unwrap_or_default()
}

/// One section of the report, as the report has it but with all its rows; `None` if the report does not have it.
///
/// ```
/// use hotpath_report::{Report, Section, Timing, render};
/// let report = Report { sections: vec![Section::of::<Timing>(&[], &(), &[])], ..Report::default() };
/// assert!(render::section_json(&report, "functions_timing").is_some_and(|json| json.ends_with(r#""data":[]}"#)));
/// assert_eq!(render::section_json(&report, "channels"), None);
/// ```
pub fn section_json(report: &Report, name: &str) -> Option<String> {
    let section = report.section(name)?;
    serde_json::to_string(&SectionObject { section, report, rows: &section.rows }).ok()
}

/// The call tree of the report, and how long it took so far.
///
/// ```
/// use hotpath_report::{Report, render};
/// assert_eq!(render::call_tree_json(&Report::default()), r#"{"current_elapsed_ns":0,"call_tree":[]}"#);
/// ```
pub fn call_tree_json(report: &Report) -> String {
    written(&CallTreeObject(report))
}

/// A log (see [`crate::logs`]): whose it is, and its rows.
pub fn log_json(log: &Section) -> String {
    written(&LogObject(log))
}

/// Keys are text, and nothing here fails to be written; without that the answer is no JSON, and so no half of one.
fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

struct CallTreeObject<'a>(&'a Report);

impl Serialize for CallTreeObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("current_elapsed_ns", &self.0.duration_ns)?;
        map.serialize_entry("call_tree", &Level { nodes: &self.0.call_tree, levels_left: MAX_DEPTH })?;
        map.end()
    }
}

struct LogObject<'a>(&'a Section);

impl Serialize for LogObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let log = self.0;
        let mut map = to.serialize_map(None)?;
        write_fields(log, &mut map)?;
        map.serialize_entry(log.spec.envelope.rows_key(), &Rows::of(log))?;
        for list in &log.lists {
            map.serialize_entry(list.spec.name, &Rows::of(list))?;
        }
        map.end()
    }
}

struct Document<'a>(&'a Report);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let report = self.0;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("type", "hotpath_report")?;
        map.serialize_entry("schema_version", &SCHEMA_VERSION)?;
        if let Some(label) = &report.label {
            map.serialize_entry("label", label)?;
        }
        map.serialize_entry("duration_ns", &report.duration_ns)?;
        map.serialize_entry("version", &known(&report.meta.version))?;
        map.serialize_entry("meta", &MetaObject(&report.meta))?;
        map.serialize_entry("overhead", &report.overhead.map(OverheadObject))?;
        for section in in_declared_order(report) {
            map.serialize_entry(
                section.spec.name,
                &SectionObject { section, report, rows: section.shown() },
            )?;
        }
        map.serialize_entry("call_tree", &Level { nodes: &report.call_tree, levels_left: MAX_DEPTH })?;
        if let Some(stacks) = &report.cpu_stacks {
            map.serialize_entry("cpu_stacks", stacks)?;
        }
        if !report.time_sampling.is_empty() {
            map.serialize_entry("time_sampling", &report.time_sampling)?;
        }
        if report.rounded {
            map.serialize_entry("rounded", &true)?;
        }
        if !report.user_metadata.is_empty() {
            map.serialize_entry("user_metadata", &report.user_metadata)?;
        }
        let notes = report.all_notes();
        if !notes.is_empty() {
            map.serialize_entry("notes", &notes)?;
        }
        if !report.findings.is_empty() {
            map.serialize_entry("findings", &Findings(&report.findings))?;
        }
        map.end()
    }
}

struct Findings<'a>(&'a [Finding]);

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(FindingObject))
    }
}

struct FindingObject<'a>(&'a Finding);

impl Serialize for FindingObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let finding = self.0;
        let source = finding.source.as_ref().map(|source| PlaceObject { source, with_column: true });
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("id", &finding.id)?;
        map.serialize_entry("section", &finding.section)?;
        map.serialize_entry("subject", &finding.subject)?;
        map.serialize_entry("title", &finding.title)?;
        map.serialize_entry("weight", &round4(finding.weight))?;
        map.serialize_entry("confidence", finding.confidence.as_str())?;
        map.serialize_entry("source", &source)?;
        map.serialize_entry("evidence", &EvidenceList(&finding.evidence))?;
        map.serialize_entry("next", &finding.next)?;
        map.end()
    }
}

struct EvidenceList<'a>(&'a [Evidence]);

impl Serialize for EvidenceList<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(EvidenceObject))
    }
}

struct EvidenceObject<'a>(&'a Evidence);

impl Serialize for EvidenceObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let evidence = self.0;
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("key", &evidence.key)?;
        map.serialize_entry("text", &evidence.text)?;
        match evidence.number {
            Some(number) if is_whole(number) => map.serialize_entry("number", &(number as u64))?,
            Some(number) => map.serialize_entry("number", &number)?,
            None => {}
        }
        if !evidence.unit.is_empty() {
            map.serialize_entry("unit", &evidence.unit)?;
        }
        map.end()
    }
}

/// Whether a float is a whole number that is written the same without a point.
fn is_whole(number: f64) -> bool {
    const EXACT: f64 = (1u64 << 53) as f64;
    number.fract() == 0.0 && (0.0..=EXACT).contains(&number)
}

fn in_declared_order(report: &Report) -> Vec<&Section> {
    let place =
        |section: &&Section| SECTIONS.iter().position(|declared| declared.spec.name == section.spec.name);
    let mut sections: Vec<&Section> = report.sections.iter().collect();
    sections.sort_by_key(place);
    sections
}

struct MetaObject<'a>(&'a Meta);

impl Serialize for MetaObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let meta = self.0;
        let mut map = to.serialize_map(None)?;
        for (key, text) in [
            ("version", &meta.version),
            ("os", &meta.os),
            ("arch", &meta.arch),
            ("rustc", &meta.rustc),
            ("created_at", &meta.created_at),
            ("command", &meta.command),
        ] {
            map.serialize_entry(key, &known(text))?;
        }
        if let Some(sha) = &meta.git_sha {
            map.serialize_entry("git_sha", sha)?;
        }
        if let Some(root) = &meta.source_root {
            map.serialize_entry("source_root", root)?;
        }
        map.end()
    }
}

struct OverheadObject(Overhead);

impl Serialize for OverheadObject {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("per_call_ns", &round4(self.0.per_call_ns))?;
        map.serialize_entry("calls", &self.0.calls)?;
        map.serialize_entry("total_ns", &self.0.total_ns)?;
        map.serialize_entry("percent", &round4(self.0.percent))?;
        map.end()
    }
}

struct SectionObject<'a> {
    section: &'a Section,
    report: &'a Report,
    rows: &'a [Row],
}

impl Serialize for SectionObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { section, report, rows } = *self;
        let mut map = to.serialize_map(None)?;
        match section.spec.envelope {
            Envelope::Functions => {
                map.serialize_entry("profiling_mode", section.spec.short)?;
                map.serialize_entry("time_elapsed", &format_duration(report.duration_ns))?;
                map.serialize_entry("total_elapsed_ns", &report.duration_ns)?;
                write_fields(section, &mut map)?;
                map.serialize_entry("description", &section.description)?;
                map.serialize_entry("caller_name", &report.caller_name)?;
            }
            Envelope::Elapsed | Envelope::Named(_) | Envelope::List | Envelope::Log(_) => {
                map.serialize_entry("current_elapsed_ns", &report.duration_ns)?;
                write_fields(section, &mut map)?;
            }
        }
        map.serialize_entry("percentiles", &section.percentiles)?;
        if let Some(scope) = section.spec.scope {
            map.serialize_entry("scope", scope)?;
        }
        if !section.spec.base.is_empty() {
            map.serialize_entry("percent_base", &section.base)?;
        }
        map.serialize_entry("total_count", &section.total_count)?;
        map.serialize_entry("included_count", &rows.len())?;
        map.serialize_entry(section.spec.envelope.rows_key(), &Rows { rows, headings: &section.headings })?;
        for list in &section.lists {
            map.serialize_entry(list.spec.name, &Rows::of(list))?;
        }
        map.end()
    }
}

fn write_fields<M: SerializeMap>(section: &Section, map: &mut M) -> Result<(), M::Error> {
    for (field, value) in &section.fields {
        Keys::of(&Heading::whole(field)).write(value, map)?;
    }
    Ok(())
}

/// Under which keys a heading is written: made once for all rows, of which there may be thousands.
struct Keys {
    heading: Heading,
    formatted: Option<String>,
    number: Option<String>,
    nested: Option<(&'static str, String)>,
}

impl Keys {
    fn of(heading: &Heading) -> Self {
        let (formatted, number) = (heading.formatted_key(), heading.number_key());
        Self { heading: *heading, formatted, number, nested: heading.nested_keys() }
    }

    fn write<M: SerializeMap>(&self, value: &Value, map: &mut M) -> Result<(), M::Error> {
        if value.is_nothing() && self.heading.column.is_optional() {
            return Ok(());
        }
        if let Some(key) = &self.formatted {
            map.serialize_entry(key, &formatted(value))?;
        }
        match (&self.number, value, self.heading.column.wire) {
            (None, _, _) => Ok(()),
            (Some(key), Value::Place(source), Wire::Place { with_column }) => {
                map.serialize_entry(key, &PlaceObject { source, with_column })
            }
            (Some(key), value, _) => map.serialize_entry(key, value),
        }
    }
}

struct Rows<'a> {
    rows: &'a [Row],
    headings: &'a [Heading],
}

impl<'a> Rows<'a> {
    fn of(section: &'a Section) -> Self {
        Self { rows: section.shown(), headings: &section.headings }
    }
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let keys: Vec<Keys> = self.headings.iter().map(Keys::of).collect();
        to.collect_seq(self.rows.iter().map(|row| RowObject { row, keys: &keys }))
    }
}

struct RowObject<'a> {
    row: &'a Row,
    keys: &'a [Keys],
}

impl Serialize for RowObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        let mut nested = None;
        for (keys, value) in self.keys.iter().zip(&self.row.cells) {
            let object = keys.nested.as_ref().map(|(object, _)| *object);
            if let Some(object) = object.filter(|_| object != nested) {
                map.serialize_entry(object, &NestedPercentiles { row: self, object })?;
            }
            nested = object;
            keys.write(value, &mut map)?;
        }
        map.end()
    }
}

/// The formatted percentiles of a distribution that has them in an object.
struct NestedPercentiles<'a> {
    row: &'a RowObject<'a>,
    object: &'static str,
}

impl Serialize for NestedPercentiles<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let cells = self.row.keys.iter().zip(&self.row.row.cells);
        let own = cells.filter_map(|(keys, value)| match &keys.nested {
            Some((object, key)) if *object == self.object => Some((key, formatted(value))),
            _ => None,
        });
        to.collect_map(own)
    }
}

/// As people read it; nothing for an unknown.
fn formatted(value: &Value) -> Option<String> {
    (!value.is_nothing()).then(|| value.to_string())
}

struct PlaceObject<'a> {
    source: &'a Source,
    with_column: bool,
}

impl Serialize for PlaceObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("file", &self.source.file)?;
        map.serialize_entry("line", &self.source.line)?;
        if self.with_column {
            map.serialize_entry("column", &self.source.column)?;
        }
        map.end()
    }
}

/// An empty text is unknown.
fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
