//! A section: one instrument's rows, evaluated, ready for any renderer.
//!
//! An instrument declares a [`Spec`] and its columns; [`Table::of`] turns its rows into cells. What must stay true:
//! rows are complete and sorted (the limit is applied only when they are shown), and every row has one cell per heading.

use crate::column::{Column, ColumnInfo, Derived, Heading, Merge, Part};
use crate::interface::Interface;
use crate::sorting::sort_by;
use crate::value::{Unit, Value};
use std::cmp::Ordering;

/// The specification of a section, apart from its columns.
#[derive(Debug, PartialEq, Eq)]
pub struct Spec {
    /// Name in JSON: `functions_timing`.
    pub name: &'static str,
    /// Name in tables and headers: `timing`.
    pub short: &'static str,
    /// The reading, of sections with several readings of the same rows: `exclusive`, `cumulative`, `peak`.
    pub scope: Option<&'static str>,
    /// The kind of row: `Function`.
    pub title: &'static str,
    /// The sentence above the table.
    pub description: &'static str,
    /// Stem of settings: `functions` gives `HOTPATH_FUNCTIONS_LIMIT` and `functions_limit`.
    pub stem: &'static str,
    /// Rows shown unless a setting says otherwise; 0 is all.
    pub default_limit: usize,
    /// The fields around the rows in JSON.
    pub envelope: Envelope,
    /// Identities of the columns that order the rows, largest first (of a yes or no, yes first); a later one decides between equals.
    pub sort: &'static [&'static str],
    /// Identity of the column whose total is 100 %; empty if the section has no shares.
    pub base: &'static str,
    /// Key and text of the column that marks the row which stands first and is itself the 100 %.
    pub pinned: Option<(&'static str, &'static str)>,
    /// Key and text of the column that marks the row of what happened outside of everything measured.
    pub outside: Option<(&'static str, &'static str)>,
    /// The first version of the established interface whose reports have the section, if one has.
    pub compat: Option<Interface>,
    /// True if there are rows though nothing was instrumented; such rows are no measurements.
    pub ambient: bool,
}

/// The fields around the rows of a section in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Envelope {
    /// Mode, elapsed time, description, caller and percentiles, as the function sections have them.
    Functions,
    /// Elapsed time only.
    Elapsed,
    /// Elapsed time, and the rows under this key.
    Named(&'static str),
    /// Nothing: the rows are a list inside another section (see [`SectionSchema::LISTS`]).
    List,
    /// Nothing: the rows are single events, under this key (see [`crate::logs`]).
    Log(&'static str),
}

impl Envelope {
    /// The key of the rows.
    pub fn rows_key(self) -> &'static str {
        match self {
            Self::Functions | Self::Elapsed | Self::List => "data",
            Self::Named(key) | Self::Log(key) => key,
        }
    }
}

/// A declared section without the type of its rows, so that all of them fit in one list.
#[derive(Clone, Copy, Debug)]
pub struct Declaration {
    /// Name, description, limit and order.
    pub spec: &'static Spec,
    /// Lists of further rows inside it.
    pub lists: &'static [Declaration],
    /// The logs of its rows.
    pub logs: &'static [LogDeclaration],
    /// The column at a position. Not a list of them: code for each section is kept small, since every program compiles it.
    column: fn(usize) -> Option<&'static ColumnInfo>,
    field: fn(usize) -> Option<&'static ColumnInfo>,
}

impl Declaration {
    /// The declaration of an instrument.
    pub const fn of<I: SectionSchema>() -> Self {
        Self {
            spec: I::SPEC,
            lists: I::LISTS,
            logs: I::LOGS,
            column: |at| I::COLUMNS.get(at).map(|column| &column.info),
            field: |at| I::FIELDS.get(at).map(|field| &field.info),
        }
    }

    /// The columns, distributions not yet expanded.
    pub fn columns(&self) -> Vec<&'static ColumnInfo> {
        (0..).map_while(self.column).collect()
    }

    /// The numbers of the section as a whole.
    pub fn fields(&self) -> Vec<&'static ColumnInfo> {
        (0..).map_while(self.field).collect()
    }
}

/// A log that rows of a section have.
#[derive(Clone, Copy, Debug)]
pub struct LogDeclaration {
    /// Its columns and fields.
    pub list: Declaration,
    /// The rows that have it: key and text of one of their columns. Without it all rows do. The text is a part of the path.
    pub of: Option<(&'static str, &'static str)>,
    /// The last part of its path, and other words for it that older versions had.
    pub names: &'static [&'static str],
}

impl LogDeclaration {
    /// The log `L` of all rows.
    pub const fn of<L: SectionSchema>(names: &'static [&'static str]) -> Self {
        Self { list: Declaration::of::<L>(), of: None, names }
    }

    /// Limits the log to rows whose column `key` is `text`.
    pub const fn only(mut self, key: &'static str, text: &'static str) -> Self {
        self.of = Some((key, text));
        self
    }

    /// Returns the path of an endpoint for the log of the row `id`.
    ///
    /// ```
    /// use hotpath_report::{Channels, SectionSchema};
    /// assert_eq!(Channels::LOGS[0].path("channels", 7), "/channels/7/logs");
    /// ```
    pub fn path(&self, section: &str, id: impl std::fmt::Display) -> String {
        let name = self.names.first().copied().unwrap_or("logs");
        match self.of {
            Some((_, text)) => format!("/{section}/{text}/{id}/{name}"),
            None => format!("/{section}/{id}/{name}"),
        }
    }
}

/// The schema of a section: its name, its columns, and the type of its rows.
pub trait SectionSchema {
    /// One row as recorded.
    type Stats: 'static;
    /// Numbers of the section as a whole; `()` if there are none.
    type Totals: 'static;
    /// Name, description, limit and order.
    const SPEC: &'static Spec;
    /// The columns, in the order of the table.
    const COLUMNS: &'static [Column<Self::Stats>];
    /// The numbers of the section as a whole; those with a header get a line above the table.
    const FIELDS: &'static [Column<Self::Totals>];
    /// Lists of further rows, for what has rows of several sorts. Each is an instrument of its own with the envelope
    /// [`Envelope::List`], whose name is its key.
    const LISTS: &'static [Declaration] = &[];
    /// The logs of its rows.
    const LOGS: &'static [LogDeclaration] = &[];

    /// The 100 % of this section if the totals know it; else it is the pinned row, else the sum of all rows.
    fn base(_: &Self::Totals) -> Option<u64> {
        None
    }

    /// The lists declared in [`SectionSchema::LISTS`], in that order.
    fn lists(_: &Self::Totals) -> Vec<Table> {
        Vec::new()
    }

    /// Returns true if a recorded row belongs in this section.
    fn includes(_: &Self::Stats) -> bool {
        true
    }
}

/// One row: a cell per heading of its section.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The values, in the order of [`Table::headings`].
    pub cells: Vec<Value>,
}

impl Row {
    /// Orders two rows of one section by these cells.
    pub fn order(&self, other: &Row, cells: &[usize]) -> Ordering {
        let order = |&i: &usize| self.cells[i].order(&other.cells[i]);
        cells.iter().map(order).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    }
}

/// An evaluated section.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The specification of the section.
    pub spec: &'static Spec,
    /// The sentence above the table.
    pub description: String,
    /// Percentiles of the distributions.
    pub percentiles: Vec<f64>,
    /// The columns, distributions expanded.
    pub headings: Vec<Heading>,
    /// All rows, sorted.
    pub rows: Vec<Row>,
    /// Numbers of the section as a whole.
    pub fields: Vec<(&'static ColumnInfo, Value)>,
    /// Lists of further rows.
    pub lists: Vec<Table>,
    /// Rows to show; 0 is all.
    pub limit: usize,
    /// Rows there are, also those that a shortened report no longer has.
    pub total_count: u64,
    /// The value of 100 %, in the unit of the base column.
    pub base: Option<u64>,
}

impl Table {
    /// Evaluates the rows of an instrument.
    pub fn of<I: SectionSchema>(rows: &[I::Stats], totals: &I::Totals, percentiles: &[f64]) -> Table {
        Table::evaluate(I::SPEC, &Recorded::<I> { rows, totals }, percentiles)
    }

    fn evaluate(spec: &'static Spec, recorded: &dyn Cells, percentiles: &[f64]) -> Table {
        let columns: Vec<&'static ColumnInfo> = (0..).map_while(|at| recorded.column(at)).collect();
        let mut section = Table::empty(spec, &columns, percentiles);
        section.fields = (0..).map_while(|at| recorded.field(at)).collect();
        let rows = (0..recorded.len()).filter(|&row| recorded.includes(row));
        section.rows = rows.map(|row| evaluate(&columns, recorded, row, &section.headings)).collect();
        section.lists = recorded.lists();
        section.total_count = section.rows.len() as u64;
        section.base = recorded.base().or_else(|| section.base_of_rows());
        section.derive();
        section.sort();
        section
    }

    /// A section without rows.
    pub fn empty(spec: &'static Spec, columns: &[&'static ColumnInfo], percentiles: &[f64]) -> Table {
        Table {
            spec,
            description: spec.description.to_owned(),
            percentiles: percentiles.to_vec(),
            headings: Heading::expand(columns, percentiles),
            rows: Vec::new(),
            fields: Vec::new(),
            lists: Vec::new(),
            limit: spec.default_limit,
            total_count: 0,
            base: None,
        }
    }

    /// Sets how many rows are shown; 0 is all.
    pub fn limited(mut self, limit: usize) -> Self {
        self.limit = limit;
        self
    }

    /// Replaces the sentence the section stands under.
    pub fn described(mut self, description: &str) -> Self {
        description.clone_into(&mut self.description);
        self
    }

    /// Clones the section without its rows and lists, to show some of its rows in it.
    pub fn clone_without_rows(&self) -> Self {
        Self {
            description: self.description.clone(),
            percentiles: self.percentiles.clone(),
            headings: self.headings.clone(),
            rows: Vec::new(),
            fields: self.fields.clone(),
            lists: Vec::new(),
            limit: 0,
            ..*self
        }
    }

    /// Removes the columns that hold whole histograms.
    pub fn without_histograms(mut self) -> Self {
        let keep: Vec<bool> = self.headings.iter().map(|heading| heading.part != Part::Histogram).collect();
        let kept = |i: &mut usize| {
            *i += 1;
            keep[*i - 1]
        };
        let mut i = 0;
        self.headings.retain(|_| kept(&mut i));
        for row in &mut self.rows {
            let mut i = 0;
            row.cells.retain(|_| kept(&mut i));
        }
        self
    }

    /// The rows within the limit.
    pub fn shown(&self) -> &[Row] {
        let count = if self.limit == 0 { self.rows.len() } else { self.limit.min(self.rows.len()) };
        &self.rows[..count]
    }

    /// The cell of `row` with this [`Heading::identity`].
    pub fn cell<'a>(&self, row: &'a Row, identity: &str) -> &'a Value {
        self.index(identity).and_then(|i| row.cells.get(i)).unwrap_or(&Value::Nothing)
    }

    /// Position of the heading with this [`Heading::identity`].
    pub fn index(&self, identity: &str) -> Option<usize> {
        self.headings.iter().position(|heading| heading.identity() == identity)
    }

    /// Returns true if the row is the one that stands first and is itself the 100 %.
    pub fn is_pinned(&self, row: &Row) -> bool {
        self.pin().matches(row)
    }

    /// Returns true if the row stands for what happened outside of everything measured.
    pub fn is_outside(&self, row: &Row) -> bool {
        self.mark(self.spec.outside).matches(row)
    }

    /// Returns true if a row was measured: one that is neither the caller's own nor stands for what was not measured.
    pub fn has_measurements(&self) -> bool {
        self.rows.iter().any(|row| !self.is_pinned(row) && !self.is_outside(row))
    }

    fn pin(&self) -> Mark {
        self.mark(self.spec.pinned)
    }

    fn mark(&self, mark: Option<(&str, &'static str)>) -> Mark {
        Mark(mark.and_then(|(key, text)| Some((self.index(key)?, text))))
    }

    /// The 100 % as the rows tell it: the pinned row, else all rows together.
    pub fn base_of_rows(&self) -> Option<u64> {
        let (index, pin) = (self.index(self.spec.base)?, self.pin());
        let number = |row: &Row| row.cells[index].number();
        let pinned: Vec<u64> = self.rows.iter().filter(|row| pin.matches(row)).filter_map(number).collect();
        let whole = if pinned.is_empty() { self.rows.iter().filter_map(number).collect() } else { pinned };
        Some(whole.into_iter().fold(0, u64::saturating_add))
    }

    /// Fills the columns that follow from other columns.
    pub fn derive(&mut self) {
        for i in 0..self.headings.len() {
            let ColumnInfo { derived: Some(derived), unit, .. } = *self.headings[i].column else { continue };
            match derived {
                Derived::Copy { of } => {
                    let of = self.index(of);
                    self.fill(i, &|row| number(row, of).map(|n| unit.value(n)));
                }
                Derived::Share { of } => {
                    let (of, base) = (self.index(of), self.base);
                    self.fill(i, &|row| share(number(row, of), base).map(Value::Percent));
                }
                Derived::Portion { of, whole } => {
                    let (of, whole) = (self.index(of), self.index(whole));
                    self.fill(i, &|row| portion(number(row, of), number(row, whole), unit));
                }
                Derived::Ratio { of, per } => {
                    let (of, per) = (self.index(of), self.index(per));
                    self.fill(i, &|row| ratio(number(row, of), number(row, per)).map(|n| unit.value(n)));
                }
                Derived::PerSecond { of, over } => {
                    let (of, over) = (self.index(of), self.index(over));
                    self.fill(i, &|row| per_second(number(row, of), number(row, over)).map(Value::Rate));
                }
                Derived::Difference { of, less } => {
                    let (of, less) = (self.index(of), self.index(less));
                    self.fill(i, &|row| {
                        difference(number(row, of), number(row, less)).map(Value::SignedBytes)
                    });
                }
            }
        }
    }

    fn fill(&mut self, index: usize, value: &dyn Fn(&Row) -> Option<Value>) {
        for row in &mut self.rows {
            row.cells[index] = value(row).unwrap_or_default();
        }
    }

    /// Pinned rows first, then the largest; rows of the same size by name and place.
    pub fn sort(&mut self) {
        let sizes: Vec<Option<usize>> = self.spec.sort.iter().map(|identity| self.index(identity)).collect();
        let (pin, keys) = (self.pin(), self.key_indices());
        let by_size = |a: &Row, b: &Row| {
            let order = |&size: &Option<usize>| rank(b, size).cmp(&rank(a, size));
            sizes.iter().map(order).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
        };
        sort_by(&mut self.rows, |a, b| {
            let pinned_first = pin.matches(b).cmp(&pin.matches(a));
            pinned_first.then_with(|| by_size(a, b)).then_with(|| a.order(b, &keys))
        });
    }

    /// Positions of the cells that say which row a row is.
    pub fn key_indices(&self) -> Vec<usize> {
        let is_key = |h: &Heading| h.column.merge == Merge::Key && h.part == Part::Whole;
        (0..self.headings.len()).filter(|&i| is_key(&self.headings[i])).collect()
    }
}

/// The recorded values of a section, without the types of its rows and totals: what works on them is compiled once, and not for each
/// section.
trait Cells {
    fn column(&self, at: usize) -> Option<&'static ColumnInfo>;
    fn field(&self, at: usize) -> Option<(&'static ColumnInfo, Value)>;
    /// The number of rows.
    fn len(&self) -> usize;
    fn includes(&self, row: usize) -> bool;
    fn cell(&self, row: usize, column: usize) -> Value;
    fn base(&self) -> Option<u64>;
    fn lists(&self) -> Vec<Table>;
}

struct Recorded<'a, I: SectionSchema> {
    rows: &'a [I::Stats],
    totals: &'a I::Totals,
}

impl<I: SectionSchema> Cells for Recorded<'_, I> {
    fn column(&self, at: usize) -> Option<&'static ColumnInfo> {
        I::COLUMNS.get(at).map(|column| &column.info)
    }

    fn field(&self, at: usize) -> Option<(&'static ColumnInfo, Value)> {
        I::FIELDS.get(at).map(|field| (&field.info, field.value(self.totals)))
    }

    fn len(&self) -> usize {
        self.rows.len()
    }

    fn includes(&self, row: usize) -> bool {
        I::includes(&self.rows[row])
    }

    fn cell(&self, row: usize, column: usize) -> Value {
        I::COLUMNS[column].value(&self.rows[row])
    }

    fn base(&self) -> Option<u64> {
        I::base(self.totals)
    }

    fn lists(&self) -> Vec<Table> {
        I::lists(self.totals)
    }
}

fn evaluate(columns: &[&'static ColumnInfo], recorded: &dyn Cells, row: usize, headings: &[Heading]) -> Row {
    let mut cells = Vec::with_capacity(headings.len());
    // The headings of a column stand together, and in the order of the columns.
    let mut rest = headings;
    for (at, column) in columns.iter().enumerate() {
        let whole = recorded.cell(row, at);
        let parts = rest.iter().take_while(|heading| heading.column.key == column.key).count();
        let (own, after) = rest.split_at(parts);
        rest = after;
        cells.extend(own.iter().map(|heading| match &whole {
            Value::Dist(dist) if heading.part != Part::Histogram => heading.of_dist(dist),
            other => other.clone(),
        }));
    }
    Row { cells }
}

/// The cell that marks a particular row, and its text there.
#[derive(Clone, Copy)]
struct Mark(Option<(usize, &'static str)>);

impl Mark {
    fn matches(self, row: &Row) -> bool {
        self.0.is_some_and(|(index, text)| row.cells[index].as_text() == Some(text))
    }
}

/// The key by which a row is sorted.
fn rank(row: &Row, index: Option<usize>) -> Option<u64> {
    match row.cells[index?] {
        Value::Flag(flag) => Some(flag.into()),
        ref value => value.number(),
    }
}

fn number(row: &Row, index: Option<usize>) -> Option<u64> {
    row.cells[index?].number()
}

/// Percent that `part` is of `base`; unknown when either is, or when the base is nothing.
fn share(part: Option<u64>, base: Option<u64>) -> Option<f64> {
    let base = base.filter(|&base| base > 0)?;
    Some(part? as f64 / base as f64 * 100.0)
}

/// The share that `of` has of `whole`, never more than all of it: in thousandths of one processor, or in percent.
fn portion(of: Option<u64>, whole: Option<u64>, unit: Unit) -> Option<Value> {
    if unit == Unit::Load {
        return load(of, whole).map(Value::Load);
    }
    share(of, whole).map(|percent| Value::Percent(percent.min(100.0)))
}

/// Thousandths of one processor, rounded to the nearest; a thread cannot have more than one.
fn load(busy: Option<u64>, time: Option<u64>) -> Option<u64> {
    let (busy, time) = (u128::from(busy?), u128::from(time?));
    let permille = (busy * 1000 + time / 2).checked_div(time)?;
    Some(permille.min(1000) as u64)
}

fn ratio(of: Option<u64>, per: Option<u64>) -> Option<u64> {
    of?.checked_div(per?)
}

fn per_second(of: Option<u64>, over: Option<u64>) -> Option<f64> {
    let over = over.filter(|&nanos| nanos > 0)?;
    Some(of? as f64 * 1e9 / over as f64)
}

/// `of` less `less`, clamped to the range of `i64`.
fn difference(of: Option<u64>, less: Option<u64>) -> Option<i64> {
    let difference = i128::from(of?) - i128::from(less?);
    Some(difference.clamp(i64::MIN.into(), i64::MAX.into()) as i64)
}
