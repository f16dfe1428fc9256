//! The choice to keep values as text. It is a type, so that values that are not logged need not be `Debug`.

use std::{
    any::Any,
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
};

use hotpath_lane::{Site, event};
use hotpath_report::units::write_debug_truncated;

/// The choice to record values as text.
pub trait Log<T> {
    /// Returns a function that writes `value` as text, or `None` if values are not recorded.
    fn text(value: &T) -> Option<impl FnOnce(&mut String)>;

    /// Records `value` as the text of the last event of `site`, or does nothing.
    #[inline]
    fn log(site: &'static Site, value: &T) {
        if let Some(write) = Self::text(value) {
            event::note(site, write);
        }
    }
}

/// Values are not recorded.
#[derive(Clone, Copy, Debug)]
pub struct NotLogged;

impl<T> Log<T> for NotLogged {
    #[inline]
    fn text(_: &T) -> Option<impl FnOnce(&mut String)> {
        None::<fn(&mut String)>
    }
}

/// Values are kept as text (`log = true`).
#[derive(Clone, Copy, Debug)]
pub struct Logged;

impl<T: Debug> Log<T> for Logged {
    fn text(value: &T) -> Option<impl FnOnce(&mut String)> {
        Some(text_of(value))
    }
}

/// The length limit of a value's text, in characters.
static MAX_LOG_LEN: AtomicUsize = AtomicUsize::new(1536);

/// Sets the length limit of a value's text, in characters.
pub(crate) fn set_max_log_len(chars: usize) {
    MAX_LOG_LEN.store(chars, Ordering::Relaxed);
}

/// The text of a value whose formatting panicked.
const PANICKED: &str = "<panicked>";

/// Returns a function that writes `value` as text, cut to the length limit. A panic is caught: without the profiler, nobody would have
/// formatted the value.
pub(crate) fn text_of<T: Debug + ?Sized>(value: &T) -> impl FnOnce(&mut String) {
    let max = MAX_LOG_LEN.load(Ordering::Relaxed);
    move |text| {
        let write = AssertUnwindSafe(|| write_debug_truncated(value, max, text));
        if let Err(panic) = catch_unwind(write) {
            forget_panic(panic);
            text.clear();
            text.push_str(PANICKED);
        }
    }
}

/// Returns a label or key as text. A panic is caught.
pub(crate) fn text_of_label(label: &(impl ToString + ?Sized)) -> String {
    catch_unwind(AssertUnwindSafe(|| label.to_string())).unwrap_or_else(|panic| {
        forget_panic(panic);
        PANICKED.to_owned()
    })
}

/// Drops the payload of a panic, which may panic again.
fn forget_panic(panic: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
        std::mem::forget(again);
    }
}

/// Writes `value` into `text`, cut to the length limit.
pub(crate) fn write_to<T: Debug>(value: &T, text: &mut String) {
    text_of(value)(text);
}
