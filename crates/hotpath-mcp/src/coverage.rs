//! How many values a number is made of: all of them, or a sample.

use hotpath_report::{Part, Report, Row, Table, Value};

/// What is true of all rows of a section.
pub(crate) fn of_section(report: &Report, section: &Table) -> String {
    if let Some(interval) = looks(section) {
        return format!(
            "looked at every {interval} ms: sums are exact, what comes and goes between two looks is not seen"
        );
    }
    match rate(report, section) {
        None => "exact: everything is counted and timed".to_owned(),
        Some(rate) => format!(
            "counts are exact, times and what follows from them are estimates from a sample of {} %; n is in each row",
            rate * 100.0
        ),
    }
}

/// Milliseconds between two looks, if the section is made by looking at intervals.
fn looks(section: &Table) -> Option<u64> {
    let (_, interval) = section.fields.iter().find(|(field, _)| field.key == "sample_interval_ms")?;
    interval.number().filter(|&interval| interval > 0)
}

/// What is true of one row: how many values its distributions are made of.
pub(crate) fn of_row(report: &Report, section: &Table, row: &Row) -> String {
    let cells = section.headings.iter().zip(&row.cells);
    let counts: Vec<String> = cells
        .filter_map(|(heading, cell)| match (heading.part, cell, heading.column.dist) {
            (Part::Histogram, Value::Dist(dist), Some(keys)) => {
                Some(format!("{} n={}", keys.identity, dist.count))
            }
            _ => None,
        })
        .collect();
    let how = if rate(report, section).is_some() { "sampled" } else { "exact" };
    if counts.is_empty() { how.to_owned() } else { format!("{how}: {}", counts.join(", ")) }
}

/// The share of times that are taken, if it is not all of them.
fn rate(report: &Report, section: &Table) -> Option<f64> {
    // Items of streams are timed as polls of futures are.
    let resource = if section.spec.name == "streams" { "futures" } else { section.spec.stem };
    report.time_sampling.get(resource).copied().filter(|rate| *rate < 1.0)
}
