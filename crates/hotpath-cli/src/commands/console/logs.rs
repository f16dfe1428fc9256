//! Recent events of a row: where the endpoint has them, and what comes back. Both are declared with the section.

use hotpath_report::{LogDeclaration, Row, SECTIONS, Table};

/// Where the recent events of one row stand.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) path: String,
    declaration: LogDeclaration,
}

impl Place {
    /// The place of a row's events; `None` if rows like this have none.
    pub(crate) fn of(section: &Table, row: &Row) -> Option<Self> {
        let id = section.cell(row, "id").number()?;
        let is_of = |log: &&LogDeclaration| {
            log.of.is_none_or(|(key, text)| section.cell(row, key).as_text() == Some(text))
        };
        let declared = SECTIONS.iter().filter(|declared| declared.spec.name == section.spec.name);
        let declaration = *declared.flat_map(|declared| declared.logs).find(is_of)?;
        Some(Self { path: declaration.path(section.spec.name, id), declaration })
    }

    /// The events that the endpoint answered; they may have lists of further ones.
    pub(crate) fn read(&self, text: &str) -> Result<Table, String> {
        hotpath_analysis::read_log(&self.declaration, text).map_err(|error| error.to_string())
    }
}

/// All lists of events of a log.
pub(crate) fn lists(log: &Table) -> Vec<&Table> {
    std::iter::once(log).chain(&log.lists).collect()
}
