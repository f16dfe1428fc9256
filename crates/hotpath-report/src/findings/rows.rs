//! Rows of a section by the names of their columns, for rules that read many of them.

use crate::dist::Dist;
use crate::finding::Confidence;
use crate::report::Report;
use crate::section::{Row, Table};
use crate::value::{Source, Value};
use std::collections::{BTreeMap, HashMap};

/// A section whose columns are found by [`Heading::identity`](crate::Heading::identity), looked up once.
pub(super) struct Rows<'a> {
    section: &'a Table,
    columns: HashMap<String, usize>,
    /// Cells with texts that mark the caller's own row and the one of what was not measured.
    marks: Vec<(usize, &'static str)>,
}

/// A number of each function, by name and place.
pub(super) type ByFunction<'a> = BTreeMap<(&'a str, Option<Source>), u64>;

/// One row.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    rows: &'a Rows<'a>,
    row: &'a Row,
}

impl<'a> Rows<'a> {
    /// The section of this name, if the report has it.
    pub(super) fn of(report: &'a Report, name: &str) -> Option<Self> {
        let section = report.section(name)?;
        let columns = section.headings.iter().enumerate().map(|(i, heading)| (heading.identity(), i));
        let columns: HashMap<String, usize> = columns.collect();
        let marks = [section.spec.pinned, section.spec.outside].into_iter().flatten();
        let marks = marks.filter_map(|(key, text)| Some((*columns.get(key)?, text))).collect();
        Some(Self { section, columns, marks })
    }

    /// All rows but the caller's own and the one of what was not measured.
    pub(super) fn measured(&'a self) -> impl Iterator<Item = Item<'a>> {
        let is_marked = |row: &Row| self.marks.iter().any(|&(i, text)| row.cells[i].as_text() == Some(text));
        let measured = self.section.rows.iter().filter(move |row| !is_marked(row));
        measured.map(|row| Item { rows: self, row })
    }

    /// The known numbers of this identity, of the measured rows.
    pub(super) fn by_function(&'a self, identity: &str) -> ByFunction<'a> {
        let mut numbers = BTreeMap::new();
        for row in self.measured() {
            if let (Some(name), Some(number)) = (row.text("name"), row.number(identity)) {
                numbers.insert((name, row.source()), number);
            }
        }
        numbers
    }

    /// Returns true if a shortened report no longer has all rows.
    pub(super) fn is_shortened(&self) -> bool {
        self.section.total_count > self.section.rows.len() as u64
    }

    /// A number of the section as a whole.
    pub(super) fn field(&self, key: &str) -> Option<u64> {
        self.section.fields.iter().find(|(field, _)| field.key == key)?.1.number()
    }
}

impl<'a> Item<'a> {
    /// Name of the section.
    pub(super) fn section(&self) -> &'static str {
        self.rows.section.spec.name
    }

    pub(super) fn value(&self, identity: &str) -> &'a Value {
        const NOTHING: &Value = &Value::Nothing;
        let cell = self.rows.columns.get(identity).and_then(|&i| self.row.cells.get(i));
        cell.unwrap_or(NOTHING)
    }

    /// A count, duration or size; `None` if it is unknown.
    pub(super) fn number(&self, identity: &str) -> Option<u64> {
        self.value(identity).number()
    }

    pub(super) fn text(&self, identity: &str) -> Option<&'a str> {
        self.value(identity).as_text()
    }

    /// The confidence of the self time: less than high for an estimate that may well be off by a tenth, low for one by a half.
    pub(super) fn self_confidence(&self) -> Confidence {
        let (Some(error), Some(self_ns)) = (self.number("self_se_ns"), self.number("self_ns")) else {
            return Confidence::High;
        };
        // Within two standard errors are nineteen of twenty.
        let off = 2.0 * error as f64 / self_ns.max(1) as f64;
        match off {
            off if off <= 0.1 => Confidence::High,
            off if off <= 0.5 => Confidence::Medium,
            _ => Confidence::Low,
        }
    }

    /// The distribution of this identity, if its shape is known.
    pub(super) fn dist(&self, identity: &str) -> Option<&'a Dist> {
        match self.value(&format!("{identity}.histogram")) {
            Value::Dist(dist) if dist.count > 0 && dist.is_shaped() => Some(dist),
            _ => None,
        }
    }

    /// The place of the subject in the source.
    pub(super) fn source(&self) -> Option<Source> {
        match self.value("location") {
            Value::Place(source) => Some(source.clone()),
            _ => None,
        }
    }
}
