//! A source: what answers are made from.

use hotpath_report::Report;
use serde_json::Value as Json;

/// A running program, or a report that it left.
///
/// Paths are those of the metrics endpoint, such as `/profiler_status` or `/channels/0/logs`.
pub trait Source: Send + Sync {
    /// The whole report at this moment.
    ///
    /// # Errors
    ///
    /// The program is gone, or the file is no report.
    fn report(&self) -> Result<Report, Unavailable>;

    /// What the endpoint answers at `path`.
    ///
    /// # Errors
    ///
    /// There is nothing at that path, or a saved report is asked for what only a running program knows.
    fn get(&self, path: &str) -> Result<Json, Unavailable>;

    /// Asks for a change, such as `/reset`.
    ///
    /// # Errors
    ///
    /// As those of [`Source::get`].
    fn post(&self, path: &str) -> Result<Json, Unavailable>;

    /// Whether it is a running program: only that has logs and a status, can be reset, and changes while one waits.
    fn is_live(&self) -> bool;
}

/// Why a source gave no answer, in a sentence for the reader of the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unavailable {}

impl Source for Box<dyn Source> {
    fn report(&self) -> Result<Report, Unavailable> {
        (**self).report()
    }

    fn get(&self, path: &str) -> Result<Json, Unavailable> {
        (**self).get(path)
    }

    fn post(&self, path: &str) -> Result<Json, Unavailable> {
        (**self).post(path)
    }

    fn is_live(&self) -> bool {
        (**self).is_live()
    }
}
