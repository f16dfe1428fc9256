//! The instruments beside functions. A new one is a file here (its hooks, and how its rows are made), a section file in
//! `hotpath-report`, and a line in the list.

pub(crate) mod channels;
pub mod futures;
pub(crate) mod log;
pub(crate) mod options;
pub(crate) mod place;
pub mod streams;
pub mod values;
pub(crate) mod view;

use hotpath_report::Section as Table;

use crate::Section;
use view::View;

/// How an instrument comes into a report.
pub(crate) struct Instrument {
    pub(crate) section: Section,
    /// Its section, complete; without rows if nothing happened.
    pub(crate) table: fn(&View<'_>) -> Table,
}

/// All of them, in the order of the report.
pub(crate) const ALL: &[Instrument] =
    &[channels::INSTRUMENT, streams::INSTRUMENT, futures::INSTRUMENT, values::INSTRUMENT];
