//! The interface of the threads section without the feature `threads`.

use std::{convert::Infallible, time::Duration};

use hotpath_report::{ThreadStats, ThreadTotals};

/// True if this build has the section.
pub(crate) const IS_BUILT: bool = false;

/// There is none.
pub(crate) struct Sampling(Infallible);

/// The threads at a moment.
pub(crate) struct Threads {
    pub(crate) rows: Vec<ThreadStats>,
    pub(crate) totals: ThreadTotals,
    pub(crate) notes: Vec<String>,
}

pub(crate) fn on_thread_start() {}

pub(crate) fn on_thread_exit(_: u64) {}

pub(crate) fn begin(_: Duration, _: bool) -> Option<Sampling> {
    None
}

impl Sampling {
    pub(crate) fn reset(&self) {
        match self.0 {}
    }

    pub(crate) fn now(&self) -> Threads {
        match self.0 {}
    }
}
