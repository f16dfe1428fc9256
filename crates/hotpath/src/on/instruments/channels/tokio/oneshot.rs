//! `tokio::sync::oneshot`.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::sync::oneshot::{
    self as original,
    error::{RecvError, TryRecvError},
};

use super::super::{Channel, ChannelBuilder, KnownCapacity, Rx, Shape, Stamped, Tx, waiting::Carrier};

oneshot!(RecvError);

impl<T> Sender<T> {
    pub async fn closed(&mut self) {
        self.raw.closed().await;
    }

    pub fn poll_closed(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.raw.poll_closed(context)
    }

    forward! {
        is_closed() -> bool;
    }
}

impl<T> Receiver<T> {
    pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
        self.raw.try_recv().received_by(&self.side)
    }

    #[track_caller]
    pub fn blocking_recv(self) -> Result<T, RecvError> {
        self.raw.blocking_recv().received_by(&self.side)
    }

    forward! {
        is_empty() -> bool;
        is_terminated() -> bool;
    }
}
