//! `futures_channel::oneshot`.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_channel::oneshot::{self as original, Canceled};
use futures_core::FusedFuture;

use super::super::{Channel, ChannelBuilder, KnownCapacity, Rx, Shape, Stamped, Tx, waiting::Carrier};

oneshot!(Canceled);

pub type Cancellation<'a, T> = original::Cancellation<'a, Stamped<T>>;

impl<T> Sender<T> {
    pub fn poll_canceled(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.raw.poll_canceled(context)
    }

    pub fn cancellation(&mut self) -> Cancellation<'_, T> {
        self.raw.cancellation()
    }

    #[must_use]
    pub fn is_connected_to(&self, receiver: &Receiver<T>) -> bool {
        self.raw.is_connected_to(&receiver.raw)
    }

    forward! {
        is_canceled() -> bool;
    }
}

impl<T> Receiver<T> {
    pub fn try_recv(&mut self) -> Result<Option<T>, Canceled> {
        Ok(self.raw.try_recv()?.received_by(&self.side))
    }
}

impl<T> FusedFuture for Receiver<T> {
    fn is_terminated(&self) -> bool {
        self.raw.is_terminated()
    }
}
