//! When to stop: Ctrl-C, a signal to end, or the time that was given.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result};

/// Tells whether it is time to stop.
#[derive(Clone, Debug)]
pub(super) struct Stop {
    is_wanted: Arc<AtomicBool>,
    deadline: Option<Instant>,
}

impl Stop {
    /// From now on the user can stop with Ctrl-C.
    pub(super) fn on_signals() -> Result<Self> {
        let is_wanted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_wanted);
        let handler = move || flag.store(true, Relaxed); // a flag alone orders nothing
        ctrlc::set_handler(handler).context("Ctrl-C cannot be watched")?;
        Ok(Self { is_wanted, deadline: None })
    }

    /// From now on there is so much time.
    pub(super) fn limit(&mut self, time: Duration) {
        self.deadline = Instant::now().checked_add(time);
    }

    /// Whether the user wants it, or time is up.
    pub(super) fn is_now(&self) -> bool {
        self.is_wanted.load(Relaxed) || self.time_left().is_zero()
    }

    /// Whether something that takes `time` would still end in time.
    pub(super) fn has_time_for(&self, time: Duration) -> bool {
        !self.is_now() && time <= self.time_left()
    }

    pub(super) fn time_left(&self) -> Duration {
        self.deadline.map_or(Duration::MAX, |deadline| deadline.saturating_duration_since(Instant::now()))
    }
}
