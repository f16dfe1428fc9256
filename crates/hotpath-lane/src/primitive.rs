//! The atomics that the crate is built on: the standard ones, or loom's when the protocol is model-checked
//! (`RUSTFLAGS="--cfg loom"`).

#[cfg(loom)]
pub(crate) use loom::{
    hint::spin_loop,
    sync::atomic::{AtomicPtr, AtomicU16, AtomicU32, AtomicU64, Ordering, fence},
};
#[cfg(not(loom))]
pub(crate) use std::{
    hint::spin_loop,
    sync::atomic::{AtomicPtr, AtomicU16, AtomicU32, AtomicU64, Ordering, fence},
};

/// Declares numbers with one writer.
macro_rules! cells {
    ($($(#[$doc:meta])* $name:ident, $atomic:ident, $value:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub(crate) struct $name {
            value: $atomic,
            /// The owner's last store. Loom tries an order of two accesses only if no access of the same thread lies between them, so the
            /// owner must not be seen to read what it is about to write.
            #[cfg(loom)]
            own: std::cell::Cell<$value>,
        }

        #[cfg(loom)]
        // SAFETY: `own` is touched by the owner alone, as all methods that say so.
        unsafe impl Sync for $name {}

        #[allow(dead_code, reason = "the small ones need less")]
        impl $name {
            #[cfg(not(loom))]
            pub(crate) const fn new(value: $value) -> Self {
                Self { value: $atomic::new(value) }
            }

            #[cfg(loom)]
            pub(crate) fn new(value: $value) -> Self {
                Self { value: $atomic::new(value), own: std::cell::Cell::new(value) }
            }

            /// Any thread.
            #[inline(always)]
            pub(crate) fn get(&self) -> $value {
                self.value.load(Ordering::Relaxed)
            }

            /// Any thread. Ordered before all later loads.
            pub(crate) fn get_first(&self) -> $value {
                self.value.load(Ordering::Acquire) // pairs with the Release in `set_last`
            }

            /// Owner only.
            #[inline(always)]
            pub(crate) fn own(&self) -> $value {
                #[cfg(loom)]
                return self.own.get();
                #[cfg(not(loom))]
                self.get()
            }

            /// Owner only.
            #[inline(always)]
            pub(crate) fn set(&self, value: $value) {
                self.store(value, Ordering::Relaxed);
            }

            /// Owner only. Ordered after all earlier stores, for readers that use `get_first`.
            #[inline(always)]
            pub(crate) fn set_last(&self, value: $value) {
                self.store(value, Ordering::Release); // pairs with the Acquire in `get_first`
            }

            #[inline(always)]
            fn store(&self, value: $value, ordering: Ordering) {
                #[cfg(loom)]
                self.own.set(value);
                self.value.store(value, ordering);
            }

            /// Owner only. Not a read-modify-write: there is no other writer.
            #[inline(always)]
            pub(crate) fn add(&self, n: $value) {
                self.set(self.own().wrapping_add(n));
            }
        }
    )+};
}

cells! {
    /// A number with one writer: the owner changes it with plain loads and stores, and any thread may read it.
    ///
    /// For numbers that stand alone. Those that must agree with each other belong in [`crate::cells::Cells`].
    Cell64, AtomicU64, u64;
    /// As [`Cell64`], where it is known to be small.
    Cell32, AtomicU32, u32;
    /// As [`Cell64`], where it is known to be small.
    Cell16, AtomicU16, u16;
}

/// A value that is used by one thread at a time, which claims it with a flag. A second user at that time gets nothing, and does not
/// wait.
#[cfg(not(loom))]
pub(crate) struct Shared<T> {
    is_claimed: std::sync::atomic::AtomicBool,
    value: std::cell::UnsafeCell<T>,
}

// SAFETY: the flag makes every access exclusive, so sharing the cell only ever sends the value.
#[cfg(not(loom))]
unsafe impl<T: Send> Sync for Shared<T> {}

#[cfg(not(loom))]
impl<T> Shared<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            is_claimed: std::sync::atomic::AtomicBool::new(false),
            value: std::cell::UnsafeCell::new(value),
        }
    }

    /// Runs `work` on the value, unless it is in use. `work` must not panic: the value would stay claimed.
    #[inline(always)]
    pub(crate) fn claim(&self, work: impl FnOnce(&mut T)) {
        if self.is_claimed.swap(true, Ordering::Acquire) {
            return; // pairs with the Release below
        }
        // SAFETY: the flag was not set, and stays set until the reference is gone.
        work(unsafe { &mut *self.value.get() });
        self.is_claimed.store(false, Ordering::Release); // pairs with the Acquire above
    }

    #[inline(always)]
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_claimed_value_has_one_user_at_a_time() {
        let shared = Shared::new(1);
        shared.claim(|value| {
            shared.claim(|_| panic!("it is in use"));
            std::thread::scope(|scope| {
                scope.spawn(|| shared.claim(|_| panic!("it is in use")));
            });
            *value += 1;
        });
        let mut seen = 0;
        shared.claim(|value| seen = *value);
        assert_eq!(seen, 2);
    }
}
