//! Everything off: the same seam, with nothing behind it.

pub(crate) use crate::uncounted as memory;

/// Those that give back what they are put on, whatever the other world has turned on in the macro crate.
pub(crate) mod attributes {
    pub use hotpath_macros::{
        future_fn_off as future_fn, main_off as main, measure_all_off as measure_all, measure_off as measure,
        skip,
    };
}

pub(crate) mod futures {
    use crate::futures::FutureCall;

    pub(crate) fn recent_calls() -> Vec<FutureCall> {
        Vec::new()
    }
}

pub(crate) mod values {
    use std::fmt::Debug;

    /// Nothing.
    #[derive(Clone, Copy, Debug)]
    pub struct Val;

    impl Val {
        pub(crate) fn set<T: Debug + ?Sized>(self, _: &T) {}
    }

    /// Nothing.
    #[derive(Clone, Copy, Debug)]
    pub struct Gauge;

    impl Gauge {
        pub(crate) fn set(self, _: f64) {}

        pub(crate) fn add(self, _: f64) {}
    }
}

pub(crate) mod section_guards {
    use crate::{Format, Section};

    /// Nothing.
    pub(crate) struct Guard;

    impl Drop for Guard {
        fn drop(&mut self) {}
    }

    pub(crate) fn begin(_: &'static [Section], _: Option<Format>) -> Guard {
        Guard
    }
}

pub(crate) mod begin {
    use super::session::Session;
    use crate::builder::Wishes;

    pub(crate) fn begin(_: Wishes) -> Session {
        Session
    }
}

pub(crate) mod session {
    /// Nothing.
    pub(crate) struct Session;

    impl Drop for Session {
        // So that `drop(guard)` is as meaningful to lints as it is when on.
        fn drop(&mut self) {}
    }

    pub(crate) fn detach(_: Session) {}

    /// Stops recording. Nothing when off.
    pub fn pause() {}

    /// Goes on recording. Nothing when off.
    pub fn resume() {}

    /// Counts from here. Nothing when off.
    pub fn reset() {}

    /// The report of the running session: none when off.
    #[must_use]
    pub fn report_json() -> Option<String> {
        None
    }

    /// Whether calls are being recorded: never when off.
    #[must_use]
    pub fn is_recording() -> bool {
        false
    }
}
