//! Whether values are kept as text: a type, so that what is not logged need not be `Debug`.

use std::fmt::Debug;

use hotpath_lane::{Site, event};

use super::super::hook::text_of;

/// What becomes of a value.
pub trait Log<T> {
    /// Keeps it as the text of the last event of `site`, or does nothing.
    fn log(site: &'static Site, value: &T);
}

/// Values are not looked at.
#[derive(Clone, Copy, Debug)]
pub struct NotLogged;

impl<T> Log<T> for NotLogged {
    #[inline]
    fn log(_: &'static Site, _: &T) {}
}

/// Values are kept as `log = true` says.
#[derive(Clone, Copy, Debug)]
pub struct Logged;

impl<T: Debug> Log<T> for Logged {
    fn log(site: &'static Site, value: &T) {
        event::note(site, text_of(value));
    }
}
