//! The sample sizes behind the numbers: exact, or estimates from a sample.

use hotpath_report::{Part, Report, Row, Table, Value};

/// Returns the coverage of a section.
pub(crate) fn of_section(report: &Report, section: &Table) -> String {
    if let Some(interval) = poll_interval_ms(section) {
        return format!(
            "polled every {interval} ms: sums are exact, anything that starts and ends between two polls is missing"
        );
    }
    match rate(report, section) {
        None => match estimates(section) {
            0 => "exact: all events are counted and timed".to_owned(),
            count => format!(
                "counts are exact; times of {count} of {} rows are estimates, with standard errors as *_se_ns",
                section.rows.len()
            ),
        },
        Some(rate) => format!(
            "counts are exact, times and derived numbers are estimates from a sample of {} %; each row has its n",
            rate * 100.0
        ),
    }
}

/// Returns the poll interval in milliseconds, if the section is polled.
fn poll_interval_ms(section: &Table) -> Option<u64> {
    let (_, interval) = section.fields.iter().find(|(field, _)| field.key == "sample_interval_ms")?;
    interval.number().filter(|&interval| interval > 0)
}

/// Returns the coverage of a row: the number of values of its distributions.
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
    let is_sampled = rate(report, section).is_some() || is_estimate(section, row);
    let how = if is_sampled { "sampled" } else { "exact" };
    if counts.is_empty() { how.to_owned() } else { format!("{how}: {}", counts.join(", ")) }
}

/// Returns the number of rows with an estimate.
fn estimates(section: &Table) -> usize {
    let pairs = estimated_cells(section);
    section.rows.iter().filter(|row| pairs.iter().any(|&(i, error)| row.is_estimate(i, Some(error)))).count()
}

fn is_estimate(section: &Table, row: &Row) -> bool {
    estimated_cells(section).iter().any(|&(i, error)| row.is_estimate(i, Some(error)))
}

/// Returns the positions of the cells that may be estimates, with those of their standard errors.
fn estimated_cells(section: &Table) -> Vec<(usize, usize)> {
    let cells = 0..section.headings.len();
    cells.filter_map(|i| Some((i, section.error_index(i)?))).collect()
}

/// Returns the sampling rate of times, if it is below 1.
fn rate(report: &Report, section: &Table) -> Option<f64> {
    // Items of streams are sampled at the rate of futures.
    let resource = if section.spec.name == "streams" { "futures" } else { section.spec.stem };
    report.time_sampling.get(resource).copied().filter(|rate| *rate < 1.0)
}
