//! `tokio::sync::oneshot`.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::sync::oneshot::{
    self,
    error::{RecvError, TryRecvError},
};

use super::super::{
    Channel, ChannelBuilder, KnownCapacity, Rx, Shape, Stamped, Tx, forward, waiting::Carrier,
};

/// The sender.
pub type Sender<T> = Tx<oneshot::Sender<Stamped<T>>, T>;
/// The receiver, a future of the message.
pub type Receiver<T> = Rx<oneshot::Receiver<Stamped<T>>, T>;

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

    /// As [`oneshot::Sender::closed`].
    pub async fn closed(&mut self) {
        self.raw.closed().await;
    }

    /// As [`oneshot::Sender::poll_closed`].
    pub fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.raw.poll_closed(context)
    }

    forward! {
        is_closed() -> bool;
    }
}

impl<T> Receiver<T> {
    /// As [`oneshot::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.raw.try_recv().received_by(&self.side)
    }

    /// As [`oneshot::Receiver::blocking_recv`].
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Panics
    ///
    /// As there.
    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        self.raw.blocking_recv().received_by(&self.side)
    }

    /// As [`oneshot::Receiver::close`].
    pub fn close(&mut self) {
        self.raw.close();
        self.side.close();
    }

    forward! {
        is_empty() -> bool;
        is_terminated() -> bool;
    }
}

impl<T> Future for Receiver<T> {
    type Output = Result<T, RecvError>;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.raw).poll(context).map(|received| received.received_by(&self.side))
    }
}
