//! The report as JSON: the fields of the established interface, with plain numbers beside them; or only those fields
//! ([`Form`]).
//!
//! Keys come in the order of declaration, so two reports can be compared as text. What must stay true: reading the
//! result with [`Report::from_json`] and writing it again gives the same bytes.

use crate::column::{CompatKeys, Heading, Merge, Part, Wire};
use crate::finding::{Evidence, Finding};
use crate::interface::{Form, Interface, Unknown};
use crate::report::{Meta, Overhead, Report, SCHEMA_VERSION};
use crate::section::{Envelope, Row, Table};
use crate::sections::SECTIONS;
use crate::tree::{Level, MAX_DEPTH};
use crate::units::format_duration;
use crate::units::round4;
use crate::value::{Source, Unit, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt::{self, Write};

use super::{Options, compat::CompatDocument};

/// Writes the report as JSON on one line, without a newline at the end.
pub fn json(report: &Report, _: &Options, out: &mut dyn Write) -> fmt::Result {
    json_in(Form::Whole, report, out)
}

/// Writes the report as indented JSON, without a newline at the end.
pub fn json_pretty(report: &Report, _: &Options, out: &mut dyn Write) -> fmt::Result {
    out.write_str(&serde_json::to_string_pretty(&Document(report)).map_err(|_| fmt::Error)?)
}

/// Writes the report as JSON on one line in this form, without a newline at the end.
///
/// ```
/// use hotpath_report::{Form, Interface, Report, render};
/// let mut text = String::new();
/// render::json_in(Form::Compat(Interface::V0_16), &Report::default(), &mut text)?;
/// assert_eq!(text, r#"{"type":"hotpath_report"}"#);
/// # Ok::<(), std::fmt::Error>(())
/// ```
pub fn json_in(form: Form, report: &Report, out: &mut dyn Write) -> fmt::Result {
    let text = match form {
        Form::Whole => serde_json::to_string(&Document(report)),
        Form::Compat(interface) => serde_json::to_string(&CompatDocument { report, interface }),
    };
    out.write_str(&text.map_err(|_| fmt::Error)?)
}

/// A finding as it stands in the JSON of the report, as a value.
pub fn finding_value(finding: &Finding) -> serde_json::Value {
    serde_json::to_value(FindingObject(finding)).unwrap_or_default()
}

/// One section as it stands in the JSON of the report, as a value: for answers that show a part of it.
///
/// `section` may have fewer rows or columns than the one of the report.
pub fn section_value(report: &Report, section: &Table) -> serde_json::Value {
    serde_json::to_value(SectionObject { section, report, rows: &section.rows, form: Form::Whole })
        .unwrap_or_default()
}

/// One section of the report, as the report has it but with all its rows; `None` if the report does not have it.
///
/// ```
/// use hotpath_report::{Form, Report, Table, Timing, render};
/// let report = Report { sections: vec![Table::of::<Timing>(&[], &(), &[])], ..Report::default() };
/// let json = |name| render::section_json(&report, name, Form::Whole);
/// assert!(json("functions_timing").is_some_and(|json| json.ends_with(r#""data":[]}"#)));
/// assert_eq!(json("channels"), None);
/// ```
pub fn section_json(report: &Report, name: &str, form: Form) -> Option<String> {
    let section = report.section(name)?;
    serde_json::to_string(&SectionObject { section, report, rows: &section.rows, form }).ok()
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
pub fn log_json(log: &Table, form: Form) -> String {
    written(&LogObject { log, form })
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

struct LogObject<'a> {
    log: &'a Table,
    form: Form,
}

impl Serialize for LogObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { log, form } = *self;
        let mut map = to.serialize_map(None)?;
        write_fields(log, form, &mut map)?;
        write_rows(log, log.shown(), form, &mut map)?;
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
                &SectionObject { section, report, rows: section.shown(), form: Form::Whole },
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

pub(super) fn in_declared_order(report: &Report) -> Vec<&Table> {
    let place =
        |section: &&Table| SECTIONS.iter().position(|declared| declared.spec.name == section.spec.name);
    let mut sections: Vec<&Table> = report.sections.iter().collect();
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
        if let Some(id) = &meta.build_id {
            map.serialize_entry("build_id", id)?;
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

pub(super) struct SectionObject<'a> {
    pub(super) section: &'a Table,
    pub(super) report: &'a Report,
    pub(super) rows: &'a [Row],
    pub(super) form: Form,
}

impl Serialize for SectionObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let Self { section, report, rows, form } = *self;
        let spec = section.spec;
        let mut map = to.serialize_map(None)?;
        match spec.envelope {
            Envelope::Functions => {
                // What has no distributions in the interface is none of its modes.
                if has_percentiles(section, form) {
                    map.serialize_entry("profiling_mode", spec.short)?;
                }
                map.serialize_entry("time_elapsed", &format_duration(report.duration_ns))?;
                map.serialize_entry("total_elapsed_ns", &report.duration_ns)?;
                write_fields(section, form, &mut map)?;
                map.serialize_entry("description", &section.description)?;
                map.serialize_entry("caller_name", &report.caller_name)?;
            }
            Envelope::Elapsed | Envelope::Named(_) | Envelope::List | Envelope::Log(_) => {
                if form.may_have(spec.compat) {
                    map.serialize_entry("current_elapsed_ns", &report.duration_ns)?;
                }
                write_fields(section, form, &mut map)?;
            }
        }
        if has_percentiles(section, form) {
            map.serialize_entry("percentiles", &section.percentiles)?;
        }
        if form == Form::Whole {
            write_reading(section, &mut map)?;
        }
        if form.may_have(spec.compat) && form.has(Interface::V0_30) {
            map.serialize_entry("total_count", &section.total_count)?;
            map.serialize_entry("included_count", &rows.len())?;
        }
        write_rows(section, rows, form, &mut map)?;
        map.end()
    }
}

/// Which of several readings of the same rows it is, and what its shares are of.
fn write_reading<M: SerializeMap>(section: &Table, map: &mut M) -> Result<(), M::Error> {
    if let Some(scope) = section.spec.scope {
        map.serialize_entry("scope", scope)?;
    }
    if !section.spec.base.is_empty() {
        map.serialize_entry("percent_base", &section.base)?;
    }
    Ok(())
}

/// Whether the form names the percentiles of the section: a compat form does so if it has some.
fn has_percentiles(section: &Table, form: Form) -> bool {
    let Form::Compat(interface) = form else { return true };
    let is_average = |heading: &Heading| heading.part == Part::Avg;
    section
        .headings
        .iter()
        .filter(|heading| is_average(heading))
        .any(|heading| heading.compat_keys(interface).is_some())
}

fn write_fields<M: SerializeMap>(section: &Table, form: Form, map: &mut M) -> Result<(), M::Error> {
    for (field, value) in &section.fields {
        if let Some(keys) = Keys::of(&Heading::whole(field), form) {
            keys.write(value, map)?;
        }
    }
    Ok(())
}

/// The rows and the further lists; a list of which the form has no column is not in it.
fn write_rows<M: SerializeMap>(
    section: &Table,
    rows: &[Row],
    form: Form,
    map: &mut M,
) -> Result<(), M::Error> {
    let own = (section.spec.envelope.rows_key(), Rows::of(section, rows, form));
    let lists =
        section.lists.iter().map(|list| (list.spec.name, Rows::of(list, told_apart(list, form), form)));
    for (key, rows) in std::iter::once(own).chain(lists) {
        if form == Form::Whole || rows.keys.iter().any(Option::is_some) {
            map.serialize_entry(key, &rows)?;
        }
    }
    Ok(())
}

/// The rows of a list inside a section. Without the key that tells whose they are, those of the first one only.
fn told_apart(list: &Table, form: Form) -> &[Row] {
    let rows = list.shown();
    let Form::Compat(interface) = form else { return rows };
    let is_lost =
        |heading: &Heading| heading.column.merge == Merge::Key && heading.compat_keys(interface).is_none();
    let lost: Vec<usize> = (0..list.headings.len()).filter(|&i| is_lost(&list.headings[i])).collect();
    let is_first = |row: &&Row| lost.iter().all(|&i| row.cells[i] == rows[0].cells[i]);
    &rows[..rows.iter().take_while(is_first).count()]
}

/// Under which keys a heading is written: made once for all rows, of which there may be thousands.
struct Keys {
    heading: Heading,
    formatted: Option<String>,
    raw: Option<String>,
    nested: Option<(&'static str, String)>,
    unknown: Unknown,
}

impl Keys {
    /// `None` if the form does not have the heading.
    fn of(heading: &Heading, form: Form) -> Option<Self> {
        let heading = *heading;
        match form {
            Form::Whole => {
                let (formatted, raw) = (heading.formatted_key(), heading.number_key());
                let unknown = if heading.column.is_optional() { Unknown::LeftOut } else { Unknown::Null };
                Some(Self { heading, formatted, raw, nested: heading.nested_keys(), unknown })
            }
            Form::Compat(interface) => {
                let CompatKeys { formatted, raw, nested } = heading.compat_keys(interface)?;
                Some(Self { heading, formatted, raw, nested, unknown: heading.column.compat?.unknown })
            }
        }
    }

    fn write<M: SerializeMap>(&self, value: &Value, map: &mut M) -> Result<(), M::Error> {
        if value.is_nothing() && self.unknown == Unknown::LeftOut {
            return Ok(());
        }
        if let Some(key) = &self.formatted {
            map.serialize_entry(key, &self.formatted(value))?;
        }
        match &self.raw {
            Some(key) => self.write_raw(key, value, map),
            None => Ok(()),
        }
    }

    fn write_raw<M: SerializeMap>(&self, key: &str, value: &Value, map: &mut M) -> Result<(), M::Error> {
        let filled = (value.is_nothing() && self.unknown == Unknown::Filled).then(|| self.filled());
        match (filled.as_ref().unwrap_or(value), self.heading.column.wire) {
            (Value::Place(source), Wire::Place { with_column }) => {
                map.serialize_entry(key, &PlaceObject { source, with_column })
            }
            (value, _) => map.serialize_entry(key, value),
        }
    }

    /// As people read it.
    fn formatted(&self, value: &Value) -> Option<String> {
        (!value.is_nothing() || self.unknown == Unknown::Filled).then(|| value.to_string())
    }

    /// What stands for an unknown value where the type of the interface has no word for it.
    fn filled(&self) -> Value {
        match self.heading.column.unit {
            Unit::Text | Unit::Name => Value::Text(String::new()),
            Unit::Place => Value::Place(Source::default()),
            Unit::Flag => Value::Flag(false),
            unit => unit.value(0),
        }
    }
}

struct Rows<'a> {
    rows: &'a [Row],
    /// Of each cell; `None` for those that the form does not have.
    keys: Vec<Option<Keys>>,
}

impl<'a> Rows<'a> {
    fn of(section: &Table, rows: &'a [Row], form: Form) -> Self {
        Self { rows, keys: section.headings.iter().map(|heading| Keys::of(heading, form)).collect() }
    }
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.rows.iter().map(|row| RowObject { row, keys: &self.keys }))
    }
}

struct RowObject<'a> {
    row: &'a Row,
    keys: &'a [Option<Keys>],
}

impl RowObject<'_> {
    fn cells(&self) -> impl Iterator<Item = (&Keys, &Value)> {
        self.keys.iter().zip(&self.row.cells).filter_map(|(keys, value)| Some((keys.as_ref()?, value)))
    }
}

impl Serialize for RowObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        let mut begun = None;
        for (keys, value) in self.cells() {
            let object = keys.nested.as_ref().map(|(object, _)| *object);
            if let Some(object) = object.filter(|_| object != begun) {
                let percentiles = NestedPercentiles { row: self, object };
                if keys.unknown != Unknown::LeftOut || percentiles.cells().next().is_some() {
                    map.serialize_entry(object, &percentiles)?;
                }
            }
            begun = object;
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

impl NestedPercentiles<'_> {
    fn cells(&self) -> impl Iterator<Item = (&str, Option<String>)> {
        self.row.cells().filter_map(|(keys, value)| match &keys.nested {
            Some((object, _)) if *object != self.object => None,
            Some(_) if value.is_nothing() && keys.unknown == Unknown::LeftOut => None,
            Some((_, key)) => Some((key.as_str(), keys.formatted(value))),
            None => None,
        })
    }
}

impl Serialize for NestedPercentiles<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.cells())
    }
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
