//! Futures that are watched with [`future!`](crate::future!), `#[future_fn]` or `#[measure(future = true)]`.

use std::pin::Pin;

pub use crate::{
    compat::section_guards::{FuturesGuard, FuturesGuardBuilder},
    data::{FutureCall, FutureState},
    instrument::{InstrumentFuture, InstrumentFutureLog},
};

#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub use crate::imp::instruments::futures::InstrumentedFuture;

/// A future whose polls are measured; without profiling the future itself.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
pub type InstrumentedFuture<F> = F;

/// The future inside, not watched any more: what [`future!`](crate::future!) was given, with profiling on and off.
///
/// Methods of the future that take it by reference need nothing of this. A call that was polled ends here as one that was
/// dropped.
///
/// ```
/// let watched = hotpath::future!(std::future::ready(7));
/// assert_eq!(hotpath::futures::into_inner(watched).into_inner(), 7);
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub fn into_inner<F, L>(future: InstrumentedFuture<F, L>) -> F {
    InstrumentedFuture::inner_future(future)
}

/// The future inside; with profiling off it is the future itself.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
pub fn into_inner<F>(future: InstrumentedFuture<F>) -> F {
    future
}

/// The future inside, pinned: for its methods that take `Pin<&mut Self>`, such as `reset` of tokio's `Sleep`, with profiling on
/// and off.
///
/// ```
/// use std::{future::Future, pin::{Pin, pin}};
///
/// struct Resettable(u32);
///
/// impl Resettable {
///     fn reset(mut self: Pin<&mut Self>) {
///         self.0 = 0;
///     }
/// }
/// # impl Future for Resettable {
/// #     type Output = u32;
/// #     fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<u32> { std::task::Poll::Ready(self.0) }
/// # }
/// let mut watched = pin!(hotpath::future!(Resettable(3)));
/// hotpath::futures::inner_pin_mut(watched.as_mut()).reset();
/// assert_eq!(futures::executor::block_on(watched), 0);
/// ```
#[cfg(all(feature = "hotpath", not(feature = "hotpath-off")))]
pub fn inner_pin_mut<F, L>(future: Pin<&mut InstrumentedFuture<F, L>>) -> Pin<&mut F> {
    InstrumentedFuture::inner(future)
}

/// The future inside, pinned; with profiling off it is the future itself.
#[cfg(not(all(feature = "hotpath", not(feature = "hotpath-off"))))]
pub fn inner_pin_mut<F>(future: Pin<&mut InstrumentedFuture<F>>) -> Pin<&mut F> {
    future
}

/// The last calls of every watched future in the running session: of each future those on their way, then those that ended, oldest
/// first, of both at most `HOTPATH_LOGS_LIMIT`. None without a session, and when off.
///
/// A thread shows 32 calls on their way that began on it; others are seen when they end.
///
/// ```
/// for call in hotpath::futures::recent_calls() {
///     println!("{} {}: {} polls", call.label, call.state, call.poll_count);
/// }
/// ```
#[must_use]
pub fn recent_calls() -> Vec<FutureCall> {
    crate::imp::session::recent_calls()
}
