//! `select!` and `Select` of crossbeam-channel, over watched and plain endpoints.
//!
//! The library does the selecting; what is here puts the stamp on and takes it off. A send that was selected counts as one
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

/// What can be received from in a selection: a watched receiver or a plain one.
pub trait Receives {
    /// The message.
    type Message;
    /// What the channel carries.
    type Carried;

    /// The library's receiver.
    fn raw_receiver(&self) -> &original::Receiver<Self::Carried>;

    /// What the program gets.
    fn take_received(&self, result: Result<Self::Carried, RecvError>) -> Result<Self::Message, RecvError>;
}

/// What can be sent into in a selection: a watched sender or a plain one.
pub trait Sends {
    /// The message.
    type Message;
    /// What the channel carries.
    type Carried;

    /// The library's sender.
    fn raw_sender(&self) -> &original::Sender<Self::Carried>;

    /// What is sent.
    fn put_message(&self, value: Self::Message, ticket: &Kept) -> Self::Carried;

    /// What the program gets.
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

/// Where the ticket of a message is kept from before it is sent until it has been.
pub type Kept = Cell<Option<Ticket>>;

/// No message yet.
#[must_use]
pub fn no_ticket() -> Kept {
    Cell::new(None)
}

/// As [`original::Select`].
#[derive(Clone, Debug, Default)]
pub struct Select<'a>(original::Select<'a>);

/// As [`original::SelectedOperation`].
#[must_use]
pub struct SelectedOperation<'a>(original::SelectedOperation<'a>);

impl<'a> Select<'a> {
    /// As [`original::Select::new`].
    #[must_use]
    pub fn new() -> Self {
        Self(original::Select::new())
    }

    /// As [`original::Select::new_biased`].
    #[must_use]
    pub fn new_biased() -> Self {
        Self(original::Select::new_biased())
    }

    /// As [`original::Select::send`].
    pub fn send<S: Sends>(&mut self, sender: &'a S) -> usize {
        self.0.send(sender.raw_sender())
    }

    /// As [`original::Select::recv`].
    pub fn recv<R: Receives>(&mut self, receiver: &'a R) -> usize {
        self.0.recv(receiver.raw_receiver())
    }

    /// As [`original::Select::remove`].
    ///
    /// # Panics
    ///
    /// As there.
    pub fn remove(&mut self, index: usize) {
        self.0.remove(index);
    }

    /// As [`original::Select::try_select`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_select(&mut self) -> Result<SelectedOperation<'a>, TrySelectError> {
        self.0.try_select().map(SelectedOperation)
    }

    /// As [`original::Select::select`].
    ///
    /// # Panics
    ///
    /// As there.
    pub fn select(&mut self) -> SelectedOperation<'a> {
        SelectedOperation(self.0.select())
    }

    /// As [`original::Select::select_timeout`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn select_timeout(&mut self, timeout: Duration) -> Result<SelectedOperation<'a>, SelectTimeoutError> {
        self.0.select_timeout(timeout).map(SelectedOperation)
    }

    /// As [`original::Select::select_deadline`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn select_deadline(
        &mut self,
        deadline: Instant,
    ) -> Result<SelectedOperation<'a>, SelectTimeoutError> {
        self.0.select_deadline(deadline).map(SelectedOperation)
    }

    /// As [`original::Select::try_ready`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn try_ready(&mut self) -> Result<usize, TryReadyError> {
        self.0.try_ready()
    }

    /// As [`original::Select::ready`].
    ///
    /// # Panics
    ///
    /// As there.
    pub fn ready(&mut self) -> usize {
        self.0.ready()
    }

    /// As [`original::Select::ready_timeout`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn ready_timeout(&mut self, timeout: Duration) -> Result<usize, ReadyTimeoutError> {
        self.0.ready_timeout(timeout)
    }

    /// As [`original::Select::ready_deadline`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn ready_deadline(&mut self, deadline: Instant) -> Result<usize, ReadyTimeoutError> {
        self.0.ready_deadline(deadline)
    }
}

impl SelectedOperation<'_> {
    /// As [`original::SelectedOperation::index`].
    #[must_use]
    pub fn index(&self) -> usize {
        self.0.index()
    }

    /// As [`original::SelectedOperation::send`].
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn send<S: Sends>(self, sender: &S, value: S::Message) -> Result<(), SendError<S::Message>> {
        let ticket = no_ticket();
        let message = sender.put_message(value, &ticket);
        sender.take_sent(self.0.send(sender.raw_sender(), message), &ticket)
    }

    /// As [`original::SelectedOperation::recv`].
    ///
    /// # Errors
    ///
    /// As there.
    ///
    /// # Panics
    ///
    /// As there.
    pub fn recv<R: Receives>(self, receiver: &R) -> Result<R::Message, RecvError> {
        receiver.take_received(self.0.recv(receiver.raw_receiver()))
    }
}

impl fmt::Debug for SelectedOperation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
