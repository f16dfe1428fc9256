//! Metrics that a policy can name.

use super::observation;
use hotpath_report::{SECTIONS, Table, Unit, units::parse_percentile_key};

/// Returns the metrics of a resource such as `functions` (of all, without one), each with its unit. Of percentiles only the median is
/// listed; see [`metric_unit`].
///
/// ```
/// use hotpath_analysis::compare::metrics;
/// use hotpath_report::Unit;
/// assert!(metrics(Some("functions")).contains(&("self".to_owned(), Unit::Nanos)));
/// ```
pub fn metrics(resource: Option<&str>) -> Vec<(String, Unit)> {
    with_percentiles(resource, &[50.0])
}

/// Returns the unit of a metric of a resource (of any, without one); `None` if there is no such metric.
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
        for heading in observation::headings(&section) {
            let metric = (observation::metric(&heading), heading.column.unit);
            if !known.contains(&metric) {
                known.push(metric);
            }
        }
    }
    known
}
