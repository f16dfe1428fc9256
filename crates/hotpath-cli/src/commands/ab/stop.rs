//! The conditions that end the runs: Ctrl-C, a signal to terminate, or the time limit.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

/// The signals that ask a process to end.
#[cfg(unix)]
const SIGNALS: [i32; 3] =
    [signal_hook::consts::SIGHUP, signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];
#[cfg(not(unix))]
const SIGNALS: [i32; 2] = [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];

/// The condition under which to stop.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    is_requested: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Stop {
    /// Installs handlers, so that from now on Ctrl-C stops the runs and not the process.
    pub(super) fn on_signals() -> Result<Self> {
        let is_requested = Arc::new(AtomicBool::new(false));
        for signal in SIGNALS {
            signal_hook::flag::register(signal, Arc::clone(&is_requested))
                .context("cannot install a Ctrl-C handler")?;
        }
        Ok(Self { is_requested, deadline: None })
    }

    /// Starts the time limit.
    pub(super) fn limit(&mut self, time: Duration) {
        self.deadline = Instant::now().checked_add(time);
    }

    /// Returns whether the user asked to stop, or time is up.
    pub(super) fn is_now(&self) -> bool {
        self.is_requested.load(Relaxed) || self.time_left().is_zero() // a flag alone orders nothing
    }

    /// Returns whether something that takes `time` would still end in time.
    pub(super) fn has_time_for(&self, time: Duration) -> bool {
        !self.is_now() && time <= self.time_left()
    }

    /// Returns the time until the limit.
    pub(super) fn time_left(&self) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
    }
}
