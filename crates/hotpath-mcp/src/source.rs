//! A source of answers.

use hotpath_report::Report;
use serde_json::Value as Json;

/// A running program, or a saved report.
///
/// Paths are those of the metrics endpoint, such as `/profiler_status` or `/channels/0/logs`.
pub trait Source: Send + Sync {
    /// Returns the current report.
    ///
    /// # Errors
    ///
    /// If the program does not respond, or the file is not a valid report.
    fn report(&self) -> Result<Report, Unavailable>;

    /// Returns the response of the endpoint at `path`.
    ///
    /// # Errors
    ///
    /// If there is nothing at that path, as with a saved report.
    fn get(&self, path: &str) -> Result<Json, Unavailable>;

    /// Sends a POST request to `path`, such as `/reset`.
    ///
    /// # Errors
    ///
    /// See [`Source::get`].
    fn post(&self, path: &str) -> Result<Json, Unavailable>;

    /// Returns whether it is a running program, which has logs and a status and can be reset.
    fn is_live(&self) -> bool;
}

/// The reason why a source gave no answer, as a sentence.
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
