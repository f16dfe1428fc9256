//! `proxy = true` for channels of tokio. Broadcast and watch have none.

use tokio::sync::{Semaphore, mpsc, oneshot};

use super::super::{
    Proxied, Shape,
    proxy::{Passage, ProxyBuilder, Turns, carry, unless},
};

impl<T: Send + 'static> Proxied for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    fn proxy(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let capacity = tx.max_capacity();
        let ends = mpsc::channel(capacity.saturating_add(1).min(Semaphore::MAX_PERMITS));
        (tx, builder.task(Shape::bounded(capacity), rx, ends, bounded))
    }
}

/// The channel that the program receives from has room for everything that can be in the other one, and the proxy reserves that
/// room but for one message: so a receiver that closes it still gets what had been sent.
async fn bounded<T>((mut rx, to): (mpsc::Receiver<T>, mpsc::Sender<T>), passage: Passage<T>) {
    let Ok(mut reserved) = to.reserve_many(to.max_capacity() - 1).await else { return };
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
        if let Some(room) = reserved.next() {
            room.send(value);
        }
    }
}

impl<T: Send + 'static> Proxied for (mpsc::UnboundedSender<T>, mpsc::UnboundedReceiver<T>) {
    fn proxy(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        (tx, builder.task(Shape::unbounded(), rx, mpsc::unbounded_channel(), unbounded))
    }
}

async fn unbounded<T>(
    (mut rx, to): (mpsc::UnboundedReceiver<T>, mpsc::UnboundedSender<T>),
    passage: Passage<T>,
) {
    carry!(passage, unless(to.closed(), rx.recv()).await.flatten(), |value| to.send(value));
    rx.close();
    while let Some(value) = rx.recv().await {
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
    let taken = unless(to.closed(), &mut rx).await;
    rx.close();
    passage.once(taken, || rx.try_recv().ok(), |value| to.send(value));
}
