//! Reports in the program's own hands: [`Reporter`], and the measurements that it is given.

use std::{collections::HashMap, error::Error, fmt, time::Duration};

/// The main metric of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProfilingMode {
    /// Time.
    Timing,
    /// Allocated bytes.
    AllocBytes,
    /// Allocations.
    AllocCount,
}

impl fmt::Display for ProfilingMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Timing => "timing",
            Self::AllocBytes => "alloc-bytes",
            Self::AllocCount => "alloc-count",
        })
    }
}

/// One cell of the measurements of a [`Reporter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricType {
    /// Number of calls.
    CallsCount(u64),
    /// Nanoseconds.
    DurationNs(u64),
    /// Bytes and number of allocations.
    Alloc(u64, u64),
    /// Hundredths of a percent.
    Percentage(u64),
    /// Not known.
    Unsupported,
}

impl fmt::Display for MetricType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CallsCount(calls) => write!(f, "{calls}"),
            Self::DurationNs(nanos) => write!(f, "{:.2?}", Duration::from_nanos(*nanos)),
            Self::Alloc(bytes, count) => write!(f, "{bytes} B ({count})"),
            Self::Percentage(hundredths) => write!(f, "{}.{:02}%", hundredths / 100, hundredths % 100),
            Self::Unsupported => f.write_str("N/A*"),
        }
    }
}

/// The measurements that a [`Reporter`] is given: the measured functions of a session.
pub trait MetricsProvider<'a> {
    /// Returns the description of the numbers.
    fn description(&self) -> String;
    /// Returns the metric that they are mainly about.
    fn profiling_mode(&self) -> ProfilingMode;
    /// Returns the column headings; the first is the function.
    fn headers(&self) -> Vec<String>;
    /// Returns the percentiles among the columns, rounded to whole ones.
    fn percentiles(&self) -> Vec<u8>;
    /// Returns the cells of each function's row by its name, in the order of the headings after the first.
    fn metric_data(&self) -> HashMap<String, Vec<MetricType>>;
    /// Returns the number that rows are sorted by, largest first: the share of the total.
    fn sort_key(&self, metrics: &[MetricType]) -> f64 {
        match metrics.last() {
            Some(MetricType::Percentage(hundredths)) => *hundredths as f64 / 100.0,
            _ => 0.0,
        }
    }
    /// Returns true if some cell is unknown because of async code: never.
    fn has_unsupported_async(&self) -> bool {
        false
    }
    /// Returns the number of rows shown, and of all rows.
    fn entry_counts(&self) -> (usize, usize);
    /// Returns the duration of the session in nanoseconds.
    fn total_elapsed(&self) -> u64;
    /// Returns the name of the function that holds the guard.
    fn caller_name(&self) -> &str;
}

/// Takes the measurements instead of a printed report.
///
/// ```
/// struct Names;
/// impl hotpath::Reporter for Names {
///     fn report(&self, metrics: &dyn hotpath::MetricsProvider<'_>) -> Result<(), Box<dyn std::error::Error>> {
///         for name in metrics.metric_data().keys() {
///             println!("{name}");
///         }
///         Ok(())
///     }
/// }
/// let _guard = hotpath::GuardBuilder::new("main").reporter(Box::new(Names)).build();
/// ```
pub trait Reporter: Send + Sync {
    /// Takes the measurements. An error becomes one line on stderr; so does a panic, and then the report comes as without a reporter.
    ///
    /// # Errors
    ///
    /// Whatever the implementation fails with.
    fn report(&self, metrics: &dyn MetricsProvider<'_>) -> Result<(), Box<dyn Error>>;
}
