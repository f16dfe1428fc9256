//! One observation: a metric of a row in one run, with the bounds that rounding leaves.

use hotpath_report::{Dist, Heading, Merge, MetricFamily, Part, Report, Row, Table, Unit, Value};

/// A value as the report has it, and the bounds of the true one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Observation {
    pub(super) lower: f64,
    pub(super) value: f64,
    pub(super) upper: f64,
}

impl Observation {
    pub(super) fn exact(value: f64) -> Self {
        Self { lower: value, value, upper: value }
    }

    fn rounded(value: f64, unit: Unit) -> Self {
        let error = rounding_error(unit, value);
        Self { lower: (value - error).max(0.0), value, upper: value + error }
    }
}

/// The name of the metric under a heading: its key in JSON, without the unit of nanoseconds.
pub(super) fn metric(heading: &Heading) -> String {
    let key = heading.number_key().unwrap_or_else(|| heading.column.key.to_owned());
    key.strip_suffix("_ns").unwrap_or(&key).to_owned()
}

/// Percentiles of times that are compared whether or not a report has them: other programs on the machine disturb them least. The
/// median is far off if half of the calls were disturbed; the lower quartile needs only one call in four that was not.
const ROBUST: [f64; 2] = [25.0, 50.0];

/// The headings of a section whose metrics are compared.
pub(super) fn headings(section: &Table) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    for heading in section.headings.iter().filter(|heading| is_compared(heading)) {
        headings.push(*heading);
        if heading.part != Part::Avg || heading.column.family != MetricFamily::Time {
            continue;
        }
        let robust =
            ROBUST.map(|percent| Heading { column: heading.column, part: Part::Percentile(percent) });
        headings.extend(robust.iter().filter(|robust| section.index(&robust.identity()).is_none()));
    }
    headings
}

/// Returns true if run effects are estimated from this metric: of each row the most robust one.
pub(super) fn shows_run_effect(heading: &Heading) -> bool {
    heading.column.family == MetricFamily::Time && heading.part == Part::Percentile(ROBUST[0])
}

/// Returns true if two runs can be compared by this metric.
fn is_compared(heading: &Heading) -> bool {
    let column = heading.column;
    let adds = matches!(column.merge, Merge::Sum | Merge::Max | Merge::Min);
    let part = match column.dist {
        Some(_) => matches!(heading.part, Part::Avg | Part::Percentile(_)),
        None => adds,
    };
    part && column.family != MetricFamily::Skip
}

/// The observation under a heading, if the row has one. A percentile that the report does not have follows from its histogram.
pub(super) fn observe(report: &Report, section: &Table, row: &Row, heading: &Heading) -> Option<Observation> {
    let index = section.index(&heading.identity());
    let Some(number) = index.and_then(|index| row.cells.get(index)?.number()) else {
        let is_percentile = matches!(heading.part, Part::Percentile(_));
        let dist = dist(section, row, heading).filter(|_| is_percentile)?;
        return heading.of_dist(dist).number().map(|number| Observation::exact(number as f64));
    };
    let number = number as f64;
    if report.rounded {
        return Some(Observation::rounded(number, heading.column.unit));
    }
    // The mean in the report is rounded down, which is a percent of 100 ns.
    let mean = || {
        let dist = dist(section, row, heading)?;
        (dist.count > 0 && dist.sum < u64::MAX).then(|| dist.sum as f64 / dist.count as f64)
    };
    let value = if heading.part == Part::Avg { mean().unwrap_or(number) } else { number };
    Some(Observation::exact(value))
}

/// The share of the run that a row takes, in percent: of the section's 100 %, or of the duration of the run.
pub(super) fn share(report: &Report, section: &Table, row: &Row) -> Option<f64> {
    let (key, whole) = match section.base {
        Some(base) if !section.spec.base.is_empty() => (section.spec.base, base),
        _ => (time_column(section)?, report.duration_ns),
    };
    let part = section.cell(row, key).number()?;
    (whole > 0).then(|| part as f64 / whole as f64 * 100.0)
}

/// The first time among the columns that order a section.
fn time_column(section: &Table) -> Option<&'static str> {
    let is_time =
        |key: &&&str| section.index(key).is_some_and(|i| section.headings[i].column.unit == Unit::Nanos);
    section.spec.sort.iter().find(is_time).copied()
}

/// Half a unit of the last decimal of a formatted number.
fn rounding_error(unit: Unit, value: f64) -> f64 {
    const DECIMAL: f64 = 1_000.0;
    const BINARY: f64 = 1_024.0;
    let (base, half) = match unit {
        Unit::Nanos => (DECIMAL, 0.005),
        Unit::Bytes => (BINARY, 0.05),
        _ => return 0.0,
    };
    let mut scale = 1.0;
    let largest = if unit == Unit::Nanos { 1e9 } else { BINARY.powi(4) };
    while scale < largest && value >= scale * base {
        scale *= base;
    }
    if scale > 1.0 { scale * half } else { 0.0 }
}

/// The distribution that a heading shows a part of.
pub(super) fn dist<'a>(section: &Table, row: &'a Row, heading: &Heading) -> Option<&'a Dist> {
    let histogram = Heading { column: heading.column, part: Part::Histogram }.identity();
    let index = section.index(&histogram)?;
    match row.cells.get(index)? {
        Value::Dist(dist) => Some(dist),
        _ => None,
    }
}
