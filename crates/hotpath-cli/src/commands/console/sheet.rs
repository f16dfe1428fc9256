//! The contents of a table: columns and lines.
//!
//! Sections, the call tree, logs and findings are all converted to a [`Sheet`], the only thing that the table shows. Columns come
//! from their declarations ([`Heading`]), so a new section needs no change here.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use hotpath_report::{Heading, Merge, Part, Row, Show, Table, Unit, Value};

/// Columns and lines.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet<'a> {
    pub(crate) columns: Vec<Column>,
    pub(crate) lines: Vec<Line<'a>>,
    /// The number of lines without the filter.
    pub(crate) total: usize,
}

/// A column of a sheet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    /// The id in an [`Order`].
    pub(crate) id: String,
    pub(crate) header: String,
    pub(crate) unit: Unit,
    /// The description, in one line.
    pub(crate) about: Cow<'static, str>,
    /// The index of its cell in a line.
    pub(crate) cell: usize,
    /// The index of the cell that is known if the value is an estimate.
    pub(crate) error: Option<usize>,
}

/// A line of a sheet.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    /// The identity of the line, also in later reports.
    pub(crate) key: u64,
    pub(crate) cells: Cow<'a, [Value]>,
    /// True if it is first in any order.
    pub(crate) is_pinned: bool,
    /// The depth in the tree.
    pub(crate) depth: usize,
    /// True if its children are shown; `None` if it has none.
    pub(crate) is_open: Option<bool>,
}

/// The sort order of the lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) column: String,
    pub(crate) descending: bool,
}

impl Column {
    /// Returns whether it holds shares, which have bars.
    pub(crate) fn has_bar(&self) -> bool {
        matches!(self.unit, Unit::Percent | Unit::Load)
    }

    /// Returns whether it holds text, which is left-aligned.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.unit, Unit::Text | Unit::Name | Unit::Place)
    }

    /// Returns a column of text.
    pub(crate) fn text(id: &str, header: &str, about: &'static str, cell: usize) -> Self {
        Self {
            id: id.into(),
            header: header.into(),
            unit: Unit::Text,
            about: about.into(),
            cell,
            error: None,
        }
    }

    /// Returns a column of this unit.
    pub(crate) fn of(unit: Unit, id: &str, header: &str, about: &'static str, cell: usize) -> Self {
        Self { unit, ..Self::text(id, header, about, cell) }
    }

    /// Returns the column whose values are estimates where the cell at this index is known.
    pub(crate) fn estimated_by(self, error: usize) -> Self {
        Self { error: Some(error), ..self }
    }

    fn of_heading(section: &Table, cell: usize) -> Self {
        let heading = &section.headings[cell];
        let (about, error) = (heading.column.about.into(), section.error_index(cell));
        Self {
            id: heading.identity(),
            header: heading.header(),
            unit: heading.column.unit,
            about,
            cell,
            error,
        }
    }
}

impl<'a> Line<'a> {
    /// Returns an ordinary line.
    pub(crate) fn new(key: u64, cells: Cow<'a, [Value]>) -> Self {
        Self { key, cells, is_pinned: false, depth: 0, is_open: None }
    }

    /// Returns the value in a column.
    pub(crate) fn value(&self, column: &Column) -> &Value {
        self.cells.get(column.cell).unwrap_or(&Value::Nothing)
    }

    /// Returns whether the value in a column is an estimate.
    pub(crate) fn is_estimate(&self, column: &Column) -> bool {
        let error = column.error.and_then(|error| self.cells.get(error));
        error.is_some_and(|error| !error.is_nothing())
    }

    fn matches(&self, columns: &[Column], wanted: &str) -> bool {
        let texts =
            columns.iter().filter(|column| column.is_text()).map(|column| self.value(column).to_string());
        texts.into_iter().any(|text| text.to_lowercase().contains(wanted))
    }
}

impl<'a> Sheet<'a> {
    /// Returns the table of this number of a section; 0 if it has only one.
    pub(crate) fn of_section(section: &'a Table, table: u8) -> Self {
        // Resolved once, and not for every row, because this runs at every key press.
        let pin = section.spec.pinned.and_then(|(key, text)| Some((section.index(key)?, text)));
        let is_pinned = |row: &Row| pin.is_some_and(|(i, text)| row.cells[i].as_text() == Some(text));
        let lines = section.rows.iter().zip(keys(section)).map(|(row, key)| Line {
            is_pinned: is_pinned(row),
            ..Line::new(key, Cow::Borrowed(&row.cells[..]))
        });
        let lines: Vec<_> = lines.collect();
        Self { columns: columns(section, table), total: lines.len(), lines }
    }

    /// Keeps the lines in which a text column contains `filter`; `total` does not change.
    pub(crate) fn filtered(mut self, filter: &str) -> Self {
        if !filter.is_empty() {
            let wanted = filter.to_lowercase();
            self.lines.retain(|line| line.matches(&self.columns, &wanted));
        }
        self
    }

    /// Sorts the lines; without an order they keep that of the report.
    pub(crate) fn ordered(mut self, order: Option<&Order>) -> Self {
        let column = order.and_then(|order| self.columns.iter().find(|column| column.id == order.column));
        let (Some(column), Some(order)) = (column, order) else { return self };
        self.lines.sort_by(|a, b| {
            let by_value = compare(a.value(column), b.value(column), order.descending);
            b.is_pinned.cmp(&a.is_pinned).then(by_value)
        });
        self
    }
}

/// Returns the identity of each row of a section, stable across reports.
pub(crate) fn keys(section: &Table) -> Vec<u64> {
    let is_key = |heading: &Heading| heading.column.merge == Merge::Key && heading.part == Part::Whole;
    let mut cells: Vec<usize> =
        (0..section.headings.len()).filter(|&i| is_key(&section.headings[i])).collect();
    if cells.is_empty() {
        cells.push(0);
    }
    let key = |row: &Row| {
        let mut hasher = DefaultHasher::new();
        cells.iter().for_each(|&i| hash(&row.cells[i], &mut hasher));
        hasher.finish()
    };
    distinct(section.rows.iter().map(key))
}

/// Makes keys distinct: equal ones count up.
pub(crate) fn distinct(keys: impl Iterator<Item = u64>) -> Vec<u64> {
    let mut seen = HashSet::new();
    let next = |mut key: u64| {
        while !seen.insert(key) {
            key = key.wrapping_add(1);
        }
        key
    };
    keys.map(next).collect()
}

fn hash(value: &Value, hasher: &mut DefaultHasher) {
    match value {
        Value::Text(text) => text.hash(hasher),
        Value::Place(source) => (&source.file, source.line, source.column).hash(hasher),
        value => (value.is_nothing(), value.number()).hash(hasher),
    }
}

/// Returns the columns of one table of a section that are to be shown.
fn columns(section: &Table, table: u8) -> Vec<Column> {
    let is_shown = |i: &usize| {
        let heading = &section.headings[*i];
        let is_here = table == 0 || heading.column.table == 0 || heading.column.table == table;
        is_here && heading.in_table() && has_content(heading, *i, &section.rows)
    };
    let here = (0..section.headings.len()).filter(is_shown);
    here.map(|i| Column::of_heading(section, i)).collect()
}

fn has_content(heading: &Heading, index: usize, rows: &[Row]) -> bool {
    match heading.column.show {
        Show::WhenAny => rows.iter().any(|row| !row.cells[index].is_nothing()),
        Show::WhenDifferent => rows.iter().any(|row| row.cells[index] != rows[0].cells[index]),
        _ => true,
    }
}

/// Compares two values. An unknown one is last in both directions.
pub(crate) fn compare(a: &Value, b: &Value, descending: bool) -> Ordering {
    let by_value = match (a, b) {
        (Value::Text(a), Value::Text(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        (Value::Place(a), Value::Place(b)) => a.cmp(b),
        _ => rank(a).total_cmp(&rank(b)),
    };
    let by_value = if descending { by_value.reverse() } else { by_value };
    a.is_nothing().cmp(&b.is_nothing()).then(by_value)
}

fn rank(value: &Value) -> f64 {
    match value {
        Value::Nothing | Value::Text(_) | Value::Place(_) => 0.0,
        Value::Flag(flag) => f64::from(u8::from(*flag)),
        Value::Count(n) | Value::Nanos(n) | Value::Bytes(n) | Value::Load(n) => *n as f64,
        Value::SignedBytes(n) => *n as f64,
        Value::Percent(x) | Value::Rate(x) | Value::Float(x) => *x,
        Value::Dist(dist) => dist.count as f64,
    }
}

/// Returns a share in percent, for its bar.
pub(crate) fn percent(value: &Value) -> Option<f64> {
    match value {
        Value::Percent(percent) => Some(*percent),
        Value::Load(permille) => Some(*permille as f64 / 10.0),
        _ => None,
    }
}
