//! `flume`: senders, receivers, selection. Futures, streams and sinks are in `flume_async`.

use std::{
    fmt,
    time::{Duration, Instant},
};

use flume::{
    self as original, RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError,
    select::SelectError,
};

use super::{
    Attempt, Channel, ChannelBuilder, KnownCapacity, Proxied, Rx, Shape, Stamped, Tx, Unstamp, Weak,
    ends::{RxSide, TxSide},
    instance::Ticket,
    proxy::{Passage, ProxyBuilder, carry},
};

mpmc!();

impl<T> Channel for (original::Sender<T>, original::Receiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Instrumented = (Sender<T>, Receiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        let (tx, rx) = self;
        builder.warn_of_clones(tx.sender_count() + tx.receiver_count() - 2);
        let capacity = rx.capacity();
        let ends = capacity.map_or_else(original::unbounded, original::bounded);
        builder.ends_after(Shape::of(capacity), ends, rx.drain(), original::Sender::try_send)
    }
}

impl<T: Send + 'static> Proxied for (original::Sender<T>, original::Receiver<T>) {
    fn proxy(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let capacity = rx.capacity();
        let ends = original::bounded(capacity.map_or(1, |room| room.min(1)));
        (tx, builder.task(Shape::of(capacity), rx, ends, carry))
    }
}

async fn carry<T>((rx, to): (original::Receiver<T>, original::Sender<T>), passage: Passage<T>) {
    carry!(passage, rx.recv_async().await.ok(), |value| to.send_async(value).await);
    rx.drain().for_each(|value| passage.lost(&value));
}

pub type WeakSender<T> = Weak<original::WeakSender<Stamped<T>>, T>;

weak_senders! { Sender, WeakSender; }

impl<T> Sender<T> {
    forward! {
        is_disconnected() -> bool;
        sender_count() -> usize;
        receiver_count() -> usize;
    }
}

impl<T> Receiver<T> {
    /// The messages count as received when the iterator gives them.
    #[must_use]
    pub fn drain(&self) -> Drain<'_, T> {
        Drain { raw: self.raw.drain(), side: &self.side }
    }

    forward! {
        is_disconnected() -> bool;
        sender_count() -> usize;
        receiver_count() -> usize;
    }
}

pub struct Drain<'a, T> {
    raw: original::Drain<'a, Stamped<T>>,
    side: &'a RxSide<T>,
}

impl<T: fmt::Debug> fmt::Debug for Drain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<T> Iterator for Drain<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.raw.next().map(|message| self.side.received(message))
    }
}

impl<T> ExactSizeIterator for Drain<'_, T> {
    fn len(&self) -> usize {
        self.raw.len()
    }
}

impl<T> Drop for Drain<'_, T> {
    /// The messages left in it are out of the queue too.
    fn drop(&mut self) {
        self.for_each(drop);
    }
}

/// A receiver that a selection takes: instrumented or the library's own.
pub trait Receives<'a> {
    /// The message.
    type Message;

    /// Adds the receiver.
    fn add_to<O, F>(&'a self, selector: original::Selector<'a, O>, mapper: F) -> original::Selector<'a, O>
    where
        F: FnMut(Result<Self::Message, RecvError>) -> O + 'a;
}

/// A sender that a selection takes: instrumented or the library's own.
pub trait Sends<'a> {
    /// The message.
    type Message;

    /// Adds the sender.
    fn add_to<O, F>(
        &'a self,
        selector: original::Selector<'a, O>,
        value: Self::Message,
        mapper: F,
    ) -> original::Selector<'a, O>
    where
        F: FnMut(Result<(), SendError<Self::Message>>) -> O + 'a;
}

impl<'a, T: 'a> Receives<'a> for original::Receiver<T> {
    type Message = T;

    fn add_to<O, F>(&'a self, selector: original::Selector<'a, O>, mapper: F) -> original::Selector<'a, O>
    where
        F: FnMut(Result<T, RecvError>) -> O + 'a,
    {
        selector.recv(self, mapper)
    }
}

impl<'a, T: 'a> Receives<'a> for Receiver<T> {
    type Message = T;

    fn add_to<O, F>(&'a self, selector: original::Selector<'a, O>, mut mapper: F) -> original::Selector<'a, O>
    where
        F: FnMut(Result<T, RecvError>) -> O + 'a,
    {
        selector.recv(&self.raw, move |result| mapper(self.pull(|_| result)))
    }
}

impl<'a, T: 'a> Sends<'a> for original::Sender<T> {
    type Message = T;

    fn add_to<O, F>(
        &'a self,
        selector: original::Selector<'a, O>,
        value: T,
        mapper: F,
    ) -> original::Selector<'a, O>
    where
        F: FnMut(Result<(), SendError<T>>) -> O + 'a,
    {
        selector.send(self, value, mapper)
    }
}

impl<'a, T: 'a> Sends<'a> for Sender<T> {
    type Message = T;

    fn add_to<O, F>(
        &'a self,
        selector: original::Selector<'a, O>,
        value: T,
        mut mapper: F,
    ) -> original::Selector<'a, O>
    where
        F: FnMut(Result<(), SendError<T>>) -> O + 'a,
    {
        let (message, ticket) = self.side.stamp(value);
        let mut ticket: Option<Ticket> = Some(ticket);
        selector.send(&self.raw, message, move |result| {
            if let Some(ticket) = ticket.take().filter(|_| result.is_ok()) {
                self.side.sent(ticket);
            }
            mapper(result.map_err(Unstamp::unstamp))
        })
    }
}

/// Takes instrumented endpoints and the library's own.
pub struct Selector<'a, T: 'a>(original::Selector<'a, T>);

impl<'a, T: 'a> Selector<'a, T> {
    #[must_use]
    pub fn new() -> Self {
        Self(original::Selector::new())
    }

    #[must_use]
    pub fn send<S: Sends<'a>, F>(self, sender: &'a S, value: S::Message, mapper: F) -> Self
    where
        F: FnMut(Result<(), SendError<S::Message>>) -> T + 'a,
    {
        Self(sender.add_to(self.0, value, mapper))
    }

    #[must_use]
    pub fn recv<R: Receives<'a>, F>(self, receiver: &'a R, mapper: F) -> Self
    where
        F: FnMut(Result<R::Message, RecvError>) -> T + 'a,
    {
        Self(receiver.add_to(self.0, mapper))
    }

    #[must_use]
    pub fn wait(self) -> T {
        self.0.wait()
    }

    pub fn wait_timeout(self, timeout: Duration) -> Result<T, SelectError> {
        self.0.wait_timeout(timeout)
    }

    pub fn wait_deadline(self, deadline: Instant) -> Result<T, SelectError> {
        self.0.wait_deadline(deadline)
    }
}

impl<T> Default for Selector<'_, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Selector<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
