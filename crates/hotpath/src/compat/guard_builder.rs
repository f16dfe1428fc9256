//! The builder and guards of 0.2 to 0.9.

use std::time::Duration;

use crate::{
    Format,
    builder::{HotpathGuard, HotpathGuardBuilder},
    reporter::Reporter,
};

pub use crate::builder::HotpathGuard as FunctionsGuard;
pub use crate::builder::HotpathGuard as HotPath;

/// The builder of 0.7: [`HotpathGuardBuilder`] with whole percentiles.
#[must_use = "a session begins with `build`"]
pub struct GuardBuilder(HotpathGuardBuilder);

/// The name of [`GuardBuilder`] in 0.9.
pub type FunctionsGuardBuilder = GuardBuilder;

impl GuardBuilder {
    /// A session of the function named `caller_name`.
    #[track_caller]
    pub fn new(caller_name: &'static str) -> Self {
        Self(HotpathGuardBuilder::new(caller_name))
    }

    /// Percentiles to show, 0 to 100. Default: 95.
    pub fn percentiles(self, percentiles: &[u8]) -> Self {
        let percentiles: Vec<f64> = percentiles.iter().copied().map(f64::from).collect();
        Self(self.0.percentiles(&percentiles))
    }

    /// Sets the format of the report. Default: a table.
    pub fn format(self, format: Format) -> Self {
        Self(self.0.format(format))
    }

    /// Functions to show; 0 shows all. Default: 15.
    pub fn limit(self, rows: usize) -> Self {
        Self(self.0.limit(rows))
    }

    /// Hands the measurements to `reporter` instead of writing a report.
    pub fn reporter(self, reporter: Box<dyn Reporter>) -> Self {
        Self(self.0.reporter(reporter))
    }

    /// Begins the session.
    ///
    /// # Panics
    ///
    /// If another session is running.
    #[track_caller]
    pub fn build(self) -> HotpathGuard {
        self.0.build()
    }

    /// Begins a session that ends after `duration` with the report and `exit(0)`.
    ///
    /// # Panics
    ///
    /// If another session is running.
    #[track_caller]
    pub fn build_with_timeout(self, duration: Duration) {
        self.0.build_with_shutdown(duration);
    }
}

/// Begins a session, as 0.2 did.
///
/// The name is kept for the rest of the program's life.
///
/// # Panics
///
/// If another session is running.
#[track_caller]
pub fn init(caller_name: String, percentiles: &[u8]) -> HotpathGuard {
    GuardBuilder::new(caller_name.leak()).percentiles(percentiles).build()
}
