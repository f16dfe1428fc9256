//! `proxy = true` for channels of futures.

use std::{future::poll_fn, pin::Pin};

use futures_channel::{mpsc, oneshot};
use futures_core::Stream;

use super::super::{
    Proxied, Shape,
    proxy::{Passage, ProxyBuilder, Turns, unless},
};

impl<T: Send + 'static> Proxied for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    fn proxied(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = mpsc::channel(0); // and a place for its one sender
        let shape = Shape::bounded_beside_senders(builder.told);
        match builder.task(shape, (rx, to), bounded) {
            Ok(()) => (tx, carried),
            Err((rx, _)) => (tx, rx),
        }
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
    fn proxied(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = mpsc::unbounded();
        match builder.task(Shape::unbounded(), (rx, to), unbounded) {
            Ok(()) => (tx, carried),
            Err((rx, _)) => (tx, rx),
        }
    }
}

async fn unbounded<T>(
    (mut rx, to): (mpsc::UnboundedReceiver<T>, mpsc::UnboundedSender<T>),
    passage: Passage<T>,
) {
    let mut turns = Turns::default();
    while let Some(value) = next(&mut rx).await {
        passage.passes(&value);
        if to.unbounded_send(value).is_err() {
            break;
        }
        turns.next().await;
    }
    rx.close();
    while let Some(value) = next(&mut rx).await {
        passage.lost(&value);
    }
}

impl<T: Send + 'static> Proxied for (oneshot::Sender<T>, oneshot::Receiver<T>) {
    fn proxied(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = oneshot::channel();
        match builder.task(Shape::oneshot(), (rx, to), once) {
            Ok(()) => (tx, carried),
            Err((rx, _)) => (tx, rx),
        }
    }
}

async fn once<T>((mut rx, mut to): (oneshot::Receiver<T>, oneshot::Sender<T>), passage: Passage<T>) {
    let taken = unless(to.cancellation(), &mut rx).await;
    rx.close();
    match taken {
        Some(Ok(value)) => {
            passage.passes(&value);
            drop(passage);
            let _is_received = to.send(value);
        }
        Some(Err(_)) => {}
        None => {
            if let Ok(Some(value)) = rx.try_recv() {
                passage.lost(&value);
            }
        }
    }
}

async fn next<R: Stream + Unpin>(rx: &mut R) -> Option<R::Item> {
    poll_fn(|context| Pin::new(&mut *rx).poll_next(context)).await
}
