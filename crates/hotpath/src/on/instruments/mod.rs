//! The instruments beside functions. A new one is a file here (its hooks, and how its rows are made), a section file in
//! `hotpath-report`, and a line in the list.

pub(crate) mod blame;
pub(crate) mod channels;
pub mod futures;
pub(crate) mod labels;
pub(crate) mod locks;
pub(crate) mod log;
mod methods;
pub(crate) mod options;
pub(crate) mod place;
pub mod streams;
#[cfg(feature = "tokio")]
pub(crate) mod tokio_runtime;
pub mod values;
pub(crate) mod view;

use hotpath_report::Table;

use super::settings::Settings;
use crate::Section;
use view::View;

/// How an instrument comes into a report.
pub(crate) struct Instrument {
    pub(crate) section: Section,
    /// Its section, complete; without rows if nothing happened.
    pub(crate) table: fn(&View<'_>) -> Table,
}

/// All of them, in the order of the report.
pub(crate) const ALL: &[Instrument] = &[
    channels::INSTRUMENT,
    streams::INSTRUMENT,
    futures::INSTRUMENT,
    locks::MUTEXES,
    locks::RW_LOCKS,
    #[cfg(feature = "tokio")]
    tokio_runtime::INSTRUMENT,
    values::INSTRUMENT,
];

/// What an instrument does while a session runs, if it looks for itself instead of being told.
pub(crate) struct Watch {
    pub(crate) begin: fn(&Settings),
    /// Counts from here.
    pub(crate) reset: fn(),
    pub(crate) end: fn(),
}

/// All instruments of that sort.
pub(crate) const WATCHES: &[Watch] = &[
    #[cfg(feature = "tokio")]
    tokio_runtime::WATCH,
];
