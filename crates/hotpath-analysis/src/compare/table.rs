//! A comparison as tables for a terminal.

use super::comparison::{Change, ComparedRow, Comparison, Outcome, Presence};
use super::text;
use hotpath_report::{
    render::Options,
    render::write_grid,
    render::{name_cell, printable},
};
use std::fmt::{self, Write};

/// Lines of counts that differ; of the rest the number.
const MAX_COUNTS: usize = 10;
/// Inconclusive rows that are shown; of the rest the number.
const MAX_INCONCLUSIVE: usize = 10;

/// Writes a comparison as tables: regressions, improvements, inconclusive rows; with `all` also the rows without a regression.
pub fn table(comparison: &Comparison, all: bool, options: &Options, out: &mut dyn Write) -> fmt::Result {
    let (base, head) = (&comparison.base, &comparison.head);
    writeln!(
        out,
        "[hotpath] compare | base: {} | head: {}",
        printable(&text::side(base)),
        printable(&text::side(head))
    )?;
    writeln!(out, "run: {} -> {}\n", text::duration(base), text::duration(head))?;
    write_rows("Regressions", &text::with(comparison, Outcome::Regression), comparison, options, out)?;
    write_rows("Improvements", &text::with(comparison, Outcome::Improvement), comparison, options, out)?;
    let inconclusive = text::with(comparison, Outcome::Inconclusive);
    let shown = if all { inconclusive.len() } else { inconclusive.len().min(MAX_INCONCLUSIVE) };
    write_rows("Inconclusive", &inconclusive[..shown], comparison, options, out)?;
    if shown < inconclusive.len() {
        writeln!(out, "and {} more inconclusive rows\n", inconclusive.len() - shown)?;
    }
    write_lone(comparison, options, out)?;
    let unchanged = text::with(comparison, Outcome::NoRegression);
    if all {
        write_rows("No regression", &unchanged, comparison, options, out)?;
    }
    write_counts(comparison, options, out)?;
    for note in &comparison.notes {
        writeln!(out, "note: {}", printable(note))?;
    }
    writeln!(out, "{}", text::summary(comparison))
}

fn write_rows(
    title: &str,
    rows: &[&ComparedRow],
    comparison: &Comparison,
    options: &Options,
    out: &mut dyn Write,
) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "{title} ({})", rows.len())?;
    let header = [
        "Section",
        "Name",
        "Metric",
        "Base",
        "Head",
        "Change",
        &format!("{} % CI", comparison.confidence * 100.0),
        "% of run",
        "Outcome",
    ]
    .map(str::to_owned);
    let lines = rows.iter().flat_map(|row| {
        let changes = text::main_changes(row).into_iter().enumerate();
        changes.map(|(i, (name, change))| line(row, name, change, i == 0, options)).collect::<Vec<_>>()
    });
    write_grid(header.to_vec(), lines.collect(), options, out)
}

fn line(
    row: &ComparedRow,
    metric: String,
    change: &Change,
    is_first: bool,
    options: &Options,
) -> Vec<String> {
    let first = |text: String| if is_first { text } else { String::new() };
    vec![
        first(row.section.to_owned()),
        first(name_cell(&text::name(row, options.name_depth))),
        metric,
        text::base(change),
        text::number(change.head, change.unit),
        text::change(change),
        text::interval(change),
        first(text::share(row)),
        change.words(),
    ]
}

fn write_lone(comparison: &Comparison, options: &Options, out: &mut dyn Write) -> fmt::Result {
    let rows = text::one_sided(comparison);
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out, "Added or removed ({})", rows.len())?;
    let header = ["Section", "Name", "% of run", ""].map(str::to_owned).to_vec();
    let line = |row: &&ComparedRow| {
        let word = if row.presence == Presence::Added { "added" } else { "removed" };
        let name = name_cell(&text::name(row, options.name_depth));
        vec![row.section.to_owned(), name, text::share(row), word.to_owned()]
    };
    write_grid(header, rows.iter().map(line).collect(), options, out)
}

fn write_counts(comparison: &Comparison, options: &Options, out: &mut dyn Write) -> fmt::Result {
    let counts = text::reported_counts(comparison);
    for (row, change) in counts.iter().take(MAX_COUNTS) {
        let name = name_cell(&text::name(row, options.name_depth));
        let (base, head) = (text::base(change), text::number(change.head, change.unit));
        writeln!(out, "{name}: {} {base} -> {head}", change.metric)?;
    }
    match counts.len().saturating_sub(MAX_COUNTS) {
        0 if counts.is_empty() => Ok(()),
        0 => writeln!(out),
        more => writeln!(out, "and {more} more counts that differ\n"),
    }
}
