//! `proxy = true`, and every `channel!` with the feature `proxy`: the program keeps the library's own types, and a proxy between
//! them counts.
//!
//! Each message is taken out of the channel that the program sends into, and put into another one that the program receives
//! from. Messages wait in the first one, whose capacity goes on to bound the senders. The second one has room for one message.
//! Where the library can wait for that room, a message is taken out when there is room: so one message more than the capacity is
//! taken. flume and async-channel cannot: there it is two.
//!
//! Only messages that were taken are counted: one that the proxy has not seen yet is neither sent nor in a queue, so the length of
//! the queue and the time from sending to receiving are unknown. A message counts as received when it goes into the second channel,
//! so that it never counts late; at most one that the program does not take is counted.
//!
//! When the senders are gone, the receiver knows after the last message. When the receiver is gone, the senders know at once where
//! the library says so (tokio, async-channel, oneshots), else with the next message.
//!
//! Messages are carried by [`tasks`] on a few threads where the library is async, and by [`threads`] for std and crossbeam.

mod passage;
#[cfg(any(feature = "async-channel", feature = "flume", feature = "futures", feature = "tokio"))]
mod tasks;
mod threads;

use std::io;

pub(crate) use passage::{MOST_LOST, Passage};
#[cfg(any(feature = "async-channel", feature = "flume", feature = "futures", feature = "tokio"))]
pub(crate) use tasks::{Turns, carry, unless};

use super::{
    super::{call_site::CallSite, log, options::Options},
    Capacity, Channel, Debug, KnownCapacity,
    instance::Write,
    shape::Shape,
};
use crate::imp::output::warn;

/// A channel that can have a proxy: its messages may go through another thread.
#[diagnostic::on_unimplemented(
    message = "`channel!` with `proxy = true` cannot take `{Self}`",
    note = "a thread of its own carries the messages: they must be `Send` and `'static`",
    note = "without `proxy = true` the messages may be of any type"
)]
pub trait Proxied: Channel {
    /// Puts a proxy between the ends.
    #[doc(hidden)]
    fn proxy(self, builder: ProxyBuilder<Self::Message>) -> Self;
}

/// The means by which a backend makes a channel with a proxy.
pub struct ProxyBuilder<T> {
    resource: &'static super::Resource,
    write: Option<Write<T>>,
    /// The capacity that the program gave, if any.
    pub(crate) capacity: Option<usize>,
}

/// Instruments a channel by a proxy.
pub fn proxy<C: Proxied, K: Capacity<KnownCapacity>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C {
    make(channel, call_site, options, None)
}

/// Instruments a channel by a proxy, and keeps the messages as text.
pub fn proxy_logged<C: Proxied<Message: Debug>, K: Capacity<KnownCapacity>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C {
    make(channel, call_site, options, Some(log::write_to))
}

fn make<C: Proxied, K: Capacity<KnownCapacity>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
    write: Option<Write<C::Message>>,
) -> C {
    let resource = options.resource::<C::Message>(call_site);
    channel.proxy(ProxyBuilder { resource, write, capacity: options.given_capacity().given() })
}

impl<T: Send + 'static> ProxyBuilder<T> {
    /// Starts a thread that carries messages from `rx` to the first of `ends`. Returns the second one, or `rx` if there is no thread.
    pub(crate) fn thread<R: Send + 'static, S: Send + 'static>(
        self,
        shape: Shape,
        rx: R,
        (to, carried): (S, R),
        carry: impl FnOnce((R, S), Passage<T>) + Send + 'static,
    ) -> R {
        match threads::start(move |(ends, passage)| carry(ends, passage)) {
            Ok(begin) => {
                begin(((rx, to), self.passage(shape)));
                carried
            }
            Err(error) => self.not_proxied(&error, rx),
        }
    }

    /// Starts a task that carries messages from `rx` to the first of `ends`. Returns the second one, or `rx` if no thread runs tasks.
    #[cfg(any(feature = "async-channel", feature = "flume", feature = "futures", feature = "tokio"))]
    pub(crate) fn task<R, S, F: Future<Output = ()> + Send + 'static>(
        self,
        shape: Shape,
        rx: R,
        (to, carried): (S, R),
        carry: impl FnOnce((R, S), Passage<T>) -> F,
    ) -> R {
        match tasks::acquire_thread() {
            Ok(admission) => {
                tasks::spawn(admission, carry((rx, to), self.passage(shape)));
                carried
            }
            Err(error) => self.not_proxied(&error, rx),
        }
    }

    fn passage(self, shape: Shape) -> Passage<T> {
        Passage::new(self.resource, shape, self.write)
    }

    /// The channel stays what it was.
    fn not_proxied<R>(&self, error: &io::Error, rx: R) -> R {
        if threads::is_first_warning(error) {
            warn(&format!(
                "channel!: {} is not instrumented: no thread for its proxy ({error})",
                self.resource.label
            ));
        }
        rx
    }
}
