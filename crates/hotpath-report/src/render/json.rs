//! The report as JSON: the fields of the established interface, with plain numbers beside them; or only those fields
//! ([`Form`]).
//!
//! Keys come in the order of declaration, so two reports can be compared as text. What must stay true: reading the
//! result with `hotpath_analysis::read_report` and writing it again gives the same bytes.

use crate::finding::{Evidence, Finding};
use crate::interface::Form;
use crate::report::{Budget, Meta, Overhead, OverheadPart, Report, SCHEMA_VERSION};
use crate::section::Table;
use crate::tree::{MAX_DEPTH, Siblings};
use crate::units::round4;
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt::{self, Write};

use super::section_json::{PlaceObject, SectionObject, in_declared_order, write_fields, write_rows};
use super::{Options, compat::CompatDocument, indent::indented};

/// Writes the report as JSON on one line, without a newline at the end.
pub fn json(report: &Report, _: &Options, out: &mut dyn Write) -> fmt::Result {
    json_in(Form::Whole, report, out)
}

/// Writes the report as indented JSON, without a newline at the end.
pub fn json_pretty(report: &Report, _: &Options, out: &mut dyn Write) -> fmt::Result {
    let line = serde_json::to_string(&Document(report)).map_err(|_| fmt::Error)?;
    indented(&line, out)
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

/// Keys are text, and nothing here fails to be written; without that the answer is not JSON, and so no half of one.
fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

struct CallTreeObject<'a>(&'a Report);

impl Serialize for CallTreeObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("current_elapsed_ns", &self.0.duration_ns)?;
        map.serialize_entry("call_tree", &Siblings { nodes: &self.0.call_tree, levels_left: MAX_DEPTH })?;
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
        map.serialize_entry("overhead", &report.overhead.as_ref().map(OverheadObject))?;
        if let Some(budget) = &report.budget {
            map.serialize_entry("budget", &BudgetObject(budget))?;
        }
        for section in in_declared_order(report) {
            map.serialize_entry(
                section.spec.name,
                &SectionObject { section, report, rows: section.shown(), form: Form::Whole },
            )?;
        }
        map.serialize_entry("call_tree", &Siblings { nodes: &report.call_tree, levels_left: MAX_DEPTH })?;
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

/// Returns true if a float is a whole number that is written the same without a point.
fn is_whole(number: f64) -> bool {
    const EXACT: f64 = (1u64 << 53) as f64;
    number.fract() == 0.0 && (0.0..=EXACT).contains(&number)
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

struct OverheadObject<'a>(&'a Overhead);

impl Serialize for OverheadObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("per_call_ns", &round4(self.0.per_call_ns))?;
        map.serialize_entry("calls", &self.0.calls)?;
        map.serialize_entry("total_ns", &self.0.total_ns)?;
        map.serialize_entry("percent", &round4(self.0.percent))?;
        if !self.0.parts.is_empty() {
            map.serialize_entry("parts", &OverheadParts(&self.0.parts))?;
        }
        map.end()
    }
}

struct OverheadParts<'a>(&'a [OverheadPart]);

impl Serialize for OverheadParts<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(self.0.iter().map(OverheadPartObject))
    }
}

struct OverheadPartObject<'a>(&'a OverheadPart);

impl Serialize for OverheadPartObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("name", &self.0.name)?;
        map.serialize_entry("count", &self.0.count)?;
        map.serialize_entry("per_call_ns", &round4(self.0.per_call_ns))?;
        map.serialize_entry("total_ns", &self.0.total_ns)?;
        map.end()
    }
}

struct BudgetObject<'a>(&'a Budget);

impl Serialize for BudgetObject<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        map.serialize_entry("percent", &round4(self.0.percent))?;
        map.serialize_entry("spent_percent", &round4(self.0.spent_percent))?;
        map.serialize_entry("estimated_functions", &self.0.estimates)?;
        map.serialize_entry("functions", &self.0.functions)?;
        map.end()
    }
}

/// An empty text is unknown.
fn known(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
