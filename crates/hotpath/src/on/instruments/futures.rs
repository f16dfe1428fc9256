//! Instrumented futures: number and time of their polls, polls that block, and the last calls one by one.

use std::{
    fmt::{self, Debug},
    future::Future,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::FusedFuture;
use hotpath_lane::{
    AsyncCall, Detail, HistoryEntry, Phase, Site,
    clock::Scale,
    read::{AsyncReading, CallReading, RowReading, call_history},
};
use hotpath_report::{Dist, FutureStats, FutureTotals, Futures, Table};
use pin_project_lite::pin_project;

use super::{
    Instrument,
    call_site::CallSite,
    log::{Log, Logged, NotLogged},
    options::Options,
    resource::{Resource, resources},
    view::{View, source},
};
use crate::{
    Section,
    data::{FutureCall, FutureState},
    imp::kind::FUTURE,
};

pub(crate) const INSTRUMENT: Instrument = Instrument { section: Section::Futures, table };

/// One use of `future!`.
#[doc(hidden)]
#[must_use]
pub const fn call_site(file: &'static str, line: u32, column: u32) -> CallSite {
    CallSite::new(FUTURE, 1, file, line, column)
}

/// `future!(expr)`.
#[doc(hidden)]
pub fn wrap<F: Future>(
    future: F,
    call_site: &'static CallSite,
    options: Options<'_>,
) -> InstrumentedFuture<F> {
    instrument_future(&options.resource::<()>(call_site).sites[0], future)
}

/// `future!(expr, log = true)`.
#[doc(hidden)]
pub fn wrap_logged<F: Future<Output: Debug>>(
    future: F,
    call_site: &'static CallSite,
    options: Options<'_>,
) -> InstrumentedFuture<F, Logged> {
    instrument_future_logged(&options.resource::<()>(call_site).sites[0], future)
}

/// Instruments a future as a call of `site`.
#[doc(hidden)]
pub fn instrument_future<F: Future>(site: &'static Site, future: F) -> InstrumentedFuture<F> {
    InstrumentedFuture::at(site, future)
}

/// Instruments a future as a call of `site`, and keeps the values as text.
#[doc(hidden)]
pub fn instrument_future_logged<F: Future<Output: Debug>>(
    site: &'static Site,
    future: F,
) -> InstrumentedFuture<F, Logged> {
    InstrumentedFuture::at(site, future)
}

pin_project! {
    /// A future whose polls are measured, made by [`future!`](crate::future!).
    ///
    /// It has the methods of the future inside, by dereference; those that take it by value or pinned are reached with
    /// [`into_inner`](crate::futures::into_inner) and [`inner_pin_mut`](crate::futures::inner_pin_mut).
    ///
    /// Without profiling this is the future itself. `L` says if values are kept as text (`log = true`).
    #[must_use = "futures do nothing unless polled"]
    pub struct InstrumentedFuture<F, L = NotLogged> {
        // Goes first: the call has ended when what the future holds is dropped.
        call: InstrumentedCall,
        #[pin]
        future: F,
        log: PhantomData<fn() -> L>,
    }
}

/// The call of an instrumented future. It has a `drop` of its own so that the future can be taken out of the wrapper.
struct InstrumentedCall {
    site: &'static Site,
    call: AsyncCall<HistoryEntry>,
}

impl Drop for InstrumentedCall {
    fn drop(&mut self) {
        self.call.dropped(self.site);
    }
}

impl<F, L> InstrumentedFuture<F, L> {
    fn at(site: &'static Site, future: F) -> Self {
        Self {
            call: InstrumentedCall { site, call: AsyncCall::with_history(site) },
            future,
            log: PhantomData,
        }
    }

    /// See [`crate::futures::into_inner`]. Not a method: the future inside may have one of this name.
    pub(crate) fn inner_future(this: Self) -> F {
        this.future
    }

    /// See [`crate::futures::inner_pin_mut`].
    pub(crate) fn inner(this: Pin<&mut Self>) -> Pin<&mut F> {
        this.project().future
    }
}

impl<F: Future, L: Log<F::Output>> Future for InstrumentedFuture<F, L> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let mut frame = this.call.call.poll(this.call.site);
        frame.begin();
        let result = this.future.poll(context);
        if let Poll::Ready(value) = &result {
            match L::text(value) {
                Some(write) => frame.end_with_text(write),
                None => frame.ready(),
            }
        }
        result
    }
}

impl<F: FusedFuture, L: Log<F::Output>> FusedFuture for InstrumentedFuture<F, L> {
    fn is_terminated(&self) -> bool {
        self.future.is_terminated()
    }
}

/// Another call of the same future.
impl<F: Clone, L> Clone for InstrumentedFuture<F, L> {
    fn clone(&self) -> Self {
        Self::at(self.call.site, self.future.clone())
    }
}

/// The methods of the future inside.
impl<F, L> Deref for InstrumentedFuture<F, L> {
    type Target = F;

    fn deref(&self) -> &F {
        &self.future
    }
}

/// Sound for every future: who has this one exclusively without a `Pin` has not pinned it, or it is [`Unpin`].
impl<F, L> DerefMut for InstrumentedFuture<F, L> {
    fn deref_mut(&mut self) -> &mut F {
        &mut self.future
    }
}

/// As the future inside.
impl<F: Debug, L> Debug for InstrumentedFuture<F, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.future.fmt(f)
    }
}

pub(crate) fn is_future(site: &Site) -> bool {
    site.kind() == FUTURE || site.is_future()
}

fn table(view: &View<'_>) -> Table {
    let resources = resources(FUTURE);
    let rows: Vec<FutureStats> = (view.reading.rows.iter())
        .filter(|row| is_future(row.site))
        .map(|row| {
            future(
                view,
                row,
                resources
                    .iter()
                    .copied()
                    .find(|resource| std::ptr::eq(&raw const resource.sites[0], row.site)),
            )
        })
        .collect();
    let totals = FutureTotals {
        blocking_threshold_ns: view.settings.blocking_poll.map(|time| time.as_nanos() as u64),
    };
    Table::of::<Futures>(&rows, &totals, &view.settings.percentiles)
}

fn future(view: &View<'_>, row: &RowReading, resource: Option<&'static Resource>) -> FutureStats {
    let part = row.async_stats.unwrap_or_default();
    let busy = view.scale.nanos(part.busy);
    let is_timed = part.timed_polls > 0;
    let is_sampled = part.timed_polls < part.polls;
    FutureStats {
        id: row.site.id(),
        label: view.name_of_future(row.site),
        has_custom_label: resource.map_or(row.site.is_labelled(), |resource| resource.is_labelled),
        source: source(row.site),
        calls: row.calls,
        polls: part.polls,
        sampled_polls: is_sampled.then_some(part.timed_polls),
        total_poll_ns: total_poll_ns(&view.scale, &part),
        poll: Dist {
            count: part.timed_polls,
            sum: busy,
            max: is_timed.then(|| view.scale.nanos(part.longest_poll)),
            ..Dist::default()
        },
        wait_ns: (!is_sampled).then(|| view.scale.nanos(row.total.max(0) as u64).saturating_sub(busy)),
        blocking_polls: (view.settings.blocking_poll.is_some() && (is_timed || part.polls == 0))
            .then_some(part.blocking),
        completed: part.completed,
        cancelled: part.cancelled,
        alloc: view.memory.of_future(row),
    }
}

/// Time inside polls: from the timed ones if not all were, as exact as the clock otherwise; unknown if none was.
pub(crate) fn total_poll_ns(scale: &Scale, part: &AsyncReading) -> Option<u64> {
    let busy = scale.nanos(part.busy);
    let all = u128::from(busy) * u128::from(part.polls);
    match all.checked_div(u128::from(part.timed_polls)) {
        Some(total) => u64::try_from(total).ok(),
        None => (part.polls == 0).then_some(busy),
    }
}

/// The last calls of one instrumented future: those in progress, then those that ended, each oldest first.
pub(crate) fn calls_of(view: &View<'_>, site: &'static Site) -> impl DoubleEndedIterator<Item = FutureCall> {
    let calls = call_history(site, view.epoch, view.settings.logs_limit);
    calls.into_iter().map(move |reading| call(view, site, reading))
}

/// The last calls of every watched future.
pub(crate) fn all_calls(view: &View<'_>) -> Vec<FutureCall> {
    let sites = view.reading.rows.iter().map(|row| row.site).chain(hotpath_lane::sites());
    let mut futures: Vec<&'static Site> = sites.filter(|site| is_future(site)).collect();
    hotpath_report::sort_by(&mut futures, |a, b| a.id().cmp(&b.id()));
    futures.dedup_by_key(|site| site.id());
    futures.iter().flat_map(|site| calls_of(view, site)).collect()
}

fn call(view: &View<'_>, site: &'static Site, reading: CallReading) -> FutureCall {
    let Detail { polls, busy, longest, last, bytes, count, most_bytes, last_bytes } = reading.detail;
    let nanos = |ticks| view.scale.nanos(ticks);
    let known = |number| view.memory.is_known().then_some(number);
    FutureCall {
        id: reading.id,
        future_id: site.id(),
        label: view.name_of_future(site),
        state: match reading.phase {
            Phase::Pending => FutureState::Pending,
            Phase::Running => FutureState::Running,
            Phase::Suspended => FutureState::Suspended,
            Phase::Ready => FutureState::Ready,
            Phase::Cancelled => FutureState::Cancelled,
        },
        poll_count: polls,
        total_poll_duration_ns: nanos(busy),
        max_poll_duration_ns: nanos(longest),
        last_poll_duration_ns: nanos(last),
        total_poll_alloc_bytes: known(bytes),
        total_poll_alloc_count: known(count),
        max_poll_alloc_bytes: known(most_bytes),
        last_poll_alloc_bytes: known(last_bytes),
        thread_id: reading.thread,
        result: reading.text.map(String::from),
    }
}
