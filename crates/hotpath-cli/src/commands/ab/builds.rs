//! A check that the variants are different builds: comparing a program with itself can find nothing.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use hotpath_report::Report;

use super::plan::Variant;

/// The builds that each variant ran so far, according to its reports.
#[derive(Debug)]
pub(super) struct Builds {
    seen: [BTreeSet<String>; 2],
    /// True if both sides may run the same build.
    may_be_same: bool,
}

impl Builds {
    pub(super) fn new(may_be_same: bool) -> Self {
        Self { seen: Default::default(), may_be_same }
    }

    /// Records the build of a run.
    ///
    /// # Errors
    ///
    /// If the other variant ran the same build.
    pub(super) fn record(&mut self, variant: Variant, report: &Report) -> Result<()> {
        let Some(build) = &report.meta.build_id else { return Ok(()) };
        let other = match variant {
            Variant::Base => Variant::Head,
            Variant::Head => Variant::Base,
        };
        if !self.may_be_same && self.seen[other as usize].contains(build) {
            return Err(same_build(build, &report.meta.command));
        }
        self.seen[variant as usize].insert(build.clone());
        Ok(())
    }
}

fn same_build(build: &str, command: &str) -> anyhow::Error {
    let build = build.get(..12).unwrap_or(build);
    anyhow!(
        "base and head ran the same executable (build {build}, `{command}`), so there is nothing to compare. Are both built into the \
         same folder, or is the command an absolute path? Build without --target-dir, and give the command as `cargo run` or as a path \
         relative to this folder, or use --same-ok to compare the program with itself"
    )
}
