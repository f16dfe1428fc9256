//! One number of one function (or channel, lock …) over the runs of a history.

use std::collections::HashMap;

use anyhow::{Result, bail};
use hotpath_report::render::printable;
use hotpath_report::{Heading, Report, Row, SECTIONS, Table, Value};

use super::store::Run;

/// Whose number, and which.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) section: String,
    pub(crate) name: String,
    pub(crate) metric: String,
}

/// The number in one run; unknown where the run does not have it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    pub(crate) run: Run,
    pub(crate) value: Value,
}

/// Columns by which rows are known, in the order in which they are looked for.
const NAMES: [&str; 2] = ["name", "label"];
/// Bars from the least to the greatest.
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl Subject {
    /// The whole name of the row that is meant: the one that is named so, else the only one that ends so.
    ///
    /// # Errors
    ///
    /// When there is no such section, row or number in any of the reports, or several rows are meant; the message says
    /// which there are.
    pub(crate) fn resolve(&self, reports: &[Report]) -> Result<Subject> {
        if !SECTIONS.iter().any(|declared| declared.spec.name == self.section) {
            let known: Vec<&str> = SECTIONS.iter().map(|declared| declared.spec.name).collect();
            bail!("no section {}: there are {}", self.section, listed(known));
        }
        let sections: Vec<&Table> =
            reports.iter().filter_map(|report| report.section(&self.section)).collect();
        if sections.is_empty() {
            bail!("none of these runs has the section {}", self.section);
        }
        if !sections.iter().any(|section| heading(section, &self.metric).is_some()) {
            let known = sections.iter().flat_map(|section| section.headings.iter().filter(|h| is_number(h)));
            bail!("no number {}: there are {}", self.metric, listed(known.map(metric_name)));
        }
        let mut named: Vec<Named<'_>> = sections.iter().flat_map(|section| named(section)).collect();
        named.sort_by(|a, b| a.whole.cmp(&b.whole));
        named.dedup_by(|a, b| a.whole == b.whole);
        // The whole name, else all that are so named, else all that end so.
        let signs: [fn(&Named<'_>, &str) -> bool; 3] = [
            |named, name| named.whole == name,
            |named, name| named.name == name,
            |named, name| ends_with(named.name, name),
        ];
        let fitting = |fits: &fn(&Named<'_>, &str) -> bool| -> Vec<&Named<'_>> {
            named.iter().filter(|named| fits(named, &self.name)).collect()
        };
        let meant = signs.iter().map(fitting).find(|meant| !meant.is_empty()).unwrap_or_default();
        match meant.as_slice() {
            [one] => Ok(Subject { name: one.whole.clone(), ..self.clone() }),
            [] => bail!("none of these runs has {} in {}", self.name, self.section),
            several => bail!("{} may be {}", self.name, listed(several.iter().map(|named| &*named.whole))),
        }
    }

    /// The number in a report.
    pub(crate) fn value(&self, report: &Report) -> Value {
        let value = |section: &Table| {
            let row = named(section).into_iter().find(|named| named.whole == self.name)?.row;
            section.rows[row].cells.get(heading(section, &self.metric)?).cloned()
        };
        report.section(&self.section).and_then(value).unwrap_or_default()
    }
}

/// `Lexer::scan` means `app::lex::Lexer::scan`.
fn ends_with(name: &str, end: &str) -> bool {
    name.strip_suffix(end).is_some_and(|before| before.ends_with("::"))
}

/// A row by its name. Rows of one name are told apart by their places, else by their order: `jobs (src/main.rs:7)`, `jobs #2`.
#[derive(Clone, Debug)]
struct Named<'a> {
    name: &'a str,
    whole: String,
    row: usize,
}

fn named<'a>(section: &'a Table) -> Vec<Named<'a>> {
    let rows = || section.rows.iter().enumerate().filter_map(|(at, row)| Some((at, name(section, row)?)));
    let mut of_name: HashMap<&str, usize> = HashMap::new();
    rows().for_each(|(_, name)| *of_name.entry(name).or_default() += 1);
    let mut so_far: HashMap<String, usize> = HashMap::new();
    let named = |(row, name): (usize, &'a str)| {
        let place = place(&section.rows[row]).filter(|_| of_name[name] > 1);
        let whole = place.map_or_else(|| name.to_owned(), |place| format!("{name} ({place})"));
        let number = so_far.entry(whole.clone()).or_default();
        *number += 1;
        let whole = if *number > 1 { format!("{whole} #{number}") } else { whole };
        Named { name, whole, row }
    };
    rows().map(named).collect()
}

fn name<'a>(section: &'a Table, row: &'a Row) -> Option<&'a str> {
    NAMES.iter().find_map(|column| section.cell(row, column).as_text())
}

fn place(row: &Row) -> Option<String> {
    row.cells.iter().find_map(|cell| match cell {
        Value::Place(place) => Some(format!("{}:{}", place.file, place.line)),
        _ => None,
    })
}

/// Where the section has this number, by either of its keys in JSON: `total` or `total_ns`.
fn heading(section: &Table, metric: &str) -> Option<usize> {
    let is_meant = |heading: &Heading| {
        let keys = [heading.number_key(), heading.formatted_key(), Some(heading.column.key.to_owned())];
        keys.into_iter().flatten().any(|key| key == metric)
    };
    section.headings.iter().position(|heading| is_number(heading) && is_meant(heading))
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

/// A bar per point, from the least to the greatest value; a blank for an unknown one.
pub(crate) fn sparkline(points: &[Point]) -> String {
    let known = || points.iter().filter_map(|point| number(&point.value));
    let (least, greatest) =
        (known().fold(f64::INFINITY, f64::min), known().fold(f64::NEG_INFINITY, f64::max));
    let bar = |value: f64| {
        let height = if greatest > least { (value - least) / (greatest - least) } else { 0.0 };
        BARS[((height * (BARS.len() - 1) as f64).round() as usize).min(BARS.len() - 1)]
    };
    points.iter().map(|point| number(&point.value).map_or(' ', bar)).collect()
}

/// The change from the last known value before each point, in percent; unknown where there is none.
pub(crate) fn changes(points: &[Point]) -> Vec<Option<f64>> {
    let mut before: Option<f64> = None;
    let change = |point: &Point| {
        let now = number(&point.value)?;
        let before = before.replace(now)?;
        (before != 0.0).then(|| (now - before) / before * 100.0)
    };
    points.iter().map(change).collect()
}

/// The value as a plain number.
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
    use crate::commands::history::store::{About, Run};

    fn points(values: &[Option<u64>]) -> Vec<Point> {
        let value = |value: &Option<u64>| value.map_or(Value::Nothing, Value::Nanos);
        let run = Run { id: 1, about: About::default() };
        values.iter().map(|v| Point { run: run.clone(), value: value(v) }).collect()
    }

    #[test]
    fn bars_go_from_the_least_to_the_greatest() {
        assert_eq!(sparkline(&points(&[Some(10), Some(17), Some(11), None, Some(14)])), "▁█▂ ▅");
        assert_eq!(sparkline(&points(&[Some(5), Some(5)])), "▁▁");
        assert_eq!(sparkline(&points(&[None])), " ");
        assert_eq!(sparkline(&[]), "");
    }

    #[test]
    fn a_change_is_told_against_the_last_known_value() {
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
    fn a_function_is_meant_by_its_name_or_its_only_end() {
        let reports =
            [report(&[("app::a::load", 1), ("app::b::load", 2)]), report(&[("load", 3), ("app::save", 4)])];
        let resolved = |name| subject("functions_timing", name, "total").resolve(&reports).map(|s| s.name);
        assert_eq!(resolved("save").expect("one"), "app::save");
        assert_eq!(resolved("a::load").expect("one"), "app::a::load");
        assert_eq!(resolved("load").expect("the exact one"), "load");
        let error = |name| resolved(name).expect_err("none").to_string();
        assert_eq!(error("ave"), "none of these runs has ave in functions_timing");
        let two = [report(&[("app::a::load", 1), ("app::\u{1b}[1m::load", 2)])];
        let error = subject("functions_timing", "load", "total").resolve(&two).expect_err("two").to_string();
        assert_eq!(
            error, "load may be app::\u{fffd}[1m::load, app::a::load",
            "names do not drive the terminal"
        );
        let two = [report(&[("app::a::load", 1), ("app::b::load", 2)])];
        let error = subject("functions_timing", "load", "total").resolve(&two).expect_err("two").to_string();
        assert_eq!(error, "load may be app::a::load, app::b::load");
    }

    #[test]
    fn rows_of_one_name_are_told_apart() {
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
        assert!(error.contains("jobs may be app::jobs (src/main.rs:"), "{error}");
        let value = |name| resolve(name).expect("one").value(&reports[0]);
        assert_eq!(value("app::jobs (src/main.rs:7)"), Value::Nanos(1));
        let both = ["app::jobs (src/main.rs:9)", "app::jobs (src/main.rs:9) #2"].map(value);
        assert!(both.contains(&Value::Nanos(2)) && both.contains(&Value::Nanos(3)), "{both:?}");
    }

    #[test]
    fn a_number_is_meant_by_its_keys() {
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
        assert!(error("functions_timing", "totl").starts_with("no number totl: there are calls, avg, p95, "));
        assert!(error("function", "total").starts_with("no section function: there are functions_timing, "));
        assert_eq!(error("channels", "total"), "none of these runs has the section channels");
    }
}
