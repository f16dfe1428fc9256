//! The receivers of `tokio::sync::mpsc`: bounded and unbounded ones have the same methods.

use std::{
    future::poll_fn,
    task::{Context, Poll, ready},
};

use hotpath_lane::memory::pause_tracking;
use tokio::sync::mpsc::error::TryRecvError;

use super::{
    super::{Stamped, ends::RxSide},
    mpsc::{Receiver, UnboundedReceiver},
};

/// The room that is allocated ahead when the number of messages is not known.
const LIKELY: usize = 32;

/// Messages on their way from the library's list into the program's.
///
/// Room is allocated ahead and untracked, so that growing is seldom counted as the program's.
struct Batch<T>(Vec<Stamped<T>>);

impl<T> Batch<T> {
    fn new(room: usize) -> Self {
        let _untracked = pause_tracking();
        Self(Vec::with_capacity(room))
    }

    /// Counts the messages and appends them.
    fn deliver(&mut self, side: &RxSide<T>, buffer: &mut Vec<T>) {
        for message in self.0.drain(..) {
            buffer.push(side.received(message));
        }
    }
}

impl<T> Drop for Batch<T> {
    fn drop(&mut self) {
        self.0.clear(); // values are the program's
        let _untracked = pause_tracking();
        drop(std::mem::take(&mut self.0));
    }
}

macro_rules! receivers {
    ($($receiver:ident;)+) => {
        $(
            impl<T> $receiver<T> {
                #[inline]
                pub async fn recv(&mut self) -> Option<T> {
                    let message = self.raw.recv().await?;
                    Some(self.side.received(message))
                }

                pub async fn recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
                    poll_fn(|context| self.poll_recv_many(context, buffer, limit)).await
                }

                #[inline]
                pub fn try_recv(&mut self) -> Result<T, TryRecvError> {
                    self.raw.try_recv().map(|message| self.side.received(message))
                }

                #[track_caller]
                pub fn blocking_recv(&mut self) -> Option<T> {
                    self.raw.blocking_recv().map(|message| self.side.received(message))
                }

                #[track_caller]
                pub fn blocking_recv_many(&mut self, buffer: &mut Vec<T>, limit: usize) -> usize {
                    let mut batch = Batch::new(self.raw.len().max(LIKELY).min(limit));
                    let count = self.raw.blocking_recv_many(&mut batch.0, limit);
                    batch.deliver(&self.side, buffer);
                    count
                }

                #[inline]
                pub fn poll_recv(&mut self, context: &mut Context<'_>) -> Poll<Option<T>> {
                    let message = ready!(self.raw.poll_recv(context));
                    Poll::Ready(message.map(|message| self.side.received(message)))
                }

                pub fn poll_recv_many(
                    &mut self,
                    context: &mut Context<'_>,
                    buffer: &mut Vec<T>,
                    limit: usize,
                ) -> Poll<usize> {
                    let mut batch = Batch::new(self.raw.len().min(limit));
                    let count = ready!(self.raw.poll_recv_many(context, &mut batch.0, limit));
                    batch.deliver(&self.side, buffer);
                    Poll::Ready(count)
                }

                pub fn close(&mut self) {
                    self.raw.close();
                    self.side.close();
                }

                forward! {
                    is_closed() -> bool;
                    is_empty() -> bool;
                    len() -> usize;
                    sender_strong_count() -> usize;
                    sender_weak_count() -> usize;
                }
            }
        )+
    };
}

receivers! {
    Receiver;
    UnboundedReceiver;
}

impl<T> Receiver<T> {
    forward! {
        capacity() -> usize;
        max_capacity() -> usize;
    }
}
