//! The report as tables for a terminal or a log file.

use super::grid::write_grid;
use super::text::{name_cell, printable};
use super::{Options, findings, tree};
use crate::column::{Heading, Show};
use crate::report::{Budget, Overhead, Report};
use crate::section::{Row, Table, estimate_text};
use crate::units::{format_count, format_duration, format_percent, shorten_function_name};
use crate::value::{Unit, Value};
use std::fmt::{self, Write};
use std::time::Duration;

/// Advice when nothing was measured.
const HOW_TO: &str = "\
Add #[hotpath::measure] to a function, #[hotpath::measure_all] to a module or impl block, or wrap code in
hotpath::measure_block!(\"label\", { ... }), and make sure that it runs while the profiler does.
If functions are measured already, HOTPATH_FOCUS may match none of them.
";

/// Writes the report as tables: a header line, one block per section, the profiler's own cost, and what stands out.
pub fn table(report: &Report, options: &Options, out: &mut dyn Write) -> fmt::Result {
    let has_tree = options.call_tree.is_some() && !report.call_tree.is_empty();
    let is_empty = !has_tree && report.with_evidence().all(is_blank);
    if is_empty {
        write_nothing_measured(report, options, out)?;
    } else {
        write_header(report, has_tree, out)?;
    }
    for section in report.sections.iter().filter(|section| !section.rows.is_empty()) {
        write_section(section, options, out)?;
    }
    if !is_empty && !report.has_measurements() {
        let how_to = if options.hints { HOW_TO } else { "" };
        writeln!(out, "Nothing but the caller itself was measured.\n{how_to}")?;
    }
    if let Some(limits) = options.call_tree {
        tree::write(report, limits, options, out)?;
    }
    write_metadata(report, options, out)?;
    for note in report.all_notes() {
        writeln!(out, "note: {}", printable(&note))?;
    }
    report.overhead.as_ref().map_or(Ok(()), |overhead| write_overhead(overhead, out))?;
    if options.findings { findings::write(report, options, out) } else { Ok(()) }
}

/// Writes one section alone, as 0.7 did: a line with what it is and how long was measured, then the table.
pub fn statistics(section: &Table, report: &Report, options: &Options, out: &mut dyn Write) -> fmt::Result {
    let runtime = Duration::from_nanos(report.duration_ns).as_secs_f64();
    writeln!(out, "=== {} Statistics (runtime: {runtime:.2}s) ===\n", section.spec.title)?;
    if section.rows.is_empty() {
        return writeln!(out, "Nothing was recorded.");
    }
    writeln!(out, "{}s:", section.spec.title)?;
    write_grids(section, options, out)
}

/// Returns true if a section has no row but that of what was not measured.
fn is_blank(section: &Table) -> bool {
    section.rows.iter().all(|row| section.is_outside(row))
}

fn write_header(report: &Report, has_tree: bool, out: &mut dyn Write) -> fmt::Result {
    let shown = report.sections.iter().filter(|section| !section.rows.is_empty());
    let names: Vec<&str> =
        shown.map(|section| section.spec.short).chain(has_tree.then_some("call_tree")).collect();
    write!(out, "[hotpath] {:.2?} | {}", Duration::from_nanos(report.duration_ns), names.join(", "))?;
    if let Some(label) = &report.label {
        write!(out, " | {}", printable(label))?;
    }
    if !report.time_sampling.is_empty() {
        let rates: Vec<String> =
            report.time_sampling.iter().map(|(name, rate)| format!("{}={rate}", printable(name))).collect();
        write!(out, " | time sampling: {}", rates.join(", "))?;
    }
    out.write_str("\n")?;
    if let Some(budget) = &report.budget {
        write_budget(budget, out)?;
    }
    out.write_str("\n")
}

fn write_budget(budget: &Budget, out: &mut dyn Write) -> fmt::Result {
    let Budget { percent, spent_percent, estimates, functions } = *budget;
    let functions = format!("{} function{}", format_count(functions), if functions == 1 { "" } else { "s" });
    let are_estimates = if estimates == 1 { "is an estimate" } else { "are estimates" };
    let estimates = format_count(estimates);
    writeln!(
        out,
        "budget {percent} %: {spent_percent:.1} % spent, {estimates} of {functions} {are_estimates}"
    )
}

fn write_nothing_measured(report: &Report, options: &Options, out: &mut dyn Write) -> fmt::Result {
    let caller = if report.caller_name.is_empty() { "the program" } else { &report.caller_name };
    let total = Duration::from_nanos(report.duration_ns);
    writeln!(out, "[hotpath] No measurements recorded from {} (Total time: {total:.2?})", printable(caller))?;
    if options.hints {
        writeln!(out, "\n{HOW_TO}")?;
    }
    Ok(())
}

fn write_section(section: &Table, options: &Options, out: &mut dyn Write) -> fmt::Result {
    let rows = section.shown();
    write!(out, "{} - {}", section.spec.short, section.description)?;
    if (rows.len() as u64) < section.total_count {
        write!(out, " ({}/{})", rows.len(), section.total_count)?;
    }
    out.write_str("\n")?;
    let fields: Vec<String> = section
        .fields
        .iter()
        .filter(|(field, value)| {
            !field.header.is_empty()
                && field.show != Show::JsonOnly
                && (field.show != Show::WhenAny || !value.is_nothing())
        })
        .map(|(field, value)| format!("{}: {}", field.header, printable(&value.to_string())))
        .collect();
    if !fields.is_empty() {
        writeln!(out, "{}", fields.join(", "))?;
    }
    write_grids(section, options, out)
}

/// All tables of a section, and the lists inside it.
fn write_grids(section: &Table, options: &Options, out: &mut dyn Write) -> fmt::Result {
    let tables = section.headings.iter().map(|heading| heading.column.table).max().unwrap_or(0);
    (tables.min(1)..=tables).try_for_each(|table| write_rows(section, table, options, out))?;
    section.lists.iter().try_for_each(|list| write_rows(list, 0, options, out))
}

/// One grid of a section, with the columns that belong to this one or to all, or of a list inside it; nothing if that is for
/// machines only.
fn write_rows(section: &Table, table: u8, options: &Options, out: &mut dyn Write) -> fmt::Result {
    let rows = section.shown();
    let is_in = |i: &usize| {
        let heading = &section.headings[*i];
        (heading.column.table == 0 || heading.column.table == table) && is_shown(heading, *i, rows)
    };
    let columns: Vec<usize> = (0..section.headings.len()).filter(is_in).collect();
    if columns.is_empty() {
        return Ok(());
    }
    let header = columns.iter().map(|&i| section.headings[i].header()).collect();
    let errors: Vec<Option<usize>> = columns.iter().map(|&i| section.error_index(i)).collect();
    let cells = |row: &Row| {
        let columns = columns.iter().zip(&errors);
        columns.map(|(&i, &error)| cell(&section.headings[i], row, i, error, options)).collect()
    };
    write_grid(header, rows.iter().map(cells).collect(), options, out)
}

fn is_shown(heading: &Heading, index: usize, rows: &[Row]) -> bool {
    let any = || rows.iter().any(|row| !row.cells[index].is_nothing());
    let different = || rows.iter().any(|row| row.cells[index] != rows[0].cells[index]);
    heading.in_table()
        && match heading.column.show {
            Show::WhenAny => any(),
            Show::WhenDifferent => different(),
            _ => true,
        }
}

fn cell(heading: &Heading, row: &Row, index: usize, error: Option<usize>, options: &Options) -> String {
    match (heading.column.unit, &row.cells[index]) {
        (Unit::Name, Value::Text(name)) => name_cell(&shorten_function_name(name, options.name_depth)),
        (Unit::Text, Value::Text(text)) => shortened(&printable(text)),
        (_, value) => name_cell(&estimate_text(row.is_estimate(index, error), value)),
    }
}

/// Characters of a text in a table; JSON has all of it.
const MAX_TEXT: usize = 60;

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn write_metadata(report: &Report, options: &Options, out: &mut dyn Write) -> fmt::Result {
    if report.user_metadata.is_empty() {
        return Ok(());
    }
    writeln!(out, "user_metadata - Custom report metadata.")?;
    let header = vec!["Key".to_owned(), "Value".to_owned()];
    let rows =
        report.user_metadata.iter().map(|(key, value)| vec![printable(key), printable(value)]).collect();
    write_grid(header, rows, options, out)
}

fn write_overhead(overhead: &Overhead, out: &mut dyn Write) -> fmt::Result {
    writeln!(
        out,
        "profiler: ~{:.0} ns per call, {} calls, {} in all ({} of the run)",
        overhead.per_call_ns,
        format_count(overhead.calls),
        format_duration(overhead.total_ns),
        format_percent(overhead.percent).replace('%', " %"),
    )
}
