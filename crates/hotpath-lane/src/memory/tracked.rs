//! The switch between builds that track allocations and builds that do not: the feature `alloc`.

#[cfg(not(feature = "alloc"))]
use std::marker::PhantomData;

/// `true` in builds that track allocations.
pub(crate) const IS_TRACKED: bool = cfg!(feature = "alloc");

/// A field that takes space only in builds that track allocations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tracked<T> {
    #[cfg(feature = "alloc")]
    value: T,
    #[cfg(not(feature = "alloc"))]
    value: PhantomData<T>,
}

#[cfg(feature = "alloc")]
impl<T> Tracked<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { value }
    }

    #[inline(always)]
    pub(crate) const fn get(&self) -> Option<&T> {
        Some(&self.value)
    }
}

#[cfg(not(feature = "alloc"))]
impl<T> Tracked<T> {
    pub(crate) const fn new(value: T) -> Self {
        std::mem::forget(value);
        Self { value: PhantomData }
    }

    #[inline(always)]
    pub(crate) const fn get(&self) -> Option<&T> {
        None
    }
}
