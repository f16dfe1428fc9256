//! `compare`: two periods of one run, or two runs, side by side.
//!
//! Rows are matched by name, and metrics are per second and per call, so that runs of different length are comparable. It reports
//! differences, not their significance, which needs several runs per side.

use crate::call::Call;
use crate::find;
use crate::page::{self, cut_texts, page, size};
use crate::parameter::{Kind, Parameter};
use crate::problem::Problem;
use crate::sources::Sources;
use crate::tool::{self, Effect, Tool};
use hotpath_report::units::format_duration;
use hotpath_report::{Heading, Merge, Part, Report, Row, SECTIONS, Since, Table, Unit};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;

use super::section::{number, text, whole};

/// The default limit of rows.
const ROWS: u64 = 20;

pub(super) fn tool(sources: &Sources) -> Tool {
    let mut sections: Vec<String> = SECTIONS.iter().map(|section| section.spec.name.to_owned()).collect();
    sections.dedup();
    let which = "a mark, or a source (`now` is the current state of the running program)";
    let mut parameters = vec![
        Parameter::new(
            "before",
            Kind::Text,
            format!("Baseline: {which}; default: the latest mark, or the first of two reports."),
        ),
        Parameter::new(
            "after",
            Kind::Text,
            format!("Side to compare with it: {which}; default: now, or the second report."),
        ),
        Parameter::new("section", Kind::Choice(sections), "Section to compare."),
        Parameter::new("filter", Kind::Text, "Only rows whose name contains this text; case-insensitive."),
        tool::limit(ROWS, "rows"),
        tool::cursor(),
        tool::max_bytes(),
    ];
    parameters.extend(tool::source(sources));
    Tool {
        name: "compare".to_owned(),
        title: "Compare two periods or runs".to_owned(),
        about: "Compares before with after, largest change first: the time before a mark with the time since, or two reports. Each \
                metric has `before`, `after` and `change_percent`; `_per_s` is per second, so that sides of different length are \
                comparable. Times are in nanoseconds, sizes in bytes, null is unknown. Single runs are noisy: a difference may be \
                due to chance."
            .to_owned(),
        parameters,
        output: output(),
        effect: Effect::Nothing,
        only_live: false,
        run: Box::new(answer),
    }
}

/// One side of a comparison.
struct Side {
    what: String,
    report: Report,
}

fn answer(call: &Call<'_>) -> Result<Json, Problem> {
    let (before, after) = sides(call)?;
    let name = call.arguments.text("section").unwrap_or(SECTIONS[0].spec.name);
    let (a, b) = (before.report.section(name), after.report.section(name));
    let Some(either) = b.or(a) else {
        return Err(Problem::new(format!(
            "Neither side has the section `{name}`. Choose another `section`."
        )));
    };
    let filter = call.arguments.text("filter").map(str::to_lowercase);
    let mut rows: Vec<(f64, Json)> = pairs(a, b)
        .into_iter()
        .filter(|(name, ..)| filter.as_ref().is_none_or(|filter| name.to_lowercase().contains(filter)))
        .map(|(name, a, b)| compared(&name, a, b, (&before.report, &after.report)))
        .collect();
    let note = nothing_in_common(name, a, b);
    rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    let side = |side: &Side| {
        let duration = side.report.duration_ns;
        json!({ "what": side.what, "duration_ns": duration, "duration": format_duration(duration) })
    };
    let mut whole = json!({
        "section": name,
        "before": side(&before),
        "after": side(&after),
        "ranked_by": either.spec.sort.first().map(|key| format!("change of {key} per second")),
        "coverage": "one run per side: differences may be due to chance",
        "total_count": rows.len(),
        "note": note,
    });
    cut_texts(&mut whole, 500);
    let start = page::start(call.arguments.text("cursor"))?;
    let room = call.room().saturating_sub(size(&whole) + 200);
    let page = page(rows.into_iter().map(|(_, row)| row).collect(), start, call.limit(), room);
    whole["rows"] = json!(page.items);
    whole["omitted_count"] = json!(page.omitted);
    whole["next_cursor"] = json!(page.next);
    Ok(whole)
}

fn sides(call: &Call<'_>) -> Result<(Side, Side), Problem> {
    let (before, after) = (call.arguments.text("before"), call.arguments.text("after"));
    if before.is_none() && call.marks.latest().is_none() && call.sources.are_several() {
        let mut names = call.sources.all();
        let (first, second) = (names.next(), names.next());
        let of = |named: Option<&crate::sources::Named>| side(call, named.map(|named| named.name.as_str()));
        return Ok((
            of(first)?,
            match after {
                Some(after) => side(call, Some(after))?,
                None => of(second)?,
            },
        ));
    }
    let latest = || {
        call.marks
            .latest()
            .map(|mark| mark.name.clone())
            .ok_or_else(|| Problem::new("No baseline: set a mark with `mark`, or give `before`."))
    };
    let before = before.map_or_else(latest, |name| Ok(name.to_owned()))?;
    let mark = call.marks.get(&before);
    match (mark, after) {
        // One run: the time until the mark, and the time since.
        (Some(mark), None | Some("now")) if mark.source == call.named()?.name => {
            let named = call.named()?;
            let now = named.source.report()?;
            let until = Side { what: format!("until the mark `{before}`"), report: mark.report.clone() };
            // After a restart or reset, it is another run.
            Ok(match mark.window(named, &now) {
                Ok(window) => (until, Side { what: format!("since the mark `{before}`"), report: window }),
                Err(_) => {
                    (until, Side { what: format!("`{}` now, reset since the mark", named.name), report: now })
                }
            })
        }
        (_, after) => Ok((side(call, Some(&before))?, side(call, after)?)),
    }
}

fn side(call: &Call<'_>, name: Option<&str>) -> Result<Side, Problem> {
    if let Some(mark) = name.and_then(|name| call.marks.get(name)) {
        return Ok(Side { what: format!("until the mark `{}`", mark.name), report: mark.report.clone() });
    }
    let now = name.is_none_or(|name| name == "now");
    let named = if now { call.named()? } else { call.sources.get(name).map_err(|_| unknown(call, name))? };
    Ok(Side { what: format!("`{}`", named.name), report: named.source.report()? })
}

fn unknown(call: &Call<'_>, name: Option<&str>) -> Problem {
    let mut valid = call.marks.names();
    valid.extend(call.sources.names());
    Problem::unknown("mark or source", name.unwrap_or_default(), valid)
}

/// Returns a note that nothing was compared, if the sides have no row in common. Without it, the answer would look like "no
/// change".
fn nothing_in_common(name: &str, a: Option<&Table>, b: Option<&Table>) -> Option<String> {
    let is_common = |(_, a, b): &(String, SideRow<'_>, SideRow<'_>)| a.is_some() && b.is_some();
    if pairs(a, b).iter().any(is_common) {
        return None;
    }
    let rows = |section: Option<&Table>| section.map_or(0, |section| section.rows.len());
    Some(format!(
        "Nothing was compared: the sides have no row of `{name}` in common ({} before, {} after). Are they of the same program?",
        rows(a),
        rows(b)
    ))
}

/// A row of one side, with its section; `None` if the side does not have it.
type SideRow<'a> = Option<(&'a Table, &'a Row)>;

/// Matches the rows of both sides by name. Rows of one name are matched in their order.
fn pairs<'a>(a: Option<&'a Table>, b: Option<&'a Table>) -> Vec<(String, SideRow<'a>, SideRow<'a>)> {
    let mut pairs: BTreeMap<(String, usize), (SideRow<'a>, SideRow<'a>)> = BTreeMap::new();
    for (section, is_before) in a.map(|a| (a, true)).into_iter().chain(b.map(|b| (b, false))) {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &section.rows {
            let name = find::name(section, row);
            let nth = seen.entry(name).and_modify(|n| *n += 1).or_default();
            let pair = pairs.entry((name.to_owned(), *nth)).or_default();
            *(if is_before { &mut pair.0 } else { &mut pair.1 }) = Some((section, row));
        }
    }
    pairs.into_iter().map(|((name, _), (a, b))| (name, a, b)).collect()
}

/// Returns the size of the change of a row, and the row.
fn compared(name: &str, a: SideRow<'_>, b: SideRow<'_>, reports: (&Report, &Report)) -> (f64, Json) {
    let status = match (a, b) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "both",
    };
    let (before, after) = (measures(a, reports.0), measures(b, reports.1));
    let keys: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let measures: Map<String, Json> = keys
        .into_iter()
        .filter_map(|key| {
            let (before, after) = (before.get(key).copied().flatten(), after.get(key).copied().flatten());
            // A metric that neither side has is skipped.
            before.or(after)?;
            let change = before.zip(after).filter(|(before, _)| *before != 0.0).map(|(b, a)| (a - b) / b * 100.0);
            let value = json!({ "before": before.map(rounded), "after": after.map(rounded), "change_percent": change.map(rounded) });
            Some((key.clone(), value))
        })
        .collect();
    let size =
        |side: SideRow<'_>, report: &Report| side.and_then(|row| ranked(row, report)).unwrap_or_default();
    let change = (size(b, reports.1) - size(a, reports.0)).abs();
    (change, json!({ "name": name, "status": status, "measures": measures }))
}

/// Returns the sort key of the section, per second.
fn ranked((section, row): (&Table, &Row), report: &Report) -> Option<f64> {
    let key = section.spec.sort.first()?;
    Some(number(section.cell(row, key))? / seconds(report)?)
}

/// Returns the metrics of a row: means and percentiles as they are, sums per second.
fn measures(side: SideRow<'_>, report: &Report) -> BTreeMap<String, Option<f64>> {
    let Some((section, row)) = side else { return BTreeMap::new() };
    let cells = section.headings.iter().zip(&row.cells);
    let measure = |(heading, cell): (&Heading, _)| {
        let key = heading.number_key()?;
        let value = number(cell);
        match heading.part {
            Part::Avg | Part::Percentile(_) => Some((key, value)),
            Part::Whole if is_sum(heading) => Some((
                format!("{key}_per_s"),
                value.zip(seconds(report)).map(|(value, seconds)| value / seconds),
            )),
            _ => None,
        }
    };
    cells.filter_map(measure).collect()
}

/// Returns whether a column is a visible sum.
fn is_sum(heading: &Heading) -> bool {
    let column = heading.column;
    heading.in_table()
        && column.merge == Merge::Sum
        && column.since == Since::AsMerged
        && matches!(column.unit, Unit::Count | Unit::Nanos | Unit::Bytes)
}

fn seconds(report: &Report) -> Option<f64> {
    (report.duration_ns > 0).then_some(report.duration_ns as f64 / 1e9)
}

/// Rounds to four digits, which is enough for a comparison of single runs.
fn rounded(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return 0.0;
    }
    let digits = 3 - x.abs().log10().floor() as i32;
    let scale = 10f64.powi(digits.abs().min(300));
    if digits < 0 { (x / scale).round() * scale } else { (x * scale).round() / scale }
}

fn output() -> Json {
    let side = |about: &str| {
        json!({ "type": "object", "description": about, "properties": {
            "what": text("The report or period."), "duration_ns": whole("Its duration in nanoseconds."), "duration": text("Formatted.") } })
    };
    json!({
        "type": "object",
        "properties": {
            "section": text("The section."),
            "before": side("The baseline."),
            "after": side("The side that is compared with it."),
            "ranked_by": { "type": ["string", "null"], "description": "The measure of a change." },
            "coverage": text("The evidence behind the differences."),
            "total_count": whole("Number of rows of both sides."),
            "note": { "type": ["string", "null"], "description": "Set if the sides have no row in common." },
            "rows": { "type": "array", "description": "Largest change first.", "items": {
                "type": "object",
                "properties": {
                    "name": text("Name or label of the row."),
                    "status": { "enum": ["both", "added", "removed"], "description": "The sides that have the row." },
                    "measures": { "type": "object", "description": "`before`, `after` and `change_percent` of each metric." },
                },
                "required": ["name", "status", "measures"],
            } },
            "omitted_count": whole("Number of rows not in this answer."),
            "next_cursor": { "type": ["string", "null"], "description": "`cursor` of the next page; null if there is none." },
        },
        "required": ["section", "before", "after", "rows", "omitted_count", "next_cursor"],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_to_four_digits() {
        assert_eq!(rounded(123_456.0), 123_500.0);
        assert_eq!(rounded(198_999_999.0), 199_000_000.0);
        assert_eq!(rounded(-0.012_345_6), -0.012_35);
        assert_eq!(rounded(0.0), 0.0);
        assert!(rounded(1e300).is_finite());
    }
}
