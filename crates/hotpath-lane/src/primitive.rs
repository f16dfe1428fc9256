//! The atomics the crate is built on: the standard ones, or loom's when its protocol is model-checked
//! (`RUSTFLAGS="--cfg loom"`).

#[cfg(loom)]
pub(crate) use loom::{
    hint::spin_loop,
    sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence},
};
#[cfg(not(loom))]
pub(crate) use std::{
    hint::spin_loop,
    sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering, fence},
};

/// A counter with one writer: the owner adds with a plain load and store, anyone may read.
///
/// Cells that must agree with each other belong into [`crate::cells::Cells`]; this is for values that stand alone.
#[derive(Debug)]
pub(crate) struct Cell64(AtomicU64);

impl Cell64 {
    pub(crate) fn new(value: u64) -> Self {
        Self(AtomicU64::new(value))
    }

    #[inline(always)]
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Owner only.
    #[inline(always)]
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// Owner only. After whatever was stored before it, for readers that use [`Cell64::get_first`].
    #[inline(always)]
    pub(crate) fn set_last(&self, value: u64) {
        self.0.store(value, Ordering::Release); // pairs with the Acquire in `get_first`
    }

    /// Before whatever is loaded after it.
    pub(crate) fn get_first(&self) -> u64 {
        self.0.load(Ordering::Acquire) // pairs with the Release in `set_last`
    }

    /// Owner only: not a read-modify-write, there is no other writer to race with.
    #[inline(always)]
    pub(crate) fn add(&self, n: u64) {
        self.set(self.get().wrapping_add(n));
    }
}
