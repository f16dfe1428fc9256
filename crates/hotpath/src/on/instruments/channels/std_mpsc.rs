//! `std::sync::mpsc`.

use std::{
    fmt,
    sync::mpsc::{self, RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError},
    time::Duration,
};

use super::{
    Attempt, Channel, ChannelBuilder, KnownCapacity, Proxied, Rx, Shape, Stamped, Tx, UnknownCapacity,
    Unstamp,
    proxy::{MOST_LOST, Passage, ProxyBuilder},
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
    type Instrumented = (Sender<T>, Receiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        builder.ends_after(Shape::unbounded(), mpsc::channel(), self.1.try_iter(), mpsc::Sender::send)
    }
}

impl<T> Channel for (mpsc::SyncSender<T>, mpsc::Receiver<T>) {
    type Message = T;
    type Capacity = UnknownCapacity;
    type Instrumented = (SyncSender<T>, Receiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        let earlier: Vec<T> = self.1.try_iter().collect();
        let capacity = builder.given_capacity().max(earlier.len());
        let ends = mpsc::sync_channel(capacity);
        builder.ends_after(Shape::bounded(capacity), ends, earlier, mpsc::SyncSender::try_send)
    }
}

impl<T: Send + 'static> Proxied for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    fn proxy(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        (tx, carried(builder, Shape::unbounded(), MOST_LOST, rx))
    }
}

impl<T: Send + 'static> Proxied for (mpsc::SyncSender<T>, mpsc::Receiver<T>) {
    fn proxy(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let shape = builder.capacity.map_or_else(Shape::bounded_somehow, Shape::bounded);
        // Not more than was in it: the rest is what its senders do not send once they know that the receiver is gone.
        let most_lost = builder.capacity.unwrap_or(0);
        (tx, carried(builder, shape, most_lost, rx))
    }
}

/// Returns the receiver of the proxy. When it is gone, at most `most_lost` messages that are left are counted.
fn carried<T: Send + 'static>(
    builder: ProxyBuilder<T>,
    shape: Shape,
    most_lost: usize,
    rx: mpsc::Receiver<T>,
) -> mpsc::Receiver<T> {
    let carry = move |(rx, to): (mpsc::Receiver<T>, mpsc::SyncSender<T>), passage: Passage<T>| {
        for value in &rx {
            passage.passes(&value);
            if to.send(value).is_err() {
                break;
            }
        }
        rx.try_iter().take(most_lost).for_each(|value| passage.lost(&value));
    };
    builder.thread(shape, rx, mpsc::sync_channel(0), carry) // the thread holds one message more
}

unstamp! {
    SendError;
    TrySendError { Full, Disconnected };
}
attempts!(Disconnected);
iterators!();

impl<T> Sender<T> {
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.push(value, mpsc::Sender::send)
    }
}

impl<T> SyncSender<T> {
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.push_waiting(value, mpsc::SyncSender::try_send, SendError, mpsc::SyncSender::send)
    }

    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.push(value, mpsc::SyncSender::try_send)
    }
}

impl<T> Receiver<T> {
    pub fn recv(&self) -> Result<T, RecvError> {
        self.pull(mpsc::Receiver::recv)
    }

    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.pull(mpsc::Receiver::try_recv)
    }

    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        self.pull(|raw| raw.recv_timeout(timeout))
    }
}
