//! A setting, as documents have it.

/// A setting: one environment variable.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// The name of the variable.
    pub name: &'static str,
    /// The value that holds without it.
    pub default: &'static str,
    /// The meaning, in Markdown.
    pub meaning: &'static str,
    /// True if a program that sets it wants a report, whatever was measured.
    pub(super) asks_for_report: bool,
}
