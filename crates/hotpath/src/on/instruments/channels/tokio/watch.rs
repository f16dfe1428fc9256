//! `tokio::sync::watch`.
//!
//! There is no queue, and any number of receivers see a value. So the ends are the program's own, and only counted: setting a value
//! sends a message, and a receiver that sees a new value receives it. There are no times, and texts of sent values only: a
//! receiver would have to lock the value for its text.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

use tokio::sync::watch::{
    self, Ref,
    error::{RecvError, SendError},
};

use super::super::{
    Channel, ChannelBuilder, KnownCapacity, Shape, Tx,
    ends::TxSide,
    instance::{Share, Ticket},
};

/// The sender. What is not counted is the library's own, by dereference.
pub type Sender<T> = Tx<watch::Sender<T>, T>;

/// The receiver. What is not counted is the library's own, by dereference.
pub struct Receiver<T> {
    raw: watch::Receiver<T>,
    share: Share<T>,
}

impl<T> Channel for (watch::Sender<T>, watch::Receiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Instrumented = (Sender<T>, Receiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        let (tx, rx) = self;
        let share = builder.share(Shape::watch());
        (Tx { raw: tx, side: TxSide::new(share.clone()) }, Receiver { raw: rx, share })
    }
}

impl<T> Sender<T> {
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        let (message, ticket) = self.side.stamp(value);
        self.raw.send(message.value)?;
        self.set(ticket);
        Ok(())
    }

    pub fn send_replace(&self, value: T) -> T {
        let (message, ticket) = self.side.stamp(value);
        let old = self.raw.send_replace(message.value);
        self.set(ticket);
        old
    }

    pub fn send_modify<F: FnOnce(&mut T)>(&self, modify: F) {
        self.raw.send_modify(modify);
        self.set(Ticket::default());
    }

    pub fn send_if_modified<F: FnOnce(&mut T) -> bool>(&self, modify: F) -> bool {
        let is_modified = self.raw.send_if_modified(modify);
        if is_modified {
            self.set(Ticket::default());
        }
        is_modified
    }

    #[must_use]
    pub fn subscribe(&self) -> Receiver<T> {
        Receiver { raw: self.raw.subscribe(), share: self.side.share().clone() }
    }

    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }

    fn set(&self, ticket: Ticket) {
        if let Some(instance) = self.side.share().get() {
            instance.set(ticket);
        }
    }
}

impl<T> Deref for Sender<T> {
    type Target = watch::Sender<T>;

    fn deref(&self) -> &watch::Sender<T> {
        &self.raw
    }
}

impl<T> Receiver<T> {
    pub async fn changed(&mut self) -> Result<(), RecvError> {
        self.raw.changed().await?;
        seen(&self.share);
        Ok(())
    }

    pub fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let value = self.raw.borrow_and_update();
        if value.has_changed() {
            seen(&self.share);
        }
        value
    }

    pub async fn wait_for(&mut self, is_it: impl FnMut(&T) -> bool) -> Result<Ref<'_, T>, RecvError> {
        let value = self.raw.wait_for(is_it).await?;
        if value.has_changed() {
            seen(&self.share);
        }
        Ok(value)
    }

    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }
}

/// Counts a value that is new to a receiver.
fn seen<T>(share: &Share<T>) {
    if let Some(instance) = share.get() {
        instance.seen();
    }
}

impl<T> Deref for Receiver<T> {
    type Target = watch::Receiver<T>;

    fn deref(&self) -> &watch::Receiver<T> {
        &self.raw
    }
}

impl<T> DerefMut for Receiver<T> {
    fn deref_mut(&mut self) -> &mut watch::Receiver<T> {
        &mut self.raw
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone(), share: self.share.clone() }
    }
}

impl<T: fmt::Debug> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
