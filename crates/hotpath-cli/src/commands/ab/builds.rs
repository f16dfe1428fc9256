//! Whether the variants are two programs: a comparison of one with itself finds nothing, however much slower the other is.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow};
use hotpath_report::Report;

use super::plan::Which;

/// Which builds each variant ran so far, as its reports say.
#[derive(Debug)]
pub(super) struct Builds {
    seen: [BTreeSet<String>; 2],
    /// One build on both sides is what the user wants.
    may_be_one: bool,
}

impl Builds {
    pub(super) fn new(may_be_one: bool) -> Self {
        Self { seen: Default::default(), may_be_one }
    }

    /// Notes the build of a run.
    ///
    /// # Errors
    ///
    /// If the other variant ran it too.
    pub(super) fn note(&mut self, which: Which, report: &Report) -> Result<()> {
        let Some(build) = &report.meta.build_id else { return Ok(()) };
        let other = match which {
            Which::Base => Which::Head,
            Which::Head => Which::Base,
        };
        if !self.may_be_one && self.seen[other as usize].contains(build) {
            return Err(one(build, &report.meta.command));
        }
        self.seen[which as usize].insert(build.clone());
        Ok(())
    }
}

fn one(build: &str, command: &str) -> anyhow::Error {
    let build = build.get(..12).unwrap_or(build);
    anyhow!(
        "base and head ran the same executable (build {build}, `{command}`), so nothing was compared. Are both built into one folder, \
         or is the command the path of one file? Build without --target-dir, and give the command as `cargo run` or as a path relative \
         to this folder. If both are meant to be the same, --same-ok compares it with itself"
    )
}
