//! `proxy = true`, and every `channel!` with the feature `proxy`: the program keeps the library's own types, and somebody in
//! between counts.
//!
//! Each message is taken out of the channel that the program sends into, and put into another one that the program receives
//! from. What waits stands in the first: its capacity goes on to bound the senders. The second one has one place. Where the
//! library lets one wait for that call_site, a message is taken out when it is free: so one message more is taken than the
//! capacity. flume and async-channel do not: there it is two.
//!
//! What is counted is what was taken: a message of which nobody took notice yet is neither sent nor in a queue, so the length of
//! the queue and the time on the way are unknown. A message counts as received when it goes into the second channel, so that it
//! never counts late; at most one is counted that the program does not take.
//!
//! The end of the senders reaches the receiver after the last message. The end of the receiver reaches the senders at once where
//! the library tells it (tokio, async-channel, oneshots), else with the next message.
//!
//! Who carries: [`tasks`] on a few threads for whatever can wait in a future, [`threads`] for std and crossbeam.

mod passage;
#[cfg(any(feature = "async-channel", feature = "flume", feature = "futures", feature = "tokio"))]
mod tasks;
mod threads;

use std::io;

pub(crate) use passage::{MOST_LOST, Passage};
#[cfg(any(feature = "async-channel", feature = "flume", feature = "futures", feature = "tokio"))]
pub(crate) use tasks::{Turns, carry, unless};

use super::{
    super::{call_site::CallSite, options::Options},
    Capacity, Channel, Debug, KnownCapacity,
    instance::Write,
    shape::Shape,
};
use crate::imp::{hook, output::warn};

/// A channel that `proxy = true` can be said of: its messages may go through another thread.
#[diagnostic::on_unimplemented(
    message = "`channel!` with `proxy = true` cannot take `{Self}`",
    note = "a thread of its own carries the messages: they must be `Send` and `'static`",
    note = "without `proxy = true` any message can be watched"
)]
pub trait Proxied: Channel {
    /// The same types, with somebody in between.
    #[doc(hidden)]
    fn proxy(self, builder: ProxyBuilder<Self::Message>) -> Self;
}

/// What a backend makes a proxied channel with.
pub struct ProxyBuilder<T> {
    resource: &'static super::Resource,
    write: Option<Write<T>>,
    /// The capacity that the program told, if any.
    pub(crate) capacity: Option<usize>,
}

/// Watches a channel from in between.
pub fn proxy<C: Proxied, K: Capacity<KnownCapacity>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C {
    make(channel, call_site, options, None)
}

/// The same, keeping the messages as text.
pub fn proxy_logged<C: Proxied<Message: Debug>, K: Capacity<KnownCapacity>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C {
    make(channel, call_site, options, Some(hook::write_to))
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
        match tasks::admit() {
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
        if threads::is_news(error) {
            warn(&format!(
                "channel!: {} is not watched: no thread for its proxy ({error})",
                self.resource.label
            ));
        }
        rx
    }
}
