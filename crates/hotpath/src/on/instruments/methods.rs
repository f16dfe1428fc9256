//! The macros as methods (see [`crate::instrument`]): their call sites are named while the program runs.

use std::{fmt::Debug, future::Future};

use futures_core::Stream;

use super::{
    call_site::{CallSite, CallSites},
    futures::{self, InstrumentedFuture},
    locks::{self, IntoMutex, IntoRwLock, Timed},
    log::Logged,
    options::{Options, label},
    streams::{self, InstrumentedStream},
};
use crate::instrument::{
    InstrumentFuture, InstrumentFutureLog, InstrumentMutex, InstrumentRwLock, InstrumentStream,
    InstrumentStreamLog,
};

static FUTURES: CallSites = CallSites::new(futures::call_site);
static STREAMS: CallSites = CallSites::new(streams::call_site);
static MUTEXES: CallSites = CallSites::new(locks::mutex::call_site);
static RW_LOCKS: CallSites = CallSites::new(locks::rw_lock::call_site);

impl<F: Future> InstrumentFuture for F {
    type Output = InstrumentedFuture<F>;

    fn instrument_future(self, source: &'static str, label: Option<String>) -> Self::Output {
        instrumented(&FUTURES, source, label, |call_site, options| futures::wrap(self, call_site, options))
    }
}

impl<F: Future<Output: Debug>> InstrumentFutureLog for F {
    type Output = InstrumentedFuture<F, Logged>;

    fn instrument_future_log(self, source: &'static str, label: Option<String>) -> Self::Output {
        instrumented(&FUTURES, source, label, |call_site, options| {
            futures::wrap_logged(self, call_site, options)
        })
    }
}

impl<S: Stream> InstrumentStream for S {
    type Output = InstrumentedStream<S>;

    fn instrument_stream(self, source: &'static str, label: Option<String>) -> Self::Output {
        instrumented(&STREAMS, source, label, |call_site, options| streams::wrap(self, call_site, options))
    }
}

impl<S: Stream<Item: Debug>> InstrumentStreamLog for S {
    type Output = InstrumentedStream<S, Logged>;

    fn instrument_stream_log(self, source: &'static str, label: Option<String>) -> Self::Output {
        instrumented(&STREAMS, source, label, |call_site, options| {
            streams::wrap_logged(self, call_site, options)
        })
    }
}

impl<L: IntoMutex> InstrumentMutex for L {
    type Output = Timed<L::Raw>;

    #[track_caller]
    fn instrument(self, source: &'static str, label: Option<String>) -> Self::Output {
        instrumented(&MUTEXES, source, label, |call_site, options| {
            locks::mutex::wrap(self, call_site, options)
        })
    }
}

impl<L: IntoRwLock> InstrumentRwLock for L {
    type Output = Timed<L::Raw>;

    #[track_caller]
    fn instrument(self, source: &'static str, label: Option<String>) -> Self::Output {
        instrumented(&RW_LOCKS, source, label, |call_site, options| {
            locks::rw_lock::wrap(self, call_site, options)
        })
    }
}

/// Instruments a value at the call site that `source` names.
fn instrumented<T>(
    call_sites: &'static CallSites,
    source: &'static str,
    name: Option<String>,
    wrap: impl FnOnce(&'static CallSite, Options<'_>) -> T,
) -> T {
    let (file, line) = file_and_line(source);
    let name = name.map(|name| label(&name));
    let options = Options::new(false);
    let options = name.iter().fold(options, |options, name| options.label(name));
    wrap(call_sites.at(file, line, 0), options)
}

/// Splits `file:line`; anything else is a file, and its line is not known.
fn file_and_line(source: &'static str) -> (&'static str, u32) {
    let parts = source.rsplit_once(':');
    parts.and_then(|(file, line)| Some((file, line.parse().ok()?))).unwrap_or((source, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_names_a_file_and_a_line() {
        assert_eq!(file_and_line("src/a.rs:7"), ("src/a.rs", 7));
        assert_eq!(file_and_line("somewhere"), ("somewhere", 0));
    }
}
