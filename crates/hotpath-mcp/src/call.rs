//! A call of a tool: what it was given, and what it may ask.

use crate::arguments::Arguments;
use crate::marks::Marks;
use crate::problem::Problem;
use crate::source::Source;
use crate::sources::{Named, Sources};
use hotpath_report::{Report, Table};

/// A call of a tool.
pub(crate) struct Call<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) marks: &'a Marks,
    pub(crate) arguments: &'a Arguments,
    /// The report of the time that was waited, for the tool that waits.
    pub(crate) window: Option<&'a Report>,
}

impl<'a> Call<'a> {
    /// The source that the call is about.
    pub(crate) fn named(&self) -> Result<&'a Named, Problem> {
        self.sources.get(self.arguments.text("source"))
    }

    /// The same, if it is a running program.
    pub(crate) fn live(&self, what: &str) -> Result<&'a dyn Source, Problem> {
        let named = self.named()?;
        if named.source.is_live() {
            return Ok(&*named.source);
        }
        let name = &named.name;
        Err(Problem::new(format!("`{name}` is a saved report: {what} is known of a running program only.")))
    }

    /// The report that the call is about: of the whole run, or of the time since a mark.
    pub(crate) fn report(&self) -> Result<Report, Problem> {
        if let Some(window) = self.window {
            return Ok(window.clone());
        }
        let named = self.named()?;
        let report = named.source.report()?;
        let Some(name) = self.arguments.text("since") else { return Ok(report) };
        let mark = self.marks.get(name).ok_or_else(|| Problem::unknown("mark", name, self.marks.names()))?;
        mark.window(named, &report)
    }

    /// Bytes that the answer may have.
    pub(crate) fn room(&self) -> usize {
        usize::try_from(self.arguments.whole("max_bytes")).unwrap_or(usize::MAX)
    }

    /// Items that the answer may have.
    pub(crate) fn limit(&self) -> usize {
        usize::try_from(self.arguments.whole("limit")).unwrap_or(usize::MAX)
    }
}

/// The section of this name.
pub(crate) fn section<'a>(report: &'a Report, name: &str) -> Result<&'a Table, Problem> {
    report.section(name).ok_or_else(|| {
        let there: Vec<&str> = report.sections.iter().map(|section| section.spec.name).collect();
        let there = if there.is_empty() { "none".to_owned() } else { format!("`{}`", there.join("`, `")) };
        Problem::new(format!(
            "This program records no `{name}`: nothing of that kind is instrumented, its feature is off, or the section is \
             not selected. Sections that are there: {there}."
        ))
    })
}
