//! `std::sync::mpsc`.

use std::{
    sync::mpsc::{self, RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError},
    time::Duration,
};

use super::{
    Channel, ChannelBuilder, KnownCapacity, Proxied, Rx, Shape, Stamped, Tx, UnknownCapacity, Unstamp,
    proxy::{MOST_LOST, Passage, ProxyBuilder},
    unstamp,
};

/// The sender of an unbounded channel.
pub type Sender<T> = Tx<mpsc::Sender<Stamped<T>>, T>;
/// The sender of a bounded channel.
pub type SyncSender<T> = Tx<mpsc::SyncSender<Stamped<T>>, T>;
/// The receiver.
pub type Receiver<T> = Rx<mpsc::Receiver<Stamped<T>>, T>;

impl<T> Channel for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Watched = (Sender<T>, Receiver<T>);

    fn watched(self, builder: ChannelBuilder<Self>) -> Self::Watched {
        builder.ends_after(Shape::unbounded(), mpsc::channel(), self.1.try_iter(), mpsc::Sender::send)
    }
}

impl<T> Channel for (mpsc::SyncSender<T>, mpsc::Receiver<T>) {
    type Message = T;
    type Capacity = UnknownCapacity;
    type Watched = (SyncSender<T>, Receiver<T>);

    fn watched(self, builder: ChannelBuilder<Self>) -> Self::Watched {
        let earlier: Vec<T> = self.1.try_iter().collect();
        let capacity = builder.given_capacity().max(earlier.len());
        let ends = mpsc::sync_channel(capacity);
        builder.ends_after(Shape::bounded(capacity), ends, earlier, mpsc::SyncSender::try_send)
    }
}

impl<T: Send + 'static> Proxied for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    fn proxied(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        (tx, carried(builder, Shape::unbounded(), MOST_LOST, rx))
    }
}

impl<T: Send + 'static> Proxied for (mpsc::SyncSender<T>, mpsc::Receiver<T>) {
    fn proxied(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let shape = builder.told.map_or_else(Shape::bounded_somehow, Shape::bounded);
        // More than was in it would be what its senders do not send if they are told of the end.
        let most_lost = builder.told.unwrap_or(0);
        (tx, carried(builder, shape, most_lost, rx))
    }
}

/// The receiver of what goes through. When nobody receives any more, at most `most_lost` messages that are left are counted.
fn carried<T: Send + 'static>(
    builder: ProxyBuilder<T>,
    shape: Shape,
    most_lost: usize,
    rx: mpsc::Receiver<T>,
) -> mpsc::Receiver<T> {
    let (to, carried) = mpsc::sync_channel(0); // its one message more is the one in the thread's hand
    let carry = move |(rx, to): (mpsc::Receiver<T>, mpsc::SyncSender<T>), passage: Passage<T>| {
        for value in &rx {
            passage.passes(&value);
            if to.send(value).is_err() {
                break;
            }
        }
        rx.try_iter().take(most_lost).for_each(|value| passage.lost(&value));
    };
    match builder.thread(shape, (rx, to), carry) {
        Ok(()) => carried,
        Err((rx, _)) => rx,
    }
}

unstamp! {
    SendError;
    TrySendError { Full, Disconnected };
}

impl<T> Sender<T> {
    /// As [`mpsc::Sender::send`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.push(value, mpsc::Sender::send)
    }
}

impl<T> SyncSender<T> {
    /// As [`mpsc::SyncSender::send`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        let try_send = |raw: &mpsc::SyncSender<_>, message| match raw.try_send(message) {
            Ok(()) => Ok(None),
            Err(TrySendError::Full(message)) => Ok(Some(message)),
            Err(TrySendError::Disconnected(message)) => Err(SendError(message)),
        };
        self.push_waiting(value, try_send, mpsc::SyncSender::send)
    }

    /// As [`mpsc::SyncSender::try_send`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.push(value, mpsc::SyncSender::try_send)
    }
}

impl<T> Receiver<T> {
    /// As [`mpsc::Receiver::recv`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn recv(&self) -> Result<T, RecvError> {
        self.pull(mpsc::Receiver::recv)
    }

    /// As [`mpsc::Receiver::try_recv`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.pull(mpsc::Receiver::try_recv)
    }

    /// As [`mpsc::Receiver::recv_timeout`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.pull(|raw| raw.recv_timeout(timeout))
    }

    /// As [`mpsc::Receiver::iter`].
    #[must_use]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// As [`mpsc::Receiver::try_iter`].
    #[must_use]
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }
}

/// As [`mpsc::Iter`].
#[derive(Debug)]
pub struct Iter<'a, T>(&'a Receiver<T>);

/// As [`mpsc::TryIter`].
#[derive(Debug)]
pub struct TryIter<'a, T>(&'a Receiver<T>);

/// As [`mpsc::IntoIter`].
#[derive(Debug)]
pub struct IntoIter<T>(Receiver<T>);

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
