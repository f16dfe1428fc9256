//! A lock that is watched.

use std::fmt;

use super::{super::resource::Resource, LockMode, probe::LockProbe};

/// A lock that is watched. The foreign lock stands last, so that a pointer to it can become one to a `dyn Trait` inside.
pub struct Timed<L: ?Sized> {
    pub(super) probe: LockProbe,
    pub(super) raw: L,
}

/// What `mutex!` takes.
#[diagnostic::on_unimplemented(
    message = "`hotpath::mutex!` cannot probe a `{Self}`",
    label = "not a mutex that is known",
    note = "it takes the `Mutex` of std, and with the hotpath features `parking_lot`, `parking_lot-0_13`, `tokio` and `async-lock` the `Mutex` of these",
    note = "write the lock itself: `Arc::new(hotpath::mutex!(Mutex::new(value)))`"
)]
pub trait IntoMutex {
    /// The lock of the library.
    type Raw;
    /// What is inside.
    type Value: ?Sized;
    /// The lock of the library.
    fn into_raw(self) -> Self::Raw;
}

/// What `rw_lock!` takes.
#[diagnostic::on_unimplemented(
    message = "`hotpath::rw_lock!` cannot probe a `{Self}`",
    label = "not a reader-writer lock that is known",
    note = "it takes the `RwLock` of std, and with the hotpath features `parking_lot`, `parking_lot-0_13`, `tokio` and `async-lock` the `RwLock` of these",
    note = "write the lock itself: `Arc::new(hotpath::rw_lock!(RwLock::new(value)))`"
)]
pub trait IntoRwLock {
    /// The lock of the library.
    type Raw;
    /// What is inside.
    type Value: ?Sized;
    /// The lock of the library.
    fn into_raw(self) -> Self::Raw;
}

/// One that is watched already, such as a `hotpath::wrap::std::sync::Mutex`, gets the label and place of the macro.
impl<L: IntoMutex> IntoMutex for Timed<L> {
    type Raw = L::Raw;
    type Value = L::Value;

    fn into_raw(self) -> L::Raw {
        self.raw.into_raw()
    }
}

impl<L: IntoRwLock> IntoRwLock for Timed<L> {
    type Raw = L::Raw;
    type Value = L::Value;

    fn into_raw(self) -> L::Raw {
        self.raw.into_raw()
    }
}

impl<L> Timed<L> {
    /// Watches `raw`.
    #[track_caller]
    pub(super) fn at(raw: L, resource: &'static Resource) -> Self {
        Self { probe: LockProbe::at(resource), raw }
    }
}

impl<L: ?Sized> Timed<L> {
    /// What was got at once, or else what is got by waiting.
    #[inline]
    pub(super) fn got<G>(&self, mode: LockMode, at_once: Option<G>, wait: impl FnOnce() -> G) -> G {
        match at_once {
            Some(raw) => raw,
            None => {
                let waiting = self.probe.wait(mode);
                let raw = wait();
                waiting.over();
                raw
            }
        }
    }

    /// What was got at once, or else by waiting for a limited time.
    #[inline]
    pub(super) fn got_in_time<G>(
        &self,
        mode: LockMode,
        at_once: Option<G>,
        wait: impl FnOnce() -> Option<G>,
    ) -> Option<G> {
        if at_once.is_some() {
            return at_once;
        }
        let waiting = self.probe.wait(mode);
        let raw = wait()?;
        waiting.over();
        Some(raw)
    }
}

impl<L: fmt::Debug + ?Sized> fmt::Debug for Timed<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

/// What all libraries offer alike for a lock of `T` made by `new`.
macro_rules! common_impls {
    ($into:ident, $lock:ty $(, [$($bound:tt)+])?) => {
        impl<$($($bound)+,)? T> $crate::imp::instruments::locks::$into for $lock {
            type Raw = Self;
            type Value = T;

            fn into_raw(self) -> Self {
                self
            }
        }

        impl<$($($bound)+,)? T: Default> Default for $crate::imp::instruments::locks::Timed<$lock> {
            #[track_caller]
            fn default() -> Self {
                Self::new(T::default())
            }
        }

        impl<$($($bound)+,)? T> From<T> for $crate::imp::instruments::locks::Timed<$lock> {
            #[track_caller]
            fn from(value: T) -> Self {
                Self::new(value)
            }
        }
    };
}

pub(super) use common_impls;
