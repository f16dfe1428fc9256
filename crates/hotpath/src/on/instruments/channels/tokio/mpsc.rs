//! `tokio::sync::mpsc`.
//!
//! Futures are the library's own inside: a send that is dropped in the middle sends nothing, a receive that is dropped in the
//! middle takes nothing, and a permit that is dropped gives its room back.

use std::time::Duration;

use tokio::sync::mpsc::{
    self,
    error::{SendError, SendTimeoutError, TrySendError},
};

use super::{
    super::{
        Channel, ChannelBuilder, KnownCapacity, Rx, Shape, Stamped, Tx, Unstamp, Weak, ends::TxSide,
        waiting::Sending,
    },
    permits::{OwnedPermit, Permit, PermitIterator, waited},
};

pub use super::permits::Sender;

/// The receiver of a bounded channel.
pub type Receiver<T> = Rx<mpsc::Receiver<Stamped<T>>, T>;
/// The sender of an unbounded channel.
pub type UnboundedSender<T> = Tx<mpsc::UnboundedSender<Stamped<T>>, T>;
/// The receiver of an unbounded channel.
pub type UnboundedReceiver<T> = Rx<mpsc::UnboundedReceiver<Stamped<T>>, T>;
/// A sender of a bounded channel that does not keep it open.
pub type WeakSender<T> = Weak<mpsc::WeakSender<Stamped<T>>, T>;
/// A sender of an unbounded channel that does not keep it open.
pub type WeakUnboundedSender<T> = Weak<mpsc::WeakUnboundedSender<Stamped<T>>, T>;

impl<T> Channel for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Instrumented = (Sender<T>, Receiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        let (tx, mut rx) = self;
        builder.warn_of_clones(tx.strong_count() - 1 + tx.weak_count());
        let capacity = tx.max_capacity();
        let earlier = std::iter::from_fn(|| rx.try_recv().ok());
        builder.ends_after(Shape::bounded(capacity), mpsc::channel(capacity), earlier, mpsc::Sender::try_send)
    }
}

impl<T> Channel for (mpsc::UnboundedSender<T>, mpsc::UnboundedReceiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Instrumented = (UnboundedSender<T>, UnboundedReceiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        let (tx, mut rx) = self;
        builder.warn_of_clones(tx.strong_count() - 1 + tx.weak_count());
        let earlier = std::iter::from_fn(|| rx.try_recv().ok());
        let ends = mpsc::unbounded_channel();
        builder.ends_after(Shape::unbounded(), ends, earlier, mpsc::UnboundedSender::send)
    }
}

unstamp! {
    SendError;
    TrySendError { Full, Closed };
    SendTimeoutError { Timeout, Closed };
}

impl<T> Sender<T> {
    #[inline]
    pub async fn send(&self, value: T) -> Result<(), SendError<T>> {
        let (message, ticket) = self.side.stamp(value);
        Sending::new(self.raw.send(message), &self.side, ticket).await
    }

    #[inline]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.push(value, mpsc::Sender::try_send)
    }

    pub async fn send_timeout(&self, value: T, timeout: Duration) -> Result<(), SendTimeoutError<T>> {
        let (message, ticket) = self.side.stamp(value);
        Sending::new(self.raw.send_timeout(message, timeout), &self.side, ticket).await
    }

    #[track_caller]
    pub fn blocking_send(&self, value: T) -> Result<(), SendError<T>> {
        let may_wait = self.raw.capacity() == 0;
        let (message, ticket) = self.side.stamp(value);
        self.raw.blocking_send(message).map_err(Unstamp::unstamp)?;
        if may_wait {
            self.side.sent_late(ticket)
        } else {
            self.side.sent(ticket)
        }
        Ok(())
    }

    pub async fn reserve(&self) -> Result<Permit<'_, T>, SendError<()>> {
        let (permit, waited) = waited(&self.side, self.raw.reserve()).await;
        Ok(Permit::new(permit?, &self.side, waited))
    }

    pub async fn reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, SendError<()>> {
        let (permits, waited) = waited(&self.side, self.raw.reserve_many(n)).await;
        Ok(PermitIterator::new(permits?, &self.side, waited))
    }

    pub async fn reserve_owned(self) -> Result<OwnedPermit<T>, SendError<()>> {
        let Self { raw, side } = self;
        let (permit, waited) = waited(&side, raw.reserve_owned()).await;
        Ok(OwnedPermit::new(permit?, side, waited))
    }

    pub fn try_reserve(&self) -> Result<Permit<'_, T>, TrySendError<()>> {
        Ok(Permit::new(self.raw.try_reserve()?, &self.side, 0))
    }

    pub fn try_reserve_many(&self, n: usize) -> Result<PermitIterator<'_, T>, TrySendError<()>> {
        Ok(PermitIterator::new(self.raw.try_reserve_many(n)?, &self.side, 0))
    }

    pub fn try_reserve_owned(self) -> Result<OwnedPermit<T>, TrySendError<Self>> {
        let Self { raw, side } = self;
        match raw.try_reserve_owned() {
            Ok(permit) => Ok(OwnedPermit::new(permit, side, 0)),
            Err(TrySendError::Full(raw)) => Err(TrySendError::Full(Self { raw, side })),
            Err(TrySendError::Closed(raw)) => Err(TrySendError::Closed(Self { raw, side })),
        }
    }

    forward! {
        capacity() -> usize;
        max_capacity() -> usize;
    }
}

impl<T> UnboundedSender<T> {
    #[inline]
    pub fn send(&self, value: T) -> Result<(), SendError<T>> {
        self.push(value, mpsc::UnboundedSender::send)
    }
}

weak_senders! {
    Sender, WeakSender;
    UnboundedSender, WeakUnboundedSender;
}

/// The rest that bounded and unbounded senders have in common, and their weak ones.
macro_rules! senders {
    ($($sender:ident, $weak:ident;)+) => {
        $(
            impl<T> $sender<T> {
                pub async fn closed(&self) {
                    self.raw.closed().await;
                }

                #[must_use]
                pub fn same_channel(&self, other: &Self) -> bool {
                    self.raw.same_channel(&other.raw)
                }

                forward! {
                    is_closed() -> bool;
                    strong_count() -> usize;
                    weak_count() -> usize;
                }
            }

            impl<T> $weak<T> {
                forward! {
                    strong_count() -> usize;
                    weak_count() -> usize;
                }
            }
        )+
    };
}

senders! {
    Sender, WeakSender;
    UnboundedSender, WeakUnboundedSender;
}
