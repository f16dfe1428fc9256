//! Sections as JSON: the fields around the rows, the rows, and in a compat form only the keys of the interface.

use crate::column::{CompatKeys, Heading, Merge, Part, Wire};
use crate::interface::{Form, Interface, Unknown};
use crate::report::Report;
use crate::section::{Envelope, Row, Table};
use crate::sections::SECTIONS;
use crate::sorting::sort_by;
use crate::units::format_duration;
use crate::value::{Source, Unit, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};

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

/// The reading of a section, and the base of its shares.
fn write_reading<M: SerializeMap>(section: &Table, map: &mut M) -> Result<(), M::Error> {
    if let Some(scope) = section.spec.scope {
        map.serialize_entry("scope", scope)?;
    }
    if !section.spec.base.is_empty() {
        map.serialize_entry("percent_base", &section.base)?;
    }
    Ok(())
}

/// Returns true if the form names the percentiles of the section: a compat form does so if it has some.
fn has_percentiles(section: &Table, form: Form) -> bool {
    let Form::Compat(interface) = form else { return true };
    let is_average = |heading: &Heading| heading.part == Part::Avg;
    section
        .headings
        .iter()
        .filter(|heading| is_average(heading))
        .any(|heading| heading.compat_keys(interface).is_some())
}

pub(super) fn write_fields<M: SerializeMap>(
    section: &Table,
    form: Form,
    map: &mut M,
) -> Result<(), M::Error> {
    for (field, value) in &section.fields {
        if let Some(keys) = Keys::of(&Heading::whole(field), form) {
            keys.write(value, map)?;
        }
    }
    Ok(())
}

/// The rows and the further lists; a list of which the form has no column is not in it.
pub(super) fn write_rows<M: SerializeMap>(
    section: &Table,
    rows: &[Row],
    form: Form,
    map: &mut M,
) -> Result<(), M::Error> {
    let own = (section.spec.envelope.rows_key(), Rows::of(section, rows, form));
    let lists =
        section.lists.iter().map(|list| (list.spec.name, Rows::of(list, distinguished(list, form), form)));
    for (key, rows) in std::iter::once(own).chain(lists) {
        if form == Form::Whole || rows.keys.iter().any(Option::is_some) {
            map.serialize_entry(key, &rows)?;
        }
    }
    Ok(())
}

/// The rows of a list inside a section. Without the key that tells whose they are, those of the first one only.
fn distinguished(list: &Table, form: Form) -> &[Row] {
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

    /// The placeholder of an unknown value where the type of the interface has none.
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

pub(super) struct PlaceObject<'a> {
    pub(super) source: &'a Source,
    pub(super) with_column: bool,
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

pub(super) fn in_declared_order(report: &Report) -> Vec<&Table> {
    let place =
        |section: &Table| SECTIONS.iter().position(|declared| declared.spec.name == section.spec.name);
    let mut sections: Vec<&Table> = report.sections.iter().collect();
    sort_by(&mut sections, |a, b| place(a).cmp(&place(b)));
    sections
}
