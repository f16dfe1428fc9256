//! The report: a plain value that says what one run did, made on demand.
//!
//! Every output (table, JSON, servers, comparisons) is a function of this value alone. It holds no clock, no handle and
//! no reference into the recording.

use crate::finding::Finding;
use crate::section::Table;
use crate::stacks::CpuStacks;
use crate::tree::TreeNode;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The version of the JSON form that is written, and the only one that is read beside the plain older form.
pub const SCHEMA_VERSION: u64 = 1;

/// The measure that a run is mainly about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProfilingMode {
    /// Time.
    #[default]
    Timing,
    /// Allocated bytes.
    AllocBytes,
    /// Allocations.
    AllocCount,
}

impl ProfilingMode {
    /// The word for it: `timing`, `alloc-bytes`, `alloc-count`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Timing => "timing",
            Self::AllocBytes => "alloc-bytes",
            Self::AllocCount => "alloc-count",
        }
    }
}

impl std::fmt::Display for ProfilingMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// The overhead: the cost of the profiler itself. Both floats are finite.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Overhead {
    /// Nanoseconds per measured call.
    pub per_call_ns: f64,
    /// Measured calls.
    pub calls: u64,
    /// Nanoseconds in all.
    pub total_ns: u64,
    /// Share of the run, 0–100.
    pub percent: f64,
    /// The parts of `total_ns`, if they are known.
    pub parts: Vec<OverheadPart>,
}

/// A part of the overhead: what one kind of work of the profiler cost.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OverheadPart {
    /// The kind of work: `timed calls`, `counted calls`, `polls`, `allocations`.
    pub name: Cow<'static, str>,
    /// The number of times that it was done.
    pub count: u64,
    /// Nanoseconds each time; finite.
    pub per_call_ns: f64,
    /// Nanoseconds in all.
    pub total_ns: u64,
}

/// The budget of a run, and what measuring took of it. Both floats are finite.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    /// The share of CPU time that measuring may take, 0–100.
    pub percent: f64,
    /// The share that it took, 0–100.
    pub spent_percent: f64,
    /// Functions whose times are estimates.
    pub estimates: u64,
    /// Measured functions.
    pub functions: u64,
}

/// The origin of a report. An empty text is unknown (`null` in JSON).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Version of the profiler.
    pub version: String,
    /// Operating system.
    pub os: String,
    /// Processor architecture.
    pub arch: String,
    /// Compiler.
    pub rustc: String,
    /// Time of the report, RFC 3339, in UTC.
    pub created_at: String,
    /// The command line.
    pub command: String,
    /// Commit of the profiled program.
    pub git_sha: Option<String>,
    /// The build id of the executable: two reports with the same one ran the same bytes. `None` if unknown, as in reports
    /// of other versions.
    pub build_id: Option<String>,
    /// The folder that source paths of the report are relative to, if the user set it.
    pub source_root: Option<String>,
}

/// The report of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// A name for this run.
    pub label: Option<String>,
    /// Nanoseconds from the start of profiling to this report.
    pub duration_ns: u64,
    /// The function that holds the guard.
    pub caller_name: String,
    /// Its origin.
    pub meta: Meta,
    /// The cost of the profiler itself; unknown if `None`.
    pub overhead: Option<Overhead>,
    /// The budget, if there is one.
    pub budget: Option<Budget>,
    /// Percentiles that were asked for, 0–100.
    pub percentiles: Vec<f64>,
    /// The measure that the run is mainly about.
    pub profiling_mode: ProfilingMode,
    /// Resources whose times are sampled, with the rate (0–1).
    pub time_sampling: BTreeMap<String, f64>,
    /// Metadata of the user.
    pub user_metadata: BTreeMap<String, String>,
    /// The sections, in the order in which tables show them; each name at most once.
    pub sections: Vec<Table>,
    /// Roots of the call tree.
    pub call_tree: Vec<TreeNode>,
    /// Native stacks of CPU samples, if they were kept.
    pub cpu_stacks: Option<CpuStacks>,
    /// Notes on what was lost or left out, one sentence each. Shown by every renderer.
    pub notes: Vec<String>,
    /// The findings, as [`findings`](crate::findings()) returns them; the largest weight first.
    pub findings: Vec<Finding>,
    /// True if the numbers come from formatted strings, as in reports of 0.16.1 and 0.30.3, and are rounded.
    pub rounded: bool,
}

impl Report {
    /// The section of this name, such as `functions_timing`.
    pub fn section(&self, name: &str) -> Option<&Table> {
        self.sections.iter().find(|section| section.spec.name == name)
    }

    /// Returns true if something was measured: a row or a place in the call tree that is neither the caller's own nor stands
    /// for what was not measured.
    pub fn has_measurements(&self) -> bool {
        let is_measured = |root: &TreeNode| root.name != self.caller_name || !root.children.is_empty();
        self.call_tree.iter().any(is_measured) || self.with_evidence().any(Table::has_measurements)
    }

    /// The sections whose rows are evidence of a measurement. Rows of ambient sections are so only if there are no others.
    pub(crate) fn with_evidence(&self) -> impl Iterator<Item = &Table> {
        let all_ambient = self.sections.iter().all(|section| section.spec.ambient);
        self.sections.iter().filter(move |section| all_ambient || !section.spec.ambient)
    }

    /// [`Report::notes`], and what writing this report leaves out.
    pub fn all_notes(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        let deep = crate::tree::nodes_too_deep(&self.call_tree, 0);
        if deep > 0 {
            let levels = crate::tree::MAX_DEPTH;
            notes.push(format!(
                "{deep} nodes of the call tree lie deeper than {levels} levels and were left out"
            ));
        }
        notes
    }
}
