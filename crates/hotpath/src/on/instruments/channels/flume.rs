//! `flume`: senders, receivers, selection. What returns futures, streams and sinks stands in `flume_async`.

use std::{
    fmt,
    time::{Duration, Instant},
};

use flume::{
    self as original, RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError,
    select::SelectError,
};

use super::{
    Channel, ChannelBuilder, KnownCapacity, Proxied, Rx, Shape, Stamped, Tx, Unstamp,
    ends::{RxSide, TxSide},
    forward,
    instance::{Share, Ticket},
    proxy::{Passage, ProxyBuilder, Turns},
    unstamp,
};

/// The sender.
pub type Sender<T> = Tx<original::Sender<Stamped<T>>, T>;
/// The receiver.
pub type Receiver<T> = Rx<original::Receiver<Stamped<T>>, T>;

impl<T> Channel for (original::Sender<T>, original::Receiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Watched = (Sender<T>, Receiver<T>);

    fn watched(self, builder: ChannelBuilder<Self>) -> Self::Watched {
        let (tx, rx) = self;
        builder.warn_of_clones(tx.sender_count() + tx.receiver_count() - 2);
        let capacity = rx.capacity();
        let ends = capacity.map_or_else(original::unbounded, original::bounded);
        builder.ends_after(Shape::of(capacity), ends, rx.drain(), original::Sender::try_send)
    }
}

impl<T: Send + 'static> Proxied for (original::Sender<T>, original::Receiver<T>) {
    fn proxied(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let capacity = rx.capacity();
        let (to, carried) = original::bounded(capacity.map_or(1, |room| room.min(1)));
        match builder.task(Shape::of(capacity), (rx, to), carry) {
            Ok(()) => (tx, carried),
            Err((rx, _)) => (tx, rx),
        }
    }
}

async fn carry<T>((rx, to): (original::Receiver<T>, original::Sender<T>), passage: Passage<T>) {
    let mut turns = Turns::default();
    while let Ok(value) = rx.recv_async().await {
        passage.passes(&value);
        if to.send_async(value).await.is_err() {
            break;
        }
        turns.next().await;
    }
    rx.drain().for_each(|value| passage.lost(&value));
}

unstamp! {
    SendError;
    TrySendError { Full, Disconnected };
    SendTimeoutError { Timeout, Disconnected };
}

/// `None` when it is in, the message when only room is missing.
fn at_once<T, E>(
    raw: &original::Sender<Stamped<T>>,
    message: Stamped<T>,
    disconnected: impl FnOnce(Stamped<T>) -> E,
) -> Result<Option<Stamped<T>>, E> {
    match raw.try_send(message) {
        Ok(()) => Ok(None),
        Err(TrySendError::Full(message)) => Ok(Some(message)),
        Err(TrySendError::Disconnected(message)) => Err(disconnected(message)),
    }
}

impl<T> Sender<T> {
    /// As [`original::Sender::send`].
    ///
    /// # Errors
    ///
    /// As there.
    #[inline]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.push_waiting(value, |raw, message| at_once(raw, message, SendError), original::Sender::send)
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

    /// As [`original::Sender::send_timeout`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_timeout(&self, value: T, timeout: Duration) -> Result<(), SendTimeoutError<T>> {
        let at_once = |raw: &_, message| at_once(raw, message, SendTimeoutError::Disconnected);
        self.push_waiting(value, at_once, |raw, message| raw.send_timeout(message, timeout))
    }

    /// As [`original::Sender::send_deadline`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send_deadline(&self, value: T, deadline: Instant) -> Result<(), SendTimeoutError<T>> {
        let at_once = |raw: &_, message| at_once(raw, message, SendTimeoutError::Disconnected);
        self.push_waiting(value, at_once, |raw, message| raw.send_deadline(message, deadline))
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
        is_disconnected() -> bool;
        is_empty() -> bool;
        is_full() -> bool;
        len() -> usize;
        capacity() -> Option<usize>;
        sender_count() -> usize;
        receiver_count() -> usize;
    }
}

/// As [`original::WeakSender`].
pub struct WeakSender<T> {
    raw: original::WeakSender<Stamped<T>>,
    share: Share<T>,
}

impl<T> WeakSender<T> {
    /// As [`original::WeakSender::upgrade`].
    #[must_use]
    pub fn upgrade(&self) -> Option<Sender<T>> {
        let side = TxSide::new(self.share.clone()); // first: while there is a sender it counts as one
        Some(Tx { raw: self.raw.upgrade()?, side })
    }
}

impl<T> Clone for WeakSender<T> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone(), share: self.share.clone() }
    }
}

impl<T> fmt::Debug for WeakSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<T> Receiver<T> {
    /// As [`original::Receiver::recv`].
    ///
    /// # Errors
    ///
    /// As there.
    #[inline]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.pull(original::Receiver::recv)
    }

    /// As [`original::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// As there.
    #[inline]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.pull(original::Receiver::try_recv)
    }

    /// As [`original::Receiver::recv_timeout`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.pull(|raw| raw.recv_timeout(timeout))
    }

    /// As [`original::Receiver::recv_deadline`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn recv_deadline(&self, deadline: Instant) -> Result<T, RecvTimeoutError> {
        self.pull(|raw| raw.recv_deadline(deadline))
    }

    /// As [`original::Receiver::iter`].
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// As [`original::Receiver::try_iter`].
    #[must_use]
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }

    /// As [`original::Receiver::drain`]: the messages count as received when the iterator gives them.
    #[must_use]
    pub fn drain(&self) -> Drain<'_, T> {
        Drain { raw: self.raw.drain(), side: &self.side }
    }

    /// As [`original::Receiver::same_channel`].
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }

    forward! {
        is_disconnected() -> bool;
        is_empty() -> bool;
        is_full() -> bool;
        len() -> usize;
        capacity() -> Option<usize>;
        sender_count() -> usize;
        receiver_count() -> usize;
    }
}

/// As [`original::Iter`].
#[derive(Debug)]
pub struct Iter<'a, T>(&'a Receiver<T>);

/// As [`original::TryIter`].
pub struct TryIter<'a, T>(&'a Receiver<T>);

/// As [`original::IntoIter`].
pub struct IntoIter<T>(Receiver<T>);

/// As [`original::Drain`].
pub struct Drain<'a, T> {
    raw: original::Drain<'a, Stamped<T>>,
    side: &'a RxSide<T>,
}

impl<T> fmt::Debug for TryIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TryIter").field(self.0).finish()
    }
}

impl<T> fmt::Debug for IntoIter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IntoIter").field(&self.0).finish()
    }
}

impl<T: fmt::Debug> fmt::Debug for Drain<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
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
    /// What is left in it is out of the queue too.
    fn drop(&mut self) {
        self.for_each(drop);
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

/// What can be received from in a selection: a watched receiver or a plain one.
pub trait Receives<'a> {
    /// The message.
    type Message;

    /// Adds the receiver.
    fn add_to<O, F>(&'a self, selector: original::Selector<'a, O>, mapper: F) -> original::Selector<'a, O>
    where
        F: FnMut(Result<Self::Message, RecvError>) -> O + 'a;
}

/// What can be sent into in a selection: a watched sender or a plain one.
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

/// As [`original::Selector`], over watched and plain endpoints.
pub struct Selector<'a, T: 'a>(original::Selector<'a, T>);

impl<'a, T: 'a> Selector<'a, T> {
    /// As [`original::Selector::new`].
    #[must_use]
    pub fn new() -> Self {
        Self(original::Selector::new())
    }

    /// As [`original::Selector::send`].
    #[must_use]
    pub fn send<S: Sends<'a>, F>(self, sender: &'a S, value: S::Message, mapper: F) -> Self
    where
        F: FnMut(Result<(), SendError<S::Message>>) -> T + 'a,
    {
        Self(sender.add_to(self.0, value, mapper))
    }

    /// As [`original::Selector::recv`].
    #[must_use]
    pub fn recv<R: Receives<'a>, F>(self, receiver: &'a R, mapper: F) -> Self
    where
        F: FnMut(Result<R::Message, RecvError>) -> T + 'a,
    {
        Self(receiver.add_to(self.0, mapper))
    }

    /// As [`original::Selector::wait`].
    #[must_use]
    pub fn wait(self) -> T {
        self.0.wait()
    }

    /// As [`original::Selector::wait_timeout`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn wait_timeout(self, timeout: Duration) -> Result<T, SelectError> {
        self.0.wait_timeout(timeout)
    }

    /// As [`original::Selector::wait_deadline`].
    ///
    /// # Errors
    ///
    /// As there.
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
