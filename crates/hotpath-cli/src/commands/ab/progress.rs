//! What the user sees while the variants run: a bar with the time that is left. On stderr, so that the verdict can be piped.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::stop::Stop;

/// A bar on a terminal; nothing elsewhere.
#[derive(Debug)]
pub(super) struct Progress(ProgressBar);

impl Progress {
    pub(super) fn begin() -> Self {
        let bar = ProgressBar::no_length();
        if let Ok(style) = ProgressStyle::with_template("{wide_msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// What is being done.
    pub(super) fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }

    /// A run of a round of at most `last` begins; the runs that are left take at most about `rest`.
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

    /// Ends the bar, and leaves a line in its place.
    pub(super) fn line(&self, line: &str) {
        self.0.finish_and_clear();
        eprintln!("{line}");
    }
}

/// What failed is said on a line of its own.
impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
