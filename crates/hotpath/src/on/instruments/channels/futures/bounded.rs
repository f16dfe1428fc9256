//! `futures_channel::mpsc::channel`.
//!
//! The library alone can make the error that says that a channel is full, and only around a message of the channel's own type.
//! So messages travel as they are, through the very channel that the program made, and the moments of their sending travel
//! beside them. A moment is sent before its message. Invariant: there is a moment for each message, in the
//! same order but for sends at the same time; where one is missing, the message is counted and not timed.

use std::{
    fmt,
    hash::Hasher,
    pin::Pin,
    task::{Context, Poll, Waker, ready},
};

use futures_channel::mpsc::{self, SendError, TryRecvError, TrySendError};
use futures_core::{FusedStream, Stream};
use futures_sink::Sink;
use hotpath_lane::memory::pause_tracking;

use super::{
    super::{Channel, ChannelBuilder, KnownCapacity, Rx, Shape, Stamped, Tx},
    receiving::Recv,
};

/// The sender of a bounded channel.
pub type Sender<T> = Tx<Sending<T>, T>;
/// The receiver of a bounded channel.
pub type Receiver<T> = Rx<Receiving<T>, T>;

/// The library's sender, and the way of the moments.
pub struct Sending<T> {
    plain: mpsc::Sender<T>,
    moments: Option<mpsc::UnboundedSender<u64>>, // None only while it is dropped
    /// Since when this sender waits for room; 0 if it does not.
    since: u64,
}

/// The library's receiver, and the way of the moments.
pub struct Receiving<T> {
    plain: mpsc::Receiver<T>,
    moments: Option<mpsc::UnboundedReceiver<u64>>, // None only while it is dropped
    /// Messages that came before their moment.
    ahead: u64,
}

impl<T> Channel for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Instrumented = (Sender<T>, Receiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        let (tx, rx) = self;
        let (moments_tx, moments_rx) = {
            let _untracked = pause_tracking();
            mpsc::unbounded()
        };
        let shape = Shape::bounded_beside_senders(builder.capacity);
        let tx = Sending { plain: tx, moments: Some(moments_tx), since: 0 };
        builder.ends(shape, tx, Receiving { plain: rx, moments: Some(moments_rx), ahead: 0 })
    }
}

impl<T> Sending<T> {
    /// Returns true if the channel, if open, has room for a message. Like `try_send`, it forgets which task waits for room.
    fn has_room(&mut self) -> bool {
        self.plain.poll_ready(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    fn send_moment(&self, moment: u64) {
        let _untracked = pause_tracking();
        let _no_receiver = self.moments.as_ref().map(|moments| moments.unbounded_send(moment));
    }
}

impl<T> Receiving<T> {
    /// The moment of the message that was just received; 0 if it is not known.
    fn moment(&mut self) -> u64 {
        let _untracked = pause_tracking();
        let Some(moments) = &mut self.moments else { return 0 };
        loop {
            match moments.try_recv() {
                Ok(_) if self.ahead > 0 => self.ahead -= 1, // of a message that is out already
                Ok(moment) => return moment,
                Err(_) => {
                    self.ahead += 1;
                    return 0;
                }
            }
        }
    }
}

impl<T> Clone for Sending<T> {
    fn clone(&self) -> Self {
        Self { plain: self.plain.clone(), moments: self.moments.clone(), since: 0 }
    }
}

impl<T> Drop for Sending<T> {
    fn drop(&mut self) {
        let _untracked = pause_tracking();
        drop(self.moments.take());
    }
}

impl<T> Drop for Receiving<T> {
    fn drop(&mut self) {
        let _untracked = pause_tracking();
        drop(self.moments.take());
    }
}

impl<T> fmt::Debug for Sending<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plain.fmt(f)
    }
}

impl<T> fmt::Debug for Receiving<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.plain.fmt(f)
    }
}

impl<T> Sender<T> {
    pub fn try_send(&mut self, value: T) -> Result<(), TrySendError<T>> {
        let had_room = self.raw.has_room();
        let (Stamped { value, stamp }, ticket) = self.side.stamp(value);
        if had_room {
            self.raw.send_moment(stamp);
        }
        self.raw.plain.try_send(value)?;
        if !had_room {
            self.raw.send_moment(stamp); // a receiver made room in between
        }
        match std::mem::take(&mut self.raw.since) {
            0 => self.side.sent(ticket),
            since => self.side.sent_since(since, ticket),
        }
        Ok(())
    }

    pub fn start_send(&mut self, value: T) -> Result<(), SendError> {
        self.try_send(value).map_err(TrySendError::into_send_error)
    }

    pub fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        let ready = self.raw.plain.poll_ready(context);
        if ready.is_pending() && self.raw.since == 0 {
            self.raw.since = self.side.moment();
        }
        ready
    }

    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.raw.plain.is_closed()
    }

    pub fn close_channel(&mut self) {
        self.raw.plain.close_channel();
        self.side.close();
    }

    pub fn disconnect(&mut self) {
        self.raw.plain.disconnect();
        self.side.leave();
    }

    #[must_use]
    pub fn same_receiver(&self, other: &Self) -> bool {
        self.raw.plain.same_receiver(&other.raw.plain)
    }

    #[must_use]
    pub fn is_connected_to(&self, receiver: &Receiver<T>) -> bool {
        self.raw.plain.is_connected_to(&receiver.raw.plain)
    }

    pub fn hash_receiver<H: Hasher>(&self, hasher: &mut H) {
        self.raw.plain.hash_receiver(hasher);
    }
}

impl<T> Sink<T> for Sender<T> {
    type Error = SendError;

    fn poll_ready(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Self::poll_ready(&mut self, context)
    }

    fn start_send(mut self: Pin<&mut Self>, value: T) -> Result<(), SendError> {
        Self::start_send(&mut self, value)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        Pin::new(&mut self.raw.plain).poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<(), SendError>> {
        let closed = Pin::new(&mut self.raw.plain).poll_close(context);
        self.side.leave();
        closed
    }
}

impl<T> Receiver<T> {
    pub fn recv(&mut self) -> Recv<'_, Self> {
        Recv(self)
    }

    pub fn close(&mut self) {
        self.raw.plain.close();
        self.side.close();
    }

    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        let value = self.raw.plain.try_recv()?;
        Ok(self.received(value))
    }

    #[expect(deprecated, reason = "so it is there")]
    pub fn try_next(&mut self) -> Result<Option<T>, TryRecvError> {
        let value = self.raw.plain.try_next()?;
        Ok(value.map(|value| self.received(value)))
    }

    fn received(&mut self, value: T) -> T {
        let stamp = self.raw.moment();
        self.side.received(Stamped { value, stamp })
    }
}

impl<T> Stream for Receiver<T> {
    type Item = T;

    #[inline]
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        let value = ready!(Pin::new(&mut self.raw.plain).poll_next(context));
        Poll::Ready(value.map(|value| self.received(value)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.raw.plain.size_hint()
    }
}

impl<T> FusedStream for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.raw.plain.is_terminated()
    }
}
