//! `proxy = true` for channels of futures.

use std::{
    cell::RefCell,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{Thread, current, park},
};

use futures_channel::{mpsc, oneshot};
use futures_core::Stream;
use futures_sink::Sink;

use super::super::{Proxied, Shape, proxy::Proxying};

impl<T: Send + 'static> Proxied for (mpsc::Sender<T>, mpsc::Receiver<T>) {
    fn proxied(self, making: Proxying<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = mpsc::channel(0); // and a place for its one sender
        let shape = Shape::bounded_beside_senders(making.told);
        let push = |to: &RefCell<mpsc::Sender<T>>, value| {
            let mut to = to.borrow_mut();
            let has_room = wait(poll_fn(|context| Pin::new(&mut *to).poll_ready(context))).is_ok();
            has_room && to.try_send(value).is_ok()
        };
        let kept = making.carry(shape, (RefCell::new(rx), RefCell::new(to)), next, push);
        (tx, kept.err().map_or(carried, RefCell::into_inner))
    }
}

impl<T: Send + 'static> Proxied for (mpsc::UnboundedSender<T>, mpsc::UnboundedReceiver<T>) {
    fn proxied(self, making: Proxying<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = mpsc::unbounded();
        let push = |to: &mpsc::UnboundedSender<T>, value| to.unbounded_send(value).is_ok();
        let kept = making.carry(Shape::unbounded(), (RefCell::new(rx), to), next, push);
        (tx, kept.err().map_or(carried, RefCell::into_inner))
    }
}

impl<T: Send + 'static> Proxied for (oneshot::Sender<T>, oneshot::Receiver<T>) {
    fn proxied(self, making: Proxying<T>) -> Self {
        let (tx, rx) = self;
        let (to, carried) = oneshot::channel();
        let ends = (RefCell::new(Some(rx)), RefCell::new(Some(to)));
        let pull = |rx: &RefCell<Option<oneshot::Receiver<T>>>| wait(rx.take()?).ok();
        let push = |to: &RefCell<Option<oneshot::Sender<T>>>, value| {
            to.take().is_some_and(|to| to.send(value).is_ok())
        };
        let kept = making.carry(Shape::oneshot(), ends, pull, push);
        (tx, kept.err().and_then(RefCell::into_inner).unwrap_or(carried))
    }
}

fn next<R: Stream + Unpin>(rx: &RefCell<R>) -> Option<R::Item> {
    wait(poll_fn(|context| Pin::new(&mut *rx.borrow_mut()).poll_next(context)))
}

/// Waits on this thread, which is our own.
fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(current())));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        park();
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
