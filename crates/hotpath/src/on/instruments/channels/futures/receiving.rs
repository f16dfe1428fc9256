//! Receiving from an instrumented `futures_channel::mpsc` in a future.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_channel::mpsc::RecvError;
use futures_core::{FusedFuture, FusedStream, Stream};

#[derive(Debug)]
#[must_use = "futures do nothing unless you `.await` or poll them"]
pub struct Recv<'a, St: ?Sized>(pub(super) &'a mut St);

impl<St: ?Sized + Unpin> Unpin for Recv<'_, St> {}

impl<St: ?Sized + Stream + Unpin> Future for Recv<'_, St> {
    type Output = Result<St::Item, RecvError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut *self.0).poll_next(context).map(|item| item.ok_or(RecvError))
    }
}

impl<St: ?Sized + FusedStream + Unpin> FusedFuture for Recv<'_, St> {
    fn is_terminated(&self) -> bool {
        self.0.is_terminated()
    }
}
