//! Recent events of a row: where they are asked for, and what comes back.

use hotpath_report::{Row, Section};

/// The lists of events of one row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Logs {
    pub(crate) lists: Vec<Section>,
}

impl Logs {
    /// What the endpoint answered at `path`.
    pub(crate) fn read(path: &str, text: &str) -> Result<Self, String> {
        Err(format!("{path}: {}", text.len()))
    }
}

/// Where the events of a row stand; `None` if this section has none.
pub(crate) fn path(section: &Section, row: &Row) -> Option<String> {
    let id = section.cell(row, "id").number()?;
    Some(format!("/{}/{id}/logs", section.spec.name))
}
