//! `proxy = true` for channels of tokio. Broadcast and watch have none.

use tokio::sync::{Semaphore, mpsc, oneshot};

use super::super::{
    Proxied, Shape,
    proxy::{Passage, ProxyBuilder, Turns, unless},
};

impl<T: Send + 'static> Proxied for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    fn proxied(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let capacity = tx.max_capacity();
        let (to, carried) = mpsc::channel(capacity.saturating_add(1).min(Semaphore::MAX_PERMITS));
        match builder.task(Shape::bounded(capacity), (rx, to), bounded) {
            Ok(()) => (tx, carried),
            Err((rx, _)) => (tx, rx),
        }
    }
}

/// The channel that the program receives from has room for all that can be in the other one, and we keep that room but for one message:
/// so a receiver that closes it still gets what had been sent.
async fn bounded<T>((mut rx, to): (mpsc::Receiver<T>, mpsc::Sender<T>), passage: Passage<T>) {
    let Ok(mut kept) = to.reserve_many(to.max_capacity() - 1).await else { return };
    let mut turns = Turns::default();
    loop {
        let Ok(room) = to.reserve().await else { break };
        match unless(to.closed(), rx.recv()).await {
            Some(Some(value)) => {
                passage.passes(&value);
                room.send(value);
            }
            Some(None) => return,
            None => break,
        }
        turns.next().await;
    }
    rx.close();
    while let Some(value) = rx.recv().await {
        passage.lost(&value); // if it was closed and not dropped, it is received
        if let Some(room) = kept.next() {
            room.send(value);
        }
    }
}

impl<T: Send + 'static> Proxied for (mpsc::UnboundedSender<T>, mpsc::UnboundedReceiver<T>) {
    fn proxied(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = mpsc::unbounded_channel();
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
    while let Some(next) = unless(to.closed(), rx.recv()).await {
        let Some(value) = next else { return };
        passage.passes(&value);
        if to.send(value).is_err() {
            break;
        }
        turns.next().await;
    }
    rx.close();
    while let Some(value) = rx.recv().await {
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
    let taken = unless(to.closed(), &mut rx).await;
    rx.close();
    match taken {
        Some(Ok(value)) => {
            passage.passes(&value);
            drop(passage);
            let _is_received = to.send(value);
        }
        Some(Err(_)) => {}
        None => {
            if let Ok(value) = rx.try_recv() {
                passage.lost(&value);
            }
        }
    }
}
