//! Without `tokio_unstable`: nothing more is told.

use tokio::runtime::RuntimeMetrics;

use super::{More, Worker};

pub(super) fn add_to_worker(_: &mut Worker, _: &RuntimeMetrics, _: usize) {}

pub(super) fn of_runtime(_: &RuntimeMetrics) -> More {
    More::default()
}
