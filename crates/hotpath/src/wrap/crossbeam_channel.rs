//! `crossbeam_channel`.
//!
//! `select!`, `select_biased!` and [`Select`] take instrumented endpoints and the library's own.

pub use ::crossbeam_channel::*;

#[cfg(all(feature = "hotpath", not(any(feature = "hotpath-off", feature = "proxy"))))]
pub use crate::imp::instruments::channels::crossbeam::{IntoIter, Iter, Receiver, Sender, TryIter};
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::imp::instruments::channels::crossbeam_select::{Select, SelectedOperation};
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
#[doc(inline)]
pub use crate::{__hotpath_select as select, __hotpath_select_biased as select_biased};
