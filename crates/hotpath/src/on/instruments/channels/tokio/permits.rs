//! Room in a bounded channel that was reserved: the message sent with it is counted, its wait is that of the reservation.

use std::{
    fmt,
    future::{Future, poll_fn},
    iter::FusedIterator,
    pin::pin,
};

use hotpath_lane::clock;
use tokio::sync::mpsc;

use super::super::{Stamped, Tx, ends::TxSide, instance::Ticket};

/// The sender of a bounded channel.
pub type Sender<T> = Tx<mpsc::Sender<Stamped<T>>, T>;

pub struct Permit<'a, T> {
    raw: mpsc::Permit<'a, Stamped<T>>,
    side: &'a TxSide<T>,
    waited: u64,
}

pub struct OwnedPermit<T> {
    raw: mpsc::OwnedPermit<Stamped<T>>,
    side: TxSide<T>,
    waited: u64,
}

pub struct PermitIterator<'a, T> {
    raw: mpsc::PermitIterator<'a, Stamped<T>>,
    side: &'a TxSide<T>,
    /// The wait was one, so it is the first permit's.
    waited: u64,
}

/// Awaits `reserve`. Returns its output and the ticks that it waited: 0 if it did not, or if that is not timed.
pub(super) async fn waited<F: Future, T>(side: &TxSide<T>, reserve: F) -> (F::Output, u64) {
    let mut reserve = pin!(reserve);
    let mut since = 0;
    let got = poll_fn(|context| {
        let poll = reserve.as_mut().poll(context);
        if poll.is_pending() && since == 0 {
            since = side.moment();
        }
        poll
    });
    let got = got.await;
    (got, if since == 0 { 0 } else { clock::now().saturating_sub(since) })
}

fn sent<T>(side: &TxSide<T>, ticket: Ticket, waited: u64) {
    match ticket.now() {
        0 => side.sent(ticket),
        _ if waited == 0 => side.sent(ticket),
        now => side.sent_since(now.saturating_sub(waited), ticket),
    }
}

impl<'a, T> Permit<'a, T> {
    pub(super) fn new(raw: mpsc::Permit<'a, Stamped<T>>, side: &'a TxSide<T>, waited: u64) -> Self {
        Self { raw, side, waited }
    }

    pub fn send(self, value: T) {
        let (message, ticket) = self.side.stamp(value);
        self.raw.send(message);
        sent(self.side, ticket, self.waited);
    }
}

impl<T> OwnedPermit<T> {
    pub(super) fn new(raw: mpsc::OwnedPermit<Stamped<T>>, side: TxSide<T>, waited: u64) -> Self {
        Self { raw, side, waited }
    }

    pub fn send(self, value: T) -> Sender<T> {
        let (message, ticket) = self.side.stamp(value);
        let raw = self.raw.send(message);
        sent(&self.side, ticket, self.waited);
        Tx { raw, side: self.side }
    }

    pub fn release(self) -> Sender<T> {
        Tx { raw: self.raw.release(), side: self.side }
    }

    #[must_use]
    pub fn same_channel(&self, other: &Self) -> bool {
        self.raw.same_channel(&other.raw)
    }

    #[must_use]
    pub fn same_channel_as_sender(&self, sender: &Sender<T>) -> bool {
        self.raw.same_channel_as_sender(&sender.raw)
    }
}

impl<'a, T> PermitIterator<'a, T> {
    pub(super) fn new(raw: mpsc::PermitIterator<'a, Stamped<T>>, side: &'a TxSide<T>, waited: u64) -> Self {
        Self { raw, side, waited }
    }
}

impl<'a, T> Iterator for PermitIterator<'a, T> {
    type Item = Permit<'a, T>;

    fn next(&mut self) -> Option<Permit<'a, T>> {
        let raw = self.raw.next()?;
        Some(Permit::new(raw, self.side, std::mem::take(&mut self.waited)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.raw.size_hint()
    }
}

impl<T> ExactSizeIterator for PermitIterator<'_, T> {}
impl<T> FusedIterator for PermitIterator<'_, T> {}

impl<T> fmt::Debug for Permit<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<T> fmt::Debug for OwnedPermit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

impl<T> fmt::Debug for PermitIterator<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
