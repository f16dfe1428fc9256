//! `crossbeam_channel`.

use std::{
    iter::FusedIterator,
    panic::{RefUnwindSafe, UnwindSafe},
    time::{Duration, Instant},
};

use crossbeam_channel::{
    self as original, RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError,
};

use super::{
    Channel, ChannelBuilder, KnownCapacity, Proxied, Rx, Shape, Stamped, Tx, Unstamp, forward,
    proxy::{Passage, ProxyBuilder},
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
        let (_tx, rx) = self;
        let capacity = rx.capacity();
        let ends = capacity.map_or_else(original::unbounded, original::bounded);
        let earlier = rx.try_iter().take(rx.len());
        builder.ends_after(Shape::of(capacity), ends, earlier, original::Sender::try_send)
    }
}

impl<T: Send + 'static> Proxied for (original::Sender<T>, original::Receiver<T>) {
    fn proxied(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let capacity = rx.capacity();
        let (to, carried) = original::bounded(capacity.map_or(1, |room| room.min(1)));
        match builder.thread(Shape::of(capacity), (rx, to), carry) {
            Ok(()) => (tx, carried),
            Err((rx, _)) => (tx, rx),
        }
    }
}

fn carry<T>((rx, to): (original::Receiver<T>, original::Sender<T>), passage: Passage<T>) {
    loop {
        wait_for_room(&to);
        let Ok(value) = rx.recv() else { return };
        passage.passes(&value);
        if to.send(value).is_err() {
            break;
        }
    }
    rx.try_iter().take(rx.len()).for_each(|value| passage.lost(&value));
}

/// Until there is, or nobody receives any more. A channel without room has none before somebody waits for a message, and
/// somebody may only ever try.
fn wait_for_room<T>(to: &original::Sender<T>) {
    if to.is_full() && to.capacity() != Some(0) {
        let mut room = original::Select::new();
        room.send(to);
        room.ready();
    }
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

    /// As [`original::Sender::same_channel`].
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }

    forward! {
        is_empty() -> bool;
        is_full() -> bool;
        len() -> usize;
        capacity() -> Option<usize>;
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

    /// As [`original::Receiver::same_channel`].
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }

    forward! {
        is_empty() -> bool;
        is_full() -> bool;
        len() -> usize;
        capacity() -> Option<usize>;
    }
}

// As the originals, whatever the message is.
impl<T> UnwindSafe for Sender<T> {}
impl<T> RefUnwindSafe for Sender<T> {}
impl<T> UnwindSafe for Receiver<T> {}
impl<T> RefUnwindSafe for Receiver<T> {}

/// As [`original::Iter`].
#[derive(Debug)]
pub struct Iter<'a, T>(&'a Receiver<T>);

/// As [`original::TryIter`].
#[derive(Debug)]
pub struct TryIter<'a, T>(&'a Receiver<T>);

/// As [`original::IntoIter`].
#[derive(Debug)]
pub struct IntoIter<T>(Receiver<T>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> FusedIterator for Iter<'_, T> {}

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

impl<T> FusedIterator for IntoIter<T> {}

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
