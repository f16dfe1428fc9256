//! The interface of CPU sampling without the feature `hotpath-cpu`.

use std::{convert::Infallible, time::Duration};

use hotpath_report::stacks::CpuStacks;

use super::site_names::Names;

/// True if this build has the section.
pub(crate) const IS_BUILT: bool = false;

/// There is none.
pub(crate) struct Sampling(Infallible);

/// The samples that no lane has, and the state of sampling.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reading {
    pub(crate) outside: u64,
    pub(crate) unmeasured: u64,
    pub(crate) taken: u64,
    pub(crate) heaviest: u64,
    pub(crate) period_ns: u64,
    pub(crate) process_cpu_ns: Option<u64>,
    pub(crate) is_complete: bool,
    pub(crate) notes: Vec<String>,
    pub(crate) stacks: Option<CpuStacks>,
}

pub(crate) fn on_thread_start() {}

pub(crate) fn on_thread_exit() {}

pub(crate) fn begin(_: Duration, _: bool) -> Option<Sampling> {
    None
}

impl Sampling {
    pub(crate) fn reset(&self) {
        match self.0 {}
    }

    #[cfg_attr(not(feature = "serve"), allow(dead_code, reason = "there is no server"))]
    pub(crate) fn stopped(&self) -> Option<String> {
        match self.0 {}
    }

    pub(crate) fn read(&self, _: u32, _: impl FnOnce() -> Names) -> Reading {
        match self.0 {}
    }
}
