//! Everything off: the same seam, with nothing behind it.

pub(crate) use crate::{off_units as units, uncounted as memory};

/// The attributes that return their item unchanged, whatever features the macro crate has.
pub(crate) mod attributes {
    pub use hotpath_macros::{
        future_fn_off as future_fn, main_off as main, measure_all_off as measure_all, measure_off as measure,
        skip,
    };
}

pub(crate) mod dataflow {
    use crate::{channels::ChannelsJson, streams::StreamsJson};

    pub(crate) fn channels() -> ChannelsJson {
        ChannelsJson::default()
    }

    pub(crate) fn streams() -> StreamsJson {
        StreamsJson::default()
    }
}

pub(crate) mod functions {
    use std::{fmt::Debug, future::Future};

    /// Nothing.
    #[derive(Debug)]
    pub(crate) struct Timed;

    impl Timed {
        pub(crate) fn begin(_: &'static str) -> Self {
            Self
        }
    }

    impl Drop for Timed {
        fn drop(&mut self) {}
    }

    pub(crate) fn sync_log<T: Debug>(_: &'static str, f: impl FnOnce() -> T) -> T {
        f()
    }

    pub(crate) fn measured<F: Future>(_: &'static str, future: F) -> F {
        future
    }

    pub(crate) fn measured_logged<F: Future<Output: Debug>>(_: &'static str, future: F) -> F {
        future
    }

    pub(crate) fn watched<F: Future>(_: &'static str, future: F) -> F {
        future
    }

    pub(crate) fn watched_logged<F: Future<Output: Debug>>(_: &'static str, future: F) -> F {
        future
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
    use crate::Format;

    /// Nothing.
    pub(crate) struct Guard;

    impl Guard {
        pub(crate) fn set_format(&self, _: Format) {}
    }

    impl Drop for Guard {
        fn drop(&mut self) {}
    }
}

pub(crate) mod start {
    use super::{section_guards::Guard, session::Session};
    use crate::{
        Section,
        options::{SectionGuardOptions, SessionOptions},
    };

    pub(crate) fn session(_: SessionOptions) -> Session {
        Session
    }

    pub(crate) fn section_guard(_: &'static [Section], _: SectionGuardOptions) -> Guard {
        Guard
    }
}

pub(crate) mod session {
    use crate::data::FutureCall;

    /// Nothing.
    pub(crate) struct Session;

    impl Session {
        pub(crate) fn detach(self) {}
    }

    impl Drop for Session {
        // So that `drop(guard)` is as meaningful to lints as it is when on.
        fn drop(&mut self) {}
    }

    pub(crate) fn recent_calls() -> Vec<FutureCall> {
        Vec::new()
    }

    /// Stops recording. Nothing when off.
    pub fn pause() {}

    /// Resumes recording. Nothing when off.
    pub fn resume() {}

    /// Restarts counting. Nothing when off.
    pub fn reset() {}

    /// The report of the running session: none when off.
    #[must_use]
    pub fn report_json() -> Option<String> {
        None
    }

    /// Returns true if calls are being recorded: never when off.
    #[must_use]
    pub fn is_recording() -> bool {
        false
    }
}

mod methods {
    use std::{fmt::Debug, future::Future};

    use crate::instrument::{
        InstrumentFuture, InstrumentFutureLog, InstrumentMutex, InstrumentRwLock, InstrumentStream,
        InstrumentStreamLog,
    };

    /// Every value as it is.
    macro_rules! unwatched {
        ($($trait:ident :: $method:ident for <$generic:ident> $type:ty;)+) => {
            $(
                impl<$generic> $trait for $type {
                    type Output = Self;

                    fn $method(self, _: &'static str, _: Option<String>) -> Self {
                        self
                    }
                }
            )+
        };
    }

    impl<F: Future> InstrumentFuture for F {
        type Output = Self;

        fn instrument_future(self, _: &'static str, _: Option<String>) -> Self {
            self
        }
    }

    impl<F: Future<Output: Debug>> InstrumentFutureLog for F {
        type Output = Self;

        fn instrument_future_log(self, _: &'static str, _: Option<String>) -> Self {
            self
        }
    }

    // What a stream is says a crate that is not built here.
    unwatched! {
        InstrumentStream::instrument_stream for <S> S;
        InstrumentStreamLog::instrument_stream_log for <S> S;
        InstrumentMutex::instrument for <T> std::sync::Mutex<T>;
        InstrumentRwLock::instrument for <T> std::sync::RwLock<T>;
    }

    #[cfg(feature = "tokio")]
    unwatched! {
        InstrumentMutex::instrument for <T> tokio::sync::Mutex<T>;
        InstrumentRwLock::instrument for <T> tokio::sync::RwLock<T>;
    }

    #[cfg(feature = "parking_lot")]
    unwatched! {
        InstrumentMutex::instrument for <T> parking_lot::Mutex<T>;
        InstrumentRwLock::instrument for <T> parking_lot::RwLock<T>;
    }

    #[cfg(feature = "parking_lot-0_13")]
    unwatched! {
        InstrumentMutex::instrument for <T> parking_lot_0_13::Mutex<T>;
        InstrumentRwLock::instrument for <T> parking_lot_0_13::RwLock<T>;
    }

    #[cfg(feature = "async-lock")]
    unwatched! {
        InstrumentMutex::instrument for <T> async_lock::Mutex<T>;
        InstrumentRwLock::instrument for <T> async_lock::RwLock<T>;
    }
}
