//! A column of a section, declared once as data.
//!
//! From the declaration follow the JSON keys, the table header, the schema, the help text and, later, metric names and
//! TUI columns. What must stay true: no renderer names a column of its own.

use crate::dist::Dist;
use crate::interface::{Compat, Interface};
use crate::value::{Source, Unit, Value};

/// The form of a column in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// The raw value under the column's key.
    Number,
    /// The raw value under the column's key, which is left out when there is none.
    Optional,
    /// The formatted string under the column's key.
    Formatted,
    /// The formatted string under the column's key and the raw value under this second one.
    Both(&'static str),
    /// The formatted string under the column's key and the raw value under this one; both are left out when there is no value.
    OptionalBoth(&'static str),
    /// An object `{file, line}` under the column's key, with `column` too if set.
    Place {
        /// True if the object has a `column`.
        with_column: bool,
    },
}

/// The condition under which a column is in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Always.
    Always,
    /// When one of the shown rows has a value in it.
    WhenAny,
    /// When two of the shown rows differ in it.
    WhenDifferent,
    /// Always, but of a distribution only the average.
    Average,
    /// Always, but of a distribution only the average and the largest value.
    AverageAndMax,
    /// Never: the column is for machines.
    JsonOnly,
}

/// The rule for a column when two rows become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Numbers add; an unknown makes the sum unknown.
    Sum,
    /// The larger number; an unknown makes it unknown.
    Max,
    /// The smaller number; an unknown makes it unknown.
    Min,
    /// The root of the sum of squares, for standard errors; an unknown is the error of an exact number.
    RootSumOfSquares,
    /// The value says which rows are the same row.
    Key,
    /// The known value; of two different ones the one that sorts first.
    Pick,
    /// The value that both agree on; else it is unknown.
    Same,
    /// Rows are numbered anew.
    Renumber,
    /// Computed from other columns.
    Recompute,
}

/// The family of a metric: the meaning of a difference between two runs of one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MetricFamily {
    /// Nothing: the column is not compared.
    Skip,
    /// Time: less is better, and it differs from run to run.
    Time,
    /// Memory: less is better, and every run of a program that does the same has the same.
    Alloc,
    /// Counts of what was done: neither is better, and every run of a program that does the same has the same.
    Flow,
}

impl MetricFamily {
    /// The family of a unit, unless the column says otherwise.
    const fn of_unit(unit: Unit) -> Self {
        match unit {
            Unit::Nanos => Self::Time,
            Unit::Bytes => Self::Alloc,
            Unit::Count => Self::Flow,
            _ => Self::Skip,
        }
    }
}

/// The rule for a column in the window between two reports of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// The inverse of the rule for merging: what adds also subtracts, an extreme is known only if it is a new one.
    AsMerged,
    /// The later value: the column says how things are, not what has happened.
    Latest,
    /// Nothing.
    Unknown,
}

/// The formula of a column that follows from others, which are named by [`Heading::identity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derived {
    /// The value of another column, for one that is a choice among several.
    Copy {
        /// The column whose value it is.
        of: &'static str,
    },
    /// The share that a column has of the section's 100 %.
    Share {
        /// The column whose share is shown.
        of: &'static str,
    },
    /// The share that a column has of another one of the same row, at most 100 %.
    Portion {
        /// The column whose share is shown.
        of: &'static str,
        /// The 100 %.
        whole: &'static str,
    },
    /// One column divided by another, rounded down.
    Ratio {
        /// The dividend.
        of: &'static str,
        /// The divisor.
        per: &'static str,
    },
    /// One column per second of another, which is in nanoseconds.
    PerSecond {
        /// The count.
        of: &'static str,
        /// The time, in nanoseconds.
        over: &'static str,
    },
    /// One column less another, which may be negative.
    Difference {
        /// The minuend.
        of: &'static str,
        /// The subtrahend.
        less: &'static str,
    },
}

/// The columns that tell whether a value is an estimate, named by [`Heading::identity`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The standard error: the value is an estimate where this is known.
    pub error: &'static str,
    /// Of a distribution: the sum and the count whose ratio is the average where it is an estimate. The average of the timed values would
    /// be that of the long ones, which are timed more often.
    pub mean: Option<(&'static str, &'static str)>,
}

/// The names of a distribution's parts in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DistKeys {
    /// The identity of the measured quantity; two columns with the same identity may be merged.
    pub identity: &'static str,
    /// Stands before each part: `poll_` gives `poll_avg_ns`.
    pub prefix: &'static str,
    /// Stands after each raw part: `_ns` gives `avg_ns`.
    pub suffix: &'static str,
    /// Key of the column with the number of values when a report is read; empty if the buckets do.
    pub count: &'static str,
    /// Keys of the number of values and of their sum in plain reports, which have neither histogram nor sum.
    pub plain: (&'static str, &'static str),
    /// Key of the list of buckets.
    pub histogram: &'static str,
    /// The form of average and percentiles as formatted strings.
    pub formatted: Formatted,
}

/// The form of the average and percentiles of a distribution as formatted strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formatted {
    /// Not at all.
    No,
    /// Each under its own key: `avg`, `p95`.
    Flat,
    /// The average under a key of its own, the percentiles as an object of `p95` and its like.
    Nested {
        /// Key of the average.
        avg: &'static str,
        /// Key of the object.
        percentiles: &'static str,
    },
}

/// Everything about a column except how its value is obtained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnInfo {
    /// JSON key.
    pub key: &'static str,
    /// Header in a table; empty for a column that is only in JSON.
    pub header: &'static str,
    /// Unit of the value.
    pub unit: Unit,
    /// The meaning of the column, in one line.
    pub about: &'static str,
    /// Form in JSON.
    pub wire: Wire,
    /// Place in the table.
    pub show: Show,
    /// Rule for merging.
    pub merge: Merge,
    /// Rule for what happened between two reports.
    pub since: Since,
    /// Set for columns that follow from others.
    pub derived: Option<Derived>,
    /// Set for columns whose value may be an estimate; of a distribution, for its average.
    pub estimate: Option<Estimate>,
    /// Set for distributions.
    pub dist: Option<DistKeys>,
    /// The table of the section that has the column, from 1; 0 is all of them.
    pub table: u8,
    /// The meaning of a difference between two runs.
    pub family: MetricFamily,
    /// Set for columns that the established interface has.
    pub compat: Option<Compat>,
    /// True if a comparison judges the column unless its policy says otherwise; otherwise the difference is only reported.
    pub judged: bool,
}

impl ColumnInfo {
    /// Returns true if JSON leaves the column out when there is no value.
    pub fn is_optional(&self) -> bool {
        matches!(self.wire, Wire::Optional | Wire::OptionalBoth(_))
    }
}

/// A column over rows of type `S`: its description, and the function that gets its value.
#[derive(Clone, Copy)]
pub struct Column<S> {
    /// The description of the column.
    pub info: ColumnInfo,
    cell: Cell<S>,
}

#[derive(Clone, Copy)]
enum Cell<S> {
    Number(fn(&S) -> Option<u64>),
    Difference(fn(&S) -> Option<i64>),
    Float(fn(&S) -> Option<f64>),
    Flag(fn(&S) -> bool),
    Text(fn(&S) -> Option<String>),
    Place(fn(&S) -> Option<Source>),
    Dist(fn(&S) -> Option<&Dist>),
    Derived,
}

impl<S> Column<S> {
    /// A number of things.
    pub const fn count(key: &'static str, header: &'static str, cell: fn(&S) -> Option<u64>) -> Self {
        Self::new(key, header, Unit::Count, Cell::Number(cell))
    }

    /// A duration in nanoseconds.
    pub const fn nanos(key: &'static str, header: &'static str, cell: fn(&S) -> Option<u64>) -> Self {
        Self::new(key, header, Unit::Nanos, Cell::Number(cell))
    }

    /// A size in bytes.
    pub const fn bytes(key: &'static str, header: &'static str, cell: fn(&S) -> Option<u64>) -> Self {
        Self::new(key, header, Unit::Bytes, Cell::Number(cell))
    }

    /// A number of the given unit.
    pub const fn number(
        key: &'static str,
        header: &'static str,
        unit: Unit,
        cell: fn(&S) -> Option<u64>,
    ) -> Self {
        Self::new(key, header, unit, Cell::Number(cell))
    }

    /// A difference of two sizes in bytes.
    pub const fn signed_bytes(key: &'static str, header: &'static str, cell: fn(&S) -> Option<i64>) -> Self {
        Self::new(key, header, Unit::SignedBytes, Cell::Difference(cell))
    }

    /// A share of one processor, in thousandths of it.
    pub const fn load(key: &'static str, header: &'static str, cell: fn(&S) -> Option<u64>) -> Self {
        Self::new(key, header, Unit::Load, Cell::Number(cell)).wire(Wire::Formatted)
    }

    /// The share of one processor that the column `busy` is of the column `time`, both in nanoseconds.
    pub const fn load_of(
        key: &'static str,
        header: &'static str,
        busy: &'static str,
        time: &'static str,
    ) -> Self {
        let column = Self::new(key, header, Unit::Load, Cell::Derived)
            .derived(Derived::Portion { of: busy, whole: time });
        column.wire(Wire::Formatted)
    }

    /// Events per second. That of two runs together is not known.
    pub const fn rate(key: &'static str, header: &'static str, cell: fn(&S) -> Option<f64>) -> Self {
        Self::new(key, header, Unit::Rate, Cell::Float(cell)).merged(Merge::Recompute)
    }

    /// A number of the program's own; one that is not finite is unknown.
    pub const fn float(key: &'static str, header: &'static str, cell: fn(&S) -> Option<f64>) -> Self {
        Self::new(key, header, Unit::Float, Cell::Float(cell)).merged(Merge::Pick)
    }

    /// A yes or no.
    pub const fn flag(key: &'static str, header: &'static str, cell: fn(&S) -> bool) -> Self {
        Self::new(key, header, Unit::Flag, Cell::Flag(cell)).merged(Merge::Pick)
    }

    /// Text.
    pub const fn text(key: &'static str, header: &'static str, cell: fn(&S) -> Option<String>) -> Self {
        Self::new(key, header, Unit::Text, Cell::Text(cell)).merged(Merge::Pick)
    }

    /// The path of a function, shortened in tables.
    pub const fn name(key: &'static str, header: &'static str, cell: fn(&S) -> Option<String>) -> Self {
        Self::new(key, header, Unit::Name, Cell::Text(cell)).merged(Merge::Key)
    }

    /// A place in the source, written as an object; only in JSON.
    pub const fn place(key: &'static str, with_column: bool, cell: fn(&S) -> Option<Source>) -> Self {
        let column = Self::new(key, "", Unit::Place, Cell::Place(cell)).merged(Merge::Pick).json_only();
        column.wire(Wire::Place { with_column })
    }

    /// A number of things: the one in the column `of`.
    pub const fn copy(key: &'static str, header: &'static str, of: &'static str) -> Self {
        Self::new(key, header, Unit::Count, Cell::Derived).derived(Derived::Copy { of })
    }

    /// The share that the column `of` has of the section's 100 %.
    pub const fn share(key: &'static str, header: &'static str, of: &'static str) -> Self {
        Self::new(key, header, Unit::Percent, Cell::Derived).derived(Derived::Share { of })
    }

    /// The share that the column `of` has of the column `whole` in the same row.
    pub const fn portion(
        key: &'static str,
        header: &'static str,
        of: &'static str,
        whole: &'static str,
    ) -> Self {
        Self::new(key, header, Unit::Percent, Cell::Derived).derived(Derived::Portion { of, whole })
    }

    /// The column `of` divided by the column `per`.
    pub const fn ratio(
        key: &'static str,
        header: &'static str,
        unit: Unit,
        of: &'static str,
        per: &'static str,
    ) -> Self {
        Self::new(key, header, unit, Cell::Derived).derived(Derived::Ratio { of, per })
    }

    /// The column `of` per second of the nanoseconds in the column `over`.
    pub const fn per_second(
        key: &'static str,
        header: &'static str,
        of: &'static str,
        over: &'static str,
    ) -> Self {
        Self::new(key, header, Unit::Rate, Cell::Derived).derived(Derived::PerSecond { of, over })
    }

    /// The size in the column `of` less the one in the column `less`.
    pub const fn difference(
        key: &'static str,
        header: &'static str,
        of: &'static str,
        less: &'static str,
    ) -> Self {
        Self::new(key, header, Unit::SignedBytes, Cell::Derived).derived(Derived::Difference { of, less })
    }

    const fn derived(mut self, derived: Derived) -> Self {
        self.info.derived = Some(derived);
        self.merged(Merge::Recompute)
    }

    /// A distribution: expands into average, percentiles, extremes, sum and histogram.
    ///
    /// In `header`, `{}` stands for the part: `{} Poll` gives `Avg Poll`.
    pub const fn dist(
        header: &'static str,
        unit: Unit,
        keys: DistKeys,
        cell: fn(&S) -> Option<&Dist>,
    ) -> Self {
        let mut column = Self::new(keys.identity, header, unit, Cell::Dist(cell)).merged(Merge::Recompute);
        column.info.dist = Some(keys);
        column
    }

    const fn new(key: &'static str, header: &'static str, unit: Unit, cell: Cell<S>) -> Self {
        let (wire, merge) = (Wire::Number, Merge::Sum);
        let info = ColumnInfo {
            key,
            header,
            unit,
            about: "",
            wire,
            show: Show::Always,
            merge,
            since: Since::AsMerged,
            derived: None,
            estimate: None,
            dist: None,
            table: 0,
            family: MetricFamily::of_unit(unit),
            judged: false,
            compat: None,
        };
        Self { info, cell }
    }

    /// Says what the column means, in one line.
    pub const fn about(mut self, about: &'static str) -> Self {
        self.info.about = about;
        self
    }

    /// Sets the form in JSON.
    pub const fn wire(mut self, wire: Wire) -> Self {
        self.info.wire = wire;
        self
    }

    /// Sets the rule for merging.
    pub const fn merged(mut self, merge: Merge) -> Self {
        self.info.merge = merge;
        self
    }

    /// Sets the rule for what happened between two reports.
    pub const fn windowed(mut self, since: Since) -> Self {
        self.info.since = since;
        self
    }

    /// Marks the column as a gauge: the state now, and not what has happened.
    pub const fn gauge(self) -> Self {
        self.windowed(Since::Latest)
    }

    /// Sets when the table has the column.
    pub const fn shown(mut self, show: Show) -> Self {
        self.info.show = show;
        self
    }

    /// Puts the column into one of several tables, counted from 1.
    pub const fn in_table(mut self, table: u8) -> Self {
        self.info.table = table;
        self
    }

    /// Sets the meaning of a difference between two runs, where the unit does not.
    pub const fn compared(mut self, family: MetricFamily) -> Self {
        self.info.family = family;
        self
    }

    /// Sets the family, and that a comparison judges the column.
    pub const fn judged(mut self, family: MetricFamily) -> Self {
        self.info.judged = true;
        self.compared(family)
    }

    /// Marks a column of the established interface, with its form there. All others are ours alone.
    pub const fn compat(mut self, compat: Compat) -> Self {
        self.info.compat = Some(compat);
        self
    }

    /// Marks the values of rows with the standard error in column `error` as estimates.
    pub const fn estimated_by(mut self, error: &'static str) -> Self {
        self.info.estimate = Some(Estimate { error, mean: None });
        self
    }

    /// Makes the average of a distribution the column `sum` divided by the column `count` in rows with the standard error in column
    /// `error`, and marks it as an estimate.
    pub const fn mean_estimated_by(
        mut self,
        error: &'static str,
        sum: &'static str,
        count: &'static str,
    ) -> Self {
        self.info.estimate = Some(Estimate { error, mean: Some((sum, count)) });
        self
    }

    /// Keeps the column out of the table.
    pub const fn json_only(self) -> Self {
        self.shown(Show::JsonOnly)
    }

    /// The whole value of this column for a row; shares are filled in by the section.
    pub fn value(&self, row: &S) -> Value {
        match self.cell {
            Cell::Number(cell) => cell(row).map_or(Value::Nothing, |n| self.info.unit.value(n)),
            Cell::Difference(cell) => cell(row).map_or(Value::Nothing, Value::SignedBytes),
            // JSON has no word for the others.
            Cell::Float(cell) => {
                cell(row).filter(|x| x.is_finite()).map_or(Value::Nothing, |x| self.info.unit.float(x))
            }
            Cell::Flag(cell) => Value::Flag(cell(row)),
            Cell::Text(cell) => cell(row).map_or(Value::Nothing, Value::Text),
            Cell::Place(cell) => cell(row).map_or(Value::Nothing, Value::Place),
            Cell::Dist(cell) => cell(row).map_or(Value::Nothing, |dist| Value::Dist(dist.clone())),
            Cell::Derived => Value::Nothing,
        }
    }
}

/// The part of a column that a heading shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// The column's only value.
    Whole,
    /// Mean of a distribution.
    Avg,
    /// A percentile of a distribution.
    Percentile(f64),
    /// Smallest value of a distribution.
    Min,
    /// Largest value of a distribution.
    Max,
    /// Sum of a distribution.
    Sum,
    /// The distribution itself, as its buckets.
    Histogram,
}

/// The keys of a heading in a compat form; only one of them is set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompatKeys {
    /// Key of the formatted string.
    pub formatted: Option<String>,
    /// Key of the value as it is.
    pub raw: Option<String>,
    /// Key of an object with formatted strings, and the key in it.
    pub nested: Option<(&'static str, String)>,
}

/// One column as it appears: a distribution has one heading per part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Heading {
    /// The declared column.
    pub column: &'static ColumnInfo,
    /// The part of it.
    pub part: Part,
}

impl Heading {
    /// The headings that the columns have when these percentiles are asked for.
    pub fn expand(columns: &[&'static ColumnInfo], percentiles: &[f64]) -> Vec<Heading> {
        columns.iter().flat_map(|&column| Self::parts(column, percentiles)).collect()
    }

    /// The heading of a column that is not a distribution.
    pub const fn whole(column: &'static ColumnInfo) -> Heading {
        Heading { column, part: Part::Whole }
    }

    fn parts(column: &'static ColumnInfo, percentiles: &[f64]) -> Vec<Heading> {
        let parts = match column.dist {
            None => vec![Part::Whole],
            Some(_) => {
                let percentiles = percentiles.iter().map(|&p| Part::Percentile(p));
                let rest = [Part::Min, Part::Max, Part::Sum, Part::Histogram];
                std::iter::once(Part::Avg).chain(percentiles).chain(rest).collect()
            }
        };
        parts.into_iter().map(|part| Heading { column, part }).collect()
    }

    /// The [`Heading::identity`] of a column that is not a distribution.
    pub fn whole_identity(column: &'static ColumnInfo) -> String {
        Self::whole(column).identity()
    }

    /// The header in a table.
    pub fn header(&self) -> String {
        match self.part {
            Part::Avg => self.column.header.replace("{}", "Avg"),
            Part::Percentile(p) => {
                self.column.header.replace("{}", &crate::units::format_percentile_header(p))
            }
            Part::Max => self.column.header.replace("{}", "Max"),
            _ => self.column.header.to_owned(),
        }
    }

    /// Key of the raw value in JSON, if the raw value is written.
    pub fn number_key(&self) -> Option<String> {
        let Some(keys) = self.column.dist else {
            return match self.column.wire {
                Wire::Formatted => None,
                Wire::Both(key) | Wire::OptionalBoth(key) => Some(key.to_owned()),
                _ => Some(self.column.key.to_owned()),
            };
        };
        Some(match self.part {
            Part::Histogram => keys.histogram.to_owned(),
            _ => format!("{}{}{}", keys.prefix, self.part_name(), keys.suffix),
        })
    }

    /// Key of the formatted string in JSON, if there is one.
    pub fn formatted_key(&self) -> Option<String> {
        let Some(keys) = self.column.dist else {
            let formatted =
                matches!(self.column.wire, Wire::Formatted | Wire::Both(_) | Wire::OptionalBoth(_));
            return formatted.then(|| self.column.key.to_owned());
        };
        match (keys.formatted, self.part) {
            (Formatted::Flat, Part::Avg | Part::Percentile(_)) => {
                Some(format!("{}{}", keys.prefix, self.part_name()))
            }
            (Formatted::Nested { avg, .. }, Part::Avg) => Some(avg.to_owned()),
            _ => None,
        }
    }

    /// Key of the object with the formatted percentiles and the key of this one in it, if there is such an object.
    pub fn nested_keys(&self) -> Option<(&'static str, String)> {
        match (self.column.dist?.formatted, self.part) {
            (Formatted::Nested { percentiles, .. }, Part::Percentile(_)) => {
                Some((percentiles, self.part_name()))
            }
            _ => None,
        }
    }

    /// The keys that a compat form has for it; `None` if it has none. Numbers beside formatted strings are ours alone.
    pub fn compat_keys(&self, interface: Interface) -> Option<CompatKeys> {
        let compat = self.column.compat.filter(|compat| compat.since <= interface)?;
        let none = CompatKeys::default();
        let keys = match (self.column.dist, self.part, compat.key) {
            (None, ..) => {
                let key = Some(compat.key.unwrap_or(self.column.key).to_owned());
                let is_formatted = self.formatted_key().is_some();
                if is_formatted {
                    CompatKeys { formatted: key, ..none }
                } else {
                    CompatKeys { raw: key, ..none }
                }
            }
            (Some(_), Part::Percentile(_), Some(object)) => {
                CompatKeys { nested: Some((object, self.part_name())), ..none }
            }
            _ => CompatKeys { formatted: self.formatted_key(), nested: self.nested_keys(), ..none },
        };
        (keys != CompatKeys::default()).then_some(keys)
    }

    /// The identity of the measured quantity; equal in two sections if and only if their cells may be added.
    pub fn identity(&self) -> String {
        match self.column.dist {
            Some(keys) => format!("{}.{}", keys.identity, self.part_name()),
            None => self.number_key().unwrap_or_else(|| self.column.key.to_owned()),
        }
    }

    /// Returns true if a table may have this heading at all.
    pub fn in_table(&self) -> bool {
        match self.part {
            Part::Whole | Part::Avg => self.column.show != Show::JsonOnly,
            Part::Percentile(_) => {
                matches!(self.column.show, Show::Always | Show::WhenAny | Show::WhenDifferent)
            }
            Part::Max => self.column.show == Show::AverageAndMax,
            _ => false,
        }
    }

    /// The column whose value says that this heading's is an estimate, if it may be one.
    pub fn estimate(&self) -> Option<Estimate> {
        self.column.estimate.filter(|_| matches!(self.part, Part::Whole | Part::Avg))
    }

    /// The value of this part of `dist`.
    pub fn of_dist(&self, dist: &Dist) -> Value {
        let number = match self.part {
            Part::Whole | Part::Histogram => return Value::Dist(dist.clone()),
            Part::Avg => dist.mean(),
            Part::Percentile(p) => dist.percentile(p),
            Part::Min => dist.min,
            Part::Max => dist.max,
            Part::Sum => Some(dist.sum),
        };
        number.map_or(Value::Nothing, |n| self.column.unit.value(n))
    }

    fn part_name(&self) -> String {
        match self.part {
            Part::Whole => self.column.key.to_owned(),
            Part::Avg => "avg".to_owned(),
            Part::Percentile(p) => crate::units::format_percentile_key(p),
            Part::Min => "min".to_owned(),
            Part::Max => "max".to_owned(),
            Part::Sum => "sum".to_owned(),
            Part::Histogram => "histogram".to_owned(),
        }
    }
}
