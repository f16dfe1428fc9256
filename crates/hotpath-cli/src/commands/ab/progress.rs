//! The progress bar with the remaining time. On stderr, so that the result can be piped.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::stop::Stop;

/// A bar on a terminal; elsewhere nothing is shown.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    /// Shows the bar.
    pub(super) fn begin() -> Self {
        let bar = ProgressBar::no_length();
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// Shows the current step.
    pub(super) fn step(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// Shows a round of at most `last`. The remaining runs take about `rest` at most.
    pub(super) fn round(&self, round: usize, last: usize, rest: Duration, stop: &Stop) {
        if self.0.length().is_none() {
            self.0.set_length(last as u64);
            if let Ok(style) = ProgressStyle::with_template("{bar:30} round {pos} of {len} at most, {msg}") {
                self.0.set_style(style);
            }
        }
        self.0.set_position(round as u64);
        let rest = rest.min(stop.time_left());
        self.0.set_message(format!(
            "at most {} left",
            humantime::format_duration(Duration::from_secs(rest.as_secs()))
        ));
    }

    /// Replaces the bar by a line.
    pub(super) fn finish(&self, line: &str) {
        self.0.finish_and_clear();
        eprintln!("{line}");
    }
}

/// Clears the bar, so that an error gets its own line.
impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
