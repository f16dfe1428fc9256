//! `select!` and `Select` of crossbeam-channel, over instrumented endpoints and the library's own.
//!
//! The library selects; this file puts stamps on and takes them off. A send that was selected counts as one
//! that found room at once: how long the selection waited is not the wait of one channel.

use std::{
    cell::Cell,
    fmt,
    time::{Duration, Instant},
};

use crossbeam_channel::{
    self as original, ReadyTimeoutError, RecvError, SelectTimeoutError, SendError, TryReadyError,
    TrySelectError,
};

use super::{
    Stamped,
    crossbeam::{Receiver, Sender},
    ends::Unstamp,
    instance::Ticket,
};

/// A receiver that a selection takes: instrumented or the library's own.
pub trait Receives {
    /// The message.
    type Message;
    /// The type of the messages in the channel.
    type Carried;

    /// The library's receiver.
    fn raw_receiver(&self) -> &original::Receiver<Self::Carried>;

    /// The type that the program gets.
    fn take_received(&self, result: Result<Self::Carried, RecvError>) -> Result<Self::Message, RecvError>;
}

/// A sender that a selection takes: instrumented or the library's own.
pub trait Sends {
    /// The message.
    type Message;
    /// The type of the messages in the channel.
    type Carried;

    /// The library's sender.
    fn raw_sender(&self) -> &original::Sender<Self::Carried>;

    /// The type that the program sends.
    fn put_message(&self, value: Self::Message, ticket: &Kept) -> Self::Carried;

    /// The type that the program gets.
    fn take_sent(
        &self,
        result: Result<(), SendError<Self::Carried>>,
        ticket: &Kept,
    ) -> Result<(), SendError<Self::Message>>;
}

impl<T> Receives for original::Receiver<T> {
    type Message = T;
    type Carried = T;

    fn raw_receiver(&self) -> &Self {
        self
    }

    fn take_received(&self, result: Result<T, RecvError>) -> Result<T, RecvError> {
        result
    }
}

impl<T> Receives for Receiver<T> {
    type Message = T;
    type Carried = Stamped<T>;

    fn raw_receiver(&self) -> &original::Receiver<Stamped<T>> {
        &self.raw
    }

    fn take_received(&self, result: Result<Stamped<T>, RecvError>) -> Result<T, RecvError> {
        self.pull(|_| result)
    }
}

impl<T> Sends for original::Sender<T> {
    type Message = T;
    type Carried = T;

    fn raw_sender(&self) -> &Self {
        self
    }

    fn put_message(&self, value: T, _: &Kept) -> T {
        value
    }

    fn take_sent(&self, result: Result<(), SendError<T>>, _: &Kept) -> Result<(), SendError<T>> {
        result
    }
}

impl<T> Sends for Sender<T> {
    type Message = T;
    type Carried = Stamped<T>;

    fn raw_sender(&self) -> &original::Sender<Stamped<T>> {
        &self.raw
    }

    fn put_message(&self, value: T, kept: &Kept) -> Stamped<T> {
        let (message, ticket) = self.side.stamp(value);
        kept.set(Some(ticket));
        message
    }

    fn take_sent(&self, result: Result<(), SendError<Stamped<T>>>, kept: &Kept) -> Result<(), SendError<T>> {
        result.map_err(Unstamp::unstamp)?;
        if let Some(ticket) = kept.take() {
            self.side.sent(ticket);
        }
        Ok(())
    }
}

/// The ticket of a message, kept until it is sent.
pub type Kept = Cell<Option<Ticket>>;

/// No message yet.
#[must_use]
pub fn no_ticket() -> Kept {
    Cell::new(None)
}

#[derive(Clone, Debug, Default)]
pub struct Select<'a>(original::Select<'a>);

#[must_use]
pub struct SelectedOperation<'a>(original::SelectedOperation<'a>);

impl<'a> Select<'a> {
    #[must_use]
    pub fn new() -> Self {
        Self(original::Select::new())
    }

    #[must_use]
    pub fn new_biased() -> Self {
        Self(original::Select::new_biased())
    }

    pub fn send<S: Sends>(&mut self, sender: &'a S) -> usize {
        self.0.send(sender.raw_sender())
    }

    pub fn recv<R: Receives>(&mut self, receiver: &'a R) -> usize {
        self.0.recv(receiver.raw_receiver())
    }

    pub fn remove(&mut self, index: usize) {
        self.0.remove(index);
    }

    pub fn try_select(&mut self) -> Result<SelectedOperation<'a>, TrySelectError> {
        self.0.try_select().map(SelectedOperation)
    }

    pub fn select(&mut self) -> SelectedOperation<'a> {
        SelectedOperation(self.0.select())
    }

    pub fn select_timeout(&mut self, timeout: Duration) -> Result<SelectedOperation<'a>, SelectTimeoutError> {
        self.0.select_timeout(timeout).map(SelectedOperation)
    }

    pub fn select_deadline(
        &mut self,
        deadline: Instant,
    ) -> Result<SelectedOperation<'a>, SelectTimeoutError> {
        self.0.select_deadline(deadline).map(SelectedOperation)
    }

    pub fn try_ready(&mut self) -> Result<usize, TryReadyError> {
        self.0.try_ready()
    }

    pub fn ready(&mut self) -> usize {
        self.0.ready()
    }

    pub fn ready_timeout(&mut self, timeout: Duration) -> Result<usize, ReadyTimeoutError> {
        self.0.ready_timeout(timeout)
    }

    pub fn ready_deadline(&mut self, deadline: Instant) -> Result<usize, ReadyTimeoutError> {
        self.0.ready_deadline(deadline)
    }
}

impl SelectedOperation<'_> {
    #[must_use]
    pub fn index(&self) -> usize {
        self.0.index()
    }

    pub fn send<S: Sends>(self, sender: &S, value: S::Message) -> Result<(), SendError<S::Message>> {
        let ticket = no_ticket();
        let message = sender.put_message(value, &ticket);
        sender.take_sent(self.0.send(sender.raw_sender(), message), &ticket)
    }

    pub fn recv<R: Receives>(self, receiver: &R) -> Result<R::Message, RecvError> {
        receiver.take_received(self.0.recv(receiver.raw_receiver()))
    }
}

impl fmt::Debug for SelectedOperation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
