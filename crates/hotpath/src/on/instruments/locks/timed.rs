//! An instrumented lock.

use std::fmt;

use super::{super::resource::Resource, LockMode, probe::LockProbe, wait::Wait};

/// An instrumented lock. The library's lock is the last field, so that a pointer to it can become one to a `dyn Trait` inside.
pub struct Timed<L: ?Sized> {
    pub(super) probe: LockProbe,
    pub(super) raw: L,
}

/// A mutex that `mutex!` takes.
#[diagnostic::on_unimplemented(
    message = "`hotpath::mutex!` cannot instrument a `{Self}`",
    label = "not a mutex that is known",
    note = "it takes the `Mutex` of std, and with the hotpath features `parking_lot`, `parking_lot-0_13`, `tokio` and `async-lock` the `Mutex` of these",
    note = "write the lock itself: `Arc::new(hotpath::mutex!(Mutex::new(value)))`"
)]
pub trait IntoMutex {
    /// The lock of the library.
    type Raw;
    /// The type of the value inside.
    type Value: ?Sized;
    /// Returns the lock of the library.
    fn into_raw(self) -> Self::Raw;
}

/// A reader-writer lock that `rw_lock!` takes.
#[diagnostic::on_unimplemented(
    message = "`hotpath::rw_lock!` cannot instrument a `{Self}`",
    label = "not a reader-writer lock that is known",
    note = "it takes the `RwLock` of std, and with the hotpath features `parking_lot`, `parking_lot-0_13`, `tokio` and `async-lock` the `RwLock` of these",
    note = "write the lock itself: `Arc::new(hotpath::rw_lock!(RwLock::new(value)))`"
)]
pub trait IntoRwLock {
    /// The lock of the library.
    type Raw;
    /// The type of the value inside.
    type Value: ?Sized;
    /// Returns the lock of the library.
    fn into_raw(self) -> Self::Raw;
}

/// An instrumented lock, such as a `hotpath::wrap::std::sync::Mutex`, gets the label and call site of the macro.
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
    /// Instruments `raw`.
    #[track_caller]
    pub(super) fn at(raw: L, resource: &'static Resource) -> Self {
        Self { probe: LockProbe::at(resource), raw }
    }
}

impl<L: ?Sized> Timed<L> {
    pub(super) fn probe(&self) -> &LockProbe {
        &self.probe
    }

    /// Returns the guard that was acquired at once, or else waits for one, and returns the wait, too.
    #[inline]
    pub(super) fn acquired<G>(
        &self,
        mode: LockMode,
        at_once: Option<G>,
        wait: impl FnOnce() -> G,
    ) -> (G, Option<Wait>) {
        match at_once {
            Some(raw) => (raw, None),
            None => {
                let waiting = self.probe.wait(mode);
                (wait(), Some(waiting))
            }
        }
    }

    /// As [`Timed::acquired`], and records the wait at once.
    #[cfg(any(feature = "parking_lot", feature = "parking_lot-0_13", feature = "async-lock"))]
    pub(super) fn acquired_and_recorded<G>(
        &self,
        mode: LockMode,
        at_once: Option<G>,
        wait: impl FnOnce() -> G,
    ) -> G {
        let (raw, waited) = self.acquired(mode, at_once, wait);
        if let Some(waited) = waited {
            waited.over();
        }
        raw
    }

    /// Returns the guard that was acquired at once, or else waits for one for a limited time, and returns the wait, too.
    #[inline]
    pub(super) fn acquired_in_time<G>(
        &self,
        mode: LockMode,
        at_once: Option<G>,
        wait: impl FnOnce() -> Option<G>,
    ) -> Option<(G, Option<Wait>)> {
        if let Some(raw) = at_once {
            return Some((raw, None));
        }
        let waiting = self.probe.wait(mode);
        wait().map(|raw| (raw, Some(waiting)))
    }
}

impl<L: fmt::Debug + ?Sized> fmt::Debug for Timed<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}

/// The impls of a lock of `T` made by `new` that all libraries have.
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

/// The forms in which a lock of lock_api is taken in one mode: at once, by waiting, and by waiting for a limited time; and those of
/// guards that own a share of the lock.
#[cfg(any(feature = "parking_lot", feature = "parking_lot-0_13"))]
macro_rules! acquire {
    ($lock:ident, $mode:ident -> $guard:ident, $raw:ident $take:ident $try:ident,
        $timed:ident $for:ident $until:ident) => {
        impl<R: $raw, T: ?Sized> $lock<R, T> {
            #[inline]
            pub fn $take(&self) -> $guard<'_, R, T> {
                let (raw, wait) = self.acquired(LockMode::$mode, self.raw.$try(), || self.raw.$take());
                TimedGuard::after(wait, raw, self, LockMode::$mode)
            }

            #[inline]
            pub fn $try(&self) -> Option<$guard<'_, R, T>> {
                Some(TimedGuard::new(self.raw.$try()?, self, LockMode::$mode))
            }
        }

        impl<R: $timed, T: ?Sized> $lock<R, T> {
            pub fn $for(&self, timeout: R::Duration) -> Option<$guard<'_, R, T>> {
                let (raw, wait) =
                    self.acquired_in_time(LockMode::$mode, self.raw.$try(), || self.raw.$for(timeout))?;
                Some(TimedGuard::after(wait, raw, self, LockMode::$mode))
            }

            pub fn $until(&self, timeout: R::Instant) -> Option<$guard<'_, R, T>> {
                let (raw, wait) =
                    self.acquired_in_time(LockMode::$mode, self.raw.$try(), || self.raw.$until(timeout))?;
                Some(TimedGuard::after(wait, raw, self, LockMode::$mode))
            }
        }
    };
    (arc $lock:ident, $mode:ident -> $guard:ident, $raw:ident $take:ident $try:ident $take_arc:ident $try_arc:ident,
        $timed:ident $for:ident $until:ident $for_arc:ident $until_arc:ident) => {
        impl<R: $raw + 'static, T: ?Sized + 'static> $lock<R, T> {
            pub fn $take_arc(self: &Arc<Self>) -> $guard<R, T> {
                let raw = borrow(self);
                let (raw, wait) = self.acquired(LockMode::$mode, raw.$try(), || raw.$take());
                TimedGuard::after(wait, Inside::new(raw), Arc::clone(self), LockMode::$mode)
            }

            pub fn $try_arc(self: &Arc<Self>) -> Option<$guard<R, T>> {
                Some(TimedGuard::new(Inside::new(borrow(self).$try()?), Arc::clone(self), LockMode::$mode))
            }
        }

        impl<R: $timed + 'static, T: ?Sized + 'static> $lock<R, T> {
            pub fn $for_arc(self: &Arc<Self>, timeout: R::Duration) -> Option<$guard<R, T>> {
                let raw = borrow(self);
                let (raw, wait) = self.acquired_in_time(LockMode::$mode, raw.$try(), || raw.$for(timeout))?;
                Some(TimedGuard::after(wait, Inside::new(raw), Arc::clone(self), LockMode::$mode))
            }

            pub fn $until_arc(self: &Arc<Self>, timeout: R::Instant) -> Option<$guard<R, T>> {
                let raw = borrow(self);
                let (raw, wait) =
                    self.acquired_in_time(LockMode::$mode, raw.$try(), || raw.$until(timeout))?;
                Some(TimedGuard::after(wait, Inside::new(raw), Arc::clone(self), LockMode::$mode))
            }
        }
    };
}

#[cfg(any(feature = "parking_lot", feature = "parking_lot-0_13"))]
pub(super) use acquire;
