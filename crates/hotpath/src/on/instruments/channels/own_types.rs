//! The feature `proxy`: a `channel!` that says nothing of types gives back those it was given.
//!
//! tokio's `broadcast` and `watch` cannot be carried by somebody in between (a value of theirs has no one receiver), and the
//! interface of that age did not take them: they are watched as without the feature.

use super::{
    super::{call_site::CallSite, options::Options},
    Capacity, Channel, Debug, KnownCapacity, Proxied, proxy, proxy_logged,
};
#[cfg(feature = "tokio")]
use super::{UnknownCapacity, wrap, wrap_logged};

/// What `channel!` takes with the feature `proxy`.
#[diagnostic::on_unimplemented(
    message = "`channel!` with the feature `proxy` of hotpath cannot take `{Self}`",
    label = "not a pair of a sender and a receiver that hotpath can carry messages between",
    note = "it takes `(sender, receiver)` of std::sync::mpsc, and with the cargo feature of hotpath of the same name those of \
            `tokio`, `futures`, `crossbeam`, `flume` and `async-channel`; their messages must be `Send` and `'static`",
    note = "`proxy = false` at this place watches any message, with the types of `hotpath::wrap`"
)]
pub trait Own: Channel {
    /// [`KnownCapacity`] if nobody has to say the capacity.
    type Asked;
    /// What is given back.
    type Given;

    #[doc(hidden)]
    fn own<K: Capacity<Self::Asked>>(
        self,
        call_site: &'static CallSite,
        options: Options<'_, K>,
    ) -> Self::Given;

    #[doc(hidden)]
    fn own_logged<K: Capacity<Self::Asked>>(
        self,
        call_site: &'static CallSite,
        options: Options<'_, K>,
    ) -> Self::Given
    where
        Self::Message: Debug;
}

impl<C: Proxied> Own for C {
    type Asked = KnownCapacity;
    type Given = C;

    fn own<K: Capacity<KnownCapacity>>(self, call_site: &'static CallSite, options: Options<'_, K>) -> C {
        proxy(self, call_site, options)
    }

    fn own_logged<K: Capacity<KnownCapacity>>(
        self,
        call_site: &'static CallSite,
        options: Options<'_, K>,
    ) -> C
    where
        C::Message: Debug,
    {
        proxy_logged(self, call_site, options)
    }
}

#[cfg(feature = "tokio")]
macro_rules! watched {
    ($($module:ident [T $(: $bound:ident)?] $asked:ty;)+) => {
        $(
            impl<T $(: $bound)?> Own for (::tokio::sync::$module::Sender<T>, ::tokio::sync::$module::Receiver<T>) {
                type Asked = $asked;
                type Given = <Self as Channel>::Watched;

                fn own<K: Capacity<$asked>>(self, call_site: &'static CallSite, options: Options<'_, K>) -> Self::Given {
                    wrap(self, call_site, options)
                }

                fn own_logged<K: Capacity<$asked>>(self, call_site: &'static CallSite, options: Options<'_, K>) -> Self::Given
                where
                    T: Debug,
                {
                    wrap_logged(self, call_site, options)
                }
            }
        )+
    };
}

#[cfg(feature = "tokio")]
watched! {
    broadcast [T: Clone] UnknownCapacity;
    watch [T] KnownCapacity;
}

/// Watches a channel and gives back the types that it was given, where that can be.
pub fn watch<C: Own, K: Capacity<C::Asked>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C::Given {
    channel.own(call_site, options)
}

/// The same, keeping the messages as text.
pub fn watch_logged<C: Own<Message: Debug>, K: Capacity<C::Asked>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C::Given {
    channel.own_logged(call_site, options)
}
