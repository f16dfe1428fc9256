//! Which numbers a policy can name.

use super::sample;
use hotpath_report::{SECTIONS, Table, Unit, units::parse_percentile_key};

/// The numbers that are compared of a resource such as `functions` (of any, without one), each with its unit. Of percentiles there
/// is the median only; see [`metric_unit`].
///
/// ```
/// use hotpath_analysis::compare::metrics;
/// use hotpath_report::Unit;
/// assert!(metrics(Some("functions")).contains(&("self".to_owned(), Unit::Nanos)));
/// ```
pub fn metrics(resource: Option<&str>) -> Vec<(String, Unit)> {
    with_percentiles(resource, &[50.0])
}

/// The unit of a number that is compared of a resource (of any, without one); `None` if there is no such number.
///
/// ```
/// use hotpath_analysis::compare::metric_unit;
/// use hotpath_report::Unit;
/// assert_eq!(metric_unit(Some("mutexes"), "wait_p99.9"), Some(Unit::Nanos));
/// assert_eq!(metric_unit(Some("functions"), "selff"), None);
/// ```
pub fn metric_unit(resource: Option<&str>, name: &str) -> Option<Unit> {
    let percentile = parse_percentile_key(name.rsplit('_').next().unwrap_or(name));
    let known = with_percentiles(resource, percentile.as_slice());
    known.into_iter().find(|(metric, _)| metric == name).map(|(_, unit)| unit)
}

fn with_percentiles(resource: Option<&str>, percentiles: &[f64]) -> Vec<(String, Unit)> {
    let mut known: Vec<(String, Unit)> = Vec::new();
    for declared in SECTIONS.iter().filter(|declared| resource.is_none_or(|name| declared.spec.stem == name))
    {
        let section = Table::empty(declared.spec, &declared.columns(), percentiles);
        for heading in sample::headings(&section) {
            let metric = (sample::metric(&heading), heading.column.unit);
            if !known.contains(&metric) {
                known.push(metric);
            }
        }
    }
    known
}
