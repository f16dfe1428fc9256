//! `futures_channel::oneshot`.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_channel::oneshot::{self, Canceled};
use futures_core::FusedFuture;

use super::super::{
    Channel, ChannelBuilder, KnownCapacity, Rx, Shape, Stamped, Tx, forward, waiting::Carrier,
};

/// The sender.
pub type Sender<T> = Tx<oneshot::Sender<Stamped<T>>, T>;
/// The receiver, a future of the message.
pub type Receiver<T> = Rx<oneshot::Receiver<Stamped<T>>, T>;
/// As [`oneshot::Cancellation`].
pub type Cancellation<'a, T> = oneshot::Cancellation<'a, Stamped<T>>;

impl<T> Channel for (oneshot::Sender<T>, oneshot::Receiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Watched = (Sender<T>, Receiver<T>);

    fn watched(self, builder: ChannelBuilder<Self>) -> Self::Watched {
        let (tx, rx) = oneshot::channel();
        builder.ends(Shape::oneshot(), tx, rx)
    }
}

impl<T> Sender<T> {
    /// As [`oneshot::Sender::send`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send(self, value: T) -> Result<(), T> {
        let (message, ticket) = self.side.stamp(value);
        self.raw.send(message).map_err(Stamped::into_inner)?;
        self.side.sent(ticket);
        Ok(())
    }

    /// As [`oneshot::Sender::poll_canceled`].
    pub fn poll_canceled(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.raw.poll_canceled(context)
    }

    /// As [`oneshot::Sender::cancellation`].
    pub fn cancellation(&mut self) -> Cancellation<'_, T> {
        self.raw.cancellation()
    }

    /// As [`oneshot::Sender::is_connected_to`].
    #[must_use]
    pub fn is_connected_to(&self, receiver: &Receiver<T>) -> bool {
        self.raw.is_connected_to(&receiver.raw)
    }

    forward! {
        is_canceled() -> bool;
    }
}

impl<T> Receiver<T> {
    /// As [`oneshot::Receiver::close`].
    pub fn close(&mut self) {
        self.raw.close();
        self.side.close();
    }

    /// As [`oneshot::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_recv(&mut self) -> Result<Option<T>, Canceled> {
        Ok(self.raw.try_recv()?.received_by(&self.side))
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, Canceled>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.raw).poll(context).map(|received| received.received_by(&self.side))
    }
}

impl<T> FusedFuture for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.raw.is_terminated()
    }
}
