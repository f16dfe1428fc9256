//! A source of answers: a running program or a saved report.

use hotpath_report::{LogDeclaration, Report, Spec};
use serde_json::Value as Json;

/// A running program, or a saved report, which has only its report.
pub trait Source: Send + Sync {
    /// Returns the current report.
    ///
    /// # Errors
    ///
    /// If the program does not respond, or the file is not a valid report.
    fn report(&self) -> Result<Report, Unavailable>;

    /// Returns the log of the row `id` of a section, in the JSON of the metrics endpoint.
    ///
    /// # Errors
    ///
    /// If there is no such row, or the source is a saved report.
    fn log(&self, section: &Spec, _log: &LogDeclaration, _id: u64) -> Result<Json, Unavailable> {
        Err(Unavailable::in_saved_report(&format!("log of {}", section.name)))
    }

    /// Returns the state of process and session, in the JSON of the metrics endpoint.
    ///
    /// # Errors
    ///
    /// If the program does not respond, or the source is a saved report.
    fn status(&self) -> Result<Json, Unavailable> {
        Err(Unavailable::in_saved_report("status"))
    }

    /// Resets all counts, and returns the new state of the session.
    ///
    /// # Errors
    ///
    /// If no session is running, or the source is a saved report.
    fn reset(&self) -> Result<Json, Unavailable> {
        Err(Unavailable::in_saved_report("counts to reset"))
    }

    /// Takes a snapshot of the CPU samples, and returns its state.
    ///
    /// # Errors
    ///
    /// If nothing is sampled, or the source is a saved report.
    fn cpu_snapshot(&self) -> Result<Json, Unavailable> {
        Err(Unavailable::in_saved_report("CPU samples to take"))
    }

    /// Returns true for a running program.
    fn is_live(&self) -> bool;
}

/// The reason why a source has no answer, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl std::fmt::Display for Unavailable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unavailable {}

impl Unavailable {
    fn in_saved_report(what: &str) -> Self {
        Self(format!("A saved report has no {what}: only a running program has it."))
    }
}

impl Source for Box<dyn Source> {
    fn report(&self) -> Result<Report, Unavailable> {
        (**self).report()
    }

    fn log(&self, section: &Spec, log: &LogDeclaration, id: u64) -> Result<Json, Unavailable> {
        (**self).log(section, log, id)
    }

    fn status(&self) -> Result<Json, Unavailable> {
        (**self).status()
    }

    fn reset(&self) -> Result<Json, Unavailable> {
        (**self).reset()
    }

    fn cpu_snapshot(&self) -> Result<Json, Unavailable> {
        (**self).cpu_snapshot()
    }

    fn is_live(&self) -> bool {
        (**self).is_live()
    }
}
