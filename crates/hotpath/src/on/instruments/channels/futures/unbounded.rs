//! `futures_channel::mpsc::unbounded`.

use std::{
    hash::Hasher,
    pin::Pin,
    task::{Context, Poll},
};

use futures_channel::mpsc::{self, SendError, TryRecvError, TrySendError};
use futures_core::{FusedStream, Stream};
use futures_sink::Sink;
use hotpath_lane::memory::pause_tracking;

use super::{
    super::{Channel, ChannelBuilder, KnownCapacity, Rx, Shape, Stamped, Tx, Unstamp, waiting::Carrier},
    receiving::Recv,
};

/// The sender of an unbounded channel.
pub type UnboundedSender<T> = Tx<mpsc::UnboundedSender<Stamped<T>>, T>;
/// The receiver of an unbounded channel.
pub type UnboundedReceiver<T> = Rx<mpsc::UnboundedReceiver<Stamped<T>>, T>;

impl<T> Channel for (mpsc::UnboundedSender<T>, mpsc::UnboundedReceiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Instrumented = (UnboundedSender<T>, UnboundedReceiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        let (_tx, mut rx) = self;
        let earlier = std::iter::from_fn(|| rx.try_recv().ok());
        let ends = mpsc::unbounded();
        builder.ends_after(Shape::unbounded(), ends, earlier, mpsc::UnboundedSender::unbounded_send)
    }
}

/// An unbounded channel is never full.
impl<T> Unstamp for TrySendError<Stamped<T>> {
    type Plain = TrySendError<T>;

    fn unstamp(self) -> TrySendError<T> {
        disconnected(self.into_inner().value)
    }
}

/// The library alone can make its error; a channel without a receiver makes it do so.
#[cold]
fn disconnected<T>(value: T) -> TrySendError<T> {
    let tx = {
        let _untracked = pause_tracking();
        mpsc::unbounded().0
    };
    let error = tx.unbounded_send(value).expect_err("its receiver is gone");
    let _untracked = pause_tracking();
    drop(tx); // holds no message
    error
}

impl<T> UnboundedSender<T> {
    #[inline]
    pub fn unbounded_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.push(value, mpsc::UnboundedSender::unbounded_send)
    }

    pub fn start_send(&mut self, value: T) -> Result<(), SendError> {
        self.put(value)
    }

    fn put(&self, value: T) -> Result<(), SendError> {
        let (message, ticket) = self.side.stamp(value);
        self.raw.unbounded_send(message).map_err(TrySendError::into_send_error)?;
        self.side.sent(ticket);
        Ok(())
    }

    pub fn poll_ready(&self, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        self.raw.poll_ready(context)
    }

    pub fn close_channel(&self) {
        self.raw.close_channel();
        self.side.close();
    }

    pub fn disconnect(&mut self) {
        self.raw.disconnect();
        self.side.leave();
    }

    #[must_use]
    pub fn same_receiver(&self, other: &Self) -> bool {
        self.raw.same_receiver(&other.raw)
    }

    #[must_use]
    pub fn is_connected_to(&self, receiver: &UnboundedReceiver<T>) -> bool {
        self.raw.is_connected_to(&receiver.raw)
    }

    pub fn hash_receiver<H: Hasher>(&self, hasher: &mut H) {
        self.raw.hash_receiver(hasher);
    }

    forward! {
        is_closed() -> bool;
        len() -> usize;
        is_empty() -> bool;
    }
}

macro_rules! sinks {
    ($($(&$lifetime:lifetime)? sender;)+) => {
        $(
            impl<T> Sink<T> for $(&$lifetime)? UnboundedSender<T> {
                type Error = SendError;

                fn poll_ready(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
                    self.raw.poll_ready(context)
                }

                fn start_send(self: Pin<&mut Self>, value: T) -> Result<(), SendError> {
                    self.put(value)
                }

                fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
                    Pin::new(&mut &self.raw).poll_flush(context)
                }

                fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
                    sinks!(@close self, context $(, $lifetime)?)
                }
            }
        )+
    };
    // An owned sender disconnects, a borrowed one closes the channel.
    (@close $sender:ident, $context:ident) => {{
        let sender = $sender.get_mut();
        let closed = Pin::new(&mut sender.raw).poll_close($context);
        sender.side.leave();
        closed
    }};
    (@close $sender:ident, $context:ident, $lifetime:lifetime) => {{
        let closed = Pin::new(&mut &$sender.raw).poll_close($context);
        $sender.side.close();
        closed
    }};
}

sinks! {
    sender;
    &'_ sender;
}

impl<T> UnboundedReceiver<T> {
    pub fn recv(&mut self) -> Recv<'_, Self> {
        Recv(self)
    }

    pub fn close(&mut self) {
        self.raw.close();
        self.side.close();
    }

    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.raw.try_recv().received_by(&self.side)
    }

    #[expect(deprecated, reason = "so it is there")]
    pub fn try_next(&mut self) -> Result<Option<T>, TryRecvError> {
        Ok(self.raw.try_next()?.received_by(&self.side))
    }
}

impl<T> Stream for UnboundedReceiver<T> {
    type Item = T;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        Pin::new(&mut self.raw).poll_next(context).map(|message| message.received_by(&self.side))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.raw.size_hint()
    }
}

impl<T> FusedStream for UnboundedReceiver<T> {
    fn is_terminated(&self) -> bool {
        self.raw.is_terminated()
    }
}
