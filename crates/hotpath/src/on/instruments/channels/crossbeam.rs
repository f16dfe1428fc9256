//! `crossbeam_channel`.

use std::{
    fmt,
    iter::FusedIterator,
    panic::{RefUnwindSafe, UnwindSafe},
    time::{Duration, Instant},
};

use crossbeam_channel::{
    self as original, RecvError, RecvTimeoutError, SendError, SendTimeoutError, TryRecvError, TrySendError,
};

use super::{
    Attempt, Channel, ChannelBuilder, KnownCapacity, Proxied, Rx, Shape, Stamped, Tx, Unstamp,
    proxy::{Passage, ProxyBuilder},
};

mpmc!();

impl<T> Channel for (original::Sender<T>, original::Receiver<T>) {
    type Message = T;
    type Capacity = KnownCapacity;
    type Instrumented = (Sender<T>, Receiver<T>);

    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented {
        let (_tx, rx) = self;
        let capacity = rx.capacity();
        let ends = capacity.map_or_else(original::unbounded, original::bounded);
        let earlier = rx.try_iter().take(rx.len());
        builder.ends_after(Shape::of(capacity), ends, earlier, original::Sender::try_send)
    }
}

impl<T: Send + 'static> Proxied for (original::Sender<T>, original::Receiver<T>) {
    fn proxy(self, builder: ProxyBuilder<T>) -> Self {
        let (tx, rx) = self;
        let capacity = rx.capacity();
        let ends = original::bounded(capacity.map_or(1, |room| room.min(1)));
        (tx, builder.thread(Shape::of(capacity), rx, ends, carry))
    }
}

fn carry<T>((rx, to): (original::Receiver<T>, original::Sender<T>), passage: Passage<T>) {
    loop {
        wait_for_room(&to);
        let Ok(value) = rx.recv() else { return };
        passage.passes(&value);
        if to.send(value).is_err() {
            break;
        }
    }
    rx.try_iter().take(rx.len()).for_each(|value| passage.lost(&value));
}

/// Waits for room, or for the receivers to be gone. A channel of capacity 0 has room only while a receiver waits, and receivers may
/// only ever try.
fn wait_for_room<T>(to: &original::Sender<T>) {
    if to.is_full() && to.capacity() != Some(0) {
        let mut room = original::Select::new();
        room.send(to);
        room.ready();
    }
}

impl<T> FusedIterator for Iter<'_, T> {}
impl<T> FusedIterator for IntoIter<T> {}

// Whatever the message is, as in the library.
impl<T> UnwindSafe for Sender<T> {}
impl<T> RefUnwindSafe for Sender<T> {}
impl<T> UnwindSafe for Receiver<T> {}
impl<T> RefUnwindSafe for Receiver<T> {}
