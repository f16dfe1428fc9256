//! Streams: their items, and the time between them.
//!
//! The wrapper passes every poll on to the stream inside and counts its results; it buffers nothing and wakes no task.

use std::{
    fmt,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::{FusedStream, Stream};
use hotpath_lane::{
    Site,
    event::{self, Life},
};
use hotpath_report::{StreamStats, Streams, Table};
use pin_project_lite::pin_project;

use super::{
    Instrument,
    call_site::CallSite,
    log::{Log, Logged, NotLogged},
    options::Options,
    resource::{Resource, ResourceInfo, resources},
    view::{View, source},
};
use crate::{Section, imp::kind::STREAM};

pub(crate) const INSTRUMENT: Instrument = Instrument { section: Section::Streams, table };

/// The kinds of events of a resource: an item, with the time since the one before; a stream seen in this session; one that came to
/// its end; one dropped before that.
pub(crate) const ITEM: usize = 0;
const SEEN: usize = 1;
const COMPLETED: usize = 2;
const DROPPED: usize = 3;
const EVENT_KINDS: u8 = 4;

/// One use of `stream!`.
#[doc(hidden)]
#[must_use]
pub const fn call_site(file: &'static str, line: u32, column: u32) -> CallSite {
    CallSite::new(STREAM, EVENT_KINDS, file, line, column)
}

/// `stream!(expr)`.
#[doc(hidden)]
pub fn wrap<S: Stream>(
    stream: S,
    call_site: &'static CallSite,
    options: Options<'_>,
) -> InstrumentedStream<S> {
    InstrumentedStream::new(stream, call_site, &options)
}

/// `stream!(expr, log = true)`.
#[doc(hidden)]
pub fn wrap_logged<S: Stream<Item: fmt::Debug>>(
    stream: S,
    call_site: &'static CallSite,
    options: Options<'_>,
) -> InstrumentedStream<S, Logged> {
    InstrumentedStream::new(stream, call_site, &options)
}

pin_project! {
    /// A stream whose items are counted, made by [`stream!`](crate::stream!). Everything else about it is the stream inside.
    ///
    /// Without profiling this is the stream itself. `L` says if items are kept as text (`log = true`).
    #[must_use = "streams do nothing unless polled"]
    pub struct InstrumentedStream<S, L = NotLogged> {
        #[pin]
        stream: S,
        resource: &'static Resource,
        // When the last item came, or the first poll; 0 if that is not known.
        since: u64,
        life: Life,
        log: PhantomData<fn() -> L>,
    }

    impl<S, L> PinnedDrop for InstrumentedStream<S, L> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.project();
            this.life.ended(&this.resource.sites[DROPPED]);
        }
    }
}

impl<S: Stream, L> InstrumentedStream<S, L> {
    fn new(stream: S, call_site: &'static CallSite, options: &Options<'_>) -> Self {
        let resource = options.resource::<S::Item>(call_site);
        resource.describe(ResourceInfo { type_size: size_of::<S::Item>(), ..ResourceInfo::default() });
        Self::at(resource, stream)
    }
}

impl<S, L> InstrumentedStream<S, L> {
    fn at(resource: &'static Resource, stream: S) -> Self {
        Self { stream, resource, since: 0, life: Life::new(), log: PhantomData }
    }
}

impl<S: Stream, L: Log<S::Item>> Stream for InstrumentedStream<S, L> {
    type Item = S::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let sites: &'static [Site] = this.resource.sites;
        if this.life.seen(&sites[SEEN]) {
            *this.since = event::stamp(&sites[ITEM]);
        }
        let result = this.stream.poll_next(context);
        match &result {
            Poll::Ready(Some(item)) => {
                if event::lap(&sites[ITEM], this.since) {
                    L::log(&sites[ITEM], item);
                }
            }
            Poll::Ready(None) => this.life.ended(&sites[COMPLETED]),
            Poll::Pending => {}
        }
        result
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.size_hint()
    }
}

impl<S: FusedStream, L: Log<S::Item>> FusedStream for InstrumentedStream<S, L> {
    fn is_terminated(&self) -> bool {
        self.stream.is_terminated()
    }
}

/// Another stream of the same row.
impl<S: Clone, L> Clone for InstrumentedStream<S, L> {
    fn clone(&self) -> Self {
        Self::at(self.resource, self.stream.clone())
    }
}

/// As the stream inside.
impl<S: fmt::Debug, L> fmt::Debug for InstrumentedStream<S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}

/// The methods of the stream inside.
impl<S, L> Deref for InstrumentedStream<S, L> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.stream
    }
}

impl<S, L> DerefMut for InstrumentedStream<S, L> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.stream
    }
}

fn table(view: &View<'_>) -> Table {
    Table::of::<Streams>(&stats(view), &(), &view.settings.percentiles)
}

/// A row for each resource whose streams were polled in this session.
pub(crate) fn stats(view: &View<'_>) -> Vec<StreamStats> {
    let seen = |resource: &&&'static Resource| view.row(&resource.sites[SEEN]).is_some();
    resources(STREAM).iter().filter(seen).map(|resource| stream(view, resource)).collect()
}

fn stream(view: &View<'_>, resource: &'static Resource) -> StreamStats {
    let sites = resource.sites;
    StreamStats {
        id: sites[ITEM].id(),
        label: view.labels.of(resource),
        has_custom_label: resource.is_labelled,
        source: source(&sites[ITEM]),
        type_name: resource.type_name.to_owned(),
        type_size: resource.info().map_or(0, |info| info.type_size as u64),
        instance: resource.instance,
        instances: view.count(&sites[SEEN]),
        completed: view.count(&sites[COMPLETED]),
        dropped: view.count(&sites[DROPPED]),
        items: view.count(&sites[ITEM]),
        gap: view.durations(&sites[ITEM]),
        observed_ns: view.duration_ns,
    }
}
