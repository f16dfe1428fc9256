//! `async_channel`.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use async_channel::{self as original, RecvError, SendError, TryRecvError, TrySendError};
use futures_core::stream::{FusedStream, Stream};
use pin_project_lite::pin_project;

use super::{
    Attempt, Channel, ChannelBuilder, KnownCapacity, Proxied, Rx, Shape, Stamped, Tx, Unstamp, Weak,
    ends::{RxSide, TxSide},
    proxy::{Passage, ProxyBuilder, carry, unless},
    waiting::{Carrier, Receiving, Sending},
};

/// The sender.
pub type Sender<T> = Tx<original::Sender<Stamped<T>>, T>;
// Unlike those of the other libraries it is not `Unpin`, as its original is not.
pin_project! {
    /// The receiver.
    pub struct Receiver<T> {
        // Goes first: the messages in it are gone before they count as gone.
        #[pin]
        raw: original::Receiver<Stamped<T>>,
        side: RxSide<T>,
    }
}
pub type Send<'a, T> = Sending<original::Send<'a, Stamped<T>>, &'a TxSide<T>, T>;
pub type Recv<'a, T> = Receiving<original::Recv<'a, Stamped<T>>, &'a RxSide<T>, T>;
pub type Closed<'a, T> = original::Closed<'a, Stamped<T>>;

impl<T> Channel for (original::Sender<T>, original::Receiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Instrumented = (Sender<T>, Receiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        let (given_tx, given_rx) = self;
        builder.warn_of_clones(given_tx.sender_count() + given_tx.receiver_count() - 2);
        let capacity = given_rx.capacity();
        let ends = capacity.map_or_else(original::unbounded, original::bounded);
        let earlier = std::iter::from_fn(|| given_rx.try_recv().ok()).take(given_rx.len());
        let (tx, rx) = builder.ends_after(Shape::of(capacity), ends, earlier, original::Sender::try_send);
        if given_tx.is_closed() {
            tx.close();
        }
        let Rx { raw, side } = rx;
        (tx, Receiver { raw, side })
    }
}

impl<T: std::marker::Send + 'static> Proxied for (original::Sender<T>, original::Receiver<T>) {
    fn proxy(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        (tx, builder.task(Shape::of(rx.capacity()), rx, original::bounded(1), carry))
    }
}

async fn carry<T>((rx, to): (original::Receiver<T>, original::Sender<T>), passage: Passage<T>) {
    carry!(passage, unless(to.closed(), rx.recv()).await.and_then(Result::ok), |value| to.send(value).await);
    rx.close();
    while let Ok(value) = rx.try_recv() {
        passage.lost(&value);
    }
}

unstamp! {
    SendError;
    TrySendError { Full, Closed };
}
attempts!(Closed);
both_ends!(Sender, Receiver);
weak_senders! { Sender, WeakSender; }

impl<T> Sender<T> {
    pub fn send(&self, value: T) -> Send<'_, T> {
        let (message, ticket) = self.side.stamp(value);
        Sending::new(self.raw.send(message), &self.side, ticket)
    }

    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.push(value, original::Sender::try_send)
    }

    pub fn send_blocking(&self, value: T) -> Result<(), SendError<T>> {
        self.push_waiting(value, original::Sender::try_send, SendError, original::Sender::send_blocking)
    }

    /// A message that has to go for it counts as sent and not as received.
    pub fn force_send(&self, value: T) -> Result<Option<T>, SendError<T>> {
        let (message, ticket) = self.side.stamp(value);
        let displaced = self.raw.force_send(message).map_err(Unstamp::unstamp)?;
        self.side.sent(ticket);
        Ok(displaced.map(|message| {
            self.side.displaced();
            message.value
        }))
    }

    pub fn closed(&self) -> Closed<'_, T> {
        self.raw.closed()
    }

    pub fn close(&self) -> bool {
        let is_closed = self.raw.close();
        self.side.close();
        is_closed
    }

    forward! {
        is_closed() -> bool;
        receiver_count() -> usize;
        sender_count() -> usize;
    }
}

impl<T> Receiver<T> {
    pub fn recv(&self) -> Recv<'_, T> {
        Receiving::new(self.raw.recv(), &self.side)
    }

    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.raw.try_recv().received_by(&self.side)
    }

    pub fn recv_blocking(&self) -> Result<T, RecvError> {
        self.raw.recv_blocking().received_by(&self.side)
    }

    pub fn close(&self) -> bool {
        let is_closed = self.raw.close();
        self.side.close();
        is_closed
    }

    #[must_use]
    pub fn downgrade(&self) -> WeakReceiver<T> {
        Weak { raw: self.raw.downgrade(), share: self.side.share().clone() }
    }

    forward! {
        is_closed() -> bool;
        receiver_count() -> usize;
        sender_count() -> usize;
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self { side: self.side.clone(), raw: self.raw.clone() }
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.project();
        Poll::Ready(ready!(this.raw.poll_next(context)).received_by(this.side))
    }
}

impl<T> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.raw.is_terminated()
    }
}

pub type WeakSender<T> = Weak<original::WeakSender<Stamped<T>>, T>;
pub type WeakReceiver<T> = Weak<original::WeakReceiver<Stamped<T>>, T>;

impl<T> WeakReceiver<T> {
    #[must_use]
    pub fn upgrade(&self) -> Option<Receiver<T>> {
        let side = RxSide::new(self.share.clone()); // first: while there is an end it counts as one
        Some(Receiver { raw: self.raw.upgrade()?, side })
    }
}
