//! One metric of one function (or channel, lock …) over the runs of a history.

use std::collections::HashMap;

use anyhow::{Result, bail};
use hotpath_report::render::printable;
use hotpath_report::{Heading, Report, Row, SECTIONS, Table, Value};

use super::store::Run;

/// The row and the metric of a trend.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) section: String,
    pub(crate) name: String,
    pub(crate) metric: String,
}

/// The value in one run; unknown where the run does not have it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) run: Run,
    pub(crate) value: Value,
}

/// The columns that name a row, in the order of preference.
const NAME_COLUMNS: [&str; 2] = ["name", "label"];
/// Bars from the lowest to the highest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl Subject {
    /// Resolves the name to the full name of a row: the row of that name, or the only one whose path ends with it.
    ///
    /// # Errors
    ///
    /// If no report has the section, the row or the metric, or if the name is ambiguous. The message lists the candidates.
    pub(crate) fn resolve(&self, reports: &[Report]) -> Result<Subject> {
        if !SECTIONS.iter().any(|declared| declared.spec.name == self.section) {
            let known: Vec<&str> = SECTIONS.iter().map(|declared| declared.spec.name).collect();
            bail!("unknown section `{}`; available: {}", printable(&self.section), listed(known));
        }
        let sections: Vec<&Table> =
            reports.iter().filter_map(|report| report.section(&self.section)).collect();
        if sections.is_empty() {
            bail!("none of these runs has the section `{}`", self.section);
        }
        if !sections.iter().any(|section| heading(section, &self.metric).is_some()) {
            let known = sections.iter().flat_map(|section| section.headings.iter().filter(|h| is_number(h)));
            bail!(
                "unknown metric `{}`; available: {}",
                printable(&self.metric),
                listed(known.map(metric_name))
            );
        }
        let mut named: Vec<NamedRow<'_>> = sections.iter().flat_map(|section| named(section)).collect();
        named.sort_by(|a, b| a.full.cmp(&b.full));
        named.dedup_by(|a, b| a.full == b.full);
        // The full name first, then rows of that name, then rows whose path ends with it.
        let matchers: [fn(&NamedRow<'_>, &str) -> bool; 3] = [
            |named, name| named.full == name,
            |named, name| named.name == name,
            |named, name| ends_with(named.name, name),
        ];
        let matching = |fits: &fn(&NamedRow<'_>, &str) -> bool| -> Vec<&NamedRow<'_>> {
            named.iter().filter(|named| fits(named, &self.name)).collect()
        };
        let matches = matchers.iter().map(matching).find(|matches| !matches.is_empty()).unwrap_or_default();
        match matches.as_slice() {
            [one] => Ok(Subject { name: one.full.clone(), ..self.clone() }),
            [] => bail!("none of these runs has `{}` in {}", printable(&self.name), self.section),
            several => {
                let candidates = listed(several.iter().map(|named| &*named.full));
                bail!("`{}` is ambiguous; give the full name: {candidates}", printable(&self.name))
            }
        }
    }

    /// Returns the value in a report.
    pub(crate) fn value(&self, report: &Report) -> Value {
        let value = |section: &Table| {
            let row = named(section).into_iter().find(|named| named.full == self.name)?.row;
            section.rows[row].cells.get(heading(section, &self.metric)?).cloned()
        };
        report.section(&self.section).and_then(value).unwrap_or_default()
    }
}

/// Returns whether `end` are the last segments of a path: `Lexer::scan` of `app::lex::Lexer::scan`.
fn ends_with(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|before| before.ends_with("::"))
}

/// A row and its name. The full names of rows that share a name have the source location, or a number:
/// `jobs (src/main.rs:7)`, `jobs #2`.
#[derive(Clone, Debug)]
struct NamedRow<'a> {
    name: &'a str,
    full: String,
    row: usize,
}

fn named<'a>(section: &'a Table) -> Vec<NamedRow<'a>> {
    let rows = || section.rows.iter().enumerate().filter_map(|(at, row)| Some((at, name(section, row)?)));
    let mut of_name: HashMap<&str, usize> = HashMap::new();
    rows().for_each(|(_, name)| *of_name.entry(name).or_default() += 1);
    let mut so_far: HashMap<String, usize> = HashMap::new();
    let named = |(row, name): (usize, &'a str)| {
        let location = location(&section.rows[row]).filter(|_| of_name[name] > 1);
        let full = location.map_or_else(|| name.to_owned(), |location| format!("{name} ({location})"));
        let number = so_far.entry(full.clone()).or_default();
        *number += 1;
        let full = if *number > 1 { format!("{full} #{number}") } else { full };
        NamedRow { name, full, row }
    };
    rows().map(named).collect()
}

fn name<'a>(section: &'a Table, row: &'a Row) -> Option<&'a str> {
    NAME_COLUMNS.iter().find_map(|column| section.cell(row, column).as_text())
}

fn location(row: &Row) -> Option<String> {
    row.cells.iter().find_map(|cell| match cell {
        Value::Place(source) => Some(format!("{}:{}", source.file, source.line)),
        _ => None,
    })
}

/// Returns the index of a metric in a section, by either of its keys in JSON: `total` or `total_ns`.
fn heading(section: &Table, metric: &str) -> Option<usize> {
    let has_key = |heading: &Heading| {
        let keys = [heading.number_key(), heading.formatted_key(), Some(heading.column.key.to_owned())];
        keys.into_iter().flatten().any(|key| key == metric)
    };
    section.headings.iter().position(|heading| is_number(heading) && has_key(heading))
}

fn is_number(heading: &Heading) -> bool {
    use hotpath_report::{Part, Unit};
    let is_text = matches!(heading.column.unit, Unit::Text | Unit::Name | Unit::Place | Unit::Flag);
    !is_text && heading.part != Part::Histogram && heading.column.key != "id"
}

fn metric_name(heading: &Heading) -> String {
    heading.formatted_key().or_else(|| heading.number_key()).unwrap_or_else(|| heading.column.key.to_owned())
}

fn listed(names: impl IntoIterator<Item = impl Into<String>>) -> String {
    let mut list: Vec<String> = Vec::new();
    for name in names {
        let name = printable(&name.into());
        if !list.contains(&name) {
            list.push(name);
        }
    }
    list.join(", ")
}

/// Draws a bar per point, from the lowest to the highest value; a blank for an unknown one.
pub(crate) fn sparkline(points: &[Point]) -> String {
    let known = || points.iter().filter_map(|point| number(&point.value));
    let (lowest, highest) =
        (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let bar = |value: f64| {
        let height = if highest > lowest { (value - lowest) / (highest - lowest) } else { 0.0 };
        BARS[((height * (BARS.len() - 1) as f64).round() as usize).min(BARS.len() - 1)]
    };
    points.iter().map(|point| number(&point.value).map_or(' ', bar)).collect()
}

/// Returns the change from the last known value before each point, in percent; `None` where there is none.
pub(crate) fn changes(points: &[Point]) -> Vec<Option<f64>> {
    let mut before: Option<f64> = None;
    let change = |point: &Point| {
        let now = number(&point.value)?;
        let before = before.replace(now)?;
        (before != 0.0).then(|| (now - before) / before * 100.0)
    };
    points.iter().map(change).collect()
}

/// Converts a value to a plain number.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::SignedBytes(n) => Some(*n as f64),
        Value::Percent(x) | Value::Rate(x) | Value::Float(x) => Some(*x),
        value => value.number().map(|n| n as f64),
    }
}

#[cfg(test)]
mod tests {
    use hotpath_report::{FunctionStats, Report, Source, Table, Timing, Value};

    use super::{Point, Subject, changes, sparkline};
    use crate::commands::history::store::{Run, RunInfo};

    fn points(values: &[Option<u64>]) -> Vec<Point> {
        let value = |value: &Option<u64>| value.map_or(Value::Nothing, Value::Nanos);
        let run = Run { id: 1, info: RunInfo::default() };
        values.iter().map(|v| Point { run: run.clone(), value: value(v) }).collect()
    }

    #[test]
    fn bars_go_from_the_lowest_to_the_highest() {
        assert_eq!(sparkline(&points(&[Some(10), Some(17), Some(11), None, Some(14)])), "▁█▂ ▅");
        assert_eq!(sparkline(&points(&[Some(5), Some(5)])), "▁▁");
        assert_eq!(sparkline(&points(&[None])), " ");
        assert_eq!(sparkline(&[]), "");
    }

    #[test]
    fn a_change_is_from_the_last_known_value() {
        let changes = changes(&points(&[None, Some(100), None, Some(150), Some(0), Some(3)]));
        assert_eq!(changes, [None, None, None, Some(50.0), Some(-100.0), None]);
    }

    fn report(rows: &[(&str, u64)]) -> Report {
        let row = |&(name, total): &(&str, u64)| FunctionStats {
            name: name.into(),
            total_ns: Some(total),
            ..FunctionStats::default()
        };
        let rows: Vec<FunctionStats> = rows.iter().map(row).collect();
        Report { sections: vec![Table::of::<Timing>(&rows, &(), &[95.0])], ..Report::default() }
    }

    fn subject(section: &str, name: &str, metric: &str) -> Subject {
        Subject { section: section.into(), name: name.into(), metric: metric.into() }
    }

    #[test]
    fn a_function_is_found_by_its_name_or_a_unique_path_suffix() {
        let reports =
            [report(&[("app::a::load", 1), ("app::b::load", 2)]), report(&[("load", 3), ("app::save", 4)])];
        let resolved = |name| subject("functions_timing", name, "total").resolve(&reports).map(|s| s.name);
        assert_eq!(resolved("save").expect("one"), "app::save");
        assert_eq!(resolved("a::load").expect("one"), "app::a::load");
        assert_eq!(resolved("load").expect("the exact one"), "load");
        let error = |name| resolved(name).expect_err("none").to_string();
        assert_eq!(error("ave"), "none of these runs has `ave` in functions_timing");
        let two = [report(&[("app::a::load", 1), ("app::\u{1b}[1m::load", 2)])];
        let error = subject("functions_timing", "load", "total").resolve(&two).expect_err("two").to_string();
        assert_eq!(
            error, "`load` is ambiguous; give the full name: app::\u{fffd}[1m::load, app::a::load",
            "names do not drive the terminal"
        );
        let two = [report(&[("app::a::load", 1), ("app::b::load", 2)])];
        let error = subject("functions_timing", "load", "total").resolve(&two).expect_err("two").to_string();
        assert_eq!(error, "`load` is ambiguous; give the full name: app::a::load, app::b::load");
    }

    #[test]
    fn rows_of_one_name_have_distinct_full_names() {
        let row = |line, total_ns| FunctionStats {
            name: "app::jobs".into(),
            source: Some(Source { file: "src/main.rs".into(), line, column: 1 }),
            total_ns: Some(total_ns),
            ..FunctionStats::default()
        };
        let rows = [row(7, 1), row(9, 2), row(9, 3)];
        let report = Report { sections: vec![Table::of::<Timing>(&rows, &(), &[])], ..Report::default() };
        let reports = [report];
        let resolve = |name| subject("functions_timing", name, "total").resolve(&reports);
        let error = resolve("jobs").expect_err("three").to_string();
        assert!(
            error.contains("`jobs` is ambiguous; give the full name: app::jobs (src/main.rs:"),
            "{error}"
        );
        let value = |name| resolve(name).expect("one").value(&reports[0]);
        assert_eq!(value("app::jobs (src/main.rs:7)"), Value::Nanos(1));
        let both = ["app::jobs (src/main.rs:9)", "app::jobs (src/main.rs:9) #2"].map(value);
        assert!(both.contains(&Value::Nanos(2)) && both.contains(&Value::Nanos(3)), "{both:?}");
    }

    #[test]
    fn a_metric_is_found_by_either_key() {
        let report = report(&[("app::save", 4)]);
        for metric in ["total", "total_ns"] {
            assert_eq!(subject("functions_timing", "app::save", metric).value(&report), Value::Nanos(4));
        }
        assert_eq!(subject("functions_timing", "app::load", "total").value(&report), Value::Nothing);
        assert_eq!(subject("channels", "app::save", "total").value(&report), Value::Nothing);
        let reports = [report];
        let error = |section, metric| {
            subject(section, "app::save", metric).resolve(&reports).expect_err("none").to_string()
        };
        assert!(
            error("functions_timing", "totl")
                .starts_with("unknown metric `totl`; available: calls, avg, p95, ")
        );
        assert!(
            error("function", "total")
                .starts_with("unknown section `function`; available: functions_timing, ")
        );
        assert_eq!(error("channels", "total"), "none of these runs has the section `channels`");
    }
}
