//! `tokio::sync::broadcast`.
//!
//! A message is received as often as there are receivers, and stays in the queue until the last of them had it, was too slow for
//! it, or went away. The library drops it then; so a message in the queue carries a [`QueueSlot`] whose drop is counted. Receivers
//! get clones, which have none.

use std::fmt;

use tokio::sync::broadcast::{
    self,
    error::{RecvError, SendError, TryRecvError},
};

use super::super::{
    Channel, ChannelBuilder, Shape, Tx, UnknownCapacity, Weak, ends::TxSide, instance::Share, warn_of_earlier,
};

/// The sender.
pub type Sender<T> = Tx<broadcast::Sender<Message<T>>, T>;

/// The receiver.
pub struct Receiver<T> {
    raw: broadcast::Receiver<Message<T>>,
    share: Share<T>,
}

/// A sender that does not keep the channel open.
pub type WeakSender<T> = Weak<broadcast::WeakSender<Message<T>>, T>;

weak_senders! { Sender, WeakSender; }

/// A message, the moment it was sent, and its slot in the queue.
pub struct Message<T> {
    value: T,
    stamp: u64,
    slot: QueueSlot<T>,
}

/// A slot in the queue, if it is one.
struct QueueSlot<T>(Option<Share<T>>);

impl<T> Drop for QueueSlot<T> {
    fn drop(&mut self) {
        if let Some(instance) = self.0.as_ref().and_then(Share::get) {
            instance.displaced();
        }
    }
}

impl<T: Clone> Clone for Message<T> {
    fn clone(&self) -> Self {
        Self { value: self.value.clone(), stamp: self.stamp, slot: QueueSlot(None) }
    }
}

impl<T: Clone> Channel for (broadcast::Sender<T>, broadcast::Receiver<T>) {
    type Message = T;
    type Capacity = UnknownCapacity;
    type Instrumented = (Sender<T>, Receiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        let (tx, mut earlier) = self;
        builder.warn_of_clones(tx.strong_count() - 1 + tx.receiver_count() - 1 + tx.weak_count());
        let capacity = builder.given_capacity().max(1);
        let label = builder.resource.label;
        let share = builder.share(Shape::broadcast(capacity.next_power_of_two())); // as the library rounds it
        let (tx, rx) = broadcast::channel(capacity);
        let tx = Tx { raw: tx, side: TxSide::new(share.clone()) };
        let mut carried = 0;
        for value in std::iter::from_fn(|| next_of(&mut earlier)) {
            let slot = QueueSlot(Some(share.clone()));
            if tx.raw.send(Message { value, stamp: 0, slot }).is_ok() {
                tx.side.carried();
                carried += 1;
            }
        }
        warn_of_earlier(label, carried);
        (tx, Receiver { raw: rx, share })
    }
}

/// Receives the next message that was not overwritten.
fn next_of<T: Clone>(rx: &mut broadcast::Receiver<T>) -> Option<T> {
    loop {
        match rx.try_recv() {
            Err(TryRecvError::Lagged(_)) => {}
            received => return received.ok(),
        }
    }
}

impl<T> Sender<T> {
    pub fn send(&self, value: T) -> Result<usize, SendError<T>> {
        let (message, ticket) = self.side.stamp(value);
        let slot = QueueSlot(Some(self.side.share().clone()));
        match self.raw.send(Message { value: message.value, stamp: message.stamp, slot }) {
            Ok(receivers) => {
                self.side.sent(ticket);
                Ok(receivers)
            }
            Err(SendError(mut message)) => {
                message.slot.0 = None; // it never was in the queue
                Err(SendError(message.value))
            }
        }
    }

    #[must_use]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { raw: self.raw.subscribe(), share: self.side.share().clone() }
    }

    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }

    pub async fn closed(&self) {
        self.raw.closed().await;
    }

    forward! {
        len() -> usize;
        is_empty() -> bool;
        receiver_count() -> usize;
        strong_count() -> usize;
        weak_count() -> usize;
    }
}

impl<T> WeakSender<T> {
    forward! {
        strong_count() -> usize;
        weak_count() -> usize;
    }
}

impl<T> Receiver<T> {
    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }

    forward! {
        len() -> usize;
        is_empty() -> bool;
        is_closed() -> bool;
        sender_strong_count() -> usize;
        sender_weak_count() -> usize;
    }
}

impl<T: Clone> Receiver<T> {
    pub async fn recv(&mut self) -> Result<T, RecvError> {
        self.raw.recv().await.map(|message| self.delivered(message))
    }

    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.raw.try_recv().map(|message| self.delivered(message))
    }

    #[track_caller]
    pub fn blocking_recv(&mut self) -> Result<T, RecvError> {
        self.raw.blocking_recv().map(|message| self.delivered(message))
    }

    #[must_use]
    pub fn resubscribe(&self) -> Self {
        Self { raw: self.raw.resubscribe(), share: self.share.clone() }
    }

    fn delivered(&self, message: Message<T>) -> T {
        if let Some(instance) = self.share.get() {
            instance.delivered(message.stamp, &message.value);
        }
        message.value
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
