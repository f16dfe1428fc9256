//! The feature `proxy`: a `channel!` without `proxy = false` returns the types that it was given.
//!
//! tokio's `broadcast` and `watch` can have no proxy (a value of theirs has no one receiver), and the interface of that age did not
//! take them: they are instrumented as without the feature.

use super::{
    super::{call_site::CallSite, options::Options},
    Capacity, Channel, Debug, KnownCapacity, Proxied, proxy, proxy_logged,
};
#[cfg(feature = "tokio")]
use super::{UnknownCapacity, wrap, wrap_logged};

/// A channel that `channel!` takes with the feature `proxy`.
#[diagnostic::on_unimplemented(
    message = "`channel!` with the feature `proxy` of hotpath cannot take `{Self}`",
    label = "not a pair of a sender and a receiver that hotpath can carry messages between",
    note = "it takes `(sender, receiver)` of std::sync::mpsc, and with the cargo feature of hotpath of the same name those of \
            `tokio`, `futures`, `crossbeam`, `flume` and `async-channel`; their messages must be `Send` and `'static`",
    note = "`proxy = false` at this place takes any message, with the types of `hotpath::wrap`"
)]
pub trait OwnTypes: Channel {
    /// [`KnownCapacity`] if the program need not say the capacity.
    type CapacityKind;
    /// The ends that are returned.
    type Output;

    #[doc(hidden)]
    fn own<K: Capacity<Self::CapacityKind>>(
        self,
        call_site: &'static CallSite,
        options: Options<'_, K>,
    ) -> Self::Output;

    #[doc(hidden)]
    fn own_logged<K: Capacity<Self::CapacityKind>>(
        self,
        call_site: &'static CallSite,
        options: Options<'_, K>,
    ) -> Self::Output
    where
        Self::Message: Debug;
}

impl<C: Proxied> OwnTypes for C {
    type CapacityKind = KnownCapacity;
    type Output = C;

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
macro_rules! without_proxy {
    ($($module:ident [T $(: $bound:ident)?] $capacity:ty;)+) => {
        $(
            impl<T $(: $bound)?> OwnTypes for (::tokio::sync::$module::Sender<T>, ::tokio::sync::$module::Receiver<T>) {
                type CapacityKind = $capacity;
                type Output = <Self as Channel>::Instrumented;

                fn own<K: Capacity<$capacity>>(self, call_site: &'static CallSite, options: Options<'_, K>) -> Self::Output {
                    wrap(self, call_site, options)
                }

                fn own_logged<K: Capacity<$capacity>>(self, call_site: &'static CallSite, options: Options<'_, K>) -> Self::Output
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
without_proxy! {
    broadcast [T: Clone] UnknownCapacity;
    watch [T] KnownCapacity;
}

/// Instruments a channel and returns the types that it was given, where that can be.
pub fn wrap_or_proxy<C: OwnTypes, K: Capacity<C::CapacityKind>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C::Output {
    channel.own(call_site, options)
}

/// Instruments a channel like [`wrap_or_proxy`], and keeps the messages as text.
pub fn wrap_or_proxy_logged<C: OwnTypes<Message: Debug>, K: Capacity<C::CapacityKind>>(
    channel: C,
    call_site: &'static CallSite,
    options: Options<'_, K>,
) -> C::Output {
    channel.own_logged(call_site, options)
}
