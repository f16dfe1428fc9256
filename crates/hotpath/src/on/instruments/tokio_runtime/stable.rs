//! Without `tokio_unstable`: no further metrics.

use tokio::runtime::RuntimeMetrics;

use super::{UnstableMetrics, Worker};

pub(super) fn add_to_worker(_: &mut Worker, _: &RuntimeMetrics, _: usize) {}

pub(super) fn of_runtime(_: &RuntimeMetrics) -> UnstableMetrics {
    UnstableMetrics::default()
}
