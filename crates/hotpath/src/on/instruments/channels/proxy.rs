//! `proxy = true`: the program keeps the library's own types, and a thread in between counts.
//!
//! What it costs is the price of that wish: the thread takes each message out of the channel that the program sends into and
//! puts it into another, of one place, that the program receives from. So one more message is taken than the capacity, the
//! queue in the report is at most that one, a send counts when the thread took the message, and senders learn of the end of the
//! last receiver with the next message only.

use std::sync::{Arc, Mutex, PoisonError};

use hotpath_lane::memory::aloud;

use super::{
    super::{options::Options, place::Place},
    Capacity, Channel, Debug, Told,
    ends::{RxSide, TxSide},
    instance::{Share, Write},
    shape::Shape,
};
use crate::imp::{hook, os::own_thread, output::complain};

/// A channel that `proxy = true` can be said of: its messages may go through another thread.
#[diagnostic::on_unimplemented(
    message = "`channel!` with `proxy = true` cannot take `{Self}`",
    note = "a thread of its own carries the messages: they must be `Send` and `'static`",
    note = "without `proxy = true` any message can be watched"
)]
pub trait Proxied: Channel {
    /// The same types, with the thread in between.
    #[doc(hidden)]
    fn proxied(self, making: Proxying<Self::Message>) -> Self;
}

/// What a backend makes a proxied channel with.
pub struct Proxying<T> {
    spot: &'static super::Spot,
    write: Option<Write<T>>,
    /// The capacity that the program told, if any.
    pub(crate) told: Option<usize>,
}

/// Watches a channel from a thread in between.
pub fn proxy<C: Proxied, K: Capacity<Told>>(channel: C, place: &'static Place, options: Options<'_, K>) -> C {
    make(channel, place, options, None)
}

/// The same, keeping the messages as text.
pub fn proxy_logged<C: Proxied<Message: Debug>, K: Capacity<Told>>(
    channel: C,
    place: &'static Place,
    options: Options<'_, K>,
) -> C {
    make(channel, place, options, Some(hook::write_to))
}

fn make<C: Proxied, K: Capacity<Told>>(
    channel: C,
    place: &'static Place,
    options: Options<'_, K>,
    write: Option<Write<C::Message>>,
) -> C {
    let spot = options.spot::<C::Message>(place);
    channel.proxied(Proxying { spot, write, told: options.given_capacity().given() })
}

impl<T: Send + 'static> Proxying<T> {
    /// Carries messages from `from` to `to` until one of them is at its end. Gives `from` back if there can be no thread.
    pub(crate) fn carry<R: Send + 'static, S: Send + 'static>(
        self,
        shape: Shape,
        (from, to): (R, S),
        pull: impl Fn(&R) -> Option<T> + Send + 'static,
        push: impl Fn(&S, T) -> bool + Send + 'static,
    ) -> Result<(), R> {
        let label = self.spot.label;
        // The ends are not in the closure, which is lost if no thread takes it.
        let ends = Arc::new(Mutex::new(Some((from, to))));
        let taken = Arc::clone(&ends);
        let carry = move || {
            let _the_programs_own = aloud(); // values that are dropped on the way
            let ends = take(&taken);
            if let Some((from, to)) = ends {
                let share = Share::new(self.spot, shape, self.write);
                let (sent, received) = (TxSide::new(share.clone()), RxSide::new(share));
                while let Some(value) = pull(&from) {
                    let (message, ticket) = sent.stamp(value);
                    sent.sent(ticket);
                    if !push(&to, message.value) {
                        break;
                    }
                    received.passed(message.stamp);
                }
            }
        };
        if let Err(error) = own_thread::spawn("hp-channel", carry) {
            complain(&format!("channel!: {label} is not watched: no thread for its proxy ({error})"));
            return take(&ends).map_or(Ok(()), |(from, _)| Err(from));
        }
        Ok(())
    }
}

fn take<E>(ends: &Mutex<Option<E>>) -> Option<E> {
    ends.lock().unwrap_or_else(PoisonError::into_inner).take()
}
