//! Reading a report back from JSON, into the same value that a running program makes.
//!
//! Our own reports (`schema_version` 1) give their raw numbers; the plain reports of 0.16.1 and 0.30.3, which have only
//! formatted strings, are read through `units`; those of 0.7 and 0.9 are converted first (`older.rs`). What must stay true: whatever a file holds, the answer is a report or an
//! error that names the place; sections that this version does not know are noted, not dropped in silence.

use crate::lazy_json::{Json, Nested, Object, TOO_DEEP, pairs};
use crate::older;
use hotpath_report::{
    Bucket, Budget, ColumnInfo, CompatKeys, Confidence, Declaration, Derived, Dist, Evidence, Finding,
    Heading, Interface, LogDeclaration, Merge, Meta, Overhead, OverheadPart, Part, ProfilingMode, Report,
    Row, SCHEMA_VERSION, SECTIONS, Source, Table, Unit, Value,
    stacks::{CpuStacks, Frame, Module, Stack},
    tree::{MAX_DEPTH, TreeNode},
    units::parse_percentile_key,
};
use serde::de::DeserializeSeed;
use std::fmt;

/// Brackets and braces that may be open at once: a call tree needs two per level.
const MAX_NESTING: usize = 2 * MAX_DEPTH + 32;

/// Top-level keys that are not sections.
const ENVELOPE_KEYS: &[&str] = &[
    "type",
    "schema_version",
    "label",
    "duration_ns",
    "version",
    "meta",
    "overhead",
    "budget",
    "call_tree",
    "cpu_stacks",
    "time_sampling",
    "user_metadata",
    "notes",
    "findings",
    "rounded",
];

/// The reason that a text cannot be read as a report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is not JSON.
    Syntax {
        /// Line of the first fault, from 1.
        line: usize,
        /// Column of the first fault, from 1.
        column: usize,
        /// The fault.
        message: String,
    },
    /// It is nested deeper than any report.
    TooDeep {
        /// The deepest nesting that is read.
        limit: usize,
    },
    /// It is JSON, but no report of hotpath.
    NotAReport,
    /// It is a report of a version that this program does not know.
    UnknownVersion(u64),
    /// A required field is not there.
    Missing {
        /// Path of the field.
        path: String,
    },
    /// A field holds something else than it should.
    Wrong {
        /// Path of the field.
        path: String,
        /// The expected value.
        expected: &'static str,
        /// The value found, shortened.
        found: String,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { line, column, message } => {
                write!(f, "not JSON: {message} at line {line}, column {column}")
            }
            Self::TooDeep { limit } => write!(f, "not a report: nested deeper than {limit} levels"),
            Self::NotAReport => write!(f, "not a report of hotpath: no \"type\": \"hotpath_report\""),
            Self::UnknownVersion(version) => {
                write!(f, "report has schema_version {version}; this program reads {SCHEMA_VERSION}")
            }
            Self::Missing { path } => write!(f, "report has no {path}"),
            Self::Wrong { path, expected, found } => {
                write!(f, "{path}: expected {expected}, found {found}")
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// Reads a report from JSON: our own form, the plain form of 0.16.1 and 0.30.3, or that of 0.7 and 0.9.
///
/// # Errors
///
/// Says what is wrong, and at which field.
///
/// ```
/// let error = hotpath_analysis::read_report(r#"{"type": "hotpath_report", "schema_version": 9}"#).unwrap_err();
/// assert_eq!(error.to_string(), "report has schema_version 9; this program reads 1");
/// ```
pub fn read_report(text: &str) -> Result<Report, ReadError> {
    let json = parse(text)?;
    if older::is_older(&json) {
        let json = older::converted(json);
        let root = Node { path: String::new(), json: &json };
        return read_root(&root, root.object()?);
    }
    let root = Node { path: String::new(), json: &json };
    let report = root.object().ok().filter(|object| is_report(object)).ok_or(ReadError::NotAReport)?;
    match root.get("schema_version").map(|node| node.u64()).transpose()? {
        None => Ok(Report { rounded: true, ..read_root(&root, report)? }),
        Some(SCHEMA_VERSION) => read_root(&root, report),
        Some(other) => Err(ReadError::UnknownVersion(other)),
    }
}

/// Reads the section `name` alone, as [`hotpath_report::render::section_json`] writes it.
///
/// # Errors
///
/// Says what is wrong, and at which field.
pub fn read_section(name: &str, text: &str) -> Result<Table, ReadError> {
    let json = parse(text)?;
    let root = Node { path: String::new(), json: &json };
    root.object()?;
    read_table(&root, declaration(name, &root)?)
}

/// Reads a log from JSON, as [`hotpath_report::render::log_json`] writes it.
///
/// # Errors
///
/// Says what is wrong, and at which field.
///
/// ```
/// use hotpath_report::{Channels, SectionSchema};
/// let text = r#"{"id": "1", "sent_logs": [], "received_logs": [{"index": 3}]}"#;
/// let log = hotpath_analysis::read_log(&Channels::LOGS[0], text)?;
/// assert_eq!((log.rows.len(), log.lists[0].rows.len()), (0, 1));
/// # Ok::<(), hotpath_analysis::ReadError>(())
/// ```
pub fn read_log(declaration: &LogDeclaration, text: &str) -> Result<Table, ReadError> {
    let json = parse(text)?;
    let root = Node { path: String::new(), json: &json };
    root.object()?;
    read_table(&root, &declaration.list)
}

fn is_report(object: &Object<'_>) -> bool {
    object.get("type").and_then(Json::as_str) == Some("hotpath_report")
}

fn parse(text: &str) -> Result<Json<'_>, ReadError> {
    let mut from = serde_json::Deserializer::from_str(text);
    // The depth is bounded by what is read, not by the reader.
    from.disable_recursion_limit();
    let json = Nested(MAX_NESTING).deserialize(&mut from).and_then(|json| from.end().map(|()| json));
    json.map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        if message == TOO_DEEP {
            return ReadError::TooDeep { limit: MAX_NESTING };
        }
        ReadError::Syntax { line: error.line(), column: error.column(), message }
    })
}

/// A JSON value and where it stands, for messages.
struct Node<'a> {
    path: String,
    json: &'a Json<'a>,
}

impl<'a> Node<'a> {
    /// The field `key`, unless it is missing or `null`.
    fn get(&self, key: &str) -> Option<Node<'a>> {
        let json = self.json.get(key).filter(|json| !json.is_null())?;
        let dot = if self.path.is_empty() { "" } else { "." };
        Some(Node { path: format!("{}{dot}{key}", self.path), json })
    }

    fn require(&self, key: &str) -> Result<Node<'a>, ReadError> {
        let dot = if self.path.is_empty() { "" } else { "." };
        self.get(key).ok_or_else(|| ReadError::Missing { path: format!("{}{dot}{key}", self.path) })
    }

    fn items(&self) -> Result<impl Iterator<Item = Node<'a>>, ReadError> {
        let items = self.json.as_array().ok_or_else(|| self.wrong("a list"))?;
        let path = self.path.clone();
        Ok(items.iter().enumerate().map(move |(i, json)| Node { path: format!("{path}[{i}]"), json }))
    }

    fn object(&self) -> Result<&'a Object<'a>, ReadError> {
        self.json.as_object().ok_or_else(|| self.wrong("an object"))
    }

    fn text(&self) -> Result<&'a str, ReadError> {
        self.json.as_str().ok_or_else(|| self.wrong("text"))
    }

    fn u64(&self) -> Result<u64, ReadError> {
        self.json.as_u64().ok_or_else(|| self.wrong("a whole number"))
    }

    fn i64(&self) -> Result<i64, ReadError> {
        self.json.as_i64().ok_or_else(|| self.wrong("a whole number"))
    }

    fn u32(&self) -> Result<u32, ReadError> {
        u32::try_from(self.u64()?).map_err(|_| self.wrong("a whole number below 2^32"))
    }

    fn f64(&self) -> Result<f64, ReadError> {
        self.json.as_f64().ok_or_else(|| self.wrong("a number"))
    }

    fn optional_text(&self, key: &str) -> Result<Option<String>, ReadError> {
        self.get(key).map(|node| node.text().map(str::to_owned)).transpose()
    }

    fn optional_u64(&self, key: &str) -> Result<Option<u64>, ReadError> {
        self.get(key).map(|node| node.u64()).transpose()
    }

    fn wrong(&self, expected: &'static str) -> ReadError {
        let found = self.json.to_string();
        let end = hotpath_report::units::floor_char_boundary(&found, 40);
        let dots = if end < found.len() { "..." } else { "" };
        ReadError::Wrong { path: self.path.clone(), expected, found: format!("{}{dots}", &found[..end]) }
    }
}

fn read_root(root: &Node<'_>, object: &Object<'_>) -> Result<Report, ReadError> {
    let mut report = Report {
        label: root.optional_text("label")?,
        meta: read_meta(root)?,
        overhead: root.get("overhead").map(|node| read_overhead(&node)).transpose()?,
        budget: root.get("budget").map(|node| read_budget(&node)).transpose()?,
        call_tree: read_tree(root.get("call_tree"))?,
        cpu_stacks: root.get("cpu_stacks").map(|node| read_stacks(&node)).transpose()?,
        notes: read_list(root.get("notes"), |node| node.text().map(str::to_owned))?,
        findings: read_list(root.get("findings"), read_finding)?,
        rounded: root.get("rounded").is_some_and(|node| node.json.as_bool() == Some(true)),
        ..Report::default()
    };
    for (key, rate) in fields(root, "time_sampling")? {
        report.time_sampling.insert(key, rate.f64()?);
    }
    for (key, text) in fields(root, "user_metadata")? {
        report.user_metadata.insert(key, text.text()?.to_owned());
    }
    let mut duration = root.optional_u64("duration_ns")?;
    for name in section_names() {
        let Some(node) = root.get(name) else { continue };
        if let (None, Some(message)) = (node.get("data"), node.optional_text("message")?) {
            report.notes.push(format!("section `{name}`: {message}")); // plain reports say so why there is none
            continue;
        }
        read_caller(&node, &mut report, &mut duration)?;
        let section = read_table(&node, declaration(name, &node)?)?;
        read_mode(&section, &mut report);
        report.sections.push(section);
    }
    report.duration_ns = duration.unwrap_or_default();
    note_unknown_sections(object, &mut report);
    Ok(report)
}

/// The names of all sections, each once.
fn section_names() -> Vec<&'static str> {
    let mut names: Vec<_> = SECTIONS.iter().map(|section| section.spec.name).collect();
    names.dedup();
    names
}

fn note_unknown_sections(object: &Object<'_>, report: &mut Report) {
    let known = section_names();
    for key in object.keys().filter(|key| !ENVELOPE_KEYS.contains(key)) {
        if !known.contains(&key) {
            report.notes.push(format!("section `{key}` is not known to this version and was left out"));
        }
    }
}

/// Reads the fields of a section's envelope that are about the whole run; the sections of one report agree on them.
fn read_caller(section: &Node<'_>, report: &mut Report, duration: &mut Option<u64>) -> Result<(), ReadError> {
    for key in ["total_elapsed_ns", "current_elapsed_ns"] {
        *duration = duration.or(section.optional_u64(key)?);
    }
    if let Some(caller) = section.optional_text("caller_name")? {
        report.caller_name = caller;
    }
    if report.percentiles.is_empty() {
        report.percentiles = read_list(section.get("percentiles"), |node| node.f64())?;
    }
    Ok(())
}

fn read_mode(section: &Table, report: &mut Report) {
    let modes = [ProfilingMode::AllocBytes, ProfilingMode::AllocCount];
    if let Some(mode) = modes.into_iter().find(|mode| mode.as_str() == section.spec.short) {
        report.profiling_mode = mode;
    }
}

/// The declaration whose reading (bytes or counts, in which scope) the section says it has.
fn declaration(name: &str, node: &Node<'_>) -> Result<&'static Declaration, ReadError> {
    // Plain reports have the scope in their description only.
    let implied = match node.optional_text("description")? {
        Some(text) if text.starts_with("Cumulative") => "cumulative",
        Some(text) if text.contains("(inclusive)") => "inclusive",
        _ => "exclusive",
    };
    let declared = node.get("scope");
    let scope = declared.as_ref().map_or(Ok(implied), |scope| scope.text())?;
    let readings: Vec<&'static Declaration> = SECTIONS
        .iter()
        .filter(|d| d.spec.name == name && d.spec.scope.is_none_or(|own| own == scope))
        .collect();
    match (&readings[..], node.get("profiling_mode")) {
        ([], _) => Err(declared.as_ref().unwrap_or(node).wrong("a scope known to this program")),
        ([only], _) | ([only, ..], None) => Ok(only),
        (several, Some(mode)) => {
            let text = mode.text()?;
            let fitting = several.iter().find(|d| d.spec.short == text);
            fitting.copied().ok_or_else(|| mode.wrong("a profiling mode known to this program"))
        }
    }
}

fn read_table(node: &Node<'_>, declaration: &Declaration) -> Result<Table, ReadError> {
    let data = node.require(declaration.spec.envelope.rows_key())?;
    let mut percentiles = read_list(node.get("percentiles"), |node| node.f64())?;
    if percentiles.is_empty() {
        percentiles = percentiles_of_rows(&data)?;
    }
    let mut section = Table::empty(declaration.spec, &declaration.columns(), &percentiles).limited(0);
    if let Some(description) = node.optional_text("description")? {
        section.description = description;
    }
    let caller = node.optional_text("caller_name")?;
    let mut rows = read_rows(&data, &section.headings)?;
    rows.iter_mut().for_each(|row| pin_caller(&section, row, caller.as_deref()));
    section.rows = rows;
    for list in declaration.lists {
        section.lists.push(read_inner_list(node, list)?);
    }
    for field in declaration.fields() {
        section.fields.push((field, read_whole(node, &Keys::of(&Heading::whole(field)))?));
    }
    section.total_count = node.optional_u64("total_count")?.unwrap_or(section.rows.len() as u64);
    let whole = section.total_count <= section.rows.len() as u64;
    section.base = match node.json.get("percent_base") {
        None if whole => section.base_of_rows(),
        None => None,
        Some(_) => node.optional_u64("percent_base")?,
    };
    fill_ratios(&mut section);
    Ok(section)
}

fn read_rows(data: &Node<'_>, headings: &[Heading]) -> Result<Vec<Row>, ReadError> {
    let headings: Vec<Keys<'_>> = headings.iter().map(Keys::of).collect();
    let row = |item: Node<'_>| {
        item.object()?;
        read_row(&item, &headings)
    };
    data.items()?.map(row).collect()
}

/// A list inside a section; empty if the section does not have it.
fn read_inner_list(section: &Node<'_>, declaration: &Declaration) -> Result<Table, ReadError> {
    let mut list = Table::empty(declaration.spec, &declaration.columns(), &[]);
    if let Some(data) = section.get(declaration.spec.name) {
        list.rows = read_rows(&data, &list.headings)?;
    }
    list.total_count = list.rows.len() as u64;
    fill_ratios(&mut list);
    Ok(list)
}

/// Percentiles that the first row has, for lists that do not name theirs.
fn percentiles_of_rows(data: &Node<'_>) -> Result<Vec<f64>, ReadError> {
    let keys = data.items()?.next().and_then(|row| row.json.as_object()).into_iter().flat_map(Object::keys);
    let mut percentiles: Vec<f64> = keys.filter_map(parse_percentile_key).collect();
    percentiles.sort_by(f64::total_cmp);
    Ok(percentiles)
}

/// Older reports do not say which row is the caller's, except by its name.
fn pin_caller(section: &Table, row: &mut Row, caller: Option<&str>) {
    let Some((key, text)) = section.spec.pinned else { return };
    let Some(index) = section.index(key).filter(|&index| row.cells[index].is_nothing()) else { return };
    if caller.is_some() && section.cell(row, "name").as_text() == caller {
        row.cells[index] = Value::Text(text.to_owned());
    }
}

/// Ratios that the report does not carry follow from its other columns; shares, loads and copies are as the report has them.
fn fill_ratios(section: &mut Table) {
    let is_share = |derived| {
        matches!(derived, Some(Derived::Copy { .. } | Derived::Share { .. } | Derived::Portion { .. }))
    };
    let shares: Vec<usize> =
        (0..section.headings.len()).filter(|&i| is_share(section.headings[i].column.derived)).collect();
    let written: Vec<Vec<Value>> =
        section.rows.iter().map(|row| shares.iter().map(|&i| row.cells[i].clone()).collect()).collect();
    section.derive();
    for (row, values) in section.rows.iter_mut().zip(written) {
        for (&i, value) in shares.iter().zip(values) {
            row.cells[i] = value;
        }
    }
}

/// A heading and its keys, made once for all rows.
struct Keys<'a> {
    heading: &'a Heading,
    number: Option<String>,
    formatted: Option<String>,
    nested: Option<(&'static str, String)>,
    /// Those of the plain form, where it has others.
    plain: Option<CompatKeys>,
}

impl<'a> Keys<'a> {
    fn of(heading: &'a Heading) -> Self {
        let (number, formatted) = (heading.number_key(), heading.formatted_key());
        let is_renamed = heading.column.compat.is_some_and(|compat| compat.key.is_some());
        let plain = if is_renamed { heading.compat_keys(Interface::V0_30) } else { None };
        Self { heading, number, formatted, nested: heading.nested_keys(), plain }
    }

    /// The value under the key of the plain form.
    fn find_plain<'n>(&self, node: &Node<'n>) -> Option<Node<'n>> {
        let plain = self.plain.as_ref()?;
        match (&plain.raw, &plain.nested) {
            (Some(key), _) => node.get(key),
            (None, Some((object, key))) => node.get(object)?.get(key),
            (None, None) => None,
        }
    }
}

fn read_row(node: &Node<'_>, headings: &[Keys<'_>]) -> Result<Row, ReadError> {
    let dist = |keys: &Keys<'_>| read_dist(node, keys.heading);
    let cells = headings.iter().map(|keys| match keys.heading.part {
        Part::Whole | Part::Percentile(_) => read_whole(node, keys),
        Part::Histogram => Ok(dist(keys)?.map_or(Value::Nothing, Value::Dist)),
        Part::Avg | Part::Min | Part::Max | Part::Sum => match read_whole(node, keys)? {
            Value::Nothing => Ok(dist(keys)?.map_or(Value::Nothing, |dist| keys.heading.of_dist(&dist))),
            value => Ok(value),
        },
    });
    Ok(Row { cells: cells.collect::<Result<_, _>>()? })
}

/// The raw value of a heading, or its formatted string where there is no raw value.
fn read_whole(node: &Node<'_>, keys: &Keys<'_>) -> Result<Value, ReadError> {
    let (heading, unit) = (keys.heading, keys.heading.column.unit);
    if let Some(key) = &keys.number {
        // Nearly every cell ends here, so its path is only made when it is not as expected.
        if let Some(value) = node.json.get(key).and_then(|json| plain(json, unit)) {
            return Ok(value);
        }
        if let Some(raw) = node.get(key) {
            return read_raw(&raw, unit);
        }
    }
    let formatted = match &keys.nested {
        Some((object, key)) => node.get(object).and_then(|object| object.get(key)),
        None => keys.formatted.as_ref().and_then(|key| node.get(key)),
    };
    let Some(text) = formatted.or_else(|| keys.find_plain(node)) else {
        return if is_required(heading.column) { Err(missing(node, heading)) } else { Ok(Value::Nothing) };
    };
    // Some versions write small numbers plainly.
    if text.json.is_number() {
        return read_raw(&text, unit);
    }
    match text.text()? {
        "-" | "N/A" | "N/A*" => Ok(Value::Nothing),
        formatted => unit.parse(formatted).ok_or_else(|| text.wrong(unit.noun())),
    }
}

fn is_required(column: &ColumnInfo) -> bool {
    column.unit == Unit::Name && column.merge == Merge::Key
}

fn missing(node: &Node<'_>, heading: &Heading) -> ReadError {
    ReadError::Missing { path: format!("{}.{}", node.path, heading.column.key) }
}

/// A value of the most frequent units; `None` if it is none, or of another unit.
fn plain(json: &Json<'_>, unit: Unit) -> Option<Value> {
    match unit {
        Unit::Text | Unit::Name => json.as_str().map(|text| Value::Text(text.to_owned())),
        Unit::Count | Unit::Nanos | Unit::Bytes => json.as_u64().map(|number| unit.value(number)),
        Unit::Percent => json.as_f64().map(Value::Percent),
        _ => None,
    }
}

fn read_raw(node: &Node<'_>, unit: Unit) -> Result<Value, ReadError> {
    Ok(match unit {
        Unit::Text | Unit::Name => Value::Text(node.text()?.to_owned()),
        Unit::Place => Value::Place(read_place(node)?),
        Unit::Flag => Value::Flag(node.json.as_bool().ok_or_else(|| node.wrong("true or false"))?),
        Unit::Percent => Value::Percent(node.f64()?),
        Unit::Load => unit.parse(&node.f64()?.to_string()).ok_or_else(|| node.wrong(unit.noun()))?,
        Unit::SignedBytes => Value::SignedBytes(node.i64()?),
        Unit::Rate => Value::Rate(node.f64()?),
        Unit::Float => Value::Float(node.f64()?),
        Unit::Count | Unit::Nanos | Unit::Bytes => unit.value(node.u64()?),
    })
}

fn read_place(node: &Node<'_>) -> Result<Source, ReadError> {
    let column = node.get("column").map(|node| node.u32()).transpose()?.unwrap_or_default();
    Ok(Source { file: node.require("file")?.text()?.to_owned(), line: node.require("line")?.u32()?, column })
}

/// The distribution of a row, if there is one.
///
/// Without buckets its shape stays unknown, and in plain reports count and sum come from the columns beside it.
fn read_dist(node: &Node<'_>, heading: &Heading) -> Result<Option<Dist>, ReadError> {
    let Some(keys) = heading.column.dist else { return Ok(None) };
    let of = |part| Heading { column: heading.column, part };
    let part = |part| read_number(node, &of(part));
    // A sum that is there as `null` is unknown, and not to be made from the columns beside it.
    if of(Part::Sum).number_key().and_then(|key| node.json.get(&key)).is_some_and(Json::is_null) {
        return Ok(None);
    }
    let sum = match part(Part::Sum)? {
        None => read_plain_sum(node, keys.plain.1, heading.column.unit)?,
        known => known,
    };
    let Some(sum) = sum else { return Ok(None) };
    let histogram = node.get(keys.histogram);
    let has_histogram = histogram.is_some();
    let buckets = histogram.map_or(Ok(Vec::new()), |node| read_buckets(&node))?;
    let count = match node.optional_u64(keys.count)? {
        Some(count) => count,
        None if has_histogram => buckets.iter().fold(0, |sum, bucket| bucket.count.saturating_add(sum)),
        None => node.optional_u64(keys.plain.0)?.unwrap_or_default(),
    };
    Ok(Some(Dist { count, sum, min: part(Part::Min)?, max: part(Part::Max)?, buckets }))
}

fn read_number(node: &Node<'_>, heading: &Heading) -> Result<Option<u64>, ReadError> {
    heading.number_key().map_or(Ok(None), |key| node.optional_u64(&key))
}

fn read_plain_sum(node: &Node<'_>, key: &str, unit: Unit) -> Result<Option<u64>, ReadError> {
    let Some(total) = node.get(key) else { return Ok(None) };
    if total.json.is_number() {
        return total.u64().map(Some);
    }
    // A sum of another unit (a count where bytes are asked for) is not this distribution's.
    Ok(unit.parse(total.text()?).and_then(|value| value.number()))
}

/// The buckets of a histogram. A report can hold a million of them, so a path is only made for a faulty one.
fn read_buckets(node: &Node<'_>) -> Result<Vec<Bucket>, ReadError> {
    let read;
    let json = match node.json {
        Json::Unread(raw) => match pairs(raw.get()) {
            Some(pairs) => return Ok(pairs.into_iter().map(|(lower, count)| bucket(lower, count)).collect()),
            None => {
                // Something is wrong with it: read again, to say what.
                read = parse(raw.get())?;
                &read
            }
        },
        json => json,
    };
    let items = json.as_array().ok_or_else(|| node.wrong("a list"))?;
    let wrong =
        |i: usize, json| Node { path: format!("{}[{i}]", node.path), json }.wrong("a bucket [lower, count]");
    items.iter().enumerate().map(|(i, json)| read_bucket(json).ok_or_else(|| wrong(i, json))).collect()
}

fn read_bucket(json: &Json<'_>) -> Option<Bucket> {
    let items = json.as_array()?;
    let number = |i: usize| items.get(i).and_then(Json::as_u64);
    let (lower, count) = (number(0)?, number(1)?);
    (items.len() == 2).then(|| bucket(lower, count))
}

fn bucket(lower: u64, count: u64) -> Bucket {
    Bucket { lower, upper: Bucket::scale_upper(lower), count }
}

fn read_list<T>(
    node: Option<Node<'_>>,
    item: impl Fn(&Node<'_>) -> Result<T, ReadError>,
) -> Result<Vec<T>, ReadError> {
    match node {
        None => Ok(Vec::new()),
        Some(node) => node.items()?.map(|node| item(&node)).collect(),
    }
}

fn fields<'a>(root: &Node<'a>, key: &str) -> Result<Vec<(String, Node<'a>)>, ReadError> {
    let Some(node) = root.get(key) else { return Ok(Vec::new()) };
    let path = |key: &str| format!("{}.{key}", node.path);
    Ok(node.object()?.iter().map(|(key, json)| (key.to_owned(), Node { path: path(key), json })).collect())
}

fn read_meta(root: &Node<'_>) -> Result<Meta, ReadError> {
    let Some(node) = root.get("meta") else {
        return Ok(Meta { version: root.optional_text("version")?.unwrap_or_default(), ..Meta::default() });
    };
    let text = |key: &str| node.optional_text(key).map(Option::unwrap_or_default);
    let nested_sha = match node.get("git") {
        Some(git) => git.optional_text("sha")?,
        None => None,
    };
    let version = match node.optional_text("version")? {
        Some(version) => version,
        None => root.optional_text("version")?.unwrap_or_default(),
    };
    Ok(Meta {
        version,
        os: text("os")?,
        arch: text("arch")?,
        rustc: text("rustc")?,
        created_at: text("created_at")?,
        command: text("command")?,
        git_sha: node.optional_text("git_sha")?.or(nested_sha),
        build_id: node.optional_text("build_id")?,
        source_root: node.optional_text("source_root")?,
    })
}

fn read_stacks(node: &Node<'_>) -> Result<CpuStacks, ReadError> {
    let modules = read_list(node.get("modules"), |node| {
        let build_id = node.optional_text("build_id")?.unwrap_or_default();
        Ok(Module { path: node.require("path")?.text()?.to_owned(), build_id })
    })?;
    let frames = read_list(node.get("frames"), |node| {
        Ok(Frame {
            module: node.get("module").map(|node| read_index(&node, modules.len())).transpose()?,
            address: node.require("address")?.u64()?,
            names: read_list(node.get("names"), |node| node.text().map(str::to_owned))?,
        })
    })?;
    let stacks = read_list(node.get("stacks"), |node| {
        Ok(Stack {
            samples: node.require("samples")?.u64()?,
            path: read_list(node.get("path"), |node| node.text().map(str::to_owned))?,
            frames: read_list(node.get("frames"), |node| read_index(node, frames.len()))?,
        })
    })?;
    Ok(CpuStacks {
        period_ns: node.optional_u64("period_ns")?,
        lost_samples: node.optional_u64("lost_samples")?.unwrap_or_default(),
        modules,
        frames,
        stacks,
    })
}

/// An index into a list of this length.
fn read_index(node: &Node<'_>, len: usize) -> Result<u32, ReadError> {
    let index = node.u32()?;
    if (index as usize) < len { Ok(index) } else { Err(node.wrong("an index into the list")) }
}

fn read_overhead(node: &Node<'_>) -> Result<Overhead, ReadError> {
    Ok(Overhead {
        per_call_ns: node.require("per_call_ns")?.f64()?,
        calls: node.require("calls")?.u64()?,
        total_ns: node.require("total_ns")?.u64()?,
        percent: node.require("percent")?.f64()?,
        parts: read_list(node.get("parts"), |node| {
            Ok(OverheadPart {
                name: node.require("name")?.text()?.to_owned().into(),
                count: node.require("count")?.u64()?,
                per_call_ns: node.require("per_call_ns")?.f64()?,
                total_ns: node.require("total_ns")?.u64()?,
            })
        })?,
    })
}

fn read_budget(node: &Node<'_>) -> Result<Budget, ReadError> {
    Ok(Budget {
        percent: node.require("percent")?.f64()?,
        spent_percent: node.require("spent_percent")?.f64()?,
        estimates: node.require("estimated_functions")?.u64()?,
        functions: node.require("functions")?.u64()?,
    })
}

fn read_finding(node: &Node<'_>) -> Result<Finding, ReadError> {
    let text = |key| Ok::<_, ReadError>(node.require(key)?.text()?.to_owned());
    let confidence = node.require("confidence")?;
    Ok(Finding {
        id: text("id")?.into(),
        section: text("section")?.into(),
        subject: text("subject")?,
        title: text("title")?,
        evidence: read_list(node.get("evidence"), read_evidence)?,
        source: node.get("source").map(|node| read_place(&node)).transpose()?,
        confidence: Confidence::from_word(confidence.text()?)
            .ok_or_else(|| confidence.wrong("low, medium or high"))?,
        weight: node.require("weight")?.f64()?,
        next: text("next")?,
    })
}

fn read_evidence(node: &Node<'_>) -> Result<Evidence, ReadError> {
    Ok(Evidence {
        key: node.require("key")?.text()?.to_owned().into(),
        text: node.require("text")?.text()?.to_owned(),
        number: node.get("number").map(|node| node.f64()).transpose()?,
        unit: node.optional_text("unit")?.unwrap_or_default().into(),
    })
}

fn read_tree(node: Option<Node<'_>>) -> Result<Vec<TreeNode>, ReadError> {
    read_list(node, |node| {
        Ok(TreeNode {
            name: node.require("name")?.text()?.to_owned(),
            calls: node.require("calls")?.u64()?,
            total_ns: node.require("total_ns")?.u64()?,
            self_ns: node.require("self_ns")?.u64()?,
            total_se_ns: node.optional_u64("total_se_ns")?,
            self_se_ns: node.optional_u64("self_se_ns")?,
            alloc_bytes: node.optional_u64("alloc_bytes")?,
            alloc_count: node.optional_u64("alloc_count")?,
            cpu_samples: node.optional_u64("cpu_samples")?,
            children: read_tree(node.get("children"))?,
        })
    })
}
