//! `proxy = true` for channels of futures.

use std::{future::poll_fn, pin::Pin};

use futures_channel::{mpsc, oneshot};
use futures_core::Stream;

use super::super::{
    Proxied, Shape,
    proxy::{Passage, ProxyBuilder, Turns, carry, unless},
};

impl<T: Send + 'static> Proxied for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    fn proxy(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let shape = Shape::bounded_beside_senders(builder.capacity);
        (tx, builder.task(shape, rx, mpsc::channel(0), bounded)) // room for its one sender
    }
}

async fn bounded<T>((mut rx, mut to): (mpsc::Receiver<T>, mpsc::Sender<T>), passage: Passage<T>) {
    let mut turns = Turns::default();
    while poll_fn(|context| to.poll_ready(context)).await.is_ok() {
        let Some(value) = next(&mut rx).await else { return };
        passage.passes(&value);
        if to.start_send(value).is_err() {
            break;
        }
        turns.next().await;
    }
    rx.close();
    while let Some(value) = next(&mut rx).await {
        passage.lost(&value);
    }
}

impl<T: Send + 'static> Proxied for (mpsc::UnboundedSender<T>, mpsc::UnboundedReceiver<T>) {
    fn proxy(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        (tx, builder.task(Shape::unbounded(), rx, mpsc::unbounded(), unbounded))
    }
}

async fn unbounded<T>(
    (mut rx, to): (mpsc::UnboundedReceiver<T>, mpsc::UnboundedSender<T>),
    passage: Passage<T>,
) {
    carry!(passage, next(&mut rx).await, |value| to.unbounded_send(value));
    rx.close();
    while let Some(value) = next(&mut rx).await {
        passage.lost(&value);
    }
}

impl<T: Send + 'static> Proxied for (oneshot::Sender<T>, oneshot::Receiver<T>) {
    fn proxy(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        (tx, builder.task(Shape::oneshot(), rx, oneshot::channel(), once))
    }
}

async fn once<T>((mut rx, mut to): (oneshot::Receiver<T>, oneshot::Sender<T>), passage: Passage<T>) {
    let taken = unless(to.cancellation(), &mut rx).await;
    rx.close();
    passage.once(taken, || rx.try_recv().ok().flatten(), |value| to.send(value));
}

async fn next<R: Stream + Unpin>(rx: &mut R) -> Option<R::Item> {
    poll_fn(|context| Pin::new(&mut *rx).poll_next(context)).await
}
