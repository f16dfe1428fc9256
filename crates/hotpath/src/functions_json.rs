//! The JSON of functions that 0.7 and 0.9 had, made of what a [`Reporter`](crate::Reporter) is given.

use crate::{MetricType, MetricsProvider, ProfilingMode};

/// The measured functions of a session, as 0.7 and 0.9 wrote them. `serde::Serialize` with the feature `json`.
///
/// ```
/// use hotpath::{FunctionsJson, MetricsProvider, Reporter};
///
/// struct Printer;
/// impl Reporter for Printer {
///     fn report(&self, metrics: &dyn MetricsProvider<'_>) -> Result<(), Box<dyn std::error::Error>> {
///         let functions = FunctionsJson::from(metrics);
///         println!("{} in {} ns", functions.caller_name, functions.total_elapsed);
///         for (name, cells) in functions.data.rows() {
///             println!("{name} {cells:?}");
///         }
///         Ok(())
///     }
/// }
/// let _guard = hotpath::FunctionsGuardBuilder::new("main").reporter(Box::new(Printer)).build();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FunctionsJson {
    /// Which measure the numbers are.
    pub hotpath_profiling_mode: ProfilingMode,
    /// Nanoseconds the session took.
    pub total_elapsed: u64,
    /// The description of the numbers.
    pub description: String,
    /// The function that holds the guard.
    pub caller_name: String,
    /// The percentiles among the numbers.
    pub percentiles: Vec<u8>,
    /// The functions.
    pub data: FunctionsDataJson,
}

/// The rows of [`FunctionsJson`], largest share first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FunctionsDataJson {
    percentiles: Vec<u8>,
    rows: Vec<(String, Vec<MetricType>)>,
}

impl FunctionsDataJson {
    /// Function name and cells: calls, average, the percentiles, total, share of the total.
    pub fn rows(&self) -> impl Iterator<Item = (&str, &[MetricType])> {
        self.rows.iter().map(|(name, cells)| (name.as_str(), cells.as_slice()))
    }
}

impl From<&dyn MetricsProvider<'_>> for FunctionsJson {
    fn from(metrics: &dyn MetricsProvider<'_>) -> Self {
        let percentiles = metrics.percentiles();
        let mut rows: Vec<_> = metrics.metric_data().into_iter().collect();
        let key = |row: &(String, Vec<MetricType>)| metrics.sort_key(&row.1);
        rows.sort_by(|a, b| key(b).total_cmp(&key(a)).then_with(|| a.0.cmp(&b.0)));
        Self {
            hotpath_profiling_mode: metrics.profiling_mode(),
            total_elapsed: metrics.total_elapsed(),
            description: metrics.description(),
            caller_name: metrics.caller_name().to_owned(),
            data: FunctionsDataJson { percentiles: percentiles.clone(), rows },
            percentiles,
        }
    }
}

#[cfg(feature = "json")]
mod serialize {
    use serde::{
        Serialize, Serializer,
        ser::{SerializeMap, SerializeStruct},
    };

    use super::{FunctionsDataJson, FunctionsJson};
    use crate::MetricType;

    impl Serialize for FunctionsJson {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut json = serializer.serialize_struct("FunctionsJson", 6)?;
            json.serialize_field("hotpath_profiling_mode", &self.hotpath_profiling_mode.to_string())?;
            json.serialize_field("total_elapsed", &self.total_elapsed)?;
            json.serialize_field("description", &self.description)?;
            json.serialize_field("caller_name", &self.caller_name)?;
            json.serialize_field("percentiles", &self.percentiles)?;
            json.serialize_field("data", &self.data)?;
            json.end()
        }
    }

    /// A list of objects: the cells under their names, in nanoseconds, bytes and hundredths of a percent.
    impl Serialize for FunctionsDataJson {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(self.rows.iter().map(|row| Row { data: self, row }))
        }
    }

    struct Row<'a> {
        data: &'a FunctionsDataJson,
        row: &'a (String, Vec<MetricType>),
    }

    impl Serialize for Row<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let (name, cells) = self.row;
            let percentiles = self.data.percentiles.iter().map(|percentile| format!("p{percentile}"));
            let fixed = |names: [&str; 2]| names.map(str::to_owned).into_iter();
            let keys = fixed(["calls", "avg"]).chain(percentiles).chain(fixed(["total", "percent_total"]));
            let mut json = serializer.serialize_map(None)?;
            json.serialize_entry("name", name)?;
            for (key, cell) in keys.zip(cells) {
                json.serialize_entry(&key, &number(*cell))?;
            }
            json.end()
        }
    }

    fn number(cell: MetricType) -> Option<u64> {
        match cell {
            MetricType::CallsCount(number)
            | MetricType::DurationNs(number)
            | MetricType::Alloc(number, _)
            | MetricType::Percentage(number) => Some(number),
            MetricType::Unsupported => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    struct Given;

    impl MetricsProvider<'_> for Given {
        fn description(&self) -> String {
            "Execution duration of functions.".to_owned()
        }

        fn profiling_mode(&self) -> ProfilingMode {
            ProfilingMode::Timing
        }

        fn headers(&self) -> Vec<String> {
            Vec::new()
        }

        fn percentiles(&self) -> Vec<u8> {
            vec![95]
        }

        fn metric_data(&self) -> HashMap<String, Vec<MetricType>> {
            use MetricType::{CallsCount, DurationNs, Percentage, Unsupported};
            let row =
                |share| vec![CallsCount(2), DurationNs(5), Unsupported, DurationNs(10), Percentage(share)];
            HashMap::from([("app::small".to_owned(), row(100)), ("app::large".to_owned(), row(9900))])
        }

        fn entry_counts(&self) -> (usize, usize) {
            (2, 2)
        }

        fn total_elapsed(&self) -> u64 {
            11
        }

        fn caller_name(&self) -> &str {
            "main"
        }
    }

    #[test]
    fn the_largest_share_stands_first() {
        let json = FunctionsJson::from(&Given as &dyn MetricsProvider<'_>);
        let names: Vec<&str> = json.data.rows().map(|(name, _)| name).collect();
        assert_eq!((names, json.caller_name.as_str()), (vec!["app::large", "app::small"], "main"));
    }

    #[cfg(feature = "json")]
    #[test]
    fn it_is_the_json_of_0_9() {
        let json = FunctionsJson::from(&Given as &dyn MetricsProvider<'_>);
        let row = |name, share| {
            serde_json::json!({
                "name": name, "calls": 2, "avg": 5, "p95": null, "total": 10, "percent_total": share
            })
        };
        assert_eq!(
            serde_json::to_value(&json).expect("it is JSON"),
            serde_json::json!({
                "hotpath_profiling_mode": "timing", "total_elapsed": 11, "caller_name": "main", "percentiles": [95],
                "description": "Execution duration of functions.",
                "data": [row("app::large", 9900), row("app::small", 100)],
            })
        );
    }
}
