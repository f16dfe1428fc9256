//! Lookup of a row by its id, its name, or the last segments of its path.

use crate::arguments::{Id, whole_in};
use crate::problem::{Problem, shortened};
use hotpath_report::{Heading, Merge, Part, Row, Table, Unit};

/// The candidates of a message at most.
const CANDIDATES: usize = 10;

/// Finds a row among those that match `is_candidate`.
pub(crate) fn row<'a>(
    section: &'a Table,
    id: &Id,
    is_candidate: impl Fn(&Row) -> bool,
) -> Result<&'a Row, Problem> {
    let rows: Vec<&Row> = section.rows.iter().filter(|row| is_candidate(row)).collect();
    let name = match id {
        Id::Number(number) => {
            return numbered(section, &rows, *number)
                .ok_or_else(|| no_id(section, &rows, &number.to_string()));
        }
        Id::Name(name) => name,
    };
    if let Some(row) = whole_in(name).and_then(|number| numbered(section, &rows, number)) {
        return Ok(row);
    }
    named(section, &rows, name)
}

/// Returns the name of a row: its last visible key column.
pub(crate) fn name<'a>(section: &'a Table, row: &'a Row) -> &'a str {
    name_index(section).and_then(|i| row.cells[i].as_text()).unwrap_or_default()
}

/// Returns the key of that column.
pub(crate) fn name_key(section: &Table) -> Option<&'static str> {
    Some(section.headings[name_index(section)?].column.key)
}

fn name_index(section: &Table) -> Option<usize> {
    let is_name = |heading: &Heading| {
        heading.part == Part::Whole
            && heading.column.merge == Merge::Key
            && heading.in_table()
            && matches!(heading.column.unit, Unit::Name | Unit::Text)
    };
    section.headings.iter().rposition(is_name)
}

fn numbered<'a>(section: &Table, rows: &[&'a Row], number: u64) -> Option<&'a Row> {
    rows.iter().find(|row| section.cell(row, "id").number() == Some(number)).copied()
}

fn named<'a>(section: &'a Table, rows: &[&'a Row], wanted: &str) -> Result<&'a Row, Problem> {
    let called = |row: &&&Row| name(section, row) == wanted;
    let ends = |row: &&&Row| is_end(name(section, row), wanted);
    let exact: Vec<&Row> = rows.iter().filter(called).copied().collect();
    let fitting = if exact.is_empty() { rows.iter().filter(ends).copied().collect() } else { exact };
    match fitting[..] {
        [row] => Ok(row),
        [] => Err(no_name(section, rows, wanted)),
        _ => Err(ambiguous(section, &fitting, wanted)),
    }
}

/// Returns whether `end` are the last segments of a path.
fn is_end(name: &str, end: &str) -> bool {
    let before =
        |name: &str| name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with("::"));
    // ` (src/a.rs:12)` distinguishes two functions of one name.
    before(name) || name.rsplit_once(" (").is_some_and(|(name, _)| before(name))
}

fn no_id(section: &Table, rows: &[&Row], wanted: &str) -> Problem {
    let ids = rows.iter().filter_map(|row| Some(section.cell(row, "id").number()?.to_string()));
    Problem::unknown(&format!("`{}` row id", section.spec.name), wanted, ids)
}

fn no_name(section: &Table, rows: &[&Row], wanted: &str) -> Problem {
    if is_numeric(wanted) {
        return no_id(section, rows, wanted.trim());
    }
    let what = section.spec.title.to_lowercase();
    let lower = wanted.to_lowercase();
    let names = || rows.iter().map(|row| name(section, row));
    let containing: Vec<&str> = names().filter(|name| name.to_lowercase().contains(&lower)).collect();
    if containing.is_empty() {
        Problem::unknown(&what, wanted, names())
    } else {
        Problem::unknown(&what, wanted, containing)
    }
}

/// Returns whether a text is a number that cannot be an id: `-1`, `3.5`.
fn is_numeric(text: &str) -> bool {
    let digits = text.trim().trim_start_matches(['-', '+']);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.parse::<f64>().is_ok()
}

fn ambiguous(section: &Table, rows: &[&Row], wanted: &str) -> Problem {
    let candidate = |row: &&Row| match section.cell(row, "id").number() {
        Some(id) => format!("{id} = `{}`", shortened(name(section, row))),
        None => format!("`{}`", shortened(name(section, row))),
    };
    let listed: Vec<String> = rows.iter().take(CANDIDATES).map(candidate).collect();
    let more = rows.len().saturating_sub(CANDIDATES);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    Problem::new(format!(
        "`{}` is ambiguous: it matches {} rows of `{}`. Give an id or a full name: {}{more}.",
        shortened(wanted),
        rows.len(),
        section.spec.name,
        listed.join(", "),
    ))
}
