//! The recent events of a row: their path at the endpoint, and their format. Both are declared with the section.

use hotpath_report::{LogDeclaration, Row, SECTIONS, Table};

/// The path of the recent events of a row.
#[derive(Clone, Debug)]
pub(crate) struct LogPath {
    pub(crate) path: String,
    declaration: LogDeclaration,
}

impl LogPath {
    /// Returns the path of the events of a row; `None` if it has none.
    pub(crate) fn of(section: &Table, row: &Row) -> Option<Self> {
        let id = section.cell(row, "id").number()?;
        let matches = |log: &&LogDeclaration| {
            log.of.is_none_or(|(key, text)| section.cell(row, key).as_text() == Some(text))
        };
        let declared = SECTIONS.iter().filter(|declared| declared.spec.name == section.spec.name);
        let declaration = *declared.flat_map(|declared| declared.logs).find(matches)?;
        Some(Self { path: declaration.path(section.spec.name, id), declaration })
    }

    /// Parses the response of the endpoint. The events may contain further lists.
    pub(crate) fn read(&self, text: &str) -> Result<Table, String> {
        hotpath_analysis::read_log(&self.declaration, text).map_err(|error| error.to_string())
    }
}

/// Returns all lists of events of a log.
pub(crate) fn lists(log: &Table) -> Vec<&Table> {
    std::iter::once(log).chain(&log.lists).collect()
}
