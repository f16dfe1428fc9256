//! Channels: messages sent and received, the time from one to the other, and the length of the queue.
//!
//! [`ends`] has the two ends that a program holds, [`instance`] the state that they share, [`surface`] the methods that libraries
//! have in common, [`rows`] the rows of the report. Each other file has the methods of one library: one that has no comment does
//! what the library's method of that name does. A call site of `channel!` is one row, however many channels it makes.

#![cfg_attr(
    not(all(
        feature = "async-channel",
        feature = "crossbeam",
        feature = "flume",
        feature = "futures",
        feature = "tokio"
    )),
    allow(
        dead_code,
        unused_macros,
        unused_imports,
        reason = "the core serves every library, each of which needs a part"
    )
)]
#![allow(missing_docs, reason = "methods and types of the libraries have the meaning that they have there")]

#[macro_use]
mod surface;

#[cfg(feature = "async-channel")]
pub(crate) mod async_channel;
#[cfg(feature = "crossbeam")]
pub(crate) mod crossbeam;
#[cfg(feature = "crossbeam")]
pub(crate) mod crossbeam_select;
mod ends;
#[cfg(feature = "flume")]
pub(crate) mod flume;
#[cfg(feature = "flume")]
pub(crate) mod flume_async;
#[cfg(feature = "futures")]
pub(crate) mod futures;
mod instance;
#[cfg(feature = "proxy")]
mod own_types;
mod proxy;
mod rows;
mod shape;
pub(crate) mod std_mpsc;
#[cfg(feature = "tokio")]
pub(crate) mod tokio;
mod waiting;

use std::fmt::Debug;

pub use ends::{Receiver as Rx, Sender as Tx, Stamped, Unstamp};
#[cfg(feature = "serve")]
pub(crate) use instance::{RECEIVED, SENT};
#[cfg(feature = "proxy")]
pub use own_types::{wrap_or_proxy, wrap_or_proxy_logged};
pub use proxy::{Proxied, proxy, proxy_logged};
pub(crate) use rows::{INSTRUMENT, stats};

use super::{
    call_site::CallSite,
    log,
    options::{GivenCapacity, NoCapacity, Options},
    resource::Resource,
};
use crate::imp::{kind::CHANNEL, output::warn};
use ends::{Attempt, RxSide, TxSide, Weak};
use instance::{EVENT_KINDS, Share, Write};
use shape::Shape;

/// Makes the call site of a `channel!`.
#[must_use]
pub const fn call_site(file: &'static str, line: u32, column: u32) -> CallSite {
    CallSite::new(CHANNEL, EVENT_KINDS, file, line, column)
}

/// A channel that `channel!` takes: the two ends of a new one.
///
/// The ends that it gives back carry messages with a stamp, so it makes a channel of the same kind and capacity anew.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a channel that `hotpath::channel!` knows",
    label = "not a pair of a sender and a receiver that hotpath knows",
    note = "it takes `(sender, receiver)` of std::sync::mpsc, and with the cargo feature of hotpath of the same name those of \
            `tokio`, `futures`, `crossbeam`, `flume` and `async-channel`"
)]
pub trait Channel: Sized {
    /// The type of its messages.
    type Message;
    /// [`KnownCapacity`] if the ends know the capacity, or there is none; [`UnknownCapacity`] if the program has to say it.
    type Capacity;
    /// The two ends that are returned.
    type Instrumented;

    /// Makes the channel anew.
    #[doc(hidden)]
    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented;
}

/// The ends of a channel know its capacity.
#[derive(Debug)]
pub struct KnownCapacity;

/// The ends of a channel do not know its capacity.
#[derive(Debug)]
pub struct UnknownCapacity;

/// Options of `channel!` that have the capacity if the channel's ends do not know it.
#[diagnostic::on_unimplemented(
    message = "the ends of this channel do not know its capacity: `channel!` needs it as `capacity = N`",
    label = "add `, capacity = N`, the number that the channel was made with"
)]
pub trait Capacity<Kind> {
    /// The capacity, if it was given.
    #[doc(hidden)]
    fn given(&self) -> Option<usize>;
}

impl Capacity<KnownCapacity> for NoCapacity {
    fn given(&self) -> Option<usize> {
        None
    }
}

impl<Kind> Capacity<Kind> for GivenCapacity {
    fn given(&self) -> Option<usize> {
        Some(self.0)
    }
}

/// The means by which a backend makes an instrumented channel.
pub struct ChannelBuilder<C: Channel> {
    resource: &'static Resource,
    write: Option<Write<C::Message>>,
    /// The capacity that the program gave, if any.
    capacity: Option<usize>,
}

impl<C: Channel> ChannelBuilder<C> {
    /// Makes the two ends, around those of a new channel of this shape.
    pub(crate) fn ends<S, R>(self, shape: Shape, tx: S, rx: R) -> (Tx<S, C::Message>, Rx<R, C::Message>) {
        let share = Share::new(self.resource, shape, self.write);
        let side = TxSide::new(share.clone());
        (Tx { raw: tx, side }, Rx { raw: rx, side: RxSide::new(share) })
    }

    /// Makes the two ends of a channel that may have been used before: its `earlier` messages go ahead of all others.
    pub(crate) fn ends_after<S, R, E>(
        self,
        shape: Shape,
        (tx, rx): (S, R),
        earlier: impl IntoIterator<Item = C::Message>,
        push: impl Fn(&S, Stamped<C::Message>) -> Result<(), E>,
    ) -> (Tx<S, C::Message>, Rx<R, C::Message>) {
        let label = self.resource.label;
        let (tx, rx) = self.ends(shape, tx, rx);
        let mut carried = 0_usize;
        for value in earlier {
            if push(&tx.raw, Stamped { value, stamp: 0 }).is_ok() {
                tx.side.carried();
                carried += 1;
            }
        }
        warn_of_earlier(label, carried);
        (tx, rx)
    }

    /// Warns that `others` endpoints were cloned before: they stay with the channel that was given.
    #[cfg(any(feature = "flume", feature = "async-channel", feature = "tokio"))]
    pub(crate) fn warn_of_clones(&self, others: usize) {
        if others > 0 {
            warn(&format!(
                "channel!: {} was cloned before; those ends ({others}) are not connected to the ones that are returned",
                self.resource.label
            ));
        }
    }

    /// Makes the shared state, for ends that count in their own way.
    #[cfg(feature = "tokio")]
    pub(crate) fn share(self, shape: Shape) -> Share<C::Message> {
        Share::new(self.resource, shape, self.write)
    }

    /// The capacity that the program gave. [`Capacity`] makes sure that it did if [`UnknownCapacity`].
    pub(crate) fn given_capacity(&self) -> usize {
        self.capacity.unwrap_or_default()
    }
}

/// Warns that the channel was not new.
fn warn_of_earlier(label: &str, messages: usize) {
    if messages > 0 {
        warn(&format!("channel!: {label} was used before; the messages in it ({messages}) come along"));
    }
}

/// Instruments a channel.
pub fn wrap<C: Channel, K: Capacity<C::Capacity>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C::Instrumented {
    make(channel, call_site, options, None)
}

/// Instruments a channel, and keeps its messages as text.
pub fn wrap_logged<C: Channel<Message: Debug>, K: Capacity<C::Capacity>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C::Instrumented {
    make(channel, call_site, options, Some(log::write_to))
}

fn make<C: Channel, K: Capacity<C::Capacity>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
    write: Option<Write<C::Message>>,
) -> C::Instrumented {
    let resource = options.resource::<C::Message>(call_site);
    let capacity = options.given_capacity().given();
    channel.instrument(ChannelBuilder { resource, write, capacity })
}
