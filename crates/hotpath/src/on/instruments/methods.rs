//! The macros as methods (see [`crate::instrument`]): places whose source is told while the program runs.

use std::{
    collections::HashMap,
    fmt::Debug,
    future::Future,
    sync::{Mutex, PoisonError},
};

use futures_core::Stream;
use hotpath_lane::memory::pause_tracking;

use super::{
    futures::{self, InstrumentedFuture},
    locks::{self, IntoMutex, IntoRwLock, Timed},
    log::Logged,
    options::{Options, label},
    place::Place,
    streams::{self, InstrumentedStream},
};
use crate::instrument::{
    InstrumentFuture, InstrumentFutureLog, InstrumentMutex, InstrumentRwLock, InstrumentStream,
    InstrumentStreamLog,
};

/// Places are told apart by their source up to this number; later ones are one.
const MAX_PLACES: usize = 1000;

type PlaceOf = fn(&'static str, u32, u32) -> Place;

impl<F: Future> InstrumentFuture for F {
    type Output = InstrumentedFuture<F>;

    fn instrument_future(self, source: &'static str, label: Option<String>) -> Self::Output {
        watched("future", futures::place, source, label, |place, options| futures::wrap(self, place, options))
    }
}

impl<F: Future<Output: Debug>> InstrumentFutureLog for F {
    type Output = InstrumentedFuture<F, Logged>;

    fn instrument_future_log(self, source: &'static str, label: Option<String>) -> Self::Output {
        watched("future", futures::place, source, label, |place, options| {
            futures::wrap_logged(self, place, options)
        })
    }
}

impl<S: Stream> InstrumentStream for S {
    type Output = InstrumentedStream<S>;

    fn instrument_stream(self, source: &'static str, label: Option<String>) -> Self::Output {
        watched("stream", streams::place, source, label, |place, options| streams::wrap(self, place, options))
    }
}

impl<S: Stream<Item: Debug>> InstrumentStreamLog for S {
    type Output = InstrumentedStream<S, Logged>;

    fn instrument_stream_log(self, source: &'static str, label: Option<String>) -> Self::Output {
        watched("stream", streams::place, source, label, |place, options| {
            streams::wrap_logged(self, place, options)
        })
    }
}

impl<L: IntoMutex> InstrumentMutex for L {
    type Output = Timed<L::Raw>;

    #[track_caller]
    fn instrument(self, source: &'static str, label: Option<String>) -> Self::Output {
        watched("mutex", locks::mutex::place, source, label, |place, options| {
            locks::mutex::wrap(self, place, options)
        })
    }
}

impl<L: IntoRwLock> InstrumentRwLock for L {
    type Output = Timed<L::Raw>;

    #[track_caller]
    fn instrument(self, source: &'static str, label: Option<String>) -> Self::Output {
        watched("rw_lock", locks::rw_lock::place, source, label, |place, options| {
            locks::rw_lock::wrap(self, place, options)
        })
    }
}

/// What `watch` makes at the place that `source` tells.
fn watched<T>(
    kind: &'static str,
    place_of: PlaceOf,
    source: &'static str,
    name: Option<String>,
    watch: impl FnOnce(&'static Place, Options<'_>) -> T,
) -> T {
    let place = place(kind, place_of, source);
    let name = name.map(|name| label(&name));
    let options = Options::new(false);
    watch(place, name.iter().fold(options, |options, name| options.label(name)))
}

/// The place of this kind that `source` tells; made when it is first asked for, and never freed.
fn place(kind: &'static str, place_of: PlaceOf, source: &'static str) -> &'static Place {
    static PLACES: Mutex<Option<HashMap<(&str, &str), &'static Place>>> = Mutex::new(None);
    let _untracked = pause_tracking();
    let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
    let places = places.get_or_insert_default();
    let source = if places.len() < MAX_PLACES { source } else { hotpath_lane::OTHER_NAME };
    places.entry((kind, source)).or_insert_with(|| {
        let (file, line) = file_and_line(source);
        Box::leak(Box::new(place_of(file, line, 0)))
    })
}

/// Of `file:line`; what is something else is a file, and its line is not known.
fn file_and_line(source: &'static str) -> (&'static str, u32) {
    let parts = source.rsplit_once(':');
    parts.and_then(|(file, line)| Some((file, line.parse().ok()?))).unwrap_or((source, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_one_place_of_a_kind() {
        let at = |kind, source| place(kind, futures::place, source);
        let first = at("future", "src/a.rs:7");
        assert!(std::ptr::eq(first, at("future", "src/a.rs:7")));
        assert!(
            !std::ptr::eq(first, at("future", "src/a.rs:8")) && !std::ptr::eq(first, at("x", "src/a.rs:7"))
        );
        assert_eq!(file_and_line("src/a.rs:7"), ("src/a.rs", 7));
        assert_eq!(file_and_line("somewhere"), ("somewhere", 0));
    }
}
