//! The recording of messages that go through a proxy.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::{
    ends::{RxSide, TxSide},
    instance::{Share, Write},
    shape::Shape,
};
use crate::imp::instruments::resource::Resource;

/// The most messages that are counted after the receiver is gone, of a channel that does not know its length: one that is filled
/// all the time would never be empty.
pub(crate) const MOST_LOST: usize = 65_536;

/// Counts as both sides of the channel. Goes before the ends that messages are carried between: when the program sees the
/// channel's end, the row knows.
pub(crate) struct Passage<T> {
    sent: TxSide<T>,
    _received: RxSide<T>,
}

impl<T> Passage<T> {
    pub(super) fn new(resource: &'static Resource, shape: Shape, write: Option<Write<T>>) -> Self {
        let share = Share::proxied(resource, shape, write);
        Self { sent: TxSide::new(share.clone()), _received: RxSide::new(share) }
    }

    /// Counts a message that is handed on.
    pub(crate) fn passes(&self, value: &T) {
        self.lost(value);
        if let Some(instance) = self.sent.share().get() {
            instance.seen();
        }
    }

    /// Counts a message that nobody receives.
    pub(crate) fn lost(&self, value: &T) {
        if let Some(instance) = self.sent.share().get() {
            // The program's `Debug` may panic: that is no reason not to deliver the message.
            let ticket = catch_unwind(AssertUnwindSafe(|| instance.ticket(value)));
            instance.set(ticket.unwrap_or_default());
        }
    }

    /// Hands on the message of a oneshot: `taken` from its sender, unless its receiver was gone first; then what is `left` in it is
    /// lost.
    pub(crate) fn once<E, R>(
        self,
        taken: Option<Result<T, E>>,
        left: impl FnOnce() -> Option<T>,
        send: impl FnOnce(T) -> R,
    ) {
        match taken {
            Some(Ok(value)) => {
                self.passes(&value);
                drop(self);
                let _is_received = send(value);
            }
            Some(Err(_)) => {}
            None => {
                if let Some(value) = left() {
                    self.lost(&value);
                }
            }
        }
    }
}
