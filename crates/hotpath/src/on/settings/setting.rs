//! A setting, as documents have it.

use hotpath_report::Spec;

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

/// The row limit of a section. Its default is that of the section; one that has no text here does not compile.
pub(super) const fn limit(
    spec: &'static Spec,
    name: &'static str,
    meaning: &'static str,
) -> (&'static Spec, Setting) {
    let default = match spec.default_limit {
        0 => "0",
        5 => "5",
        15 => "15",
        _ => panic!("a limit without a text"),
    };
    (spec, Setting { name, default, meaning, asks_for_report: false })
}

/// The sampling rate of a resource.
pub(super) const fn rate(
    resource: &'static str,
    name: &'static str,
    meaning: &'static str,
) -> (&'static str, Setting) {
    (resource, Setting { name, default: "1", meaning, asks_for_report: false })
}
