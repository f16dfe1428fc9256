//! The two ends of an instrumented channel, generic over the library's endpoint, which carries messages with a stamp.
//!
//! All counting is done here. A backend is a list of methods with the names of its library, each a call of the library's method
//! between `stamp` and `sent`, or before `received`. Invariants: an error gives the message back in the type of the library; a
//! message that was not sent is not counted.

use std::fmt;

use super::instance::{Instance, Share, Side, Ticket};

/// A message in the channel, with the moment it was sent.
pub struct Stamped<T> {
    pub(crate) value: T,
    /// 0 when it is only counted.
    pub(crate) stamp: u64,
}

impl<T> Stamped<T> {
    /// The message.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Stamped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(f)
    }
}

/// An error that gives a message back.
pub trait Unstamp {
    /// The error with the plain message.
    type Plain;

    /// Takes the stamp off.
    fn unstamp(self) -> Self::Plain;
}

/// The error of an attempt to send.
pub trait Attempt<T> {
    /// Gives the message back: as `Ok` if only room is missing.
    fn only_full(self) -> Result<Stamped<T>, Stamped<T>>;
}

/// The sending end of an instrumented channel: `S` is the library's own, `T` the message.
///
/// It has the methods of the library's sender.
// It has the name that the library's own type mostly has, because the compiler shows the definitions of two types of one name
// when it was given one for the other. So the line of the definition says what to do; see `wrap::or_the_feature_proxy`.
#[rustfmt::skip]
pub struct Sender<S, T> { // name it hotpath::wrap::<its path>, or get the library's type with the feature `proxy`
    pub(crate) raw: S, // goes first: the channel is closed before it counts as closed
    pub(crate) side: TxSide<T>,
}

/// The receiving end of an instrumented channel: `R` is the library's own, `T` the message.
///
/// It has the methods of the library's receiver.
// As above.
#[rustfmt::skip]
pub struct Receiver<R, T> { // name it hotpath::wrap::<its path>, or get the library's type with the feature `proxy`
    pub(crate) raw: R, // goes first: the messages in it are gone before they count as gone
    pub(crate) side: RxSide<T>,
}

/// Counts as one sender.
pub struct TxSide<T>(Share<T>);

/// Counts as one receiver.
pub struct RxSide<T>(Share<T>);

impl<T> TxSide<T> {
    pub(crate) fn new(share: Share<T>) -> Self {
        if let Some(instance) = share.get() {
            instance.entered_side(Side::Sender);
        }
        Self(share)
    }

    pub(crate) fn share(&self) -> &Share<T> {
        &self.0
    }

    /// Stamps a message that is about to be sent.
    #[inline]
    pub(crate) fn stamp(&self, value: T) -> (Stamped<T>, Ticket) {
        let ticket = self.0.get().map_or(Ticket::default(), |instance| instance.ticket(&value));
        (Stamped { stamp: ticket.stamp(), value }, ticket)
    }

    /// The present moment, if a wait for room that begins now is to be timed; else 0.
    pub(crate) fn moment(&self) -> u64 {
        self.0.get().map_or(0, Instance::moment)
    }

    /// Counts a message that was sent before the channel was instrumented.
    pub(crate) fn carried(&self) {
        if let Some(instance) = self.0.get() {
            instance.carried();
        }
    }

    /// Counts a message that a sender took out again.
    pub(crate) fn displaced(&self) {
        if let Some(instance) = self.0.get() {
            instance.displaced();
        }
    }

    /// Counts a message that found room at once.
    #[inline]
    pub(crate) fn sent(&self, ticket: Ticket) {
        if let Some(instance) = self.0.get() {
            instance.sent(ticket);
        }
    }

    /// Counts a message that waited for room since it was stamped.
    #[inline]
    pub(crate) fn sent_late(&self, ticket: Ticket) {
        self.sent_since(ticket.stamp(), ticket);
    }

    /// Counts a message that waited for room since `since`.
    #[inline]
    pub(crate) fn sent_since(&self, since: u64, ticket: Ticket) {
        if let Some(instance) = self.0.get() {
            instance.sent_since(since, ticket);
        }
    }

    /// Counts the channel as closed by the program.
    pub(crate) fn close(&self) {
        close(&self.0);
    }

    /// Stops counting as a sender of the channel.
    #[cfg(feature = "futures")]
    pub(crate) fn leave(&mut self) {
        drop(std::mem::replace(self, Self(Share::none())));
    }
}

impl<T> RxSide<T> {
    pub(crate) fn new(share: Share<T>) -> Self {
        if let Some(instance) = share.get() {
            instance.entered_side(Side::Receiver);
        }
        Self(share)
    }

    pub(crate) fn share(&self) -> &Share<T> {
        &self.0
    }

    /// Counts a message that was received, and takes its stamp off.
    #[inline]
    pub(crate) fn received(&self, message: Stamped<T>) -> T {
        if let Some(instance) = self.0.get() {
            instance.received(message.stamp, &message.value);
        }
        message.value
    }

    /// Counts the channel as closed by the program.
    pub(crate) fn close(&self) {
        close(&self.0);
    }
}

fn close<T>(share: &Share<T>) {
    if let Some(instance) = share.get() {
        instance.close();
    }
}

macro_rules! sides {
    ($($side:ident = $which:expr;)+) => {
        $(
            impl<T> Clone for $side<T> {
                fn clone(&self) -> Self {
                    Self::new(self.0.clone())
                }
            }

            impl<T> Drop for $side<T> {
                fn drop(&mut self) {
                    if let Some(instance) = self.0.get() {
                        instance.left_side($which);
                    }
                }
            }
        )+
    };
}

sides! {
    TxSide = Side::Sender;
    RxSide = Side::Receiver;
}

impl<S, T> Sender<S, T> {
    /// Sends without waiting for room.
    #[inline]
    pub(crate) fn push<E: Unstamp>(
        &self,
        value: T,
        push: impl FnOnce(&S, Stamped<T>) -> Result<(), E>,
    ) -> Result<(), E::Plain> {
        let (message, ticket) = self.side.stamp(value);
        push(&self.raw, message).map_err(Unstamp::unstamp)?;
        self.side.sent(ticket);
        Ok(())
    }

    /// Sends, and waits for room if there is none. It tries first, so that nothing waits that need not; `closed` makes the error
    /// of an attempt that found the channel closed.
    #[inline]
    pub(crate) fn push_waiting<A: Attempt<T>, E: Unstamp>(
        &self,
        value: T,
        try_push: impl FnOnce(&S, Stamped<T>) -> Result<(), A>,
        closed: impl FnOnce(Stamped<T>) -> E,
        push: impl FnOnce(&S, Stamped<T>) -> Result<(), E>,
    ) -> Result<(), E::Plain> {
        let (message, ticket) = self.side.stamp(value);
        match try_push(&self.raw, message).map_err(Attempt::only_full) {
            Ok(()) => self.side.sent(ticket),
            Err(Ok(message)) => {
                push(&self.raw, message).map_err(Unstamp::unstamp)?;
                self.side.sent_late(ticket);
            }
            Err(Err(message)) => return Err(closed(message).unstamp()),
        }
        Ok(())
    }
}

impl<R, T> Receiver<R, T> {
    /// Receives.
    #[inline]
    pub(crate) fn pull<E>(&self, pull: impl FnOnce(&R) -> Result<Stamped<T>, E>) -> Result<T, E> {
        pull(&self.raw).map(|message| self.side.received(message))
    }
}

impl<S: Clone, T> Clone for Sender<S, T> {
    fn clone(&self) -> Self {
        Self { side: self.side.clone(), raw: self.raw.clone() }
    }
}

impl<R: Clone, T> Clone for Receiver<R, T> {
    fn clone(&self) -> Self {
        Self { side: self.side.clone(), raw: self.raw.clone() }
    }
}

impl<S: fmt::Debug, T> fmt::Debug for Sender<S, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<R: fmt::Debug, T> fmt::Debug for Receiver<R, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

/// An end that does not keep its channel open: `W` is the library's own.
pub struct Weak<W, T> {
    pub(crate) raw: W,
    pub(crate) share: Share<T>,
}

impl<W: Clone, T> Clone for Weak<W, T> {
    fn clone(&self) -> Self {
        Self { raw: self.raw.clone(), share: self.share.clone() }
    }
}

impl<W: fmt::Debug, T> fmt::Debug for Weak<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
