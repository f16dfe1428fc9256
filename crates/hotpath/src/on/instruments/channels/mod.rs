//! Channels: what went in, what came out, how long it was on its way, and how many messages wait.
//!
//! [`ends`] is what a program holds, [`instance`] what the two ends of a channel share, [`rows`] the way into the report. Each
//! other file is the methods of one library. A place of `channel!` is one row, whatever number of channels it makes.

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
pub use own_types::{watch, watch_logged};
pub use proxy::{Proxied, proxy, proxy_logged};
pub(crate) use rows::{INSTRUMENT, stats};

use super::{
    call_site::CallSite,
    options::{GivenCapacity, NoCapacity, Options},
    resource::Resource,
};
use crate::imp::{hook, kind::CHANNEL, output::warn};
use ends::{Attempt, RxSide, TxSide, Weak};
use instance::{EVENT_KINDS, Share, Write};
use shape::Shape;

/// A use of `channel!`.
#[must_use]
pub const fn call_site(file: &'static str, line: u32, column: u32) -> CallSite {
    CallSite::new(CHANNEL, EVENT_KINDS, file, line, column)
}

/// What `channel!` takes: the two ends of a new channel.
///
/// The ends that it gives back carry messages with a stamp, so it makes a channel of the same kind and capacity anew.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a channel that `hotpath::channel!` knows",
    label = "not a pair of a sender and a receiver that hotpath knows",
    note = "it takes `(sender, receiver)` of std::sync::mpsc, and with the cargo feature of hotpath of the same name those of \
            `tokio`, `futures`, `crossbeam`, `flume` and `async-channel`"
)]
pub trait Channel: Sized {
    /// What it carries.
    type Message;
    /// [`KnownCapacity`] if the ends know the capacity or have none; [`UnknownCapacity`] if the program has to say it.
    type Capacity;
    /// The two ends that are given back.
    type Instrumented;

    /// Makes the channel anew.
    #[doc(hidden)]
    fn instrument(self, builder: ChannelBuilder<Self>) -> Self::Instrumented;
}

/// The ends of a channel know its capacity.
#[derive(Debug)]
pub struct KnownCapacity;

/// The ends of a channel do not tell its capacity.
#[derive(Debug)]
pub struct UnknownCapacity;

/// Whether the options of `channel!` hold the capacity, if it has to be told.
#[diagnostic::on_unimplemented(
    message = "this channel does not tell its capacity: `channel!` needs it as `capacity = N`",
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

/// What a backend makes a watched channel with.
pub struct ChannelBuilder<C: Channel> {
    resource: &'static Resource,
    write: Option<Write<C::Message>>,
    /// The capacity that the program told, if any.
    capacity: Option<usize>,
}

impl<C: Channel> ChannelBuilder<C> {
    /// The two ends, around those of a new channel of this shape.
    pub(crate) fn ends<S, R>(self, shape: Shape, tx: S, rx: R) -> (Tx<S, C::Message>, Rx<R, C::Message>) {
        let share = Share::new(self.resource, shape, self.write);
        let side = TxSide::new(share.clone());
        (Tx { raw: tx, side }, Rx { raw: rx, side: RxSide::new(share) })
    }

    /// The same for a channel that may have been used before: its `earlier` messages go ahead of all others.
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

    /// Says that `others` endpoints were cloned before: they stay with the channel that was given.
    #[cfg(any(feature = "flume", feature = "async-channel", feature = "tokio"))]
    pub(crate) fn warn_of_clones(&self, others: usize) {
        if others > 0 {
            warn(&format!(
                "channel!: {} was cloned before; those ends ({others}) are not connected to the ones that are given back",
                self.resource.label
            ));
        }
    }

    /// The new channel, for ends that count in their own way.
    #[cfg(feature = "tokio")]
    pub(crate) fn share(self, shape: Shape) -> Share<C::Message> {
        Share::new(self.resource, shape, self.write)
    }

    /// The capacity that the program told. [`Capacity`] sees to it that it is there if [`UnknownCapacity`].
    pub(crate) fn given_capacity(&self) -> usize {
        self.capacity.unwrap_or_default()
    }
}

/// Says that the channel was not new.
fn warn_of_earlier(label: &str, messages: usize) {
    if messages > 0 {
        warn(&format!("channel!: {label} was used before; the messages in it ({messages}) come along"));
    }
}

/// Watches a channel.
pub fn wrap<C: Channel, K: Capacity<C::Capacity>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C::Instrumented {
    make(channel, call_site, options, None)
}

/// Watches a channel, and keeps its messages as text.
pub fn wrap_logged<C: Channel<Message: Debug>, K: Capacity<C::Capacity>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C::Instrumented {
    make(channel, call_site, options, Some(hook::write_to))
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
