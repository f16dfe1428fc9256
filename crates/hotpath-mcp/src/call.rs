//! A call of a tool, with its arguments and sources.

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
    /// The report of the waiting time, for the tool `wait`.
    pub(crate) window: Option<&'a Report>,
}

impl<'a> Call<'a> {
    /// Returns the source that the call names.
    pub(crate) fn named(&self) -> Result<&'a Named, Problem> {
        self.sources.get(self.arguments.text("source"))
    }

    /// Returns the source if it is a running program.
    pub(crate) fn live(&self, what: &str) -> Result<&'a dyn Source, Problem> {
        let named = self.named()?;
        if named.source.is_live() {
            return Ok(&*named.source);
        }
        let name = &named.name;
        Err(Problem::new(format!("`{name}` is a saved report: only a running program has {what}.")))
    }

    /// Returns the report of the call: of the whole run, or of the time since a mark.
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

    /// Returns the bytes of the answer at most.
    pub(crate) fn room(&self) -> usize {
        usize::try_from(self.arguments.whole("max_bytes")).unwrap_or(usize::MAX)
    }

    /// Returns the items of the answer at most.
    pub(crate) fn limit(&self) -> usize {
        usize::try_from(self.arguments.whole("limit")).unwrap_or(usize::MAX)
    }
}

/// Returns the section of this name.
pub(crate) fn section<'a>(report: &'a Report, name: &str) -> Result<&'a Table, Problem> {
    report.section(name).ok_or_else(|| {
        let names: Vec<&str> = report.sections.iter().map(|section| section.spec.name).collect();
        let available = if names.is_empty() { "none".to_owned() } else { format!("`{}`", names.join("`, `")) };
        Problem::new(format!(
            "This report has no section `{name}`: nothing of that kind is instrumented, its feature is off, or the section is not \
             selected. Available sections: {available}."
        ))
    })
}
