//! The choice to keep values as text. It is a type, so that values that are not logged need not be `Debug`.

use std::fmt::Debug;

use hotpath_lane::{Site, event};

use super::super::hook::text_of;

/// The use of a value: logged or not.
pub trait Log<T> {
    /// Keeps the value as the text of the last event of `site`, or does nothing.
    fn log(site: &'static Site, value: &T);
}

/// Values are ignored.
#[derive(Clone, Copy, Debug)]
pub struct NotLogged;

impl<T> Log<T> for NotLogged {
    #[inline]
    fn log(_: &'static Site, _: &T) {}
}

/// Values are kept as text (`log = true`).
#[derive(Clone, Copy, Debug)]
pub struct Logged;

impl<T: Debug> Log<T> for Logged {
    fn log(site: &'static Site, value: &T) {
        event::note(site, text_of(value));
    }
}
