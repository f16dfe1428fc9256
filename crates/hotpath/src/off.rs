//! Everything off: the same seam, with nothing behind it.

pub(crate) use crate::uncounted as memory;

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

pub(crate) mod session {
    use crate::builder::Wishes;

    /// Nothing.
    pub(crate) struct Session;

    impl Drop for Session {
        // So that `drop(guard)` is as meaningful to lints as it is when on.
        fn drop(&mut self) {}
    }

    pub(crate) fn begin(_: Wishes) -> Session {
        Session
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
