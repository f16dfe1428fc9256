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
    Channel, ChannelBuilder, KnownCapacity, Proxied, Rx, Shape, Stamped, Tx, Unstamp,
    ends::{RxSide, TxSide},
    forward,
    instance::Share,
    proxy::{Passage, ProxyBuilder, Turns, unless},
    unstamp,
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
/// As [`original::Send`].
pub type Send<'a, T> = Sending<original::Send<'a, Stamped<T>>, &'a TxSide<T>, T>;
/// As [`original::Recv`].
pub type Recv<'a, T> = Receiving<original::Recv<'a, Stamped<T>>, &'a RxSide<T>, T>;
/// As [`original::Closed`].
pub type Closed<'a, T> = original::Closed<'a, Stamped<T>>;

impl<T> Channel for (original::Sender<T>, original::Receiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Watched = (Sender<T>, Receiver<T>);

    fn watched(self, builder: ChannelBuilder<Self>) -> Self::Watched {
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
    fn proxied(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = original::bounded(1);
        match builder.task(Shape::of(rx.capacity()), (rx, to), carry) {
            Ok(()) => (tx, carried),
            Err((rx, _)) => (tx, rx),
        }
    }
}

async fn carry<T>((rx, to): (original::Receiver<T>, original::Sender<T>), passage: Passage<T>) {
    let mut turns = Turns::default();
    while let Some(Ok(value)) = unless(to.closed(), rx.recv()).await {
        passage.passes(&value);
        if to.send(value).await.is_err() {
            break;
        }
        turns.next().await;
    }
    rx.close();
    while let Ok(value) = rx.try_recv() {
        passage.lost(&value);
    }
}

unstamp! {
    SendError;
    TrySendError { Full, Closed };
}

impl<T> Sender<T> {
    /// As [`original::Sender::send`].
    pub fn send(&self, value: T) -> Send<'_, T> {
        let (message, ticket) = self.side.stamp(value);
        Sending::new(self.raw.send(message), &self.side, ticket)
    }

    /// As [`original::Sender::try_send`].
    ///
    /// # Errors
    ///
    /// As there.
    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.push(value, original::Sender::try_send)
    }

    /// As [`original::Sender::send_blocking`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_blocking(&self, value: T) -> Result<(), SendError<T>> {
        let at_once = |raw: &original::Sender<_>, message| match raw.try_send(message) {
            Ok(()) => Ok(None),
            Err(TrySendError::Full(message)) => Ok(Some(message)),
            Err(TrySendError::Closed(message)) => Err(SendError(message)),
        };
        self.push_waiting(value, at_once, original::Sender::send_blocking)
    }

    /// As [`original::Sender::force_send`]. A message that has to go for it counts as sent and not as received.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn force_send(&self, value: T) -> Result<Option<T>, SendError<T>> {
        let (message, ticket) = self.side.stamp(value);
        let displaced = self.raw.force_send(message).map_err(Unstamp::unstamp)?;
        self.side.sent(ticket);
        Ok(displaced.map(|message| {
            self.side.displaced();
            message.value
        }))
    }

    /// As [`original::Sender::closed`].
    pub fn closed(&self) -> Closed<'_, T> {
        self.raw.closed()
    }

    /// As [`original::Sender::close`].
    pub fn close(&self) -> bool {
        let is_closed = self.raw.close();
        self.side.close();
        is_closed
    }

    /// As [`original::Sender::downgrade`].
    #[must_use]
    pub fn downgrade(&self) -> WeakSender<T> {
        WeakSender { raw: self.raw.downgrade(), share: self.side.share().clone() }
    }

    /// As [`original::Sender::same_channel`].
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }

    forward! {
        is_closed() -> bool;
        is_empty() -> bool;
        is_full() -> bool;
        len() -> usize;
        capacity() -> Option<usize>;
        receiver_count() -> usize;
        sender_count() -> usize;
    }
}

impl<T> Receiver<T> {
    /// As [`original::Receiver::recv`].
    pub fn recv(&self) -> Recv<'_, T> {
        Receiving::new(self.raw.recv(), &self.side)
    }

    /// As [`original::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// As there.
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.raw.try_recv().received_by(&self.side)
    }

    /// As [`original::Receiver::recv_blocking`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn recv_blocking(&self) -> Result<T, RecvError> {
        self.raw.recv_blocking().received_by(&self.side)
    }

    /// As [`original::Receiver::close`].
    pub fn close(&self) -> bool {
        let is_closed = self.raw.close();
        self.side.close();
        is_closed
    }

    /// As [`original::Receiver::downgrade`].
    #[must_use]
    pub fn downgrade(&self) -> WeakReceiver<T> {
        WeakReceiver { raw: self.raw.downgrade(), share: self.side.share().clone() }
    }

    /// As [`original::Receiver::same_channel`].
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }

    forward! {
        is_closed() -> bool;
        is_empty() -> bool;
        is_full() -> bool;
        len() -> usize;
        capacity() -> Option<usize>;
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

/// As [`original::WeakSender`].
pub struct WeakSender<T> {
    raw: original::WeakSender<Stamped<T>>,
    share: Share<T>,
}

/// As [`original::WeakReceiver`].
pub struct WeakReceiver<T> {
    raw: original::WeakReceiver<Stamped<T>>,
    share: Share<T>,
}

impl<T> WeakSender<T> {
    /// As [`original::WeakSender::upgrade`].
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let side = TxSide::new(self.share.clone()); // first: while there is an end it counts as one
        Some(Tx { raw: self.raw.upgrade()?, side })
    }
}

impl<T> WeakReceiver<T> {
    /// As [`original::WeakReceiver::upgrade`].
    #[must_use]
    pub fn upgrade(&self) -> Option<Receiver<T>> {
        let side = RxSide::new(self.share.clone()); // first: while there is an end it counts as one
        Some(Receiver { raw: self.raw.upgrade()?, side })
    }
}

macro_rules! weak {
    ($($name:ident)+) => {
        $(
            impl<T> Clone for $name<T> {
                fn clone(&self) -> Self {
                    Self { raw: self.raw.clone(), share: self.share.clone() }
                }
            }

            impl<T> fmt::Debug for $name<T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.raw.fmt(f)
                }
            }
        )+
    };
}

weak! { WeakSender WeakReceiver }
