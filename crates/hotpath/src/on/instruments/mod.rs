//! The instruments beside functions. A new one is a file here (its hooks and its rows) and its lines in the lists below; ARCHITECTURE.md has all
//! steps.

pub(crate) mod call_site;
pub(crate) mod channels;
pub mod futures;
mod gauge;
pub(crate) mod holders;
pub(crate) mod keyed;
pub(crate) mod labels;
pub(crate) mod lock_mode;
pub(crate) mod locks;
pub(crate) mod log;
mod methods;
pub(crate) mod options;
pub(crate) mod resource;
pub mod streams;
#[cfg(feature = "tokio")]
pub(crate) mod tokio_runtime;
mod value_key;
pub mod values;
pub(crate) mod view;

use hotpath_report::Table;

use super::settings::Settings;
use crate::Section;
use view::View;

/// The modules of macros, each by the name of its macro, and what their expansions name.
pub mod hooks {
    #[cfg(feature = "crossbeam")]
    pub use super::channels::crossbeam_select::{Receives, Sends, no_ticket};
    pub use super::{
        call_site::CallSite,
        futures::{self as future, instrument_future, instrument_future_logged},
        locks::{mutex, rw_lock},
        options::{GivenCapacity, Label, NoCapacity, Options, label},
        streams as stream, values,
    };

    /// The module of `channel!`.
    pub mod channel {
        pub use super::super::channels::{call_site, proxy, proxy_logged, wrap, wrap_logged};
        #[cfg(not(feature = "proxy"))]
        pub use super::super::channels::{wrap as wrap_or_proxy, wrap_logged as wrap_or_proxy_logged};
        #[cfg(feature = "proxy")]
        pub use super::super::channels::{wrap_or_proxy, wrap_or_proxy_logged};
    }

    /// The module of `tokio_runtime!`.
    #[cfg(feature = "tokio")]
    pub mod tokio_runtime {
        pub use super::super::tokio_runtime::{watch, watch_current};
    }
}

/// An instrument and its section of the report.
pub(crate) struct Instrument {
    pub(crate) section: Section,
    /// Makes the section: complete, and without rows if nothing happened.
    pub(crate) table: fn(&View<'_>) -> Table,
}

/// All instruments, in the order of the report.
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

/// The callbacks of an instrument that polls while a session runs.
pub(crate) struct PolledInstrument {
    pub(crate) begin: fn(&Settings),
    /// Counts from now on.
    pub(crate) reset: fn(),
    pub(crate) end: fn(),
}

/// All instruments that poll.
pub(crate) const POLLED: &[PolledInstrument] = &[
    #[cfg(feature = "tokio")]
    tokio_runtime::POLLED,
];
