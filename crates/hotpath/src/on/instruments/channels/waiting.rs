//! Sending and receiving in a future: the library's own future, which is counted when it is ready.
//!
//! Dropping one in the middle does to the message what dropping the library's future does.

use std::{
    borrow::Borrow,
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
};

use pin_project_lite::pin_project;

use super::{
    ends::{RxSide, Stamped, TxSide, Unstamp},
    instance::Ticket,
};

pin_project! {
    /// A message being sent: the library's future `F`, counted by the side `G` when it is ready.
    #[must_use = "futures do nothing unless polled"]
    pub struct Sending<F, G, T> {
        #[pin]
        pub(super) inner: F,
        side: G,
        ticket: Option<Ticket>,
        // Set once it waits.
        since: Option<u64>,
        message: PhantomData<fn(T)>,
    }
}

impl<F, G, T> Sending<F, G, T> {
    /// `inner` sends the message that the ticket is of.
    pub(crate) fn new(inner: F, side: G, ticket: Ticket) -> Self {
        Self { inner, side, ticket: Some(ticket), since: None, message: PhantomData }
    }

    /// Returns true if it was polled and the message is neither sent nor given back.
    pub(crate) fn is_waiting(&self) -> bool {
        self.ticket.is_some() && self.since.is_some()
    }
}

impl<F, G, T, E> Future for Sending<F, G, T>
where
    F: Future<Output = Result<(), E>>,
    G: Borrow<TxSide<T>>,
    E: Unstamp,
{
    type Output = Result<(), E::Plain>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Poll::Ready(result) = this.inner.poll(context) else {
            this.since.get_or_insert_with(|| this.ticket.as_ref().map_or(0, Ticket::now));
            return Poll::Pending;
        };
        let ticket = this.ticket.take(); // a message is counted once, however often a ready future is polled
        if let Some(ticket) = ticket.filter(|_| result.is_ok()) {
            let side: &TxSide<T> = (*this.side).borrow();
            match *this.since {
                None => side.sent(ticket),
                Some(since) => side.sent_since(since, ticket),
            }
        }
        Poll::Ready(result.map_err(Unstamp::unstamp))
    }
}

impl<F: fmt::Debug, G, T> fmt::Debug for Sending<F, G, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// The result of a receive: a message, or a reason for there being none.
pub trait Carrier<T> {
    /// The result with the plain message.
    type Plain;

    /// Counts the message, if there is one, and takes the stamp off.
    fn received_by(self, side: &RxSide<T>) -> Self::Plain;
}

impl<T, E> Carrier<T> for Result<Stamped<T>, E> {
    type Plain = Result<T, E>;

    #[inline]
    fn received_by(self, side: &RxSide<T>) -> Result<T, E> {
        self.map(|message| side.received(message))
    }
}

impl<T> Carrier<T> for Option<Stamped<T>> {
    type Plain = Option<T>;

    #[inline]
    fn received_by(self, side: &RxSide<T>) -> Option<T> {
        self.map(|message| side.received(message))
    }
}

pin_project! {
    /// A message being received: the library's future `F`, counted by the side `G` when it is ready.
    #[must_use = "futures do nothing unless polled"]
    pub struct Receiving<F, G, T> {
        #[pin]
        pub(super) inner: F,
        side: G,
        message: PhantomData<fn() -> T>,
    }
}

impl<F, G, T> Receiving<F, G, T> {
    /// `inner` receives.
    pub(crate) fn new(inner: F, side: G) -> Self {
        Self { inner, side, message: PhantomData }
    }
}

impl<F, G, T, C> Future for Receiving<F, G, T>
where
    F: Future<Output = C>,
    G: Borrow<RxSide<T>>,
    C: Carrier<T>,
{
    type Output = C::Plain;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<C::Plain> {
        let this = self.project();
        let received = ready!(this.inner.poll(context));
        let side: &RxSide<T> = (*this.side).borrow();
        Poll::Ready(received.received_by(side))
    }
}

impl<F: fmt::Debug, G, T> fmt::Debug for Receiving<F, G, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}
