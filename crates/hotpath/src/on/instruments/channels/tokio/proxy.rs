//! `proxy = true` for channels of tokio. Broadcast and watch have none.

use std::cell::RefCell;

use tokio::sync::{mpsc, oneshot};

use super::super::{Proxied, Shape, proxy::Proxying};

impl<T: Send + 'static> Proxied for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    fn proxied(self, making: Proxying<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = mpsc::channel(1);
        let shape = Shape::bounded(tx.max_capacity());
        let pull = |rx: &RefCell<mpsc::Receiver<T>>| rx.borrow_mut().blocking_recv();
        let push = |to: &mpsc::Sender<T>, value| to.blocking_send(value).is_ok();
        let kept = making.carry(shape, (RefCell::new(rx), to), pull, push);
        (tx, kept.err().map_or(carried, RefCell::into_inner))
    }
}

impl<T: Send + 'static> Proxied for (mpsc::UnboundedSender<T>, mpsc::UnboundedReceiver<T>) {
    fn proxied(self, making: Proxying<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = mpsc::unbounded_channel();
        let pull = |rx: &RefCell<mpsc::UnboundedReceiver<T>>| rx.borrow_mut().blocking_recv();
        let push = |to: &mpsc::UnboundedSender<T>, value| to.send(value).is_ok();
        let kept = making.carry(Shape::unbounded(), (RefCell::new(rx), to), pull, push);
        (tx, kept.err().map_or(carried, RefCell::into_inner))
    }
}

impl<T: Send + 'static> Proxied for (oneshot::Sender<T>, oneshot::Receiver<T>) {
    fn proxied(self, making: Proxying<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = oneshot::channel();
        let ends = (RefCell::new(Some(rx)), RefCell::new(Some(to)));
        let pull = |rx: &RefCell<Option<oneshot::Receiver<T>>>| rx.take()?.blocking_recv().ok();
        let push = |to: &RefCell<Option<oneshot::Sender<T>>>, value| {
            to.take().is_some_and(|to| to.send(value).is_ok())
        };
        let kept = making.carry(Shape::oneshot(), ends, pull, push);
        (tx, kept.err().and_then(RefCell::into_inner).unwrap_or(carried))
    }
}
