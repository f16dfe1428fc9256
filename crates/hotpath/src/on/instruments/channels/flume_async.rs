//! The futures, streams and sinks of flume's endpoints, as its module `async` has them.
//!
//! A message that waits for room may be received before its sender is polled again, and the sender may be dropped instead. So
//! a waiting future or sink is asked once more when it is dropped.

use std::{
    borrow::Borrow,
    fmt,
    future::Future,
    pin::Pin,
    sync::OnceLock,
    task::{Context, Poll, Waker, ready},
};

use flume::{
    RecvError, SendError,
    r#async::{
        RecvFut as OriginalRecvFut, RecvStream as OriginalStream, SendFut as OriginalSendFut,
        SendSink as OriginalSink,
    },
};
use futures_core::{Stream, future::FusedFuture, stream::FusedStream};
use futures_sink::Sink;

use super::{
    Stamped, Tx, Unstamp,
    ends::{RxSide, TxSide},
    flume::{Receiver, Sender},
    instance::Ticket,
    waiting::{Carrier, Receiving, Sending},
};

/// The side of an endpoint, borrowed or moved into the future, stream or sink.
enum Endpoint<'a, S> {
    Own(S),
    Lent(&'a S),
}

impl<S> Borrow<S> for Endpoint<'_, S> {
    fn borrow(&self) -> &S {
        match self {
            Self::Own(side) => side,
            Self::Lent(side) => side,
        }
    }
}

impl<S: Clone> Clone for Endpoint<'_, S> {
    fn clone(&self) -> Self {
        match self {
            Self::Own(side) => Self::Own(side.clone()),
            Self::Lent(side) => Self::Lent(side),
        }
    }
}

#[must_use = "futures do nothing unless polled"]
pub struct SendFut<'a, T>(Sending<OriginalSendFut<'a, Stamped<T>>, Endpoint<'a, TxSide<T>>, T>);

#[must_use = "futures do nothing unless polled"]
pub struct RecvFut<'a, T>(Receiving<OriginalRecvFut<'a, Stamped<T>>, Endpoint<'a, RxSide<T>>, T>);

pub struct RecvStream<'a, T> {
    raw: OriginalStream<'a, Stamped<T>>,
    side: Endpoint<'a, RxSide<T>>,
}

pub struct SendSink<'a, T> {
    raw: OriginalSink<'a, Stamped<T>>,
    side: Endpoint<'a, TxSide<T>>,
    /// Of the message on its way, and since when it waits for room.
    waiting: Option<(Ticket, Option<u64>)>,
    /// Made on demand, so that there are no more senders than without hotpath.
    sender: OnceLock<Sender<T>>,
}

impl<T> Sender<T> {
    pub fn send_async(&self, value: T) -> SendFut<'_, T> {
        let (message, ticket) = self.side.stamp(value);
        SendFut(Sending::new(self.raw.send_async(message), Endpoint::Lent(&self.side), ticket))
    }

    pub fn into_send_async<'a>(self, value: T) -> SendFut<'a, T> {
        let (message, ticket) = self.side.stamp(value);
        SendFut(Sending::new(self.raw.into_send_async(message), Endpoint::Own(self.side), ticket))
    }

    #[must_use]
    pub fn sink(&self) -> SendSink<'_, T> {
        SendSink::new(self.raw.sink(), Endpoint::Lent(&self.side))
    }

    #[must_use]
    pub fn into_sink<'a>(self) -> SendSink<'a, T> {
        SendSink::new(self.raw.into_sink(), Endpoint::Own(self.side))
    }
}

impl<T> Receiver<T> {
    pub fn recv_async(&self) -> RecvFut<'_, T> {
        RecvFut(Receiving::new(self.raw.recv_async(), Endpoint::Lent(&self.side)))
    }

    pub fn into_recv_async<'a>(self) -> RecvFut<'a, T> {
        RecvFut(Receiving::new(self.raw.into_recv_async(), Endpoint::Own(self.side)))
    }

    #[must_use]
    pub fn stream(&self) -> RecvStream<'_, T> {
        RecvStream { raw: self.raw.stream(), side: Endpoint::Lent(&self.side) }
    }

    #[must_use]
    pub fn into_stream<'a>(self) -> RecvStream<'a, T> {
        RecvStream { raw: self.raw.into_stream(), side: Endpoint::Own(self.side) }
    }
}

/// The properties of the channel that all four types have.
macro_rules! channel_properties {
    ($($name:ident . $($raw:tt).+;)+) => {
        $(
            impl<T> $name<'_, T> {
                #[must_use]
                pub fn is_disconnected(&self) -> bool {
                    self.$($raw).+.is_disconnected()
                }

                #[must_use]
                pub fn is_empty(&self) -> bool {
                    self.$($raw).+.is_empty()
                }

                #[must_use]
                pub fn is_full(&self) -> bool {
                    self.$($raw).+.is_full()
                }

                #[must_use]
                pub fn len(&self) -> usize {
                    self.$($raw).+.len()
                }

                #[must_use]
                pub fn capacity(&self) -> Option<usize> {
                    self.$($raw).+.capacity()
                }
            }

            impl<T> fmt::Debug for $name<'_, T> {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    self.$($raw).+.fmt(f)
                }
            }
        )+
    };
}

channel_properties! {
    SendFut.0.inner;
    RecvFut.0.inner;
    RecvStream.raw;
    SendSink.raw;
}

impl<T> Unpin for SendFut<'_, T> {}

impl<T> Future for SendFut<'_, T> {
    type Output = Result<(), SendError<T>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> Drop for SendFut<'_, T> {
    fn drop(&mut self) {
        if self.0.is_waiting() {
            let _asked = Pin::new(&mut self.0).poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl<T> FusedFuture for SendFut<'_, T> {
    fn is_terminated(&self) -> bool {
        self.0.inner.is_terminated()
    }
}

impl<T> Future for RecvFut<'_, T> {
    type Output = Result<T, RecvError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl<T> FusedFuture for RecvFut<'_, T> {
    fn is_terminated(&self) -> bool {
        self.0.inner.is_terminated()
    }
}

impl<T> RecvStream<'_, T> {
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }
}

impl<T> Clone for RecvStream<'_, T> {
    fn clone(&self) -> Self {
        Self { side: self.side.clone(), raw: self.raw.clone() }
    }
}

impl<T> Stream for RecvStream<'_, T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let received = ready!(Pin::new(&mut self.raw).poll_next(context));
        let side: &RxSide<T> = self.side.borrow();
        Poll::Ready(received.received_by(side))
    }
}

impl<T> FusedStream for RecvStream<'_, T> {
    fn is_terminated(&self) -> bool {
        self.raw.is_terminated()
    }
}

impl<'a, T> SendSink<'a, T> {
    fn new(raw: OriginalSink<'a, Stamped<T>>, side: Endpoint<'a, TxSide<T>>) -> Self {
        Self { raw, side, waiting: None, sender: OnceLock::new() }
    }

    fn side(&self) -> &TxSide<T> {
        self.side.borrow()
    }

    #[must_use]
    pub fn sender(&self) -> &Sender<T> {
        self.sender.get_or_init(|| Tx { side: self.side().clone(), raw: self.raw.sender().clone() })
    }

    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }

    /// Counts the message on its way once the library says that it was sent.
    fn settle(&mut self, result: Poll<Result<(), SendError<Stamped<T>>>>) -> Poll<Result<(), SendError<T>>> {
        match result {
            Poll::Pending => {
                if let Some((ticket, since)) = &mut self.waiting {
                    since.get_or_insert_with(|| ticket.now());
                }
                Poll::Pending
            }
            Poll::Ready(result) => {
                match self.waiting.take().filter(|_| result.is_ok()) {
                    Some((ticket, None)) => self.side().sent(ticket),
                    Some((ticket, Some(since))) => self.side().sent_since(since, ticket),
                    None => {}
                }
                Poll::Ready(result.map_err(Unstamp::unstamp))
            }
        }
    }
}

impl<T> Sink<T> for SendSink<'_, T> {
    type Error = SendError<T>;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError<T>>> {
        let result = Pin::new(&mut self.raw).poll_ready(context);
        self.settle(result)
    }

    fn start_send(mut self: Pin<&mut Self>, value: T) -> Result<(), SendError<T>> {
        let (message, ticket) = self.side().stamp(value);
        let result = Pin::new(&mut self.raw).start_send(message);
        self.waiting = result.is_ok().then_some((ticket, None));
        result.map_err(Unstamp::unstamp)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError<T>>> {
        let result = Pin::new(&mut self.raw).poll_flush(context);
        self.settle(result)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError<T>>> {
        let result = Pin::new(&mut self.raw).poll_close(context);
        self.settle(result)
    }
}

impl<T> Drop for SendSink<'_, T> {
    fn drop(&mut self) {
        if let Some((_, Some(_))) = self.waiting {
            let _asked = Pin::new(self).poll_flush(&mut Context::from_waker(Waker::noop()));
        }
    }
}

impl<T> Clone for SendSink<'_, T> {
    fn clone(&self) -> Self {
        Self::new(self.raw.clone(), self.side.clone())
    }
}
