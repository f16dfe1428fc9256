//! Renderers: each is a function of a [`Report`](crate::Report) and [`Options`] alone.
//!
//! They work on sections, headings and values only; none of them knows a particular instrument.

mod compat;
mod findings;
mod grid;
mod indent;
mod json;
mod section_json;
mod table;
mod text;
mod tree;

pub use grid::write_grid;
pub use json::{
    call_tree_json, finding_value, json, json_in, json_pretty, log_json, section_json, section_value,
};
pub use table::{statistics, table};
pub use text::{MAX_NAME, is_printable, name_cell, printable};

/// Options for showing a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Path segments of a function name in a table; 0 is the whole path. JSON has whole paths always.
    pub name_depth: usize,
    /// True if table headers are bold (ANSI escapes).
    pub bold: bool,
    /// Shows the call tree in the table output, within these limits. JSON has it always.
    pub call_tree: Option<TreeLimits>,
    /// Says what to do when nothing was measured.
    pub hints: bool,
    /// Ends the table output with the findings. JSON has it always.
    pub findings: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { name_depth: 2, bold: false, call_tree: None, hints: true, findings: true }
    }
}

/// Limits for the call tree in a table; 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeLimits {
    /// Levels.
    pub depth: usize,
    /// Rows.
    pub rows: usize,
}

impl Default for TreeLimits {
    fn default() -> Self {
        Self { depth: 10, rows: 50 }
    }
}
