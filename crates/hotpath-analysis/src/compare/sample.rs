//! One number of one run, with what rounding leaves open.

use hotpath_report::{Dist, Heading, Merge, MetricFamily, Part, Report, Row, Table, Unit, Value};

/// One number of one run: what was read, and between which bounds the true one lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) least: f64,
    pub(super) value: f64,
    pub(super) most: f64,
}

impl Sample {
    pub(super) fn exactly(value: f64) -> Self {
        Self { least: value, value, most: value }
    }

    fn rounded(value: f64, unit: Unit) -> Self {
        let open = rounding(unit, value);
        Self { least: (value - open).max(0.0), value, most: value + open }
    }
}

/// What a comparison calls the number under a heading: its key in JSON, nanoseconds without their unit.
pub(super) fn metric(heading: &Heading) -> String {
    let key = heading.number_key().unwrap_or_else(|| heading.column.key.to_owned());
    key.strip_suffix("_ns").unwrap_or(&key).to_owned()
}

/// Percentiles of times that are compared whether a report was asked for them or not: the numbers that neighbours of a run
/// disturb least. The median of calls is far off if half of them met one; the lower quartile needs but one call in four that
/// did not.
const STEADY: [f64; 2] = [25.0, 50.0];

/// The numbers of a section that are compared.
pub(super) fn headings(section: &Table) -> Vec<Heading> {
    let mut headings: Vec<Heading> = Vec::new();
    for heading in section.headings.iter().filter(|heading| is_compared(heading)) {
        headings.push(*heading);
        if heading.part != Part::Avg || heading.column.judge != MetricFamily::Time {
            continue;
        }
        let steady =
            STEADY.map(|percent| Heading { column: heading.column, part: Part::Percentile(percent) });
        headings.extend(steady.iter().filter(|steady| section.index(&steady.identity()).is_none()));
    }
    headings
}

/// Whether the number under a heading is one by which a run tells how fast the machine was: of each row the steadiest.
pub(super) fn tells_speed(heading: &Heading) -> bool {
    heading.column.judge == MetricFamily::Time && heading.part == Part::Percentile(STEADY[0])
}

/// Whether two runs can be compared by the numbers under a heading.
fn is_compared(heading: &Heading) -> bool {
    let column = heading.column;
    let adds = matches!(column.merge, Merge::Sum | Merge::Max | Merge::Min);
    let part = match column.dist {
        Some(_) => matches!(heading.part, Part::Avg | Part::Percentile(_)),
        None => adds,
    };
    part && column.judge != MetricFamily::Skip
}

/// The number under a heading, if the row has it. A percentile that this report was not asked for follows from its histogram.
pub(super) fn sample(report: &Report, section: &Table, row: &Row, heading: &Heading) -> Option<Sample> {
    let index = section.index(&heading.identity());
    let Some(number) = index.and_then(|index| row.cells.get(index)?.number()) else {
        let is_percentile = matches!(heading.part, Part::Percentile(_));
        let dist = dist(section, row, heading).filter(|_| is_percentile)?;
        return heading.of_dist(dist).number().map(|number| Sample::exactly(number as f64));
    };
    let number = number as f64;
    if report.rounded {
        return Some(Sample::rounded(number, heading.column.unit));
    }
    // The mean in the report is rounded down, which is a percent of 100 ns.
    let mean = || {
        let dist = dist(section, row, heading)?;
        (dist.count > 0 && dist.sum < u64::MAX).then(|| dist.sum as f64 / dist.count as f64)
    };
    let value = if heading.part == Part::Avg { mean().unwrap_or(number) } else { number };
    Some(Sample::exactly(value))
}

/// The share that a row has of its run, in percent: of the section's 100 %, or of the time that the run took.
pub(super) fn share(report: &Report, section: &Table, row: &Row) -> Option<f64> {
    let (key, whole) = match section.base {
        Some(base) if !section.spec.base.is_empty() => (section.spec.base, base),
        _ => (time_column(section)?, report.duration_ns),
    };
    let part = section.cell(row, key).number()?;
    (whole > 0).then(|| part as f64 / whole as f64 * 100.0)
}

/// The first of the columns that order a section which is a time.
fn time_column(section: &Table) -> Option<&'static str> {
    let is_time =
        |key: &&&str| section.index(key).is_some_and(|i| section.headings[i].column.unit == Unit::Nanos);
    section.spec.sort.iter().find(is_time).copied()
}

/// Half of the last decimal that a formatted number has.
fn rounding(unit: Unit, value: f64) -> f64 {
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

/// The distribution of which a heading shows a part.
pub(super) fn dist<'a>(section: &Table, row: &'a Row, heading: &Heading) -> Option<&'a Dist> {
    let histogram = Heading { column: heading.column, part: Part::Histogram }.identity();
    let index = section.index(&histogram)?;
    match row.cells.get(index)? {
        Value::Dist(dist) => Some(dist),
        _ => None,
    }
}
